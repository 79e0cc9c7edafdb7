/** HTTL, HPTTL, HEXPIRETIME and HPEXPIRETIME: how long fields stay. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf, readFields } from "./arguments.ts";
import { expiryOfArgument } from "./expire.ts";
import { EPOCH, MS_PER_MS, MS_PER_SECOND } from "./expiry_time.ts";

const COMPLEXITY = "O(N) where N is the number of specified fields";
const SYNTAX = "key FIELDS numfields field [field ...]";
const ARGUMENT_TYPES = { numfields: "integer" } as const;

export const HTTL = {
  name: "httl",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Returns the TTL in seconds of a hash field.",
  syntax: SYNTAX,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    replyTimes(call, reply, MS_PER_SECOND, call.nowMs);
  },
} as const satisfies CommandSpec;

export const HPTTL = {
  name: "hpttl",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Returns the TTL in milliseconds of a hash field.",
  syntax: SYNTAX,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    replyTimes(call, reply, MS_PER_MS, call.nowMs);
  },
} as const satisfies CommandSpec;

export const HEXPIRETIME = {
  name: "hexpiretime",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
  syntax: SYNTAX,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    replyTimes(call, reply, MS_PER_SECOND, EPOCH);
  },
} as const satisfies CommandSpec;

export const HPEXPIRETIME = {
  name: "hpexpiretime",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.4.0",
  group: "hash",
  complexity: COMPLEXITY,
  summary: "Returns the expiration time of a hash field as a Unix timestamp, in msec.",
  syntax: SYNTAX,
  argumentTypes: ARGUMENT_TYPES,
  run(call, reply) {
    replyTimes(call, reply, MS_PER_MS, EPOCH);
  },
} as const satisfies CommandSpec;

/** @param baseMs what the numbers replied count from, milliseconds since 1970 */
function replyTimes(call: Call, reply: ReplyWriter, unitMs: number, baseMs: number): void {
  const ref = hashOf(call, call.lookupRead(1), reply);
  if (ref === undefined) return;
  const first = readFields(call, 2, reply);
  if (first === 0) return;
  reply.array(call.argc - first);
  for (let i = first; i < call.argc; i++) {
    const expiresAtMs = expiryOfArgument(call, ref, i);
    reply.integer(expiresAtMs < 0 ? expiresAtMs : Math.ceil((expiresAtMs - baseMs) / unitMs));
  }
}
