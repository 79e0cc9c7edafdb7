import assert from "node:assert/strict";
import { test } from "node:test";
import { createCryptography } from "../../../src/adapters/common/cryptography.ts";

const { sha256, isEqual, randomBytes } = createCryptography();
const encoder = new TextEncoder();
const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

test("sha256() gives the digests of FIPS 180-4's examples", () => {
  const digest = (text: string): string => hex(sha256(encoder.encode(text)));
  assert.equal(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("isEqual() compares every byte", () => {
  const bytes = encoder.encode("0123456789");
  assert.equal(isEqual(bytes, bytes.slice()), true);
  for (let i = 0; i < bytes.length; i++) {
    const other = bytes.slice();
    other[i] ^= 1;
    assert.equal(isEqual(bytes, other), false, `byte ${i}`);
  }
});

test("randomBytes() never gives the same twice", () => {
  const seen = new Set(Array.from({ length: 50 }, () => hex(randomBytes(16))));
  assert.equal(seen.size, 50);
  assert.equal(randomBytes(3).length, 3);
});
