/**
 * A sorted set against what one writes in TypeScript: a Map from members to scores beside an array that
 * is kept sorted.
 *
 * Members have 16 bytes. Those of the Map are strings that were just made, as from a decoder. The array
 * is searched by bisection; what is inserted or removed moves what is behind it.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { rankOf, updateScore } from "../../src/structs/skip_list.ts";
import { nextOf, scoreOf } from "../../src/structs/skip_list_node.ts";
import { lastBelowScore, nodeAt } from "../../src/structs/skip_list_search.ts";
import {
  addMember,
  countMembers,
  createSortedSet,
  findMember,
  hashMember,
  removeRanks,
  SORTED_SET,
} from "../../src/structs/sorted_set.ts";
import type { Bench } from "../support/bench.ts";

const COUNTS: readonly number[] = [10, 1000, 100_000, 1_000_000];
const MEMBER_BYTES = 16;
const ARENA_BYTES = 256 * 1024 * 1024;
const SPREAD = 1 << 16;
const SCORES = 1_000_000;
const RANGE = 10;
/** Below this number of operations it is about whether the bench runs. */
const TRIAL_SIZE = 1000;
/** Moving what is behind is quadratic: arrays larger than this are only read. */
const MOST_CHANGED = 100_000;

function nameOf(i: number): string {
  return `member:${String(i).padStart(MEMBER_BYTES - 7, "0")}`;
}

/** A string that has no hash yet. */
function fresh(name: string): string {
  return name.slice(0, 7) + name.slice(7);
}

/** Members in random order, as bytes and as text. */
function drawNames(count: number) {
  const random = createRandom([1, 2, 3, count]);
  const names = Array.from({ length: SPREAD }, () => nameOf(random.below(count)));
  const region = makeRegion(names.length * MEMBER_BYTES);
  names.forEach((name, i) => {
    new TextEncoder().encodeInto(name, region.bytes.subarray(i * MEMBER_BYTES));
  });
  return { names, region };
}

class SortedSet {
  readonly arena = new Arena(ARENA_BYTES, new MemoryAccount());
  readonly set = createSortedSet(this.arena, 1, 2);
  readonly random = createRandom([4, 3, 2, 1]);
  readonly region;

  constructor(count: number) {
    const input = makeRegion(MEMBER_BYTES);
    for (let i = 0; i < count; i++) {
      new TextEncoder().encodeInto(nameOf(i), input.bytes);
      this.add(input, 0);
    }
    ({ region: this.region } = drawNames(Math.max(1, count)));
  }

  find(i: number): number {
    const { arena, set, region } = this;
    const at = (i % SPREAD) * MEMBER_BYTES;
    const hash = hashMember(arena, set, region, at, MEMBER_BYTES);
    return findMember(arena, set, hash, region, at, MEMBER_BYTES);
  }

  add(region: ReturnType<typeof makeRegion>, at: number): void {
    const { arena, set, random } = this;
    const hash = hashMember(arena, set, region, at, MEMBER_BYTES);
    const score = random.below(SCORES);
    addMember(arena, set, hash, score, region, at, MEMBER_BYTES, random.int32());
  }
}

interface Entry {
  score: number;
  readonly name: string;
}

class SortedArray {
  readonly random = createRandom([4, 3, 2, 1]);
  readonly entries: Entry[];
  readonly map: Map<string, Entry>;
  readonly names: readonly string[];

  constructor(count: number) {
    this.entries = Array.from({ length: count }, (_, i) => {
      return { score: this.random.below(SCORES), name: nameOf(i) };
    });
    this.entries.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
    this.map = new Map(this.entries.map((entry) => [entry.name, entry]));
    ({ names: this.names } = drawNames(Math.max(1, count)));
  }

  find(i: number): Entry {
    return this.map.get(fresh(this.names[i % SPREAD]))!;
  }

  /** How many entries are before (score, name). */
  rankOf(score: number, name: string): number {
    const { entries } = this;
    let low = 0, high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = entries[middle];
      if (entry.score < score || (entry.score === score && entry.name < name)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  update(entry: Entry, score: number): void {
    this.entries.splice(this.rankOf(entry.score, entry.name), 1);
    entry.score = score;
    this.entries.splice(this.rankOf(score, entry.name), 0, entry);
  }
}

/** Makes something once for each number of members. */
function kept<T>(make: (count: number) => T): (count: number, size: number) => T {
  const made = new Map<number, T>();
  return (count, size) => {
    const actual = size < TRIAL_SIZE ? Math.min(count, TRIAL_SIZE) : count;
    const known = made.get(actual) ?? make(actual);
    made.set(actual, known);
    return known;
  };
}

const setOf = kept((count) => new SortedSet(count));
const arrayOf = kept((count) => new SortedArray(count));

function readsOf(count: number): Bench[] {
  return [
    {
      name: `sorted set of ${count}: score of a member`,
      run(size) {
        const it = setOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) sum += scoreOf(it.arena, it.find(i));
        return sum;
      },
    },
    {
      name: `Map of ${count}: score of a member`,
      run(size) {
        const it = arrayOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) sum += it.find(i).score;
        return sum;
      },
    },
    {
      name: `sorted set of ${count}: rank of a member`,
      run(size) {
        const it = setOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) sum += rankOf(it.arena, it.set, it.find(i));
        return sum;
      },
    },
    {
      name: `Map and sorted array of ${count}: rank of a member`,
      run(size) {
        const it = arrayOf(count, size);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const { score, name } = it.find(i);
          sum += it.rankOf(score, name);
        }
        return sum;
      },
    },
    {
      name: `sorted set of ${count}: ${RANGE} members from a rank on`,
      run(size) {
        const { arena, set } = setOf(count, size);
        const random = createRandom([1, 2, 3, 4]);
        const length = countMembers(arena, set);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          let node = nodeAt(arena, set, random.below(length));
          for (let j = 0; j < RANGE && node !== 0; j++) {
            sum += scoreOf(arena, node);
            node = nextOf(arena.words, node);
          }
        }
        return sum;
      },
    },
    {
      name: `sorted set of ${count}: first member from a score on`,
      run(size) {
        const { arena, set } = setOf(count, size);
        const random = createRandom([1, 2, 3, 4]);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          sum ^= lastBelowScore(arena, set, random.below(SCORES), false);
        }
        return sum;
      },
    },
  ];
}

function changesOf(count: number): Bench[] {
  const bySet: Bench = {
    name: `sorted set of ${count}: another score for a member`,
    run(size) {
      const it = setOf(count, size);
      for (let i = 0; i < size; i++) {
        updateScore(it.arena, it.set, it.find(i), it.random.below(SCORES));
      }
      return countMembers(it.arena, it.set);
    },
  };
  const byArray: Bench = {
    name: `Map and sorted array of ${count}: another score for a member`,
    run(size) {
      const it = arrayOf(count, size);
      for (let i = 0; i < size; i++) it.update(it.find(i), it.random.below(SCORES));
      return it.entries.length;
    },
  };
  return count <= MOST_CHANGED ? [bySet, byArray] : [bySet];
}

const growing: Bench[] = [
  {
    name: "sorted set: add members, from nothing on",
    run(size) {
      const it = new SortedSet(0);
      const input = makeRegion(MEMBER_BYTES);
      for (let i = 0; i < size; i++) {
        input.view.setInt32(0, i, true);
        it.add(input, 0);
      }
      return SORTED_SET.sizeBytes(it.arena, it.set);
    },
  },
  {
    name: "sorted set: add members, then take them from the front",
    run(size) {
      const it = new SortedSet(0);
      const input = makeRegion(MEMBER_BYTES);
      for (let i = 0; i < size; i++) {
        input.view.setInt32(0, i, true);
        it.add(input, 0);
      }
      for (let i = 0; i < size; i++) removeRanks(it.arena, it.set, 0, 1);
      return SORTED_SET.sizeBytes(it.arena, it.set);
    },
  },
];

export const skipListBenches: readonly Bench[] = [
  ...COUNTS.flatMap(readsOf),
  ...COUNTS.flatMap(changesOf),
  ...growing,
];
