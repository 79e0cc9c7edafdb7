/**
 * HyperLogLog: how many different elements were added, within 0.81 %, from 16,384 registers.
 *
 *   OFFSET  SIZE  FIELD (Redis's own format, byte for byte: a value is an ordinary string)
 *        0     4  magic        "HYLL"
 *        4     1  encoding     0: dense   1: sparse
 *        5     3  unused       zero
 *        8     8  cardinality  as last computed, low byte first; its highest bit: no longer true
 *       16        registers
 *
 *   dense    16,384 numbers of 6 bits, each from the lowest free bit on: 12,288 bytes
 *   sparse   runs of registers (hyperloglog_sparse.ts), while they take less
 *
 * An element's hash names a register by its low 14 bits; the register holds the longest run of zero
 * bits, plus one, that the other 50 bits of such a hash began with.
 *
 * Source: Redis src/hyperloglog.c; Otmar Ertl, New cardinality estimation algorithms for
 * HyperLogLog sketches (2017), whose estimator `estimate` is.
 */
import { murmur64 } from "../bytes/murmur64.ts";

const INDEX_BITS = 14;
export const REGISTER_COUNT: number = 1 << INDEX_BITS;
/** Bits of a hash that are looked at for zeros. */
const RUN_BITS = 64 - INDEX_BITS;
const REGISTER_BITS = 6;
const REGISTER_MAX = (1 << REGISTER_BITS) - 1;
/** One more than the highest number that a register may hold. */
const HISTOGRAM_SIZE = REGISTER_MAX + 1;

export const HEADER_BYTES = 16;
export const DENSE_BYTES: number = HEADER_BYTES + (REGISTER_COUNT * REGISTER_BITS) / 8;
export const ENCODING_OFFSET = 4;
const CARDINALITY_OFFSET = 8;
const CARDINALITY_BYTES = 8;
const STALE_OFFSET = CARDINALITY_OFFSET + CARDINALITY_BYTES - 1;
const STALE = 0x80;
const MAGIC = [0x48, 0x59, 0x4c, 0x4c] as const;

export const DENSE = 0;
export const SPARSE = 1;

const SEED = 0xadc83b19 | 0;
const ALPHA = 0.721347520444481703680;

const hash = new Int32Array(2);

/**
 * What an element means to the registers.
 * @returns the register in the low 14 bits, and what it is raised to above them
 */
export function patternOf(view: DataView, offset: number, length: number): number {
  murmur64(view, offset, length, SEED, hash);
  const index = hash[0] & (REGISTER_COUNT - 1);
  const low = (hash[0] >>> INDEX_BITS) | (hash[1] << (32 - INDEX_BITS));
  // A bit behind the last one ends every run.
  const high = (hash[1] >>> INDEX_BITS) | (1 << (RUN_BITS - 32));
  const zeros = low !== 0 ? lowestBit(low) : 32 + lowestBit(high);
  return index | ((zeros + 1) << INDEX_BITS);
}

/** Position of the lowest bit set. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The register of a pattern. */
export function indexOfPattern(pattern: number): number {
  return pattern & (REGISTER_COUNT - 1);
}

/** What a pattern raises its register to. */
export function countOfPattern(pattern: number): number {
  return pattern >>> INDEX_BITS;
}

/** Whether a string has the header of a HyperLogLog, and the length that belongs to it. */
export function isHyperLogLog(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < HEADER_BYTES) return false;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[offset + i] !== MAGIC[i]) return false;
  const encoding = bytes[offset + ENCODING_OFFSET];
  return encoding === SPARSE || (encoding === DENSE && length === DENSE_BYTES);
}

export function encodingAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset + ENCODING_OFFSET];
}

/** Writes a header with a cardinality of 0. */
export function writeHeader(bytes: Uint8Array, offset: number, encoding: number): void {
  bytes.fill(0, offset, offset + HEADER_BYTES);
  bytes.set(MAGIC, offset);
  bytes[offset + ENCODING_OFFSET] = encoding;
}

/**
 * @returns the cardinality as last computed, a bigint only beyond 2⁵³-1; -1 if a register was
 * changed since
 */
export function cachedCardinality(bytes: Uint8Array, offset: number): number | bigint {
  if ((bytes[offset + STALE_OFFSET] & STALE) !== 0) return -1;
  let value = 0;
  for (let i = STALE_OFFSET; i >= CARDINALITY_OFFSET; i--) value = value * 256 + bytes[offset + i];
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let i = STALE_OFFSET; i >= CARDINALITY_OFFSET; i--) {
    exact = (exact << 8n) | BigInt(bytes[offset + i]);
  }
  return exact;
}

/** @param cardinality a safe integer */
export function cacheCardinality(bytes: Uint8Array, offset: number, cardinality: number): void {
  let rest = cardinality;
  for (let i = 0; i < CARDINALITY_BYTES; i++) {
    bytes[offset + CARDINALITY_OFFSET + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Notes that the cached cardinality is no longer true. */
export function forgetCardinality(bytes: Uint8Array, offset: number): void {
  bytes[offset + STALE_OFFSET] |= STALE;
}

// Dense registers

export function denseRegister(bytes: Uint8Array, offset: number, index: number): number {
  const bit = index * REGISTER_BITS;
  const at = offset + HEADER_BYTES + (bit >> 3);
  const shift = bit & 7;
  // The last register ends with its first byte.
  const next = shift > 2 ? bytes[at + 1] : 0;
  return ((bytes[at] >> shift) | (next << (8 - shift))) & REGISTER_MAX;
}

/** Raises a register to `count`. @returns whether it was lower */
export function raiseDense(
  bytes: Uint8Array,
  offset: number,
  index: number,
  count: number,
): boolean {
  if (denseRegister(bytes, offset, index) >= count) return false;
  const bit = index * REGISTER_BITS;
  const at = offset + HEADER_BYTES + (bit >> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at] & ~(REGISTER_MAX << shift)) | (count << shift);
  if (shift > 2) {
    bytes[at + 1] = (bytes[at + 1] & ~(REGISTER_MAX >> (8 - shift))) | (count >> (8 - shift));
  }
  return true;
}

/** Calls for each four registers of a dense value, which take three bytes. */
function eachDenseWord(
  bytes: Uint8Array,
  offset: number,
  visit: (word: number, index: number) => void,
): void {
  let at = offset + HEADER_BYTES;
  for (let index = 0; index < REGISTER_COUNT; index += 4, at += 3) {
    visit(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16), index);
  }
}

/** Adds up how many registers hold each number. @param histogram from `makeHistogram` */
export function denseHistogram(bytes: Uint8Array, offset: number, histogram: Int32Array): void {
  eachDenseWord(bytes, offset, (word) => {
    histogram[word & REGISTER_MAX]++;
    histogram[(word >>> 6) & REGISTER_MAX]++;
    histogram[(word >>> 12) & REGISTER_MAX]++;
    histogram[word >>> 18]++;
  });
}

/** Raises registers of one byte each to those of a dense value. */
export function mergeDense(bytes: Uint8Array, offset: number, registers: Uint8Array): void {
  eachDenseWord(bytes, offset, (word, index) => {
    for (let i = 0; i < 4; i++) {
      const count = (word >>> (i * REGISTER_BITS)) & REGISTER_MAX;
      if (count > registers[index + i]) registers[index + i] = count;
    }
  });
}

// Estimating

export function makeHistogram(): Int32Array {
  return new Int32Array(HISTOGRAM_SIZE);
}

/** As `denseHistogram`, of registers of one byte each. */
export function rawHistogram(registers: Uint8Array, histogram: Int32Array): void {
  for (let i = 0; i < REGISTER_COUNT; i++) histogram[registers[i]]++;
}

/** The cardinality that registers with such a histogram stand for. */
export function estimate(histogram: Int32Array): number {
  const m = REGISTER_COUNT;
  let z = m * tau((m - histogram[RUN_BITS + 1]) / m);
  for (let j = RUN_BITS; j >= 1; j--) {
    z += histogram[j];
    z *= 0.5;
  }
  z += m * sigma(histogram[0] / m);
  return Math.round(ALPHA * m * m / z);
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let y = 1;
  let z = x;
  let previous: number;
  do {
    x *= x;
    previous = z;
    z += x * y;
    y += y;
  } while (previous !== z);
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  let previous: number;
  do {
    x = Math.sqrt(x);
    previous = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (previous !== z);
  return z / 3;
}
