/** INCR, DECR, INCRBY and DECRBY: counters of 64 bits. */
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { TYPE_STRING } from "../../engine/keyspace.ts";
import { integerOf, NO_EXPIRY, replaceInteger, setInteger } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { INCREMENT_OVERFLOW, NOT_AN_INTEGER, WRONG_TYPE } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { addInt64, type Int64, negateInt64 } from "./int64.ts";

export const INCR = {
  name: "incr",
  arity: 2,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Increments the integer value of a key by one. " +
    "Uses 0 as initial value if the key doesn't exist.",
  syntax: "key",
  run(call, reply) {
    increase(call, reply, 1);
  },
} as const satisfies CommandSpec;

export const DECR = {
  name: "decr",
  arity: 2,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Decrements the integer value of a key by one. " +
    "Uses 0 as initial value if the key doesn't exist.",
  syntax: "key",
  run(call, reply) {
    increase(call, reply, -1);
  },
} as const satisfies CommandSpec;

export const INCRBY = {
  name: "incrby",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Increments the integer value of a key by a number. " +
    "Uses 0 as initial value if the key doesn't exist.",
  syntax: "key increment",
  run(call, reply) {
    const increment = call.int64(2);
    if (increment === undefined) reply.error(NOT_AN_INTEGER);
    else increase(call, reply, increment);
  },
} as const satisfies CommandSpec;

export const DECRBY = {
  name: "decrby",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Decrements a number from the integer value of a key. " +
    "Uses 0 as initial value if the key doesn't exist.",
  syntax: "key decrement",
  run(call, reply) {
    const decrement = call.int64(2);
    if (decrement === undefined) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
    const increment = negateInt64(decrement);
    if (increment === undefined) reply.error("ERR decrement would overflow");
    else increase(call, reply, increment);
  },
} as const satisfies CommandSpec;

function increase(call: Call, reply: ReplyWriter, by: Int64): void {
  const keyspace = call.engine.keyspace;
  const ref = call.lookupWrite(1);
  let value: Int64 | undefined = 0;
  if (ref !== 0) {
    if (keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    value = integerOf(keyspace, ref);
    if (value === undefined) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
  }
  const sum = addInt64(value, by);
  if (sum === undefined) {
    reply.error(INCREMENT_OVERFLOW);
    return;
  }
  if (ref === 0) setInteger(keyspace, call.db, call.batch, call.first + 1, sum, NO_EXPIRY);
  else replaceInteger(keyspace, call.db, call.batch, call.first + 1, ref, sum);
  call.changed(1, EVENT_STRING, "incrby");
  reply.integer(sum);
}
