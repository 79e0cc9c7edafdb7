/** HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT and HPERSIST: when fields go. */
import {
  beginExpiring,
  endExpiring,
  expireField,
  expiryOfField,
  NO_FIELD,
  NO_FIELD_EXPIRY,
} from "../../engine/hash_expiry.ts";
import { isCompactHash } from "../../engine/hashes.ts";
import { EVENT_HASH } from "../../engine/key_changes.ts";
import { NO_EXPIRY, type RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf, readFields } from "./arguments.ts";
import { tellExpiries } from "./events.ts";
import { EPOCH, MS_PER_MS, MS_PER_SECOND, readTime } from "./expiry_time.ts";

/** What is replied for a field, besides NO_FIELD and NO_FIELD_EXPIRY. */
const CONDITION_NOT_MET = 0;
const DONE = 1;
const DELETED = 2;

const CONDITION_ARG = 3;
const CONDITIONS = ["NX", "XX", "GT", "LT"];
const NOT_A_COUNT = "ERR Parameter `numFields` should be greater than 0";
const SYNTAX_TAIL = "[NX | XX | GT | LT] FIELDS numfields field [field ...]";
const COMPLEXITY = "O(N) where N is the number of specified fields";
const ARGUMENT_TYPES = { numfields: "integer" } as const;

export const HEXPIRE = {
  name: "hexpire",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Set expiry for hash field using relative time to expire (seconds)",
  syntax: `key seconds ${SYNTAX_TAIL}`,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    expire(call, reply, MS_PER_SECOND, call.nowMs);
  },
} as const satisfies CommandSpec;

export const HPEXPIRE = {
  name: "hpexpire",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Set expiry for hash field using relative time to expire (milliseconds)",
  syntax: `key milliseconds ${SYNTAX_TAIL}`,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    expire(call, reply, MS_PER_MS, call.nowMs);
  },
} as const satisfies CommandSpec;

export const HEXPIREAT = {
  name: "hexpireat",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Set expiry for hash field using an absolute Unix timestamp (seconds)",
  syntax: `key unix-time-seconds ${SYNTAX_TAIL}`,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    expire(call, reply, MS_PER_SECOND, EPOCH);
  },
} as const satisfies CommandSpec;

export const HPEXPIREAT = {
  name: "hpexpireat",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
  syntax: `key unix-time-milliseconds ${SYNTAX_TAIL}`,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    expire(call, reply, MS_PER_MS, EPOCH);
  },
} as const satisfies CommandSpec;

/** @param baseMs what the number given counts from, milliseconds since 1970 */
function expire(call: Call, reply: ReplyWriter, unitMs: number, baseMs: number): void {
  const found = hashOf(call, call.lookupWrite(1), reply);
  if (found === undefined) return;
  const expiresAtMs = readTime(call, 2, unitMs, baseMs, reply);
  if (expiresAtMs === undefined) return;
  const condition = CONDITIONS.findIndex((word) => call.is(CONDITION_ARG, word));
  const fieldsArg = condition < 0 ? CONDITION_ARG : CONDITION_ARG + 1;
  const first = readFields(call, fieldsArg, reply, NOT_A_COUNT);
  if (first === 0) return;
  if (found === 0) return replyNoFields(call, first, reply);
  const { batch, db } = call;
  const { keyspace } = call.engine;
  const arg = call.first + 1;
  const ref = beginExpiring(keyspace, db, batch, arg, found);
  let stayed = 0, removed = 0;
  try {
    const results = fieldsOf(call, first, (i) => {
      const has = expiryOfArgument(call, ref, i);
      if (has === NO_FIELD) return NO_FIELD;
      if (!isMet(CONDITIONS[condition], has, expiresAtMs)) return CONDITION_NOT_MET;
      const stays = expireArgument(call, ref, i, expiresAtMs);
      if (stays) stayed++;
      else removed++;
      return stays ? DONE : DELETED;
    });
    replyResults(results, reply);
  } finally {
    const isGone = endExpiring(keyspace, db, batch, arg, ref);
    tellExpiries(call, "hexpire", stayed, removed, isGone);
  }
}

export const HPERSIST = {
  name: "hpersist",
  arity: -5,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Removes the expiration time for each specified field",
  syntax: "key FIELDS numfields field [field ...]",
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    const ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    const first = readFields(call, 2, reply);
    if (first === 0) return;
    const { keyspace } = call.engine;
    const isExpiring = ref !== 0 && !isCompactHash(keyspace, ref);
    const results = fieldsOf(call, first, (i) => {
      const has = expiryOfArgument(call, ref, i);
      if (has < 0 || !isExpiring) return has;
      expireArgument(call, ref, i, NO_EXPIRY);
      return DONE;
    });
    if (results.includes(DONE)) call.changed(1, EVENT_HASH, "hpersist");
    replyResults(results, reply);
  },
} as const satisfies CommandSpec;

/** What is done with each field. @param first position of the first one */
function fieldsOf(call: Call, first: number, act: (i: number) => number): number[] {
  const results: number[] = [];
  for (let i = first; i < call.argc; i++) results.push(act(i));
  return results;
}

function replyResults(results: readonly number[], reply: ReplyWriter): void {
  reply.array(results.length);
  for (const result of results) reply.integer(result);
}

/** The reply for a key that is absent. @param first position of the first field */
export function replyNoFields(call: Call, first: number, reply: ReplyWriter): void {
  reply.array(call.argc - first);
  for (let i = first; i < call.argc; i++) reply.integer(NO_FIELD);
}

/** When the field in argument `i` expires, or NO_FIELD or NO_FIELD_EXPIRY. */
export function expiryOfArgument(call: Call, ref: RecordRef, i: number): number {
  const { input } = call.batch;
  return expiryOfField(call.engine.keyspace, ref, input, call.offset(i), call.length(i));
}

/** Makes the field in argument `i` expire, which is there. @returns whether it still is */
export function expireArgument(
  call: Call,
  ref: RecordRef,
  i: number,
  expiresAtMs: number,
): boolean {
  const { input } = call.batch;
  const { keyspace } = call.engine;
  return expireField(keyspace, ref, input, call.offset(i), call.length(i), expiresAtMs);
}

/** @param hasMs when the field expires now, NO_FIELD_EXPIRY = never */
function isMet(condition: string | undefined, hasMs: number, expiresAtMs: number): boolean {
  const isVolatile = hasMs !== NO_FIELD_EXPIRY;
  switch (condition) {
    case "NX":
      return !isVolatile;
    case "XX":
      return isVolatile;
    case "GT":
      return isVolatile && expiresAtMs > hasMs;
    case "LT":
      return !isVolatile || expiresAtMs < hasMs;
    default:
      return true;
  }
}
