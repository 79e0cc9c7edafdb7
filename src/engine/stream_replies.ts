/** Writes what streams hold into replies. */
import { writeAscii } from "../bytes/ascii.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import {
  formatElement,
  isInteger,
  type Position,
  stringLength,
  stringOffset,
} from "../structs/listpack.ts";
import { StreamCursor } from "../structs/stream_cursor.ts";
import { formatUnsigned, ID_TEXT_BYTES } from "../structs/stream_id.ts";
import type { Unit } from "../structs/structure.ts";

const DASH = 45;
/** Digits of an integer while they are replied. */
const digits = makeRegion(32);
/**
 * Text of the id that was replied last, and what its time part is: that is mostly the next one's,
 * too, and dear to divide by ten.
 */
const idText = makeRegion(ID_TEXT_BYTES);
let msHigh = 0;
let msLow = 0;
let msLength = writeAscii("0-", idText.bytes, 0);
const cursor = new StreamCursor();

/** An id as a bulk string. */
export function replyId(reply: ReplyWriter, id: Int32Array, at: number): void {
  const high = id[at], low = id[at + 1];
  const { bytes } = idText;
  if (low !== msLow || high !== msHigh) {
    msLength = formatUnsigned(high, low, bytes, 0);
    bytes[msLength++] = DASH;
    msHigh = high;
    msLow = low;
  }
  reply.bulk(idText, 0, msLength + formatUnsigned(id[at + 2], id[at + 3], bytes, msLength));
}

/** An element of a listpack as a bulk string. */
export function replyElement(reply: ReplyWriter, region: Region, p: Position): void {
  const { bytes } = region;
  if (isInteger(bytes, p)) reply.bulk(digits, 0, formatElement(bytes, p, digits.bytes, 0));
  else reply.bulk(region, stringOffset(bytes, p), stringLength(bytes, p));
}

/** The entry that a cursor is at: its id, and its fields and values. */
export function replyEntry(reply: ReplyWriter, at: StreamCursor): void {
  const { region, fieldCount } = at;
  reply.array(2);
  replyId(reply, at.id, 0);
  reply.array(fieldCount * 2);
  at.rewind();
  for (let i = 0; i < fieldCount; i++) {
    at.nextField();
    replyElement(reply, region, at.fieldAt);
    replyElement(reply, region, at.valueAt);
  }
}

/** The first entries between two ids, at most `limit`. @returns how many there are */
export function countEntries(
  arena: Arena,
  stream: Unit,
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  limit: number,
  isReverse: boolean,
): number {
  let count = 0;
  cursor.open(arena, stream, from, fromAt, to, toAt, isReverse);
  while (count < limit && cursor.next()) count++;
  cursor.release();
  return count;
}

/** The entries between two ids as an array. @param limit how many at most */
export function replyRange(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  limit: number,
  isReverse: boolean,
): void {
  const count = countEntries(arena, stream, from, fromAt, to, toAt, limit, isReverse);
  replyFirst(reply, arena, stream, from, fromAt, to, toAt, count, isReverse);
}

/** As `replyRange`, where it is known that there are so many. */
export function replyFirst(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  count: number,
  isReverse: boolean,
): void {
  reply.array(count);
  cursor.open(arena, stream, from, fromAt, to, toAt, isReverse);
  for (let i = 0; i < count && cursor.next(); i++) replyEntry(reply, cursor);
  cursor.release();
}

/** The entry of an id. @returns false if there is none; then nothing was replied */
export function replyEntryOf(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  at: number,
): boolean {
  cursor.open(arena, stream, id, at, id, at, false);
  const isThere = cursor.next();
  if (isThere) replyEntry(reply, cursor);
  cursor.release();
  return isThere;
}

/** The entry of an id, or the id and a null where the entry is gone. */
export function replyEntryOrId(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  at: number,
): void {
  if (replyEntryOf(reply, arena, stream, id, at)) return;
  reply.array(2);
  replyId(reply, id, at);
  reply.nilArray();
}

/** The first or last entry, a null if there is none. */
export function replyEdge(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  isLast: boolean,
): void {
  cursor.openAll(arena, stream, isLast);
  if (cursor.next()) replyEntry(reply, cursor);
  else reply.nil();
  cursor.release();
}
