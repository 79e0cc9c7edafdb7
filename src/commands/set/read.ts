/** SISMEMBER, SMISMEMBER, SCARD and SMEMBERS: asking for members. */
import { TYPE_SET } from "../../engine/keyspace.ts";
import { replyMembers } from "../../engine/set_members.ts";
import { isMember, setLength } from "../../engine/sets.ts";
import { WRONG_TYPE } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const FIRST_MEMBER_ARG = 2;

export const SISMEMBER = {
  name: "sismember",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO"],
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  summary: "Determines whether a member belongs to a set.",
  syntax: "key member",
  run(call, reply) {
    const { keyspace } = call.engine;
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.integer(0);
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    const isThere = isMember(keyspace, ref, call.batch.input, call.offset(2), call.length(2));
    reply.integer(isThere ? 1 : 0);
  },
} as const satisfies CommandSpec;

export const SMISMEMBER = {
  name: "smismember",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "set",
  complexity: "O(N) where N is the number of elements being checked for membership",
  summary: "Determines whether multiple members belong to a set.",
  syntax: "key member [member ...]",
  run(call, reply) {
    const { keyspace } = call.engine;
    const ref = call.lookupRead(1);
    if (ref !== 0 && keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    reply.array(call.argc - FIRST_MEMBER_ARG);
    for (let i = FIRST_MEMBER_ARG; i < call.argc; i++) {
      const isThere = ref !== 0 &&
        isMember(keyspace, ref, call.batch.input, call.offset(i), call.length(i));
      reply.integer(isThere ? 1 : 0);
    }
  },
} as const satisfies CommandSpec;

export const SCARD = {
  name: "scard",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  summary: "Returns the number of members in a set.",
  syntax: "key",
  run(call, reply) {
    const { keyspace } = call.engine;
    const ref = call.lookupRead(1);
    if (ref === 0) reply.integer(0);
    else if (keyspace.typeOf(ref) !== TYPE_SET) reply.error(WRONG_TYPE);
    else reply.integer(setLength(keyspace, ref));
  },
} as const satisfies CommandSpec;

export const SMEMBERS = {
  name: "smembers",
  arity: 2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "set",
  complexity: "O(N) where N is the set cardinality.",
  summary: "Returns all members of a set.",
  syntax: "key",
  run(call, reply) {
    const { keyspace } = call.engine;
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.set(0);
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    reply.set(setLength(keyspace, ref));
    replyMembers(keyspace, ref, reply);
  },
} as const satisfies CommandSpec;
