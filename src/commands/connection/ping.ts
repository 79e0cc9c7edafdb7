/** PING and ECHO. */
import { wrongArity } from "../errors.ts";
import { GUARD_SUBSCRIBER } from "../guards.ts";
import type { CommandSpec } from "../spec.ts";

export const PING = {
  name: "ping",
  arity: -1,
  flags: ["fast"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns the server's liveliness response.",
  syntax: "[message]",
  run(call, reply) {
    const isSubscriber = (call.session.guards & GUARD_SUBSCRIBER) !== 0;
    if (isSubscriber && call.session.protocolVersion === 2 && call.argc <= 2) {
      // It looks like what a subscriber gets anyway.
      reply.array(2);
      reply.text("pong");
      if (call.argc === 1) reply.text("");
      else reply.bulk(call.batch.input, call.offset(1), call.length(1));
    } else if (call.argc === 1) reply.simple("PONG");
    else if (call.argc === 2) reply.bulk(call.batch.input, call.offset(1), call.length(1));
    else reply.error(wrongArity("ping"));
  },
} as const satisfies CommandSpec;

export const ECHO = {
  name: "echo",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns the given string.",
  syntax: "message",
  run(call, reply) {
    reply.bulk(call.batch.input, call.offset(1), call.length(1));
  },
} as const satisfies CommandSpec;
