/**
 * Sparse registers of a HyperLogLog: runs of equal registers, one or two bytes each.
 *
 *   00llllll            ZERO   l + 1 registers that are 0, at most 64
 *   01llllll llllllll   XZERO  l + 1 registers that are 0, at most 16,384
 *   1vvvvvll            VAL    l + 1 registers, at most 4, that are v + 1, at most 32
 *
 * Example: 4f ff 84 6f fe is 4,096 registers of 0, one of 2, and 12,287 of 0.
 *
 * Raising a register splits its run into at most three; then equal ones near it are joined. What no
 * run can say, or takes more bytes than allowed, becomes dense. All of it is done as Redis does it,
 * so that the bytes are the same.
 *
 * Invariant of a sound value: the runs cover all 16,384 registers and no more.
 * Source: Redis src/hyperloglog.c.
 */
import {
  DENSE,
  DENSE_BYTES,
  ENCODING_OFFSET,
  encodingAt,
  HEADER_BYTES,
  raiseDense,
  REGISTER_COUNT,
  SPARSE,
  writeHeader,
} from "./hyperloglog.ts";

const XZERO = 0x40;
const VAL = 0x80;
const LONG_LENGTH_MASK = 0x3f;
const VAL_LENGTH_MASK = 3;
const VALUE_SHIFT = 2;
const VALUE_MASK = 0x1f;
const ZERO_MAX_LENGTH = 64;
const VAL_MAX_LENGTH = 4;
/** Highest number that a run of registers can hold. */
const VALUE_MAX = 32;
/** Runs that are looked at when equal ones are joined. */
const JOINED_RUNS = 5;
/** Longest replacement of a run: two long runs of zeros and a register between them. */
const MAX_SPLIT_BYTES = 5;

/** What raising a register came to. */
export const UNCHANGED = 0;
export const RAISED = 1;
export const CORRUPT = -1;

/** A HyperLogLog, header included, in memory of its own while it is changed. */
export interface Sketch {
  readonly bytes: Uint8Array;
  length: number;
  /** Where the next search begins, and the first register of the run there. */
  scanAt: number;
  scanIndex: number;
}

/** @param capacity bytes of the longest value that is loaded; a dense one fits in any case */
export function makeSketch(capacity: number): Sketch {
  const bytes = new Uint8Array(Math.max(capacity, DENSE_BYTES) + MAX_SPLIT_BYTES);
  return { bytes, length: 0, scanAt: HEADER_BYTES, scanIndex: 0 };
}

/** Makes it one that nothing was added to. */
export function clearSketch(sketch: Sketch): void {
  writeHeader(sketch.bytes, 0, SPARSE);
  sketch.length = HEADER_BYTES + writeZeros(sketch.bytes, HEADER_BYTES, REGISTER_COUNT);
  rewindSketch(sketch);
}

/** Lets the next search begin with the first register. */
export function rewindSketch(sketch: Sketch): void {
  sketch.scanAt = HEADER_BYTES;
  sketch.scanIndex = 0;
}

/** Bytes of the run that begins with this byte. */
function runBytes(byte: number): number {
  return (byte & (VAL | XZERO)) === XZERO ? 2 : 1;
}

/** Registers of the run at `at`. */
function runLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if ((byte & VAL) !== 0) return (byte & VAL_LENGTH_MASK) + 1;
  if ((byte & XZERO) === 0) return byte + 1;
  return (((byte & LONG_LENGTH_MASK) << 8) | bytes[at + 1]) + 1;
}

/** What the registers of a run hold. */
function runValue(byte: number): number {
  return (byte & VAL) === 0 ? 0 : ((byte >> VALUE_SHIFT) & VALUE_MASK) + 1;
}

function valueRun(value: number, length: number): number {
  return VAL | ((value - 1) << VALUE_SHIFT) | (length - 1);
}

/** Writes a run of zeros as short as possible. @returns its bytes; 0 when there are no zeros */
function writeZeros(bytes: Uint8Array, at: number, count: number): number {
  if (count === 0) return 0;
  if (count <= ZERO_MAX_LENGTH) {
    bytes[at] = count - 1;
    return 1;
  }
  bytes[at] = XZERO | ((count - 1) >> 8);
  bytes[at + 1] = (count - 1) & 0xff;
  return 2;
}

/**
 * Calls `visit` with each run of the registers that begin at `start`, as far as they are sound.
 * @returns whether they are
 */
export function eachRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (index: number, length: number, value: number) => void,
): boolean {
  let index = 0;
  for (let at = start; at < end;) {
    const next = at + runBytes(bytes[at]);
    if (next > end) return false;
    const length = runLength(bytes, at);
    if (index + length > REGISTER_COUNT) return false;
    visit(index, length, runValue(bytes[at]));
    index += length;
    at = next;
  }
  return index === REGISTER_COUNT;
}

/** As `denseHistogram`. @returns whether the value is sound */
export function sparseHistogram(
  bytes: Uint8Array,
  offset: number,
  length: number,
  histogram: Int32Array,
): boolean {
  return eachRun(bytes, offset + HEADER_BYTES, offset + length, (_index, count, value) => {
    histogram[value] += count;
  });
}

/** As `mergeDense`. @returns whether the value is sound */
export function mergeSparse(
  bytes: Uint8Array,
  offset: number,
  length: number,
  registers: Uint8Array,
): boolean {
  return eachRun(bytes, offset + HEADER_BYTES, offset + length, (index, count, value) => {
    for (let i = index; i < index + count; i++) if (value > registers[i]) registers[i] = value;
  });
}

/** The runs as PFDEBUG shows them, e.g. "Z:16383 v:2,1"; what is unsound is left out. */
export function describeRuns(bytes: Uint8Array, offset: number, length: number): string {
  const runs: string[] = [];
  const end = offset + length;
  for (let at = offset + HEADER_BYTES; at < end; at += runBytes(bytes[at])) {
    if (at + runBytes(bytes[at]) > end) break;
    const count = runLength(bytes, at);
    const value = runValue(bytes[at]);
    if (value > 0) runs.push(`v:${value},${count}`);
    else runs.push(`${runBytes(bytes[at]) === 2 ? "Z" : "z"}:${count}`);
  }
  return runs.join(" ");
}

/** Makes a sketch dense. @returns false, and changes nothing, when it is not sound */
export function makeDense(sketch: Sketch): boolean {
  const { bytes, length } = sketch;
  if (encodingAt(bytes, 0) === DENSE) return true;
  const sparse = bytes.slice(0, length);
  const isSound = eachRun(sparse, HEADER_BYTES, length, () => {});
  if (!isSound) return false;
  bytes.fill(0, HEADER_BYTES, DENSE_BYTES);
  bytes[ENCODING_OFFSET] = DENSE;
  eachRun(sparse, HEADER_BYTES, length, (index, count, value) => {
    if (value === 0) return;
    for (let i = index; i < index + count; i++) raiseDense(bytes, 0, i, value);
  });
  sketch.length = DENSE_BYTES;
  return true;
}

/**
 * Raises a register of a sketch, which may become dense.
 * @param index not below that of the last search, unless the sketch was rewound
 * @param maxBytes longest sparse value, its header included
 * @returns UNCHANGED where the register is as high already, RAISED, or CORRUPT
 */
export function raise(sketch: Sketch, index: number, count: number, maxBytes: number): number {
  const { bytes } = sketch;
  if (encodingAt(bytes, 0) === DENSE) {
    return raiseDense(bytes, 0, index, count) ? RAISED : UNCHANGED;
  }
  if (count > VALUE_MAX) return raiseAsDense(sketch, index, count);
  const end = sketch.length;
  let at = sketch.scanAt;
  let first = sketch.scanIndex;
  let previous = 0;
  let previousFirst = 0;
  let span = 0;
  while (at < end) {
    span = at + runBytes(bytes[at]) > end ? 0 : runLength(bytes, at);
    if (span === 0 || index < first + span) break;
    previous = at;
    previousFirst = first;
    at += runBytes(bytes[at]);
    first += span;
  }
  if (span === 0 || at >= end) return CORRUPT;
  if (previous > 0) {
    sketch.scanAt = previous;
    sketch.scanIndex = previousFirst;
  }
  const value = runValue(bytes[at]);
  if (value >= count) return UNCHANGED;
  if (span === 1 && runBytes(bytes[at]) === 1) {
    bytes[at] = valueRun(count, 1);
  } else if (!split(sketch, at, first, index, count, maxBytes)) {
    return raiseAsDense(sketch, index, count);
  }
  join(sketch, previous > 0 ? previous : HEADER_BYTES);
  return RAISED;
}

const pieces = new Uint8Array(MAX_SPLIT_BYTES);

/**
 * Replaces the run at `at`, whose first register is `first`, by one register and what is left of
 * the run before and behind it. @returns false, and changes nothing, when that takes too many bytes
 */
function split(
  sketch: Sketch,
  at: number,
  first: number,
  index: number,
  count: number,
  maxBytes: number,
): boolean {
  const { bytes } = sketch;
  const value = runValue(bytes[at]);
  const before = index - first;
  const behind = runLength(bytes, at) - before - 1;
  let size = 0;
  if (value === 0) size = writeZeros(pieces, 0, before);
  else if (before > 0) pieces[size++] = valueRun(value, before);
  pieces[size++] = valueRun(count, 1);
  if (value === 0) size += writeZeros(pieces, size, behind);
  else if (behind > 0) pieces[size++] = valueRun(value, behind);
  const oldSize = runBytes(bytes[at]);
  const added = size - oldSize;
  if (added > 0 && sketch.length + added > maxBytes) return false;
  bytes.copyWithin(at + size, at + oldSize, sketch.length);
  for (let i = 0; i < size; i++) bytes[at + i] = pieces[i];
  sketch.length += added;
  return true;
}

/** Joins neighbours of equal value among some runs from `at` on. */
function join(sketch: Sketch, at: number): void {
  const { bytes } = sketch;
  for (let i = 0; i < JOINED_RUNS && at < sketch.length; i++) {
    const byte = bytes[at], next = bytes[at + 1];
    if ((byte & VAL) !== 0 && at + 1 < sketch.length && (next & VAL) !== 0) {
      const length = (byte & VAL_LENGTH_MASK) + (next & VAL_LENGTH_MASK) + 2;
      if (runValue(byte) === runValue(next) && length <= VAL_MAX_LENGTH) {
        bytes[at + 1] = valueRun(runValue(byte), length);
        bytes.copyWithin(at, at + 1, sketch.length);
        sketch.length--;
        continue;
      }
    }
    at += runBytes(byte);
  }
}

function raiseAsDense(sketch: Sketch, index: number, count: number): number {
  if (!makeDense(sketch)) return CORRUPT;
  return raiseDense(sketch.bytes, 0, index, count) ? RAISED : UNCHANGED;
}
