/** BITFIELD and BITFIELD_RO: integers of any width at any bit of a string. */
import { EVENT_STRING } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { extendString } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { isWordAt } from "../key_use.ts";
import type { CommandSpec } from "../spec.ts";
import { BITS_PER_BYTE, isStringOrReply, readBitOffset, readInt64 } from "./arguments.ts";
import { FAIL, fit, SAT, WRAP } from "./field_arithmetic.ts";
import { readField, writeField } from "./field_access.ts";

const BAD_TYPE = "ERR Invalid bitfield type. Use something like i16 u8. " +
  "Note that u64 is not supported but i64 is.";
const BAD_OVERFLOW = "ERR Invalid OVERFLOW type specified";
const ONLY_GET = "ERR BITFIELD_RO only supports the GET subcommand";

const FIRST_OPERATION_ARG = 2;
const GET = 1;
const SET = 2;
const INCRBY = 3;
const OVERFLOW = 4;

const OVERFLOWN = 0;
const SAME = 1;
const OTHER = 2;

const LETTER_I = 0x69;
const LETTER_U = 0x75;
const ZERO = 0x30;
const MAX_SIGNED_WIDTH = 64;
const MAX_UNSIGNED_WIDTH = 63;

/** One operation as its arguments say it; one object serves all. */
const field = { width: 0, isSigned: false, offset: 0 };

const BITFIELD_COMPLEXITY = "O(1) for each subcommand specified";

export const BITFIELD = {
  name: "bitfield",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update", "variable_flags"],
  keyNotes: "This command allows both access and modification of the key",
  useOfKey: (batch, first, argc) =>
    isReading(batch, first, argc) ? ["RO", "access"] : ["RW", "access", "update"],
  since: "3.2.0",
  group: "bitmap",
  complexity: BITFIELD_COMPLEXITY,
  summary: "Performs arbitrary bitfield integer operations on strings.",
  syntax: "key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] " +
    "<SET encoding offset value | INCRBY encoding offset increment>] ...",
  argumentTypes: { value: "integer" },
  run(call, reply) {
    operate(call, reply, false);
  },
} as const satisfies CommandSpec;

export const BITFIELD_RO = {
  name: "bitfield_ro",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "6.0.0",
  group: "bitmap",
  complexity: BITFIELD_COMPLEXITY,
  summary: "Performs arbitrary read-only bitfield integer operations on strings.",
  syntax: "key [GET encoding offset [GET encoding offset ...]]",
  run(call, reply) {
    operate(call, reply, true);
  },
} as const satisfies CommandSpec;

/** Whether all operations are GETs, as far as they can be understood. */
function isReading(batch: CommandBatch, first: number, argc: number): boolean {
  let i = FIRST_OPERATION_ARG;
  while (i < argc) {
    if (isWordAt(batch, first, i, "GET") && argc - i > 2) i += 3;
    else if (isWordAt(batch, first, i, "OVERFLOW") && argc - i > 1) i += 2;
    else return false;
  }
  return true;
}

function operate(call: Call, reply: ReplyWriter, isReadOnly: boolean): void {
  let count = 0;
  let writtenBits = 0;
  for (let i = FIRST_OPERATION_ARG; i < call.argc; i += argumentsOf(operationAt(call, i))) {
    const operation = operationAt(call, i);
    if (operation === 0) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    if (operation === OVERFLOW) {
      if (overflowAt(call, i + 1) !== 0) continue;
      reply.error(BAD_OVERFLOW);
      return;
    }
    if (!readEncoding(call, i + 1, reply)) return;
    field.offset = readBitOffset(call, i + 2, field.width, reply);
    if (field.offset < 0) return;
    if (operation !== GET) {
      writtenBits = Math.max(writtenBits, field.offset + field.width);
      if (readInt64(call, i + 3, reply) === undefined) return;
    }
    count++;
  }
  const { keyspace } = call.engine;
  if (writtenBits === 0) {
    const ref = call.lookupRead(1);
    if (!isStringOrReply(call, ref, reply)) return;
    execute(call, reply, ref, count, false);
    return;
  }
  if (isReadOnly) {
    reply.error(ONLY_GET);
    return;
  }
  const ref = call.lookupWrite(1);
  if (!isStringOrReply(call, ref, reply)) return;
  const { stats } = keyspace;
  const dirty = stats.dirty;
  const length = Math.ceil(writtenBits / BITS_PER_BYTE);
  const hasGrown = ref === 0 || stringLength(keyspace, ref) < length;
  const { db, batch } = call;
  const extended = extendString(keyspace, db, batch, call.first + 1, ref, length);
  const changeCount = execute(call, reply, extended, count, hasGrown);
  stats.dirty = dirty + (hasGrown ? Math.max(changeCount, 1) : changeCount);
  if (changeCount > 0) call.changed(1, EVENT_STRING, "setbit");
  else if (hasGrown) call.touched(1);
}

/**
 * Runs operations that were found valid.
 * @param hasGrown whether the string is longer than before, so that whatever is written is new
 * @returns the number of fields that have another value
 */
function execute(
  call: Call,
  reply: ReplyWriter,
  ref: RecordRef,
  count: number,
  hasGrown: boolean,
): number {
  let overflow = WRAP;
  let changeCount = 0;
  reply.array(count);
  for (let i = FIRST_OPERATION_ARG; i < call.argc;) {
    const operation = operationAt(call, i);
    if (operation === OVERFLOW) {
      overflow = overflowAt(call, i + 1);
    } else {
      readEncoding(call, i + 1, reply);
      field.offset = readBitOffset(call, i + 2, field.width, reply);
      const old = readField(call, ref, field.offset, field.width, field.isSigned);
      if (operation === GET) {
        reply.integer(old);
      } else {
        const outcome = change(call, reply, ref, operation, i + 3, overflow, old);
        if (outcome === OTHER || (outcome === SAME && hasGrown)) changeCount++;
      }
    }
    i += argumentsOf(operation);
  }
  return changeCount;
}

/** SET or INCRBY of the field. @returns OVERFLOWN, SAME or OTHER: what its value is now */
function change(
  call: Call,
  reply: ReplyWriter,
  ref: RecordRef,
  operation: number,
  valueArg: number,
  overflow: number,
  old: number | bigint,
): number {
  const { width, isSigned, offset } = field;
  const argument = call.int64(valueArg) as number | bigint;
  const value = fit(operation === SET ? undefined : old, argument, width, isSigned, overflow);
  if (value === undefined) {
    reply.nil();
    return OVERFLOWN;
  }
  reply.integer(operation === SET ? old : value);
  if (value === old) return SAME;
  writeField(call, ref, offset, width, value);
  return OTHER;
}

/** @returns the operation that argument `i` names, if all of its arguments are there; else 0 */
function operationAt(call: Call, i: number): number {
  const rest = call.argc - i - 1;
  if (rest >= 2 && call.is(i, "GET")) return GET;
  if (rest >= 3 && call.is(i, "SET")) return SET;
  if (rest >= 3 && call.is(i, "INCRBY")) return INCRBY;
  return rest >= 1 && call.is(i, "OVERFLOW") ? OVERFLOW : 0;
}

/** Number of arguments of an operation, its name included. */
function argumentsOf(operation: number): number {
  return operation === OVERFLOW ? 2 : operation === GET ? 3 : 4;
}

/** @returns the kind of overflow that argument `i` names, 0 if it is none */
function overflowAt(call: Call, i: number): number {
  return call.is(i, "WRAP") ? WRAP : call.is(i, "SAT") ? SAT : call.is(i, "FAIL") ? FAIL : 0;
}

/** Reads e.g. "u8" or "i64" to `field`. @returns false after an error was replied */
function readEncoding(call: Call, i: number, reply: ReplyWriter): boolean {
  const { bytes } = call.batch.input;
  const at = call.offset(i);
  const length = call.length(i);
  field.isSigned = bytes[at] === LETTER_I;
  const isKnown = length > 0 && (field.isSigned || bytes[at] === LETTER_U);
  const most = field.isSigned ? MAX_SIGNED_WIDTH : MAX_UNSIGNED_WIDTH;
  field.width = isKnown ? readWidth(bytes, at + 1, length - 1) : 0;
  if (field.width >= 1 && field.width <= most) return true;
  reply.error(BAD_TYPE);
  return false;
}

/** @returns a number of one or two digits without a leading zero; else 0 */
function readWidth(bytes: Uint8Array, at: number, length: number): number {
  if (length < 1 || length > 2) return 0;
  const first = bytes[at] - ZERO;
  if (first < 1 || first > 9) return 0;
  if (length === 1) return first;
  const second = bytes[at + 1] - ZERO;
  return second < 0 || second > 9 ? 0 : first * 10 + second;
}
