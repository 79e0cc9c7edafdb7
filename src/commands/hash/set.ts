/** HSET, HMSET and HSETNX: values of fields. */
import { hasField, setFields } from "../../engine/hashes.ts";
import { EVENT_HASH } from "../../engine/key_changes.ts";
import { NO_EXPIRY } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf } from "./arguments.ts";

const FIRST_FIELD_ARG = 2;

export const HSET = {
  name: "hset",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 2],
  keyFlags: ["RW", "update"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the " +
    "command is called with multiple field/value pairs.",
  summary: "Creates or modifies the value of a field in a hash.",
  syntax: "key field value [field value ...]",
  history: [["4.0.0", "Accepts multiple `field` and `value` arguments."]],
  run(call, reply) {
    const created = setPairs(call, reply);
    if (created !== undefined) reply.integer(created);
  },
} as const satisfies CommandSpec;

export const HMSET = {
  name: "hmset",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 2],
  keyFlags: ["RW", "update"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of fields being set.",
  summary: "Sets the values of multiple fields.",
  syntax: "key field value [field value ...]",
  deprecated: { since: "4.0.0", replacedBy: "`HSET` with multiple field-value pairs" },
  run(call, reply) {
    if (setPairs(call, reply) !== undefined) reply.ok();
  },
} as const satisfies CommandSpec;

/** @returns how many fields are new; undefined after an error was replied */
function setPairs(call: Call, reply: ReplyWriter): number | undefined {
  if (call.argc % 2 === 1) {
    reply.error(wrongArity(call.name));
    return undefined;
  }
  const ref = hashOf(call, call.lookupWrite(1), reply);
  if (ref === undefined) return undefined;
  const { first } = call;
  const count = (call.argc - FIRST_FIELD_ARG) >>> 1;
  const firstField = first + FIRST_FIELD_ARG;
  const { batch, db, engine } = call;
  const created = setFields(engine, db, batch, first + 1, ref, firstField, count, NO_EXPIRY);
  call.changed(1, EVENT_HASH, "hset");
  return created;
}

export const HSETNX = {
  name: "hsetnx",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RW", "insert"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Sets the value of a field in a hash only when the field doesn't exist.",
  syntax: "key field value",
  run(call, reply) {
    const ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    const { batch, engine, first } = call;
    if (hasField(engine.keyspace, ref, batch.input, call.offset(2), call.length(2))) {
      reply.integer(0);
      return;
    }
    setFields(engine, call.db, batch, first + 1, ref, first + FIRST_FIELD_ARG, 1, NO_EXPIRY);
    call.changed(1, EVENT_HASH, "hset");
    reply.integer(1);
  },
} as const satisfies CommandSpec;
