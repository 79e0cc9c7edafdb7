import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";

/** The published algorithm, word for word, with unsigned words. */
function* reference(seed: number[]): Generator<number> {
  const s = seed.map((word) => word >>> 0);
  const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;
  for (;;) {
    yield Math.imul(rotl(Math.imul(s[1], 5) >>> 0, 7), 9) | 0;
    const t = (s[1] << 9) >>> 0;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
  }
}

test("int32() gives the sequence of xoshiro128**", () => {
  for (const seed of [[1, 2, 3, 4], [0, 0, 0, 1], [-1, 2 ** 31, 77, 0]] as const) {
    const random = createRandom(seed);
    const expected = reference([...seed]);
    for (let draw = 0; draw < 1000; draw++) {
      assert.equal(random.int32(), expected.next().value, `seed ${seed}, draw ${draw}`);
    }
  }
  const random = createRandom([1, 2, 3, 4]);
  assert.deepEqual([random.int32(), random.int32(), random.int32()], [11520, 0, 5927040]);
});

test("equal seeds replay, different ones and zeros do not repeat", () => {
  const draw = (seed: [number, number, number, number]): string => {
    const random = createRandom(seed);
    return Array.from({ length: 8 }, () => random.int32()).join();
  };
  assert.equal(draw([5, 6, 7, 8]), draw([5, 6, 7, 8]));
  assert.notEqual(draw([5, 6, 7, 8]), draw([5, 6, 7, 9]));
  const zeros = createRandom([0, 0, 0, 0]);
  assert.ok(new Set(Array.from({ length: 100 }, () => zeros.int32())).size > 90);
});

test("below() reaches every number below its limit, about equally often", () => {
  const random = createRandom([1, 2, 3, 4]);
  for (const limit of [1, 2, 3, 7, 16, 100]) {
    const counts = new Array<number>(limit).fill(0);
    const draws = limit * 1000;
    for (let draw = 0; draw < draws; draw++) counts[random.below(limit)]++;
    assert.equal(counts.length, limit);
    for (const count of counts) assert.ok(count > 850 && count < 1150, `${limit}: ${counts}`);
  }
  let highest = 0;
  for (let draw = 0; draw < 1000; draw++) highest = Math.max(highest, random.below(2 ** 31));
  assert.ok(highest > 2 ** 30 && highest < 2 ** 31);
});

test("below() refuses a limit out of range", () => {
  const random = createRandom([1, 2, 3, 4]);
  for (const limit of [0, -1, 2 ** 31 + 1, Number.NaN]) {
    assert.throws(() => random.below(limit), RangeError);
  }
});
