/** SELECT, QUIT and RESET. */
import { INVALID_DB_INDEX, NOT_AN_INTEGER } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const INT32_MAX = 2147483647;
const INT32_MIN = -2147483648;
const NOT_AN_INT32 = `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`;

export const SELECT = {
  name: "select",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Changes the selected database.",
  syntax: "index",
  run(call, reply) {
    const index = call.int64(1);
    if (index === undefined) return reply.error(NOT_AN_INTEGER);
    if (typeof index === "bigint" || index < INT32_MIN || index > INT32_MAX) {
      return reply.error(NOT_AN_INT32);
    }
    if (index < 0 || index >= call.engine.settings.databases) return reply.error(INVALID_DB_INDEX);
    call.session.dbIndex = index;
    reply.ok();
  },
} as const satisfies CommandSpec;

export const QUIT = {
  name: "quit",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Closes the connection.",
  syntax: "",
  deprecated: { since: "7.2.0", replacedBy: "just closing the connection" },
  run(call, reply) {
    reply.ok();
    call.session.closeAfterReply();
  },
} as const satisfies CommandSpec;

export const RESET = {
  name: "reset",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  since: "6.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Resets the connection.",
  syntax: "",
  run(call, reply) {
    call.session.reset();
    reply.simple("RESET");
  },
} as const satisfies CommandSpec;
