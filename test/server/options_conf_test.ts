import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatLine, parseLine, quoteWord, splitWords } from "../../src/server/options_conf.ts";

test("splitWords() splits at blanks", () => {
  assert.deepEqual(splitWords("  a\tb   c "), ["a", "b", "c"]);
  assert.deepEqual(splitWords(""), []);
});

test("splitWords() reads both kinds of quotes as Redis does", () => {
  const cases: [string, string[]][] = [
    [`a ""`, ["a", ""]],
    [`a ''`, ["a", ""]],
    [`"a b"`, ["a b"]],
    [`'a "b'`, [`a "b`]],
    [`'a\\'b'`, ["a'b"]],
    [`'a\\nb'`, ["a\\nb"]],
    [`"\\n\\r\\t\\b\\a"`, ["\n\r\t\b\x07"]],
    [`"\\x41\\x7a"`, ["Az"]],
    [`"\\xc3\\xa9"`, ["é"]],
    [`"\\q\\""`, ['q"']],
    [`"\\xg1"`, ["xg1"]],
    [`pre"quoted"`, ["prequoted"]],
    [`é 😀`, ["é", "😀"]],
    [`a # b`, ["a", "#", "b"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitWords(line), words, line);
});

test("splitWords() refuses unbalanced quotes and bytes that are not UTF-8", () => {
  const wrong = [`"a`, `'a`, `"a"b`, `'a'b`, `"a\\`, `"a\\"`, `'a\\'`, `"\\xff"`, `"`];
  for (const line of wrong) assert.equal(splitWords(line), undefined, line);
});

test("quoteWord() leaves plain words alone", () => {
  for (const word of ["100mb", "127.0.0.1", "-::1", "*", "a#b", "/run/x.sock"]) {
    assert.equal(quoteWord(word), word);
  }
  assert.equal(quoteWord(""), '""');
  assert.equal(quoteWord('a b"\\\n\x01'), '"a b\\"\\\\\\n\\x01"');
  assert.equal(quoteWord("é"), '"\\xc3\\xa9"');
});

test("a line of quoted words reads as the same words", () => {
  const words = fc.array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."\"'\\ \n\tx#a") }),
    ),
  );
  fc.assert(fc.property(words, (given) => {
    const line = formatLine("name", given);
    assert.ok(!line.includes("\n"));
    assert.deepEqual(parseLine(line), { kind: "directive", name: "name", words: given });
  }));
});

test("parseLine() tells comments, directives and unreadable lines apart", () => {
  for (const line of ["", "   ", "# maxmemory 1", "  # x", "\r"]) {
    assert.deepEqual(parseLine(line), { kind: "nothing" }, line);
  }
  assert.deepEqual(parseLine("  MaxMemory 1MB\r"), {
    kind: "directive",
    name: "maxmemory",
    words: ["1MB"],
  });
  assert.deepEqual(parseLine('requirepass "x'), { kind: "unreadable" });
});
