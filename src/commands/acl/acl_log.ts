/** ACL LOG. */
import { formatDouble } from "../../bytes/ascii.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { NOT_AN_INTEGER } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import type { LogEntry } from "./log.ts";
import { encodeText, toBytes } from "./text.ts";

const DEFAULT_COUNT = 10;
const MS_PER_SECOND = 1000;

export const ACL_LOG = {
  name: "log",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "6.0.0",
  group: "server",
  complexity: "O(N) with N being the number of entries shown.",
  summary: "Lists recent security events generated due to ACL rules.",
  syntax: "[count | RESET]",
  argumentTypes: { count: "integer" },
  history: [["7.2.0", "Added entry ID, timestamp created, and timestamp last updated."]],
  run(call, reply) {
    const { log } = call.services.users;
    if (call.argc > 3) return reply.error(wrongLog(call.text(1)));
    if (call.argc === 3 && call.is(2, "RESET")) {
      log.reset();
      return reply.ok();
    }
    const count = call.argc === 3 ? call.integer(2) : DEFAULT_COUNT;
    if (count === undefined) return reply.error(NOT_AN_INTEGER);
    const nowMs = call.engine.clock.nowMs();
    const entries = log.newest(Math.max(0, count));
    reply.array(entries.length);
    for (const entry of entries) replyEntry(reply, entry, nowMs);
  },
} as const satisfies CommandSpec;

function wrongLog(word: string): string {
  return `ERR unknown subcommand or wrong number of arguments for '${word}'. Try ACL HELP.`;
}

function replyEntry(reply: ReplyWriter, entry: LogEntry, nowMs: number): void {
  const bytes = (name: string, value: string): void => {
    reply.text(name);
    reply.bytes(toBytes(value));
  };
  const integer = (name: string, value: number): void => {
    reply.text(name);
    reply.integer(value);
  };
  reply.map(10);
  integer("count", entry.count);
  bytes("reason", entry.reason);
  bytes("context", entry.context);
  bytes("object", entry.object);
  bytes("username", entry.user);
  reply.text("age-seconds");
  reply.decimal(formatDouble((nowMs - entry.updatedAtMs) / MS_PER_SECOND));
  bytes("client-info", encodeText(entry.client));
  integer("entry-id", entry.id);
  integer("timestamp-created", entry.createdAtMs);
  integer("timestamp-last-updated", entry.updatedAtMs);
}
