// Sums within 64 bits, exact around every border.

import { test } from "node:test";
import assert from "node:assert/strict";
import { addInt64, type Int64, negateInt64 } from "../../../src/commands/string/int64.ts";

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);
const BORDERS: readonly bigint[] = [
  INT64_MIN,
  INT64_MIN + 1n,
  -(2n ** 53n) - 1n,
  -(2n ** 53n),
  -(2n ** 53n) + 1n,
  -(2n ** 31n),
  -1n,
  0n,
  1n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  INT64_MAX - 1n,
  INT64_MAX,
];

function narrow(value: bigint): Int64 {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function expected(value: bigint): Int64 | undefined {
  return value > INT64_MAX || value < INT64_MIN ? undefined : narrow(value);
}

test("addInt64() is exact and notices overflow for every pair of border values", () => {
  for (const a of BORDERS) {
    for (const b of BORDERS) {
      assert.equal(addInt64(narrow(a), narrow(b)), expected(a + b), `${a} + ${b}`);
    }
  }
});

test("negateInt64() turns every border value but the smallest", () => {
  for (const value of BORDERS) {
    assert.equal(negateInt64(narrow(value)), expected(-value), `-(${value})`);
  }
  assert.ok(Object.is(negateInt64(0), 0));
});
