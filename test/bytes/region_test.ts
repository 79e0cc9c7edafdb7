import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRegion, REGION_PADDING } from "../../src/bytes/region.ts";

test("a region's bytes and view show the same memory", () => {
  const region = makeRegion(10);
  region.bytes[3] = 0xab;
  assert.equal(region.view.getUint8(3), 0xab);
  region.view.setInt32(4, 0x01020304, true);
  assert.deepEqual([...region.bytes.subarray(4, 8)], [4, 3, 2, 1]);
  assert.equal(region.view.buffer, region.bytes.buffer);
  assert.equal(region.view.byteOffset, 0);
  assert.equal(region.bytes.byteOffset, 0);
});

test("whole words may be read behind the usable bytes", () => {
  for (const size of [0, 1, 7, 32]) {
    const region = makeRegion(size);
    assert.equal(region.bytes.length, size + REGION_PADDING);
    assert.equal(region.view.getInt32(size, true), 0);
    assert.equal(region.view.getInt32(size + REGION_PADDING - 4, true), 0);
  }
});
