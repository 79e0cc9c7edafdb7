import { test } from "node:test";
import assert from "node:assert/strict";
import { sortPart } from "../../src/bytes/partial_sort.ts";
import { createRandom } from "../../src/bytes/prng.ts";

const compare = (a: number, b: number): number => a - b;

test("sortPart() puts what is wanted where a whole sort would, and loses nothing", () => {
  const random = createRandom([3, 4, 5, 6]);
  for (const length of [1, 2, 6, 7, 8, 20, 39, 40, 41, 42, 100, 1000]) {
    for (let round = 0; round < 40; round++) {
      const range = 1 + random.below(round % 2 === 0 ? 10 : 10_000);
      const items = Array.from({ length }, () => random.below(range));
      const first = random.below(length), last = first + random.below(length - first);
      const expected = [...items].sort(compare);
      const sorted = [...items];
      sortPart(sorted, compare, first, last);
      assert.deepEqual(sorted.slice(first, last + 1), expected.slice(first, last + 1));
      for (const low of sorted.slice(0, first)) assert.ok(low <= sorted[first]);
      for (const high of sorted.slice(last + 1)) assert.ok(high >= sorted[last]);
      assert.deepEqual(sorted.sort(compare), expected);
    }
  }
});

test("sortPart() is done at once with what is sorted, turned round, or all the same", () => {
  const length = 20_000;
  const cases = [
    Array.from({ length }, (_, i) => i),
    Array.from({ length }, (_, i) => -i),
    Array.from({ length }, () => 7),
  ];
  for (const items of cases) {
    let comparisons = 0;
    const counting = (a: number, b: number): number => {
      comparisons++;
      return a - b;
    };
    const expected = [...items].sort(compare);
    sortPart(items, counting, 0, 9);
    assert.deepEqual(items.slice(0, 10), expected.slice(0, 10));
    assert.ok(comparisons < 5 * length, `${comparisons} comparisons`);
  }
});
