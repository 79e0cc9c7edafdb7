/**
 * Ids of stream entries: 128-bit numbers, a time in milliseconds and a sequence number.
 *
 * An id is four consecutive 32-bit words anywhere in an Int32Array, most significant first; it is
 * named by that array and the index of its first word:
 *
 *   WORD  FIELD
 *      0  ms, high word      1  ms, low word
 *      2  seq, high word     3  seq, low word
 *
 * Example: 1700000000000-5 is 0x0000018b 0xcfe56800 0x00000000 0x00000005.
 *
 * Cost: nothing allocates, but for formatting parts above 2⁵³.
 * Source: https://redis.io/docs/latest/develop/data-types/streams/
 */
import { formatBigint, formatInteger } from "../bytes/ascii.ts";

/** 32-bit words of an id. */
export const ID_WORDS = 4;
/** Bytes of an id where it is a key: big-endian, so that the order of bytes is that of ids. */
export const ID_BYTES = 16;
/** Longest id in decimal: two times 20 digits and a dash. */
export const ID_TEXT_BYTES = 41;

/** What a missing sequence number stands for: the least, or the greatest. */
export const MISSING_IS_LEAST = 0;
export const MISSING_IS_GREATEST = -1;

/** Results of `parseId` and `parseNewId`. */
export const ID_INVALID = 0;
export const ID_VALID = 1;
/** The form `ms-*`: the sequence number, 0 here, is for the stream to choose. */
export const ID_AUTO_SEQ = 2;

const TWO_POW_32 = 4_294_967_296;
/** Longest text that is looked at, in bytes. */
const MAX_TEXT_BYTES = 127;
/** High words below it belong to safe integers. */
const SAFE_HIGH = 0x200000;
const DASH = 45;
const PLUS = 43;
const STAR = 42;
const ZERO = 48;
const NINE = 57;
/** Digits whose number is surely a safe integer. */
const SAFE_DIGITS = 15;

/** @returns less than 0, 0 or more than 0 as the first id is less than, equal to or greater */
export function compareIds(a: Int32Array, aAt: number, b: Int32Array, bAt: number): number {
  let difference = (a[aAt] >>> 0) - (b[bAt] >>> 0);
  if (difference !== 0) return difference;
  difference = (a[aAt + 1] >>> 0) - (b[bAt + 1] >>> 0);
  if (difference !== 0) return difference;
  difference = (a[aAt + 2] >>> 0) - (b[bAt + 2] >>> 0);
  if (difference !== 0) return difference;
  return (a[aAt + 3] >>> 0) - (b[bAt + 3] >>> 0);
}

export function copyId(from: Int32Array, fromAt: number, to: Int32Array, toAt: number): void {
  to[toAt] = from[fromAt];
  to[toAt + 1] = from[fromAt + 1];
  to[toAt + 2] = from[fromAt + 2];
  to[toAt + 3] = from[fromAt + 3];
}

export function setZeroId(id: Int32Array, at: number): void {
  id[at] =
    id[at + 1] =
    id[at + 2] =
    id[at + 3] =
      0;
}

export function setMaxId(id: Int32Array, at: number): void {
  id[at] =
    id[at + 1] =
    id[at + 2] =
    id[at + 3] =
      -1;
}

export function isZeroId(id: Int32Array, at: number): boolean {
  return (id[at] | id[at + 1] | id[at + 2] | id[at + 3]) === 0;
}

export function isMaxId(id: Int32Array, at: number): boolean {
  return (id[at] & id[at + 1] & id[at + 2] & id[at + 3]) === -1;
}

/** @param ms a safe integer, not negative */
export function setId(id: Int32Array, at: number, ms: number, seq: number): void {
  id[at] = Math.floor(ms / TWO_POW_32);
  id[at + 1] = ms | 0;
  id[at + 2] = Math.floor(seq / TWO_POW_32);
  id[at + 3] = seq | 0;
}

/** Adds 1. @returns false where the greatest id became 0-0 */
export function incrementId(id: Int32Array, at: number): boolean {
  for (let word = at + 3; word >= at; word--) {
    id[word] = (id[word] + 1) | 0;
    if (id[word] !== 0) return true;
  }
  return false;
}

/** Subtracts 1. @returns false where 0-0 became the greatest id */
export function decrementId(id: Int32Array, at: number): boolean {
  for (let word = at + 3; word >= at; word--) {
    id[word] = (id[word] - 1) | 0;
    if (id[word] !== -1) return true;
  }
  return false;
}

/**
 * Makes an id that follows `last`: of the moment `nowMs`, or where that is not later, the next one.
 * @returns false where there is none
 */
export function nextId(
  last: Int32Array,
  lastAt: number,
  nowMs: number,
  id: Int32Array,
  at: number,
): boolean {
  setId(id, at, nowMs, 0);
  if (compareMs(id, at, last, lastAt) > 0) return true;
  copyId(last, lastAt, id, at);
  return incrementId(id, at);
}

function compareMs(a: Int32Array, aAt: number, b: Int32Array, bAt: number): number {
  const difference = (a[aAt] >>> 0) - (b[bAt] >>> 0);
  return difference !== 0 ? difference : (a[aAt + 1] >>> 0) - (b[bAt + 1] >>> 0);
}

/** Whether the time parts are equal. */
export function hasSameMs(a: Int32Array, aAt: number, b: Int32Array, bAt: number): boolean {
  return a[aAt] === b[bAt] && a[aAt + 1] === b[bAt + 1];
}

/**
 * Reads `ms` or `ms-seq` as Redis does, which takes what strtoull() takes; "-" and "+" are the
 * least and the greatest id.
 * @param missing MISSING_IS_LEAST or MISSING_IS_GREATEST
 * @returns whether it is an id; if it is none, `id` is undefined
 */
export function parseId(
  bytes: Uint8Array,
  offset: number,
  length: number,
  missing: number,
  id: Int32Array,
  at: number,
): boolean {
  if (length > 0 && (length === 1 || bytes[offset + 1] === 0) && length <= MAX_TEXT_BYTES) {
    const first = bytes[offset];
    if (first === DASH || first === PLUS) {
      id[at] =
        id[at + 1] =
        id[at + 2] =
        id[at + 3] =
          first === DASH ? 0 : -1;
      return true;
    }
  }
  return parseStrictId(bytes, offset, length, missing, id, at);
}

/** As `parseId`, but "-" and "+" are no ids. */
export function parseStrictId(
  bytes: Uint8Array,
  offset: number,
  length: number,
  missing: number,
  id: Int32Array,
  at: number,
): boolean {
  if (length > MAX_TEXT_BYTES) return false;
  const end = textEnd(bytes, offset, length);
  const dash = indexOfDash(bytes, offset, end);
  if (!parseUnsigned(bytes, offset, dash, id, at)) return false;
  if (dash < end) return parseUnsigned(bytes, dash + 1, end, id, at + 2);
  id[at + 2] = id[at + 3] = missing;
  return true;
}

/** As `parseStrictId`, for the id of a new entry. @returns ID_INVALID, ID_VALID or ID_AUTO_SEQ */
export function parseNewId(
  bytes: Uint8Array,
  offset: number,
  length: number,
  id: Int32Array,
  at: number,
): number {
  if (length > MAX_TEXT_BYTES) return ID_INVALID;
  const end = textEnd(bytes, offset, length);
  const dash = indexOfDash(bytes, offset, end);
  if (!parseUnsigned(bytes, offset, dash, id, at)) return ID_INVALID;
  id[at + 2] = id[at + 3] = 0;
  if (dash === end) return ID_VALID;
  if (dash + 2 === end && bytes[dash + 1] === STAR) return ID_AUTO_SEQ;
  return parseUnsigned(bytes, dash + 1, end, id, at + 2) ? ID_VALID : ID_INVALID;
}

/** A text ends at its first zero byte. */
function textEnd(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  for (let i = offset; i < end; i++) if (bytes[i] === 0) return i;
  return end;
}

/** @returns `end` if there is none */
function indexOfDash(bytes: Uint8Array, offset: number, end: number): number {
  let i = offset;
  while (i < end && bytes[i] !== DASH) i++;
  return i;
}

/**
 * Reads an unsigned 64-bit number: blanks, a sign, leading zeros are taken as strtoull() takes
 * them, but no plain negative number.
 * @param at index of its high word
 */
function parseUnsigned(
  bytes: Uint8Array,
  offset: number,
  end: number,
  id: Int32Array,
  at: number,
): boolean {
  let i = offset;
  while (i < end && isBlank(bytes[i])) i++;
  const isNegative = bytes[i] === DASH && i < end;
  if (i < end && (isNegative || bytes[i] === PLUS)) i++;
  const digits = i;
  if (i === end) return false;
  let high = 0, low = 0;
  const safeEnd = Math.min(end, i + SAFE_DIGITS);
  for (; i < safeEnd; i++) {
    const byte = bytes[i];
    if (byte < ZERO || byte > NINE) return false;
    low = low * 10 + byte - ZERO;
  }
  high = Math.floor(low / TWO_POW_32);
  low = low >>> 0;
  for (; i < end; i++) {
    const byte = bytes[i];
    if (byte < ZERO || byte > NINE) return false;
    low = low * 10 + byte - ZERO;
    high = high * 10 + Math.floor(low / TWO_POW_32);
    low = low >>> 0;
    if (high >= TWO_POW_32) return false;
  }
  if (isNegative) {
    const isPlain = digits === offset + 1 && bytes[digits] !== ZERO;
    const isInt64 = high < 0x80000000 || (high === 0x80000000 && low === 0);
    if (isPlain && isInt64) return false;
    low = (-low) >>> 0;
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  id[at] = high;
  id[at + 1] = low;
  return true;
}

/** As isspace() of C. */
function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Writes an id in decimal, `ms-seq`. @returns the bytes written, at most ID_TEXT_BYTES */
export function formatId(id: Int32Array, at: number, bytes: Uint8Array, offset: number): number {
  let end = offset + formatUnsigned(id[at], id[at + 1], bytes, offset);
  bytes[end++] = DASH;
  end += formatUnsigned(id[at + 2], id[at + 3], bytes, end);
  return end - offset;
}

/** Writes an unsigned 64-bit number in decimal. @returns the number of bytes written */
export function formatUnsigned(
  high: number,
  low: number,
  bytes: Uint8Array,
  offset: number,
): number {
  if (high >= 0 && high < SAFE_HIGH) {
    return formatInteger(high * TWO_POW_32 + (low >>> 0), bytes, offset);
  }
  const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return formatBigint(value, bytes, offset);
}

/** Writes an id as a key: 16 bytes, big-endian. */
export function encodeId(id: Int32Array, at: number, view: DataView, offset: number): void {
  view.setInt32(offset, id[at]);
  view.setInt32(offset + 4, id[at + 1]);
  view.setInt32(offset + 8, id[at + 2]);
  view.setInt32(offset + 12, id[at + 3]);
}

/** Reads what `encodeId` wrote. */
export function decodeId(view: DataView, offset: number, id: Int32Array, at: number): void {
  id[at] = view.getInt32(offset);
  id[at + 1] = view.getInt32(offset + 4);
  id[at + 2] = view.getInt32(offset + 8);
  id[at + 3] = view.getInt32(offset + 12);
}
