/** PFSELFTEST: whether registers and estimates are what they should be on this machine. */
import { makeValueSketch } from "../../engine/hyperloglogs.ts";
import {
  countOfPattern,
  denseHistogram,
  denseRegister,
  estimate,
  indexOfPattern,
  makeHistogram,
  patternOf,
  raiseDense,
  REGISTER_COUNT,
} from "../../structs/hyperloglog.ts";
import {
  clearSketch,
  makeDense,
  raise,
  rewindSketch,
  sparseHistogram,
} from "../../structs/hyperloglog_sparse.ts";
import type { CommandSpec } from "../spec.ts";

const ROUNDS = 20;
const ELEMENTS = 100_000;
/** Standard error of an estimate from so many registers; a sound one stays within a few of it. */
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTER_COUNT);
const ALLOWED_ERRORS = 6;
const MAX_SPARSE_BYTES = 3000;

export const PFSELFTEST = {
  name: "pfselftest",
  arity: 1,
  flags: ["admin"],
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "N/A",
  summary: "An internal command for testing HyperLogLog values.",
  syntax: "",
  run(_call, reply) {
    const failure = testRegisters() ?? testEstimates();
    if (failure === undefined) reply.ok();
    else reply.error(`TESTFAILED ${failure}`);
  },
} as const satisfies CommandSpec;

/** Raises registers and reads them back. */
function testRegisters(): string | undefined {
  const dense = makeValueSketch();
  clearSketch(dense);
  makeDense(dense);
  const expected = new Uint8Array(REGISTER_COUNT);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < REGISTER_COUNT; i++) {
      const value = (i * 31 + round * 17) & 63;
      if (value <= expected[i]) continue;
      expected[i] = value;
      raiseDense(dense.bytes, 0, i, value);
    }
    for (let i = 0; i < REGISTER_COUNT; i++) {
      const value = denseRegister(dense.bytes, 0, i);
      if (value !== expected[i]) return `Register ${i} should be ${expected[i]} but is ${value}`;
    }
  }
  return undefined;
}

/** Adds ever more elements to a dense and a sparse value and estimates both. */
function testEstimates(): string | undefined {
  const sparse = makeValueSketch();
  clearSketch(sparse);
  const dense = makeValueSketch();
  clearSketch(dense);
  makeDense(dense);
  const element = new DataView(new ArrayBuffer(8));
  let checkAt = 1;
  for (let i = 1; i <= ELEMENTS; i++) {
    element.setInt32(0, Math.imul(i, 0x9e37_79b1));
    element.setInt32(4, i);
    const pattern = patternOf(element, 0, 8);
    const index = indexOfPattern(pattern), count = countOfPattern(pattern);
    raiseDense(dense.bytes, 0, index, count);
    rewindSketch(sparse);
    const wasSparse = sparse.length <= MAX_SPARSE_BYTES;
    if (wasSparse) raise(sparse, index, count, MAX_SPARSE_BYTES);
    if (i !== checkAt) continue;
    const histogram = makeHistogram();
    denseHistogram(dense.bytes, 0, histogram);
    const estimated = estimate(histogram);
    if (Math.abs(estimated - i) > Math.ceil(ALLOWED_ERRORS * STANDARD_ERROR * i)) {
      return `Too big error. card:${i} estimated:${estimated}`;
    }
    if (sparse.length <= MAX_SPARSE_BYTES) {
      const other = makeHistogram();
      const isSound = sparseHistogram(sparse.bytes, 0, sparse.length, other);
      if (!isSound || estimate(other) !== estimated) return "dense/sparse disagree";
    }
    checkAt *= 10;
  }
  return undefined;
}
