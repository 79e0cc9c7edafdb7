/** Reading arguments and values in the ways that several bitmap commands share. */
import { parseInteger } from "../../bytes/ascii.ts";
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import { makeStretch, stretchAt } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";

export const BAD_OFFSET = "ERR bit offset is not an integer or out of range";
export const BITS_PER_BYTE = 8;

const HASH_SIGN = 0x23;
const stretch = makeStretch();

/**
 * The bit offset that argument `i` names.
 * @param width where it is more than 0, "#n" means n times so many bits
 * @returns -1 after an error was replied
 */
export function readBitOffset(call: Call, i: number, width: number, reply: ReplyWriter): number {
  const { bytes } = call.batch.input;
  const at = call.offset(i);
  const isScaled = width > 0 && call.length(i) > 0 && bytes[at] === HASH_SIGN;
  const skipped = isScaled ? 1 : 0;
  let offset = parseInteger(bytes, at + skipped, call.length(i) - skipped);
  if (isScaled && offset !== undefined) {
    // As 64-bit integers multiply: what is too large comes round.
    const product = Number(offset) * width;
    offset = Number.isSafeInteger(product)
      ? product
      : BigInt.asIntN(64, BigInt(offset) * BigInt(width));
  }
  const limit = call.engine.settings.protoMaxBulkLen;
  if (offset === undefined || offset < 0 || Number(offset) / BITS_PER_BYTE >= limit) {
    reply.error(BAD_OFFSET);
    return -1;
  }
  return Number(offset);
}

/** @returns whether the record is absent or a string; replies the error where it is neither */
export function isStringOrReply(call: Call, ref: RecordRef, reply: ReplyWriter): boolean {
  if (ref === 0 || call.engine.keyspace.typeOf(ref) === TYPE_STRING) return true;
  reply.error(WRONG_TYPE);
  return false;
}

/** A range of bits: both ends belong to it; empty where the first is behind the last. */
export interface BitRange {
  first: number;
  last: number;
}

/** What the arguments behind a key say about a range, before the string's length is known. */
export interface RangeArguments {
  start: number | bigint;
  end: number | bigint;
  isInBits: boolean;
}

/** @returns the integer of argument `i`; undefined after an error was replied */
export function readInt64(call: Call, i: number, reply: ReplyWriter): number | bigint | undefined {
  const value = call.int64(i);
  if (value === undefined) reply.error(NOT_AN_INTEGER);
  return value;
}

/** @returns whether argument `i` is BIT, not BYTE; undefined after an error was replied */
export function readUnit(call: Call, i: number, reply: ReplyWriter): boolean | undefined {
  if (call.is(i, "BIT")) return true;
  if (call.is(i, "BYTE")) return false;
  reply.error(SYNTAX_ERROR);
  return undefined;
}

/** The range within a string of `length` bytes; negative ends count from the string's end. */
export function bitRange(args: RangeArguments, length: number): BitRange {
  const total = args.isInBits ? length * BITS_PER_BYTE : length;
  const [start, end] = [Number(args.start), Number(args.end)];
  const first = Math.max(start < 0 ? start + total : start, 0);
  const last = Math.min(Math.max(end < 0 ? end + total : end, 0), total - 1);
  if (args.isInBits) return { first, last };
  return { first: first * BITS_PER_BYTE, last: last * BITS_PER_BYTE + BITS_PER_BYTE - 1 };
}

/** The byte of a string at an index, 0 beyond its end. */
export function byteAt(call: Call, ref: RecordRef, index: number): number {
  const { keyspace } = call.engine;
  if (ref === 0 || index >= stringLength(keyspace, ref)) return 0;
  stretchAt(keyspace, ref, index, stretch);
  return stretch.region.bytes[stretch.offset];
}
