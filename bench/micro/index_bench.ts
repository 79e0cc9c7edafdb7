/**
 * The index against a Map from strings, with 16-byte keys that are asked for at random.
 *
 * A Map gets strings that are there already; the index gets bytes, which it hashes and compares.
 * Prefetched means that the buckets and records of 128 keys are read before the first of them is
 * looked up.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import { Arena } from "../../src/memory/arena.ts";
import { guessRef, HashIndex } from "../../src/memory/hash_index.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { keyOffsetOf, recordSize, writeHeader } from "../../src/memory/record.ts";
import { sizeClassOf } from "../../src/memory/size_classes.ts";
import type { Bench } from "../support/bench.ts";

const KEY_BYTES = 16;
const RECORD_CLASS = sizeClassOf(recordSize(KEY_BYTES, 64, false));
const ARENA_BYTES = 384 * 1024 * 1024;
/** Keys at the most; more operations than this take some of them again. */
const KEYS = 1_000_000;
const WINDOW = 128;
const K0 = 0x2545f491;
const K1 = 0x4f6cdd1d;

/** All keys in one stretch of bytes, and a random order to ask for them. */
interface Keys {
  readonly count: number;
  readonly view: DataView;
  readonly order: Int32Array;
  readonly hashes: Int32Array;
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
  const { bytes, view } = makeRegion(count * KEY_BYTES);
  const hashes = new Int32Array(count);
  const names: string[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < count; i++) {
    const name = `key:${String(i).padStart(KEY_BYTES - 4, "0")}`;
    encoder.encodeInto(name, bytes.subarray(i * KEY_BYTES));
    hashes[i] = halfSipHash(view, i * KEY_BYTES, KEY_BYTES, K0, K1);
    names.push(name);
  }
  const random = createRandom([5, 6, 7, 8]);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return { count, view, order, hashes, names };
});

/** Makes a record of the key and enters it. @returns its slot */
function insert(index: HashIndex, { view, hashes }: Keys, key: number): number {
  const { arena, words } = index;
  const ref = arena.allocate(RECORD_CLASS);
  writeHeader(words, ref, KEY_BYTES, 0, 64, false);
  const at = keyOffsetOf(words, ref) >> 2;
  for (let i = 0; i < KEY_BYTES / 4; i++) {
    words[at + i] = view.getInt32(key * KEY_BYTES + i * 4, true);
  }
  return index.insert(hashes[key], ref);
}

const filledIndex = once((count) => {
  const index = new HashIndex(new Arena(ARENA_BYTES, new MemoryAccount()), 0);
  const keys = keysFor(count);
  for (let i = 0; i < count; i++) insert(index, keys, i);
  return index;
});

const filledMap = once((count) =>
  new Map(keysFor(count).names.map((name, i) => [name, { value: i }]))
);

/** A string like a key that was never used as one: as from a decoder, it has no hash yet. */
function freshString(name: string): string {
  return name.slice(0, 8) + name.slice(8);
}

const scratchArena = new Arena(ARENA_BYTES, new MemoryAccount());

const insertIntoIndex: Bench = {
  name: "index: insert with its record, growing from nothing",
  run(size) {
    const keys = keysFor(size);
    let sum = 0;
    for (let done = 0; done < size; done += keys.count) {
      scratchArena.reset();
      const index = new HashIndex(scratchArena, 0);
      const count = Math.min(keys.count, size - done);
      for (let i = 0; i < count; i++) sum ^= insert(index, keys, keys.order[i]);
    }
    return sum;
  },
};

const insertIntoMap: Bench = {
  name: "Map: insert, growing from nothing",
  run(size) {
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const map = new Map<string, { value: number }>();
      const end = Math.min(count, size - done);
      for (let i = 0; i < end; i++) map.set(names[order[i]], { value: i });
      sum += map.size;
    }
    return sum;
  },
};

const findOneByOne: Bench = {
  name: "index: hash and find, one by one",
  run(size) {
    const index = filledIndex(size);
    const { view, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0, at = 0; i < size; i++, at = at + 1 === count ? 0 : at + 1) {
      const offset = order[at] * KEY_BYTES;
      const hash = halfSipHash(view, offset, KEY_BYTES, K0, K1);
      sum ^= index.words[index.find(view, offset, KEY_BYTES, hash)];
    }
    return sum;
  },
};

const findPrefetched: Bench = {
  name: `index: hash and find, prefetched by ${WINDOW}`,
  run(size) {
    const index = filledIndex(size);
    const { view, order, count } = keysFor(size);
    const hashes = new Int32Array(WINDOW);
    const buckets = new Int32Array(WINDOW);
    let sum = 0, sink = 0;
    for (let first = 0; first < size; first += WINDOW) {
      const length = Math.min(WINDOW, size - first);
      for (let i = 0; i < length; i++) {
        const offset = order[(first + i) % count] * KEY_BYTES;
        hashes[i] = halfSipHash(view, offset, KEY_BYTES, K0, K1);
      }
      for (let i = 0; i < length; i++) {
        buckets[i] = index.bucketWord(hashes[i]);
        sink ^= index.words[buckets[i]];
      }
      for (let i = 0; i < length; i++) {
        sink ^= index.words[guessRef(index.words, buckets[i], hashes[i]) << 1];
      }
      for (let i = 0; i < length; i++) {
        const offset = order[(first + i) % count] * KEY_BYTES;
        sum ^= index.words[index.find(view, offset, KEY_BYTES, hashes[i])];
      }
    }
    return sum + (sink === 1 ? 1 : 0);
  },
};

const findAbsent: Bench = {
  name: "index: hash and don't find",
  run(size) {
    const index = filledIndex(size);
    const { view, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0, at = 0; i < size; i++, at = at + 1 === count ? 0 : at + 1) {
      const offset = order[at] * KEY_BYTES;
      const hash = halfSipHash(view, offset, KEY_BYTES - 1, K0, K1);
      sum += index.find(view, offset, KEY_BYTES - 1, hash);
    }
    return sum;
  },
};

const findInMap: Bench = {
  name: "Map: find by a string made for it",
  run(size) {
    const map = filledMap(size);
    const { names, order, count } = keysFor(size);
    let sum = 0;
    for (let i = 0, at = 0; i < size; i++, at = at + 1 === count ? 0 : at + 1) {
      sum ^= map.get(freshString(names[order[at]]))!.value;
    }
    return sum;
  },
};

const removeAndInsert: Bench = {
  name: "index: remove and insert again",
  run(size) {
    const index = filledIndex(size);
    const { view, order, hashes, count } = keysFor(size);
    let sum = 0;
    for (let i = 0, at = 0; i < size; i++, at = at + 1 === count ? 0 : at + 1) {
      const key = order[at];
      const slot = index.find(view, key * KEY_BYTES, KEY_BYTES, hashes[key]);
      const ref = index.refAt(slot);
      index.remove(slot);
      sum ^= index.insert(hashes[key], ref);
    }
    return sum;
  },
};

const sample: Bench = {
  name: "index: sample",
  run(size) {
    const index = filledIndex(size);
    const random = createRandom([1, 2, 3, 4]);
    let sum = 0;
    for (let i = 0; i < size; i++) sum ^= index.sample(random.int32());
    return sum;
  },
};

export const indexBenches: readonly Bench[] = [
  insertIntoIndex,
  insertIntoMap,
  findOneByOne,
  findPrefetched,
  findAbsent,
  findInMap,
  removeAndInsert,
  sample,
];
