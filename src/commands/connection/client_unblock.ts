/** CLIENT UNBLOCK. */
import { NOT_AN_INTEGER, wrongSubcommand } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

export const CLIENT_UNBLOCK = {
  name: "unblock",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "5.0.0",
  group: "connection",
  complexity: "O(log N) where N is the number of client connections",
  summary: "Unblocks a client blocked by a blocking command from a different connection.",
  syntax: "client-id [TIMEOUT | ERROR]",
  argumentTypes: { "client-id": "integer" },
  run(call, reply) {
    if (call.argc > 4) return reply.error(wrongSubcommand(call.text(1), "CLIENT"));
    const hasReason = call.argc === 4;
    if (hasReason && !call.is(3, "TIMEOUT") && !call.is(3, "ERROR")) {
      return reply.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
    const id = call.int64(2);
    if (id === undefined) return reply.error(NOT_AN_INTEGER);
    const session = typeof id === "number" ? call.services.clients.byId(id) : undefined;
    const reason = hasReason && call.is(3, "ERROR") ? "error" : "timeout";
    reply.integer(session?.unblock(reason) ? 1 : 0);
  },
} as const satisfies CommandSpec;
