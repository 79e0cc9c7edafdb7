import { test } from "node:test";
import assert from "node:assert/strict";
import { readAscii } from "../../../src/bytes/ascii.ts";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import { splitInline } from "../../../src/protocol/resp/inline.ts";
import { inputOf } from "./decoder_support.ts";

/** The arguments of the line, or undefined if its quotes are not balanced. */
function split(line: string): string[] | undefined {
  const batch = new GrowableBatch();
  batch.input = inputOf(line, 2);
  const count = splitInline(batch, 2, 2 + line.length);
  assert.equal(batch.argCount, 0, "counting the arguments is left to the caller");
  if (count < 0) return undefined;
  const words: string[] = [];
  for (let a = 0; a < count; a++) {
    words.push(readAscii(batch.input.bytes, batch.argOffsets[a], batch.argLengths[a]));
  }
  return words;
}

test("splitInline() splits at blanks", () => {
  assert.deepEqual(split("SET key value"), ["SET", "key", "value"]);
  assert.deepEqual(split("  a \t b\r"), ["a", "b"]);
  assert.deepEqual(split(""), []);
  assert.deepEqual(split(" \t\v\f\r"), []);
  assert.deepEqual(split("a\vb \fc\v"), ["a\vb", "c\v"]);
  assert.deepEqual(split("\xe9\x01 x\\ny"), ["\xe9\x01", "x\\ny"]);
});

test("splitInline() reads double quotes with their escapes", () => {
  assert.deepEqual(split('"a b" "" "c"'), ["a b", "", "c"]);
  assert.deepEqual(split('"\\n\\r\\t\\b\\a\\q\\"\\\\"'), ['\n\r\t\b\x07q"\\']);
  assert.deepEqual(split('"\\x00\\xfF\\x4" "\\xZZ"'), ["\0\xffx4", "xZZ"]);
  assert.deepEqual(split('"it\'s"'), ["it's"]);
  assert.deepEqual(split('ab"c d" e'), ["abc d", "e"]);
});

test("splitInline() reads single quotes, where only the quote can be escaped", () => {
  assert.deepEqual(split("'a b' '' 'it\\'s'"), ["a b", "", "it's"]);
  assert.deepEqual(split("'\\n\\x41\"'"), ['\\n\\x41"']);
});

test("splitInline() refuses quotes that are not closed, or closed inside of a word", () => {
  for (const line of ['"', "'", '"a', "'a", 'a"', '"a\\"', "'a\\'", '"a"b', "'a'b", '"a""b"']) {
    assert.equal(split(line), undefined, line);
  }
});

test("splitInline() takes a line of very many arguments", () => {
  const words = new Array<string>(20000).fill("x");
  assert.deepEqual(split(words.join(" ")), words);
});
