import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { Purges } from "../../src/engine/purges.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { fromLatin1, Store, valueOf } from "./store.ts";

const VALUE = valueOf(10, 1);

/** A clock by which every step of a job takes so long that it is a slice of its own. */
function slowClock(): Clock {
  let us = 0;
  return { ...createManualClock(0), monotonicUs: () => us += 1000 };
}

for (const isOrdered of [false, true]) {
  const kind = isOrdered ? "radix" : "hash";

  test(`a purge removes what begins with the prefix, ${kind}`, () => {
    const store = new Store({ isOrdered, shardBits: 1 });
    for (const key of ["", "a", "a:", "a:1", "a:2", "a;", "b:1", "a:\0", "\0"]) {
      store.set(0, key, VALUE);
      store.set(1, key, VALUE);
    }
    const purges = new Purges(store.keyspace, createManualClock(0));
    const dirty = store.stats.dirty;
    const job = purges.start(store.db(0), fromLatin1("a:"));
    assert.ok(job.isDone);
    assert.equal(job.removed, 4);
    assert.equal(store.stats.dirty, dirty + 4);
    assert.equal(purges.count, 0);
    assert.deepEqual(store.keys(0), ["", "\0", "a", "a;", "b:1"]);
    assert.equal(store.db(1).size, 9);
    assert.equal(purges.start(store.db(0), fromLatin1("none")).removed, 0);
    assert.equal(purges.start(store.db(0), fromLatin1("")).removed, 5);
    assert.equal(store.db(0).size, 0);
    store.keyspace.checkInvariants();
  });

  test(`expired keys are removed, but not counted, ${kind}`, () => {
    const store = new Store({ isOrdered });
    store.set(0, "a:1", VALUE, store.keyspace.nowMs + 10);
    store.set(0, "a:2", VALUE, store.keyspace.nowMs + 1000);
    store.keyspace.nowMs += 10;
    const purges = new Purges(store.keyspace, createManualClock(0));
    assert.equal(purges.start(store.db(0), fromLatin1("a")).removed, 1);
    assert.equal(store.stats.expiredKeys, 1);
    assert.equal(store.db(0).size, 0);
  });

  test(`several purges go on in slices, in turn, ${kind}`, () => {
    const store = new Store({ isOrdered });
    for (let i = 0; i < 3000; i++) store.set(0, `${"abc"[i % 3]}:${i}`, VALUE);
    const purges = new Purges(store.keyspace, slowClock());
    const ended: string[] = [];
    for (const prefix of ["a:", "b:"]) {
      const job = purges.start(store.db(0), fromLatin1(prefix));
      assert.ok(!job.isDone);
      job.onDone = (removed) => ended.push(`${prefix} ${removed}`);
    }
    assert.equal(purges.count, 2);
    const halfway = store.db(0).size;
    assert.ok(halfway < 3000 && halfway > 2000);
    let slices = 0;
    for (; purges.count > 0; slices++) purges.slice();
    assert.deepEqual(ended.sort(), ["a: 1000", "b: 1000"]);
    assert.equal(store.db(0).size, 1000);
    assert.ok(slices >= 14, `${slices} slices`);
    purges.slice();
    store.keyspace.checkInvariants();
  });

  test(`a purge follows its keys when databases are swapped, ${kind}`, () => {
    const store = new Store({ isOrdered });
    for (let i = 0; i < 1000; i++) {
      store.set(0, `a:${i}`, VALUE);
      store.set(1, `a:${i}`, VALUE);
    }
    const purges = new Purges(store.keyspace, slowClock());
    const job = purges.start(store.db(0), fromLatin1("a:"));
    store.keyspace.swap(store.db(0), store.db(1));
    while (purges.count > 0) purges.slice();
    assert.equal(job.removed, 1000);
    assert.equal(store.db(0).size, 1000);
    assert.equal(store.db(1).size, 0);
  });

  test(`a purge ends when its database is flushed, ${kind}`, () => {
    const store = new Store({ isOrdered });
    store.set(1, "a:other", VALUE);
    for (let i = 0; i < 1000; i++) store.set(0, `a:${i}`, VALUE);
    const purges = new Purges(store.keyspace, slowClock());
    const job = purges.start(store.db(0), fromLatin1("a:"));
    store.keyspace.flush(store.db(0));
    store.set(0, "a:new", VALUE);
    while (purges.count > 0) purges.slice();
    assert.ok(job.isDone && job.removed < 1000);
    assert.deepEqual(store.keys(0), ["a:new"]);
  });

  test(`all that is there from the first slice on is removed, nothing else but of the prefix, ${kind}`, () => {
    forSeeds(8, (random) => {
      const store = new Store({ isOrdered, shardBits: random.below(2), seed: random.int32() });
      const nameOf = (): string => `${pick(random, ["p:", "p", "q:"])}${random.below(2000)}`;
      for (let i = 0; i < 900; i++) store.set(0, nameOf(), VALUE);
      const doomed = new Set(store.keysWithPrefix(0, "p:"));
      const others = new Set(store.keys(0).filter((key) => !key.startsWith("p:")));
      const purges = new Purges(store.keyspace, slowClock());
      purges.start(store.db(0), fromLatin1("p:"));
      while (purges.count > 0) {
        for (let i = 0; i < 20; i++) {
          const key = nameOf();
          if (chance(random, 0.5)) {
            store.set(0, key, VALUE);
            doomed.delete(key);
            if (!key.startsWith("p:")) others.add(key);
          } else {
            store.remove(0, key);
            others.delete(key);
          }
        }
        purges.slice();
      }
      const left = store.keys(0);
      assert.deepEqual(left.filter((key) => doomed.has(key)), []);
      assert.deepEqual(left.filter((key) => !key.startsWith("p:")), [...others].sort());
      store.keyspace.checkInvariants();
    });
  });
}
