/** HGET, HMGET, HEXISTS, HSTRLEN and HLEN: what single fields hold. */
import { replyValueOf } from "../../engine/hash_reader.ts";
import { hasField, hashLength, valueLength } from "../../engine/hashes.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf } from "./arguments.ts";

const FIRST_FIELD_ARG = 2;

export const HGET = {
  name: "hget",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Returns the value of a field in a hash.",
  syntax: "key field",
  run(call, reply) {
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    const { keyspace } = call.engine;
    replyValueOf(keyspace, ref, call.batch.input, call.offset(2), call.length(2), reply);
  },
} as const satisfies CommandSpec;

export const HMGET = {
  name: "hmget",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the number of fields being requested.",
  summary: "Returns the values of all fields in a hash.",
  syntax: "key field [field ...]",
  run(call, reply) {
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    const { keyspace } = call.engine;
    reply.array(call.argc - FIRST_FIELD_ARG);
    for (let i = FIRST_FIELD_ARG; i < call.argc; i++) {
      replyValueOf(keyspace, ref, call.batch.input, call.offset(i), call.length(i), reply);
    }
  },
} as const satisfies CommandSpec;

export const HEXISTS = {
  name: "hexists",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Determines whether a field exists in a hash.",
  syntax: "key field",
  run(call, reply) {
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    const { keyspace } = call.engine;
    const has = hasField(keyspace, ref, call.batch.input, call.offset(2), call.length(2));
    reply.integer(has ? 1 : 0);
  },
} as const satisfies CommandSpec;

export const HSTRLEN = {
  name: "hstrlen",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO"],
  since: "3.2.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Returns the length of the value of a field.",
  syntax: "key field",
  run(call, reply) {
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    const { keyspace } = call.engine;
    const length = valueLength(keyspace, ref, call.batch.input, call.offset(2), call.length(2));
    reply.integer(length < 0 ? 0 : length);
  },
} as const satisfies CommandSpec;

export const HLEN = {
  name: "hlen",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  summary: "Returns the number of fields in a hash.",
  syntax: "key",
  run(call, reply) {
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    reply.integer(ref === 0 ? 0 : hashLength(call.engine.keyspace, ref));
  },
} as const satisfies CommandSpec;
