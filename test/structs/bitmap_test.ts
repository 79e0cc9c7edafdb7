// Bits in stretches of bytes, against one bit at a time.

import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import {
  combine,
  combineOnce,
  countBits,
  findBit,
  NOT_S,
  S_AND_NOT_T,
  T_AND_NOT_S,
  T_AND_S,
  T_OR_S,
  T_XOR_S,
} from "../../src/structs/bitmap.ts";

const random = createRandom([7, 1, 1, 7]);

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.below(4) === 0 ? 255 : random.int32() & 255);
}

function bitsOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}

test("countBits() counts at any offset and length", () => {
  const bytes = randomBytes(700);
  const view = new DataView(bytes.buffer);
  for (let length = 0; length < 600; length++) {
    const offset = random.below(100);
    const bits = bitsOf(bytes.subarray(offset, offset + length));
    assert.equal(countBits(view, offset, length), bits.replaceAll("0", "").length);
  }
  assert.equal(countBits(new DataView(new Uint8Array(1000).fill(255).buffer), 3, 997), 7976);
});

test("findBit() finds the first set or clear bit, or none", () => {
  for (let length = 0; length < 40; length++) {
    for (const fill of [0, 255]) {
      const bytes = new Uint8Array(50).fill(fill);
      const view = new DataView(bytes.buffer);
      const bit = fill === 0 ? 1 : 0;
      assert.equal(findBit(view, 5, length, bit), -1);
      assert.equal(findBit(view, 5, length, 1 - bit), length === 0 ? -1 : 0);
      for (let at = 0; at < length * 8; at++) {
        bytes.fill(fill);
        bytes[5 + (at >> 3)] ^= 0x80 >> (at & 7);
        assert.equal(findBit(view, 5, length, bit), at);
      }
    }
  }
});

test("combine() does what each operation says, byte by byte", () => {
  const operations: [number, (t: number, s: number) => number][] = [
    [T_AND_S, (t, s) => t & s],
    [T_OR_S, (t, s) => t | s],
    [T_XOR_S, (t, s) => t ^ s],
    [NOT_S, (_, s) => ~s],
    [S_AND_NOT_T, (t, s) => s & ~t],
    [T_AND_NOT_S, (t, s) => t & ~s],
  ];
  for (const [operation, expected] of operations) {
    for (let length = 0; length < 20; length++) {
      const source = randomBytes(30), target = randomBytes(30);
      const wanted = target.slice();
      for (let i = 0; i < length; i++) wanted[3 + i] = expected(target[3 + i], source[5 + i]);
      combine(operation, new DataView(target.buffer), 3, new DataView(source.buffer), 5, length);
      assert.deepEqual(target, wanted);
    }
  }
});

test("combineOnce() turns bits over and notes those that meet", () => {
  for (let length = 0; length < 20; length++) {
    const source = randomBytes(30), target = randomBytes(30), repeated = randomBytes(30);
    const wanted = target.slice(), wantedRepeated = repeated.slice();
    for (let i = 0; i < length; i++) {
      wantedRepeated[1 + i] |= target[3 + i] & source[5 + i];
      wanted[3 + i] ^= source[5 + i];
    }
    const views = [repeated, target, source].map((each) => new DataView(each.buffer));
    combineOnce(views[0], 1, views[1], 3, views[2], 5, length);
    assert.deepEqual([target, repeated], [wanted, wantedRepeated]);
  }
});
