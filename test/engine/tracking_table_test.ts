import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import { HashReads } from "../../src/engine/tracked_hashes.ts";
import { TrackingTable } from "../../src/engine/tracking_table.ts";

const HASH_KEY = [17, -4] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const input = makeRegion(40_000);

function put(key: string): { length: number; hash: number } {
  const bytes = encoder.encode(key);
  input.bytes.set(bytes, 8);
  const hash = halfSipHash(input.view, 8, bytes.length, ...HASH_KEY);
  return { length: bytes.length, hash };
}

function makeTable(bytes = 4 * 1024 * 1024): TrackingTable {
  return new TrackingTable(bytes, HASH_KEY);
}

function remember(table: TrackingTable, key: string, client: number): boolean {
  const { length, hash } = put(key);
  return table.remember(input, 8, length, hash, client);
}

/** The same for a key that is there. */
function rememberThere(table: TrackingTable, key: string, client: number): boolean {
  const { hash } = put(key);
  const reads = new HashReads();
  reads.hashes[0] = hash;
  reads.clients[0] = client;
  reads.count = 1;
  table.markHashes(reads);
  return reads.count === 0 || table.rememberHash(hash, client);
}

function take(table: TrackingTable, key: string): number[] {
  const { length, hash } = put(key);
  const count = table.take(input, 8, length, hash);
  return [...table.taken.subarray(0, count)].sort((a, b) => a - b);
}

describe("TrackingTable", () => {
  test("remembers the clients of a key once each, and forgets the key when it is taken", () => {
    const table = makeTable();
    for (const client of [3, 40, 3, 31, 32, 3]) assert.ok(remember(table, "k", client));
    assert.ok(remember(table, "other", 3));
    assert.equal(table.keyCount, 2);
    assert.equal(table.itemCount, 5);
    table.checkInvariants();
    assert.deepEqual(take(table, "k"), [3, 31, 32, 40]);
    assert.deepEqual(take(table, "k"), []);
    assert.equal(table.keyCount, 1);
    assert.equal(table.itemCount, 1);
    table.checkInvariants();
  });

  test("takes ten thousand clients of one key", () => {
    const table = makeTable();
    for (let client = 9_999; client >= 0; client--) remember(table, "hot", client);
    table.checkInvariants();
    assert.deepEqual(take(table, "hot"), Array.from({ length: 10_000 }, (_, i) => i));
    assert.equal(table.itemCount, 0);
    table.checkInvariants();
  });

  test("keeps keys of any length whole, the empty one included", () => {
    const table = makeTable();
    const keys = ["", "a", "abc", "b".repeat(255), "c".repeat(4_001), "d".repeat(30_720)];
    keys.forEach((key, i) => assert.ok(remember(table, key, i)));
    table.checkInvariants();
    const found = new Map<string, number>();
    const random = createRandom([1, 2, 3, 4]);
    while (table.takeRandom(random) > 0) {
      const key = decoder.decode(table.key.bytes.subarray(0, table.keyLength));
      found.set(key, table.taken[0]);
    }
    assert.deepEqual([...found].sort(), keys.map((key, i) => [key, i] as const).sort());
    assert.equal(table.keyCount, 0);
  });

  test("says no when its memory is used up, and goes on once a key is taken", () => {
    const table = makeTable(256 * 1024);
    let count = 0;
    while (remember(table, `key:${count}`, 1)) count++;
    assert.ok(count > 1_000, `only ${count} keys`);
    assert.equal(table.keyCount, count);
    table.checkInvariants();
    assert.ok(remember(table, "key:0", 1), "what is there is there");
    assert.deepEqual(take(table, "key:7"), [1]);
    assert.ok(remember(table, "key:n", 1));
    table.checkInvariants();
  });

  test("forgets clients step by step, and keys that are of nobody else", () => {
    const table = makeTable();
    for (let key = 0; key < 500; key++) {
      for (const client of [0, 33, 70]) {
        if ((key + client) % 2 === 0) remember(table, `k${key}`, client);
        if ((key + client) % 2 === 1) rememberThere(table, `there${key}`, client);
      }
    }
    const gone = new Map([[0, 1], [1, 1 << 1]]);
    let cursor = 0, steps = 0;
    do {
      cursor = table.forget(cursor, gone);
      steps++;
      table.checkInvariants();
    } while (cursor !== 0);
    assert.ok(steps > 10);
    assert.equal(table.keyCount, 500);
    assert.equal(table.itemCount, 500);
    assert.deepEqual(take(table, "k2"), [70]);
    assert.deepEqual(take(table, "k3"), []);
    assert.deepEqual(take(table, "there3"), [70]);
    assert.deepEqual(take(table, "there2"), []);
  });

  test("takes the clients of a key that is there, and of one that is not, once each", () => {
    const table = makeTable();
    for (const client of [3, 40, 3, 31, 63, 64, 3, 64, 94, 5_000, 94, 64, 95, 70]) {
      assert.ok(rememberThere(table, "k", client));
    }
    assert.equal(table.keyCount, 1);
    assert.equal(table.itemCount, 9);
    for (const client of [3, 64, 200]) assert.ok(remember(table, "k", client));
    table.checkInvariants();
    assert.equal(table.itemCount, 12);
    assert.deepEqual(take(table, "k"), [3, 31, 40, 63, 64, 70, 94, 95, 200, 5_000]);
    assert.ok(table.isOfHash);
    assert.deepEqual(take(table, "k"), []);
    assert.ok(!table.isOfHash);
    assert.deepEqual([table.keyCount, table.itemCount], [0, 0]);
    table.checkInvariants();
  });

  test("says no when there is no memory for a hash, or for one more client of it", () => {
    const table = makeTable(256 * 1024);
    let count = 0;
    while (rememberThere(table, `key:${count}`, 1)) count++;
    assert.ok(count > 4_000, `only ${count} keys`);
    table.checkInvariants();
    while (rememberThere(table, "key:0", 95 + count * 32)) count++;
    assert.ok(!rememberThere(table, "key:new", 95), "and a cell made for it is not left");
    table.checkInvariants();
    assert.deepEqual(take(table, "key:7"), [1]);
    assert.ok(rememberThere(table, "key:new", 1));
    table.checkInvariants();
  });

  test("has no place for the hash 0", () => {
    const table = makeTable();
    assert.ok(!table.rememberHash(0, 1));
    assert.deepEqual([table.keyCount, table.itemCount], [0, 0]);
    table.checkInvariants();
  });

  test("clear() gives everything back", () => {
    const table = makeTable();
    const empty = table.sizeBytes;
    for (let key = 0; key < 5_000; key++) {
      remember(table, `key ${key}`, key % 100);
      rememberThere(table, `there ${key}`, key % 100);
    }
    assert.ok(table.sizeBytes > empty + 100_000);
    table.clear();
    assert.equal(table.sizeBytes, empty);
    assert.equal(table.keyCount, 0);
    assert.equal(table.itemCount, 0);
    table.checkInvariants();
    assert.ok(remember(table, "k", 5));
  });

  for (const seed of [1, 2, 3]) {
    test(`agrees with a map of sets (seed ${seed})`, () => {
      const random = createRandom([seed, 5, 6, 7]);
      const table = makeTable();
      const model = new Map<string, Set<number>>();
      const items = (): number => [...model.values()].reduce((sum, each) => sum + each.size, 0);
      const byHash = new Map<number, string>();
      for (let step = 0; step < 4_000; step++) {
        const number = random.below(200);
        // Keys of even numbers are there.
        const key = `key:${number}`;
        byHash.set(put(key).hash, key);
        const choice = random.below(20);
        if (choice < 14) {
          const client = random.below(3) === 0
            ? random.below(2_000)
            : random.below(3) * 40 + random.below(8);
          assert.ok((number % 2 === 0 ? rememberThere : remember)(table, key, client));
          if (!model.has(key)) model.set(key, new Set());
          model.get(key)!.add(client);
        } else if (choice < 18) {
          const expected = [...model.get(key) ?? []].sort((a, b) => a - b);
          assert.deepEqual(take(table, key), expected, `step ${step}`);
          model.delete(key);
        } else if (choice === 18 && random.below(20) === 0) {
          const client = random.below(8);
          let cursor = 0;
          do cursor = table.forget(cursor, new Map([[0, 1 << client]])); while (cursor !== 0);
          for (const [name, clients] of model) {
            clients.delete(client);
            if (clients.size === 0) model.delete(name);
          }
        } else if (random.below(5) === 0 && table.takeRandom(random) > 0) {
          const name = decoder.decode(table.key.bytes.subarray(0, table.keyLength));
          model.delete(table.isOfHash ? byHash.get(table.hash)! : name);
        }
        if (step % 200 === 0) table.checkInvariants();
        assert.equal(table.keyCount, model.size, `step ${step}`);
        assert.equal(table.itemCount, items(), `step ${step}`);
      }
    });
  }
});
