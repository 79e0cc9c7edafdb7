/** Arguments that commands of streams share: keys, ids, names of groups. */
import { readAscii } from "../../bytes/ascii.ts";
import { type RecordRef, TYPE_STREAM } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Arena } from "../../engine/streams.ts";
import { findConsumer, findGroup, MAX_NAME_BYTES } from "../../structs/stream_group.ts";
import {
  decrementId,
  ID_WORDS,
  incrementId,
  MISSING_IS_GREATEST,
  MISSING_IS_LEAST,
  parseId,
  parseStrictId,
} from "../../structs/stream_id.ts";
import type { Unit } from "../../structs/structure.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";

export const INVALID_ID = "ERR Invalid stream ID specified as stream command argument";
const NAME_TOO_LONG = `ERR name exceeds maximum allowed size (${MAX_NAME_BYTES} bytes)`;
const OPEN_PARENTHESIS = 40;
const FIRST_IDS = 64;
/** Longer lists of ids are not kept for the next command. */
const KEPT_IDS = 4096;

/** Whether a record may be taken for a stream; else that was replied. */
export function isStream(call: Call, ref: RecordRef, reply: ReplyWriter): boolean {
  if (call.engine.keyspace.typeOf(ref) === TYPE_STREAM) return true;
  reply.error(WRONG_TYPE);
  return false;
}

/** The argument as text for an error, up to its first zero byte. */
export function textOf(call: Call, i: number): string {
  const text = readAscii(call.batch.input.bytes, call.offset(i), call.length(i));
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** The error where the first two arguments name no group. */
export function noSuchGroup(call: Call): string {
  return `NOGROUP No such key '${textOf(call, 1)}' or consumer group '${textOf(call, 2)}'`;
}

/** Whether the argument is this one byte. */
export function isByte(call: Call, i: number, byte: string): boolean {
  return call.length(i) === 1 &&
    call.batch.input.bytes[call.offset(i)] === byte.charCodeAt(0);
}

/** Reads an id; a missing sequence number is 0. @returns false = an error was replied */
export function readId(call: Call, i: number, reply: ReplyWriter, id: Int32Array): boolean {
  const { bytes } = call.batch.input;
  if (parseStrictId(bytes, call.offset(i), call.length(i), MISSING_IS_LEAST, id, 0)) return true;
  reply.error(INVALID_ID);
  return false;
}

/** As `readId`, but "-" and "+" are the least and the greatest one. */
export function readIdOrEdge(call: Call, i: number, reply: ReplyWriter, id: Int32Array): boolean {
  const { bytes } = call.batch.input;
  if (parseId(bytes, call.offset(i), call.length(i), MISSING_IS_LEAST, id, 0)) return true;
  reply.error(INVALID_ID);
  return false;
}

/** Reads a range's beginning; behind "(" it is exclusive. @returns false = an error was replied */
export function readStart(call: Call, i: number, reply: ReplyWriter, id: Int32Array): boolean {
  const isExclusive = readBound(call, i, MISSING_IS_LEAST, id);
  if (isExclusive === undefined) {
    reply.error(INVALID_ID);
    return false;
  }
  if (!isExclusive || incrementId(id, 0)) return true;
  reply.error("ERR invalid start ID for the interval");
  return false;
}

/** Reads the end of a range, as `readStart`. */
export function readEnd(call: Call, i: number, reply: ReplyWriter, id: Int32Array): boolean {
  const isExclusive = readBound(call, i, MISSING_IS_GREATEST, id);
  if (isExclusive === undefined) {
    reply.error(INVALID_ID);
    return false;
  }
  if (!isExclusive || decrementId(id, 0)) return true;
  reply.error("ERR invalid end ID for the interval");
  return false;
}

/** @returns whether it is exclusive, undefined if it is none */
function readBound(
  call: Call,
  i: number,
  missing: number,
  id: Int32Array,
): boolean | undefined {
  const { bytes } = call.batch.input;
  const offset = call.offset(i), length = call.length(i);
  if (length > 1 && bytes[offset] === OPEN_PARENTHESIS) {
    return parseStrictId(bytes, offset + 1, length - 1, missing, id, 0) ? true : undefined;
  }
  return parseId(bytes, offset, length, missing, id, 0) ? false : undefined;
}

/** The group that an argument names, 0 if there is none. */
export function groupOf(call: Call, i: number, arena: Arena, stream: Unit): Unit {
  return findGroup(arena, stream, call.batch.input, call.offset(i), call.length(i));
}

/** The consumer that an argument names, 0 if there is none. */
export function consumerNamed(call: Call, i: number, arena: Arena, group: Unit): Unit {
  return findConsumer(arena, group, call.batch.input, call.offset(i), call.length(i));
}

/** Whether an argument can be the name of a group or consumer; else that was replied. */
export function isName(call: Call, i: number, reply: ReplyWriter): boolean {
  if (call.length(i) <= MAX_NAME_BYTES) return true;
  reply.error(NAME_TOO_LONG);
  return false;
}

/** A growing list of ids. */
export class IdList {
  words: Int32Array = new Int32Array(FIRST_IDS * ID_WORDS);
  count = 0;

  clear(): void {
    this.count = 0;
    if (this.words.length > KEPT_IDS * ID_WORDS) this.words = new Int32Array(FIRST_IDS * ID_WORDS);
  }

  push(id: Int32Array, at: number): void {
    const end = this.count++ * ID_WORDS;
    if (end === this.words.length) {
      const larger = new Int32Array(end * 2);
      larger.set(this.words);
      this.words = larger;
    }
    for (let i = 0; i < ID_WORDS; i++) this.words[end + i] = id[at + i];
  }
}

const id = new Int32Array(ID_WORDS);

/** Reads ids up to one that is none. @returns the position of that argument */
export function collectIds(call: Call, first: number, end: number, ids: IdList): number {
  const { bytes } = call.batch.input;
  ids.clear();
  for (let i = first; i < end; i++) {
    if (!parseStrictId(bytes, call.offset(i), call.length(i), MISSING_IS_LEAST, id, 0)) return i;
    ids.push(id, 0);
  }
  return end;
}

/** Reads ids. @returns false = an error was replied */
export function readIds(
  call: Call,
  first: number,
  end: number,
  reply: ReplyWriter,
  ids: IdList,
): boolean {
  if (collectIds(call, first, end, ids) === end) return true;
  reply.error(INVALID_ID);
  return false;
}
