import { test } from "node:test";
import assert from "node:assert/strict";
import { splitLine } from "../../src/server/command_line.ts";

function split(line: string): string[] | undefined {
  return splitLine(line)?.map((word) => new TextDecoder("latin1").decode(word));
}

test("splitLine() splits as redis-cli does", () => {
  assert.deepEqual(split(""), []);
  assert.deepEqual(split("   "), []);
  assert.deepEqual(split("  GET   k "), ["GET", "k"]);
  assert.deepEqual(split(`SET "a b" 'c d'`), ["SET", "a b", "c d"]);
  assert.deepEqual(split(`ECHO "\\x00\\xff\\n\\""`), ["ECHO", `\x00\xff\n"`]);
  assert.deepEqual(split(`ECHO ""`), ["ECHO", ""]);
});

test("splitLine() takes text for UTF-8", () => {
  assert.deepEqual(splitLine("é"), [Uint8Array.of(0xc3, 0xa9)]);
});

test("splitLine() refuses quotes that are not balanced", () => {
  for (const line of [`GET "a`, `GET 'a`, `GET "a"b`]) assert.equal(splitLine(line), undefined);
});
