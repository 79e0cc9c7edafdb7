import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { HOT_KEYS_MAX, HotKeys } from "../../src/engine/hot_keys.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const START_MS = 1_700_000_000_000;

/** A hash that spreads as the keyed one of the store does. */
function hashOf(key: number, seed: number): number {
  let hash = Math.imul(key ^ seed, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Uses of numbered keys, given to `hotKeys` as the stages do. */
class Stream {
  readonly hotKeys = new HotKeys();
  readonly seed: number;
  nowMs = START_MS;

  constructor(seed: number) {
    this.seed = seed;
  }

  use(key: number, dbIndex = 0): void {
    if (--this.hotKeys.untilSample !== 0) return;
    const bytes = encoder.encode(`..key:${key}..`);
    const hash = hashOf(key, this.seed);
    this.hotKeys.sample(hash, bytes, 2, bytes.length - 4, dbIndex, this.nowMs);
  }

  top(count: number): string[] {
    return this.hotKeys.top(count, this.nowMs).map(({ key }) => decoder.decode(key));
  }
}

/** Picks key n with a probability that falls as 1 / n^exponent. */
function zipf(keyCount: number, exponent: number, seed: number): () => number {
  const random = createRandom([seed, 2, 3, 4]);
  const sums = new Float64Array(keyCount);
  let sum = 0;
  for (let i = 0; i < keyCount; i++) sums[i] = sum += 1 / (i + 1) ** exponent;
  return () => {
    const wanted = (random.int32() >>> 0) / 2 ** 32 * sum;
    let low = 0, high = keyCount - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

test("most of the true top ten of a Zipf stream are found, the very hottest in their order", () => {
  for (const [exponent, least] of [[0.9, 8], [1, 9], [1.2, 9]] as const) {
    for (const seed of [1, 2]) {
      const stream = new Stream(seed);
      const next = zipf(100_000, exponent, seed);
      for (let i = 0; i < 1_000_000; i++) {
        stream.use(next());
        if (i % 50 === 0) stream.nowMs++;
      }
      const top = stream.top(10);
      const found = top.filter((key) => Number(key.slice(4)) < 10).length;
      assert.ok(found >= least, `exponent ${exponent}, seed ${seed}: ${found} of ${top}`);
      assert.equal(top[0], "key:0");
    }
  }
});

test("rates and shares are right within the error that is told", () => {
  const stream = new Stream(7);
  const random = createRandom([7, 2, 3, 4]);
  // 20,000 uses a second for 60 s: a quarter of them of one key, a tenth of another.
  for (let ms = 0; ms < 60_000; ms += 1) {
    for (let i = 0; i < 20; i++) {
      const draw = random.below(100);
      stream.use(draw < 25 ? 1 : draw < 35 ? 2 : 1000 + random.below(1e6));
    }
    stream.nowMs++;
  }
  const [first, second] = stream.hotKeys.top(2, stream.nowMs);
  assert.equal(decoder.decode(first.key), "key:1");
  assert.equal(decoder.decode(second.key), "key:2");
  assert.ok(Math.abs(first.perSecond - 5000) <= first.error, `${first.perSecond}`);
  assert.ok(first.error < 300, `${first.error}`);
  assert.ok(Math.abs(second.perSecond - 2000) <= second.error, `${second.perSecond}`);
  assert.ok(Math.abs(first.share - 0.25) < 0.02, `${first.share}`);
});

test("a pipeline that repeats itself does not fool the sampling", () => {
  for (const length of [2, 8, 16, 32, 33]) {
    const stream = new Stream(length);
    for (let i = 0; i < 400_000; i++) {
      stream.use(i % length);
      if (i % 100 === 0) stream.nowMs++;
    }
    const shares = stream.hotKeys.top(length, stream.nowMs).map(({ share }) => share);
    assert.equal(shares.length, length);
    for (const share of shares) assert.ok(Math.abs(share * length - 1) < 0.25, `${share}`);
  }
});

test("what was hot cools down by half in ten seconds", () => {
  const stream = new Stream(1);
  for (let i = 0; i < 160_000; i++) {
    stream.use(1);
    if (i % 16 === 0) stream.nowMs++;
  }
  const [before] = stream.hotKeys.top(1, stream.nowMs);
  assert.ok(Math.abs(before.perSecond - 16_000) < 1000, `${before.perSecond}`);
  stream.nowMs += 20_000;
  const [later] = stream.hotKeys.top(1, stream.nowMs);
  assert.ok(later.perSecond < before.perSecond / 3, `${later.perSecond}`);
  for (let i = 0; i < 80_000; i++) {
    stream.use(2);
    if (i % 16 === 0) stream.nowMs++;
  }
  assert.deepEqual(stream.top(2), ["key:2", "key:1"]);
  stream.nowMs += 3_600_000;
  assert.deepEqual(stream.top(10), []);
});

test("the same key of two databases counts as two", () => {
  const stream = new Stream(5);
  for (let i = 0; i < 30_000; i++) stream.use(9, i % 3 === 0 ? 4 : 0);
  const top = stream.hotKeys.top(10, stream.nowMs);
  assert.deepEqual(top.map(({ dbIndex }) => dbIndex), [0, 4]);
  assert.ok(Math.abs(top[1].share - 1 / 3) < 0.05);
});

test("memory does not grow with the number of keys", () => {
  const stream = new Stream(3);
  const empty = stream.hotKeys.sizeBytes;
  for (let i = 0; i < 500_000; i++) stream.use(i);
  assert.ok(stream.hotKeys.sizeBytes - empty <= HOT_KEYS_MAX * 16);
  assert.ok(empty < 64 * 1024);
  assert.ok(stream.hotKeys.top(100, stream.nowMs).length <= HOT_KEYS_MAX);
});

test("reset() forgets everything, and counting begins anew", () => {
  const stream = new Stream(3);
  for (let i = 0; i < 5000; i++) stream.use(1);
  stream.hotKeys.reset();
  assert.deepEqual(stream.top(10), []);
  for (let i = 0; i < 5000; i++) stream.use(2);
  assert.deepEqual(stream.top(10), ["key:2"]);
});

test("a clock that is set back does not stop it", () => {
  const stream = new Stream(3);
  for (let i = 0; i < 5000; i++) stream.use(1);
  stream.nowMs -= 3_600_000;
  for (let i = 0; i < 5000; i++) stream.use(1);
  assert.deepEqual(stream.top(1), ["key:1"]);
  stream.nowMs += 40_000;
  assert.ok(stream.hotKeys.top(1, stream.nowMs)[0].perSecond < 200);
});
