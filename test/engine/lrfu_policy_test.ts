import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";

const MB = 1024 * 1024;

function createStore(): StringStore {
  return new StringStore({ maxmemory: 8 * MB, policy: "allkeys-lrfu", maxValueBytes: 40_000 });
}

/** Lets rounds go by: as many accesses as there are keys, each. */
function letRoundsGoBy(store: StringStore, rounds: number, key: number): void {
  const accesses = rounds * store.size;
  for (let i = 0; i < accesses; i++) store.get(key);
}

function frequencyOf(store: StringStore, key: number): number {
  return store.engine.keyspace.frequency(store.find(key));
}

test("a counter begins with 1, grows with each access to 7, and halves every 8 rounds", () => {
  const store = createStore();
  for (let key = 0; key < 1024; key++) store.set(key, 10);
  assert.equal(frequencyOf(store, 5), 1);
  const seen: number[] = [];
  for (let i = 0; i < 8; i++) {
    store.get(5);
    seen.push(frequencyOf(store, 5));
  }
  assert.deepEqual(seen, [2, 3, 4, 5, 6, 7, 7, 7]);
  letRoundsGoBy(store, 7, 6);
  assert.equal(frequencyOf(store, 5), 7);
  letRoundsGoBy(store, 2, 6);
  assert.equal(frequencyOf(store, 5), 3);
  letRoundsGoBy(store, 8, 6);
  assert.equal(frequencyOf(store, 5), 1);
  letRoundsGoBy(store, 100, 6);
  assert.equal(frequencyOf(store, 5), 0);
  store.get(5);
  assert.equal(frequencyOf(store, 5), 1);
});

test("one that comes back after it was evicted starts where it was", () => {
  const store = createStore();
  for (let key = 0; key < 2048; key++) store.set(key, 10);
  for (let key = 0; key < 2048; key += 2) for (let i = 0; i < 6; i++) store.get(key);
  for (let i = 0; i < 2000; i++) store.engine.evictor.evictOne();
  let isBack = 0, popular = 0;
  for (let key = 0; key < 2048; key++) {
    if (store.find(key) !== 0) continue;
    store.set(key, 10);
    const counter = frequencyOf(store, key);
    if (key % 2 === 1) {
      assert.ok(counter <= 2, `${counter} without a GET`);
    } else {
      popular++;
      // 7 and the new access; or 3 and one more, where a half-life ended meanwhile.
      if (counter === 7 || counter === 4) isBack++;
      else assert.equal(counter, 1, "it is forgotten, not mistaken");
    }
  }
  // Ghosts have places for all keys, but a bucket of four may overflow.
  assert.ok(isBack > 0.7 * popular, `${isBack} of ${popular}`);
  store.set(5000, 10);
  assert.equal(frequencyOf(store, 5000), 1);
});

test("of keys alike the larger goes; sixteen times the size weighs as much as twice the accesses", () => {
  const store = createStore();
  for (let key = 0; key < 4000; key++) store.set(key, key % 4 === 0 ? 1000 : 10);
  for (let i = 0; i < 400; i++) store.engine.evictor.evictOne();
  let large = 0;
  for (let key = 0; key < 4000; key += 4) if (store.find(key) === 0) large++;
  assert.ok(large > 390, `${large} of 400 were large`);
  // Popular enough, the large ones stay and the small ones go.
  for (let key = 0; key < 4000; key += 4) for (let i = 0; i < 6; i++) store.get(key);
  for (let i = 0; i < 400; i++) store.engine.evictor.evictOne();
  let stillLarge = 0;
  for (let key = 0; key < 4000; key += 4) if (store.find(key) !== 0) stillLarge++;
  assert.ok(stillLarge > 1000 - large - 20, `${stillLarge} large ones are left`);
});

test("a value in pages counts with all of its pages", () => {
  const store = createStore();
  for (let key = 0; key < 100; key++) store.set(key, key === 50 ? 40_000 : 4000);
  for (let i = 0; i < 10; i++) store.engine.evictor.evictOne();
  assert.equal(store.find(50), 0);
});

test("the idle time is told, though records hold no time", () => {
  const store = createStore();
  const idle = (key: number) => store.engine.keyspace.idleSeconds(store.find(key));
  const wait = (seconds: number): void => {
    store.clock.advance(seconds * 1000);
    store.beginBatch();
  };
  store.beginBatch();
  store.set(1, 10);
  assert.equal(idle(1), 0);
  wait(90);
  assert.equal(idle(1), 90);
  store.set(2, 10);
  wait(3600);
  assert.deepEqual([idle(1), idle(2)], [3690, 3600]);
  store.get(1);
  assert.deepEqual([idle(1), idle(2)], [0, 3600]);
});
