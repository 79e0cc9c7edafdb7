import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES, pinnedClassOf } from "../../src/memory/size_classes.ts";
import { blobLength, blobRead } from "../../src/structs/blob.ts";
import { tableFind, tableHash } from "../../src/structs/byte_table.ts";
import { tableForEach } from "../../src/structs/byte_table_walk.ts";
import {
  expiryOf,
  HEAP_WORDS,
  heapCheck,
  heapCount,
  heapFirst,
  initHeap,
} from "../../src/structs/expiry_heap.ts";
import {
  createHashTable,
  dropFirstDue,
  dueCount,
  expiringCount,
  fieldCount,
  fieldExpiry,
  firstExpiry,
  HASH_TABLE,
  hashOfTicket,
  KEEP_EXPIRY,
  keyHashOfTicket,
  NO_EXPIRY,
  removeField,
  setFieldExpiry,
  unwatchHash,
  valueBlobOf,
  valueLengthOf,
  valueOffsetOf,
  watchHash,
  writeField,
} from "../../src/structs/hash_table.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const START_MS = 1_700_000_000_000;
const MIB = 1024 * 1024;
const KEY_HASH = 0x1234_5678;
const VALUE_LENGTHS = [0, 1, 3, 4, 8, 20, 64, 500, 3999, 4000, 4001, 9000, 70_000];

interface Value {
  text: string;
  expiresAtMs: number;
}

/** A hash beside a map, watched by a heap of its arena. */
class Pair {
  readonly arena: Arena;
  readonly watch: number;
  readonly header: number;
  readonly map = new Map<string, Value>();
  readonly #input = makeRegion(200_000);
  nowMs = START_MS;
  outOfMemory = 0;

  constructor(bytes: number, seed: number) {
    this.arena = new Arena(bytes, new MemoryAccount());
    this.watch = this.arena.allocate(pinnedClassOf(HEAP_WORDS * 4));
    initHeap(this.arena.words, this.watch << 1);
    this.header = createHashTable(this.arena, seed, seed + 1);
    assert.ok(watchHash(this.arena, this.header, this.watch, KEY_HASH));
  }

  #put(text: string, offset: number): void {
    const { bytes } = this.#input;
    for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
    bytes.fill(0x5a, offset + text.length, offset + text.length + 4);
  }

  #hash(field: string): number {
    this.#put(field, 1);
    return tableHash(this.arena.words, this.header, this.#input, 1, field.length);
  }

  find(field: string): number {
    return tableFind(this.arena, this.header, this.#hash(field), this.#input, 1, field.length);
  }

  write(field: string, text: string, expiry: number): void {
    const entry = this.find(field);
    const hash = this.#hash(field);
    this.#put(text, 100_002);
    const { arena, header } = this;
    // A hash that nothing expires in has lost its ticket.
    if (!watchHash(arena, header, this.watch, KEY_HASH)) return;
    const isWritten = writeField(
      arena,
      header,
      hash,
      entry,
      this.#input,
      1,
      field.length,
      this.#input,
      100_002,
      text.length,
      expiry,
    );
    if (!isWritten) {
      this.outOfMemory++;
      return;
    }
    const had = this.map.get(field)?.expiresAtMs ?? 0;
    this.map.set(field, { text, expiresAtMs: expiry === KEEP_EXPIRY ? had : expiry });
  }

  expire(field: string, expiresAtMs: number): void {
    const entry = this.find(field);
    const value = this.map.get(field);
    assert.equal(entry !== 0, value !== undefined);
    if (value === undefined) return;
    if (!watchHash(this.arena, this.header, this.watch, KEY_HASH)) return;
    if (setFieldExpiry(this.arena, this.header, this.#hash(field), entry, expiresAtMs)) {
      value.expiresAtMs = expiresAtMs;
    } else {
      this.outOfMemory++;
    }
  }

  remove(field: string): void {
    const entry = this.find(field);
    assert.equal(entry !== 0, this.map.delete(field));
    if (entry !== 0) removeField(this.arena, this.header, this.#hash(field), entry);
  }

  dropDue(): void {
    const { words } = this.arena;
    let due = 0;
    for (const [field, { expiresAtMs }] of this.map) {
      if (expiresAtMs === 0 || expiresAtMs > this.nowMs) continue;
      due++;
      this.map.delete(field);
    }
    assert.equal(dueCount(words, this.header, this.nowMs), due);
    while (dropFirstDue(this.arena, this.header, this.nowMs)) due--;
    assert.equal(due, 0);
  }

  check(arena = this.arena, header = this.header): void {
    const { words } = arena;
    const owned = new OwnedBlocks(arena);
    HASH_TABLE.check(arena, header, owned);
    assert.equal(owned.bytes, HASH_TABLE.sizeBytes(arena, header));
    if (arena === this.arena) {
      owned.ownsBlock(this.watch);
      heapCheck(arena, this.watch << 1, owned);
    }
    owned.assertComplete();
    assert.equal(fieldCount(words, header), this.map.size);
    const times = [...this.map.values()].map((each) => each.expiresAtMs).filter((ms) => ms > 0);
    assert.equal(expiringCount(words, header), times.length);
    assert.equal(firstExpiry(words, header), times.length === 0 ? 0 : Math.min(...times));
    tableForEach(arena, header, (entry) => {
      const [text, expiresAtMs] = [valueAt(arena, entry), fieldExpiry(words, entry)];
      this.#seen(text, expiresAtMs);
    });
    for (const [field, value] of this.map) {
      if (arena !== this.arena) break;
      const entry = this.find(field);
      if (valueAt(arena, entry) !== value.text) assert.fail(`value of ${field}`);
      assert.equal(fieldExpiry(words, entry), value.expiresAtMs);
    }
  }

  #seen(text: string, expiresAtMs: number): void {
    for (const each of this.map.values()) {
      if (each.text === text && each.expiresAtMs === expiresAtMs) return;
    }
    assert.fail("a value that was never written");
  }
}

function valueAt(arena: Arena, entry: number): string {
  const blob = valueBlobOf(arena.words, entry);
  const region = makeRegion(valueLengthOf(arena, entry));
  const length = valueLengthOf(arena, entry);
  if (blob !== 0) {
    assert.equal(blobLength(arena, blob), length);
    blobRead(arena, blob, region, 0);
    return latin1(region.bytes.subarray(0, length));
  }
  const offset = valueOffsetOf(arena.words, entry);
  return latin1(arena.bytes.slice(offset, offset + length));
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

function run(random: Xoshiro128, bytes: number, large: number): Pair {
  const pair = new Pair(bytes, random.int32());
  const fields = Array.from({ length: 120 }, (_, i) => `field${i}`.padEnd(i, "."));
  if (large > 0) fields.push("f".repeat(4000), "f".repeat(4001), "g".repeat(66_000));
  const soon = (): number => pair.nowMs + 1 + random.below(500);
  for (let step = 0; step < 1500; step++) {
    const field = pick(random, fields);
    const lengths = chance(random, large) ? VALUE_LENGTHS : VALUE_LENGTHS.slice(0, 7);
    const text = String.fromCharCode(97 + random.below(26)).repeat(pick(random, lengths));
    const kind = random.below(20);
    if (kind < 8) pair.write(field, text, NO_EXPIRY);
    else if (kind < 10) pair.write(field, text, KEEP_EXPIRY);
    else if (kind < 13) pair.write(field, text, soon());
    else if (kind < 15) pair.expire(field, soon());
    else if (kind < 16) pair.expire(field, NO_EXPIRY);
    else if (kind < 19) pair.remove(field);
    else {
      pair.nowMs += random.below(40);
      pair.dropDue();
    }
    if (step % 150 === 0) pair.check();
  }
  pair.check();
  return pair;
}

test("a hash table does what a map of values with expiries does", () => {
  forSeeds(5, (random) => {
    run(random, 32 * MIB, 0.05);
  });
});

test("a hash table stays whole when memory runs out", () => {
  let outOfMemory = 0;
  forSeeds(10, (random) => {
    outOfMemory += run(random, (8 + random.below(10)) * PAGE_BYTES, 0.3).outOfMemory;
  });
  assert.ok(outOfMemory > 100);
});

test("a copy of a hash table has the same fields, values and expiries", () => {
  forSeeds(3, (random) => {
    const pair = run(random, 32 * MIB, 0.05);
    const target = new Arena(32 * MIB, new MemoryAccount());
    const copy = HASH_TABLE.copy(pair.arena, pair.header, target);
    assert.notEqual(copy, 0);
    pair.check(target, copy);
    assert.equal(HASH_TABLE.free(target, copy, Infinity), true);
    assert.equal(target.usedPages, 0);
    for (let pages = 1; pages < 30; pages += 3) {
      const tight = new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
      const tried = HASH_TABLE.copy(pair.arena, pair.header, tight);
      if (tried !== 0) pair.check(tight, tried);
      else assert.equal(tight.usedPages, 0);
    }
  });
});

test("a hash table is freed in slices, its ticket at once", () => {
  const pair = new Pair(32 * MIB, 1);
  for (let i = 0; i < 3000; i++) pair.write(`field${i}`, "v", i % 3 === 0 ? START_MS + i + 1 : 0);
  assert.equal(heapCount(pair.arena.words, pair.watch << 1), 1);
  let slices = 1;
  while (!HASH_TABLE.free(pair.arena, pair.header, 100)) {
    assert.equal(heapCount(pair.arena.words, pair.watch << 1), 0);
    if (slices++ % 5 === 0) HASH_TABLE.check(pair.arena, pair.header, new OwnedBlocks(pair.arena));
  }
  assert.ok(slices > 20);
  arenaIsEmptyBut(pair, pair.watch);
});

function arenaIsEmptyBut({ arena }: Pair, block: number): void {
  arena.free(block);
  assert.equal(arena.usedPages, 0);
}

test("the ticket of a hash follows the field that expires first", () => {
  const pair = new Pair(MIB, 1);
  const { arena, header, watch } = pair;
  const { words } = arena;
  const ticket = (): number => heapFirst(words, watch << 1);
  assert.equal(expiryOf(words, ticket()), Number.MAX_SAFE_INTEGER);
  assert.equal(hashOfTicket(words, ticket()), header);
  assert.equal(keyHashOfTicket(words, ticket()), KEY_HASH);
  pair.write("a", "1", START_MS + 20);
  pair.write("b", "1", START_MS + 10);
  assert.equal(expiryOf(words, ticket()), START_MS + 10);
  pair.expire("b", START_MS + 30);
  assert.equal(expiryOf(words, ticket()), START_MS + 20);
  pair.remove("a");
  assert.equal(expiryOf(words, ticket()), START_MS + 30);
  watchHash(arena, header, watch, 77);
  assert.equal(keyHashOfTicket(words, ticket()), 77);
  pair.write("b", "2", NO_EXPIRY);
  assert.equal(ticket(), 0);
  unwatchHash(arena, header);
  pair.check();
});
