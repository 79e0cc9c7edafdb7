/** HDEL and HGETDEL: fields are removed. */
import { replyValueOf } from "../../engine/hash_reader.ts";
import { deleteField } from "../../engine/hashes.ts";
import { EVENT_HASH } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { Call } from "../call.ts";
import { reduced } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf, readFields } from "./arguments.ts";

const FIRST_FIELD_ARG = 2;

export const HDEL = {
  name: "hdel",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RW", "delete"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of fields to be removed.",
  summary: "Deletes one or more fields and their values from a hash. " +
    "Deletes the hash if no fields remain.",
  syntax: "key field [field ...]",
  history: [["2.4.0", "Accepts multiple `field` arguments."]],
  run(call, reply) {
    let ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    let deleted = 0;
    for (let i = FIRST_FIELD_ARG; i < call.argc && ref !== 0; i++) {
      if (!deleteArgument(call, ref, i)) continue;
      deleted++;
      ref = call.peek(1);
    }
    if (deleted > 0) reduced(call, 1, EVENT_HASH, "hdel", ref === 0);
    reply.integer(deleted);
  },
} as const satisfies CommandSpec;

export const HGETDEL = {
  name: "hgetdel",
  arity: -5,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of specified fields",
  summary: "Returns the value of a field and deletes it from the hash.",
  syntax: "key FIELDS numfields field [field ...]",
  argumentTypes: { numfields: "integer" },
  run(call, reply) {
    let ref = hashOf(call, call.lookupWrite(1), reply);
    if (ref === undefined) return;
    const first = readFields(call, 2, reply);
    if (first === 0) return;
    const { keyspace } = call.engine;
    reply.array(call.argc - first);
    let deleted = 0;
    for (let i = first; i < call.argc; i++) {
      replyValueOf(keyspace, ref, call.batch.input, call.offset(i), call.length(i), reply);
      if (ref === 0 || !deleteArgument(call, ref, i)) continue;
      deleted++;
      ref = call.peek(1);
    }
    if (deleted > 0) reduced(call, 1, EVENT_HASH, "hdel", ref === 0);
  },
} as const satisfies CommandSpec;

/** @returns whether the field in argument `i` was there; the record may have moved then */
function deleteArgument(call: Call, ref: RecordRef, i: number): boolean {
  const { batch, db, engine, first } = call;
  const { input } = batch;
  const arg = first + 1;
  return deleteField(engine.keyspace, db, batch, arg, ref, input, call.offset(i), call.length(i));
}
