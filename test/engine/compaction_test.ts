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

test("sizes do not take pages from each other at every write", () => {
  const store = new StringStore({ maxmemory: 8 * MB, policy: "allkeys-lfu", maxValueBytes: 6000 });
  const { keyspace } = store.engine;
  let moved = 0;
  const emptyPage = keyspace.emptyPage.bind(keyspace);
  keyspace.emptyPage = (shard, page) => {
    moved += keyspace.arenas[shard].pageUsed[page];
    emptyPage(shard, page);
  };
  const random = createRandom([5, 6, 7, 8]);
  let key = 0;
  for (const meanLength of [16, 200, 60, 3000]) {
    for (let bytes = 0; bytes < 8 * MB; bytes += meanLength + 16) {
      store.set(key++, Math.ceil(meanLength / 2) + random.below(meanLength));
    }
  }
  moved = 0;
  for (let i = 0; i < 100_000; i++) store.set(key++, 4 + random.below(12), 0, i % 2);
  assert.ok(moved > 1000, "pages were emptied");
  assert.ok(moved < 200_000, `${moved} records were moved for 100,000 new ones`);
  keyspace.checkInvariants();
});
