import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Chunks,
  copyChunks,
  forEachChunk,
  freePages,
  giveBack,
  grow,
  MAX_PAGED_BYTES,
  NO_CHUNKS,
  pagedBytes,
  pagedLength,
  readTable,
  tableBytes,
  takeOver,
  writeTable,
} from "../../src/engine/paged_value.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import {
  type LocalRef,
  MAX_INLINE_BYTES,
  MAX_KEY_BYTES,
  recordSize,
  writeHeader,
} from "../../src/memory/record.ts";
import { PAGE_BYTES, sizeClassOf } from "../../src/memory/size_classes.ts";
import { forSeeds } from "../support/model.ts";
import { areSameBytes, MIB, valueOf } from "./store.ts";

const LENGTHS = [0, 1, 8, 1000, 65_535, 65_536, 65_537, 131_072, 131_073, 400_000];

function createArena(pages = 40): Arena {
  return new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
}

/** A record whose value part is the table of the chunks. */
function createRecord(arena: Arena, chunks: Chunks): LocalRef {
  const bytes = tableBytes(chunks);
  const ref = arena.allocate(sizeClassOf(recordSize(0, bytes, false)));
  writeHeader(arena.words, ref, 0, 0, bytes, false);
  writeTable(arena, ref, chunks);
  return ref;
}

function fill(arena: Arena, chunks: Chunks, value: Uint8Array): void {
  let from = 0;
  forEachChunk(chunks, 0, value.length, (at, length) => {
    arena.bytes.set(value.subarray(from, from + length), at);
    from += length;
  });
  assert.equal(from, value.length);
}

function read(arena: Arena, chunks: Chunks, start = 0, length = chunks.length): Uint8Array {
  const parts: number[] = [];
  const value = new Uint8Array(length);
  let to = 0;
  forEachChunk(chunks, start, length, (at, bytes) => {
    value.set(arena.bytes.subarray(at, at + bytes), to);
    to += bytes;
    parts.push(bytes);
  });
  assert.ok(parts.every((bytes) => bytes > 0 && bytes <= PAGE_BYTES));
  return value;
}

test("the table of the longest value fits beside the longest key", () => {
  const pages = MAX_PAGED_BYTES / PAGE_BYTES;
  const bytes = tableBytes({ length: 0, tail: 0, pages: new Array(pages).fill(1) });
  assert.equal(bytes, MAX_INLINE_BYTES);
  assert.ok(recordSize(MAX_KEY_BYTES, bytes, true) <= PAGE_BYTES);
  assert.ok(MAX_PAGED_BYTES >= 512 * MIB, "proto-max-bulk-len's default");
});

test("a value is held in pages and a tail of just the size, and all is given back", () => {
  for (const length of LENGTHS) {
    const arena = createArena();
    const chunks = grow(arena, NO_CHUNKS, length)!;
    assert.equal(chunks.pages.length, Math.floor(length / PAGE_BYTES));
    assert.equal(chunks.tail === 0, length % PAGE_BYTES === 0);
    const value = valueOf(length, 1);
    fill(arena, chunks, value);
    const ref = createRecord(arena, chunks);
    assert.deepEqual(readTable(arena, ref), chunks);
    assert.equal(pagedLength(arena, ref), length);
    assert.deepEqual(read(arena, readTable(arena, ref)), value);
    assert.ok(pagedBytes(arena, ref) >= length);
    assert.ok(pagedBytes(arena, ref) <= length * 2 + 16);
    arena.checkInvariants();
    freePages(arena, ref);
    arena.free(ref);
    assert.equal(arena.usedPages, 0);
    arena.checkInvariants();
  }
});

test("a value grows from every length to every other, and keeps its bytes", () => {
  for (const from of LENGTHS) {
    for (const to of LENGTHS) {
      if (to < from) continue;
      const arena = createArena();
      const old = grow(arena, NO_CHUNKS, from)!;
      fill(arena, old, valueOf(from, 2));
      const grown = grow(arena, old, to)!;
      assert.deepEqual(read(arena, old), valueOf(from, 2), "not touched until it is taken over");
      takeOver(arena, old, grown);
      assert.deepEqual(read(arena, grown, 0, from), valueOf(from, 2), `${from} to ${to}`);
      arena.checkInvariants();
      giveBack(arena, NO_CHUNKS, grown);
      assert.equal(arena.usedPages, 0, `${from} to ${to}`);
    }
  }
});

test("growth that is given back leaves the value as it was", () => {
  for (const from of LENGTHS) {
    for (const to of LENGTHS) {
      if (to < from) continue;
      const arena = createArena();
      const old = grow(arena, NO_CHUNKS, from)!;
      fill(arena, old, valueOf(from, 3));
      const used = arena.usedPages;
      giveBack(arena, old, grow(arena, old, to)!);
      assert.equal(arena.usedPages, used);
      assert.deepEqual(read(arena, old), valueOf(from, 3));
      arena.checkInvariants();
    }
  }
});

test("growth without memory allocates nothing", () => {
  for (let free = 0; free < 6; free++) {
    for (const from of [0, 10, 65_536, 100_000]) {
      const arena = createArena(10);
      const old = grow(arena, NO_CHUNKS, from)!;
      while (arena.freePages > free) arena.allocatePage();
      for (const to of [from + 1, from + 60_000, from + 65_536, from + 131_073, from + 400_000]) {
        const grown = grow(arena, old, to);
        if (grown === undefined) assert.ok(free < 7);
        else giveBack(arena, old, grown);
        assert.equal(arena.freePages, free, `${from} to ${to} with ${free} pages`);
        arena.checkInvariants();
      }
    }
  }
  assert.equal(grow(createArena(2), NO_CHUNKS, 200_000), undefined);
});

test("a value longer than a table can name is refused", () => {
  const arena = createArena();
  for (const length of [MAX_PAGED_BYTES + 1, 2 ** 32, 2 ** 32 + 5, 2 ** 40]) {
    assert.equal(grow(arena, NO_CHUNKS, length), undefined);
  }
  assert.equal(arena.usedPages, 0);
});

test("copies have chunks of their own, in the same arena or another", () => {
  for (const length of LENGTHS) {
    const source = createArena();
    const chunks = grow(source, NO_CHUNKS, length)!;
    fill(source, chunks, valueOf(length, 4));
    const ref = createRecord(source, chunks);
    for (const target of [source, createArena()]) {
      const copy = copyChunks(source, ref, target)!;
      assert.deepEqual(read(target, copy), valueOf(length, 4));
      fill(target, copy, valueOf(length, 5));
      assert.deepEqual(read(source, chunks), valueOf(length, 4));
      giveBack(target, NO_CHUNKS, copy);
      target.checkInvariants();
    }
    if (length > 0) assert.equal(copyChunks(source, ref, fullArena()), undefined);
  }
});

function fullArena(): Arena {
  const arena = createArena(1);
  arena.allocatePage();
  return arena;
}

test("every range of a value is visited in order, without a gap", () => {
  forSeeds(2, (random) => {
    const arena = createArena();
    const length = 300_000;
    const chunks = grow(arena, NO_CHUNKS, length)!;
    const value = valueOf(length, 6);
    fill(arena, chunks, value);
    for (let i = 0; i < 200; i++) {
      const start = random.below(length + 1);
      const bytes = random.below(length - start + 1);
      const range = value.subarray(start, start + bytes);
      assert.ok(areSameBytes(read(arena, chunks, start, bytes), range), `${bytes} at ${start}`);
    }
    forEachChunk(chunks, length, 0, () => assert.fail("nothing is there"));
  });
});
