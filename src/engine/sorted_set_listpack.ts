/**
 * Sorted sets as listpacks: member, score, member, score and so on, in ascending order.
 *
 *   (1.5, "a"), (2, "crab")  =  "a" "1.5" "crab" 2
 *
 * A score that is a whole number is stored as one, any other as its shortest decimal digits.
 * Source: Redis src/t_zset.c, zzlInsertAt.
 */
import { formatDouble, readFloat, writeAscii } from "../bytes/ascii.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import * as listpack from "../structs/listpack.ts";

/** Whole numbers up to this are stored as such. */
const INTEGER_LIMIT = 2 ** 52;
/** First byte of a listpack's element up to which it is the value of an integer. */
const SMALL_INTEGER_LIMIT = 128;

/** A score's digits while it is stored. */
const digits = makeRegion(64);

/** Number of members. */
export function countOf(bytes: Uint8Array, lp: number): number {
  return listpack.length(bytes, lp) >>> 1;
}

/** The score that an element holds. */
export function scoreAt(bytes: Uint8Array, p: listpack.Position): number {
  if (bytes[p] < SMALL_INTEGER_LIMIT) return bytes[p];
  if (listpack.isInteger(bytes, p)) return Number(listpack.integerAt(bytes, p));
  const score = readFloat(bytes, listpack.stringOffset(bytes, p), listpack.stringLength(bytes, p));
  return score ?? 0;
}

/** The score of the member at `p`. */
export function scoreBehind(bytes: Uint8Array, p: listpack.Position): number {
  return scoreAt(bytes, p + listpack.sizeAt(bytes, p));
}

/** The member behind the one at `p`, 0 = none. */
export function nextMember(bytes: Uint8Array, p: listpack.Position): listpack.Position {
  return listpack.next(bytes, p + listpack.sizeAt(bytes, p));
}

/** The member before the one at `p`, 0 = none. */
export function memberBefore(
  bytes: Uint8Array,
  lp: number,
  p: listpack.Position,
): listpack.Position {
  const score = listpack.before(bytes, lp, p);
  return score === 0 ? 0 : listpack.before(bytes, lp, score);
}

/** @returns where the member is, 0 = nowhere */
export function findMember(
  region: Region,
  lp: number,
  source: Region,
  offset: number,
  length: number,
): listpack.Position {
  return listpack.find(region, listpack.first(region.bytes, lp), source, offset, length, 1);
}

/** How many members are before the one at `p`. */
export function rankAt(bytes: Uint8Array, lp: number, p: listpack.Position): number {
  let rank = 0;
  for (let at = lp + listpack.HEADER_BYTES; at < p; rank++) {
    at += listpack.sizeAt(bytes, at);
    at += listpack.sizeAt(bytes, at);
  }
  return rank;
}

function isStoredAsInteger(score: number): boolean {
  return Number.isInteger(score) && score >= -INTEGER_LIMIT && score <= INTEGER_LIMIT;
}

/** Bytes that a score takes. */
function sizeOfScore(score: number): number {
  if (isStoredAsInteger(score)) return listpack.sizeOfInteger(score);
  return listpack.sizeOfString(digits.bytes, 0, writeAscii(formatDouble(score), digits.bytes, 0));
}

/** Bytes that a member takes with its score. */
export function sizeOfMember(
  source: Region,
  offset: number,
  length: number,
  score: number,
): number {
  return listpack.sizeOfString(source.bytes, offset, length) + sizeOfScore(score);
}

/**
 * Adds a member that is not there, in its place; `sizeOfMember` bytes behind the listpack must be free.
 * @param source never the listpack's own memory
 */
export function insertMember(
  region: Region,
  lp: number,
  source: Region,
  offset: number,
  length: number,
  score: number,
): void {
  const { bytes } = region;
  const p = placeOf(bytes, lp, source, offset, length, score);
  listpack.insert(region, lp, p, source, offset, length);
  const behind = p + listpack.sizeAt(bytes, p);
  insertScore(region, lp, behind, score);
}

/** As `insertMember`, behind all others, where it belongs. */
export function appendMember(
  region: Region,
  lp: number,
  source: Region,
  offset: number,
  length: number,
  score: number,
): void {
  listpack.append(region, lp, source, offset, length);
  insertScore(region, lp, listpack.endOf(region.bytes, lp), score);
}

function insertScore(region: Region, lp: number, at: listpack.Position, score: number): void {
  if (isStoredAsInteger(score)) {
    listpack.insertInteger(region, lp, at, score);
  } else {
    const textLength = writeAscii(formatDouble(score), digits.bytes, 0);
    listpack.insert(region, lp, at, digits, 0, textLength);
  }
}

/** Where (score, member) is to be inserted. */
function placeOf(
  bytes: Uint8Array,
  lp: number,
  source: Region,
  offset: number,
  length: number,
  score: number,
): listpack.Position {
  const end = listpack.endOf(bytes, lp);
  let p = lp + listpack.HEADER_BYTES;
  while (p < end) {
    const scoreStart = p + listpack.sizeAt(bytes, p);
    const other = scoreAt(bytes, scoreStart);
    if (other > score) return p;
    if (
      other === score && listpack.compareText(bytes, p, source.bytes, offset, length) > 0
    ) return p;
    p = scoreStart + listpack.sizeAt(bytes, scoreStart);
  }
  return end;
}

/** How many scores are below a bound. @param orEqual whether those that equal it count, too */
export function countBelowScore(
  bytes: Uint8Array,
  lp: number,
  bound: number,
  orEqual: boolean,
): number {
  let count = 0;
  for (let p = listpack.first(bytes, lp); p !== 0; p = listpack.next(bytes, p)) {
    p += listpack.sizeAt(bytes, p);
    const score = scoreAt(bytes, p);
    if (score > bound || (score === bound && !orEqual)) break;
    count++;
  }
  return count;
}
