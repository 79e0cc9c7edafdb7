import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import { CandidatePool } from "../../src/engine/candidate_pool.ts";

test("the pool holds the best sixteen in order, each with all that belongs to it", () => {
  const random = createRandom([1, 2, 3, 4]);
  const pool = new CandidatePool();
  const offered: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const score = random.below(500) - 250;
    const isBetter = offered.filter((other) => other >= score).length < 16;
    assert.equal(pool.accepts(score), isBetter, `${score}`);
    if (!isBetter) continue;
    offered.push(score);
    pool.add(score, score + 1, score & 31, score + 1000, score * 7);
    offered.sort((a, b) => b - a).splice(16);
    const held = Array.from(pool.scores.subarray(0, pool.count));
    assert.deepEqual(held, offered.toReversed());
    for (let at = 0; at < pool.count; at++) {
      const of = pool.scores[at];
      assert.deepEqual(
        [pool.databases[at], pool.shards[at], pool.locals[at], pool.hashes[at]],
        [of + 1, of & 31, of + 1000, of * 7],
      );
    }
    if (i % 50 === 0) {
      pool.count--;
      offered.shift();
    }
  }
});

test("candidatePool.has() tells shards apart", () => {
  const pool = new CandidatePool();
  pool.add(1, 0, 2, 300, 4);
  assert.equal(pool.has(2, 300), true);
  assert.equal(pool.has(3, 300), false);
  assert.equal(pool.has(2, 301), false);
  pool.clear();
  assert.equal(pool.has(2, 300), false);
});
