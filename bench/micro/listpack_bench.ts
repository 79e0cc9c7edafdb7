/**
 * Listpack and intset against what a TypeScript author would take: an array, a Map, a Set, a sorted array.
 *
 * They stop being worth it where a search through all elements takes longer than hashing, which is what
 * the limits of the compact encodings are about. Elements are 12 bytes, found in random order; those
 * of arrays and Maps are strings that were just made, as from a decoder.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import * as intset from "../../src/structs/intset.ts";
import * as listpack from "../../src/structs/listpack.ts";
import type { Bench } from "../support/bench.ts";

const LIST_COUNTS: readonly number[] = [10, 128, 512];
const SET_COUNTS: readonly number[] = [10, 512, 4000, 100_000, 1_000_000];
const ELEMENT_BYTES = 12;
const SEARCHES = 4096;
/** Sorted arrays and intsets are built by inserting one by one only up to so many. */
const INSERTED_COUNT = 4000;

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

function nameOf(i: number): string {
  return `element:${String(i).padStart(ELEMENT_BYTES - 8, "0")}`;
}

function regionOf(text: string) {
  const region = makeRegion(text.length);
  new TextEncoder().encodeInto(text, region.bytes);
  return region;
}

function makeList(count: number) {
  const region = makeRegion(count * (ELEMENT_BYTES + 2) + 64);
  const names = Array.from({ length: count }, (_, i) => nameOf(i));
  const sources = names.map(regionOf);
  listpack.writeEmpty(region.bytes, 0);
  for (const source of sources) listpack.append(region, 0, source, 0, ELEMENT_BYTES);
  const random = createRandom([1, 2, 3, count]);
  const order = Int32Array.from({ length: SEARCHES }, () => random.below(count));
  return { count, region, names, sources, order, map: new Map(names.map((name, i) => [name, i])) };
}

/** A string that has no hash yet. */
function fresh(name: string): string {
  return name.slice(0, 6) + name.slice(6);
}

function listBenches(count: number): Bench[] {
  const list = once(() => makeList(count));
  return [
    {
      name: `listpack of ${count}: find`,
      run(size) {
        const { region, sources, order } = list();
        const first = listpack.first(region.bytes, 0);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const source = sources[order[i % SEARCHES]];
          sum += listpack.find(region, first, source, 0, ELEMENT_BYTES, 0);
        }
        return sum;
      },
    },
    {
      name: `array of ${count}: indexOf`,
      run(size) {
        const { names, order } = list();
        let sum = 0;
        for (let i = 0; i < size; i++) sum += names.indexOf(fresh(names[order[i % SEARCHES]]));
        return sum;
      },
    },
    {
      name: `Map of ${count}: get`,
      run(size) {
        const { names, order, map } = list();
        let sum = 0;
        for (let i = 0; i < size; i++) sum += map.get(fresh(names[order[i % SEARCHES]]))!;
        return sum;
      },
    },
    {
      name: `listpack of ${count}: append one, remove the first`,
      run(size) {
        const { region, sources } = list();
        for (let i = 0; i < size; i++) {
          listpack.append(region, 0, sources[i % count], 0, ELEMENT_BYTES);
          listpack.remove(region.bytes, 0, listpack.HEADER_BYTES);
        }
        return listpack.totalBytes(region.bytes, 0);
      },
    },
    {
      name: `array of ${count}: push one, shift`,
      run(size) {
        const { names } = list();
        const copy = [...names];
        for (let i = 0; i < size; i++) {
          copy.push(names[i % count]);
          copy.shift();
        }
        return copy.length;
      },
    },
    {
      name: `listpack of ${count}: walk, for each element`,
      run(size) {
        const { region } = list();
        let sum = 0;
        let p = listpack.first(region.bytes, 0);
        for (let i = 0; i < size; i++) {
          sum ^= p;
          p = listpack.next(region.bytes, p);
          if (p === 0) p = listpack.HEADER_BYTES;
        }
        return sum;
      },
    },
  ];
}

/** Distinct integers of 32 bits in random order. */
function randomIntegers(count: number): Int32Array {
  const random = createRandom([9, 8, 7, count]);
  const found = new Set<number>();
  while (found.size < count) found.add(random.int32());
  return Int32Array.from(found);
}

function makeSet(count: number) {
  const values = randomIntegers(count);
  const sorted = values.toSorted();
  const region = makeRegion(intset.HEADER_BYTES + 4 * (count + 1));
  intset.writeEmpty(region, 0);
  for (const value of sorted) intset.add(region, 0, value);
  return { values, sorted, region, set: new Set(values) };
}

function rankIn(sorted: Int32Array | readonly number[], value: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function setBenches(count: number): Bench[] {
  const sets = new Map<number, ReturnType<typeof makeSet>>();
  /** Of fewer integers where fewer are asked for. */
  const made = (size: number) => {
    const some = Math.min(count, Math.max(size, SET_COUNTS[0]));
    const known = sets.get(some) ?? makeSet(some);
    sets.set(some, known);
    return known;
  };
  return [
    {
      name: `intset of ${count}: has`,
      run(size) {
        const { values, region } = made(size);
        let sum = 0;
        for (let i = 0; i < size; i++) if (intset.has(region, 0, values[i % values.length])) sum++;
        return sum;
      },
    },
    {
      name: `Set of ${count} numbers: has`,
      run(size) {
        const { values, set } = made(size);
        let sum = 0;
        for (let i = 0; i < size; i++) if (set.has(values[i % values.length])) sum++;
        return sum;
      },
    },
    {
      name: `sorted Int32Array of ${count}: has`,
      run(size) {
        const { values, sorted } = made(size);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const value = values[i % values.length];
          if (sorted[rankIn(sorted, value)] === value) sum++;
        }
        return sum;
      },
    },
    ...count > INSERTED_COUNT ? [] : insertingBenches(count),
  ];
}

function insertingBenches(count: number): Bench[] {
  const values = once(() => randomIntegers(count));
  const region = once(() => makeRegion(intset.HEADER_BYTES + 4 * count));
  return [
    {
      name: `intset of up to ${count}: add`,
      run(size) {
        for (let i = 0; i < size; i++) {
          if (i % count === 0) intset.writeEmpty(region(), 0);
          intset.add(region(), 0, values()[i % count]);
        }
        return intset.length(region(), 0);
      },
    },
    {
      name: `Set of up to ${count} numbers: add`,
      run(size) {
        let set = new Set<number>();
        for (let i = 0; i < size; i++) {
          if (i % count === 0) set = new Set();
          set.add(values()[i % count]);
        }
        return set.size;
      },
    },
    {
      name: `sorted array of up to ${count}: splice in`,
      run(size) {
        let sorted: number[] = [];
        for (let i = 0; i < size; i++) {
          if (i % count === 0) sorted = [];
          const value = values()[i % count];
          sorted.splice(rankIn(sorted, value), 0, value);
        }
        return sorted.length;
      },
    },
  ];
}

export const listpackBenches: readonly Bench[] = LIST_COUNTS.flatMap(listBenches);
export const intsetBenches: readonly Bench[] = SET_COUNTS.flatMap(setBenches);
