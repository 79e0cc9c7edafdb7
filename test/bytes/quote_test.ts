import assert from "node:assert/strict";
import { test } from "node:test";
import { quotedLength, writeQuoted } from "../../src/bytes/quote.ts";

function quoted(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const length = quotedLength(bytes, start, end);
  const target = new Uint8Array(length + 4).fill(0x2a);
  assert.equal(writeQuoted(target, 2, bytes, start, end), 2 + length);
  const text = new TextDecoder("latin1").decode(target);
  assert.ok(text.startsWith("**") && text.endsWith("**"), "nothing beside it is written");
  return text.slice(2, -2);
}

test("writeQuoted() escapes as Redis's sdscatrepr does", () => {
  const bytes = Uint8Array.from('a"b\\c\n\r\t\x07\b\0\x1f\x7f\xff ~', (c) => c.charCodeAt(0));
  assert.equal(quoted(bytes), '"a\\"b\\\\c\\n\\r\\t\\a\\b\\x00\\x1f\\x7f\\xff ~"');
  assert.equal(quoted(bytes, 3, 5), '"\\\\c"');
  assert.equal(quoted(bytes, 4, 4), '""');
});

test("what writeQuoted() wrote tells every byte", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const letters: Record<string, number> = { n: 10, r: 13, t: 9, a: 7, b: 8, '"': 34, "\\": 92 };
  const read: number[] = [];
  const text = quoted(all).slice(1, -1);
  for (const [part] of text.matchAll(/\\x[0-9a-f]{2}|\\.|[^\\]/g)) {
    if (part.startsWith("\\x")) read.push(parseInt(part.slice(2), 16));
    else read.push(part.length === 2 ? letters[part[1]] : part.charCodeAt(0));
  }
  assert.deepEqual(read, [...all]);
});
