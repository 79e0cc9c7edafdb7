import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";
import { blobLength, blobRead } from "../../src/structs/blob.ts";
import * as listpack from "../../src/structs/listpack.ts";
import { nodeAt, pop, push, removeRange } from "../../src/structs/quicklist.ts";
import { QuicklistCursor } from "../../src/structs/quicklist_cursor.ts";
import { insertAt, replaceAt } from "../../src/structs/quicklist_edit.ts";
import {
  createHeader,
  depthOf,
  headOf,
  lengthOf,
  nodesOf,
  tailOf,
} from "../../src/structs/quicklist_header.ts";
import { exceedsLimit, MAX_NODE_BYTES } from "../../src/structs/quicklist_limits.ts";
import {
  isLong,
  isPacked,
  nextNode,
  nodeBytes,
  nodeCount,
  previousNode,
} from "../../src/structs/quicklist_node.ts";
import { appendListpack, quicklist } from "../../src/structs/quicklist_structure.ts";
import { forSeeds } from "../support/model.ts";

function latin1(text: string) {
  const region = makeRegion(text.length);
  for (let i = 0; i < text.length; i++) region.bytes[i] = text.charCodeAt(i);
  return region;
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function createArena(pages = 256): Arena {
  return new Arena(pages * PAGE_BYTES, new MemoryAccount());
}

/** What a cursor is at. */
function textAt(cursor: QuicklistCursor): string {
  if (!cursor.isLong) return textOf(listpack.readText(cursor.memory.bytes, cursor.p));
  const region = makeRegion(blobLength(cursor.arena, cursor.blob));
  blobRead(cursor.arena, cursor.blob, region, 0);
  return textOf(region.bytes.subarray(0, blobLength(cursor.arena, cursor.blob)));
}

/** A quicklist, and an array that should always hold the same. */
class Pair {
  readonly cursor = new QuicklistCursor();
  readonly arena: Arena;
  readonly list: number;
  model: string[] = [];
  /** Says no until memory comes back. */
  refused = 0;

  constructor(arena: Arena, fill: number, depth: number) {
    this.arena = arena;
    this.list = createHeader(arena, fill, depth);
  }

  push(text: string, isInFront: boolean): void {
    const { arena, list } = this;
    if (!push(arena, list, latin1(text), 0, text.length, isInFront)) this.refused++;
    else if (isInFront) this.model.unshift(text);
    else this.model.push(text);
  }

  pop(isInFront: boolean): void {
    if (!pop(this.arena, this.list, isInFront)) this.refused++;
    else if (isInFront) this.model.shift();
    else this.model.pop();
  }

  insert(index: number, text: string, isBehind: boolean): void {
    const { arena, list, cursor } = this;
    cursor.seek(arena, list, index);
    const size = isBehind && !cursor.isLong ? listpack.sizeAt(cursor.memory.bytes, cursor.p) : 0;
    const place = cursor.index + (isBehind ? 1 : 0);
    const source = latin1(text);
    const { node, at } = cursor;
    if (
      insertAt(arena, list, node, place, at + size, isBehind, source, 0, text.length)
    ) this.model.splice(index + (isBehind ? 1 : 0), 0, text);
    else this.refused++;
  }

  replace(index: number, text: string): void {
    const { arena, list, cursor } = this;
    cursor.seek(arena, list, index);
    const { node, at } = cursor;
    if (replaceAt(arena, list, node, cursor.index, at, latin1(text), 0, text.length)) {
      this.model[index] = text;
    } else this.refused++;
  }

  removeRange(index: number, count: number): void {
    if (removeRange(this.arena, this.list, index, count)) this.model.splice(index, count);
    else this.refused++;
  }

  /** Removes every element that is `text`, as LREM does. */
  removeEach(text: string, isForward: boolean): void {
    const { arena, list, cursor } = this;
    const source = latin1(text);
    cursor.seek(arena, list, isForward ? 0 : lengthOf(arena, list) - 1);
    let hasMore = true;
    while (hasMore) {
      if (!cursor.equals(source, 0, text.length)) {
        hasMore = isForward ? cursor.next() : cursor.previous();
      } else {
        if (!cursor.prepareRemoval()) throw new Error("no memory");
        hasMore = cursor.remove(isForward);
      }
    }
    cursor.finish();
    this.model = this.model.filter((each) => each !== text);
  }

  texts(isForward = true): string[] {
    const { arena, list, cursor } = this;
    const length = lengthOf(arena, list);
    if (length === 0) return [];
    const found: string[] = [];
    cursor.seek(arena, list, isForward ? 0 : length - 1);
    do found.push(textAt(cursor)); while (isForward ? cursor.next() : cursor.previous());
    return found;
  }

  check(): void {
    const { arena, list } = this;
    quicklist.check(arena, list, { ownsBlock() {}, ownsPage() {} });
    assert.equal(lengthOf(arena, list), this.model.length);
    assert.deepEqual(this.texts(), this.model);
    assert.deepEqual(this.texts(false), this.model.toReversed());
  }

  /** Nodes near the ends are raw. */
  checkDepth(): void {
    const { arena, list } = this;
    let front = headOf(arena, list), back = tailOf(arena, list);
    for (let i = depthOf(arena, list); i > 0 && front !== 0; i--) {
      assert.ok(!isPacked(arena, front) && !isPacked(arena, back));
      front = nextNode(arena, front);
      back = previousNode(arena, back);
    }
  }

  free(): void {
    while (!quicklist.free(this.arena, this.list, 3));
  }

  forms(): string {
    let text = "";
    for (let node = headOf(this.arena, this.list); node !== 0;) {
      text += isLong(this.arena, node) ? "l" : isPacked(this.arena, node) ? "p" : "r";
      node = nextNode(this.arena, node);
    }
    return text;
  }
}

function randomText(random: Xoshiro128, longest: number): string {
  switch (random.below(6)) {
    case 0:
      return String(random.int32() >> random.below(32));
    case 1:
      return "same";
    case 2:
      return String.fromCharCode(97 + random.below(26)).repeat(random.below(longest));
    default:
      return `value:${random.below(1000)}`;
  }
}

function step(pair: Pair, random: Xoshiro128, longest: number): void {
  const length = pair.model.length;
  const text = () => randomText(random, longest);
  const what = random.below(20);
  if (length === 0 || what < 8) pair.push(text(), random.below(2) === 0);
  else if (what < 11) pair.insert(random.below(length), text(), random.below(2) === 0);
  else if (what < 14) pair.replace(random.below(length), text());
  else if (what < 17) pair.pop(random.below(2) === 0);
  else if (what < 19) {
    const index = random.below(length);
    pair.removeRange(index, 1 + random.below(Math.min(5, length - index)));
  } else pair.removeEach(text(), random.below(2) === 0);
}

const CASES = [
  { fill: 3, depth: 0, longest: 50, steps: 400 },
  { fill: 3, depth: 1, longest: 300, steps: 400 },
  { fill: 128, depth: 2, longest: 3000, steps: 200 },
  { fill: -1, depth: 0, longest: 2000, steps: 300 },
  { fill: -2, depth: 1, longest: 9000, steps: 200 },
  { fill: -5, depth: 1, longest: 20_000, steps: 150 },
  { fill: -9, depth: 0, longest: 40_000, steps: 100 },
  { fill: 0, depth: 3, longest: 80, steps: 200 },
];

for (const { fill, depth, longest, steps } of CASES) {
  test(`random changes leave the same as in an array (fill ${fill}, depth ${depth})`, () => {
    forSeeds(5, (random) => {
      const arena = createArena();
      const pair = new Pair(arena, fill, depth);
      for (let i = 0; i < steps; i++) {
        step(pair, random, longest);
        if (i % 10 === 0) pair.check();
        pair.checkDepth();
      }
      pair.check();
      assert.equal(pair.refused, 0);
      const copied = createArena();
      const copy = quicklist.copy(arena, pair.list, copied);
      const twin = Object.assign(Object.create(Pair.prototype), pair, {
        arena: copied,
        list: copy,
      });
      twin.check();
      twin.free();
      pair.free();
      assert.equal(arena.usedPages, 0);
      assert.equal(copied.usedPages, 0);
    });
  });
}

test("without memory a change is refused and leaves the list as it was", () => {
  forSeeds(6, (random, seed) => {
    const arena = createArena(8);
    const pair = new Pair(arena, seed % 2 === 0 ? -2 : 20, seed % 3);
    for (let i = 0; i < 900 || pair.refused < 5; i++) {
      const length = pair.model.length;
      const what = length < 20 ? 0 : random.below(6);
      if (what < 3) pair.push("x".repeat(random.below(9000)), i % 2 === 0);
      else if (what === 3) pair.insert(random.below(length), "y".repeat(800), true);
      else if (what === 4) pair.replace(random.below(length), "z".repeat(5000));
      else pair.removeRange(random.below(length), 1);
      if (i % 50 === 0) pair.check();
    }
    pair.check();
    pair.free();
    assert.equal(arena.usedPages, 0);
  });
});

test("no node holds more than its limit", () => {
  for (const fill of [-1, -2, -3, 1, 5, 128]) {
    const pair = new Pair(createArena(), fill, 0);
    for (let i = 0; i < 4000; i++) pair.push(`element number ${i}`, i % 3 === 0);
    for (let node = headOf(pair.arena, pair.list); node !== 0; node = nextNode(pair.arena, node)) {
      const bytes = nodeBytes(pair.arena, node), count = nodeCount(pair.arena, node);
      assert.ok(!exceedsLimit(fill, bytes, count), `${bytes} bytes, ${count} elements`);
      assert.ok(bytes <= MAX_NODE_BYTES);
    }
    pair.check();
  }
});

test("nodes beyond the depth are packed and take less memory", () => {
  const raw = new Pair(createArena(), -2, 0), packed = new Pair(createArena(), -2, 1);
  for (let i = 0; i < 3000; i++) {
    raw.push(`a text that repeats itself, ${i & 7}`, false);
    packed.push(`a text that repeats itself, ${i & 7}`, false);
  }
  assert.match(raw.forms(), /^r{10,}$/);
  assert.match(packed.forms(), /^rp{10,}r$/);
  const bytes = quicklist.sizeBytes(packed.arena, packed.list);
  assert.ok(bytes * 3 < quicklist.sizeBytes(raw.arena, raw.list));
  packed.replace(1500, "another");
  packed.insert(1400, "one more", false);
  assert.match(packed.forms(), /^rp{10,}r$/);
  packed.check();
  packed.removeRange(0, 400);
  packed.check();
  assert.match(packed.forms(), /^rp{8,}r$/);
});

test("a full node is split in the middle, and its halves become one again", () => {
  const pair = new Pair(createArena(), 4, 0);
  for (const text of ["a", "b", "c", "d"]) pair.push(text, false);
  pair.insert(1, "x", true);
  assert.deepEqual(pair.texts(), ["a", "b", "x", "c", "d"]);
  assert.equal(nodesOf(pair.arena, pair.list), 2);
  pair.removeRange(1, 2);
  pair.insert(1, "y", false);
  assert.deepEqual(pair.texts(), ["a", "y", "c", "d"]);
  pair.check();
});

test("elements longer than a node get a node of their own, of any length", () => {
  const pair = new Pair(createArena(), -2, 1);
  const long = "0123456789".repeat(20_000);
  for (const text of ["a", long, "b", "c", long, "d"]) pair.push(text, false);
  assert.equal(pair.forms(), "rlrlr");
  pair.check();
  pair.replace(1, "short");
  pair.replace(2, long);
  pair.insert(3, long, true);
  pair.check();
  pair.removeEach(long, true);
  assert.deepEqual(pair.model, ["a", "short", "c", "d"]);
  pair.check();
});

test("pushing in front moves no elements while the block has room", () => {
  const pair = new Pair(createArena(), -2, 0);
  for (let i = 0; i < 500; i++) pair.push(`element ${i}`, true);
  const node = nodeAt(pair.arena, pair.list, 499);
  const block = pair.arena.words.slice((node << 1) + 2, (node << 1) + 3)[0];
  const end = (block << 3) + pair.arena.blockSize(block);
  assert.equal(pair.arena.bytes[end - 1], 0xff, "the listpack ends where its block ends");
  pair.check();
});

test("a listpack becomes a node as it is", () => {
  const source = makeRegion(40_000);
  listpack.writeEmpty(source.bytes, 20);
  const pair = new Pair(createArena(), -2, 0);
  pair.push("first", false);
  for (let i = 0; listpack.totalBytes(source.bytes, 20) < MAX_NODE_BYTES - 50; i++) {
    const text = i % 2 === 0 ? String(i) : `an element of a listpack, ${i}`;
    listpack.append(source, 20, latin1(text), 0, text.length);
    pair.model.push(text);
  }
  assert.ok(appendListpack(pair.arena, pair.list, source, 20));
  pair.check();
  assert.equal(nodesOf(pair.arena, pair.list), 2);
});
