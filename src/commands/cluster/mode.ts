/** READONLY, READWRITE and ASKING: on a node that owns every slot, nothing is left to switch. */
import type { CommandSpec } from "../spec.ts";

export const READONLY = {
  name: "readonly",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  categories: ["connection"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Enables read-only queries for a connection to a Redis Cluster replica node.",
  syntax: "",
  run(_call, reply) {
    reply.ok();
  },
} as const satisfies CommandSpec;

export const READWRITE = {
  name: "readwrite",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  categories: ["connection"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Enables read-write queries for a connection to a Redis Cluster replica node.",
  syntax: "",
  run(_call, reply) {
    reply.ok();
  },
} as const satisfies CommandSpec;

export const ASKING = {
  name: "asking",
  arity: 1,
  flags: ["fast"],
  categories: ["connection"],
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  summary: "Signals that a cluster client is following an -ASK redirect.",
  syntax: "",
  run(_call, reply) {
    reply.ok();
  },
} as const satisfies CommandSpec;
