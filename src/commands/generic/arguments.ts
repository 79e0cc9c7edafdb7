/** Reading arguments and keys in the ways that several key commands share. */
import { readAscii } from "../../bytes/ascii.ts";
import { EVENT_KEY_MISS } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { INVALID_DB_INDEX, NOT_AN_INTEGER } from "../errors.ts";

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;

export const NOT_AN_INT32 =
  `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`;
/** Source and destination are one and the same key. */
export const SAME_OBJECT = "ERR source and destination objects are the same";

/**
 * The record of the key that argument `i` names, 0 = absent; counts as hit or miss, but is no
 * access: to ask about a key is not to use it.
 */
export function inspect(call: Call, i: number): RecordRef {
  const ref = inspectSilently(call, i);
  if (ref === 0) call.notify(i, EVENT_KEY_MISS, "keymiss");
  return ref;
}

/** As `inspect`, but nobody hears of a key that is missing. */
export function inspectSilently(call: Call, i: number): RecordRef {
  const ref = call.peek(i);
  if (ref === 0) call.engine.stats.keyspaceMisses++;
  else call.engine.stats.keyspaceHits++;
  return ref;
}

/** @returns the number of the database that argument `i` names; -1 after an error was replied */
export function readDatabaseIndex(call: Call, i: number, reply: ReplyWriter): number {
  const index = call.integer(i);
  if (index === undefined) reply.error(NOT_AN_INTEGER);
  else if (index < INT32_MIN || index > INT32_MAX) reply.error(NOT_AN_INT32);
  else if (!isDatabaseIndex(call, index)) reply.error(INVALID_DB_INDEX);
  else return index;
  return -1;
}

/** Whether there is a database of that number. */
export function isDatabaseIndex(call: Call, index: number): boolean {
  return index >= 0 && index < call.engine.keyspace.databases.length;
}

/** The argument as a 32-bit integer; undefined if it is none. */
export function readInt32(call: Call, i: number): number | undefined {
  const value = call.integer(i);
  return value === undefined || value < INT32_MIN || value > INT32_MAX ? undefined : value;
}

/** Whether two arguments are the same bytes. */
export function areSameArguments(call: Call, a: number, b: number): boolean {
  const length = call.length(a);
  if (length !== call.length(b)) return false;
  const { bytes } = call.batch.input;
  const atA = call.offset(a);
  const atB = call.offset(b);
  for (let i = 0; i < length; i++) {
    if (bytes[atA + i] !== bytes[atB + i]) return false;
  }
  return true;
}

/** The argument byte by byte as Latin-1, ending before the first zero byte, as in an error text. */
export function readPrintable(call: Call, i: number): string {
  const text = readAscii(call.batch.input.bytes, call.offset(i), call.length(i));
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
