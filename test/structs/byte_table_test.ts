import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES, pinnedClassOf } from "../../src/memory/size_classes.ts";
import {
  initTable,
  TABLE_BYTES,
  tableBucket,
  tableCount,
  tableFind,
  tableGuess,
  tableHash,
  tableInsert,
  tableRemove,
  tableReplace,
  tableSizeBytes,
  UNIT_BITS,
  wordOfSlot,
} from "../../src/structs/byte_table.ts";
import {
  tableCheck,
  tableCopy,
  tableForEach,
  tableFree,
  tableRandom,
  tableScan,
  tableSome,
} from "../../src/structs/byte_table_walk.ts";
import {
  copyEntry,
  createEntry,
  entryHeader,
  freeEntry,
  INLINE_KEY_BYTES,
  keyLengthOf,
  keyOffsetOf,
  keyRoom,
  keyStretch,
} from "../../src/structs/table_entry.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const MIB = 1024 * 1024;
/** An entry here: header, a number, the key. */
const KEY_WORD = 2;
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 200, INLINE_KEY_BYTES, INLINE_KEY_BYTES + 1, 70_000];

function keyOf(id: number, length = 0): string {
  const text = `key:${id}`;
  return length === 0 ? text : text.padEnd(length, "*");
}

/** A table of keys and numbers, beside a map. */
class Pair {
  readonly arena: Arena;
  readonly table: number;
  readonly map = new Map<string, number>();
  readonly #input = makeRegion(80_000);
  outOfMemory = 0;

  constructor(bytes: number, seed: number) {
    this.arena = new Arena(bytes, new MemoryAccount());
    this.table = this.arena.allocate(pinnedClassOf(TABLE_BYTES));
    assert.ok(initTable(this.arena, this.table, seed, ~seed));
  }

  /** Puts a key into the input. @returns its hash */
  #use(key: string): number {
    const { bytes } = this.#input;
    for (let i = 0; i < key.length; i++) bytes[1 + i] = key.charCodeAt(i);
    bytes.fill(0x5a, 1 + key.length, 5 + key.length);
    return tableHash(this.arena.words, this.table, this.#input, 1, key.length);
  }

  find(key: string): number {
    const hash = this.#use(key);
    return tableFind(this.arena, this.table, hash, this.#input, 1, key.length);
  }

  /** First words of the entries that a key's bucket may mean by its hash, in the order of their slots. */
  guesses(key: string): number[] {
    const { words } = this.arena;
    const hash = this.#use(key);
    const bucket = tableBucket(words, this.table, hash);
    const found: number[] = [];
    for (let slot = 0; (slot = tableGuess(words, bucket, hash, slot)) !== 0;) {
      assert.equal(words[slot] >>> UNIT_BITS, hash >>> UNIT_BITS);
      found.push(wordOfSlot(words, slot));
    }
    return found;
  }

  set(key: string, value: number): void {
    const hash = this.#use(key);
    const { arena, table } = this;
    const old = tableFind(arena, table, hash, this.#input, 1, key.length);
    const size = 4 * KEY_WORD + keyRoom(key.length);
    const header = entryHeader(key.length, KEY_WORD);
    const entry = createEntry(arena, size, header, hash, this.#input, 1, key.length);
    if (entry === 0) {
      this.outOfMemory++;
      return;
    }
    arena.words[(entry << 1) + 1] = value;
    if (old !== 0) {
      tableReplace(arena, table, hash, old, entry);
      freeEntry(arena, old);
    } else if (!tableInsert(arena, table, hash, entry)) {
      freeEntry(arena, entry);
      this.outOfMemory++;
      return;
    }
    this.map.set(key, value);
  }

  delete(key: string): void {
    const entry = this.find(key);
    assert.equal(entry !== 0, this.map.delete(key));
    if (entry === 0) return;
    tableRemove(this.arena, this.table, this.#use(key), entry);
    freeEntry(this.arena, entry);
  }

  keyAt(entry: number): string {
    const { arena } = this;
    const length = keyLengthOf(arena, entry);
    let key = "";
    for (let at = 0; at < length;) {
      const bytes = keyStretch(arena, entry, at);
      const offset = keyOffsetOf(arena, entry, at);
      for (let i = 0; i < bytes; i++) key += String.fromCharCode(arena.bytes[offset + i]);
      at += bytes;
    }
    return key;
  }

  check(): void {
    const { arena, table } = this;
    assert.equal(tableCount(arena.words, table), this.map.size);
    const owned = new OwnedBlocks(arena);
    owned.ownsBlock(table);
    tableCheck(arena, table, owned);
    owned.assertComplete();
    assert.equal(tableSizeBytes(arena.words, table) + arena.blockSize(table), owned.bytes);
    const seen = new Map<string, number>();
    tableForEach(arena, table, (entry) => {
      seen.set(this.keyAt(entry), arena.words[(entry << 1) + 1]);
    });
    assert.deepEqual(seen.size, this.map.size);
    for (const [key, value] of this.map) if (seen.get(key) !== value) assert.fail(`${key} differs`);
  }
}

function runModel(random: Xoshiro128, bytes: number, keys: readonly string[]): Pair {
  const pair = new Pair(bytes, random.int32());
  for (let phase = 0; phase < 6; phase++) {
    const growing = phase % 2 === 0 ? 0.75 : 0.2;
    for (let step = 0; step < keys.length; step++) {
      const key = pick(random, keys);
      if (chance(random, growing)) pair.set(key, random.int32());
      else pair.delete(key);
      const found = pair.find(pick(random, keys));
      if (found !== 0) assert.ok(pair.map.has(pair.keyAt(found)));
    }
    pair.check();
  }
  for (const key of [...pair.map.keys()]) pair.delete(key);
  pair.check();
  return pair;
}

test("a byte table does what a map does, while it grows and shrinks", () => {
  forSeeds(6, (random) => {
    const keys = Array.from({ length: random.below(3000) + 1 }, (_, i) => keyOf(i));
    runModel(random, 16 * MIB, keys);
  });
});

test("tableGuess() comes to every entry of a bucket that may be meant", () => {
  const pair = new Pair(8 * MIB, 7);
  for (let id = 0; id < 5000; id++) pair.set(keyOf(id), id);
  let there = 0, beforeThere = 0;
  for (let id = 0; id < 5000; id++) {
    const guesses = pair.guesses(keyOf(id));
    const place = guesses.indexOf(pair.find(keyOf(id)) << 1);
    assert.equal(new Set(guesses).size, guesses.length);
    if (place >= 0) there++;
    if (place > 0) beforeThere++;
  }
  // The others are in overflow buckets.
  assert.ok(there > 4000 && there < 5000, `${there} entries are in their first bucket`);
  assert.ok(beforeThere > 100, `${beforeThere} are not the first that may be meant`);
  assert.deepEqual(new Pair(MIB, 7).guesses("none"), []);
});

test("a byte table takes keys of any length", () => {
  forSeeds(5, (random) => {
    const keys = LENGTHS.flatMap((length, i) => [keyOf(i), "".padEnd(length, "ab"), "x".repeat(i)]);
    runModel(random, 16 * MIB, keys);
  });
});

test("a byte table stays whole when memory runs out", () => {
  let outOfMemory = 0;
  forSeeds(12, (random) => {
    const keys = Array.from({ length: 2000 }, (_, i) => keyOf(i, i % 100));
    const pair = runModel(random, (4 + random.below(8)) * PAGE_BYTES, keys);
    outOfMemory += pair.outOfMemory;
  });
  assert.ok(outOfMemory > 100);
});

test("the index of a byte table takes less than nine bytes an entry, and goes with the entries", () => {
  const pair = new Pair(64 * MIB, 1);
  const { arena, table } = pair;
  for (let i = 0; i < 60_000; i++) {
    pair.set(keyOf(i), i);
    if (i % 1000 !== 999) continue;
    let entries = 0;
    tableForEach(arena, table, (entry) => entries += arena.blockSize(entry));
    const perEntry = (tableSizeBytes(arena.words, table) - entries) / (i + 1);
    const limit = i < 10_000 ? 12.5 : 9;
    assert.ok(perEntry < limit, `${perEntry} bytes an entry with ${i + 1}`);
  }
  pair.check();
  for (let i = 0; i < 60_000; i++) if (i % 100 !== 0) pair.delete(keyOf(i));
  pair.check();
  let entries = 0;
  tableForEach(arena, table, (entry) => entries += arena.blockSize(entry));
  assert.ok((tableSizeBytes(arena.words, table) - entries) / 600 < 30);
});

test("tableScan() visits whatever is there all the time, though the table changes", () => {
  forSeeds(20, (random) => {
    const pair = new Pair(16 * MIB, random.int32());
    const stable = random.below(400);
    for (let i = 0; i < stable; i++) pair.set(keyOf(i), i);
    const seen = new Set<string>();
    let cursor = 0, calls = 0, target = random.below(4000);
    do {
      cursor = tableScan(pair.arena, pair.table, cursor, (entry) => seen.add(pair.keyAt(entry)));
      const others = pair.map.size - stable;
      for (let i = 0; i < 30; i++) {
        if (others < target) pair.set(keyOf(10_000 + random.below(8000)), 1);
        else pair.delete(keyOf(10_000 + random.below(8000)));
      }
      if (chance(random, 0.02)) target = random.below(4000);
      assert.ok(++calls < 20_000);
    } while (cursor !== 0);
    for (let i = 0; i < stable; i++) assert.ok(seen.has(keyOf(i)), `${keyOf(i)} was not visited`);
  });
});

test("tableScan() visits each entry once when nothing changes, and takes any cursor", () => {
  for (const count of [0, 1, 9, 10, 11, 100, 5000]) {
    const pair = new Pair(16 * MIB, count);
    for (let i = 0; i < count; i++) pair.set(keyOf(i), i);
    const seen: string[] = [];
    let cursor = 0;
    do {
      cursor = tableScan(pair.arena, pair.table, cursor, (entry) => seen.push(pair.keyAt(entry)));
    } while (cursor !== 0);
    assert.equal(seen.length, count);
    assert.equal(new Set(seen).size, count);
    for (const strange of [1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const next = tableScan(pair.arena, pair.table, strange, () => {});
      assert.ok(next === 0 || next > strange);
    }
  }
});

test("tableRandom() picks every entry with about the same probability", () => {
  for (const count of [1, 2, 13, 100, 500]) {
    const pair = new Pair(4 * MIB, count);
    for (let i = 0; i < count; i++) pair.set(keyOf(i), i);
    const random = createRandom([1, 2, 3, count]);
    const drawn = new Int32Array(count);
    const draws = count * 400;
    for (let i = 0; i < draws; i++) {
      const entry = tableRandom(pair.arena, pair.table, random);
      drawn[pair.arena.words[(entry << 1) + 1]]++;
    }
    // 400 draws each: a standard deviation of 20.
    assert.ok(Math.min(...drawn) > 300 && Math.max(...drawn) < 500);
  }
  const empty = new Pair(MIB, 1);
  assert.equal(tableRandom(empty.arena, empty.table, createRandom([1, 2, 3, 4])), 0);
});

test("tableRandom() ends whatever it draws", () => {
  const wide = new Pair(4 * MIB, 1);
  for (let i = 0; i < 3000; i++) wide.set(keyOf(i), i);
  for (let i = 1; i < 3000; i++) wide.delete(keyOf(i));
  const entry = tableRandom(wide.arena, wide.table, { below: () => 0 });
  assert.equal(wide.keyAt(entry), keyOf(0));
});

test("tableSome() stops where it is told to", () => {
  const pair = new Pair(4 * MIB, 1);
  for (let i = 0; i < 100; i++) pair.set(keyOf(i), i);
  let visits = 0;
  assert.equal(tableSome(pair.arena, pair.table, () => ++visits === 40), true);
  assert.equal(visits, 40);
  assert.equal(tableSome(pair.arena, pair.table, () => false), false);
});

test("tableFree() leaves a valid, smaller table after every slice, and nothing in the end", () => {
  const pair = new Pair(16 * MIB, 5);
  for (let i = 0; i < 5000; i++) pair.set(keyOf(i, i % 50 === 0 ? 5000 : 0), i);
  const { arena, table } = pair;
  let slices = 1;
  while (!tableFree(arena, table, 100, freeEntry)) {
    slices++;
    if (slices % 8 === 0) {
      const owned = new OwnedBlocks(arena);
      owned.ownsBlock(table);
      tableCheck(arena, table, owned);
      owned.assertComplete();
    }
  }
  assert.ok(slices > 30);
  arena.free(table);
  assert.equal(arena.usedPages, 0);
});

test("tableCopy() copies everything, or nothing when there is no memory", () => {
  const pair = new Pair(16 * MIB, 5);
  for (let i = 0; i < 3000; i++) pair.set(keyOf(i, i % 500 === 0 ? 66_000 : 0), i);
  let copied = 0;
  for (const pages of [2, 3, 4, 8, 200]) {
    const arena = new Arena(pages * PAGE_BYTES, new MemoryAccount());
    const table = arena.allocate(pinnedClassOf(TABLE_BYTES));
    if (tableCopy(pair.arena, pair.table, arena, table, copyEntry, freeEntry)) {
      copied++;
      const owned = new OwnedBlocks(arena);
      owned.ownsBlock(table);
      tableCheck(arena, table, owned);
      owned.assertComplete();
      assert.equal(tableCount(arena.words, table), 3000);
    } else {
      arena.free(table);
      assert.equal(arena.usedPages, 0);
    }
  }
  assert.equal(copied, 1);
});
