import assert from "node:assert/strict";
import { test } from "node:test";
import { Prefetcher } from "../../src/engine/prefetcher.ts";
import { forSeeds } from "../support/model.ts";
import { Store, valueOf } from "./store.ts";

const KEYS = 3000;
/** Larger than the number of any command. */
const NEVER = 0x7fff_ffff;

test("all keys are prefetched, window by window, and nothing changes", () => {
  for (const shardBits of [0, 3]) {
    const store = new Store({ shardBits });
    for (let i = 0; i < KEYS; i++) store.set(i % 2, `key:${i}`, valueOf(i % 50, i));
    const before = store.dump();
    const prefetcher = new Prefetcher(store.keyspace);
    for (let i = 0; i < KEYS; i++) {
      store.use(`key:${i}`);
      prefetcher.add(i, store.db(i % 2), store.batch.argHashes[0]);
    }
    let runs = 0;
    for (let command = 0; command < KEYS; command++) {
      while (command >= prefetcher.nextCommand) {
        prefetcher.run();
        runs++;
        assert.ok(prefetcher.nextCommand > command, "each window goes beyond the command at hand");
      }
    }
    assert.ok(runs > 1 && runs < KEYS / 10, `${runs} windows`);
    assert.equal(prefetcher.nextCommand, NEVER);
    assert.notEqual(prefetcher.sink, 0, "something was read");
    prefetcher.clear();
    assert.equal(prefetcher.nextCommand, NEVER, "nothing is left to read");
    assert.equal(store.dump(), before);
    store.keyspace.checkInvariants();
  }
});

test("the keys of one command are all fetched before it", () => {
  const store = new Store({ shardBits: 0 });
  const prefetcher = new Prefetcher(store.keyspace);
  for (let i = 0; i < KEYS; i++) prefetcher.add(7, store.db(0), i);
  assert.equal(prefetcher.nextCommand, 7);
  let runs = 0;
  for (; prefetcher.nextCommand <= 7; runs++) prefetcher.run();
  assert.ok(runs > 1);
  assert.equal(prefetcher.nextCommand, NEVER);
});

test("one key or two are not worth it", () => {
  const store = new Store({ shardBits: 0 });
  const prefetcher = new Prefetcher(store.keyspace);
  prefetcher.add(0, store.db(0), 1);
  prefetcher.add(1, store.db(0), 2);
  assert.equal(prefetcher.nextCommand, NEVER);
  prefetcher.add(2, store.db(0), 3);
  assert.equal(prefetcher.nextCommand, 0);
});

test("any hash may be prefetched, in any number, of empty databases too", () => {
  forSeeds(2, (random) => {
    const store = new Store({ shardBits: 5 });
    for (let i = 0; i < 500; i++) store.set(0, `key:${i}`, valueOf(i % 50, i));
    const prefetcher = new Prefetcher(store.keyspace);
    for (const count of [0, 1, 2, 3, 127, 128, 129, 1023, 1024, 1025, 5000]) {
      prefetcher.clear();
      for (let i = 0; i < count; i++) {
        prefetcher.add(i, store.db(i % 3), i === 0 ? 0 : random.int32());
      }
      while (prefetcher.nextCommand !== NEVER) prefetcher.run();
      assert.equal(Number.isInteger(prefetcher.sink), true);
    }
  });
});
