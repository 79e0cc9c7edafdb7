import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { PAGE_WHOLE } from "../../src/memory/arena.ts";
import { guessRef, PREFIX_BITS } from "../../src/memory/hash_index.ts";
import { Harness, HASHES } from "./index_harness.ts";
import { forSeeds } from "../support/model.ts";

const SEGMENT_ENTRIES = 1024 * 7;

test("an empty index finds nothing, and takes no memory", () => {
  const harness = new Harness(4);
  assert.equal(harness.find(1), 0);
  assert.equal(harness.index.findRef(5, 7), 0);
  assert.equal(harness.index.sample(123), 0);
  assert.equal(harness.index.bucketWord(9), 0);
  assert.equal(guessRef(harness.index.words, 0, 0), 0);
  assert.equal(harness.index.sizeBytes, 0);
  assert.equal(harness.arena.usedPages, 0);
  harness.check();
});

for (const [name, hashOf] of Object.entries(HASHES)) {
  test(`keys are found until they are removed, through splits and joins (${name} hashes)`, () => {
    const harness = new Harness(200, hashOf);
    const count = name === "good" ? 60_000 : 4000;
    for (let id = 0; id < count; id++) {
      assert.equal(harness.find(id), 0);
      assert.ok(harness.insert(id));
      if (id % 9973 === 0) harness.check();
    }
    harness.check();
    if (name === "good") assert.ok(harness.index.segmentCount >= count / SEGMENT_ENTRIES);
    for (let id = 0; id < count; id++) {
      harness.remove(id);
      assert.equal(harness.find(id), 0);
      if (id % 9973 === 0) harness.check();
    }
    harness.check();
    assert.equal(harness.index.segmentCount, 1);
    harness.index.clear();
    assert.equal(harness.arena.usedPages, 0);
  });
}

test("an index does what a map does, whatever the order", () => {
  forSeeds(9, (random, seed) => {
    const name = Object.keys(HASHES)[seed % 3];
    const shardBits = seed % 4;
    const shard = random.below(1 << shardBits);
    const harness = new Harness(64, HASHES[name], shardBits, shard);
    const ids = name === "good" ? 30_000 : 3000;
    for (let round = 0; round < 12; round++) {
      const grows = random.below(100);
      // At times only the hashes of one region change, so that neighbours differ in depth.
      const region = random.below(12);
      for (let step = 0; step < ids / 4; step++) {
        const id = random.below(ids);
        if (region < 4 && ((harness.hashOf(id) << shardBits) >>> 30) !== region) continue;
        if (harness.refs.has(id) === random.below(100) < grows) continue;
        if (harness.refs.has(id)) harness.remove(id);
        else assert.ok(harness.insert(id));
      }
      harness.check();
    }
  });
});

test("segments are joined with their twins only, in whatever order regions empty", () => {
  const regionOf = (harness: Harness, id: number): number => harness.hashOf(id) >>> 29;
  forSeeds(12, (random) => {
    const harness = new Harness(64);
    for (let id = 0; id < 40_000; id++) harness.insert(id);
    const order = Array.from({ length: 8 }, (_, i) => i).sort(() => random.int32());
    for (const region of order) {
      for (const id of [...harness.refs.keys()]) {
        if (regionOf(harness, id) === region && id % 50 !== 0) harness.remove(id);
      }
      harness.check();
    }
    assert.equal(harness.index.segmentCount, 1);
  });
});

test("take() moves nothing: all other slots stay as they are", () => {
  const harness = new Harness(64);
  for (let id = 0; id < 20_000; id++) harness.insert(id);
  const slots = new Map<number, number>();
  harness.index.forEach((slot) => slots.set(slot, harness.idAt(slot)));
  assert.equal(slots.size, 20_000);
  for (const [slot, id] of slots) {
    assert.equal(harness.idAt(slot), id);
    harness.index.take(slot);
  }
  harness.index.checkInvariants();
  assert.equal(harness.index.count, 0);
  assert.ok(harness.index.segmentCount > 1);
});

test("a full arena refuses insertions, and loses nothing", () => {
  const harness = new Harness(3);
  let id = 0;
  while (harness.insert(id)) id++;
  harness.check();
  assert.ok(id > SEGMENT_ENTRIES * 0.85, `${id} keys in three pages`);
  for (let again = 0; again < 100; again++) assert.equal(harness.insert(id + again), false);
  harness.check();
  harness.remove(0);
  assert.ok(harness.insert(0));
  harness.check();
});

/** Buckets that finding each entry, and missing in each bucket, reads on average in one segment. */
function averageProbes(entries: number): { hit: number; miss: number } {
  const harness = new Harness(40);
  // The first record takes page 7; the segment, in page 8, then splits as late as any.
  while (harness.arena.pagesEnd < 7) harness.arena.allocatePage();
  for (let id = 0; id < entries; id++) assert.ok(harness.insert(id));
  assert.equal(harness.index.segmentCount, 1);
  const { index } = harness;
  let hits = 0, misses = 0;
  index.forEach((slot) => {
    hits += 1 + (((slot >> 4) - index.hashAt(slot)) & 1023);
  });
  for (let home = 0; home < 1024; home++) {
    let reads = 1;
    for (let at = home; harness.arena.words[index.bucketWord(at)] !== 0; reads++) {
      at = (at + 1) & 1023;
    }
    misses += reads;
  }
  return { hit: hits / entries, miss: misses / 1024 };
}

test("a find reads about as many buckets as the description says", () => {
  const full = averageProbes(Math.floor(SEGMENT_ENTRIES * 0.85));
  assert.ok(Math.abs(full.hit - 1.3) < 0.05, `${full.hit}`);
  assert.ok(Math.abs(full.miss - 3.1) < 0.6, `${full.miss}`);
  const half = averageProbes(Math.floor(SEGMENT_ENTRIES * 0.425));
  assert.ok(half.hit < 1.02 && half.miss < 1.03, `${half.hit}, ${half.miss}`);
});

test("a segment that can't split fills up to its last slot", () => {
  const harness = new Harness(6);
  const filler: number[] = [];
  for (let id = 0; id < 100; id++) harness.insert(id);
  for (let page = harness.arena.allocatePage(); page !== 0;) {
    filler.push(page);
    page = harness.arena.allocatePage();
  }
  // Records of one page are enough for all: the index alone limits.
  const ref = [...harness.refs.values()][0];
  let added = 0;
  while (harness.index.insert(harness.hashOf(1_000_000 + added), ref) !== 0) added++;
  assert.equal(added + 100, SEGMENT_ENTRIES);
  harness.index.checkInvariants();
  for (let id = 0; id < 100; id++) assert.notEqual(harness.find(id), 0);
});

test("sample() gives every entry about the same chance", () => {
  for (const count of [1, 2, 30, 1500, 9000]) {
    const harness = new Harness(64);
    for (let id = 0; id < count; id++) harness.insert(id);
    const hits = new Map<number, number>();
    const draws = Math.max(count * 60, 2000);
    let state = 12345;
    for (let i = 0; i < draws; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      const slot = harness.index.sample(state ^ (state >>> 15));
      assert.notEqual(harness.index.refAt(slot), 0);
      const id = harness.idAt(slot);
      hits.set(id, (hits.get(id) ?? 0) + 1);
    }
    assert.ok(hits.size >= count * 0.98, `${hits.size} of ${count} were drawn`);
    if (count < 30) continue;
    // Chi-square of a fair draw is about its degrees of freedom.
    let chi = 0;
    for (let id = 0; id < count; id++) chi += ((hits.get(id) ?? 0) - 60) ** 2 / 60;
    assert.ok(chi < count * 1.3 + 40, `chi-square ${chi} of ${count} entries`);
  }
});

test("sample() finds the only entry of a large index", () => {
  const harness = new Harness(200);
  for (let id = 0; id < 50_000; id++) harness.insert(id);
  const slots: number[] = [];
  harness.index.forEach((slot) => slots.push(slot));
  for (const slot of slots) if (harness.idAt(slot) !== 777) harness.index.take(slot);
  for (let random = -40; random < 40; random++) {
    assert.equal(harness.idAt(harness.index.sample(random * 99_999_999)), 777);
  }
});

/** All ids whose home is one bucket, by visiting. */
function visited(harness: Harness, prefix: number, span: number, bucket: number): number[] {
  const ids: number[] = [];
  harness.index.visitBucket(prefix, span, bucket, (slot) => ids.push(harness.idAt(slot)));
  return ids;
}

test("visitBucket() finds every entry of a home bucket, round the end of the segment too", () => {
  for (const hashOf of [HASHES.crowded, HASHES.good, HASHES.colliding]) {
    const harness = new Harness(64, hashOf);
    for (let id = 0; id < 2500; id++) harness.insert(id);
    const seen: number[] = [];
    const { index } = harness;
    for (let entry = 0; entry < index.directory.length; entry++) {
      const page = index.directory[entry];
      if (entry > 0 && index.directory[entry - 1] === page) continue;
      const prefix = entry << (PREFIX_BITS - index.depth);
      const span = 1 << (PREFIX_BITS - index.segmentDepthOf(page));
      assert.equal(index.segmentAt(prefix), page);
      for (let bucket = 0; bucket < 1024; bucket++) {
        const ids = visited(harness, prefix, span, bucket);
        for (const id of ids) assert.equal(hashOf(id) & 1023, bucket);
        seen.push(...ids);
        const halves = [prefix, prefix + (span >> 1)].map((half) =>
          visited(harness, half, span >> 1, bucket)
        );
        assert.deepEqual(halves.flat().sort(), ids.sort());
      }
    }
    assert.deepEqual(seen.sort((a, b) => a - b), [...harness.refs.keys()]);
  }
});

test("visitBucket() lets the visitor take out what it visits", () => {
  const harness = new Harness(64, HASHES.crowded);
  for (let id = 0; id < 1000; id++) harness.insert(id);
  const { index } = harness;
  for (const page of index.pages()) {
    const prefix = index.directory.indexOf(page) << (PREFIX_BITS - index.depth);
    const span = 1 << (PREFIX_BITS - index.segmentDepthOf(page));
    for (let bucket = 0; bucket < 1024; bucket++) {
      index.visitBucket(prefix, span, bucket, (slot) => index.take(slot));
      index.checkInvariants();
      if (bucket === 10) bucket = 1015;
    }
  }
  assert.equal(index.count, 0);
});

test("a guess is a reference under the hash or none, whatever the hash", () => {
  forSeeds(1, (random: Xoshiro128) => {
    const harness = new Harness(64);
    for (let id = 0; id < 8000; id++) harness.insert(id);
    for (let i = 0; i < 10_000; i++) {
      const hash = random.int32();
      const word = harness.index.bucketWord(hash);
      assert.equal(harness.arena.pageClass[word >>> 14], PAGE_WHOLE);
      assert.equal(guessRef(harness.index.words, word, hash), 0);
    }
    harness.check();
  });
});
