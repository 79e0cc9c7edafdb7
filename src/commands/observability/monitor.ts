/** MONITOR. */
import type { CommandSpec } from "../spec.ts";

const NOT_HERE = "ERR MONITOR isn't allowed for DENY BLOCKING client";

export const MONITOR = {
  name: "monitor",
  arity: 1,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "1.0.0",
  group: "server",
  complexity: "",
  summary: "Listens for all requests received by the server in real-time.",
  syntax: "",
  /** Who monitors already is not answered, as by Redis. */
  run(call, reply) {
    const { session } = call;
    const { monitors } = call.services;
    if (!session.isRemote || call.isInTransaction) return reply.error(NOT_HERE);
    if (monitors.has(session)) return;
    monitors.add(session);
    reply.ok();
  },
} as const satisfies CommandSpec;
