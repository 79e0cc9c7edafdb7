import assert from "node:assert/strict";
import { test } from "node:test";
import { KEEP_TTL, MAX_SHARDS } from "../../src/engine/keyspace.ts";
import { ENCODING_RAW, makeKind, TYPE_STRING } from "../../src/engine/record_kinds.ts";
import { shardBitsFor } from "../../src/engine/shards.ts";
import { sizeClassOf } from "../../src/memory/size_classes.ts";
import { emptySparsePage } from "./compaction_support.ts";
import { fromLatin1, latin1, MIB, START_MS, Store, valueOf } from "./store.ts";

const PAGE_BYTES = 65_536;

/** Values of which the table, the tail or the record needs memory of its own. */
const LENGTHS = [1, 100, 10_000, 31_744, 31_745, 65_536, 65_537, 131_073];

test("a store has as many shards as its capacity needs", () => {
  const shards = (capacityBytes: number): number => 2 ** shardBitsFor(capacityBytes);
  assert.equal(shards(1), 1);
  for (let bits = 0; bits < 5; bits++) {
    assert.equal(shards(768 * MIB * 2 ** bits), 2 ** bits);
    assert.equal(shards(768 * MIB * 2 ** bits + 1), 2 ** (bits + 1));
  }
  assert.equal(shards(2 ** 50), MAX_SHARDS);
});

test("two shards of one GiB each hold keys, and a store that is too large for them says so", () => {
  const { keyspace } = new Store({ capacityBytes: 2 ** 40, shardBits: 1 });
  assert.equal(keyspace.capacityBytes, 2 * 768 * MIB);
  assert.deepEqual(keyspace.arenas.map((arena) => arena.bytes.length > 900 * MIB), [true, true]);
});

test("references of the upper shards are negative, and as good as any", () => {
  const store = new Store({ shardBits: 5 });
  let negative = 0;
  for (let i = 0; i < 2000; i++) {
    const ref = store.set(0, `key:${i}`, fromLatin1(`value ${i}`), START_MS + 1 + i % 2);
    if (ref < 0) negative++;
    assert.equal(store.keyOf(ref), `key:${i}`);
    assert.equal(store.keyspace.refOf(ref >>> 27, store.keyspace.localOf(ref)), ref);
    assert.equal(store.keyspace.shardOf(store.keyspace.hashOfRecord(ref)), ref >>> 27);
    store.keyspace.touch(ref);
  }
  assert.ok(negative > 800 && negative < 1200, `${negative} of 2000`);
  store.keyspace.checkInvariants();
  for (let i = 0; i < 2000; i++) assert.equal(latin1(store.get(0, `key:${i}`)!), `value ${i}`);
  const seen = new Set<string>();
  for (let i = 0; i < 5000; i++) seen.add(store.keyOf(store.keyspace.randomKey(store.db(0))));
  assert.ok(seen.size > 1700, "keys of all shards are picked");
  store.keyspace.nowMs += 1;
  assert.equal(store.keys(0).length, 1000);
});

test("a key goes when its time has come, and is counted as expired", () => {
  const store = new Store();
  store.set(0, "k", fromLatin1("v"), START_MS + 10);
  store.keyspace.nowMs = START_MS + 9;
  assert.notEqual(store.find(0, "k"), 0);
  store.keyspace.nowMs = START_MS + 10;
  assert.equal(store.db(0).size, 1);
  assert.equal(store.find(0, "k"), 0);
  assert.equal(store.stats.expiredKeys, 1);
  assert.deepEqual([store.db(0).size, store.db(0).volatileCount], [0, 0]);
  store.keyspace.checkInvariants();
});

test("a key overwritten after its time counts as expired, and KEEP_TTL keeps nothing", () => {
  const store = new Store();
  for (const length of [1, 5000]) {
    store.set(0, "k", valueOf(1, 1), START_MS + 10);
    store.keyspace.nowMs = START_MS + 10;
    const ref = store.set(0, "k", valueOf(length, 1), KEEP_TTL);
    assert.equal(store.keyspace.expiresAt(ref), 0);
    store.keyspace.nowMs = START_MS;
    store.keyspace.checkInvariants();
  }
  assert.equal(store.stats.expiredKeys, 2);
});

test("lookups count hits, misses and accesses", () => {
  const store = new Store();
  const { keyspace, batch, stats } = store;
  store.set(0, "k", fromLatin1("v"));
  const ref = store.find(0, "k");
  keyspace.nowMs += 3_600_000;
  keyspace.access.tick(keyspace.nowMs);
  assert.ok(keyspace.idleSeconds(ref) >= 3599);
  keyspace.isTouching = false;
  keyspace.lookupRead(store.db(0), batch, 0);
  assert.ok(keyspace.idleSeconds(ref) >= 3599);
  keyspace.isTouching = true;
  assert.equal(keyspace.lookupRead(store.db(0), batch, 0), ref);
  assert.equal(keyspace.idleSeconds(ref), 0);
  store.use("none");
  assert.equal(keyspace.lookupRead(store.db(0), batch, 0), 0);
  assert.equal(keyspace.lookupWrite(store.db(0), batch, 0), 0);
  assert.deepEqual([stats.keyspaceHits, stats.keyspaceMisses], [2, 1]);
});

test("an expiry comes and goes on keys of every length", () => {
  const store = new Store();
  for (const keyLength of [0, 1, 4, 5, 250, 254, 255, 256, 30_720]) {
    const key = latin1(valueOf(keyLength, 9));
    for (const length of [0, 8, 20, 44, 3000, 31_744, 70_000]) {
      const value = valueOf(length, keyLength);
      store.set(0, key, value);
      for (let round = 0; round < 2; round++) {
        const ref = store.expire(0, key, Number.MAX_SAFE_INTEGER);
        assert.equal(store.keyspace.expiresAt(ref), Number.MAX_SAFE_INTEGER);
        assert.equal(store.keyspace.expiresAt(store.expire(0, key, START_MS + 1)), START_MS + 1);
        assert.equal(store.keyOf(ref), key);
        assert.deepEqual(store.get(0, key), value);
        assert.equal(store.persist(0, key), true);
        assert.equal(store.persist(0, key), false);
        assert.deepEqual(store.get(0, key), value);
      }
      store.keyspace.checkInvariants();
    }
  }
});

test("rename keeps the value, the expiry and the access time, and copies no page", () => {
  const store = new Store();
  const { keyspace } = store;
  for (const length of LENGTHS) {
    const value = valueOf(length, 2);
    store.set(0, "from", value, START_MS + 77);
    store.set(0, "to", valueOf(200_000, 1));
    keyspace.access.tick(START_MS + 3_600_000);
    const before = keyspace.arenas[0].usedPages;
    store.rename(0, "from", "to");
    keyspace.checkInvariants();
    assert.ok(keyspace.arenas[0].usedPages <= before, "no page was needed");
    assert.deepEqual(store.get(0, "to"), value);
    const ref = store.find(0, "to");
    assert.equal(keyspace.expiresAt(ref), START_MS + 77);
    assert.ok(keyspace.idleSeconds(ref) >= 3599);
    assert.equal(store.find(0, "from"), 0);
    store.rename(0, "to", "to");
    assert.deepEqual(store.get(0, "to"), value);
    keyspace.access.tick(START_MS);
    store.remove(0, "to");
  }
});

test("copies are of their own", () => {
  const store = new Store({ shardBits: 2 });
  for (const length of LENGTHS) {
    const value = valueOf(length, 4);
    store.set(0, "a", value, START_MS + 5);
    for (const [db, name] of [[0, "b"], [1, "a"], [1, "c"], [0, "a"]] as const) {
      store.copy(0, "a", db, name);
      store.keyspace.checkInvariants();
      assert.deepEqual(store.get(db, name), value);
      assert.equal(store.keyspace.expiresAt(store.find(db, name)), START_MS + 5);
    }
    store.write(0, "a", 0, fromLatin1("changed"));
    assert.deepEqual(store.get(1, "a"), value);
    store.keyspace.checkInvariants();
  }
});

test("swap exchanges keys with their expiries; flush empties one database only", () => {
  const store = new Store();
  const { keyspace } = store;
  for (let i = 0; i < 300; i++) {
    store.set(0, `a${i}`, valueOf(i * 10, i), i % 2 === 0 ? START_MS + 10 : 0);
    store.set(1, `b${i}`, valueOf(i * 300, i), START_MS + 10);
  }
  const dirty = store.stats.dirty;
  keyspace.swap(store.db(0), store.db(1));
  assert.deepEqual([store.db(0).volatileCount, store.db(1).volatileCount], [300, 150]);
  assert.deepEqual(store.get(1, "a7"), valueOf(70, 7));
  keyspace.flush(store.db(0));
  assert.equal(store.stats.dirty, dirty + 1 + 300);
  assert.deepEqual([store.db(0).size, store.db(1).size], [0, 300]);
  assert.equal(keyspace.hasDiscarded, true);
  keyspace.checkInvariants();
  let slices = 0;
  for (; keyspace.hasDiscarded; slices++) {
    keyspace.freeDiscarded(40);
    keyspace.checkInvariants();
    while (emptySparsePage(keyspace)) keyspace.checkInvariants();
  }
  assert.ok(slices >= 5, `${slices} slices of 40 for 300 records`);
  assert.deepEqual(store.get(1, "a299"), valueOf(2990, 299));
  keyspace.flush(store.db(1));
  assert.equal(keyspace.hasDiscarded, false, "nothing else was left, so all went at once");
  assert.equal(keyspace.account.pageBytes, 0);
});

test("several flushes wait in line, and a flush of everything ends them", () => {
  const store = new Store();
  const { keyspace } = store;
  store.set(2, "stays", fromLatin1("here"));
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 100; i++) store.set(0, `k${i}`, valueOf(50, i), START_MS + 1);
    keyspace.flush(store.db(0));
    keyspace.freeDiscarded(10);
    keyspace.checkInvariants();
  }
  for (let i = 0; i < 50; i++) keyspace.freeDiscarded(10);
  assert.equal(keyspace.hasDiscarded, false);
  keyspace.checkInvariants();
  assert.equal(latin1(store.get(2, "stays")!), "here");
  store.set(0, "k", valueOf(50, 1));
  keyspace.flush(store.db(0));
  keyspace.flushAll();
  assert.equal(keyspace.hasDiscarded, false);
  assert.equal(keyspace.account.liveBytes, 0);
  keyspace.freeDiscarded(10);
  keyspace.checkInvariants();
});

test("emptyPage() moves records without anybody noticing", () => {
  const store = new Store();
  const { keyspace } = store;
  for (let i = 0; i < 4000; i++) {
    store.set(i % 3, `key:${i}`, valueOf(500 + i % 4 * 100, i), i % 2 === 0 ? START_MS + 1 + i : 0);
  }
  for (let i = 0; i < 4000; i++) if (i % 5 !== 0) store.remove(i % 3, `key:${i}`);
  const before = store.dump();
  const pages = keyspace.arenas[0].usedPages;
  let moved = 0;
  while (emptySparsePage(keyspace)) {
    moved++;
    keyspace.checkInvariants();
  }
  assert.ok(moved > 0 && keyspace.arenas[0].usedPages <= pages - moved);
  assert.equal(store.dump(), before);
});

test("resize() keeps what fits of the value part", () => {
  const store = new Store();
  const kind = makeKind(TYPE_STRING, ENCODING_RAW);
  const value = valueOf(1000, 3);
  for (const length of [0, 1, 999, 1000, 1001, 31_744]) {
    for (const expiry of [0, START_MS + 9]) {
      let ref = store.set(0, "k", value, expiry);
      ref = store.keyspace.resize(store.db(0), store.batch, 0, ref, kind, length);
      const kept = Math.min(length, 1000);
      assert.equal(store.keyspace.valueLength(ref), length);
      assert.deepEqual(store.get(0, "k")!.subarray(0, kept), value.subarray(0, kept));
      assert.equal(store.keyspace.expiresAt(ref), expiry);
      store.keyspace.checkInvariants();
    }
  }
});

test("what a record takes in memory is what the arena lost", () => {
  const store = new Store();
  const { account } = store.keyspace;
  store.set(0, "other", valueOf(1, 1), START_MS + 1);
  for (const length of LENGTHS) {
    const before = account.liveBytes;
    const ref = store.set(0, "k", valueOf(length, 1));
    assert.equal(store.keyspace.recordBytes(ref), account.liveBytes - before + 12, `${length}`);
    const moved = store.expire(0, "k", START_MS + 1);
    assert.equal(store.keyspace.recordBytes(moved), account.liveBytes - before + 16);
    store.remove(0, "k");
    assert.equal(account.liveBytes, before);
  }
});

// Running out of memory

/** A store that has just so many free pages; its records fill no page of the classes below. */
function nearlyFull(freePages: number): Store {
  const store = new Store({ capacityBytes: 1 });
  const arena = store.keyspace.arenas[0];
  store.set(0, "short", fromLatin1("abc"));
  store.set(0, "number", fromLatin1("12345"));
  store.set(0, "inline", valueOf(30_000, 1));
  store.set(0, "inline too", valueOf(30_000, 1));
  store.set(0, "paged", valueOf(70_000, 2));
  store.set(0, "even", valueOf(131_072, 3));
  // Nearly all of it at once, as every step copies what is there.
  store.set(1, "ballast", valueOf((arena.freePages - 16) * PAGE_BYTES, 0));
  assert.ok(arena.freePages > freePages);
  while (arena.freePages > freePages) store.append(1, "ballast", valueOf(PAGE_BYTES, 0));
  assert.equal(arena.freePages, freePages);
  return store;
}

/** Its record is of a size that nothing else has. */
const LONG_NAME = "name".repeat(200);

const ATTEMPTS: Readonly<Record<string, (store: Store) => void>> = {
  "a short value": (store) => store.set(0, "new", fromLatin1("abc")),
  "the first value of a database": (store) => store.set(2, "new", fromLatin1("abc")),
  "a value of another class": (store) => store.set(0, "new", valueOf(1500, 1)),
  "a value with an expiry": (store) => store.set(0, "new", fromLatin1("abc"), START_MS + 1),
  "a paged value": (store) => store.set(0, "new", valueOf(40_000, 1)),
  "a paged value under a long name": (store) => store.set(0, LONG_NAME, valueOf(40_000, 1)),
  "a copy of a paged value under a long name": (store) => store.copy(0, "paged", 0, LONG_NAME),
  "a paged value of two pages and a tail": (store) => store.set(0, "new", valueOf(150_000, 1)),
  "a longer value over a short one": (store) => store.set(0, "short", valueOf(5000, 1)),
  "a paged value over a short one": (store) => store.set(0, "short", valueOf(99_000, 1)),
  "a paged value over a paged one": (store) => store.set(0, "paged", valueOf(140_000, 1)),
  "an expiry": (store) => store.expire(0, "short", START_MS + 1),
  "an expiry of a long value": (store) => store.expire(0, "inline", START_MS + 1),
  "an expiry of a paged value": (store) => store.expire(0, "paged", START_MS + 1),
  "more behind a short value": (store) => store.append(0, "short", valueOf(2000, 1)),
  "more behind an integer": (store) => store.append(0, "number", valueOf(2000, 1)),
  "so much more that it takes pages": (store) => store.append(0, "inline", valueOf(2000, 1)),
  "so much more that it takes two": (store) => store.append(0, "inline", valueOf(66_000, 1)),
  "more behind a tail": (store) => store.append(0, "paged", valueOf(20_000, 1)),
  "more than a page behind a tail": (store) => store.append(0, "paged", valueOf(80_000, 1)),
  "more behind a last page": (store) => store.append(0, "even", valueOf(10, 1)),
  "far behind the end": (store) => store.write(0, "even", 400_000, valueOf(10, 1)),
  "far behind the end of a short one": (store) => store.write(0, "short", 100_000, valueOf(9, 1)),
  "a name of a long value": (store) => store.rename(0, "inline", "other".repeat(100)),
  "a name of a paged value": (store) => store.rename(0, "paged", "other".repeat(500)),
  "a copy": (store) => store.copy(0, "inline", 0, "other"),
  "a copy of a paged value": (store) => store.copy(0, "paged", 0, "other"),
  "a copy over a paged value": (store) => store.copy(0, "even", 0, "paged"),
  "a copy to another database": (store) => store.copy(0, "short", 2, "short"),
  "a value as long as the store": (store) => store.set(0, "new", valueOf(4 * MIB, 1)),
};

for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  test(`without memory for it, nothing changes: ${name}`, () => {
    let failures = 0, successes = 0;
    for (const freePages of [0, 1, 2, 3, 5, 7]) {
      const store = nearlyFull(freePages);
      const before = store.dump();
      const { dirty } = store.stats;
      const { pageBytes } = store.keyspace.account;
      if (store.attempt(() => attempt(store))) {
        successes++;
        assert.notEqual(store.dump(), before);
      } else {
        failures++;
        assert.ok(store.dump() === before, `with ${freePages} free pages`);
        assert.equal(store.stats.dirty, dirty);
        // A page that a list or an index got in advance is kept.
        assert.ok(store.keyspace.account.pageBytes - pageBytes <= PAGE_BYTES);
      }
      store.keyspace.checkInvariants();
      assert.deepEqual(store.get(0, "number") === undefined, false);
      store.keyspace.flushAll();
      assert.equal(store.keyspace.account.liveBytes, 0);
    }
    assert.ok(failures > 0 || name.startsWith("a short"), "there was too little once");
    assert.ok(successes > 0 || name.includes("as long as the store"), "there was enough once");
  });
}

test("overwriting in place works without a free page", () => {
  const store = nearlyFull(0);
  for (
    const [key, at] of [["paged", 0], ["paged", 69_990], ["even", 65_530], ["inline", 5]] as const
  ) {
    const expected = store.get(0, key)!;
    expected.set(valueOf(10, 5), at);
    store.write(0, key, at, valueOf(10, 5));
    assert.deepEqual(store.get(0, key), expected);
  }
  store.set(0, "short", fromLatin1("xyz"));
  store.rename(0, "short", "sharp");
  assert.equal(latin1(store.get(0, "sharp")!), "xyz");
  store.keyspace.checkInvariants();
});

test("a list of expiring keys that finds no page leaves the key as it is", () => {
  const store = nearlyFull(0);
  const before = store.dump();
  assert.equal(store.attempt(() => store.expire(0, "short", START_MS + 1)), false);
  assert.equal(store.dump(), before);
  assert.equal(store.db(0).volatileCount, 0);
  store.remove(0, "even");
  assert.equal(store.attempt(() => store.expire(0, "short", START_MS + 1)), true);
  assert.equal(store.db(0).volatileCount, 1);
  store.keyspace.checkInvariants();
});

test("a key that expires already needs no more room in the list", () => {
  const store = new Store({ capacityBytes: 1 });
  const entries = PAGE_BYTES / 4;
  for (let i = 0; i < entries; i++) store.set(0, `key:${i}`, fromLatin1("abcd"), START_MS + 1);
  store.set(1, "a record of the larger class", valueOf(200, 1));
  while (store.attempt(() => store.set(1, `ballast ${store.db(1).size}`, valueOf(65_000, 1))));
  while (store.attempt(() => store.set(1, `more ${store.db(1).size}`, valueOf(30_000, 1))));
  assert.equal(store.attempt(() => store.set(0, "one more", fromLatin1("a"), START_MS + 1)), false);
  const ref = store.set(0, "key:77", valueOf(205, 1), START_MS + 2);
  assert.equal(store.keyspace.expiresAt(ref), START_MS + 2);
  assert.equal(store.db(0).volatileCount, entries);
  store.keyspace.checkInvariants();
});

test("keys are refused when the arena is full, and accepted again when some are gone", () => {
  const store = new Store({ capacityBytes: 1 });
  let count = 0;
  while (store.attempt(() => store.set(0, `key:${count}`, valueOf(100, count), START_MS + 1))) {
    count++;
  }
  assert.ok(count > 80_000, `${count} keys in 17 MB`);
  store.keyspace.checkInvariants();
  const size = sizeClassOf(140);
  assert.ok(size > 0);
  for (let i = 0; i < count; i += 2) store.remove(0, `key:${i}`);
  store.keyspace.checkInvariants();
  for (let i = 0; i < count; i += 4) store.set(0, `key:${i}`, valueOf(100, i), START_MS + 1);
  store.keyspace.checkInvariants();
  for (let i = 1; i < count; i += 2) assert.deepEqual(store.get(0, `key:${i}`), valueOf(100, i));
  assert.equal(store.db(0).size, Math.floor(count / 2) + Math.ceil(count / 4));
});
