import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { STREAM } from "../../src/structs/stream.ts";
import {
  DELETE_REFERENCES,
  deleteEntry,
  hasEntry,
  KEEP_REFERENCES,
  lastEntryId,
  trimStream,
} from "../../src/structs/stream_delete.ts";
import { createStream, LAST_ID_WORD, streamLength } from "../../src/structs/stream_header.ts";
import { compareIds } from "../../src/structs/stream_id.ts";
import {
  append,
  checkOwned,
  type Entry,
  freeAll,
  idOf,
  makeArena,
  range,
  showId,
} from "./stream_support.ts";

const MAX = "18446744073709551615";

test("entries come back as they were added, in both directions", () => {
  const { arena, account } = makeArena();
  const stream = createStream(arena);
  const entries: Entry[] = [
    ["1-1", "name", "crab", "legs", "10"],
    ["1-2", "name", "", "legs", "-9223372036854775808"],
    ["2-0", "legs", "8"],
    [`2-${MAX}`, "name", "x".repeat(5000), "legs", "007"],
    ["3-0", "name", "y".repeat(70_000)],
    [`${MAX}-${MAX}`, "f".repeat(200_000), "z"],
  ];
  for (const entry of entries) assert.ok(append(arena, stream, entry));
  checkOwned(arena, account, stream);
  assert.deepEqual(range(arena, stream, "-", "+"), entries);
  assert.deepEqual(range(arena, stream, "-", "+", true), entries.toReversed());
  assert.deepEqual(range(arena, stream, "1-2", "2-5"), entries.slice(1, 3));
  assert.deepEqual(range(arena, stream, "1-2", "2-5", true), entries.slice(1, 3).toReversed());
  assert.deepEqual(range(arena, stream, "5-0", "2-0"), []);
  assert.equal(streamLength(arena, stream), entries.length);
  freeAll(arena, stream, 1);
  assert.equal(account.liveBytes, 0);
});

test("ids before and far behind a node's first id are kept as differences", () => {
  const { arena } = makeArena();
  const stream = createStream(arena);
  const ids = [`5-${MAX}`, "6-0", "6-9223372036854775807", `6-${MAX}`, "9223372036854775808-1"]
    .concat(["9223372036854775813-7", `${MAX}-3`]);
  for (const id of ids) assert.ok(append(arena, stream, [id, "a", "b"]));
  assert.deepEqual(range(arena, stream, "-", "+").map(([id]) => id), ids);
});

test("differences are exact around the last integer that a double holds", () => {
  for (const high of [9007199254740991n, 9007199254740993n, 9007199254740995n]) {
    for (const first of ["1-1", "2147484303-2", "4294967295-4294967295"]) {
      const { arena } = makeArena(1);
      const stream = createStream(arena);
      const ids = [first, `${high}-0`, `${high}-${high}`];
      for (const id of ids) assert.ok(append(arena, stream, [id, "a", "b"]));
      assert.deepEqual(range(arena, stream, "-", "+").map(([id]) => id), ids);
    }
  }
});

test("nodes end at the limits of entries and of bytes", () => {
  const { arena } = makeArena();
  const nodes = (maxBytes: number, maxEntries: number, count: number, value: string): number => {
    const stream = createStream(arena);
    for (let i = 1; i <= count; i++) {
      assert.ok(append(arena, stream, [`${i}-0`, "a", value], maxBytes, maxEntries));
    }
    const trimming = {
      maxLength: 0,
      minId: idOf("0-0"),
      isApproximate: true,
      limit: 0,
      references: KEEP_REFERENCES,
    };
    let trims = 0;
    for (let left = count; left > 0; trims++) {
      // Leaves the least that is more than one node.
      const limit = { ...trimming, limit: 1 };
      while (trimStream(arena, stream, limit) === 0) limit.limit++;
      left = streamLength(arena, stream);
    }
    return trims;
  };
  assert.equal(nodes(4096, 100, 250, "x"), 3);
  assert.equal(nodes(4096, 1, 5, "x"), 5);
  assert.equal(nodes(0, 0, 3000, "x"), 1);
  assert.equal(nodes(1000, 0, 30, "x".repeat(90)), 4);
  assert.equal(nodes(10, 0, 3, "x"), 3);
});

/** One of the streams of the model test. */
class Pair {
  readonly arena;
  readonly account;
  readonly stream;
  entries: Entry[] = [];
  lastMs = 0;

  readonly random: Xoshiro128;

  constructor(random: Xoshiro128) {
    this.random = random;
    ({ arena: this.arena, account: this.account } = makeArena());
    this.stream = createStream(this.arena);
  }

  randomId(): string {
    return `${this.random.below(this.lastMs + 2)}-${this.random.below(3)}`;
  }

  pairs(): string[] {
    const { random } = this;
    const shapes = [["a", "b"], ["a"], ["a", "b"], ["b", "a"], ["12", "x".repeat(70)]];
    const lengths = [0, 1, 5, 20, 63, 64, 300];
    return shapes[random.below(shapes.length)].flatMap((field) => {
      if (random.below(3) === 0) return [field, String(random.int32() * random.below(9999))];
      if (random.below(400) === 0) return [field, "L".repeat(60_000 + random.below(90_000))];
      return [field, "v".repeat(lengths[random.below(lengths.length)])];
    });
  }

  step(): void {
    const { arena, stream, random } = this;
    const kind = random.below(100);
    if (kind < 80) {
      this.lastMs += random.below(3) + (this.entries.length === 0 ? 1 : 0);
      const id = `${this.lastMs}-${this.entries.length * 10 + random.below(10) + 3}`;
      const last = (stream << 1) + LAST_ID_WORD;
      if (compareIds(idOf(id), 0, arena.words, last) <= 0) return;
      const entry: Entry = [id, ...this.pairs()];
      if (
        append(arena, stream, entry, [4096, 500, 0][random.below(3)], [100, 7, 0][random.below(3)])
      ) {
        this.entries.push(entry);
      } else {
        assert.fail("no memory");
      }
    } else if (kind < 97) {
      const at = random.below(this.entries.length + 1);
      const id = this.entries[at]?.[0] ?? this.randomId();
      const isThere = this.entries.some((each) => each[0] === id);
      assert.equal(hasEntry(arena, stream, idOf(id), 0), isThere);
      assert.equal(deleteEntry(arena, stream, idOf(id), 0), isThere);
      this.entries = this.entries.filter((each) => each[0] !== id);
    } else {
      this.trim();
    }
  }

  trim(): void {
    const { arena, stream, random } = this;
    const byLength = random.below(2) === 0;
    const minId = this.entries[random.below(this.entries.length + 1)]?.[0] ?? this.randomId();
    const maxLength = byLength ? random.below(this.entries.length + 2) : -1;
    const isApproximate = random.below(2) === 0;
    const references = random.below(2) === 0 ? KEEP_REFERENCES : DELETE_REFERENCES;
    const trimming = { maxLength, minId: idOf(minId), isApproximate, limit: 0, references };
    const deleted = trimStream(arena, stream, trimming);
    const exact = byLength
      ? Math.max(0, this.entries.length - maxLength)
      : this.entries.filter(([id]) => compareIds(idOf(id), 0, trimming.minId, 0) < 0).length;
    if (isApproximate) assert.ok(deleted <= exact);
    else assert.equal(deleted, exact);
    this.entries = this.entries.slice(deleted);
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`a stream behaves as an array of entries (seed ${seed})`, () => {
    const random = createRandom([seed, 7, 8, 9]);
    const pair = new Pair(random);
    const { arena, account, stream } = pair;
    for (let i = 0; i < 1200; i++) {
      pair.step();
      if (i % 100 === 99) {
        checkOwned(arena, account, stream);
        const from = pair.randomId(), to = pair.randomId();
        const expected = pair.entries.filter(([id]) =>
          compareIds(idOf(id), 0, idOf(from), 0) >= 0 && compareIds(idOf(id), 0, idOf(to), 0) <= 0
        );
        assert.deepEqual(range(arena, stream, from, to), expected);
        assert.deepEqual(range(arena, stream, from, to, true), expected.toReversed());
        assert.equal(streamLength(arena, stream), pair.entries.length);
        const last = new Int32Array(4);
        assert.equal(lastEntryId(arena, stream, last, 0), pair.entries.length > 0);
        if (pair.entries.length > 0) assert.equal(showId(last, 0), pair.entries.at(-1)![0]);
      }
    }
    assert.deepEqual(range(arena, stream, "-", "+"), pair.entries);
    const other = makeArena();
    const copied = STREAM.copy(arena, stream, other.arena);
    checkOwned(other.arena, other.account, copied);
    assert.deepEqual(range(other.arena, copied, "-", "+"), pair.entries);
    freeAll(arena, stream, 1 + random.below(50));
    assert.equal(account.liveBytes, 0);
    assert.deepEqual(range(other.arena, copied, "-", "+"), pair.entries);
  });
}

test("without memory nothing is appended, and nothing is lost", () => {
  const { arena, account } = makeArena(1);
  const stream = createStream(arena);
  const entries: Entry[] = [];
  for (let i = 1;; i++) {
    const entry: Entry = [`${i}-0`, "a", "x".repeat(i % 50 === 0 ? 80_000 : 300)];
    const before = account.liveBytes;
    if (!append(arena, stream, entry)) {
      if (i % 50 !== 0) break;
      assert.equal(account.liveBytes, before);
      continue;
    }
    entries.push(entry);
  }
  assert.ok(entries.length > 100);
  checkOwned(arena, account, stream);
  assert.deepEqual(range(arena, stream, "-", "+"), entries);
  const used = account.liveBytes;
  assert.equal(STREAM.copy(arena, stream, arena), 0);
  assert.equal(account.liveBytes, used);
  for (const [id] of entries) assert.ok(deleteEntry(arena, stream, idOf(id), 0));
  checkOwned(arena, account, stream);
  assert.equal(streamLength(arena, stream), 0);
});
