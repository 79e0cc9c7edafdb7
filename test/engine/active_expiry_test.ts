import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import type { Settings } from "../../src/ports/settings.ts";

const MB = 1024 * 1024;

/** @param usPerLook what each look at the clock takes */
function createStore(usPerLook = 0, settings: Partial<Settings> = {}, maxmemory = 32 * MB) {
  const time = { us: 0 };
  const store = new StringStore({
    maxmemory,
    policy: "noeviction",
    maxValueBytes: 100,
    settings,
    monotonicUs: () => time.us += usPerLook,
  });
  return { store, time, stats: store.engine.stats };
}

/** Lets time go by. */
function wait(store: StringStore, ms: number): void {
  store.clock.advance(ms);
  store.beginBatch();
}

test("where everything has expired, everything goes in one slice", () => {
  const { store, stats } = createStore();
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 20_000; key++) store.set(key, 10, expiresAtMs);
  assert.equal(store.engine.runSlice(), false);
  assert.equal(store.size, 20_000);
  wait(store, 1000);
  assert.equal(store.engine.runSlice(), false);
  assert.equal(store.size, 0);
  assert.equal(stats.expiredKeys, 20_000);
  store.engine.keyspace.checkInvariants();
});

test("nine tenths of what expired go at once, the rest within the walk, and nothing else", () => {
  const { store, stats } = createStore();
  const nowMs = store.clock.nowMs();
  // A run in the middle, which would be found last by a walk alone.
  const isShort = (key: number) => key >= 10_000 && key < 25_000;
  for (let key = 0; key < 40_000; key++) {
    store.set(key, 10, key % 4 === 3 ? 0 : nowMs + (isShort(key) ? 1000 : 1_000_000));
  }
  const short = 15_000 * 3 / 4, volatile = 30_000;
  wait(store, 1000);
  store.engine.runSlice();
  assert.ok(stats.expiredKeys > short * 0.75, `${stats.expiredKeys} of ${short}`);
  let slices = 1;
  for (; stats.expiredKeys < short; slices++) {
    assert.ok(slices <= volatile / 400 + 2, `${slices} slices, ${stats.expiredKeys} of ${short}`);
    store.engine.runSlice();
  }
  for (let i = 0; i < 100; i++) store.engine.runSlice();
  assert.equal(stats.expiredKeys, short);
  assert.equal(store.size, 40_000 - short);
  store.engine.keyspace.checkInvariants();
});

test("a slice ends when its time is over, and asks for another one", () => {
  const { store, time, stats } = createStore(10);
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 50_000; key++) store.set(key, 10, expiresAtMs);
  wait(store, 1000);
  let slices = 0;
  for (let isLate = true; isLate; slices++) {
    const before = time.us, expired = stats.expiredKeys;
    isLate = store.engine.runSlice();
    assert.ok(time.us - before <= 600, `a slice took ${time.us - before} µs`);
    if (isLate) assert.ok(stats.expiredKeys - expired >= 100 * 40, "it did little");
  }
  assert.equal(store.size, 0);
  assert.ok(slices > 9, String(slices));
  assert.ok(stats.expiredTimeCapReached >= slices - 1);
});

test("lists take turns, so that none keeps the others waiting", () => {
  const { store } = createStore(100);
  const nowMs = store.clock.nowMs();
  for (let key = 0; key < 30_000; key++) store.set(key, 10, nowMs + 1000, 0);
  for (let database = 1; database < 16; database++) {
    for (let key = 0; key < 10; key++) store.set(key, 10, nowMs + 1000, database);
  }
  wait(store, 1000);
  const { databases } = store.engine.keyspace;
  for (let slice = 0; slice < 8; slice++) store.engine.runSlice();
  assert.ok(databases[0].size > 25_000, "there is work left in the first database");
  assert.deepEqual(databases.slice(1).map((db) => db.size), Array(15).fill(0));
});

test("many databases and shards without a key to expire take no time", () => {
  const { store, time } = createStore(1, { databases: 256 }, 32 * MB);
  for (let database = 0; database < 256; database++) store.set(1, 10, 0, database);
  assert.equal(store.engine.runSlice(), false);
  assert.ok(time.us <= 2, "no list was looked at");
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let database = 0; database < 256; database++) store.set(2, 10, expiresAtMs, database);
  wait(store, 1000);
  assert.equal(store.engine.runSlice(), false);
  assert.equal(store.size, 256);
});

test("several shards are all looked at", () => {
  const store = new StringStore({
    maxmemory: 32 * MB,
    capacityBytes: 2048 * MB,
    policy: "noeviction",
    maxValueBytes: 100,
  });
  assert.ok(store.engine.keyspace.arenas.length > 1);
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 5000; key++) store.set(key, 10, expiresAtMs, key % 3);
  wait(store, 1000);
  store.engine.runSlice();
  assert.equal(store.size, 0);
  store.engine.keyspace.checkInvariants();
});

test("more effort leaves fewer expired records behind", () => {
  const leftWith = (activeExpireEffort: number): number => {
    const { store, stats } = createStore(0, { activeExpireEffort });
    const random = createRandom([4, 3, 2, 1]);
    const nowMs = store.clock.nowMs();
    for (let key = 0; key < 50_000; key++) {
      store.set(key, 10, nowMs + (random.below(2) === 0 ? 1000 : 1_000_000));
    }
    wait(store, 1000);
    store.engine.runSlice();
    return 25_000 - stats.expiredKeys;
  };
  const [least, most] = [leftWith(1), leftWith(10)];
  assert.ok(most < least / 2, `${most} ${least}`);
  assert.ok(least < 5000, String(least));
});

test("DEBUG SET-ACTIVE-EXPIRE 0 stops it, and lookups still expire", () => {
  const { store, stats } = createStore();
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 100; key++) store.set(key, 10, expiresAtMs);
  wait(store, 1000);
  store.settings.activeExpireEnabled = false;
  assert.equal(store.engine.runSlice(), false);
  assert.equal(stats.expiredKeys, 0);
  assert.equal(store.get(5), false);
  assert.equal(stats.expiredKeys, 1);
  store.settings.activeExpireEnabled = true;
  store.engine.runSlice();
  assert.equal(stats.expiredKeys, 100);
});

test("the estimate of stale records follows what the samples show", () => {
  const { store, stats } = createStore();
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 1000; key++) store.set(key, 10, expiresAtMs);
  wait(store, 1000);
  store.engine.runSlice();
  assert.ok(Math.abs(stats.expiredStalePercent - 5) < 0.01, String(stats.expiredStalePercent));
  for (let i = 0; i < 200; i++) store.engine.runSlice();
  assert.ok(stats.expiredStalePercent < 0.01);
});

test("keys that get another expiry, lose it or are flushed meanwhile are left alone", () => {
  const { store, stats } = createStore(60);
  const random = createRandom([9, 8, 7, 6]);
  const { keyspace } = store.engine;
  const expected = new Map<number, number>();
  for (let step = 0; step < 30_000; step++) {
    const key = random.below(2000);
    const choice = random.below(10);
    if (choice < 6) {
      const expiresAtMs = random.below(4) === 0 ? 0 : store.clock.nowMs() + 1 + random.below(500);
      store.set(key, random.below(100), expiresAtMs);
      expected.set(key, expiresAtMs === 0 ? Infinity : expiresAtMs);
    } else if (choice === 6) {
      if (store.persist(key)) expected.set(key, Infinity);
    } else if (choice === 7) {
      store.remove(key);
      expected.delete(key);
    } else if (step % 100 === 0) {
      if (step % 5000 === 0) {
        keyspace.flush(keyspace.databases[0]);
        expected.clear();
      }
      wait(store, random.below(50));
      store.engine.runSlice();
      keyspace.checkInvariants();
      const nowMs = store.clock.nowMs();
      for (const [known, expiresAtMs] of expected) {
        if (expiresAtMs > nowMs) assert.notEqual(store.find(known), 0, `${known} at ${step}`);
      }
    }
  }
  assert.ok(stats.expiredKeys > 1000, String(stats.expiredKeys));
});
