/** HINCRBY and HINCRBYFLOAT: numbers in fields. */
import { formatBigint, formatInteger, parseInteger, writeAscii } from "../../bytes/ascii.ts";
import {
  addLongDoubles,
  formatHumanLongDouble,
  longDoubleOf,
  MAX_HUMAN_LENGTH,
  readLongDouble,
} from "../../bytes/long_double.ts";
import { makeRegion } from "../../bytes/region.ts";
import { readValue } from "../../engine/hash_reader.ts";
import { KEEP_EXPIRY, setField } from "../../engine/hashes.ts";
import { EVENT_HASH } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { Region } from "../../ports/region.ts";
import type { Call } from "../call.ts";
import { INCREMENT_OVERFLOW, NOT_A_FLOAT, NOT_AN_INTEGER } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { addInt64 } from "../string/int64.ts";
import { hashOf } from "./arguments.ts";

const scratch = makeRegion(MAX_HUMAN_LENGTH);

export const HINCRBY = {
  name: "hincrby",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RW", "access", "update"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Increments the integer value of a field in a hash by a number. " +
    "Uses 0 as initial value if the field doesn't exist.",
  syntax: "key field increment",
  run(call, reply) {
    const increment = call.int64(3);
    if (increment === undefined) return reply.error(NOT_AN_INTEGER);
    const ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    const value = valueOf(call, ref);
    let number: number | bigint | undefined = 0;
    if (value !== undefined) number = parseInteger(value, 0, value.length);
    if (number === undefined) return reply.error("ERR hash value is not an integer");
    const sum = addInt64(number, increment);
    if (sum === undefined) return reply.error(INCREMENT_OVERFLOW);
    const length = typeof sum === "number"
      ? formatInteger(sum, scratch.bytes, 0)
      : formatBigint(sum, scratch.bytes, 0);
    store(call, ref, scratch, length);
    call.changed(1, EVENT_HASH, "hincrby");
    reply.integer(sum);
  },
} as const satisfies CommandSpec;

export const HINCRBYFLOAT = {
  name: "hincrbyfloat",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RW", "access", "update"],
  since: "2.6.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Increments the floating point value of a field by a number. " +
    "Uses 0 as initial value if the field doesn't exist.",
  syntax: "key field increment",
  argumentTypes: { increment: "double" },
  run(call, reply) {
    const { bytes } = call.batch.input;
    const increment = readLongDouble(bytes, call.offset(3), call.length(3));
    if (increment === undefined) return reply.error(NOT_A_FLOAT);
    if (increment.infinity !== 0) return reply.error("ERR value is NaN or Infinity");
    const ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    const value = valueOf(call, ref);
    const number = value === undefined ? longDoubleOf(0) : readLongDouble(value, 0, value.length);
    if (number === undefined) return reply.error("ERR hash value is not a float");
    const sum = addLongDoubles(number, increment);
    if (sum === undefined) return reply.error("ERR increment would produce NaN or Infinity");
    const text = formatHumanLongDouble(sum);
    writeAscii(text, scratch.bytes, 0);
    store(call, ref, scratch, text.length);
    call.changed(1, EVENT_HASH, "hincrbyfloat");
    reply.bulk(scratch, 0, text.length);
  },
} as const satisfies CommandSpec;

/** A copy of the value of the field in argument 2; undefined if there is none. */
function valueOf(call: Call, ref: RecordRef): Uint8Array | undefined {
  if (ref === 0) return undefined;
  const { input } = call.batch;
  return readValue(call.engine.keyspace, ref, input, call.offset(2), call.length(2));
}

/** Sets the field in argument 2; it goes on expiring when it did. */
function store(call: Call, ref: RecordRef, value: Region, length: number): void {
  const { batch, db, engine, first } = call;
  const { input } = batch;
  const arg = first + 1, offset = call.offset(2), bytes = call.length(2);
  setField(engine, db, batch, arg, ref, input, offset, bytes, value, 0, length, KEEP_EXPIRY);
}
