import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { compactOnePage } from "../../src/engine/compaction.ts";

const MB = 1024 * 1024;

/** A store of records of 128 bytes. */
function createStore(keys: number): StringStore {
  const store = new StringStore({
    maxmemory: 16 * MB,
    policy: "noeviction",
    maxValueBytes: 40_000,
  });
  for (let key = 0; key < keys; key++) store.set(key, 100);
  return store;
}

/** Compacts until nothing is left to do. @returns pages that were emptied */
function compactAll({ engine }: StringStore): number {
  const random = createRandom([1, 2, 3, 4]);
  let pages = 0;
  while (compactOnePage(engine.keyspace, random)) pages++;
  return pages;
}

test("holes all over the arena become free pages, and every key is still there", () => {
  const store = createStore(40_000);
  const { keyspace } = store.engine;
  const pagesBefore = keyspace.account.pageBytes;
  for (let key = 0; key < 40_000; key++) if (key % 4 !== 0) store.remove(key);
  assert.equal(keyspace.account.pageBytes, pagesBefore, "each page still has a record");
  const live = keyspace.account.liveBytes;
  compactAll(store);
  keyspace.checkInvariants();
  assert.equal(keyspace.account.liveBytes, live);
  assert.ok(keyspace.account.pageBytes < pagesBefore / 2);
  assert.ok(keyspace.account.pageBytes < live * 1.1, "little is lost");
  for (let key = 0; key < 40_000; key++) assert.equal(store.find(key) !== 0, key % 4 === 0);
});

test("nothing is moved where it would not free a page", () => {
  assert.equal(compactAll(createStore(0)), 0);
  assert.equal(compactAll(createStore(100)), 0);
  const full = createStore(40_000);
  assert.equal(compactAll(full), 0);
});

test("pages of values are left alone", () => {
  const store = createStore(0);
  for (let key = 0; key < 200; key++) store.set(key, 40_000);
  for (let key = 0; key < 200; key += 2) store.remove(key);
  compactAll(store);
  store.engine.keyspace.checkInvariants();
  for (let key = 1; key < 200; key += 2) assert.notEqual(store.find(key), 0);
});

test("records that expire, of several databases and of flushed ones, may be moved", () => {
  const store = createStore(0);
  const { keyspace } = store.engine;
  const expiresAtMs = store.clock.nowMs() + 1000;
  for (let key = 0; key < 30_000; key++) {
    store.set(key, 100, key % 3 === 0 ? expiresAtMs : 0, key % 4);
  }
  for (let key = 0; key < 30_000; key++) if (key % 5 !== 0) store.remove(key, key % 4);
  keyspace.flush(keyspace.databases[1]);
  const pagesBefore = keyspace.account.pageBytes;
  compactAll(store);
  assert.ok(keyspace.account.pageBytes < pagesBefore);
  keyspace.checkInvariants();
  while (keyspace.hasDiscarded) keyspace.freeDiscarded(1000);
  store.clock.advance(2000);
  store.beginBatch();
  while (store.engine.runSlice());
  keyspace.checkInvariants();
  for (let key = 0; key < 30_000; key += 5) {
    assert.equal(store.find(key, key % 4) !== 0, key % 4 !== 1 && key % 3 !== 0, String(key));
  }
});
