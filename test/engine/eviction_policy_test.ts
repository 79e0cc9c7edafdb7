import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";
import { generateTrace } from "../../bench/traces/trace.ts";
import { footprint, replay } from "../../bench/traces/replay.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { createPolicy } from "../../src/engine/eviction_policy.ts";
import type { MaxmemoryPolicy, Settings } from "../../src/ports/settings.ts";
import { OutsideValues } from "../../src/engine/outside_values.ts";
import { testSettings } from "../support/test_settings.ts";

const MB = 1024 * 1024;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function createStore(policy: MaxmemoryPolicy, settings: Partial<Settings> = {}): StringStore {
  return new StringStore({ maxmemory: 4 * MB, policy, maxValueBytes: 1000, settings });
}

function wait(store: StringStore, ms: number): void {
  store.clock.advance(ms);
  store.beginBatch();
}

/** Evicts a tenth of the keys. @returns share of those evicted keys that `isExpected` is true for */
function shareEvicted(
  store: StringStore,
  count: number,
  isExpected: (key: number) => boolean,
): number {
  for (let i = 0; i < count / 10; i++) assert.equal(store.engine.evictor.evictOne(), true);
  let evicted = 0, expected = 0;
  for (let key = 0; key < count; key++) {
    if (store.find(key) !== 0) continue;
    evicted++;
    if (isExpected(key)) expected++;
  }
  assert.equal(evicted, count / 10);
  return expected / evicted;
}

for (const policy of ["allkeys-lru", "volatile-lru"] as const) {
  test(`${policy} evicts what was not accessed for the longest time`, () => {
    const store = createStore(policy);
    const expiresAtMs = store.clock.nowMs() + DAY_MS;
    for (let key = 0; key < 5000; key++) {
      if (key % 5 === 0) wait(store, 63);
      store.set(key, 10, expiresAtMs);
    }
    for (let key = 0; key < 5000; key += 2) store.get(key);
    const share = shareEvicted(store, 5000, (key) => key % 2 === 1 && key < 2000);
    assert.ok(share > 0.75, String(share));
  });
}

for (const policy of ["allkeys-lfu", "volatile-lfu"] as const) {
  test(`${policy} evicts what was asked for least, however lately`, () => {
    const store = createStore(policy, { lfuLogFactor: 0 });
    const expiresAtMs = store.clock.nowMs() + DAY_MS;
    for (let key = 0; key < 5000; key++) store.set(key, 10, expiresAtMs);
    for (let key = 0; key < 5000; key++) {
      for (let i = 0; i < (key % 5 === 0 ? 1 : 5); i++) store.get(key);
    }
    wait(store, 10_000);
    for (let key = 0; key < 5000; key += 5) store.get(key);
    const share = shareEvicted(store, 5000, (key) => key % 5 === 0);
    assert.ok(share > 0.75, String(share));
  });
}

test("a candidate that was accessed since it was seen is not evicted for what it was", () => {
  const store = createStore("allkeys-lfu", { lfuLogFactor: 0 });
  for (let key = 0; key < 2000; key++) store.set(key, 10);
  store.engine.evictor.evictOne();
  const evenKeys = (): number => {
    let even = 0;
    for (let key = 0; key < 2000; key += 2) if (store.find(key) !== 0) even++;
    return even;
  };
  // All are worth more now than any candidate was; the even ones most.
  for (let key = 0; key < 2000; key++) {
    for (let i = 0; i < (key % 2 === 0 ? 10 : 5); i++) store.get(key);
  }
  const before = evenKeys();
  for (let i = 0; i < 10; i++) store.engine.evictor.evictOne();
  assert.equal(evenKeys(), before);
});

test("volatile-ttl evicts what expires soonest", () => {
  const store = createStore("volatile-ttl");
  const nowMs = store.clock.nowMs();
  for (let key = 0; key < 5000; key++) {
    store.set(key, 10, nowMs + DAY_MS + ((key * 7919) % 5000) * 1000);
  }
  const share = shareEvicted(store, 5000, (key) => (key * 7919) % 5000 < 1000);
  assert.ok(share > 0.75, String(share));
});

for (const policy of ["allkeys-random", "volatile-random"] as const) {
  test(`${policy} evicts any key with the same chance`, () => {
    const store = createStore(policy);
    for (let key = 0; key < 5000; key++) store.set(key, 10, store.clock.nowMs() + DAY_MS);
    for (let key = 0; key < 5000; key += 2) for (let i = 0; i < 5; i++) store.get(key);
    const share = shareEvicted(store, 5000, (key) => key % 2 === 0);
    assert.ok(share > 0.4 && share < 0.6, String(share));
  });
}

test("the databases lose keys in proportion to how many they have", () => {
  const store = createStore("allkeys-lru");
  for (let key = 0; key < 10_000; key++) store.set(key, 10, 0, key % 10 === 0 ? 7 : 3);
  for (let i = 0; i < 2000; i++) store.engine.evictor.evictOne();
  const left = store.engine.keyspace.databases.map((db) => db.size);
  assert.equal(left[3] + left[7], 8000);
  assert.ok(left[7] > 700 && left[7] < 900, String(left[7]));
});

test("more samples come closer to the exact policy", () => {
  const share = (maxmemorySamples: number): number => {
    const store = createStore("allkeys-lru", { maxmemorySamples });
    for (let key = 0; key < 5000; key++) {
      if (key % 5 === 0) wait(store, 63);
      store.set(key, 10);
    }
    return shareEvicted(store, 5000, (key) => key < 510);
  };
  const one = share(1), ten = share(10), most = share(64);
  assert.ok(one < ten && ten <= most, `${one} ${ten} ${most}`);
  assert.ok(one < 0.5 && most > 0.9, `${one} ${most}`);
});

/** A policy that counts, and the access field of one record. */
function createCounting(settings: Partial<Settings>) {
  const policy = createPolicy(
    testSettings({ maxmemoryPolicy: "allkeys-lfu", ...settings }),
    createRandom([1, 2, 3, 4]),
    [],
    new OutsideValues([]),
  );
  const words = new Int32Array(8);
  policy.tick(5 * MINUTE_MS);
  policy.inserted(words, 1, 0);
  return {
    policy,
    frequency: () => policy.frequency(words[3] >>> 4),
    access(times: number): void {
      for (let i = 0; i < times; i++) policy.accessed(words, 1, 0);
    },
  };
}

test("LFU counters start at 5, grow as Redis's do for every lfu-log-factor, and end at 255", () => {
  // The table of redis.conf: counter after so many hits; counters of ours are of one run each.
  const table: [factor: number, hits: number, least: number, most: number][] = [
    [0, 100, 105, 105],
    [0, 1000, 255, 255],
    [1, 100, 14, 24],
    [1, 1000, 42, 58],
    [1, 100_000, 255, 255],
    [10, 100, 7, 13],
    [10, 1000, 14, 23],
    [10, 100_000, 125, 160],
    [10, 1_000_000, 255, 255],
    [100, 1000, 7, 13],
    [100, 100_000, 42, 60],
  ];
  for (const [lfuLogFactor, hits, least, most] of table) {
    const { access, frequency } = createCounting({ lfuLogFactor });
    assert.equal(frequency(), 5);
    access(hits);
    const counter = frequency();
    assert.ok(counter >= least && counter <= most, `${lfuLogFactor}, ${hits}: ${counter}`);
  }
});

test("LFU counters fall by one each lfu-decay-time minutes, and never when it is 0", () => {
  for (const [lfuDecayTime, after10] of [[1, 45], [2, 50], [5, 53], [0, 55]]) {
    const { policy, access, frequency } = createCounting({ lfuLogFactor: 0, lfuDecayTime });
    access(50);
    assert.equal(frequency(), 55);
    policy.tick(15 * MINUTE_MS);
    assert.equal(frequency(), after10, String(lfuDecayTime));
    policy.tick(1000 * MINUTE_MS);
    const fallen = lfuDecayTime === 0 ? 0 : Math.floor(995 / lfuDecayTime);
    assert.equal(frequency(), Math.max(0, 55 - fallen));
  }
});

test("an access first lets the counter fall, then counts", () => {
  const { policy, access, frequency } = createCounting({ lfuLogFactor: 0 });
  access(10);
  policy.tick(12 * MINUTE_MS);
  access(1);
  assert.equal(frequency(), 9);
  policy.tick(13 * MINUTE_MS);
  assert.equal(frequency(), 8);
});

test("a policy that there is not is refused", () => {
  const settings = testSettings({ maxmemoryPolicy: "allkeys-best" as MaxmemoryPolicy });
  const random = createRandom([1, 2, 3, 4]);
  assert.throws(() => createPolicy(settings, random, [], new OutsideValues([])), RangeError);
});

test("hit ratios: the default beats LFU beats LRU beats chance where few keys are popular", () => {
  const trace = generateTrace(30_000, 3000);
  const total = trace.valueBytes.reduce((sum, bytes) => sum + footprint(bytes), 0);
  const hits = (policy: MaxmemoryPolicy) => replay(trace, policy, total / 10) / trace.keys.length;
  const [best, lfu, lru, random] =
    (["allkeys-lrfu", "allkeys-lfu", "allkeys-lru", "allkeys-random"] as const).map(hits);
  assert.ok(best > lfu + 0.004, `${best} ${lfu}`);
  assert.ok(lfu > lru + 0.01, `${lfu} ${lru}`);
  assert.ok(lru > random + 0.01, `${lru} ${random}`);
});
