// XXH3 against published hashes and against those of the reference implementation.

import { test } from "node:test";
import assert from "node:assert/strict";
import { xxh3, xxh3Hex } from "../../src/bytes/xxh3.ts";

/** Hash of the first n bytes of 7, 38, 69, …: every branch of the algorithm and its edges. */
const HASHES: readonly (readonly [length: number, hash: string])[] = [
  [0, "2d06800538d394c2"],
  [1, "4c5cca45d0f4811f"],
  [2, "a7e250c97710ff27"],
  [3, "15f7093b173d005c"],
  [4, "dca012f95811b6b9"],
  [7, "7561869c23da3c1b"],
  [8, "dec6a9a43575982e"],
  [9, "cbe393399f17ffbd"],
  [12, "46aaf92c7550afa4"],
  [16, "7e484c18d74895d0"],
  [17, "208bde5ee2bed407"],
  [32, "03df0ac5255d1446"],
  [33, "199a362122d71f46"],
  [64, "dd30702ab46b3745"],
  [65, "fab36b851b94ce20"],
  [96, "d245cd2541582982"],
  [97, "60e3e1d0d43785b3"],
  [128, "f92b70eaa21a6288"],
  [129, "f8f76713f2bb60fa"],
  [200, "12fdb864685f344d"],
  [240, "ccc7375172c41f03"],
  [241, "0b3b630948ce4a00"],
  [256, "ec85b75bafe6ca74"],
  [512, "efc2e52d1c2ffbaa"],
  [1023, "f0d330ce2b3300fb"],
  [1024, "23bc880ebf0d29c6"],
  [1025, "c09fdfbc398c7d82"],
  [2048, "19f6f9c987331373"],
  [2400, "72fd107cfa28352d"],
];

const encoder = new TextEncoder();

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 255);
}

test("xxh3() gives the reference's hash for every branch of lengths", () => {
  for (const [length, hash] of HASHES) {
    assert.equal(xxh3Hex(pattern(length)), hash, `length ${length}`);
    assert.equal(xxh3(pattern(length)), BigInt(`0x${hash}`), `length ${length}`);
  }
});

test("xxh3() gives the hashes that the documentation of DIGEST shows", () => {
  assert.equal(xxh3Hex(encoder.encode("Hello world")), "b6acb9d84a38ff74");
});

test("xxh3Hex() keeps leading zeros", () => {
  const text =
    "v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kw" +
    "lj7626sd";
  assert.equal(xxh3Hex(encoder.encode(text)), "00006c38adf31777");
});

test("xxh3() hashes a view into a larger buffer as its own bytes", () => {
  for (const length of [5, 40, 150, 1500]) {
    const room = new Uint8Array(length + 13).fill(0xee);
    room.set(pattern(length), 3);
    assert.equal(xxh3(room.subarray(3, 3 + length)), xxh3(pattern(length)));
  }
});

test("xxh3() carries between the halves of its lanes: inputs of ones only", () => {
  assert.equal(xxh3Hex(new Uint8Array(4096).fill(255)), "074cfac273851dd6");
});
