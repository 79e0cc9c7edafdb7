import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import { GhostTable } from "../../src/engine/ghost_table.ts";

/** Different well mixed hashes. */
function hashes(count: number, seed = 1): number[] {
  const random = createRandom([seed, 2, 3, 4]);
  return Array.from({ length: count }, () => random.int32());
}

test("ghostTable.recall() gives back a counter once", () => {
  const table = new GhostTable(1000);
  table.remember(123, 0, 7);
  assert.equal(table.recall(124 << 8, 0), 0);
  assert.equal(table.recall(123, 0), 7);
  assert.equal(table.recall(123, 0), 0);
});

test("a counter halves with each epoch, across the end of its four bits", () => {
  for (const epoch of [0, 14, 31, 1000]) {
    for (let age = 0; age < 5; age++) {
      const table = new GhostTable(1000);
      table.remember(-5, epoch, 7);
      assert.equal(table.recall(-5, epoch + age), 7 >> age);
    }
  }
});

test("as many ghosts as keys are remembered, but for full buckets; the latest for sure", () => {
  const table = new GhostTable(10_000);
  const all = hashes(10_000);
  for (const hash of all) table.remember(hash, 0, 3);
  assert.ok(all.slice(-10).every((hash) => table.recall(hash, 0) === 3));
  const found = all.filter((hash) => table.recall(hash, 0) === 3).length;
  assert.ok(found > 7500, String(found));
  assert.ok(hashes(10_000, 9).filter((hash) => table.recall(hash, 0) !== 0).length < 10);
});

test("old ghosts make place for new ones", () => {
  const table = new GhostTable(1000);
  const old = hashes(1000, 1);
  for (const hash of [...old, ...hashes(10_000, 2)]) table.remember(hash, 0, 3);
  assert.ok(old.filter((hash) => table.recall(hash, 0) !== 0).length < 5);
});

test("a table that grows keeps what it remembered until it has remembered as much anew", () => {
  const table = new GhostTable(1000);
  const [early, late] = [hashes(800, 1), hashes(2000, 2)];
  for (const hash of early) table.remember(hash, 0, 5);
  assert.equal(table.sizeBytes, 4000);
  table.ensureCapacity(1400);
  assert.equal(table.sizeBytes, 4000);
  table.ensureCapacity(4000);
  assert.equal(table.sizeBytes, 20_000);
  const found = early.filter((hash) => table.recall(hash, 0) === 5).length;
  assert.ok(found > 600, String(found));
  for (const hash of late) table.remember(hash, 0, 2);
  assert.equal(table.sizeBytes, 16_000);
  assert.ok(late.filter((hash) => table.recall(hash, 0) === 2).length > 1700);
  assert.equal(early.filter((hash) => table.recall(hash, 0) !== 0).length, 0);
});
