/** CLIENT LIST and CLIENT INFO. */
import { SYNTAX_ERROR } from "../errors.ts";
import { clientLine } from "./client_line.ts";
import { clientTypeOf, readClientType, unknownClientType } from "./client_type.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

export const CLIENT_INFO = {
  name: "info",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "6.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns information about the connection.",
  syntax: "",
  run(call, reply) {
    reply.verbatim("txt", clientLine(call.session, call.nowMs));
  },
} as const satisfies CommandSpec;

export const CLIENT_LIST = {
  name: "list",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.4.0",
  group: "connection",
  complexity: "O(N) where N is the number of client connections",
  summary: "Lists open connections.",
  syntax: "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
  history: [
    ["2.8.12", "Added unique client `id` field."],
    ["5.0.0", "Added optional `TYPE` filter."],
    ["6.0.0", "Added `user` field."],
    [
      "6.2.0",
      "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.",
    ],
    ["7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."],
    ["7.0.3", "Added `ssub` field."],
  ],
  run(call, reply) {
    if (call.argc === 2) return replyLines(call, reply, call.services.clients.all());
    if (call.argc === 4 && call.is(2, "TYPE")) return listOfType(call, reply);
    if (call.argc > 3 && call.is(2, "ID")) return listOfIds(call, reply);
    reply.error(SYNTAX_ERROR);
  },
} as const satisfies CommandSpec;

function listOfType(call: Call, reply: ReplyWriter): void {
  const type = readClientType(call, 3);
  if (type === undefined) return reply.error(unknownClientType(call, 3));
  const sessions = [...call.services.clients.all()];
  replyLines(call, reply, sessions.filter((session) => clientTypeOf(session) === type));
}

function listOfIds(call: Call, reply: ReplyWriter): void {
  const sessions: SessionPort[] = [];
  for (let i = 3; i < call.argc; i += 1) {
    const id = call.int64(i);
    if (id === undefined) return reply.error("ERR Invalid client ID");
    const session = typeof id === "number" ? call.services.clients.byId(id) : undefined;
    if (session !== undefined) sessions.push(session);
  }
  replyLines(call, reply, sessions);
}

function replyLines(call: Call, reply: ReplyWriter, sessions: Iterable<SessionPort>): void {
  let lines = "";
  for (const session of sessions) lines += clientLine(session, call.nowMs);
  reply.verbatim("txt", lines);
}
