import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { entryHash, tableCount, tableHash, tableSizeBytes } from "../../src/structs/byte_table.ts";
import {
  ADDED,
  createSetTable,
  NO_MEMORY,
  setTable,
  setTableAdd,
  setTableFind,
  setTableRemove,
  WAS_THERE,
} from "../../src/structs/set_table.ts";
import { chance, forSeeds } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const MIB = 1024 * 1024;
const input = makeRegion(80_000);

/** Puts a member into the input, of another length for every 50th. @returns its length */
function use(id: number): number {
  const text = id % 50 === 0 ? `long:${id}`.padEnd(1000 + id * 13, "*") : `member:${id}`;
  for (let i = 0; i < text.length; i++) input.bytes[i] = text.charCodeAt(i);
  return text.length;
}

function check(arena: Arena, tables: readonly number[]): void {
  const owned = new OwnedBlocks(arena);
  for (const table of tables) {
    const before = owned.bytes;
    setTable.check(arena, table, owned);
    assert.equal(owned.bytes - before, setTable.sizeBytes(arena, table));
  }
  owned.assertComplete();
}

test("members that were added are found, and those that were removed are not", () => {
  forSeeds(3, (random) => {
    const arena = new Arena(16 * MIB, new MemoryAccount());
    const table = createSetTable(arena, random.int32(), random.int32());
    const model = new Set<number>();
    for (let step = 0; step < 6000; step++) {
      const id = random.below(1500);
      const length = use(id);
      const entry = setTableFind(arena, table, input, 0, length);
      assert.equal(entry !== 0, model.has(id));
      if (chance(random, step < 4000 ? 0.65 : 0.2)) {
        const result = setTableAdd(arena, table, input, 0, length);
        assert.equal(result, model.has(id) ? WAS_THERE : ADDED);
        model.add(id);
      } else if (entry !== 0) {
        const hash = tableHash(arena.words, table, input, 0, length);
        assert.equal(hash, entryHash(arena, table, entry));
        setTableRemove(arena, table, hash, entry);
        model.delete(id);
      }
      assert.equal(tableCount(arena.words, table), model.size);
      if (step % 1500 === 0) check(arena, [table]);
    }
    check(arena, [table]);
    assert.ok(setTable.sizeBytes(arena, table) > tableSizeBytes(arena.words, table));
  });
});

test("a copy has the same members, and freeing goes by the budget", () => {
  const source = new Arena(8 * MIB, new MemoryAccount());
  const target = new Arena(8 * MIB, new MemoryAccount());
  const table = createSetTable(source, 1, 2);
  for (let id = 0; id < 3000; id++) setTableAdd(source, table, input, 0, use(id % 2999));
  const copy = setTable.copy(source, table, target);
  for (let id = 0; id < 2999; id++) {
    assert.notEqual(setTableFind(target, copy, input, 0, use(id)), 0);
  }
  check(target, [copy]);
  let slices = 1;
  let left = tableCount(target.words, copy);
  while (!setTable.free(target, copy, 100)) {
    const now = tableCount(target.words, copy);
    assert.ok(left - now <= 130, `${left - now} members in a slice`);
    left = now;
    check(target, [copy]);
    slices++;
  }
  assert.ok(slices > 20);
  check(target, []);
  check(source, [table]);
});

test("without memory nothing is left behind", () => {
  const arena = new Arena(512 * 1024, new MemoryAccount());
  const table = createSetTable(arena, 1, 2);
  let count = 0;
  let id = 1;
  for (; id < 1_000_000; id += 50) {
    const result = setTableAdd(arena, table, input, 0, use(id));
    if (result === NO_MEMORY) break;
    count++;
  }
  assert.equal(tableCount(arena.words, table), count);
  assert.equal(setTableFind(arena, table, input, 0, use(id)), 0);
  check(arena, [table]);
  assert.equal(setTable.copy(arena, table, arena), 0);
  check(arena, [table]);
});
