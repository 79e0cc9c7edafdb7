import assert from "node:assert/strict";
import { test } from "node:test";
import { copyExact, copyPadded } from "../../src/bytes/copy.ts";
import { makeRegion } from "../../src/bytes/region.ts";

const LENGTHS = [...Array(140).keys(), 191, 192, 193, 255, 256, 257, 1000, 4096, 65_537];
const SIZE = 70_000;
const GUARD = 0xcc;

function createSource() {
  const region = makeRegion(SIZE);
  for (let i = 0; i < region.bytes.length; i++) region.bytes[i] = (i * 31 + (i >> 8)) & 255;
  return region;
}

for (
  const [name, copy, slack] of [["copyExact", copyExact, 0], ["copyPadded", copyPadded, 3]] as const
) {
  test(`${name}() copies every byte, and at most ${slack} behind them`, () => {
    const source = createSource();
    for (const length of LENGTHS) {
      for (const [from, to] of [[0, 0], [1, 0], [0, 3], [5, 2]]) {
        const target = makeRegion(length + 16);
        target.bytes.fill(GUARD);
        copy(source, from, target, to, length);
        const label = `length ${length} from ${from} to ${to}`;
        const copied = target.bytes.subarray(to, to + length);
        assert.deepEqual(copied, source.bytes.subarray(from, from + length), label);
        assert.ok(target.bytes.subarray(0, to).every((byte) => byte === GUARD), label);
        const behind = target.bytes.subarray(to + length + slack);
        assert.ok(behind.every((byte) => byte === GUARD), label);
      }
    }
  });

  test(`${name}() works within one region`, () => {
    for (const length of LENGTHS) {
      const region = makeRegion(2 * SIZE);
      region.bytes.set(createSource().bytes);
      const expected = region.bytes.slice(4, 4 + length);
      copy(region, 4, region, SIZE + 8, length);
      assert.deepEqual(region.bytes.slice(SIZE + 8, SIZE + 8 + length), expected);
    }
  });
}

test("copyExact() copies ranges that overlap, both ways", () => {
  for (const length of LENGTHS) {
    for (const distance of [1, 3, 4, 17]) {
      for (const [from, to] of [[0, distance], [distance, 0]]) {
        const region = createSource();
        const expected = region.bytes.slice(from, from + length);
        copyExact(region, from, region, to, length);
        assert.deepEqual(region.bytes.slice(to, to + length), expected, `length ${length}`);
      }
    }
  }
});

test("copies reach beyond 2 GiB of what they write to", () => {
  const offset = 2 ** 31 + 5;
  const buffer = new ArrayBuffer(offset + 64);
  const target = { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
  const source = makeRegion(16);
  source.bytes.set([1, 2, 3, 4, 5, 6]);
  copyExact(source, 0, target, offset, 6);
  copyPadded(source, 0, target, offset + 16, 6);
  assert.deepEqual([...target.bytes.subarray(offset, offset + 6)], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...target.bytes.subarray(offset + 16, offset + 22)], [1, 2, 3, 4, 5, 6]);
});
