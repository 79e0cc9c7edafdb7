import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { pinnedClassOf } from "../../src/memory/size_classes.ts";
import {
  appendNode,
  firstOf,
  initList,
  insertNode,
  lastOf,
  LIST_BYTES,
  listLength,
  rankOf,
  removeFirst,
  removeNode,
  removeNodes,
  updateScore,
} from "../../src/structs/skip_list.ts";
import { checkList } from "../../src/structs/skip_list_check.ts";
import {
  aim,
  aimed,
  createNode,
  levelsFor,
  levelsOf,
  MAX_LEVELS,
  nextOf,
  scoreOf,
} from "../../src/structs/skip_list_node.ts";
import {
  foundRank,
  lastBelowMember,
  lastBelowScore,
  nodeAt,
} from "../../src/structs/skip_list_search.ts";
import { copyEntry, freeEntry, INLINE_KEY_BYTES } from "../../src/structs/table_entry.ts";
import { chance, forSeeds, pick, randomBytes } from "../support/model.ts";

const ARENA_BYTES = 8 * 1024 * 1024;

interface Entry {
  score: number;
  readonly member: Buffer;
  node: number;
}

function compareEntries(a: Entry, b: Entry): number {
  return a.score - b.score || Buffer.compare(a.member, b.member);
}

function regionOf(member: Uint8Array): ReturnType<typeof makeRegion> {
  const region = makeRegion(member.length + 1);
  region.bytes.fill(0xa5);
  region.bytes.set(member, 1);
  return region;
}

function memberOf(arena: Arena, node: number): Buffer {
  aim(arena, node);
  const { memory, offset, length } = aimed;
  return Buffer.from(memory.bytes.slice(offset, offset + length));
}

function makeList(arena: Arena): number {
  const list = arena.allocate(pinnedClassOf(LIST_BYTES));
  initList(arena.words, list);
  return list;
}

/** Drives a list and a sorted array with the same random operations. */
class Model {
  arena = new Arena(ARENA_BYTES, new MemoryAccount());
  list = makeList(this.arena);
  readonly random: Xoshiro128;
  entries: Entry[] = [];
  readonly #names: readonly Buffer[];

  constructor(random: Xoshiro128) {
    this.random = random;
    const count = pick(random, [3, 30, 300]);
    const lengths = [
      0,
      1,
      2,
      3,
      4,
      5,
      7,
      8,
      12,
      100,
      INLINE_KEY_BYTES,
      INLINE_KEY_BYTES + 1,
      70_000,
    ];
    this.#names = Array.from({ length: count }, () => {
      const length = chance(random, 0.9) ? random.below(9) : pick(random, lengths);
      const bytes = randomBytes(random, length);
      return Buffer.from(chance(random, 0.5) ? bytes.map((byte) => byte & 1) : bytes);
    });
  }

  score(): number {
    const { random } = this;
    if (chance(random, 0.1)) return pick(random, [Infinity, -Infinity, 0, -0, 1e-300, 2 ** 53]);
    return chance(random, 0.5) ? random.below(5) : random.int32() / 7;
  }

  add(): void {
    const member = pick(this.random, this.#names);
    const known = this.entries.find((entry) => entry.member.equals(member));
    const score = this.score();
    if (known === undefined) {
      const { arena, list, random } = this;
      const levels = levelsFor(random.int32());
      const node = createNode(arena, levels, score, regionOf(member), 1, member.length, 0);
      assert.equal(levelsOf(arena.words, node), levels);
      insertNode(arena, list, node);
      this.entries.push({ score, member, node });
    } else {
      updateScore(this.arena, this.list, known.node, score);
      known.score = score;
    }
    this.entries.sort(compareEntries);
  }

  remove(): void {
    if (this.entries.length === 0) return;
    const [entry] = this.entries.splice(this.random.below(this.entries.length), 1);
    removeNode(this.arena, this.list, entry.node);
    freeEntry(this.arena, entry.node);
  }

  removeRange(): void {
    const { entries, random } = this;
    const start = random.below(entries.length + 1);
    const count = random.below(Math.min(20, entries.length - start) + 1);
    const gone = entries.splice(start, count).map(({ node }) => node);
    const told: number[] = [];
    removeNodes(this.arena, this.list, start, count, (node) => {
      told.push(node);
      freeEntry(this.arena, node);
    });
    assert.deepEqual(told, gone);
  }

  /** @returns whether there was one */
  removeFirst(): boolean {
    const node = removeFirst(this.arena, this.list);
    assert.equal(node, this.entries.shift()?.node ?? 0);
    if (node !== 0) freeEntry(this.arena, node);
    return node !== 0;
  }

  check(): void {
    const { arena, list, entries } = this;
    checkList(arena, list);
    assert.equal(listLength(arena.words, list), entries.length);
    let node = firstOf(arena.words, list);
    for (const [rank, entry] of entries.entries()) {
      assert.equal(node, entry.node);
      assert.equal(scoreOf(arena, node), entry.score);
      assert.ok(memberOf(arena, node).equals(entry.member));
      assert.equal(rankOf(arena, list, node), rank);
      assert.equal(nodeAt(arena, list, rank), node);
      node = nextOf(arena.words, node);
    }
    assert.equal(lastOf(arena.words, list), entries.at(-1)?.node ?? 0);
    for (const rank of [-1, entries.length, NaN, Infinity]) {
      assert.equal(nodeAt(arena, list, rank), 0);
    }
    this.checkSearches();
  }

  checkSearches(): void {
    const { arena, list, entries } = this;
    for (let i = 0; i < 5; i++) {
      const bound = this.score();
      for (const orEqual of [false, true]) {
        const below = entries.filter(({ score }) => score < bound || (orEqual && score === bound));
        assert.equal(lastBelowScore(arena, list, bound, orEqual), below.at(-1)?.node ?? list);
        assert.equal(foundRank(), below.length);
      }
    }
  }
}

test("a skip list does what a sorted array does", () => {
  forSeeds(12, (random) => {
    const model = new Model(random);
    for (let i = 0; i < 600; i++) {
      const kind = random.below(100);
      if (kind < 65) model.add();
      else if (kind < 95) model.remove();
      else if (kind < 98) model.removeRange();
      else model.removeFirst();
      if (i % 40 === 0) model.check();
    }
    model.check();
    while (model.removeFirst());
    model.check();
    model.arena.checkInvariants();
  });
});

test("members of one score are found by their order", () => {
  forSeeds(5, (random) => {
    const model = new Model(random);
    model.score = () => 3;
    for (let i = 0; i < 200; i++) model.add();
    const { arena, list, entries } = model;
    for (let i = 0; i < 100; i++) {
      const bound = chance(random, 0.5)
        ? pick(random, entries).member
        : Buffer.from(randomBytes(random, 4));
      for (const orEqual of [false, true]) {
        const limit = orEqual ? 1 : 0;
        const below = entries.filter(({ member }) => Buffer.compare(member, bound) < limit);
        const found = lastBelowMember(arena, list, regionOf(bound), 1, bound.length, orEqual);
        assert.equal(found, below.at(-1)?.node ?? list);
        assert.equal(foundRank(), below.length);
      }
    }
  });
});

test("nodes that are appended in order make the same list", () => {
  forSeeds(4, (random) => {
    const model = new Model(random);
    for (let i = 0; i < 300; i++) model.add();
    const source = model.arena;
    model.arena = new Arena(ARENA_BYTES, new MemoryAccount());
    model.list = makeList(model.arena);
    const tails = new Int32Array(MAX_LEVELS).fill(model.list);
    for (const entry of model.entries) {
      entry.node = copyEntry(source, entry.node, model.arena);
      appendNode(model.arena, model.list, entry.node, tails);
    }
    model.check();
    for (let i = 0; i < 100; i++) model.add();
    model.check();
  });
});

test("each level is a fourth as likely as the one below", () => {
  forSeeds(1, (random) => {
    const counts = new Array<number>(MAX_LEVELS + 1).fill(0);
    for (let i = 0; i < 100_000; i++) counts[levelsFor(random.int32())]++;
    assert.ok(Math.abs(counts[1] - 75_000) < 1500 && Math.abs(counts[2] - 18_750) < 800);
    assert.equal(levelsFor(0), MAX_LEVELS);
    assert.equal(levelsFor(-2147483648), MAX_LEVELS);
    assert.equal(levelsFor(1), 1);
    assert.equal(levelsFor(4), 2);
  });
});
