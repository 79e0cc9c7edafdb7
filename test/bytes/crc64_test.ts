// CRC64 against known checksums, and against itself bit by bit.

import { test } from "node:test";
import assert from "node:assert/strict";
import { crc64 } from "../../src/bytes/crc64.ts";

function checksum(bytes: Uint8Array, offset = 0, length = bytes.length): bigint {
  const into = new Int32Array(2);
  crc64(bytes, offset, length, into);
  return (BigInt(into[1] >>> 0) << 32n) | BigInt(into[0] >>> 0);
}

function bitByBit(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) {
      crc = (crc & 1n) === 0n ? crc >> 1n : (crc >> 1n) ^ 0x95ac9329ac4bc9b5n;
    }
  }
  return crc;
}

test("crc64() gives the checksums that Redis's own test expects", () => {
  assert.equal(checksum(new TextEncoder().encode("123456789")), 0xe9c6d914c4b8d9can);
  assert.equal(checksum(new Uint8Array(0)), 0n);
});

test("crc64() is the same at every offset and length", () => {
  const bytes = Uint8Array.from({ length: 90 }, (_, i) => (i * 97 + 13) & 255);
  for (let length = 0; length <= 80; length++) {
    for (const offset of [0, 1, 3, 7]) {
      const expected = bitByBit(bytes.subarray(offset, offset + length));
      assert.equal(checksum(bytes, offset, length), expected);
    }
  }
});
