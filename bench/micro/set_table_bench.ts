/**
 * A set's table against a Set of strings: asking for a member, adding and removing one, bytes per
 * member.
 *
 * Members are 16 bytes and asked for in random order. Those of the Set are strings that were just
 * made, as from a decoder, for a Set finds strings whose hash it knows much faster.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { entryHash } from "../../src/structs/byte_table.ts";
import { tableForEach } from "../../src/structs/byte_table_walk.ts";
import {
  createSetTable,
  setTable,
  setTableAdd,
  setTableFind,
  setTableRemove,
} from "../../src/structs/set_table.ts";
import type { Bench } from "../support/bench.ts";

const COUNTS: readonly number[] = [10, 1000, 100_000, 1_000_000];
const MEMBER_BYTES = 16;
const ARENA_BYTES = 512 * 1024 * 1024;
const SPREAD = 1 << 16;

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

function nameOf(i: number): string {
  return `member:${String(i).padStart(MEMBER_BYTES - 7, "0")}`;
}

/** Names of members that are in the sets, in random order, as bytes and as text. */
function drawNames(count: number) {
  const random = createRandom([1, 2, 3, count]);
  const names = Array.from({ length: Math.min(SPREAD, count * 4) }, () => {
    return nameOf(random.below(count));
  });
  const region = makeRegion(names.length * MEMBER_BYTES);
  names.forEach((name, i) => {
    new TextEncoder().encodeInto(name, region.bytes.subarray(i * MEMBER_BYTES));
  });
  return { names, region };
}

function makeTable(count: number) {
  const arena = new Arena(ARENA_BYTES, new MemoryAccount());
  const table = createSetTable(arena, 1, 2);
  const input = makeRegion(MEMBER_BYTES);
  for (let i = 0; i < count; i++) {
    new TextEncoder().encodeInto(nameOf(i), input.bytes);
    setTableAdd(arena, table, input, 0, MEMBER_BYTES);
  }
  return { arena, table, ...drawNames(count) };
}

function makeSet(count: number) {
  const set = new Set(Array.from({ length: count }, (_, i) => nameOf(i)));
  return { set, ...drawNames(count) };
}

/** A string that has no hash yet. */
function fresh(name: string): string {
  return name.slice(0, 6) + name.slice(6);
}

function benchesOf(count: number): Bench[] {
  const table = once(() => makeTable(count));
  const set = once(() => makeSet(count));
  return [
    {
      name: `set table of ${count}: find`,
      run(size) {
        const { arena, table: header, region, names } = table();
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const at = (i % names.length) * MEMBER_BYTES;
          sum ^= setTableFind(arena, header, region, at, MEMBER_BYTES);
        }
        return sum;
      },
    },
    {
      name: `Set of ${count}: has`,
      run(size) {
        const { set: members, names } = set();
        let sum = 0;
        for (let i = 0; i < size; i++) {
          if (members.has(fresh(names[i % names.length]))) sum++;
        }
        return sum;
      },
    },
    {
      name: `set table of ${count}: remove and add`,
      run(size) {
        const { arena, table: header, region, names } = table();
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const at = (i % names.length) * MEMBER_BYTES;
          const entry = setTableFind(arena, header, region, at, MEMBER_BYTES);
          setTableRemove(arena, header, entryHash(arena, header, entry), entry);
          sum += setTableAdd(arena, header, region, at, MEMBER_BYTES);
        }
        return sum;
      },
    },
    {
      name: `Set of ${count}: delete and add`,
      run(size) {
        const { set: members, names } = set();
        for (let i = 0; i < size; i++) {
          const name = fresh(names[i % names.length]);
          members.delete(name);
          members.add(name);
        }
        return members.size;
      },
    },
    {
      name: `set table of ${count}: visit all, per member`,
      run(size) {
        const { arena, table: header } = table();
        let visited = 0;
        while (visited < size) tableForEach(arena, header, () => visited++);
        return visited + setTable.sizeBytes(arena, header) / count;
      },
    },
    {
      name: `Set of ${count}: visit all, per member`,
      run(size) {
        const { set: members } = set();
        let visited = 0;
        while (visited < size) for (const member of members) visited += member.length > 0 ? 1 : 0;
        return visited;
      },
    },
  ];
}

export const setTableBenches: readonly Bench[] = COUNTS.flatMap(benchesOf);
