/** HSETEX: sets fields together with when they expire. */
import { beginExpiring, endExpiring, NO_FIELD } from "../../engine/hash_expiry.ts";
import { hasField, KEEP_EXPIRY, setFields } from "../../engine/hashes.ts";
import { EVENT_HASH } from "../../engine/key_changes.ts";
import { NO_EXPIRY, type RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import { readPrintable } from "../generic/arguments.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf } from "./arguments.ts";
import { tellExpiries } from "./events.ts";
import { expireArgument, expiryOfArgument } from "./expire.ts";
import { isTimeOption, readTimeOption } from "./expiry_time.ts";

const FIRST_OPTION_ARG = 2;
const INT32_MAX = 2 ** 31 - 1;
const NOT_A_COUNT = "ERR invalid number of fields";
const TIME_MISSING = "ERR missing expire time";
const TWO_CONDITIONS = "ERR Only one of FXX or FNX arguments can be specified";
const TWO_TIMES = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";

interface Options {
  /** Milliseconds since 1970; NO_EXPIRY, KEEP_EXPIRY. */
  readonly expiry: number;
  /** "FNX", "FXX" or none. */
  readonly condition: string;
  /** Position of the first field. */
  readonly first: number;
}

export const HSETEX = {
  name: "hsetex",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of fields being set.",
  summary: "Set the value of one or more fields of a given hash key, and optionally set their " +
    "expiration.",
  syntax: "key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | " +
    "PXAT unix-time-milliseconds | KEEPTTL] FIELDS numfields <field value> ...",
  argumentTypes: { numfields: "integer" },
  run(call, reply) {
    const options = readOptions(call, reply);
    if (options === undefined) return;
    const ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    if (!isMet(call, ref, options)) return reply.integer(0);
    set(call, ref, options);
    reply.integer(1);
  },
} as const satisfies CommandSpec;

function set(call: Call, ref: RecordRef, { expiry, first }: Options): void {
  const { batch, db, engine } = call;
  const { keyspace } = engine;
  const arg = call.first + 1;
  const count = (call.argc - first) >>> 1;
  const isTime = expiry > 0;
  const kept = isTime ? KEEP_EXPIRY : expiry;
  setFields(engine, db, batch, arg, ref, call.first + first, count, kept);
  call.changed(1, EVENT_HASH, "hset");
  if (!isTime) return;
  const expiring = beginExpiring(keyspace, db, batch, arg, call.peek(1));
  let stayed = 0, removed = 0;
  try {
    for (let i = first; i < call.argc; i += 2) {
      // One that is past already went when it came the first time.
      if (expiryOfArgument(call, expiring, i) === NO_FIELD) continue;
      if (expireArgument(call, expiring, i, expiry)) stayed++;
      else removed++;
    }
  } finally {
    const isGone = endExpiring(keyspace, db, batch, arg, expiring);
    tellExpiries(call, "hexpire", stayed, removed, isGone);
  }
}

/** FNX: none of the fields is there; FXX: all of them are. */
function isMet(call: Call, ref: RecordRef, { condition, first }: Options): boolean {
  if (condition === "") return true;
  const { keyspace } = call.engine;
  const { input } = call.batch;
  for (let i = first; i < call.argc; i += 2) {
    const has = hasField(keyspace, ref, input, call.offset(i), call.length(i));
    if (has !== (condition === "FXX")) return false;
  }
  return true;
}

/** @returns undefined after an error was replied */
function readOptions(call: Call, reply: ReplyWriter): Options | undefined {
  let expiry = NO_EXPIRY;
  let hasExpiry = false;
  let condition = "";
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    if (call.is(i, "FIELDS")) {
      const first = readPairs(call, i, reply);
      return first === 0 ? undefined : { expiry, condition, first };
    }
    const isTime = isTimeOption(call, i);
    if (isTime || call.is(i, "KEEPTTL")) {
      if (hasExpiry) return refuse(reply, TWO_TIMES);
      hasExpiry = true;
      if (!isTime) {
        expiry = KEEP_EXPIRY;
        continue;
      }
      if (i + 1 >= call.argc) return refuse(reply, TIME_MISSING);
      const time = readTimeOption(call, i, reply);
      if (time === undefined) return undefined;
      expiry = time;
      i++;
    } else if (call.is(i, "FXX") || call.is(i, "FNX")) {
      if (condition !== "") return refuse(reply, TWO_CONDITIONS);
      condition = call.is(i, "FXX") ? "FXX" : "FNX";
    } else {
      return refuse(reply, `ERR unknown argument: ${readPrintable(call, i)}`);
    }
  }
  return refuse(reply, wrongArity(call.name));
}

/** Reads "FIELDS numfields field value …" at argument `i`. @returns the first field; 0 = refused */
function readPairs(call: Call, i: number, reply: ReplyWriter): number {
  if (i >= call.argc - 3) {
    reply.error(wrongArity(call.name));
    return 0;
  }
  const count = call.integer(i + 1);
  if (count === undefined || count < 1 || count > INT32_MAX) {
    reply.error(NOT_A_COUNT);
    return 0;
  }
  if (2 * count !== call.argc - i - 2) {
    reply.error(wrongArity(call.name));
    return 0;
  }
  return i + 2;
}

function refuse(reply: ReplyWriter, error: string): undefined {
  reply.error(error);
  return undefined;
}
