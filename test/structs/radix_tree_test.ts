import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { CLASS_COUNT } from "../../src/memory/size_classes.ts";
import { RadixCursor, SEEK_GE, SEEK_GT, SEEK_LE, SEEK_LT } from "../../src/structs/radix_cursor.ts";
import type { Memory } from "../../src/structs/radix_node.ts";
import {
  radixCheck,
  radixCopy,
  radixFree,
  radixRemovePrefix,
} from "../../src/structs/radix_slices.ts";
import {
  RADIX_ABSENT,
  RADIX_ADDED,
  RADIX_NO_MEMORY,
  RADIX_REPLACED,
  radixCount,
  radixCreate,
  radixFind,
  radixInsert,
  radixIsLoose,
  radixRemove,
  radixSizeBytes,
} from "../../src/structs/radix_tree.ts";
import { chance, forSeeds, pick } from "../support/model.ts";

const MIB = 1024 * 1024;

class Tree {
  readonly account = new MemoryAccount();
  readonly arena: Arena;
  readonly header: number;
  readonly cursor = new RadixCursor();

  constructor(bytes = 16 * MIB) {
    this.arena = new Arena(bytes, this.account);
    this.header = radixCreate(this.arena);
  }

  insert(key: string, value = 0): number {
    const memory = asMemory(key);
    return radixInsert(this.arena, this.header, memory, 1, key.length, value);
  }

  find(key: string): number {
    return radixFind(this.arena, this.header, asMemory(key), 1, key.length);
  }

  remove(key: string): number {
    return radixRemove(this.arena, this.header, asMemory(key), 1, key.length);
  }

  seek(key: string, mode: number, prefixLength = 0): string | undefined {
    const { arena, cursor, header } = this;
    return cursor.seek(arena, header, asMemory(key), 1, key.length, mode, prefixLength)
      ? this.current()
      : undefined;
  }

  current(): string {
    const { key, keyLength } = this.cursor;
    return Buffer.from(key.bytes.subarray(0, keyLength)).toString("latin1");
  }

  get count(): number {
    return radixCount(this.arena, this.header);
  }

  entries(): [string, number][] {
    const found: [string, number][] = [];
    const { cursor } = this;
    for (let more = cursor.first(this.arena, this.header); more; more = cursor.next()) {
      found.push([this.current(), cursor.value]);
    }
    return found;
  }

  backwards(): string[] {
    const found: string[] = [];
    const { cursor } = this;
    for (let more = cursor.last(this.arena, this.header); more; more = cursor.previous()) {
      found.push(this.current());
    }
    return found;
  }

  /** Checks the tree, and that nothing else is in the arena. */
  check(): void {
    this.arena.checkInvariants();
    let bytes = 16, blocks = 1;
    const seen = new Set([this.header]);
    radixCheck(this.arena, this.header, {
      ownsBlock: (unit) => {
        assert.ok(!seen.has(unit), "a block has one owner");
        seen.add(unit);
        bytes += this.arena.blockSize(unit);
        blocks++;
      },
      ownsPage: () => assert.fail("no pages"),
    });
    assert.equal(blocks, seen.size);
    assert.equal(this.account.liveBytes, bytes);
    assert.equal(radixSizeBytes(this.arena, this.header), bytes - 16);
  }
}

/** The key from offset 1, with other bytes around it. */
function asMemory(key: string): Memory {
  const region = makeRegion(key.length + 4);
  region.bytes.fill(0x5a);
  for (let i = 0; i < key.length; i++) region.bytes[i + 1] = key.charCodeAt(i);
  return region;
}

function sorted(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
}

/** What a seek has to find, by a search of all keys. */
function expectedOf(keys: readonly string[], key: string, mode: number): string | undefined {
  if (mode === SEEK_GE) return keys.find((each) => each >= key);
  if (mode === SEEK_GT) return keys.find((each) => each > key);
  if (mode === SEEK_LE) return keys.findLast((each) => each <= key);
  return keys.findLast((each) => each < key);
}

const MODES = [SEEK_GE, SEEK_GT, SEEK_LE, SEEK_LT] as const;

test("an empty tree has nothing", () => {
  const tree = new Tree();
  assert.equal(tree.find(""), RADIX_ABSENT);
  assert.equal(tree.remove("a"), RADIX_ABSENT);
  assert.deepEqual(tree.entries(), []);
  assert.deepEqual(tree.backwards(), []);
  for (const mode of MODES) assert.equal(tree.seek("a", mode), undefined);
  assert.ok(!tree.cursor.next());
  tree.check();
});

test("the empty key is a key", () => {
  const tree = new Tree();
  assert.equal(tree.insert("", 7), RADIX_ADDED);
  assert.equal(tree.insert("", 8), RADIX_REPLACED);
  assert.equal(tree.find(""), 8);
  assert.equal(tree.insert("a", 1), RADIX_ADDED);
  assert.deepEqual(tree.entries(), [["", 8], ["a", 1]]);
  assert.deepEqual(tree.backwards(), ["a", ""]);
  assert.equal(tree.seek("", SEEK_GT), "a");
  assert.equal(tree.seek("a", SEEK_LT), "");
  assert.equal(tree.remove(""), 8);
  assert.equal(tree.find("a"), 1);
  tree.check();
});

test("values of all sizes are kept", () => {
  const tree = new Tree();
  const values = [0, 1, 2 ** 27 - 1, 2 ** 27, 2 ** 31 - 1];
  const keys = ["", "a", "abc", "abcd", "x".repeat(100), "\0", "\xff\xff"];
  for (const before of values) {
    for (const after of values) {
      for (const key of keys) {
        tree.insert(key, before);
        assert.equal(tree.find(key), before);
        assert.equal(tree.insert(key, after), RADIX_REPLACED);
        assert.equal(tree.find(key), after);
      }
      tree.check();
    }
  }
});

test("nodes grow to all sizes and shrink again", () => {
  const tree = new Tree();
  const order = Array.from({ length: 256 }, (_, i) => (i * 167) & 255);
  const keyOf = (byte: number): string => `node${String.fromCharCode(byte)}`;
  tree.insert("node", 1000);
  order.forEach((byte, i) => {
    assert.equal(tree.insert(keyOf(byte), byte + 1), RADIX_ADDED);
    tree.check();
    assert.equal(tree.count, i + 2);
  });
  assert.deepEqual(
    tree.entries(),
    [["node", 1000], ...Array.from({ length: 256 }, (_, i) => [keyOf(i), i + 1])],
  );
  const full = radixSizeBytes(tree.arena, tree.header);
  for (const byte of order) {
    assert.equal(tree.remove(keyOf(byte)), byte + 1);
    tree.check();
  }
  assert.deepEqual(tree.entries(), [["node", 1000]]);
  assert.ok(radixSizeBytes(tree.arena, tree.header) < full / 50);
});

test("keys that are long or begin alike work", () => {
  const tree = new Tree();
  const long = "p".repeat(30_720);
  const keys = [long, `${long.slice(0, -1)}q`, long.slice(0, 15_000), `${long.slice(0, 7)}a`, "p"];
  keys.forEach((key, i) => tree.insert(key, i + 1));
  tree.check();
  keys.forEach((key, i) => assert.equal(tree.find(key), i + 1));
  assert.deepEqual(tree.entries().map(([key]) => key), sorted(keys));
  assert.equal(tree.seek(long, SEEK_GT), keys[1]);
  assert.equal(tree.seek(long, SEEK_LT), keys[2]);
  for (const key of keys) {
    assert.notEqual(tree.remove(key), RADIX_ABSENT);
    tree.check();
  }
  assert.equal(tree.count, 0);
});

test("a tree as deep as its keys are long works", () => {
  const tree = new Tree();
  const depth = 2000;
  for (let i = 0; i <= depth; i++) tree.insert("z".repeat(i), i);
  tree.check();
  assert.deepEqual(
    tree.entries().map(([, value]) => value),
    Array.from({ length: depth + 1 }, (_, i) => i),
  );
  assert.equal(tree.backwards().length, depth + 1);
  assert.equal(tree.seek("z".repeat(depth), SEEK_LT), "z".repeat(depth - 1));
  while (!radixFree(tree.arena, tree.header, 300)) tree.check();
  tree.check();
  assert.equal(tree.count, 0);
});

test("a cursor goes on by its own key after the tree has changed", () => {
  const tree = new Tree();
  for (let i = 0; i < 1000; i++) tree.insert(`key:${String(i).padStart(6, "0")}`, i);
  const { cursor, arena, header } = tree;
  let seen = 0;
  assert.ok(cursor.first(arena, header));
  do {
    assert.equal(cursor.value, seen++);
    radixRemove(arena, header, cursor.key, 0, cursor.keyLength);
  } while (cursor.seek(arena, header, cursor.key, 0, cursor.keyLength, SEEK_GT));
  assert.equal(seen, 1000);
  assert.equal(tree.count, 0);
  tree.check();
});

test("a prefix is not left", () => {
  const tree = new Tree();
  const keys = ["a", "ab", "abc", "abcd", "abd", "ac", "b", "ab\0", "ab\xff"];
  for (const key of keys) tree.insert(key);
  for (const prefix of ["", "a", "ab", "abc", "abcd", "abcde", "ac", "b", "c", "aa", "abcx"]) {
    const found: string[] = [];
    for (let key = tree.seek(prefix, SEEK_GE, prefix.length); key !== undefined;) {
      found.push(key);
      key = tree.cursor.next() ? tree.current() : undefined;
    }
    assert.deepEqual(found, sorted(keys).filter((key) => key.startsWith(prefix)), prefix);
  }
});

/** Keys of a kind that share much, or little, or end within each other. */
function randomKey(random: Xoshiro128, kind: number): string {
  const char = (below: number): string => String.fromCharCode(random.below(below));
  if (kind === 0) {
    return Array.from({ length: random.below(7) }, () => "ab"[random.below(2)]).join("");
  }
  if (kind === 1) return `user:${random.below(400)}:${pick(random, ["name", "mail", "nam"])}`;
  if (kind === 2) return Array.from({ length: random.below(4) }, () => char(256)).join("");
  if (kind === 3) return "x".repeat(random.below(50)) + char(256);
  return `${"long".repeat(200 + random.below(2))}${char(4)}${"tail".repeat(random.below(60))}`;
}

test("a tree does what a sorted map does", () => {
  forSeeds(20, (random, seed) => {
    const tree = new Tree();
    const model = new Map<string, number>();
    const kind = seed % 5;
    for (let step = 0; step < 1200; step++) {
      const key = chance(random, 0.3) && model.size > 0
        ? pick(random, [...model.keys()])
        : randomKey(random, kind);
      const value = pick(random, [0, 0, random.below(2 ** 31), random.below(1000)]);
      const growing = step % 800 < 500;
      if (chance(random, growing ? 0.7 : 0.25)) {
        const result = model.has(key) ? RADIX_REPLACED : RADIX_ADDED;
        assert.equal(tree.insert(key, value), result);
        model.set(key, value);
      } else {
        assert.equal(tree.remove(key), model.get(key) ?? RADIX_ABSENT);
        model.delete(key);
      }
      assert.equal(tree.find(key), model.get(key) ?? RADIX_ABSENT);
      assert.equal(tree.count, model.size);
      if (step % 40 !== 0) continue;
      tree.check();
      compare(tree, model, random, kind);
    }
    const prefix = randomKey(random, kind).slice(0, 3);
    const { arena, header } = tree;
    let removed = 0, now = 0;
    do {
      now = radixRemovePrefix(arena, header, asMemory(prefix), 1, prefix.length, 7);
      removed += now;
    } while (now === 7);
    const gone = [...model.keys()].filter((key) => key.startsWith(prefix));
    assert.equal(removed, gone.length);
    for (const key of gone) model.delete(key);
    tree.check();
    compare(tree, model, random, kind);
    const released: number[] = [];
    while (!radixFree(arena, header, 50, (_, value) => released.push(value))) tree.check();
    assert.deepEqual(sortNumbers(released), sortNumbers([...model.values()]));
    tree.check();
    assert.equal(tree.insert("again"), RADIX_ADDED);
    tree.check();
  });
});

function sortNumbers(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}

function compare(
  tree: Tree,
  model: ReadonlyMap<string, number>,
  random: Xoshiro128,
  kind: number,
): void {
  const keys = sorted(model.keys());
  assert.deepEqual(tree.entries(), keys.map((key) => [key, model.get(key)]));
  assert.deepEqual(tree.backwards(), keys.toReversed());
  for (let i = 0; i < 10; i++) {
    const key = chance(random, 0.3) && keys.length > 0
      ? pick(random, keys)
      : randomKey(random, kind);
    for (const mode of MODES) {
      const found = tree.seek(key, mode);
      assert.equal(found, expectedOf(keys, key, mode));
      if (found === undefined) continue;
      assert.equal(tree.cursor.value, model.get(found));
      const at = keys.indexOf(found);
      if (chance(random, 0.5)) {
        assert.equal(tree.cursor.next() ? tree.current() : undefined, keys[at + 1]);
      } else {
        assert.equal(tree.cursor.previous() ? tree.current() : undefined, keys[at - 1]);
      }
    }
    const length = random.below(key.length + 1);
    const prefix = key.slice(0, length);
    const inside = keys.filter((each) => each.startsWith(prefix) && each > key);
    const found: string[] = [];
    for (let more = tree.seek(key, SEEK_GT, length) !== undefined; more;) {
      found.push(tree.current());
      more = tree.cursor.next();
    }
    assert.deepEqual(found, inside);
  }
}

test("a copy holds the same, or nothing where there is no memory", () => {
  const tree = new Tree();
  for (let i = 0; i < 3000; i++) tree.insert(`key:${i * 7919 % 3000}`, i % 5);
  const account = new MemoryAccount();
  const target = new Arena(MIB, account);
  let live = 0;
  const copyValue = (_source: Arena, value: number): number => {
    live++;
    return value + 1;
  };
  const release = (): void => void live--;
  const copy = radixCopy(tree.arena, tree.header, target, copyValue, release);
  const cursor = new RadixCursor();
  const expected = tree.entries();
  let i = 0;
  for (let more = cursor.first(target, copy); more; more = cursor.next()) {
    const [key, value] = expected[i++];
    assert.equal(Buffer.from(cursor.key.bytes.subarray(0, cursor.keyLength)).toString(), key);
    assert.equal(cursor.value, value + 1);
  }
  assert.equal(i, expected.length);
  assert.equal(live, expected.length);
  const small = new Arena(65536, account);
  const before = account.liveBytes;
  live = 0;
  assert.equal(radixCopy(tree.arena, tree.header, small, copyValue, release), 0);
  assert.equal(live, 0);
  assert.equal(account.liveBytes, before);
});

test("without memory an insertion changes nothing, and removals work on", () => {
  forSeeds(6, (random) => {
    const tree = new Tree(3 * 65536);
    const model = new Map<string, number>();
    let refused = 0;
    for (let step = 0; step < 4000; step++) {
      const key = chance(random, 0.5)
        ? `k${random.below(300)}${"y".repeat(random.below(300))}`
        : randomKey(random, random.below(5));
      const before = radixSizeBytes(tree.arena, tree.header);
      const result = tree.insert(key, step);
      if (result === RADIX_NO_MEMORY) {
        refused++;
        assert.equal(radixSizeBytes(tree.arena, tree.header), before);
        for (let i = 0; i < 5 && model.size > 0; i++) {
          const gone = pick(random, [...model.keys()]);
          assert.equal(tree.remove(gone), model.get(gone));
          model.delete(gone);
        }
      } else {
        model.set(key, step);
      }
      if (step % 200 === 0) tree.check();
    }
    assert.ok(refused > 0);
    assert.deepEqual(tree.entries().map(([key]) => key), sorted(model.keys()));
    for (const [key, value] of model) assert.equal(tree.remove(key), value);
    tree.check();
    assert.equal(radixSizeBytes(tree.arena, tree.header), 0);
  });
});

test("where nodes can't be joined for want of memory, the tree works on", () => {
  let loose = 0;
  forSeeds(20, (random, seed) => {
    const tree = new Tree(4 * 65536);
    const { arena, header } = tree;
    const model = new Map<string, number>();
    const keyOf = (): string => randomKey(random, seed % 4) + "tail".repeat(random.below(9));
    for (let i = 0; i < 200; i++) {
      const key = keyOf();
      if (tree.insert(key, i) !== RADIX_NO_MEMORY) model.set(key, i);
    }
    // Nothing but what a removal itself frees is left.
    const hogs: number[] = [];
    for (let sizeClass = CLASS_COUNT - 1; sizeClass >= 0; sizeClass--) {
      for (let unit = arena.allocate(sizeClass); unit !== 0; unit = arena.allocate(sizeClass)) {
        hogs.push(unit);
      }
    }
    const gone = [...model.keys()].filter(() => chance(random, 0.7));
    for (const key of gone) {
      assert.equal(tree.remove(key), model.get(key));
      model.delete(key);
      assert.equal(tree.find(key), RADIX_ABSENT);
    }
    if (radixIsLoose(arena, header)) loose++;
    for (const unit of hogs) arena.free(unit);
    tree.check();
    compare(tree, model, random, seed % 4);
    for (let i = 0; i < 300; i++) {
      const key = keyOf();
      if (chance(random, 0.5)) {
        if (tree.insert(key, i) !== RADIX_NO_MEMORY) model.set(key, i);
      } else {
        assert.equal(tree.remove(key), model.get(key) ?? RADIX_ABSENT);
        model.delete(key);
      }
    }
    tree.check();
    compare(tree, model, random, seed % 4);
    for (const [key, value] of model) assert.equal(tree.remove(key), value);
    tree.check();
    assert.ok(!radixIsLoose(arena, header));
  });
  assert.ok(loose > 0, "it came to that");
});
