/** LOLWUT. */
import type { CommandSpec } from "../spec.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { drawCrab } from "./crab_art.ts";

/** The version of LOLWUT that draws; any other shows the version line alone. */
const CRAB_VERSION = 1;

export const LOLWUT = {
  name: "lolwut",
  arity: -1,
  flags: ["readonly", "fast"],
  since: "5.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Displays computer art and the server's version.",
  syntax: "[VERSION version] [seed]",
  run(call, reply) {
    let next = 1;
    let version: number | undefined = CRAB_VERSION;
    if (call.argc >= 3 && call.is(1, "VERSION")) {
      version = call.integer(2);
      next = 3;
    }
    let seed: number | undefined = 0;
    if (next < call.argc) seed = call.integer(next++);
    else if (version === CRAB_VERSION) seed = call.engine.random.int32();
    if (version === undefined || seed === undefined) return reply.error(NOT_AN_INTEGER);
    if (next < call.argc) return reply.error(SYNTAX_ERROR);
    const art = version === CRAB_VERSION ? `${drawCrab(seed)}\n` : "";
    reply.verbatim("txt", `${art}CrabCache ver. ${call.services.server.version}\n`);
  },
} as const satisfies CommandSpec;
