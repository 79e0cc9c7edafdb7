/** GET, MGET, GETDEL and STRLEN: reading whole values. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import { TYPE_STRING } from "../../engine/keyspace.ts";
import { replyString, stringLength } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";
import { type CommandSpec, LONG_REPLY_BYTES } from "../spec.ts";

export const GET = {
  name: "get",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Returns the string value of a key.",
  syntax: "key",
  run: replyValue,
  runRow(call, reply, count, limit) {
    const errors = reply.errorCount;
    for (let ran = 1;; ran++) {
      const start = call.replyStart = reply.position;
      replyValue(call, reply);
      const end = reply.position;
      if (ran === count || reply.errorCount !== errors) return ran;
      if (end > limit || end - start >= LONG_REPLY_BYTES) return ran;
      call.first += call.argc;
    }
  },
} as const satisfies CommandSpec;

function replyValue(call: Call, reply: ReplyWriter): void {
  const { keyspace } = call.engine;
  const ref = call.lookupRead(1);
  if (ref === 0) reply.nil();
  else if (keyspace.typeOf(ref) !== TYPE_STRING) reply.error(WRONG_TYPE);
  else replyString(keyspace, ref, reply);
}

export const MGET = {
  name: "mget",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [1, -1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "string",
  complexity: "O(N) where N is the number of keys to retrieve.",
  summary: "Atomically returns the string values of one or more keys.",
  syntax: "key [key ...]",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const argc = call.argc;
    reply.array(argc - 1);
    for (let i = 1; i < argc; i++) {
      const ref = call.lookupRead(i);
      if (ref === 0 || keyspace.typeOf(ref) !== TYPE_STRING) reply.nil();
      else replyString(keyspace, ref, reply);
    }
  },
} as const satisfies CommandSpec;

export const GETDEL = {
  name: "getdel",
  arity: 2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "6.2.0",
  group: "string",
  complexity: "O(1)",
  summary: "Returns the string value of a key after deleting the key.",
  syntax: "key",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupRead(1);
    if (ref === 0) {
      reply.nil();
      return;
    }
    if (keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    replyString(keyspace, ref, reply);
    call.remove(1);
    call.changed(1, EVENT_GENERIC, "del");
  },
} as const satisfies CommandSpec;

export const STRLEN = {
  name: "strlen",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "2.2.0",
  group: "string",
  complexity: "O(1)",
  summary: "Returns the length of a string value.",
  syntax: "key",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupRead(1);
    if (ref === 0) reply.integer(0);
    else if (keyspace.typeOf(ref) !== TYPE_STRING) reply.error(WRONG_TYPE);
    else reply.integer(stringLength(keyspace, ref));
  },
} as const satisfies CommandSpec;
