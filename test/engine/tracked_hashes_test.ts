import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import {
  HashReads,
  LOW_WORD,
  MORE_HASH_WORD,
  TrackedHashes,
} from "../../src/engine/tracked_hashes.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";

interface Made {
  readonly arena: Arena;
  readonly account: MemoryAccount;
  readonly hashes: TrackedHashes;
}

function make(bytes = 8 * 1024 * 1024): Made {
  const account = new MemoryAccount();
  const arena = new Arena(bytes, account);
  return { arena, account, hashes: new TrackedHashes(arena) };
}

/** Adds a hash for client 0. @returns whether there was room */
function add({ arena, hashes }: Made, hash: number): boolean {
  const word = hashes.add(hash);
  if (word !== 0) arena.words[word + LOW_WORD] = 1;
  return word !== 0;
}

/** All hashes that a scan visits, each once. */
function scanned({ arena, hashes }: Made): Set<number> {
  const seen = new Set<number>();
  let cursor = 0;
  do {
    cursor = hashes.scan(cursor, (word) => void seen.add(arena.words[word]));
  } while (cursor !== 0);
  return seen;
}

function mark(hashes: TrackedHashes, pairs: readonly (readonly [number, number])[]): number[] {
  const reads = new HashReads();
  for (const [hash, client] of pairs) {
    reads.hashes[reads.count] = hash;
    reads.clients[reads.count++] = client;
  }
  const added = hashes.mark(reads);
  return [added, ...reads.hashes.subarray(0, reads.count)];
}

describe("TrackedHashes", () => {
  for (const seed of [1, 2]) {
    test(`agrees with a set while it grows and shrinks (seed ${seed})`, () => {
      const made = make();
      const { hashes } = made;
      const random = createRandom([seed, 2, 3, 4]);
      const model = new Set<number>();
      const order: number[] = [];
      for (const [steps, removals] of [[30_000, 2], [40_000, 9]]) {
        for (let step = 0; step < steps; step++) {
          if (random.below(10) < removals && order.length > 0) {
            const at = random.below(order.length);
            const hash = order[at];
            order[at] = order[order.length - 1];
            order.pop();
            model.delete(hash);
            hashes.remove(hashes.find(hash));
            assert.equal(hashes.find(hash), 0);
          } else {
            const hash = random.int32();
            if (hash === 0 || model.has(hash)) continue;
            assert.ok(add(made, hash));
            model.add(hash);
            order.push(hash);
          }
          assert.equal(hashes.count, model.size);
        }
        hashes.checkInvariants();
        made.arena.checkInvariants();
        assert.deepEqual(scanned(made), model);
      }
      assert.ok(made.account.pageBytes < 8 * 65_536, "nearly empty segments are joined");
      for (const hash of model) hashes.remove(hashes.find(hash));
      assert.equal(hashes.count, 0);
      assert.equal(hashes.sample(random), 0);
      hashes.checkInvariants();
    });
  }

  test("marks what it has and what fits, and leaves what needs more", () => {
    const made = make();
    const { arena, hashes } = made;
    assert.deepEqual(mark(hashes, [[5, 1]]), [0, 5], "there is no segment yet");
    assert.ok(add(made, 5));
    assert.deepEqual(mark(hashes, [[5, 1], [5, 63], [5, 1], [9, 2], [9, 2]]), [3]);
    assert.equal(hashes.count, 2);
    assert.deepEqual([...arena.words.subarray(hashes.find(5), hashes.find(5) + 4)], [
      ...[5, 3, 1 << 31, 0],
    ]);
    assert.deepEqual(
      mark(hashes, [[5, 64], [5, 94], [9, 95], [9, 3]]),
      [3, 9],
      "a client too many",
    );
    const more = hashes.find(5) + MORE_HASH_WORD;
    assert.equal(arena.words[more], 1 | 1 << 30);
    arena.words[more] = ~7;
    assert.deepEqual(mark(hashes, [[5, 64], [5, 62]]), [1, 5], "a chain has those from 64 on");
    assert.equal(arena.words[more], ~7);
    hashes.checkInvariants();
  });

  test("has no place for the hash 0, which marks free cells", () => {
    const made = make();
    assert.ok(!add(made, 0));
    assert.ok(add(made, 1 << 12), "one with the same home");
    assert.deepEqual(mark(made.hashes, [[0, 1]]), [0, 0]);
    assert.equal(made.hashes.find(0), 0);
    assert.equal(made.hashes.count, 1);
    made.hashes.checkInvariants();
  });

  test("marking never overfills a segment", () => {
    const { hashes } = make();
    const random = createRandom([7, 7, 7, 7]);
    hashes.add(1);
    let marked = 0;
    for (let i = 0; i < 10_000; i++) marked += mark(hashes, [[random.int32() | 1, 3]])[0];
    assert.ok(marked > 2_000 && marked < 4_096, `${marked}`);
    assert.equal(hashes.count, marked + 1);
  });

  test("says no when no page is left, and takes one more for each that goes", () => {
    const made = make(4 * 65_536);
    const random = createRandom([9, 9, 9, 9]);
    const taken: number[] = [];
    for (let hash = random.int32(); made.hashes.find(hash) !== 0 || add(made, hash);) {
      taken.push(hash);
      hash = random.int32();
    }
    assert.ok(taken.length > 6_000, `${taken.length}`);
    for (const hash of taken) assert.notEqual(made.hashes.find(hash), 0);
    made.hashes.checkInvariants();
    made.hashes.remove(made.hashes.find(taken[0]));
    assert.ok(add(made, taken[0]));
  });

  test("a scan visits whatever stays, while segments split and join", () => {
    const made = make();
    const random = createRandom([3, 1, 4, 1]);
    const staying = new Set(Array.from({ length: 9_000 }, () => random.int32()));
    for (const hash of staying) add(made, hash);
    const others: number[] = [];
    const seen = new Set<number>();
    let cursor = 0, steps = 0;
    do {
      cursor = made.hashes.scan(cursor, (word) => void seen.add(made.arena.words[word]));
      if (steps++ === 0) {
        for (let i = 0; i < 20_000; i++) {
          const hash = random.int32();
          if (made.hashes.find(hash) === 0 && add(made, hash)) others.push(hash);
        }
      } else if (steps === 5) {
        for (const hash of others) made.hashes.remove(made.hashes.find(hash));
      }
    } while (cursor !== 0);
    assert.ok(steps > 5);
    for (const hash of staying) assert.ok(seen.has(hash));
    made.hashes.checkInvariants();
  });

  test("samples all entries about equally", () => {
    const made = make();
    const random = createRandom([2, 7, 1, 8]);
    for (let i = 0; i < 20_000; i++) add(made, random.int32());
    const drawn = new Map<number, number>();
    for (let i = 0; i < 40_000; i++) {
      const word = made.hashes.sample(random);
      drawn.set(word, (drawn.get(word) ?? 0) + 1);
    }
    assert.ok(drawn.size > 12_000, `${drawn.size}`);
    assert.ok(Math.max(...drawn.values()) < 60);
  });
});
