/** CLIENT NO-EVICT, NO-TOUCH and REPLY: how the server treats a connection. */
import { SYNTAX_ERROR } from "../errors.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

const NOT_REMOTE = "ERR CLIENT REPLY OFF and SKIP are not allowed for in-process use";
const NOT_HERE = "ERR CLIENT REPLY OFF and SKIP are not allowed where every command is answered";

export const CLIENT_NO_EVICT = {
  name: "no-evict",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "7.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Sets the client eviction mode of the connection.",
  syntax: "<ON | OFF>",
  run(call, reply) {
    const on = readSwitch(call);
    if (on === undefined) return reply.error(SYNTAX_ERROR);
    call.session.noEvict = on;
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_NO_TOUCH = {
  name: "no-touch",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  since: "7.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
  syntax: "<ON | OFF>",
  run(call, reply) {
    const on = readSwitch(call);
    if (on === undefined) return reply.error(SYNTAX_ERROR);
    call.session.noTouch = on;
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_REPLY = {
  name: "reply",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  since: "3.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Instructs the server whether to reply to commands.",
  syntax: "<ON | OFF | SKIP>",
  /** Only ON is answered. */
  run(call, reply) {
    const { session } = call;
    if (call.is(2, "ON")) {
      session.replyMode = "on";
      reply.ok();
    } else if (!session.isRemote && (call.is(2, "OFF") || call.is(2, "SKIP"))) {
      reply.error(NOT_REMOTE);
    } else if (session.answersEach && (call.is(2, "OFF") || call.is(2, "SKIP"))) {
      reply.error(NOT_HERE);
    } else if (call.is(2, "OFF")) {
      session.replyMode = "off";
    } else if (call.is(2, "SKIP")) {
      if (session.replyMode !== "off") session.replyMode = "skip-next";
    } else {
      reply.error(SYNTAX_ERROR);
    }
  },
} as const satisfies CommandSpec;

/** @returns whether argument 2 is ON; undefined if it is neither ON nor OFF */
function readSwitch(call: Call): boolean | undefined {
  if (call.is(2, "ON")) return true;
  return call.is(2, "OFF") ? false : undefined;
}
