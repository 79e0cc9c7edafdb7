import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";
import type { MaxmemoryPolicy } from "../../src/ports/settings.ts";
import { testPolicy } from "./eviction_contract.ts";

const MB = 1024 * 1024;
const DAY_MS = 86_400_000;

const EVICTING: readonly MaxmemoryPolicy[] = [
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "allkeys-lrfu",
];

for (const policy of EVICTING) testPolicy(policy);

/** Sets new keys until memory runs out. @returns how many keys there were then */
function fillUp(store: StringStore, expiresAtMs = 0): number {
  let key = 0;
  while (key < 1e6 && store.set(key, 64, expiresAtMs) !== 0) key++;
  return key;
}

test("noeviction: what does not fit is refused, and nothing is changed", () => {
  const store = new StringStore({ maxmemory: 4 * MB, policy: "noeviction", maxValueBytes: 64 });
  const held = fillUp(store);
  assert.ok(held > 20_000 && held < 60_000, String(held));
  assert.equal(store.size, held);
  for (let key = 0; key < held; key++) assert.equal(store.set(key, 10), 0);
  assert.equal(store.size, held);
  assert.equal(store.engine.stats.evictedKeys, 0);
  assert.ok(store.engine.keyspace.account.pageBytes <= 4 * MB);
  store.engine.keyspace.checkInvariants();
});

for (const policy of EVICTING.filter((each) => each.startsWith("volatile-"))) {
  test(`${policy}: memory runs out when nothing expires`, () => {
    const store = new StringStore({ maxmemory: 4 * MB, policy, maxValueBytes: 64 });
    const held = fillUp(store);
    assert.ok(held > 20_000, String(held));
    assert.equal(store.engine.stats.evictedKeys, 0);
    // Room for a list of what expires, and for some of it.
    for (let key = 0; key < 2000; key++) assert.equal(store.remove(key), true);
    for (let key = held; key < held + 5000; key++) {
      assert.notEqual(store.set(key, 64, store.clock.nowMs() + DAY_MS), 0);
    }
    assert.ok(store.engine.stats.evictedKeys > 3000);
    for (let key = 2000; key < held; key++) assert.notEqual(store.find(key), 0, "it never expires");
    store.engine.keyspace.checkInvariants();
  });
}

test("a candidate that came back in the same place without an expiry is not volatile any more", () => {
  for (let seed = 0; seed < 50; seed++) {
    const maxmemory = 4 * MB;
    const store = new StringStore({ maxmemory, policy: "volatile-lru", maxValueBytes: 64, seed });
    const expiresAtMs = store.clock.nowMs() + DAY_MS;
    for (let key = 0; key < 100; key++) store.set(key, 10, expiresAtMs);
    assert.equal(store.engine.evictor.evictOne(), true);
    // Without an expiry the record has room for twelve bytes more.
    for (let key = 0; key < 100; key++) {
      if (key % 5 === 0) continue;
      store.remove(key);
      store.set(key, 22);
    }
    while (store.engine.evictor.evictOne());
    for (let key = 0; key < 100; key++) assert.equal(store.find(key) !== 0, key % 5 !== 0);
  }
});

test("a smaller maxmemory is reached in slices, while writes go on", () => {
  let nowUs = 0;
  const store = new StringStore({
    maxmemory: 32 * MB,
    policy: "allkeys-lru",
    maxValueBytes: 64,
    monotonicUs: () => nowUs += 100,
  });
  const { engine, settings } = store;
  for (let key = 0; key < 200_000; key++) store.set(key, 64);
  settings.maxmemory = 8 * MB;
  engine.settingsChanged();
  const looks = nowUs;
  assert.notEqual(store.set(1_000_000, 64), 0, "the write is let through");
  assert.ok(nowUs - looks <= 1000, `one command took ${nowUs - looks} µs`);
  assert.ok(engine.isOverLimit);
  let slices = 0;
  while (engine.isOverLimit) {
    const before = nowUs;
    const { liveBytes, pageBytes } = engine.keyspace.account;
    assert.equal(engine.runSlice(), true);
    assert.ok(nowUs - before <= 1000, `one slice took ${nowUs - before} µs`);
    const { account } = engine.keyspace;
    assert.ok(account.liveBytes < liveBytes || account.pageBytes < pageBytes, "no progress");
    assert.ok(++slices < 10_000);
  }
  assert.ok(slices > 100, `${slices} slices`);
  assert.ok(engine.keyspace.account.pageBytes <= 8 * MB);
  engine.keyspace.checkInvariants();
});

test("a batch that has spent its time makes room only for what it adds", () => {
  let nowUs = 0;
  const store = new StringStore({
    maxmemory: 32 * MB,
    policy: "allkeys-lru",
    maxValueBytes: 64,
    monotonicUs: () => nowUs += 100,
  });
  const { engine, settings } = store;
  for (let key = 0; key < 200_000; key++) store.set(key, 64);
  settings.maxmemory = 8 * MB;
  engine.settingsChanged();
  engine.beginBatch();
  store.set(1_000_000, 64);
  store.set(1_000_001, 64);
  const live = engine.keyspace.account.liveBytes;
  const evicted = engine.stats.evictedKeys;
  for (let key = 0; key < 1000; key++) store.set(2_000_000 + key, 64);
  assert.ok(engine.keyspace.account.liveBytes <= live + 200, "memory grew");
  assert.ok(engine.stats.evictedKeys - evicted <= 1001, "more was evicted than added");
});

test("a slice evicts nothing where nothing may be evicted, and does not ask for another one", () => {
  const store = new StringStore({ maxmemory: 8 * MB, policy: "noeviction", maxValueBytes: 64 });
  for (let key = 0; key < 40_000; key++) store.set(key, 64);
  store.settings.maxmemory = 2 * MB;
  store.engine.settingsChanged();
  assert.ok(store.engine.isOverLimit);
  assert.equal(store.engine.runSlice(), false);
  assert.equal(store.size, 40_000);
});

test("a change of the policy takes effect at once", () => {
  const store = new StringStore({ maxmemory: 8 * MB, policy: "noeviction", maxValueBytes: 64 });
  for (let key = 0; key < 100; key++) {
    store.set(key, 64, key < 10 ? store.clock.nowMs() + DAY_MS : 0);
  }
  assert.equal(store.engine.evictor.evictOne(), false);
  store.settings.maxmemoryPolicy = "volatile-ttl";
  store.engine.settingsChanged();
  let evicted = 0;
  while (store.engine.evictor.evictOne()) evicted++;
  assert.equal(evicted, 10);
  store.settings.maxmemoryPolicy = "allkeys-lrfu";
  store.engine.settingsChanged();
  while (store.engine.evictor.evictOne()) evicted++;
  assert.equal(evicted, 100);
});

test("what the default policy remembers of evicted keys counts as used memory", () => {
  const store = new StringStore({ maxmemory: 8 * MB, policy: "allkeys-lrfu", maxValueBytes: 64 });
  for (let key = 0; key < 50_000; key++) store.set(key, 64);
  assert.equal(store.engine.evictor.sizeBytes, 0, "nothing was evicted yet");
  for (let key = 50_000; key < 200_000; key++) store.set(key, 64);
  const { sizeBytes } = store.engine.evictor;
  assert.ok(sizeBytes > 3 * store.size && sizeBytes < 12 * store.size, `${sizeBytes} bytes`);
  const { usedBytes, overheadBytes } = store.engine.memory();
  const { engine } = store;
  const otherBytes = engine.hotKeys.sizeBytes;
  assert.equal(usedBytes, engine.keyspace.account.pageBytes + sizeBytes + otherBytes);
  assert.ok(overheadBytes > sizeBytes);
  assert.ok(usedBytes <= 8 * MB);
});

test("flushed records are freed before any key is evicted", () => {
  const store = new StringStore({ maxmemory: 8 * MB, policy: "allkeys-lru", maxValueBytes: 64 });
  for (let key = 0; key < 40_000; key++) store.set(key, 64, 0, 0);
  for (let key = 0; key < 20_000; key++) store.set(key, 64, 0, 1);
  store.engine.keyspace.flush(store.engine.keyspace.databases[0]);
  for (let key = 0; key < 30_000; key++) store.set(key, 64, 0, 2);
  assert.equal(store.engine.stats.evictedKeys, 0);
  assert.equal(store.size, 50_000);
});
