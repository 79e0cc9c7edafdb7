import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { scanIndexes } from "../../src/engine/scan.ts";
import { chance, forSeeds } from "../support/model.ts";
import { Harness, HASHES, type HashOf } from "../memory/index_harness.ts";

/** Indexes of several shards, over keys that are numbers. */
class Shards {
  readonly bits: number;
  readonly harnesses: Harness[];
  readonly #hashOf: HashOf;

  constructor(bits: number, pages: number, hashOf: HashOf = HASHES.good) {
    this.bits = bits;
    this.#hashOf = hashOf;
    this.harnesses = Array.from({ length: 1 << bits }, () => new Harness(pages, hashOf));
    if (bits > 0) {
      // The shard is what the leading bits say, not a choice of the harness.
      this.harnesses = this.harnesses.map(() => new Harness(pages, hashOf, bits));
      for (const harness of this.harnesses) Object.assign(harness, { hashOf });
    }
  }

  of(id: number): Harness {
    return this.harnesses[(this.#hashOf(id) >>> 1) >>> (31 - this.bits)];
  }

  get size(): number {
    return this.harnesses.reduce((sum, harness) => sum + harness.refs.size, 0);
  }

  add(id: number): void {
    if (!this.of(id).refs.has(id)) assert.ok(this.of(id).insert(id), "there is memory");
  }

  drop(id: number): void {
    if (this.of(id).refs.has(id)) this.of(id).remove(id);
  }

  /** @returns the next cursor */
  scan(cursor: number, count: number, visit: (id: number) => void): number {
    const indexes = this.harnesses.map(({ index }) => index);
    const next = scanIndexes(indexes, this.bits, cursor, count, (shard, slot) => {
      visit(this.harnesses[shard].idAt(slot));
    });
    assert.ok(Number.isSafeInteger(next) && next >= 0);
    return next;
  }
}

for (const bits of [0, 1, 5]) {
  test(`while nothing changes, every key is visited exactly once (${1 << bits} shards)`, () => {
    for (const total of [0, 1, 100, 7000, 30_000]) {
      const shards = new Shards(bits, 64);
      for (let id = 0; id < total; id++) shards.add(id);
      for (const count of [1, 10, 1000, Infinity]) {
        const seen: number[] = [];
        let cursor = 0, calls = 0;
        do {
          const before = seen.length;
          cursor = shards.scan(cursor, count, (id) => seen.push(id));
          calls++;
          assert.ok(seen.length - before < count + 64, "not many more than asked for");
        } while (cursor !== 0);
        assert.equal(seen.length, total);
        assert.equal(new Set(seen).size, total);
        assert.ok(calls <= total / count + 70, `${calls} calls for ${total} keys by ${count}`);
      }
    }
  });
}

test("a call looks at a limited number of buckets, however few keys there are", () => {
  const shards = new Shards(0, 200);
  for (let id = 0; id < 50_000; id++) shards.add(id);
  for (const slot of allSlots(shards.harnesses[0])) {
    if (shards.harnesses[0].idAt(slot) >= 400) shards.harnesses[0].index.take(slot);
  }
  const seen = new Set<number>();
  let cursor = 0, calls = 0;
  do {
    cursor = shards.scan(cursor, 900, (id) => seen.add(id));
    calls++;
  } while (cursor !== 0);
  assert.equal(seen.size, 400);
  assert.ok(calls >= 2 && calls < 10, `${calls} calls`);
});

function allSlots(harness: Harness): number[] {
  const slots: number[] = [];
  harness.index.forEach((slot) => slots.push(slot));
  return slots;
}

/**
 * Adds or drops keys that are not among the stable ones; at times those of one region of hashes
 * only.
 */
function churn(random: Xoshiro128, shards: Shards, stable: number, mood: number): void {
  const others = 40_000;
  const region = random.below(24);
  for (let i = random.below(region < 16 ? 30_000 : 3000); i >= 0; i--) {
    const id = stable + random.below(others);
    if (region < 16 && shards.of(id).hashOf(id) >>> 28 !== region) continue;
    if (random.below(100) < mood) shards.add(id);
    else shards.drop(id);
  }
}

test("a key that is there all the time is visited, whatever happens to the others", () => {
  forSeeds(24, (random, seed) => {
    const bits = seed % 3;
    const shards = new Shards(bits, 100, seed % 4 === 3 ? HASHES.colliding : HASHES.good);
    const stable = 1 + random.below(600);
    for (let id = 0; id < stable; id++) shards.add(id);
    for (let round = random.below(12); round > 0; round--) churn(random, shards, stable, 90);
    const seen = new Set<number>();
    let cursor = 0, calls = 0;
    let mood = random.below(100);
    do {
      cursor = shards.scan(cursor, 1 + random.below(300), (id) => seen.add(id));
      if (chance(random, 0.15)) mood = random.below(2) === 0 ? 3 : 97;
      if (chance(random, 0.7)) churn(random, shards, stable, mood);
      if (calls % 10 === 0) { for (const { index } of shards.harnesses) index.checkInvariants(); }
      assert.ok(++calls < 20_000, "it comes to an end");
    } while (cursor !== 0);
    for (let id = 0; id < stable; id++) assert.ok(seen.has(id), `key ${id} of ${stable}`);
  });
});

test("the same holds when whole regions of the hashes empty and fill between two calls", () => {
  forSeeds(12, (random) => {
    const shards = new Shards(random.below(2), 100);
    const stable = 400, others = 30_000;
    for (let id = 0; id < stable + others; id++) shards.add(id);
    const seen = new Set<number>();
    let cursor = 0;
    for (let calls = 0;; calls++) {
      cursor = shards.scan(cursor, 60, (id) => seen.add(id));
      if (cursor === 0) break;
      assert.ok(calls < 3000, "it comes to an end");
      if (calls % 6 !== 0) continue;
      const isFull = random.int32() & random.int32();
      for (let id = stable; id < stable + others; id++) {
        if (((isFull >>> (shards.of(id).hashOf(id) >>> 28)) & 1) === 1) shards.add(id);
        else shards.drop(id);
      }
    }
    for (const { index } of shards.harnesses) index.checkInvariants();
    for (let id = 0; id < stable; id++) assert.ok(seen.has(id), `key ${id}`);
  });
});

test("a cursor that was never given out leads to an end", () => {
  const shards = new Shards(2, 64);
  for (let id = 0; id < 20_000; id++) shards.add(id);
  forSeeds(50, (random) => {
    let cursor = random.below(2 ** 31) * 2 ** 22 + random.below(2 ** 22);
    for (let calls = 0; cursor !== 0; calls++) {
      cursor = shards.scan(cursor, 1000, (id) => assert.ok(id < 20_000));
      assert.ok(calls < 1000);
    }
  });
  for (const cursor of [Number.MAX_SAFE_INTEGER, 2 ** 37, 2 ** 37 - 1, 1, 1023, 1024]) {
    assert.ok(shards.scan(cursor, 10, () => {}) >= 0);
  }
});

test("a cursor outlives a flush", () => {
  const shards = new Shards(0, 64);
  for (let id = 0; id < 20_000; id++) shards.add(id);
  let cursor = 0;
  for (let i = 0; i < 100; i++) cursor = shards.scan(cursor, 100, () => {});
  assert.notEqual(cursor, 0);
  for (let id = 0; id < 20_000; id++) shards.drop(id);
  shards.harnesses[0].index.clear();
  assert.equal(shards.scan(cursor, 10, () => assert.fail("nothing is there")), 0);
  for (let id = 0; id < 20_000; id++) shards.add(id);
  const seen = new Set<number>();
  cursor = 0;
  do cursor = shards.scan(cursor, 100, (id) => seen.add(id)); while (cursor !== 0);
  assert.equal(seen.size, 20_000);
});
