import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { compareBytes, equalBytes } from "../../src/bytes/compare.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { forSeeds, randomBytes } from "../support/model.ts";

test("equalBytes() and compareBytes() agree with Buffer.compare at every length and offset", () => {
  forSeeds(400, (random, seed) => {
    const length = seed % 40;
    const left = makeRegion(80), right = makeRegion(80);
    left.bytes.set(randomBytes(random, 80));
    right.bytes.set(randomBytes(random, 80));
    const a = random.below(9), b = random.below(9);
    const bytes = randomBytes(random, length);
    left.bytes.set(bytes, a);
    right.bytes.set(bytes, b);
    if (length > 0 && random.below(3) > 0) {
      right.bytes[b + random.below(length)] ^= 1 << random.below(8);
    }
    const wanted = Buffer.compare(
      left.bytes.subarray(a, a + length),
      right.bytes.subarray(b, b + length),
    );
    assert.equal(Math.sign(compareBytes(left, a, right, b, length)), wanted);
    assert.equal(equalBytes(left, a, right, b, length), wanted === 0);
  });
});

test("equalBytes() reads nothing beyond the end", () => {
  const left = new DataView(new ArrayBuffer(5)), right = new DataView(new ArrayBuffer(5));
  assert.equal(equalBytes({ view: left }, 0, { view: right }, 0, 5), true);
  assert.equal(compareBytes({ view: left }, 0, { view: right }, 0, 5), 0);
});
