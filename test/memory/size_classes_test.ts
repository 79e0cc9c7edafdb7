import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BLOCKS_PER_PAGE,
  CLASS_COUNT,
  CLASS_SIZES,
  MOVABLE_CLASSES,
  PAGE_BYTES,
  pinnedClassOf,
  sizeClassOf,
} from "../../src/memory/size_classes.ts";

test("every size gets the smallest class that holds it", () => {
  for (let size = 0; size <= PAGE_BYTES; size++) {
    const sizeClass = sizeClassOf(size);
    assert.ok(sizeClass >= 0 && sizeClass < MOVABLE_CLASSES, `size ${size}`);
    assert.ok(CLASS_SIZES[sizeClass] >= size, `size ${size}`);
    if (sizeClass > 0) assert.ok(CLASS_SIZES[sizeClass - 1] < size, `size ${size}`);
  }
});

test("pinned classes are the same sizes once more", () => {
  assert.equal(CLASS_COUNT, 2 * MOVABLE_CLASSES);
  for (let size = 0; size <= PAGE_BYTES; size++) {
    const pinned = pinnedClassOf(size);
    assert.equal(pinned - MOVABLE_CLASSES, sizeClassOf(size));
    assert.equal(CLASS_SIZES[pinned], CLASS_SIZES[sizeClassOf(size)]);
  }
});

test("sizes rise by multiples of 8, and less than a block of each page is left over", () => {
  for (let i = 0; i < CLASS_COUNT; i++) {
    const size = CLASS_SIZES[i];
    assert.equal(size % 8, 0);
    if (i % MOVABLE_CLASSES > 0) assert.ok(size > CLASS_SIZES[i - 1]);
    assert.ok(BLOCKS_PER_PAGE[i] * size <= PAGE_BYTES);
    assert.ok((BLOCKS_PER_PAGE[i] + 1) * size > PAGE_BYTES);
    assert.ok(BLOCKS_PER_PAGE[i] < 2 ** 16, "counts of blocks have 16 bits");
  }
  assert.equal(CLASS_SIZES[0], 16);
  assert.equal(CLASS_SIZES[MOVABLE_CLASSES - 1], PAGE_BYTES);
  assert.ok(CLASS_COUNT <= 254, "two numbers of the page's byte have another meaning");
});

test("a block wastes less than an eighth up to 4 KiB", () => {
  for (let size = 129; size <= 4096; size++) {
    const block = CLASS_SIZES[sizeClassOf(size)];
    assert.ok(block - size < block / 8, `size ${size} in a block of ${block}`);
  }
});
