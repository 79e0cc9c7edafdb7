/** ROLE. */
import type { CommandSpec } from "../spec.ts";

export const ROLE = {
  name: "role",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  since: "2.8.12",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the replication role.",
  syntax: "",
  /** There is no replication: always a master, at offset 0, without replicas. */
  run(_call, reply) {
    reply.array(3);
    reply.text("master");
    reply.integer(0);
    reply.array(0);
  },
} as const satisfies CommandSpec;
