/** HyperLogLogs in the keyspace: strings of a certain form, dense ones changed where they lie. */
import type { CommandBatch } from "../ports/command_batch.ts";
import {
  DENSE,
  denseHistogram,
  encodingAt,
  isHyperLogLog,
  mergeDense,
} from "../structs/hyperloglog.ts";
import {
  makeSketch,
  mergeSparse,
  rewindSketch,
  type Sketch,
  sparseHistogram,
} from "../structs/hyperloglog_sparse.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import {
  ENCODING_PAGED,
  ENCODING_RAW,
  makeKind,
  NO_EXPIRY,
  type RecordRef,
  TYPE_STRING,
} from "./record_kinds.ts";
import { makeStretch, stretchAt } from "./string_stretches.ts";
import { INLINE_LIMIT, stringLength } from "./strings.ts";

const KIND_RAW = makeKind(TYPE_STRING, ENCODING_RAW);

/** Longest sparse value that is read; no element ever makes one as long. */
export const MAX_SPARSE_BYTES = INLINE_LIMIT;

const stretch = makeStretch();

/** Memory for a value while it is changed. */
export function makeValueSketch(): Sketch {
  return makeSketch(MAX_SPARSE_BYTES);
}

/** Whether a string looks like a HyperLogLog; its registers may be corrupt nonetheless. */
export function isHyperLogLogValue(ks: Keyspace, ref: RecordRef): boolean {
  stretchAt(ks, ref, 0, stretch);
  return isHyperLogLog(stretch.region.bytes, stretch.offset, stringLength(ks, ref));
}

/** Whether a HyperLogLog is longer than any sound one; the functions below take no such value. */
export function isTooLong(ks: Keyspace, ref: RecordRef): boolean {
  return ks.encodingOf(ref) === ENCODING_PAGED;
}

/** Whether a HyperLogLog is dense. */
export function isDense(ks: Keyspace, ref: RecordRef): boolean {
  return encodingAt(ks.regionOf(ref).bytes, ks.valueOffset(ref)) === DENSE;
}

/** Copies a HyperLogLog. */
export function loadSketch(ks: Keyspace, ref: RecordRef, sketch: Sketch): void {
  const at = ks.valueOffset(ref);
  sketch.length = ks.valueLength(ref);
  sketch.bytes.set(ks.regionOf(ref).bytes.subarray(at, at + sketch.length));
  rewindSketch(sketch);
}

/**
 * Makes a sketch the value of the key in argument `arg`; its expiry stays.
 * @param ref 0 = absent
 * @throws OutOfMemory; the key is as it was
 */
export function storeSketch(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  sketch: Sketch,
): RecordRef {
  const { length } = sketch;
  const stored = ref === 0
    ? ks.place(db, batch, arg, KIND_RAW, length, NO_EXPIRY)
    : ks.resize(db, batch, arg, ref, KIND_RAW, length);
  ks.regionOf(stored).bytes.set(sketch.bytes.subarray(0, length), ks.valueOffset(stored));
  return stored;
}

/**
 * Makes a HyperLogLog one that may be changed where it lies, as SET may have left it otherwise.
 * @returns the record, which may have moved
 * @throws OutOfMemory
 */
export function unshare(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  if (ks.encodingOf(ref) === ENCODING_RAW) return ref;
  const dirty = ks.stats.dirty;
  const moved = ks.resize(db, batch, arg, ref, KIND_RAW, ks.valueLength(ref));
  ks.stats.dirty = dirty;
  return moved;
}

/** Adds up how many registers hold each number. @returns whether the value is sound */
export function histogramOf(ks: Keyspace, ref: RecordRef, histogram: Int32Array): boolean {
  const { bytes } = ks.regionOf(ref);
  const at = ks.valueOffset(ref);
  if (encodingAt(bytes, at) !== DENSE) {
    return sparseHistogram(bytes, at, ks.valueLength(ref), histogram);
  }
  denseHistogram(bytes, at, histogram);
  return true;
}

/** Raises registers of one byte each to those of a value. @returns whether the value is sound */
export function mergeValue(ks: Keyspace, ref: RecordRef, registers: Uint8Array): boolean {
  const { bytes } = ks.regionOf(ref);
  const at = ks.valueOffset(ref);
  if (encodingAt(bytes, at) !== DENSE) {
    return mergeSparse(bytes, at, ks.valueLength(ref), registers);
  }
  mergeDense(bytes, at, registers);
  return true;
}
