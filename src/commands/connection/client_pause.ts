/** CLIENT PAUSE and UNPAUSE. */
import { wrongSubcommand } from "../errors.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

const INT64_MAX = 9223372036854775807n;

export const CLIENT_PAUSE = {
  name: "pause",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.9.50",
  group: "connection",
  complexity: "O(1)",
  summary: "Suspends commands processing.",
  syntax: "timeout [WRITE | ALL]",
  history: [["6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option."]],
  run(call, reply) {
    if (call.argc > 4) {
      return reply.error(wrongSubcommand(call.text(1), "CLIENT"));
    }
    const isWrite = call.argc === 4 && call.is(3, "WRITE");
    if (call.argc === 4 && !isWrite && !call.is(3, "ALL")) {
      return reply.error("ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
    const untilMs = readEnd(call);
    if (typeof untilMs === "string") return reply.error(untilMs);
    call.services.clients.pause(untilMs, isWrite ? "write" : "all");
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_UNPAUSE = {
  name: "unpause",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "6.2.0",
  group: "connection",
  complexity: "O(N) Where N is the number of paused clients",
  summary: "Resumes processing commands from paused clients.",
  syntax: "",
  run(call, reply) {
    call.services.clients.unpause();
    reply.ok();
  },
} as const satisfies CommandSpec;

/** @returns when the timeout of argument 2 is over, in ms since the epoch, or an error reply's text */
function readEnd(call: Call): number | string {
  const timeout = call.int64(2);
  if (timeout === undefined) return "ERR timeout is not an integer or out of range";
  if (timeout < 0) return "ERR timeout is negative";
  if (typeof timeout === "number") return Math.min(Number.MAX_SAFE_INTEGER, call.nowMs + timeout);
  const isTooLate = timeout > INT64_MAX - BigInt(call.nowMs);
  return isTooLate ? "ERR timeout is out of range" : Number.MAX_SAFE_INTEGER;
}
