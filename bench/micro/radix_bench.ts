/**
 * The radix tree against a Map and a sorted array of strings, with 16-byte keys in random order; and KEYS
 * with a prefix and new keys, with and without the ordered index.
 *
 * The radix tree gets bytes; Map and array get strings that were just made, as from a decoder. A sorted array
 * is built by inserting one by one only up to 20,000 keys, for beyond that it takes minutes.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { RadixCursor } from "../../src/structs/radix_cursor.ts";
import { radixCreate, radixFind, radixInsert, radixRemove } from "../../src/structs/radix_tree.ts";
import { type Cache, createCache } from "../../mod.ts";
import type { Bench } from "../support/bench.ts";

const KEY_BYTES = 16;
const ARENA_BYTES = 256 * 1024 * 1024;
const KEYS = 1_000_000;
const SORTED_KEYS = 20_000;
/** Keys of one prefix: those that differ in their last digit only. */
const PREFIX_BYTES = KEY_BYTES - 1;

interface Keys {
  readonly count: number;
  readonly region: ReturnType<typeof makeRegion>;
  readonly order: Int32Array;
  readonly names: readonly string[];
}

function once<T>(make: (count: number) => T): (size: number) => T {
  const made = new Map<number, T>();
  return (size) => {
    const count = Math.min(size, KEYS);
    const known = made.get(count) ?? make(count);
    made.set(count, known);
    return known;
  };
}

const keysFor = once((count): Keys => {
  const region = makeRegion(count * KEY_BYTES);
  const names: string[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < count; i++) {
    const name = `key:${String(i).padStart(KEY_BYTES - 4, "0")}`;
    encoder.encodeInto(name, region.bytes.subarray(i * KEY_BYTES));
    names.push(name);
  }
  const random = createRandom([5, 6, 7, 8]);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return { count, region, order, names };
});

/** A string that has no hash yet. */
function freshString(name: string): string {
  return name.slice(0, 8) + name.slice(8);
}

/** Where a key is, or belongs. */
function positionOf(sorted: readonly string[], key: string): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fillTree(arena: Arena, { order, region }: Keys, count: number): number {
  const tree = radixCreate(arena);
  for (let i = 0; i < count; i++) {
    radixInsert(arena, tree, region, order[i] * KEY_BYTES, KEY_BYTES, i);
  }
  return tree;
}

const filledTree = once((count) => {
  const arena = new Arena(ARENA_BYTES, new MemoryAccount());
  return { arena, tree: fillTree(arena, keysFor(count), count) };
});
const filledMap = once((count) => new Map(keysFor(count).names.map((name, i) => [name, i])));

const scratchArena = new Arena(ARENA_BYTES, new MemoryAccount());

const inserts: readonly Bench[] = [{
  name: "radix tree: insert, growing from nothing",
  run(size) {
    const keys = keysFor(size);
    let sum = 0;
    for (let done = 0; done < size; done += keys.count) {
      scratchArena.reset();
      sum += fillTree(scratchArena, keys, Math.min(keys.count, size - done));
    }
    return sum;
  },
}, {
  name: "Map: insert, growing from nothing",
  run(size) {
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const map = new Map<string, number>();
      const end = Math.min(count, size - done);
      for (let i = 0; i < end; i++) map.set(freshString(names[order[i]]), i);
      sum += map.size;
    }
    return sum;
  },
}, {
  name: `sorted array: insert, growing from nothing to ${SORTED_KEYS}`,
  run(size) {
    const { names, order, count } = keysFor(Math.min(size, SORTED_KEYS));
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const sorted: string[] = [];
      const end = Math.min(count, size - done);
      for (let i = 0; i < end; i++) {
        const key = freshString(names[order[i]]);
        sorted.splice(positionOf(sorted, key), 0, key);
      }
      sum += sorted.length;
    }
    return sum;
  },
}];

const finds: readonly Bench[] = [{
  name: "radix tree: find",
  run(size) {
    const { arena, tree } = filledTree(size);
    const { region, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      sum ^= radixFind(arena, tree, region, order[i % count] * KEY_BYTES, KEY_BYTES);
    }
    return sum;
  },
}, {
  name: "Map: find by a string made for it",
  run(size) {
    const map = filledMap(size);
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) sum ^= map.get(freshString(names[order[i % count]]))!;
    return sum;
  },
}, {
  name: "sorted array: find by a string made for it",
  run(size) {
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) sum ^= positionOf(names, freshString(names[order[i % count]]));
    return sum;
  },
}, {
  name: "radix tree: remove and insert again",
  run(size) {
    const { arena, tree } = filledTree(size);
    const { region, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const offset = order[i % count] * KEY_BYTES;
      const value = radixRemove(arena, tree, region, offset, KEY_BYTES);
      sum ^= radixInsert(arena, tree, region, offset, KEY_BYTES, value);
    }
    return sum;
  },
}];

const cursor = new RadixCursor();

const walks: readonly Bench[] = [{
  name: "radix tree: walk over all keys, for each key",
  run(size) {
    const { arena, tree } = filledTree(size);
    let sum = 0;
    for (let left = size; left > 0;) {
      for (let more = cursor.first(arena, tree); more && left > 0; more = cursor.next(), left--) {
        sum ^= cursor.value;
      }
    }
    return sum;
  },
}, {
  name: "radix tree: the (up to ten) keys of a prefix",
  run(size) {
    const { arena, tree } = filledTree(size);
    const { region, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const offset = order[i % count] * KEY_BYTES;
      let more = cursor.seekPrefix(arena, tree, region, offset, PREFIX_BYTES);
      for (; more; more = cursor.next()) sum ^= cursor.value;
    }
    return sum;
  },
}, {
  name: "sorted array: the (up to ten) keys of a prefix",
  run(size) {
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const prefix = names[order[i % count]].slice(0, PREFIX_BYTES);
      for (let at = positionOf(names, prefix); names[at]?.startsWith(prefix); at++) sum ^= at;
    }
    return sum;
  },
}, {
  name: "Map: the keys of one prefix, for each key held",
  run(size) {
    const map = filledMap(size);
    const prefix = keysFor(size).names[0].slice(0, PREFIX_BYTES);
    let sum = 0;
    for (let left = size; left > 0; left -= map.size) {
      for (const [key, value] of map) if (key.startsWith(prefix)) sum ^= value;
    }
    return sum;
  },
}];

const KINDS = ["hash", "radix"] as const;
const LOADED_AT_ONCE = 1000;

function load(cache: Cache, names: readonly string[]): void {
  for (let from = 0; from < names.length; from += LOADED_AT_ONCE) {
    cache.batch(names.slice(from, from + LOADED_AT_ONCE).map((name) => ["SET", name, "value"]));
  }
}

function emptyCache(keyIndex: (typeof KINDS)[number]): Cache {
  return createCache({ maxmemory: "512mb", maxmemoryPolicy: "noeviction", keyIndex });
}

const keyspaces: readonly Bench[] = KINDS.flatMap((keyIndex) => {
  const filled = once((count) => {
    const cache = emptyCache(keyIndex);
    load(cache, keysFor(count).names);
    return cache;
  });
  return [{
    name: `key-index ${keyIndex}: one KEYS prefix* of up to ten keys, for each key held`,
    run(size: number): number {
      const { names } = keysFor(size);
      const found = filled(size).batch([["KEYS", `${names[0].slice(0, PREFIX_BYTES)}*`]]);
      return (found[0] as string[]).length;
    },
  }, {
    name: `key-index ${keyIndex}: SET of new keys, from within the process`,
    run(size: number): number {
      const { names } = keysFor(size);
      using cache = emptyCache(keyIndex);
      load(cache, names);
      return cache.batch([["DBSIZE"]])[0] as number;
    },
  }];
});

export const radixBenches: readonly Bench[] = [...inserts, ...finds, ...walks, ...keyspaces];
