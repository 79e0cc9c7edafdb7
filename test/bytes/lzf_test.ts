import assert from "node:assert/strict";
import { test } from "node:test";
import { lzfCompress, lzfDecompress } from "../../src/bytes/lzf.ts";
import { createRandom } from "../../src/bytes/prng.ts";

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function compress(input: Uint8Array, capacity = input.length + 64): Uint8Array {
  const target = new Uint8Array(capacity + 8).fill(0xee);
  const size = lzfCompress(input, 0, input.length, target, 0, capacity);
  assert.ok(target.subarray(capacity).every((byte) => byte === 0xee), "writes within capacity");
  return target.slice(0, size);
}

function decompress(input: Uint8Array, capacity: number): Uint8Array | undefined {
  const target = new Uint8Array(capacity + 10).fill(0xee);
  const size = lzfDecompress(input, 0, input.length, target, 5, capacity);
  assert.ok(target.subarray(0, 5).every((byte) => byte === 0xee));
  assert.ok(target.subarray(capacity + 5).every((byte) => byte === 0xee));
  return size < 0 ? undefined : target.slice(5, 5 + size);
}

test("the output is what Redis makes of the same input", () => {
  const input =
    "hello hello hello hello abcabcabcabc hello there, there it is, hello again; abcabc";
  const packed = "\x06hello h\xe0\b\x05\x02abc\xe0\x00\x02\xa0\x1e\x05there,\x80\x06" +
    "\x06 it is,\xa0\x19\x05again;`3\x01bc";
  assert.deepEqual(compress(bytesOf(input)), bytesOf(packed));
});

test("what is compressed is decompressed to the same", () => {
  const random = createRandom([1, 2, 3, 4]);
  for (let round = 0; round < 600; round++) {
    const length = round < 40 ? round + 1 : 1 + random.below(round < 590 ? 700 : 40_000);
    const letters = 1 + random.below([1, 2, 4, 20, 256][random.below(5)]);
    const input = Uint8Array.from({ length }, () => random.below(letters));
    if (random.below(2) === 0 && length > 40) {
      for (let i = 0; i < 5; i++) {
        const at = random.below(length - 20);
        input.copyWithin(random.below(length), at, at + random.below(length - at));
      }
    }
    const packed = compress(input);
    if (packed.length === 0) continue;
    assert.deepEqual(decompress(packed, length), input);
    assert.deepEqual(decompress(packed, length + 9), input);
    assert.equal(decompress(packed, length - 1), undefined);
    const tight = compress(input, packed.length);
    assert.ok(tight.length === 0 || tight.length === packed.length);
    assert.equal(compress(input, Math.max(1, packed.length - 1)).length, 0);
  }
});

test("long runs and far repeats reach the limits of the format", () => {
  for (const length of [262, 263, 264, 265, 266, 267, 268, 600, 5000]) {
    const input = new Uint8Array(length).fill(7);
    const packed = compress(input);
    assert.ok(packed.length < 10 + length / 60, `${length} to ${packed.length}`);
    assert.deepEqual(decompress(packed, length), input);
  }
  for (const distance of [8190, 8191, 8192, 8193, 8194]) {
    const random = createRandom([distance, 1, 1, 1]);
    const input = Uint8Array.from({ length: distance + 40 }, () => random.int32());
    input.copyWithin(distance, 0, 40);
    const packed = compress(input, input.length + 400);
    assert.deepEqual(decompress(packed, input.length), input);
  }
});

test("random bytes don't fit a capacity of their own length", () => {
  const random = createRandom([9, 9, 9, 9]);
  const input = Uint8Array.from({ length: 3000 }, () => random.int32());
  assert.equal(compress(input, input.length - 4).length, 0);
  assert.equal(compress(new Uint8Array(0), 10).length, 0);
});

test("hostile input is refused, never read or written beyond", () => {
  const hostile: number[][] = [
    [5, 1, 2],
    [0x20],
    [0x20, 0],
    [0xe0, 1],
    [0xe0],
    [0, 65, 0x3f, 0xff],
    [0, 65, 0xe0, 0xff, 0x00],
    [0, 65, 0x20, 1],
  ];
  for (const input of hostile) assert.equal(decompress(Uint8Array.from(input), 20), undefined);
  const random = createRandom([3, 1, 4, 1]);
  const packed = compress(bytesOf("hello hello hello hello abcabcabcabc ".repeat(4)));
  for (let round = 0; round < 3000; round++) {
    const input = packed.slice(0, 1 + random.below(packed.length));
    for (let i = random.below(3); i > 0; i--) input[random.below(input.length)] = random.int32();
    const output = decompress(input, 60 + random.below(200));
    assert.ok(output === undefined || output.length < 260);
  }
});
