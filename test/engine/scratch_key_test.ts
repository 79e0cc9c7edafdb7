// Values made under a scratch key and moved to where they belong.

import { test } from "node:test";
import assert from "node:assert/strict";
import { ScratchKey } from "../../src/engine/scratch_key.ts";
import { readAll, setString } from "../../src/engine/strings.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { START_MS, Store } from "./store.ts";

function fill(store: Store, scratch: ScratchKey, length: number): void {
  const source = makeRegion(length);
  source.bytes.fill(120);
  setString(store.keyspace, store.db(0), scratch, 0, source, 0, length, 0);
}

test("a value goes from the scratch key to another one, in place of what was there", () => {
  for (const shardBits of [0, 2]) {
    const store = new Store({ shardBits });
    for (const length of [10, 1000, 100_000]) {
      for (const old of [0, 5, 70_000]) {
        store.remove(0, "k");
        if (old > 0) store.set(0, "k", new Uint8Array(old));
        const scratch = new ScratchKey(store.keyspace, store.db(0));
        assert.equal(scratch.find(), 0);
        fill(store, scratch, length);
        store.use("k");
        const moved = scratch.moveTo(store.batch, 0, START_MS + 1000);
        assert.equal(store.find(0, "k"), moved);
        assert.deepEqual(readAll(store.keyspace, moved), new Uint8Array(length).fill(120));
        assert.equal(store.keyspace.expiresAt(moved), START_MS + 1000);
        assert.equal(scratch.find(), 0);
        assert.equal(store.db(0).size, 1);
        store.keyspace.checkInvariants();
      }
    }
  }
});

test("what was made in vain is gone with the scratch key", () => {
  const store = new Store();
  const scratch = new ScratchKey(store.keyspace, store.db(0));
  scratch.drop();
  fill(store, scratch, 100_000);
  assert.equal(store.db(0).size, 1);
  scratch.drop();
  assert.equal(store.db(0).size, 0);
  store.keyspace.checkInvariants();
});

test("a scratch key has one argument and no commands", () => {
  const store = new Store();
  const scratch = new ScratchKey(store.keyspace, store.db(0));
  assert.throws(() => scratch.reserveArgs(1), RangeError);
  assert.throws(() => scratch.reserveCommands(1), RangeError);
});
