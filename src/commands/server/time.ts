/** TIME. */
import type { CommandSpec } from "../spec.ts";

const US_PER_SECOND = 1_000_000;

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
    const nowUs = call.engine.wallClock.nowUs();
    reply.array(2);
    reply.text(String(Math.floor(nowUs / US_PER_SECOND)));
    reply.text(String(nowUs % US_PER_SECOND));
  },
} as const satisfies CommandSpec;
