import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { emptySparsePage } from "./compaction_support.ts";
import { KEEP_TTL } from "../../src/engine/record_kinds.ts";
import { readAll } from "../../src/engine/strings.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { sized } from "../support/sizes.ts";
import { areSameBytes, DATABASES, fromLatin1, latin1, MIB, Store, valueOf } from "./store.ts";

/** What a key holds, and when it goes. */
interface Entry {
  value: Uint8Array;
  expiresAtMs: number;
}

const KEY_LENGTHS = [0, 1, 3, 4, 5, 16, 254, 255, 256, 30_720];
const VALUE_LENGTHS = [0, 1, 20, 21, 44, 45, 200, 31_743, 31_744, 31_745, 65_535, 65_536, 65_537];
const LARGE_LENGTHS = [200_000, 3 * MIB];

/** Drives a keyspace and a plain map of maps with the same random operations. */
class Model {
  readonly store: Store;
  readonly random: Xoshiro128;
  readonly databases: Map<string, Entry>[] = [];
  readonly keys: string[];
  largest = 0.03;
  outOfMemory = 0;
  #mark = 0;

  constructor(random: Xoshiro128, { capacityBytes, shardBits, keys }: Case, isOrdered: boolean) {
    this.random = random;
    this.store = new Store({ capacityBytes, shardBits, isOrdered, seed: random.int32() });
    for (let i = 0; i < DATABASES; i++) this.databases.push(new Map());
    this.keys = Array.from(
      { length: keys },
      (_, i) => i < KEY_LENGTHS.length ? latin1(valueOf(KEY_LENGTHS[i], 3)) : `key:${i}`,
    );
  }

  get nowMs(): number {
    return this.store.keyspace.nowMs;
  }

  /** The entry of a key that is alive; drops one whose time has come. */
  entry(db: number, key: string): Entry | undefined {
    const entry = this.databases[db].get(key);
    if (entry === undefined || entry.expiresAtMs === 0 || entry.expiresAtMs > this.nowMs) {
      return entry;
    }
    this.databases[db].delete(key);
    return undefined;
  }

  value(): Uint8Array {
    const { random } = this;
    if (chance(random, 0.2)) return fromLatin1(String(random.int32()));
    const lengths = chance(random, this.largest) ? LARGE_LENGTHS : VALUE_LENGTHS;
    const length = chance(random, 0.4) ? random.below(90) : pick(random, lengths);
    return valueOf(length, this.#mark++);
  }

  moment(): number {
    return this.nowMs + 1 + this.random.below(chance(this.random, 0.5) ? 200 : 100_000_000);
  }

  expiry(): number {
    const { random } = this;
    return chance(random, 0.5) ? 0 : chance(random, 0.3) ? KEEP_TTL : this.moment();
  }

  /** Does the same to both; what finds no memory is done to neither. */
  attempt(run: () => void, update: () => void): void {
    if (this.store.attempt(run)) update();
    else this.outOfMemory++;
  }

  step(): void {
    const db = this.random.below(DATABASES);
    const key = pick(this.random, this.keys);
    const kind = this.random.below(100);
    const isThere = this.entry(db, key) !== undefined;
    if (kind < 30) this.set(db, key);
    else if (kind < 55) isThere ? this.change(kind % 5, db, key) : this.set(db, key);
    else if (kind < 70) this.remove(db, key);
    else if (kind < 85) this.checkKey(db, key);
    else if (kind < 90) this.store.keyspace.nowMs += this.random.below(150);
    else if (kind < 93) this.compact();
    else if (kind < 95) this.sample(db);
    else if (kind < 97) this.expireSome(db);
    else if (kind < 98) this.whole(db);
    else this.store.keyspace.freeDiscarded(1 + this.random.below(20));
  }

  set(db: number, key: string): void {
    const value = this.value();
    const expiry = this.expiry();
    const old = this.entry(db, key);
    const expiresAtMs = expiry === KEEP_TTL ? old?.expiresAtMs ?? 0 : expiry;
    const update = (): void => {
      this.databases[db].set(key, { value, expiresAtMs });
    };
    this.attempt(() => this.store.set(db, key, value, expiry), update);
  }

  /** Changes a key that is there. */
  change(kind: number, db: number, key: string): void {
    const { random, store } = this;
    const entry = this.entry(db, key)!;
    if (kind === 0) {
      const expiresAtMs = this.moment();
      this.attempt(() => store.expire(db, key, expiresAtMs), () => entry.expiresAtMs = expiresAtMs);
    } else if (kind === 1) {
      const had = entry.expiresAtMs !== 0;
      this.attempt(
        () => assert.equal(store.persist(db, key), had),
        () => entry.expiresAtMs = 0,
      );
    } else if (kind === 2) {
      this.write(db, key, entry);
    } else if (kind === 3) {
      const to = pick(random, this.keys);
      this.attempt(() => store.rename(db, key, to), () => {
        this.databases[db].delete(key);
        this.databases[db].set(to, entry);
      });
    } else {
      const to = pick(random, this.keys);
      const target = random.below(DATABASES);
      const copied = { ...entry };
      this.attempt(
        () => store.copy(db, key, target, to),
        () => this.databases[target].set(to, copied),
      );
    }
  }

  write(db: number, key: string, entry: Entry): void {
    const { random, store } = this;
    const old = entry.value.length;
    const part = this.value();
    const start = chance(random, 0.6) ? old : random.below(old + 50);
    if (start + part.length > 4 * MIB) return;
    this.attempt(() => store.write(db, key, start, part), () => {
      const value = new Uint8Array(Math.max(old, start + part.length));
      value.set(entry.value);
      value.set(part, start);
      entry.value = value;
    });
  }

  remove(db: number, key: string): void {
    const isThere = this.entry(db, key) !== undefined;
    assert.equal(this.store.remove(db, key), isThere);
    this.databases[db].delete(key);
  }

  checkKey(db: number, key: string): void {
    const { store } = this;
    const entry = this.entry(db, key);
    const value = store.get(db, key);
    assert.equal(value === undefined, entry === undefined, "the key is there");
    if (entry === undefined) return;
    assert.ok(areSameBytes(value!, entry.value), "the value is the one written");
    assert.equal(store.keyspace.expiresAt(store.find(db, key)), entry.expiresAtMs);
  }

  compact(): void {
    for (let i = 0; i < 4; i++) emptySparsePage(this.store.keyspace);
  }

  sample(db: number): void {
    const ref = this.store.keyspace.randomKey(this.store.db(db));
    const live = this.keys.filter((key) => this.entry(db, key) !== undefined);
    if (ref === 0) assert.equal(live.length, 0);
    else assert.ok(live.includes(this.store.keyOf(ref)));
  }

  /** As the active expiry does. */
  expireSome(db: number): void {
    const { keyspace } = this.store;
    const database = this.store.db(db);
    for (let shard = 0; shard < keyspace.arenas.length; shard++) {
      const list = database.volatile[shard];
      for (let i = list.length - 1; i >= 0; i--) {
        if (i < list.length) keyspace.expireIfDue(database, shard, list.at(i));
      }
    }
    for (const key of this.keys) this.entry(db, key);
    assert.equal(database.size, this.databases[db].size, "all whose time has come are gone");
  }

  /** What concerns whole databases. */
  whole(db: number): void {
    const { keyspace } = this.store;
    const kind = this.random.below(8);
    if (kind < 4) {
      const other = (db + 1) % DATABASES;
      keyspace.swap(this.store.db(db), this.store.db(other));
      [this.databases[db], this.databases[other]] = [this.databases[other], this.databases[db]];
    } else if (kind < 7) {
      keyspace.flush(this.store.db(db));
      this.databases[db].clear();
    } else if (chance(this.random, 0.3)) {
      keyspace.flushAll();
      for (const each of this.databases) each.clear();
    }
  }

  checkAll(): void {
    const { store } = this;
    store.keyspace.checkInvariants();
    for (let db = 0; db < DATABASES; db++) {
      const live = this.keys.filter((key) => this.entry(db, key) !== undefined);
      assert.deepEqual(store.keys(db), live.sort());
      const prefix = pick(this.random, this.keys).slice(0, 5);
      const inside = live.filter((key) => key.startsWith(prefix));
      assert.deepEqual(store.keysWithPrefix(db, prefix), inside);
      assert.ok(store.db(db).size >= live.length);
      store.keyspace.forEach(store.db(db), (ref) => {
        const entry = this.entry(db, store.keyOf(ref))!;
        assert.ok(areSameBytes(readAll(store.keyspace, ref), entry.value), "as written");
        assert.equal(store.keyspace.expiresAt(ref), entry.expiresAtMs);
      });
    }
  }

  /** Empties everything; then nothing may be in use but what an empty store keeps. */
  end(): void {
    const { keyspace } = this.store;
    for (let db = 0; db < DATABASES; db++) {
      for (const key of this.keys) this.remove(db, key);
      assert.equal(this.store.db(db).size, 0);
      assert.equal(this.store.db(db).volatileCount, 0);
    }
    while (keyspace.hasDiscarded) keyspace.freeDiscarded(7);
    keyspace.checkInvariants();
    const kept = keyspace.arenas.reduce((sum, arena) => sum + arena.usedPages, 0);
    // The headers of ordered indexes share one.
    const headers = this.store.db(0).keyIndex === undefined ? 0 : 1;
    const most = (2 * DATABASES + headers) * keyspace.arenas.length;
    assert.ok(kept <= most, `${kept} pages are left`);
    keyspace.flushAll();
    assert.equal(keyspace.account.pageBytes, 0);
    assert.equal(keyspace.account.liveBytes, 0);
  }
}

interface Case {
  readonly name: string;
  readonly capacityBytes: number;
  readonly shardBits: number;
  readonly keys: number;
  readonly seeds: number;
  readonly steps: number;
  /** Share of values that are large. */
  readonly largest: number;
}

const CASES: readonly Case[] = [
  {
    name: "few keys",
    capacityBytes: 64 * MIB,
    shardBits: 0,
    keys: 14,
    seeds: sized(3, 6),
    steps: 500,
    largest: 0.03,
  },
  {
    name: "many keys",
    capacityBytes: 64 * MIB,
    shardBits: 0,
    keys: 3000,
    seeds: 2,
    steps: 9000,
    largest: 0,
  },
  {
    name: "too little memory",
    capacityBytes: 1,
    shardBits: 0,
    keys: 60,
    seeds: sized(3, 6),
    steps: 500,
    largest: 0.4,
  },
  {
    name: "two shards",
    capacityBytes: 64 * MIB,
    shardBits: 1,
    keys: 40,
    seeds: 4,
    steps: 400,
    largest: 0.02,
  },
  {
    name: "32 shards",
    capacityBytes: 64 * MIB,
    shardBits: 5,
    keys: 400,
    seeds: 2,
    steps: 900,
    largest: 0,
  },
];

for (const each of CASES) {
  for (const isOrdered of [false, true]) {
    const suffix = isOrdered ? ", with an ordered index" : "";
    test(`a keyspace does what maps do: ${each.name}${suffix}`, () => runCase(each, isOrdered));
  }
}

function runCase(each: Case, isOrdered: boolean): void {
  let outOfMemory = 0;
  forSeeds(each.seeds, (random) => {
    const model = new Model(random, each, isOrdered);
    model.largest = each.largest;
    const pause = each.keys > 100 ? 300 : 1;
    for (let step = 0; step < each.steps; step++) {
      model.step();
      if (step % pause === 0) model.store.keyspace.checkInvariants();
      if (step % (pause * 50) === 0) model.checkAll();
    }
    model.checkAll();
    model.end();
    outOfMemory += model.outOfMemory;
  });
  if (each.capacityBytes === 1) assert.ok(outOfMemory > 0, "memory ran out now and then");
}
