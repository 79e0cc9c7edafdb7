/** EXISTS, TOUCH and TYPE: whether keys are there, and what they hold. */
import type { CommandSpec } from "../spec.ts";
import { inspect } from "./arguments.ts";

export const EXISTS = {
  name: "exists",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [1, -1, 1],
  keyFlags: ["RO"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(N) where N is the number of keys to check.",
  summary: "Determines whether one or more keys exist.",
  syntax: "key [key ...]",
  history: [["3.0.3", "Accepts multiple `key` arguments."]],
  run(call, reply) {
    const argc = call.argc;
    let present = 0;
    for (let i = 1; i < argc; i++) {
      if (inspect(call, i) !== 0) present++;
    }
    reply.integer(present);
  },
} as const satisfies CommandSpec;

export const TOUCH = {
  name: "touch",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [1, -1, 1],
  keyFlags: ["RO"],
  since: "3.2.1",
  group: "generic",
  complexity: "O(N) where N is the number of keys that will be touched.",
  summary: "Returns the number of existing keys out of those specified after updating the time " +
    "they were last accessed.",
  syntax: "key [key ...]",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const argc = call.argc;
    let present = 0;
    for (let i = 1; i < argc; i++) {
      const ref = call.lookupRead(i);
      if (ref === 0) continue;
      present++;
      // Under CLIENT NO-TOUCH this is the one command that touches.
      if (!keyspace.isTouching) keyspace.touch(ref);
    }
    reply.integer(present);
  },
} as const satisfies CommandSpec;

export const TYPE = {
  name: "type",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Determines the type of value stored at a key.",
  syntax: "key",
  run(call, reply) {
    const ref = inspect(call, 1);
    reply.simple(ref === 0 ? "none" : call.engine.keyspace.typeName(ref));
  },
} as const satisfies CommandSpec;
