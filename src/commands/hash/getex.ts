/** HGETEX: reads values and changes when their fields expire. */
import { beginExpiring, endExpiring, NO_FIELD, NO_FIELD_EXPIRY } from "../../engine/hash_expiry.ts";
import { replyValueOf } from "../../engine/hash_reader.ts";
import { isCompactHash } from "../../engine/hashes.ts";
import { NO_EXPIRY, type RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf, readFields } from "./arguments.ts";
import { tellExpiries } from "./events.ts";
import { expireArgument, expiryOfArgument } from "./expire.ts";
import { isTimeOption, readTimeOption } from "./expiry_time.ts";

const OPTION_ARG = 2;

export const HGETEX = {
  name: "hgetex",
  arity: -5,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of specified fields",
  summary: "Get the value of one or more fields of a given hash key, and optionally set their " +
    "expiration.",
  syntax: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | " +
    "PXAT unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]",
  argumentTypes: { numfields: "integer" },
  run(call, reply) {
    const found = hashOf(call, call.lookupWrite(1), reply);
    if (found === undefined) return;
    const hasTime = isTimeOption(call, OPTION_ARG);
    const persists = call.is(OPTION_ARG, "PERSIST");
    const expiresAtMs = hasTime ? readTimeOption(call, OPTION_ARG, reply) : NO_EXPIRY;
    if (expiresAtMs === undefined) return;
    const first = readFields(call, OPTION_ARG + (hasTime ? 2 : persists ? 1 : 0), reply);
    if (first === 0) return;
    const { keyspace } = call.engine;
    if (found === 0 || !(hasTime || (persists && !isCompactHash(keyspace, found)))) {
      replyValues(call, found, first, reply);
      return;
    }
    const { batch, db } = call;
    const arg = call.first + 1;
    const ref = beginExpiring(keyspace, db, batch, arg, found);
    let stayed = 0, removed = 0;
    try {
      // What frees memory only can't fail once the reply has begun.
      const isPast = hasTime && expiresAtMs <= call.nowMs;
      if (isPast) reply.array(call.argc - first);
      for (let i = first; i < call.argc; i++) {
        if (isPast) replyValue(call, ref, i, reply);
        const has = expiryOfArgument(call, ref, i);
        if (has === NO_FIELD || (persists && has === NO_FIELD_EXPIRY)) continue;
        if (expireArgument(call, ref, i, expiresAtMs)) stayed++;
        else removed++;
      }
      if (!isPast) replyValues(call, ref, first, reply);
    } finally {
      const isGone = endExpiring(keyspace, db, batch, arg, ref);
      tellExpiries(call, persists ? "hpersist" : "hexpire", stayed, removed, isGone);
    }
  },
} as const satisfies CommandSpec;

function replyValues(call: Call, ref: RecordRef, first: number, reply: ReplyWriter): void {
  reply.array(call.argc - first);
  for (let i = first; i < call.argc; i++) replyValue(call, ref, i, reply);
}

function replyValue(call: Call, ref: RecordRef, i: number, reply: ReplyWriter): void {
  const { input } = call.batch;
  replyValueOf(call.engine.keyspace, ref, input, call.offset(i), call.length(i), reply);
}
