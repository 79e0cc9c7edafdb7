// MurmurHash64A against itself in bigints, and known hashes.

import { test } from "node:test";
import assert from "node:assert/strict";
import { murmur64 } from "../../src/bytes/murmur64.ts";

const M = 0xc6a4a7935bd1e995n;
const mask = (value: bigint): bigint => BigInt.asUintN(64, value);

function reference(bytes: Uint8Array, seed: bigint): bigint {
  let hash = mask(seed ^ mask(BigInt(bytes.length) * M));
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    let word = 0n;
    for (let i = 7; i >= 0; i--) word = (word << 8n) | BigInt(bytes[at + i]);
    word = mask(word * M);
    word ^= word >> 47n;
    hash = mask((hash ^ mask(word * M)) * M);
  }
  if (whole < bytes.length) {
    for (let i = whole; i < bytes.length; i++) hash ^= BigInt(bytes[i]) << BigInt(8 * (i - whole));
    hash = mask(hash * M);
  }
  hash ^= hash >> 47n;
  hash = mask(hash * M);
  return hash ^ (hash >> 47n);
}

function hashOf(bytes: Uint8Array, seed: number): bigint {
  const padded = new Uint8Array(bytes.length + 11).fill(0xee);
  padded.set(bytes, 3);
  const into = new Int32Array(2);
  murmur64(new DataView(padded.buffer), 3, bytes.length, seed, into);
  return (BigInt(into[1] >>> 0) << 32n) | BigInt(into[0] >>> 0);
}

test("murmur64() is MurmurHash64A for every length and seed", () => {
  const bytes = Uint8Array.from({ length: 70 }, (_, i) => (i * 151 + 7) & 255);
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length);
    for (const seed of [0, 1, 0xadc83b19, 0x7fffffff]) {
      assert.equal(hashOf(part, seed | 0), reference(part, BigInt(seed >>> 0)));
    }
  }
  const ones = new Uint8Array(40).fill(255);
  assert.equal(hashOf(ones, 0), reference(ones, 0n));
});
