/** Elements of listpacks as replies. */
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import {
  formatElement,
  isInteger,
  type Position,
  sizeAt,
  stringLength,
  stringOffset,
} from "../structs/listpack_element.ts";

/** Digits of an integer while it is replied. */
const digits = makeRegion(32);

/** Replies an element as a bulk string. @param region the memory that the listpack is in */
export function replyElement(reply: ReplyWriter, region: Region, p: Position): void {
  const { bytes } = region;
  if (isInteger(bytes, p)) reply.bulk(digits, 0, formatElement(bytes, p, digits.bytes, 0));
  else reply.bulk(region, stringOffset(bytes, p), stringLength(bytes, p));
}

/** Elements that are replied together. */
const RUN_LENGTH = 128;
const DIGITS_BYTES = 24;
const offsets = new Int32Array(RUN_LENGTH);
const lengths = new Int32Array(RUN_LENGTH);
const runDigits = makeRegion(RUN_LENGTH * DIGITS_BYTES);

/**
 * Replies `count` elements as bulk strings, from one on; they are all there.
 * @param region the memory that the listpack is in
 */
export function replyRun(
  reply: ReplyWriter,
  region: Region,
  p: Position,
  count: number,
): void {
  let at = p;
  for (let left = count; left > 0;) {
    const limit = left < RUN_LENGTH ? left : RUN_LENGTH;
    const areIntegers = isInteger(region.bytes, at);
    at = areIntegers
      ? gatherIntegers(region.bytes, at, limit)
      : gatherStrings(region.bytes, at, limit);
    reply.bulks(areIntegers ? runDigits : region, offsets, lengths, gatheredCount);
    left -= gatheredCount;
  }
}

/** How many elements were gathered for one reply. */
let gatheredCount = 0;

/** Notes where neighbouring strings are. @returns behind the last of them */
function gatherStrings(bytes: Uint8Array, p: Position, limit: number): Position {
  let at = p;
  let i = 0;
  for (; i < limit && !isInteger(bytes, at); i++) {
    offsets[i] = stringOffset(bytes, at);
    lengths[i] = stringLength(bytes, at);
    at += sizeAt(bytes, at);
  }
  gatheredCount = i;
  return at;
}

/** Formats neighbouring integers. @returns behind the last of them */
function gatherIntegers(bytes: Uint8Array, p: Position, limit: number): Position {
  let at = p;
  let i = 0;
  for (; i < limit && isInteger(bytes, at); i++) {
    offsets[i] = i * DIGITS_BYTES;
    lengths[i] = formatElement(bytes, at, runDigits.bytes, i * DIGITS_BYTES);
    at += sizeAt(bytes, at);
  }
  gatheredCount = i;
  return at;
}
