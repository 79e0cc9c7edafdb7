/**
 * A hash's table against a Map of strings: getting and setting fields, growing from nothing, visiting all.
 *
 * Fields and values are 16 bytes; fields are asked for in random order. Those of the Map are strings that
 * were just made, as from a decoder, for a Map finds strings whose hash it knows much faster.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { tableFind, tableHash } from "../../src/structs/byte_table.ts";
import { tableForEach, tableRandom, tableScan } from "../../src/structs/byte_table_walk.ts";
import {
  createHashTable,
  HASH_TABLE,
  NO_EXPIRY,
  removeField,
  valueLengthOf,
  writeField,
} from "../../src/structs/hash_table.ts";
import type { Bench } from "../support/bench.ts";

const COUNTS: readonly number[] = [10, 1000, 100_000, 1_000_000];
const FIELD_BYTES = 16;
const ARENA_BYTES = 512 * 1024 * 1024;
const SPREAD = 1 << 16;
/** Below this number of operations it is about whether the bench runs. */
const TRIAL_SIZE = 1000;

const VALUE = "value of the field".slice(0, FIELD_BYTES);
const value = makeRegion(FIELD_BYTES);
new TextEncoder().encodeInto(VALUE, value.bytes);

function nameOf(i: number): string {
  return `field:${String(i).padStart(FIELD_BYTES - 6, "0")}`;
}

/** Fields in random order, as bytes and as text. */
function drawNames(count: number) {
  const random = createRandom([1, 2, 3, count]);
  const names = Array.from({ length: Math.min(SPREAD, count * 4) }, () => {
    return nameOf(random.below(count));
  });
  const region = makeRegion(names.length * FIELD_BYTES);
  names.forEach((name, i) => {
    new TextEncoder().encodeInto(name, region.bytes.subarray(i * FIELD_BYTES));
  });
  return { names, region };
}

class Table {
  readonly arena = new Arena(ARENA_BYTES, new MemoryAccount());
  readonly header = createHashTable(this.arena, 1, 2);
  readonly names: string[];
  readonly region;

  constructor(count: number) {
    const input = makeRegion(FIELD_BYTES);
    for (let i = 0; i < count; i++) {
      new TextEncoder().encodeInto(nameOf(i), input.bytes);
      this.set(input, 0);
    }
    ({ names: this.names, region: this.region } = drawNames(count));
  }

  find(region: ReturnType<typeof makeRegion>, at: number): number {
    const { arena, header } = this;
    const hash = tableHash(arena.words, header, region, at, FIELD_BYTES);
    return tableFind(arena, header, hash, region, at, FIELD_BYTES);
  }

  set(region: ReturnType<typeof makeRegion>, at: number): void {
    const { arena, header } = this;
    const hash = tableHash(arena.words, header, region, at, FIELD_BYTES);
    const old = tableFind(arena, header, hash, region, at, FIELD_BYTES);
    const length = FIELD_BYTES;
    writeField(arena, header, hash, old, region, at, length, value, 0, length, NO_EXPIRY);
  }

  remove(region: ReturnType<typeof makeRegion>, at: number): void {
    const { arena, header } = this;
    const hash = tableHash(arena.words, header, region, at, FIELD_BYTES);
    const entry = tableFind(arena, header, hash, region, at, FIELD_BYTES);
    if (entry !== 0) removeField(arena, header, hash, entry);
  }
}

class Strings {
  readonly map: Map<string, string>;
  readonly names: string[];

  constructor(count: number) {
    this.map = new Map(Array.from({ length: count }, (_, i) => [nameOf(i), VALUE]));
    this.names = drawNames(count).names;
  }
}

/** A string that has no hash yet. */
function fresh(name: string): string {
  return name.slice(0, 6) + name.slice(6);
}

/** Makes something once for each number of fields. */
function kept<T>(make: (count: number) => T): (count: number, size: number) => T {
  const made = new Map<number, T>();
  return (count, size) => {
    const actual = size < TRIAL_SIZE ? Math.min(count, TRIAL_SIZE) : count;
    const known = made.get(actual) ?? make(actual);
    made.set(actual, known);
    return known;
  };
}

const tableOf = kept((count) => new Table(count));
const stringsOf = kept((count) => new Strings(count));

function pairsOf(count: number): Bench[] {
  return [
    {
      name: `hash table of ${count}: get`,
      run(size) {
        const table = tableOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const entry = table.find(table.region, (i % table.names.length) * FIELD_BYTES);
          sum += valueLengthOf(table.arena, entry);
        }
        return sum;
      },
    },
    {
      name: `Map of ${count}: get`,
      run(size) {
        const { map, names } = stringsOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) sum += map.get(fresh(names[i % names.length]))?.length ?? 0;
        return sum;
      },
    },
    {
      name: `hash table of ${count}: set`,
      run(size) {
        const table = tableOf(count, size);
        for (let i = 0; i < size; i++) {
          table.set(table.region, (i % table.names.length) * FIELD_BYTES);
        }
        return table.header;
      },
    },
    {
      name: `Map of ${count}: set`,
      run(size) {
        const { map, names } = stringsOf(count, size);
        for (let i = 0; i < size; i++) map.set(fresh(names[i % names.length]), VALUE);
        return map.size;
      },
    },
    {
      name: `hash table of ${count}: delete and set`,
      run(size) {
        const table = tableOf(count, size);
        for (let i = 0; i < size; i++) {
          const at = (i % table.names.length) * FIELD_BYTES;
          table.remove(table.region, at);
          table.set(table.region, at);
        }
        return table.header;
      },
    },
    {
      name: `Map of ${count}: delete and set`,
      run(size) {
        const { map, names } = stringsOf(count, size);
        for (let i = 0; i < size; i++) {
          const name = fresh(names[i % names.length]);
          map.delete(name);
          map.set(name, VALUE);
        }
        return map.size;
      },
    },
  ];
}

function walksOf(count: number): Bench[] {
  return [
    {
      name: `hash table of ${count}: visit all, per field`,
      run(size) {
        const { arena, header } = tableOf(count, size);
        let visited = 0;
        while (visited < size) tableForEach(arena, header, () => visited++);
        return visited;
      },
    },
    {
      name: `Map of ${count}: visit all, per field`,
      run(size) {
        const { map } = stringsOf(count, size);
        let visited = 0;
        while (visited < size) for (const [name] of map) visited += name.length > 0 ? 1 : 0;
        return visited;
      },
    },
    {
      name: `hash table of ${count}: scan, per field`,
      run(size) {
        const { arena, header } = tableOf(count, size);
        let visited = 0, cursor = 0;
        while (visited < size) cursor = tableScan(arena, header, cursor, () => visited++);
        return visited;
      },
    },
    {
      name: `hash table of ${count}: pick at random`,
      run(size) {
        const { arena, header } = tableOf(count, size);
        const random = createRandom([1, 2, 3, 4]);
        let sum = 0;
        for (let i = 0; i < size; i++) sum ^= tableRandom(arena, header, random);
        return sum;
      },
    },
  ];
}

const growing: Bench[] = [
  {
    name: "hash table: set fields that are new, from nothing on",
    run(size) {
      const { region, names } = tableOf(1000, size);
      const { arena, header } = new Table(0);
      for (let i = 0; i < size; i++) {
        const at = (i % names.length) * FIELD_BYTES;
        region.view.setInt32(at, i, true);
        const hash = tableHash(arena.words, header, region, at, FIELD_BYTES);
        const length = FIELD_BYTES;
        writeField(arena, header, hash, 0, region, at, length, value, 0, length, NO_EXPIRY);
      }
      return HASH_TABLE.sizeBytes(arena, header);
    },
  },
  {
    name: "Map: set fields that are new, from nothing on",
    run(size) {
      const map = new Map<string, string>();
      for (let i = 0; i < size; i++) map.set(`field:${i}`, VALUE);
      return map.size;
    },
  },
];

export const byteTableBenches: readonly Bench[] = [
  ...COUNTS.flatMap(pairsOf),
  ...COUNTS.flatMap(walksOf),
  ...growing,
];
