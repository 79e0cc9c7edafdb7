/** What every eviction policy must do, as tests that are run for each. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { StringStore } from "../../bench/support/string_store.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { BLOCKS_PER_PAGE, MOVABLE_CLASSES } from "../../src/memory/size_classes.ts";
import type { MaxmemoryPolicy } from "../../src/ports/settings.ts";
import { sized } from "../support/sizes.ts";

const MB = 1024 * 1024;
const DAY_MS = 86_400_000;

/** Mean value lengths, so different that pages of one size are of no use to the next. */
const LENGTHS = [16, 200, 60, 3000, 8, 900, 20_000, 100, 40, 500];

function isVolatile(policy: MaxmemoryPolicy): boolean {
  return policy.startsWith("volatile-");
}

/** Writes so many bytes of new keys. @param expiring whether each key gets an expiry */
function fill(store: StringStore, bytes: number, meanLength: number, expiring: boolean): void {
  const random = createRandom([bytes, meanLength, 3, 4]);
  const databases = 3;
  for (let written = 0, key = random.below(1e9); written < bytes; key++) {
    const length = Math.ceil(meanLength / 2) + random.below(meanLength);
    const expiresAtMs = expiring || random.below(2) === 0
      ? store.clock.nowMs() + DAY_MS + random.below(DAY_MS)
      : 0;
    if (key % 16 === 0) {
      store.clock.advance(1);
      store.beginBatch();
    }
    assert.notEqual(store.set(key, length, expiresAtMs, key % databases), 0, "out of memory");
    store.get(key - random.below(1000), key % databases);
    const { pageBytes } = store.engine.keyspace.account;
    if (pageBytes > store.settings.maxmemory) assert.fail(`${pageBytes} bytes of pages are in use`);
    written += length + 24;
  }
}

/** Runs the tests of the contract for one policy that evicts. */
export function testPolicy(policy: MaxmemoryPolicy): void {
  const expiring = isVolatile(policy);

  test(`${policy}: memory stays within maxmemory while ten times as much of changing sizes is written`, () => {
    const maxmemory = 4 * MB;
    const store = new StringStore({ maxmemory, policy, maxValueBytes: 32_000 });
    for (const meanLength of LENGTHS) {
      fill(store, maxmemory, meanLength, expiring);
      store.engine.keyspace.checkInvariants();
    }
    const { liveBytes } = store.engine.keyspace.account;
    assert.ok(liveBytes > maxmemory * 0.5, `only ${liveBytes} bytes are used of ${maxmemory}`);
    assert.ok(store.engine.stats.evictedKeys > 0);
    assert.ok(store.engine.memory().usedBytes <= maxmemory);
  });

  test(`${policy}: evicts only what it may, and all of that`, () => {
    const store = new StringStore({ maxmemory: 4 * MB, policy, maxValueBytes: 64 });
    const expiresAtMs = store.clock.nowMs() + DAY_MS;
    for (let key = 0; key < 3000; key++) {
      store.set(key, 32, key % 3 === 0 ? expiresAtMs : 0, key % 5);
    }
    let evicted = 0;
    while (store.engine.evictor.evictOne()) evicted++;
    store.engine.keyspace.checkInvariants();
    assert.equal(evicted, expiring ? 1000 : 3000);
    assert.equal(store.engine.stats.evictedKeys, evicted);
    assert.equal(store.size, 3000 - evicted);
    for (let key = 0; key < 3000; key++) {
      assert.equal(store.find(key, key % 5) !== 0, expiring && key % 3 !== 0);
    }
  });

  test(`${policy}: candidates that were moved, replaced, persisted or removed are left alone`, () => {
    const store = new StringStore({ maxmemory: 8 * MB, policy, maxValueBytes: 2000 });
    const random = createRandom([7, 7, 7, 7]);
    const expiresAtMs = store.clock.nowMs() + DAY_MS;
    const { engine } = store;
    for (let step = 0; step < 10_000; step++) {
      const key = random.below(800), database = key % 2;
      const choice = random.below(12);
      if (choice < 5) {
        store.set(
          key,
          random.below(120),
          choice < 4 ? expiresAtMs + random.below(1000) : 0,
          database,
        );
      } else if (choice === 5) store.remove(key, database);
      else if (choice === 6) store.persist(key, database);
      else if (choice < 9) store.get(key, database);
      else if (choice === 9 && step % 20 === 0) movePages(store);
      else if (choice === 10 && step % 200 === 0) {
        engine.keyspace.swap(engine.keyspace.databases[0], engine.keyspace.databases[1]);
      } else {
        const before = volatileKeys(store), size = store.size;
        const isDone = engine.evictor.evictOne();
        assert.equal(isDone, expiring ? before > 0 : size > 0);
        assert.equal(store.size, size - (isDone ? 1 : 0));
        if (expiring && isDone) assert.equal(volatileKeys(store), before - 1, "it had no expiry");
      }
      store.clock.advance(random.below(20));
      engine.beginBatch();
      if (step % 1000 === 0) engine.keyspace.checkInvariants();
    }
  });

  test(`${policy}: the same seed evicts the same keys`, () => {
    const maxmemory = sized(2, 4) * MB;
    const held = (seed: number): string => {
      const store = new StringStore({ maxmemory, policy, maxValueBytes: 400, seed });
      fill(store, 1.5 * maxmemory, 200, expiring);
      return JSON.stringify(store.engine.stats.evictedKeys) + keysOf(store);
    };
    const first = held(1);
    assert.equal(held(1), first);
    assert.notEqual(held(2), first);
  });
}

function volatileKeys(store: StringStore): number {
  return store.engine.keyspace.databases.reduce((sum, db) => sum + db.volatileCount, 0);
}

/** A hash of which keys there are. */
function keysOf(store: StringStore): number {
  const { keyspace } = store.engine;
  let hash = 0;
  for (const db of keyspace.databases) {
    keyspace.forEach(db, (ref) => {
      hash = (hash + Math.imul(keyspace.hashOfRecord(ref), 0x9e3779b1)) | 0;
    });
  }
  return hash;
}

/** Empties each page that can be. */
function movePages({ engine }: StringStore): void {
  const [arena] = engine.keyspace.arenas;
  for (let page = 1; page < arena.pagesEnd; page++) {
    const sizeClass = arena.pageClass[page];
    if (sizeClass >= MOVABLE_CLASSES) continue;
    const used = arena.pageUsed[page];
    if (used === BLOCKS_PER_PAGE[sizeClass] || arena.freeBlocksElsewhere(page) < used) continue;
    engine.keyspace.emptyPage(0, page);
  }
}
