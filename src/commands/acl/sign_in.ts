/** Signing in with a name and a password, as AUTH and HELLO do: now, or later after many failures. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { clientLine } from "../connection/client_line.ts";
import { GUARD_QUEUE } from "../guards.ts";
import { argumentText, decodeText } from "./text.ts";

export const WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
const NOT_IN_TRANSACTION =
  "ERR AUTH is not possible in a transaction after many failures, try later";

/**
 * Signs the session in if user and password are right; else changes nothing but the log.
 * @param user its bytes
 * @param passwordAt argument that is the password
 * @param done writes the reply; called at once or later, with whether the session signed in
 */
export function signIn(
  call: Call,
  reply: ReplyWriter,
  user: string,
  passwordAt: number,
  done: (reply: ReplyWriter, isSignedIn: boolean) => void,
): void {
  const { engine, services, session } = call;
  const { users } = services;
  const delayMs = users.delays.delayMs(session);
  if (delayMs === 0) return done(reply, attempt(call, user, call.bytes(passwordAt)));
  // Nobody waits within a transaction, nor in process.
  if (call.isInTransaction || !session.isRemote) return reply.error(NOT_IN_TRANSACTION);
  const password = call.bytes(passwordAt).slice();
  const later: Attempt = { engine, services, session, command: argumentText(call, 0) };
  const work = new Promise<boolean>((resolve) => {
    engine.clock.after(delayMs, () => resolve(attemptAs(later, user, password)));
  });
  session.park(work, done);
}

type Attempt = Pick<Call, "engine" | "services" | "session"> & { readonly command: string };

function attempt(call: Call, user: string, password: Uint8Array): boolean {
  const { engine, services, session } = call;
  return attemptAs({ engine, services, session, command: argumentText(call, 0) }, user, password);
}

/** @returns whether the session signed in */
function attemptAs(
  { engine, services: { users }, session, command }: Attempt,
  rawName: string,
  password: Uint8Array,
): boolean {
  const user = users.authenticate(rawName, password);
  if (user !== undefined) {
    users.signIn(session, user);
    return true;
  }
  engine.stats.deniedAuth++;
  const isQueueing = (session.guards & GUARD_QUEUE) !== 0;
  users.log.add({
    reason: "auth",
    context: isQueueing ? "multi" : "toplevel",
    object: command,
    user: rawName,
    client: clientLine(session, engine.clock.nowMs()).trimEnd(),
  });
  users.delays.failed(session, decodeText(rawName));
  return false;
}
