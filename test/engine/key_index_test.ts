import assert from "node:assert/strict";
import { test } from "node:test";
import { PREFIX_START, type PrefixPosition, scanLivePrefix } from "../../src/engine/prefix_scan.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { createFixture } from "../support/engine_fixture.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { fromLatin1, latin1, MIB, Store, valueOf } from "./store.ts";

const VALUE = valueOf(10, 1);

test("the key index is there only if it is asked for", () => {
  assert.equal(new Store().db(0).keyIndex, undefined);
  const { keyIndex } = new Store({ isOrdered: true }).db(0);
  assert.equal(keyIndex?.sizeBytes, 0);
});

test("hostile prefixes and keys are told apart", () => {
  const names = ["", "\0", "\0\0", "a", "a\0", "a\0b", "a\xff", "a\xff\xff", "b*", "b\\", "\xff"];
  const keys = [...names, "x".repeat(30_720), `${"x".repeat(30_719)}y`, "x".repeat(300)];
  for (const shardBits of [0, 3]) {
    const store = new Store({ isOrdered: true, shardBits });
    const plain = new Store({ shardBits });
    for (const key of keys) {
      store.set(0, key, VALUE);
      plain.set(0, key, VALUE);
    }
    for (const key of [...keys, "ab", "c", "x".repeat(30_721), "x".repeat(20_000)]) {
      const expected = keys.filter((each) => each.startsWith(key)).sort();
      assert.deepEqual(store.keysWithPrefix(0, key), expected);
      assert.deepEqual(plain.keysWithPrefix(0, key), expected);
    }
    store.keyspace.checkInvariants();
  }
});

test("databases have indexes of their own, which go where their keys go", () => {
  const store = new Store({ isOrdered: true, shardBits: 1 });
  store.set(0, "a:0", VALUE);
  store.set(1, "a:1", VALUE);
  store.keyspace.swap(store.db(0), store.db(1));
  assert.deepEqual(store.keysWithPrefix(0, "a"), ["a:1"]);
  store.rename(0, "a:1", "b:1");
  store.copy(1, "a:0", 0, "a:2");
  store.keyspace.checkInvariants();
  assert.deepEqual(store.keysWithPrefix(0, "a"), ["a:2"]);
  assert.deepEqual(store.keysWithPrefix(0, "b"), ["b:1"]);
  store.keyspace.flush(store.db(0));
  store.keyspace.checkInvariants();
  assert.deepEqual(store.keysWithPrefix(0, ""), []);
  assert.deepEqual(store.keysWithPrefix(1, ""), ["a:0"]);
  while (store.keyspace.hasDiscarded) {
    store.keyspace.freeDiscarded(1);
    store.keyspace.checkInvariants();
  }
  store.keyspace.flushAll();
  assert.equal(store.keyspace.account.liveBytes, 0);
});

test("a flushed index is freed in slices", () => {
  const store = new Store({ isOrdered: true });
  store.set(1, "stays", VALUE);
  for (let i = 0; i < 3000; i++) store.set(0, `key:${i * 7}`, VALUE);
  const { keyspace } = store;
  const before = keyspace.account.liveBytes;
  keyspace.flush(store.db(0));
  let slices = 0;
  for (; keyspace.hasDiscarded; slices++) {
    keyspace.freeDiscarded(100);
    if (slices % 10 === 0) keyspace.checkInvariants();
    if (slices === 3) { for (let i = 0; i < 50; i++) store.set(0, `key:${i}`, VALUE); }
  }
  assert.ok(slices > 60, `${slices} slices`);
  assert.ok(before - keyspace.account.liveBytes > 3000 * 30);
  assert.equal(store.keysWithPrefix(0, "key:").length, 50);
  keyspace.checkInvariants();
});

test("a key that finds no room in the index is not there at all", () => {
  const store = new Store({ isOrdered: true, capacityBytes: 1 });
  const long = latin1(valueOf(20_000, 5));
  let set = 0, refused = 0;
  for (let i = 0; i < 2000; i++) {
    const expiresAtMs = i % 2 === 0 ? 0 : store.keyspace.nowMs + 1000;
    const key = `${i}:${i % 3 === 0 ? long : ""}`;
    if (store.attempt(() => store.set(0, key, VALUE, expiresAtMs))) set++;
    else {
      refused++;
      assert.equal(store.find(0, key), 0);
    }
  }
  assert.ok(refused > 0);
  assert.equal(store.db(0).size, set);
  store.keyspace.checkInvariants();
});

test("scans by prefix visit every key that stays, however the others come and go", () => {
  forSeeds(10, (random) => {
    const store = new Store({ isOrdered: true, shardBits: random.below(3), seed: random.int32() });
    const nameOf = (): string => `${pick(random, ["p:", "p", "q:", ""])}${random.below(400)}`;
    const staying = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const key = nameOf();
      store.set(0, key, VALUE);
      if (chance(random, 0.5)) staying.add(key);
    }
    const seen: string[] = [];
    let position: PrefixPosition | undefined = PREFIX_START;
    while (position !== undefined) {
      let visited = 0;
      const count = 1 + random.below(12);
      const db = store.db(0);
      const visit = (ref: number): void => {
        visited++;
        seen.push(store.keyOf(ref));
      };
      const prefix = fromLatin1("p:");
      position = scanLivePrefix(store.keyspace, db, db.keyIndex!, prefix, position, count, visit);
      assert.ok(visited <= count);
      for (let i = 0; i < 10; i++) {
        const key = nameOf();
        if (staying.has(key)) continue;
        if (chance(random, 0.5)) store.set(0, key, VALUE);
        else store.remove(0, key);
      }
      store.keyspace.checkInvariants();
    }
    assert.equal(new Set(seen).size, seen.length, "none twice");
    assert.ok(seen.every((key) => key.startsWith("p:")));
    for (const key of staying) if (key.startsWith("p:")) assert.ok(seen.includes(key));
  });
});

test("an index costs what its nodes take", () => {
  const store = new Store({ isOrdered: true });
  const plain = new Store();
  for (let i = 0; i < 10_000; i++) {
    const key = `key:${String(i).padStart(12, "0")}`;
    store.set(0, key, VALUE);
    plain.set(0, key, VALUE);
  }
  const more = store.keyspace.account.liveBytes - plain.keyspace.account.liveBytes;
  assert.equal(more, store.db(0).keyIndex!.sizeBytes);
  assert.ok(more / 10_000 < 9, `${more / 10_000} bytes a key`);
  assert.ok(more < MIB);
});

test("a prefix costs what it has", () => {
  const store = new Store({ isOrdered: true });
  for (let i = 0; i < 20_000; i++) store.set(0, `key:${i}`, VALUE);
  const { keyspace } = store;
  let hashed = 0;
  const hash = keyspace.hash.bind(keyspace);
  keyspace.hash = (view, offset, length) => {
    hashed++;
    return hash(view, offset, length);
  };
  assert.equal(store.keysWithPrefix(0, "key:1234").length, 11);
  assert.equal(hashed, 11);
});

test("eviction and expiry take keys out of the index", () => {
  const { clock, engine, run } = createFixture({
    families: [GENERIC_COMMANDS, STRING_COMMANDS],
    settings: { keyIndex: "radix", maxmemory: 3 * MIB, maxmemoryPolicy: "allkeys-lru" },
  });
  for (let i = 0; i < 30_000; i++) {
    const times = i % 3 === 0 ? ["PX", "50"] : [];
    run("SET", `user:${i}:${"x".repeat(i % 40)}`, "value".repeat(i % 9), ...times);
    if (i % 100 === 0) clock.advance(1);
    if (i % 1000 === 0) {
      engine.runSlice();
      engine.keyspace.checkInvariants();
    }
  }
  assert.ok(engine.stats.evictedKeys > 1000, `${engine.stats.evictedKeys} were evicted`);
  assert.ok(engine.stats.expiredKeys > 1000, `${engine.stats.expiredKeys} had expired`);
  engine.keyspace.checkInvariants();
  run("PURGE", "PREFIX", "user:");
  assert.equal(engine.keyspace.databases[0].size, 0);
  assert.equal(engine.keyspace.databases[0].keyIndex?.countOf(0), 0);
});
