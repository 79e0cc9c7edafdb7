/** CLIENT KILL. */
import { SYNTAX_ERROR } from "../errors.ts";
import { argumentText } from "../acl/text.ts";
import { secondsBetween } from "./client_line.ts";
import { clientTypeOf, readClientType, unknownClientType } from "./client_type.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import type { ClientType } from "./client_type.ts";

/** What a session must be to be closed; undefined = anything. */
interface Filter {
  id?: number | bigint;
  type?: ClientType;
  user?: string;
  address?: string;
  localAddress?: string;
  maxAgeSeconds?: number | bigint;
  sparesCaller: boolean;
}

export const CLIENT_KILL = {
  name: "kill",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.4.0",
  group: "connection",
  complexity: "O(N) where N is the number of client connections",
  summary: "Terminates open connections.",
  syntax: "<ip:port | <[ID client-id] | [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | " +
    "[USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | " +
    "[MAXAGE maxage]> ...>",
  history: [
    ["2.8.12", "Added new filter format."],
    ["2.8.12", "`ID` option."],
    ["3.2.0", "Added `master` type in for `TYPE` option."],
    [
      "5.0.0",
      "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.",
    ],
    ["6.2.0", "`LADDR` option."],
    ["7.4.0", "`MAXAGE` option."],
  ],
  run(call, reply) {
    const isOldForm = call.argc === 3;
    const filter = isOldForm ? { address: call.text(2), sparesCaller: false } : readFilter(call);
    if (typeof filter === "string") return reply.error(filter);
    const chosen = [...call.services.clients.all()].filter((it) => isMatch(it, filter, call));
    if (!isOldForm) reply.integer(chosen.length);
    else if (chosen.length === 0) reply.error("ERR No such client");
    else reply.ok();
    for (const session of chosen) {
      // The caller is to see the reply.
      if (session.id === call.session.id) session.closeAfterReply();
      else session.kill();
    }
  },
} as const satisfies CommandSpec;

/** @returns the text of an error reply when the arguments are wrong */
function readFilter(call: Call): Filter | string {
  const filter: Filter = { sparesCaller: true };
  for (let i = 2; i < call.argc; i += 2) {
    const error = i + 1 < call.argc ? readOption(call, i, filter) : SYNTAX_ERROR;
    if (error !== undefined) return error;
  }
  return filter;
}

/** Reads the option at `i` and its value. @returns undefined, or the text of an error reply */
function readOption(call: Call, i: number, filter: Filter): string | undefined {
  const at = i + 1;
  switch (call.keyword(i)) {
    case "id": {
      const id = call.int64(at);
      if (id === undefined || id < 1) return "ERR client-id should be greater than 0";
      filter.id = id;
      return undefined;
    }
    case "maxage": {
      const seconds = call.int64(at);
      if (seconds === undefined) return "ERR maxage is not an integer or out of range";
      if (seconds < 1) return "ERR maxage should be greater than 0";
      filter.maxAgeSeconds = seconds;
      return undefined;
    }
    case "type": {
      const type = readClientType(call, at);
      if (type === undefined) return unknownClientType(call, at);
      filter.type = type;
      return undefined;
    }
    case "user":
      filter.user = call.text(at);
      return call.services.users.find(argumentText(call, at)) === undefined
        ? `ERR No such user '${filter.user}'`
        : undefined;
    case "addr":
      filter.address = call.text(at);
      return undefined;
    case "laddr":
      filter.localAddress = call.text(at);
      return undefined;
    case "skipme": {
      if (!call.is(at, "YES") && !call.is(at, "NO")) return SYNTAX_ERROR;
      filter.sparesCaller = call.is(at, "YES");
      return undefined;
    }
    default:
      return SYNTAX_ERROR;
  }
}

function isMatch(session: SessionPort, filter: Filter, call: Call): boolean {
  const { id, type, user, address, localAddress, maxAgeSeconds } = filter;
  if (address !== undefined && session.remoteAddress !== address) return false;
  if (localAddress !== undefined && session.localAddress !== localAddress) return false;
  if (type !== undefined && clientTypeOf(session) !== type) return false;
  if (id !== undefined && session.id !== id) return false;
  if (user !== undefined && session.user !== user) return false;
  if (filter.sparesCaller && session.id === call.session.id) return false;
  const ageSeconds = secondsBetween(session.createdAtMs, call.nowMs);
  return maxAgeSeconds === undefined || ageSeconds >= maxAgeSeconds;
}
