/** Counting different elements: a HyperLogLog in either form, against a Set of strings. */
import {
  countOfPattern,
  denseHistogram,
  estimate,
  indexOfPattern,
  makeHistogram,
  patternOf,
  raiseDense,
} from "../../src/structs/hyperloglog.ts";
import {
  clearSketch,
  makeDense,
  makeSketch,
  raise,
  rewindSketch,
  type Sketch,
} from "../../src/structs/hyperloglog_sparse.ts";
import type { Bench } from "../support/bench.ts";

const MAX_SPARSE_BYTES = 3000;
/** Elements that a sparse one holds at most: more make it dense. */
const SPARSE_ELEMENTS = 800;
const ELEMENT_BYTES = 16;

const element = new DataView(new ArrayBuffer(ELEMENT_BYTES));

function patternOfNumber(i: number): number {
  element.setInt32(0, i);
  element.setInt32(8, Math.imul(i, 0x9e37_79b1));
  return patternOf(element, 0, ELEMENT_BYTES);
}

function emptySketch(): Sketch {
  const sketch = makeSketch(MAX_SPARSE_BYTES);
  clearSketch(sketch);
  return sketch;
}

function addToDense(size: number): number {
  const sketch = emptySketch();
  makeDense(sketch);
  for (let i = 0; i < size; i++) {
    const pattern = patternOfNumber(i);
    raiseDense(sketch.bytes, 0, indexOfPattern(pattern), countOfPattern(pattern));
  }
  const histogram = makeHistogram();
  denseHistogram(sketch.bytes, 0, histogram);
  return estimate(histogram);
}

function addToSparse(size: number): number {
  const sketch = emptySketch();
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const pattern = patternOfNumber(i % SPARSE_ELEMENTS);
    rewindSketch(sketch);
    sum += raise(sketch, indexOfPattern(pattern), countOfPattern(pattern), MAX_SPARSE_BYTES);
  }
  return sum + sketch.length;
}

function addToSet(size: number): number {
  const set = new Set<string>();
  for (let i = 0; i < size; i++) set.add(`element:${i}`);
  return set.size;
}

function hashOnly(size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum = (sum + patternOfNumber(i)) | 0;
  return sum;
}

export const HYPERLOGLOG_BENCHES: readonly Bench[] = [
  { name: "HyperLogLog, dense: add", run: addToDense },
  { name: "HyperLogLog, sparse: add one of 800", run: addToSparse },
  { name: "HyperLogLog: hash an element of 16 bytes", run: hashOnly },
  { name: "Set of strings: add", run: addToSet },
];
