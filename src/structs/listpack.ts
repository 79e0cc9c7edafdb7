/**
 * Listpack: a list of strings and integers in one stretch of bytes, exactly as Redis has it.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  totalBytes   of the whole listpack, low byte first
 *        4     2  length       elements; 65535: more than can be told here, count them
 *        6     .  elements     (listpack_element.ts)
 *        .     1  0xff
 *
 * Example: ["a", 5] is 0c 00 00 00 | 02 00 | 81 61 02 | 05 01 | ff: 12 bytes, 5 of them elements.
 *
 * A listpack is named by its memory and its offset `lp` there, an element by the position `p` of its
 * first byte in that memory, 0 being none. Nothing here makes room: who adds says how much it takes
 * (`sizeOfString`, `sizeOfInteger`), sees to it that so many bytes are free behind the listpack, and
 * only then inserts. Positions hold relative to `lp`: when the listpack was moved, so were they.
 *
 * Meant for `import * as listpack from "../structs/listpack.ts"`.
 *
 * Cost: every search and insertion is O(bytes).  Source: Redis src/listpack.c.
 */
import { equalBytes } from "../bytes/compare.ts";
import type { Memory } from "../bytes/copy.ts";
import {
  asInteger,
  backLengthSize,
  END_BYTE,
  headAndDataSize,
  integerAt,
  isInteger,
  type Position,
  sizeAt,
  sizeOfInteger,
  sizeOfString,
  stringLength,
  stringOffset,
  writeInteger,
  writeString,
} from "./listpack_element.ts";

export {
  asInteger,
  compareText,
  copyText,
  equals,
  formatElement,
  integerAt,
  isInteger,
  type Position,
  readText,
  sizeAt,
  sizeOfInteger,
  sizeOfString,
  sizeOfText,
  stringLength,
  stringOffset,
  textLength,
  writeInteger,
  writeString,
} from "./listpack_element.ts";

const LENGTH_OFFSET = 4;
export const HEADER_BYTES = 6;
/** Bytes of a listpack without elements. */
export const EMPTY_BYTES = 7;
/** Stands for more elements than the header can count. */
const UNCOUNTED = 65_535;

/** Writes a listpack without elements, EMPTY_BYTES long. */
export function writeEmpty(bytes: Uint8Array, lp: number): void {
  setTotalBytes(bytes, lp, EMPTY_BYTES);
  setCount(bytes, lp, 0);
  bytes[lp + HEADER_BYTES] = END_BYTE;
}

/** Bytes of the whole listpack. */
export function totalBytes(bytes: Uint8Array, lp: number): number {
  return (bytes[lp] | (bytes[lp + 1] << 8) | (bytes[lp + 2] << 16) | (bytes[lp + 3] << 24)) >>> 0;
}

/** Writes what stands before the elements. @param count as many as there are */
export function writeHeader(region: Memory, lp: number, total: number, count: number): void {
  region.view.setInt32(lp, total, true);
  region.view.setInt16(lp + LENGTH_OFFSET, count < UNCOUNTED ? count : UNCOUNTED, true);
}

function setTotalBytes(bytes: Uint8Array, lp: number, total: number): void {
  bytes[lp] = total;
  bytes[lp + 1] = total >> 8;
  bytes[lp + 2] = total >> 16;
  bytes[lp + 3] = total >> 24;
}

function setCount(bytes: Uint8Array, lp: number, count: number): void {
  const field = Math.min(count, UNCOUNTED);
  bytes[lp + 4] = field;
  bytes[lp + 5] = field >> 8;
}

function addToCount(bytes: Uint8Array, lp: number, difference: number): void {
  const count = bytes[lp + 4] | (bytes[lp + 5] << 8);
  if (count !== UNCOUNTED) setCount(bytes, lp, count + difference);
}

/** Number of elements. */
export function length(bytes: Uint8Array, lp: number): number {
  const count = bytes[lp + 4] | (bytes[lp + 5] << 8);
  if (count !== UNCOUNTED) return count;
  let counted = 0;
  for (let p = first(bytes, lp); p !== 0; p = next(bytes, p)) counted++;
  if (counted < UNCOUNTED) setCount(bytes, lp, counted);
  return counted;
}

/** Where the byte behind the last element is: the place to insert at to append. */
export function endOf(bytes: Uint8Array, lp: number): Position {
  return lp + totalBytes(bytes, lp) - 1;
}

/** @returns the first element, 0 = none */
export function first(bytes: Uint8Array, lp: number): Position {
  const p = lp + HEADER_BYTES;
  return bytes[p] === END_BYTE ? 0 : p;
}

/** @returns the last element, 0 = none */
export function last(bytes: Uint8Array, lp: number): Position {
  return before(bytes, lp, lp + totalBytes(bytes, lp) - 1);
}

/** @returns the element behind one, 0 = none */
export function next(bytes: Uint8Array, p: Position): Position {
  const behind = p + sizeAt(bytes, p);
  return bytes[behind] === END_BYTE ? 0 : behind;
}

/** @returns the element before one, or before the end (`endOf`); 0 = none */
export function before(bytes: Uint8Array, lp: number, p: Position): Position {
  if (p <= lp + HEADER_BYTES) return 0;
  let at = p - 1;
  let byte = bytes[at];
  let size = byte & 127;
  for (let shift = 7; byte > 127; shift += 7) {
    byte = bytes[--at];
    size += (byte & 127) * 2 ** shift;
  }
  return at - size;
}

/** @param index from 0, or from -1 backwards @returns the element, 0 = none; walks from the nearer end */
export function seek(bytes: Uint8Array, lp: number, index: number): Position {
  const count = length(bytes, lp);
  let at = index < 0 ? count + index : index;
  if (at < 0 || at >= count) return 0;
  if (at * 2 <= count) {
    let p = lp + HEADER_BYTES;
    while (at-- > 0) p += sizeAt(bytes, p);
    return p;
  }
  let p = endOf(bytes, lp);
  for (at = count - at; at > 0; at--) p = before(bytes, lp, p);
  return p;
}

/**
 * Inserts a string before an element, or at the end (`endOf`). `sizeOfString` bytes behind the
 * listpack must be free. @param source never the listpack's own memory
 */
export function insert(
  region: Memory,
  lp: number,
  at: Position,
  source: Memory,
  offset: number,
  byteLength: number,
): void {
  const size = sizeOfString(source.bytes, offset, byteLength);
  open(region.bytes, lp, at, size);
  writeString(region, at, source, offset, byteLength);
}

/** As `insert`, for an integer of 64 bits. */
export function insertInteger(
  region: Memory,
  lp: number,
  at: Position,
  value: number | bigint,
): void {
  open(region.bytes, lp, at, sizeOfInteger(value));
  writeInteger(region.bytes, at, value);
}

/** Moves what is at `at` out of the way of an element of that size, and counts the element. */
function open(bytes: Uint8Array, lp: number, at: Position, size: number): void {
  const total = totalBytes(bytes, lp);
  const end = lp + total;
  if (at === end - 1) bytes[at + size] = END_BYTE;
  else bytes.copyWithin(at + size, at, end);
  setTotalBytes(bytes, lp, total + size);
  addToCount(bytes, lp, 1);
}

/** As `insert`, behind the last element. Moves nothing. */
export function append(
  region: Memory,
  lp: number,
  source: Memory,
  offset: number,
  byteLength: number,
): void {
  const { bytes } = region;
  const total = totalBytes(bytes, lp);
  const end = writeString(region, lp + total - 1, source, offset, byteLength);
  bytes[end] = END_BYTE;
  setTotalBytes(bytes, lp, end + 1 - lp);
  addToCount(bytes, lp, 1);
}

/** As `insertInteger`, behind the last element. Moves nothing. */
export function appendInteger(region: Memory, lp: number, value: number | bigint): void {
  const { bytes } = region;
  const end = writeInteger(bytes, endOf(bytes, lp), value);
  bytes[end] = END_BYTE;
  setTotalBytes(bytes, lp, end + 1 - lp);
  addToCount(bytes, lp, 1);
}

/** As `insert`, before the first element. */
export function prepend(
  region: Memory,
  lp: number,
  source: Memory,
  offset: number,
  byteLength: number,
): void {
  insert(region, lp, lp + HEADER_BYTES, source, offset, byteLength);
}

/**
 * Puts a string in an element's place. When it takes more bytes than the element (`sizeAt`), the
 * difference must be free behind the listpack. @param source never the listpack's own memory
 */
export function replace(
  region: Memory,
  lp: number,
  p: Position,
  source: Memory,
  offset: number,
  byteLength: number,
): void {
  const size = sizeOfString(source.bytes, offset, byteLength);
  changeSize(region.bytes, lp, p, sizeAt(region.bytes, p), size);
  writeString(region, p, source, offset, byteLength);
}

/** As `replace`, for an integer of 64 bits. */
export function replaceInteger(
  region: Memory,
  lp: number,
  p: Position,
  value: number | bigint,
): void {
  changeSize(region.bytes, lp, p, sizeAt(region.bytes, p), sizeOfInteger(value));
  writeInteger(region.bytes, p, value);
}

/** Moves what is behind `p + oldSize` to `p + newSize`. */
function changeSize(
  bytes: Uint8Array,
  lp: number,
  p: Position,
  oldSize: number,
  newSize: number,
): void {
  if (oldSize === newSize) return;
  const total = totalBytes(bytes, lp);
  const behind = p + oldSize;
  if (behind === lp + total - 1) bytes[p + newSize] = END_BYTE;
  else bytes.copyWithin(p + newSize, behind, lp + total);
  setTotalBytes(bytes, lp, total + newSize - oldSize);
}

/** Removes an element. @returns the one behind it, 0 = none */
export function remove(bytes: Uint8Array, lp: number, p: Position): Position {
  return removeRange(bytes, lp, p, 1);
}

/** Removes `count` elements, of which `p` is the first. @returns the one behind them, 0 = none */
export function removeRange(
  bytes: Uint8Array,
  lp: number,
  p: Position,
  count: number,
): Position {
  let behind = p;
  for (let i = 0; i < count; i++) behind += sizeAt(bytes, behind);
  changeSize(bytes, lp, p, behind - p, 0);
  addToCount(bytes, lp, -count);
  return bytes[p] === END_BYTE ? 0 : p;
}

/** Bytes that `count` elements take, of which `p` is the first. */
export function sizeOfRange(bytes: Uint8Array, p: Position, count: number): number {
  let behind = p;
  for (let i = 0; i < count; i++) behind += sizeAt(bytes, behind);
  return behind - p;
}

/**
 * Looks for a string.
 * @param p where to begin, 0 = nowhere
 * @param skip elements to pass over after each that was compared: 1 finds among every second one
 * @returns the first element from `p` on that is the string, 0 = none
 */
export function find(
  region: Memory,
  p: Position,
  source: Memory,
  offset: number,
  byteLength: number,
  skip: number,
): Position {
  if (p === 0) return 0;
  const { bytes } = region;
  const value = asInteger(source.bytes, offset, byteLength);
  let at = p;
  while (bytes[at] !== END_BYTE) {
    if (isInteger(bytes, at)) {
      if (value !== undefined && integerAt(bytes, at) === value) return at;
    } else if (
      stringLength(bytes, at) === byteLength &&
      equalBytes(region, stringOffset(bytes, at), source, offset, byteLength)
    ) {
      return at;
    }
    at += sizeAt(bytes, at);
    for (let i = 0; i < skip && bytes[at] !== END_BYTE; i++) at += sizeAt(bytes, at);
  }
  return 0;
}

/**
 * Appends `count` elements of another listpack as they are.
 * @param p the first of them @param size `sizeOfRange` of them; so many bytes must be free
 */
export function appendRange(
  region: Memory,
  lp: number,
  source: Memory,
  p: Position,
  size: number,
  count: number,
): void {
  const { bytes } = region;
  const at = endOf(bytes, lp);
  if (source.view === region.view) bytes.copyWithin(at, p, p + size);
  else bytes.set(source.bytes.subarray(p, p + size), at);
  bytes[at + size] = END_BYTE;
  setTotalBytes(bytes, lp, at + size + 1 - lp);
  addToCount(bytes, lp, count);
}

/**
 * Whether the bytes are a listpack that all functions here can be trusted with; for those that came
 * from somewhere else. Never reads beyond `offset + byteLength`.
 * @param isDeep whether to walk all elements, instead of looking at the header and the end only
 */
export function validate(
  bytes: Uint8Array,
  offset: number,
  byteLength: number,
  isDeep: boolean,
): boolean {
  if (byteLength < EMPTY_BYTES || totalBytes(bytes, offset) !== byteLength) return false;
  const end = offset + byteLength - 1;
  if (bytes[end] !== END_BYTE) return false;
  if (!isDeep) return true;
  let count = 0;
  let p = offset + HEADER_BYTES;
  while (p < end) {
    const size = validSize(bytes, p, end);
    if (size === 0) return false;
    p += size;
    count++;
  }
  const counted = bytes[offset + 4] | (bytes[offset + 5] << 8);
  return p === end && (counted === UNCOUNTED || counted === count);
}

/** @returns bytes of an element that ends at `end` at the latest and is sound; 0 if it is not */
function validSize(bytes: Uint8Array, p: Position, end: number): number {
  const kind = bytes[p];
  if (kind > 0xf4) return 0;
  const headSize = kind < 0xc0 ? 1 : kind === 0xf0 ? 5 : 2;
  if (p + headSize > end) return 0;
  const size = headAndDataSize(bytes, p);
  const backSize = backLengthSize(size);
  if (p + size + backSize > end) return 0;
  let told = 0;
  for (let i = 0; i < backSize; i++) {
    const byte = bytes[p + size + i];
    if ((i > 0) !== byte > 127) return 0;
    told = told * 128 + (byte & 127);
  }
  return told === size ? size + backSize : 0;
}
