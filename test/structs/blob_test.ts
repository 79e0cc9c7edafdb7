import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";
import {
  blobAllocate,
  blobBytes,
  blobCheck,
  blobCompare,
  blobCompareBlob,
  blobCopy,
  blobCreate,
  blobEquals,
  blobFree,
  blobLength,
  blobNote,
  blobOffset,
  blobRead,
  blobStretch,
  forEachBlobStretch,
  MAX_BLOB_BYTES,
  SHORT_BLOB_BYTES,
} from "../../src/structs/blob.ts";
import { forSeeds, pick, randomBytes } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const LENGTHS = [
  0,
  1,
  2,
  3,
  4,
  5,
  100,
  4096,
  SHORT_BLOB_BYTES - 1,
  SHORT_BLOB_BYTES,
  SHORT_BLOB_BYTES + 1,
  PAGE_BYTES - 1,
  PAGE_BYTES,
  PAGE_BYTES + 1,
  2 * PAGE_BYTES,
  200_001,
];

function createArena(pages = 60): Arena {
  return new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
}

function regionOf(bytes: Uint8Array, offset = 0) {
  const region = makeRegion(offset + bytes.length);
  region.bytes.fill(0xa5);
  region.bytes.set(bytes, offset);
  return region;
}

function bytesOf(arena: Arena, blob: number): Uint8Array {
  const region = makeRegion(blobLength(arena, blob));
  blobRead(arena, blob, region, 0);
  return region.bytes.slice(0, blobLength(arena, blob));
}

function sample(length: number, mark: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8) + mark) & 255);
}

test("a blob gives back what it was made of, at every length", () => {
  for (const length of LENGTHS) {
    const arena = createArena();
    const bytes = sample(length, length);
    const blob = blobCreate(arena, regionOf(bytes, 3), 3, length, 0x1234_5678);
    assert.notEqual(blob, 0);
    assert.equal(blobLength(arena, blob), length);
    assert.equal(blobNote(arena, blob), 0x1234_5678);
    assert.deepEqual(bytesOf(arena, blob), bytes);
    const owned = new OwnedBlocks(arena);
    blobCheck(arena, blob, owned);
    owned.assertComplete();
    assert.equal(blobBytes(arena, blob), owned.bytes);
    blobFree(arena, blob);
    assert.equal(arena.usedPages, 0);
  }
});

test("the stretches of a blob cover any range of it", () => {
  const arena = createArena();
  const length = 3 * PAGE_BYTES + 17;
  const bytes = sample(length, 1);
  const blob = blobCreate(arena, regionOf(bytes), 0, length);
  for (const [start, count] of [[0, length], [5, 10], [PAGE_BYTES - 1, 2], [length, 0]]) {
    const parts: Uint8Array[] = [];
    forEachBlobStretch(arena, blob, start, count, (at, part) => {
      parts.push(arena.bytes.slice(at, at + part));
    });
    assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes.subarray(start, start + count)));
  }
  assert.equal(blobStretch(arena, blob, PAGE_BYTES - 1), 1);
  assert.equal(blobStretch(arena, blob, 3 * PAGE_BYTES), 17);
  assert.equal(arena.bytes[blobOffset(arena, blob, 3 * PAGE_BYTES + 1)], bytes[3 * PAGE_BYTES + 1]);
});

test("blobs are equal and ordered as Buffer.compare orders their bytes", () => {
  forSeeds(40, (random) => {
    const arena = createArena(), other = createArena();
    const length = pick(random, LENGTHS);
    const a = randomBytes(random, length);
    const b = a.slice(0, random.below(4) === 0 ? random.below(length + 1) : length);
    if (b.length > 0 && random.below(3) > 0) b[random.below(b.length)] ^= 1 << random.below(8);
    const blob = blobCreate(arena, regionOf(a), 0, a.length);
    const wanted = Buffer.compare(a, b);
    const region = regionOf(b, 5);
    assert.equal(Math.sign(blobCompare(arena, blob, region, 5, b.length)), wanted);
    assert.equal(blobEquals(arena, blob, region, 5, b.length), wanted === 0);
    const second = blobCreate(other, region, 5, b.length);
    assert.equal(Math.sign(blobCompareBlob(arena, blob, other, second)), wanted);
    assert.equal(Math.sign(blobCompareBlob(other, second, arena, blob)), -wanted || 0);
  });
});

test("blobCopy() makes one of its own, in another arena", () => {
  for (const length of LENGTHS) {
    const source = createArena(), target = createArena();
    const bytes = sample(length, 9);
    const blob = blobCreate(source, regionOf(bytes), 0, length, -7);
    const copy = blobCopy(source, blob, target);
    blobFree(source, blob);
    assert.equal(source.usedPages, 0);
    assert.deepEqual(bytesOf(target, copy), bytes);
    assert.equal(blobNote(target, copy), -7);
    const owned = new OwnedBlocks(target);
    blobCheck(target, copy, owned);
    owned.assertComplete();
  }
});

test("without memory nothing is left of a blob", () => {
  for (let pages = 1; pages < 5; pages++) {
    const arena = createArena(pages);
    const bytes = sample(4 * PAGE_BYTES + 10, 2);
    assert.equal(blobCreate(arena, regionOf(bytes), 0, bytes.length), 0);
    assert.equal(arena.usedPages, 0);
    const source = createArena();
    const blob = blobCreate(source, regionOf(bytes), 0, bytes.length);
    assert.equal(blobCopy(source, blob, arena), 0);
    assert.equal(arena.usedPages, 0);
  }
  assert.equal(blobAllocate(createArena(), MAX_BLOB_BYTES + 1), 0);
});
