/**
 * Intset: a set of integers in one stretch of bytes, sorted, exactly as Redis has it.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  width    bytes of each integer: 2, 4 or 8
 *        4     4  length   how many there are
 *        8     .  values   signed, low byte first, ascending
 *
 * Example: {5, -1} is 02 00 00 00 | 02 00 00 00 | ff ff | 05 00.
 *
 * The width is that of the widest integer that was ever added. Integers are numbers, and bigints only
 * beyond ±(2⁵³-1). Nothing here makes room: `sizeWith` says how long the set will be, the caller sees
 * to it that so many bytes are there, and only then adds.
 *
 * Meant for `import * as intset from "../structs/intset.ts"`.
 *
 * Cost: find is O(log n), add and remove move what is behind.  Source: Redis src/intset.c.
 */
import type { Memory } from "../bytes/copy.ts";

/** An integer of 64 bits: a bigint only beyond ±(2⁵³-1). */
export type Integer = number | bigint;

const LENGTH_OFFSET = 4;
export const HEADER_BYTES = 8;
/** Bytes of a set without integers. */
export const EMPTY_BYTES: number = HEADER_BYTES;
const TWO_POW_32 = 4_294_967_296;
const MAX_SAFE_HIGH = 2_097_151;

/** Writes a set without integers, EMPTY_BYTES long. */
export function writeEmpty(region: Memory, offset: number): void {
  region.view.setInt32(offset, 2, true);
  region.view.setInt32(offset + LENGTH_OFFSET, 0, true);
}

/** Number of integers. */
export function length(region: Memory, offset: number): number {
  return region.view.getUint32(offset + LENGTH_OFFSET, true);
}

/** Bytes of the whole set. */
export function totalBytes(region: Memory, offset: number): number {
  return HEADER_BYTES + widthOf(region, offset) * length(region, offset);
}

function widthOf(region: Memory, offset: number): number {
  return region.bytes[offset];
}

/** Bytes that this integer needs: 2, 4 or 8. */
export function widthFor(value: Integer): number {
  if (value >= -32_768 && value <= 32_767) return 2;
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? 4 : 8;
}

/** The integer at an index from 0 to length - 1; they ascend. */
export function get(region: Memory, offset: number, index: number): Integer {
  return read(region.view, offset + HEADER_BYTES, widthOf(region, offset), index);
}

function read(view: DataView, values: number, width: number, index: number): Integer {
  if (width === 2) return view.getInt16(values + index * 2, true);
  if (width === 4) return view.getInt32(values + index * 4, true);
  const at = values + index * 8;
  const low = view.getUint32(at, true), high = view.getInt32(at + 4, true);
  if (high >= -MAX_SAFE_HIGH && high <= MAX_SAFE_HIGH) return high * TWO_POW_32 + low;
  const value = (BigInt(high) << 32n) | BigInt(low);
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function write(view: DataView, values: number, width: number, index: number, value: Integer): void {
  if (width === 2) return view.setInt16(values + index * 2, value as number, true);
  if (width === 4) return view.setInt32(values + index * 4, value as number, true);
  const at = values + index * 8;
  if (typeof value === "bigint") {
    view.setBigInt64(at, value, true);
  } else {
    view.setInt32(at, value | 0, true);
    view.setInt32(at + 4, Math.floor(value / TWO_POW_32), true);
  }
}

/** @returns how many of the integers are less than `value` */
export function rankOf(region: Memory, offset: number, value: Integer): number {
  const width = widthOf(region, offset);
  const { view } = region;
  const values = offset + HEADER_BYTES;
  let low = 0;
  let high = length(region, offset);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (read(view, values, width, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the integer is in the set. */
export function has(region: Memory, offset: number, value: Integer): boolean {
  const width = widthOf(region, offset);
  if (widthFor(value) > width) return false;
  const rank = rankOf(region, offset, value);
  return isAt(region, offset, rank, value);
}

function isAt(region: Memory, offset: number, rank: number, value: Integer): boolean {
  return rank < length(region, offset) && get(region, offset, rank) === value;
}

/** Bytes of the whole set after `add` of an integer that is not in it. */
export function sizeWith(region: Memory, offset: number, value: Integer): number {
  const width = Math.max(widthOf(region, offset), widthFor(value));
  return HEADER_BYTES + width * (length(region, offset) + 1);
}

/**
 * Adds an integer; `sizeWith` bytes must be there.
 * @returns whether it was not yet in the set
 */
export function add(region: Memory, offset: number, value: Integer): boolean {
  const width = widthFor(value);
  if (width > widthOf(region, offset)) {
    widen(region, offset, width, value);
    return true;
  }
  const rank = rankOf(region, offset, value);
  if (isAt(region, offset, rank, value)) return false;
  insertAt(region, offset, rank, value);
  return true;
}

function insertAt(region: Memory, offset: number, rank: number, value: Integer): void {
  const width = widthOf(region, offset);
  const count = length(region, offset);
  const values = offset + HEADER_BYTES;
  if (rank < count) {
    const at = values + rank * width;
    region.bytes.copyWithin(at + width, at, values + count * width);
  }
  write(region.view, values, width, rank, value);
  region.view.setInt32(offset + LENGTH_OFFSET, count + 1, true);
}

/** Gives all integers more bytes and adds one that needs them: it is the first or the last. */
function widen(region: Memory, offset: number, width: number, value: Integer): void {
  const { view } = region;
  const old = widthOf(region, offset);
  const count = length(region, offset);
  const values = offset + HEADER_BYTES;
  const shift = value < 0 ? 1 : 0;
  for (let i = count - 1; i >= 0; i--) {
    write(view, values, width, i + shift, read(view, values, old, i));
  }
  write(view, values, width, shift === 1 ? 0 : count, value);
  view.setInt32(offset, width, true);
  view.setInt32(offset + LENGTH_OFFSET, count + 1, true);
}

/** Removes an integer. @returns whether it was in the set */
export function remove(region: Memory, offset: number, value: Integer): boolean {
  if (widthFor(value) > widthOf(region, offset)) return false;
  const rank = rankOf(region, offset, value);
  if (!isAt(region, offset, rank, value)) return false;
  removeAt(region, offset, rank);
  return true;
}

/** Removes the integer at an index from 0 to length - 1. */
export function removeAt(region: Memory, offset: number, index: number): void {
  const width = widthOf(region, offset);
  const count = length(region, offset);
  const values = offset + HEADER_BYTES;
  const at = values + index * width;
  region.bytes.copyWithin(at, at + width, values + count * width);
  region.view.setInt32(offset + LENGTH_OFFSET, count - 1, true);
}

/**
 * Whether the bytes are an intset that all functions here can be trusted with, for those that came
 * from somewhere else. Never reads beyond `offset + byteLength`. An empty one is none.
 * @param isDeep whether to look at all integers, that they ascend, instead of at the header only
 */
export function validate(
  region: Memory,
  offset: number,
  byteLength: number,
  isDeep: boolean,
): boolean {
  if (byteLength <= HEADER_BYTES) return false;
  const { view } = region;
  const width = view.getInt32(offset, true);
  const count = view.getUint32(offset + LENGTH_OFFSET, true);
  if (width !== 2 && width !== 4 && width !== 8) return false;
  if (count === 0 || HEADER_BYTES + count * width !== byteLength) return false;
  if (!isDeep) return true;
  for (let i = 1; i < count; i++) {
    if (get(region, offset, i - 1) >= get(region, offset, i)) return false;
  }
  return true;
}
