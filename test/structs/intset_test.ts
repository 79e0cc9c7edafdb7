import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import * as intset from "../../src/structs/intset.ts";

const AT = 4;
const EDGES: readonly intset.Integer[] = [
  ...[0, 1, -1, 32_767, -32_768, 32_768, -32_769, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, -(2 ** 31) - 1],
  ...[Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2n ** 53n, -(2n ** 53n)],
  ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 2n, 2n ** 62n],
];

function createSet() {
  const region = makeRegion(40_000);
  intset.writeEmpty(region, AT);
  return region;
}

function valuesOf(region: ReturnType<typeof createSet>): intset.Integer[] {
  return Array.from(
    { length: intset.length(region, AT) },
    (_, index) => intset.get(region, AT, index),
  );
}

function ascending(values: Iterable<intset.Integer>): intset.Integer[] {
  return [...values].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
}

test("an intset has the bytes that Redis gives it", () => {
  const region = createSet();
  intset.add(region, AT, 5);
  intset.add(region, AT, -1);
  const hex = () =>
    Array.from(
      region.bytes.subarray(AT, AT + intset.totalBytes(region, AT)),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("");
  assert.equal(hex(), "0200000002000000ffff0500");
  intset.add(region, AT, 70_000);
  assert.equal(hex(), "0400000003000000ffffffff0500000070110100");
  intset.add(region, AT, -(2 ** 40));
  assert.equal(
    hex(),
    "0800000004000000" + "0000000000ffffff" + "ffffffffffffffff" + "0500000000000000" +
      "7011010000000000",
  );
  intset.remove(region, AT, 5);
  assert.equal(
    hex(),
    "0800000003000000" + "0000000000ffffff" + "ffffffffffffffff" + "7011010000000000",
  );
});

function randomInteger(random: Xoshiro128, edges: boolean): intset.Integer {
  if (edges && random.below(4) === 0) return EDGES[random.below(EDGES.length)];
  return random.below(200) - 100;
}

test("random changes leave the same as in a Set", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = createRandom([seed, 1, 1, 1]);
    const region = createSet();
    const model = new Set<intset.Integer>();
    for (let step = 0; step < 200; step++) {
      const value = randomInteger(random, step > 50);
      assert.equal(intset.has(region, AT, value), model.has(value));
      if (random.below(3) > 0) {
        const size = intset.sizeWith(region, AT, value);
        const isNew = !model.has(value);
        assert.equal(intset.add(region, AT, value), isNew);
        if (isNew) assert.equal(intset.totalBytes(region, AT), size);
        model.add(value);
      } else {
        assert.equal(intset.remove(region, AT, value), model.delete(value));
      }
      assert.equal(intset.length(region, AT), model.size);
      assert.equal(
        intset.rankOf(region, AT, value),
        [...model].filter((each) => each < value).length,
      );
    }
    assert.deepEqual(valuesOf(region), ascending(model));
    if (model.size > 0) {
      assert.ok(intset.validate(region, AT, intset.totalBytes(region, AT), true));
      const index = random.below(model.size);
      intset.removeAt(region, AT, index);
      assert.deepEqual(valuesOf(region), ascending(model).toSpliced(index, 1));
    }
  }
});

test("every edge of the widths survives every upgrade", () => {
  for (const a of EDGES) {
    for (const b of EDGES) {
      const region = createSet();
      intset.add(region, AT, 3);
      intset.add(region, AT, a);
      intset.add(region, AT, b);
      assert.deepEqual(valuesOf(region), ascending(new Set([3, a, b])));
    }
  }
});

test("validate refuses what is no intset", () => {
  const region = createSet();
  assert.ok(!intset.validate(region, AT, intset.EMPTY_BYTES, true), "an empty one");
  for (const value of [1, 2, 70_000]) intset.add(region, AT, value);
  const total = intset.totalBytes(region, AT);
  assert.ok(intset.validate(region, AT, total, true));
  for (let length = 0; length < total + 5; length++) {
    assert.equal(intset.validate(region, AT, length, true), length === total);
  }
  const refused = (change: () => void, isDeep: boolean) => {
    const before = region.bytes.slice();
    change();
    assert.ok(!intset.validate(region, AT, total, isDeep));
    region.bytes.set(before);
  };
  refused(() => region.bytes[AT] = 3, false);
  refused(() => region.bytes[AT] = 8, false);
  refused(() => region.bytes[AT + 1] = 1, false);
  refused(() => region.bytes[AT + 4] = 2, false);
  refused(() => region.bytes.fill(0xff, AT + 4, AT + 8), false);
  refused(() => region.view.setInt32(AT + 12, 1, true), true);
  refused(() => region.view.setInt32(AT + 16, -9, true), true);
});
