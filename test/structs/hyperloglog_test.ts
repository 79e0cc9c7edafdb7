// Registers of HyperLogLogs, sparse and dense, against one byte each.

import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import {
  cacheCardinality,
  cachedCardinality,
  countOfPattern,
  DENSE_BYTES,
  denseHistogram,
  denseRegister,
  encodingAt,
  estimate,
  forgetCardinality,
  HEADER_BYTES,
  indexOfPattern,
  isHyperLogLog,
  makeHistogram,
  mergeDense,
  patternOf,
  raiseDense,
  rawHistogram,
  REGISTER_COUNT,
  SPARSE,
} from "../../src/structs/hyperloglog.ts";
import {
  clearSketch,
  CORRUPT,
  describeRuns,
  makeDense,
  makeSketch,
  mergeSparse,
  raise,
  RAISED,
  rewindSketch,
  type Sketch,
  sparseHistogram,
} from "../../src/structs/hyperloglog_sparse.ts";

const CAPACITY = 20_000;

function emptySketch(): Sketch {
  const sketch = makeSketch(CAPACITY);
  clearSketch(sketch);
  return sketch;
}

/** The registers, one byte each. */
function registersOf(sketch: Sketch): Uint8Array {
  const registers = new Uint8Array(REGISTER_COUNT);
  if (encodingAt(sketch.bytes, 0) === SPARSE) {
    assert.ok(mergeSparse(sketch.bytes, 0, sketch.length, registers));
  } else {
    mergeDense(sketch.bytes, 0, registers);
  }
  return registers;
}

test("raise() keeps every register at its highest, in both encodings", () => {
  for (const [maxBytes, highest] of [[3000, 20], [100, 20], [CAPACITY, 32], [3000, 51]]) {
    const random = createRandom([maxBytes, highest, 3, 4]);
    const sketch = emptySketch();
    const expected = new Uint8Array(REGISTER_COUNT);
    for (let i = 0; i < 4000; i++) {
      const index = random.below(i % 3 === 0 ? 40 : REGISTER_COUNT);
      const count = 1 + random.below(i % 2 === 0 ? 3 : highest);
      rewindSketch(sketch);
      const outcome = raise(sketch, index, count, maxBytes);
      assert.equal(outcome === RAISED, count > expected[index]);
      expected[index] = Math.max(expected[index], count);
      if (i % 200 === 0) assert.deepEqual(registersOf(sketch), expected);
      if (encodingAt(sketch.bytes, 0) === SPARSE) assert.ok(sketch.length <= maxBytes);
      else assert.equal(sketch.length, DENSE_BYTES);
    }
    assert.deepEqual(registersOf(sketch), expected);
  }
});

test("raise() in ascending order makes the same bytes as from the beginning", () => {
  const random = createRandom([5, 6, 7, 8]);
  const ascending = emptySketch(), rewound = emptySketch();
  for (let round = 0; round < 4; round++) {
    rewindSketch(ascending);
    for (let i = 0; i < REGISTER_COUNT; i += 1 + random.below(round === 0 ? 5 : 60)) {
      const count = 1 + random.below(3);
      rewindSketch(rewound);
      assert.equal(raise(ascending, i, count, CAPACITY), raise(rewound, i, count, CAPACITY));
    }
    const bytes = ascending.bytes.subarray(0, ascending.length);
    assert.deepEqual(bytes, rewound.bytes.subarray(0, rewound.length));
  }
});

test("dense registers do not touch their neighbours", () => {
  const bytes = new Uint8Array(DENSE_BYTES + 1);
  for (let i = 0; i < REGISTER_COUNT; i++) {
    assert.ok(raiseDense(bytes, 0, i, 63));
    assert.equal(raiseDense(bytes, 0, i, 63), false);
    assert.equal(denseRegister(bytes, 0, i), 63);
    if (i + 1 < REGISTER_COUNT) assert.equal(denseRegister(bytes, 0, i + 1), 0);
  }
  assert.equal(bytes[DENSE_BYTES], 0);
  assert.ok(bytes.subarray(HEADER_BYTES, DENSE_BYTES).every((byte) => byte === 255));
});

test("estimate() is near the number of elements, and the same from every encoding", () => {
  const sketch = emptySketch(), dense = emptySketch();
  assert.ok(makeDense(dense));
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 1, next = 1; i <= 200_000; i++) {
    view.setInt32(0, i * 7);
    const pattern = patternOf(view, 0, 8);
    rewindSketch(sketch);
    raise(sketch, indexOfPattern(pattern), countOfPattern(pattern), 3000);
    raiseDense(dense.bytes, 0, indexOfPattern(pattern), countOfPattern(pattern));
    if (i !== next) continue;
    const [fromDense, fromRaw, fromSparse] = [makeHistogram(), makeHistogram(), makeHistogram()];
    denseHistogram(dense.bytes, 0, fromDense);
    rawHistogram(registersOf(sketch), fromRaw);
    assert.deepEqual(fromRaw, fromDense);
    if (encodingAt(sketch.bytes, 0) === SPARSE) {
      assert.ok(sparseHistogram(sketch.bytes, 0, sketch.length, fromSparse));
      assert.deepEqual(fromSparse, fromDense);
    }
    assert.ok(Math.abs(estimate(fromDense) - i) <= Math.ceil(i * 0.03), `${i}`);
    next = Math.ceil(next * 1.7);
  }
});

test("an estimate of nothing is 0", () => {
  const histogram = makeHistogram();
  const sketch = emptySketch();
  assert.ok(sparseHistogram(sketch.bytes, 0, sketch.length, histogram));
  assert.equal(estimate(histogram), 0);
});

test("the cached cardinality is exact and can be forgotten", () => {
  const { bytes } = emptySketch();
  assert.equal(cachedCardinality(bytes, 0), 0);
  for (const value of [1, 255, 256, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
    cacheCardinality(bytes, 0, value);
    assert.equal(cachedCardinality(bytes, 0), value);
  }
  forgetCardinality(bytes, 0);
  assert.equal(cachedCardinality(bytes, 0), -1);
  bytes.fill(255, 8, 15);
  bytes[15] = 127;
  assert.equal(cachedCardinality(bytes, 0), 9223372036854775807n);
});

test("isHyperLogLog() looks at magic, encoding and length", () => {
  const sketch = emptySketch();
  const { bytes } = sketch;
  assert.ok(isHyperLogLog(bytes, 0, sketch.length));
  assert.equal(isHyperLogLog(bytes, 0, HEADER_BYTES - 1), false);
  makeDense(sketch);
  assert.ok(isHyperLogLog(bytes, 0, DENSE_BYTES));
  assert.equal(isHyperLogLog(bytes, 0, DENSE_BYTES - 1), false);
  bytes[4] = 2;
  assert.equal(isHyperLogLog(bytes, 0, DENSE_BYTES), false);
  bytes[4] = 0;
  bytes[3]++;
  assert.equal(isHyperLogLog(bytes, 0, DENSE_BYTES), false);
});

test("runs that do not cover the registers exactly are corrupt", () => {
  const unsound = [[], [0x7f, 0xfe], [0x7f], [0x7f, 0xff, 0x80], [0x7f, 0xff, 0x7f], [0x3f, 0x83]];
  for (const runs of unsound) {
    const sketch = emptySketch();
    sketch.bytes.set(runs, HEADER_BYTES);
    sketch.length = HEADER_BYTES + runs.length;
    const before = sketch.bytes.slice();
    const { bytes, length } = sketch;
    assert.equal(sparseHistogram(bytes, 0, length, makeHistogram()), false);
    assert.equal(mergeSparse(bytes, 0, length, new Uint8Array(REGISTER_COUNT)), false);
    assert.equal(makeDense(sketch), false);
    assert.equal(raise(sketch, 5, 33, 3000), CORRUPT);
    assert.deepEqual(sketch.bytes, before);
    if (runs.length < 2) assert.equal(raise(sketch, 16_383, 1, 3000), CORRUPT);
  }
});

test("describeRuns() names zeros and values", () => {
  const sketch = emptySketch();
  assert.equal(describeRuns(sketch.bytes, 0, sketch.length), "Z:16384");
  for (const index of [100, 101, 160]) {
    rewindSketch(sketch);
    raise(sketch, index, 2, 3000);
  }
  assert.equal(describeRuns(sketch.bytes, 0, sketch.length), "Z:100 v:2,2 z:58 v:2,1 Z:16223");
});
