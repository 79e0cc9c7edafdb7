/** CLIENT ID, GETNAME, SETNAME and SETINFO: who a connection says it is. */
import { INVALID_CLIENT_NAME, isPrintable } from "./client_name.ts";
import type { CommandSpec } from "../spec.ts";

export const CLIENT_ID = {
  name: "id",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "5.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns the unique client ID of the connection.",
  syntax: "",
  run(call, reply) {
    reply.integer(call.session.id);
  },
} as const satisfies CommandSpec;

export const CLIENT_GETNAME = {
  name: "getname",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "2.6.9",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns the name of the connection.",
  syntax: "",
  run(call, reply) {
    if (call.session.name === "") reply.nil();
    else reply.text(call.session.name);
  },
} as const satisfies CommandSpec;

export const CLIENT_SETNAME = {
  name: "setname",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  since: "2.6.9",
  group: "connection",
  complexity: "O(1)",
  summary: "Sets the connection name.",
  syntax: "connection-name",
  run(call, reply) {
    if (!isPrintable(call.bytes(2))) return reply.error(INVALID_CLIENT_NAME);
    call.session.name = call.text(2);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_SETINFO = {
  name: "setinfo",
  arity: 4,
  flags: ["noscript", "loading", "stale"],
  since: "7.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Sets information specific to the client or connection.",
  syntax: "<LIB-NAME libname | LIB-VER libver>",
  run(call, reply) {
    const isName = call.is(2, "LIB-NAME");
    if (!isName && !call.is(2, "LIB-VER")) {
      return reply.error(`ERR Unrecognized option '${call.text(2)}'`);
    }
    if (!isPrintable(call.bytes(3))) {
      const option = call.text(2);
      return reply.error(
        `ERR ${option} cannot contain spaces, newlines or special characters.`,
      );
    }
    if (isName) call.session.libraryName = call.text(3);
    else call.session.libraryVersion = call.text(3);
    reply.ok();
  },
} as const satisfies CommandSpec;
