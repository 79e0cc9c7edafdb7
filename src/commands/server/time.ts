/** TIME. */
import type { CommandSpec } from "../spec.ts";

const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

export const TIME = {
  name: "time",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  since: "2.6.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the server time.",
  syntax: "",
  run(call, reply) {
    const nowMs = call.engine.clock.nowMs();
    reply.array(2);
    reply.text(String(Math.floor(nowMs / MS_PER_SECOND)));
    reply.text(String((nowMs % MS_PER_SECOND) * US_PER_MS));
  },
} as const satisfies CommandSpec;
