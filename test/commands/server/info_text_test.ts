import assert from "node:assert/strict";
import { test } from "node:test";
import { humanBytes, safeName, shortNumber } from "../../../src/commands/server/info_text.ts";

test("humanBytes() writes sizes as INFO does", () => {
  const cases: [number, string][] = [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.00K"],
    [916_392, "894.91K"],
    [6_676_480, "6.37M"],
    [1024 ** 3, "1.00G"],
    [25_274_793_984, "23.54G"],
    [1024 ** 4 * 1.5, "1.50T"],
    [1024 ** 5, "1.00P"],
    [1024 ** 6, "1024.00P"],
  ];
  for (const [bytes, text] of cases) assert.equal(humanBytes(bytes), text);
});

test("shortNumber() drops zeros behind the point", () => {
  assert.equal(shortNumber(50), "50");
  assert.equal(shortNumber(99.9), "99.9");
  assert.equal(shortNumber(99.999_999_9), "100");
  assert.equal(shortNumber(0), "0");
});

test("safeName() leaves nothing that would break a line of INFO", () => {
  assert.equal(safeName("a#b:c\r\nd|e"), "a_b_c__d|e");
});
