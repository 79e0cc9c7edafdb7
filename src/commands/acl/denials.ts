/**
 * Refusals of access control: their words, and what is counted and logged of them.
 *
 * Everything that a user is kept from goes through here, whether its command comes, is taken out of a
 * transaction's queue, or runs again after it waited.
 */
import type { SessionPort } from "../../ports/session_port.ts";
import type { Call } from "../call.ts";
import { clientLine } from "../connection/client_line.ts";
import { GUARD_QUEUE, GUARD_USER } from "../guards.ts";
import type { DenialContext, DenialReason } from "./log.ts";
import { ALLOWED, DENIED_CHANNEL, DENIED_COMMAND, DENIED_KEY } from "./permissions.ts";
import { MAY_READ } from "./pattern.ts";
import { argumentText } from "./text.ts";
import type { User } from "./user.ts";

const QUEUED =
  "NOPERM ACLs rules changed between the moment the transaction was accumulated and the " +
  "EXEC call. This command is no longer allowed for the following reason: ";
const QUEUED_REASONS: Readonly<Record<number, string>> = {
  [DENIED_COMMAND]: "no permission to execute the command or subcommand",
  [DENIED_KEY]: "no permission to touch the specified keys",
  [DENIED_CHANNEL]: "no permission to access one of the channels used as arguments to the command",
};
const REASONS: Readonly<Record<number, DenialReason>> = {
  [DENIED_COMMAND]: "command",
  [DENIED_KEY]: "key",
  [DENIED_CHANNEL]: "channel",
};

/** The user of a session that has GUARD_USER, which only users bring. */
function userOf(session: SessionPort): User {
  return session.account as User;
}

/** @returns what keeps the session's user from the command, or ALLOWED */
function denialOf(call: Call, id: number): number {
  const { permissions } = call.services.users;
  return permissions.check(userOf(call.session), call.batch, call.first, id, call.argc);
}

/**
 * Checks a command that comes, or runs again.
 * @returns the text of an error reply, "" if the session's user may run it
 */
export function refuseCommand(call: Call, id: number): string {
  const denial = denialOf(call, id);
  if (denial === ALLOWED) return "";
  const isQueueing = (call.session.guards & GUARD_QUEUE) !== 0;
  logDenial(call, id, denial, isQueueing ? "multi" : "toplevel");
  return `NOPERM ${describeDenial(call, userOf(call.session), id, denial)}`;
}

/** The same check for a session that has GUARD_USER, of which nothing is logged or counted. */
export function mayRunCommand(call: Call, id: number): boolean {
  return denialOf(call, id) === ALLOWED;
}

/**
 * Checks a command that a transaction runs now.
 * @returns the text of an error reply, "" if the session's user may run it
 */
export function refuseQueuedCommand(call: Call, id: number): string {
  const denial = denialOf(call, id);
  if (denial === ALLOWED) return "";
  logDenial(call, id, denial, "multi");
  return QUEUED + QUEUED_REASONS[denial];
}

function describeDenial(call: Call, user: User, id: number, denial: number): string {
  if (denial === DENIED_KEY) return "No permissions to access a key";
  if (denial === DENIED_CHANNEL) return "No permissions to access a channel";
  const { fullName } = call.services.commands.entries[id];
  return `User ${user.rawName} has no permissions to run the '${fullName}' command`;
}

function logDenial(call: Call, id: number, denial: number, context: DenialContext): void {
  const { users, commands } = call.services;
  const { stats } = call.engine;
  if (denial === DENIED_COMMAND) stats.deniedCommands++;
  else if (denial === DENIED_KEY) stats.deniedKeys++;
  else stats.deniedChannels++;
  const object = denial === DENIED_COMMAND
    ? commands.entries[id].fullName
    : argumentText(call, users.permissions.position);
  const user = userOf(call.session).rawName;
  users.log.add({ reason: REASONS[denial], context, object, user, client: describe(call) });
}

/** Who a session is, for the log. */
function describe({ session, nowMs }: Call): string {
  return clientLine(session, nowMs).trimEnd();
}

/** Whether the running command's user may read any key at all (SORT's BY and GET). */
export function mayReadEveryKey(call: Call): boolean {
  if ((call.session.guards & GUARD_USER) === 0) return true;
  const { permissions, context } = call.services.users;
  const { id } = context.commands.find(call.name)!;
  const user = userOf(call.session);
  return permissions.mayUseEveryKey(user, call.batch, call.first, id, call.argc, MAY_READ);
}

/**
 * Whether a user may use a channel.
 * @param isPattern whether it is a pattern of PSUBSCRIBE, which a rule must name literally
 */
export function mayUseChannel(user: User, channel: Uint8Array, isPattern: boolean): boolean {
  return user.selectors.some((selector) =>
    selector.allowsChannel(channel, 0, channel.length, isPattern)
  );
}
