/** ACL LOAD and SAVE. */
import type { CommandSpec } from "../spec.ts";
import type { Call } from "../call.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";

const FLAGS = ["admin", "noscript", "loading", "stale"] as const;
const NO_FILE =
  "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via " +
  "the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration " +
  "file set) in order to store users in the Redis configuration.";
const NOT_SAVED =
  "ERR There was an error trying to save the ACLs. Please check the server logs for more information";
const NOT_NOW = "ERR ACL LOAD and SAVE are possible neither in a transaction nor in process";

export const ACL_LOAD = {
  name: "load",
  arity: 2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(N). Where N is the number of configured users.",
  summary: "Reloads the rules from the configured ACL file.",
  syntax: "",
  run(call, reply) {
    if (!canWait(call, reply)) return;
    const { users } = call.services;
    const { session } = call;
    session.park(users.file.load(session), (later, errors) => {
      if (errors === "") later.ok();
      else later.error(`ERR ${errors}`);
    });
  },
} as const satisfies CommandSpec;

export const ACL_SAVE = {
  name: "save",
  arity: 2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(N). Where N is the number of configured users.",
  summary: "Saves the effective ACL rules in the configured ACL file.",
  syntax: "",
  run(call, reply) {
    if (!canWait(call, reply)) return;
    call.session.park(call.services.users.file.save(), (later, isSaved) => {
      if (isSaved) later.ok();
      else later.error(NOT_SAVED);
    });
  },
} as const satisfies CommandSpec;

/** @returns false after an error reply */
function canWait({ services, session }: Call, reply: ReplyWriter): boolean {
  if (services.users.file.path === "") reply.error(NO_FILE);
  else if (!session.isRemote || session.transaction?.isRunning === true) reply.error(NOT_NOW);
  else return true;
  return false;
}
