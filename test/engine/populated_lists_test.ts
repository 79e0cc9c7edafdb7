import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import type { Database } from "../../src/engine/database.ts";
import { PopulatedLists } from "../../src/engine/populated_lists.ts";

/** Databases of two shards each, whose sizes can be changed. */
function createDatabases(sizes: readonly (readonly [number, number])[]) {
  return sizes.map((counts, index) => ({
    index,
    indexes: counts.map((count) => ({ count })),
    volatile: counts.map((count) => ({ length: Math.floor(count / 10) })),
  }));
}

function createLists(databases: ReturnType<typeof createDatabases>, volatileOnly = false) {
  const all = databases as unknown as Database[];
  return new PopulatedLists(all, volatileOnly, createRandom([1, 2, 3, 4]));
}

/** How often each list was picked, by "database.shard". */
function pickOften(lists: PopulatedLists, times: number): Record<string, number> {
  const picked: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const list = lists.pick();
    const name = `${lists.databaseOf(list)}.${lists.shardOf(list)}`;
    picked[name] = (picked[name] ?? 0) + 1;
  }
  return picked;
}

test("lists are picked in proportion to their sizes, and empty ones never", () => {
  const picked = pickOften(createLists(createDatabases([[100, 0], [0, 0], [300, 600]])), 10_000);
  assert.deepEqual(Object.keys(picked).sort(), ["0.0", "2.0", "2.1"]);
  assert.ok(Math.abs(picked["0.0"] - 1000) < 150);
  assert.ok(Math.abs(picked["2.0"] - 3000) < 250);
});

test("with volatileOnly the records that expire count", () => {
  const databases = createDatabases([[9, 0], [10, 0]]);
  assert.deepEqual(pickOften(createLists(databases, true), 100), { "1.0": 100 });
});

test("a list that became empty is not picked, one that filled up is soon", () => {
  const databases = createDatabases([[100, 0], [0, 0]]);
  const lists = createLists(databases);
  pickOften(lists, 10);
  databases[0].indexes[0].count = 0;
  assert.equal(lists.pick(), -1);
  databases[1].indexes[1].count = 1000;
  assert.deepEqual(pickOften(lists, 10), { "1.1": 10 });
  databases[0].indexes[0].count = 1000;
  assert.ok(pickOften(lists, 1000)["0.0"] > 200);
});
