// The moments that expiry options name.

import { test } from "node:test";
import assert from "node:assert/strict";
import { EX, EXAT, expiryMoment, PX, PXAT } from "../../src/commands/options.ts";

const NOW = 1_700_000_000_000;
const INT64_MAX = (1n << 63n) - 1n;

test("expiryMoment() counts EX and PX from now, EXAT and PXAT from the epoch", () => {
  assert.equal(expiryMoment(10, EX, NOW), NOW + 10_000);
  assert.equal(expiryMoment(10, PX, NOW), NOW + 10);
  assert.equal(expiryMoment(10, EXAT, NOW), 10_000);
  assert.equal(expiryMoment(10, PXAT, NOW), 10);
});

test("expiryMoment() refuses 0 and less", () => {
  for (const option of [EX, PX, EXAT, PXAT]) {
    for (const value of [0, -1, -Number.MAX_SAFE_INTEGER, -(1n << 63n)]) {
      assert.equal(expiryMoment(value, option, NOW), 0);
    }
  }
});

test("expiryMoment() refuses what is beyond 64 bits of milliseconds", () => {
  assert.equal(expiryMoment(INT64_MAX, EX, NOW), 0);
  assert.equal(expiryMoment(INT64_MAX / 1000n, EX, NOW), 0);
  assert.equal(expiryMoment(INT64_MAX / 1000n + 1n, EXAT, NOW), 0);
  assert.equal(expiryMoment(INT64_MAX, PX, NOW), 0);
  assert.equal(expiryMoment(INT64_MAX - BigInt(NOW) + 1n, PX, NOW), 0);
});

test("expiryMoment() holds moments beyond 2⁵³-1 there", () => {
  assert.equal(expiryMoment(INT64_MAX, PXAT, NOW), Number.MAX_SAFE_INTEGER);
  assert.equal(expiryMoment(INT64_MAX / 1000n, EXAT, NOW), Number.MAX_SAFE_INTEGER);
  assert.equal(expiryMoment(INT64_MAX - BigInt(NOW), PX, NOW), Number.MAX_SAFE_INTEGER);
  assert.equal(expiryMoment(Number.MAX_SAFE_INTEGER, EX, NOW), Number.MAX_SAFE_INTEGER);
  assert.equal(expiryMoment(Number.MAX_SAFE_INTEGER, PXAT, NOW), Number.MAX_SAFE_INTEGER);
});
