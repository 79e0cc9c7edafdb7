/** WAIT. */
import { NOT_AN_INTEGER } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const INT64_MAX = (1n << 63n) - 1n;

export const WAIT = {
  name: "wait",
  arity: 3,
  flags: [],
  categories: ["connection"],
  since: "3.0.0",
  group: "generic",
  complexity: "O(1)",
  summary:
    "Blocks until the asynchronous replication of all preceding write commands sent by the " +
    "connection is completed.",
  syntax: "numreplicas timeout",
  /** There is no replication, so no replica will ever answer: none did, however long one waits. */
  run(call, reply) {
    const timeoutMs = call.int64(2);
    if (call.int64(1) === undefined) reply.error(NOT_AN_INTEGER);
    else if (timeoutMs === undefined) reply.error("ERR timeout is not an integer or out of range");
    else if (timeoutMs < 0) reply.error("ERR timeout is negative");
    else if (BigInt(timeoutMs) + BigInt(call.nowMs) > INT64_MAX) {
      reply.error("ERR timeout is out of range");
    } else reply.integer(0);
  },
} as const satisfies CommandSpec;
