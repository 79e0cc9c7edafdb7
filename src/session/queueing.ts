/** What becomes of commands inside of MULTI: which are queued, which run at once, and what a refusal means. */
import type { Call } from "../commands/call.ts";
import { QUIT, RESET } from "../commands/connection/session.ts";
import { GUARD_MONITORED, GUARD_QUEUE } from "../commands/guards.ts";
import { type CommandHandler, FLAG_DENYOOM, FLAG_WRITE } from "../commands/registry.ts";
import { DISCARD, EXEC, MULTI, WATCH } from "../commands/transactions/transactions.ts";

/** The reply to a command that waits for EXEC. */
export const QUEUED = "QUEUED";
export const NOT_IN_MULTI = "ERR Command not allowed inside a transaction";

type Handler = CommandHandler | undefined;

const RUN_AT_ONCE: ReadonlySet<Handler> = new Set<Handler>([
  ...[DISCARD.run, EXEC.run, MULTI.run, QUIT.run, RESET.run, WATCH.run],
]);
/** These end a transaction, so memory is no reason to refuse them. */
const FREE_MEMORY: ReadonlySet<Handler> = new Set<Handler>([DISCARD.run, QUIT.run, RESET.run]);

/** Whether a command that may run has to wait for EXEC. */
export function isQueued(call: Call, run: Handler): boolean {
  return (call.session.guards & GUARD_QUEUE) !== 0 && !RUN_AT_ONCE.has(run);
}

/**
 * The flags that say whether a command needs memory: queueing does, and EXEC needs what its commands need.
 * @param flags its own
 */
export function flagsForMemory(call: Call, run: Handler, flags: number): number {
  const { session, services } = call;
  if ((session.guards & GUARD_QUEUE) === 0 || FREE_MEMORY.has(run)) return flags;
  return run === EXEC.run ? services.transactions.queuedFlags(session) : FLAG_WRITE | FLAG_DENYOOM;
}

/** Whether a command that ran is an EXEC whose commands ran, too, and counted their own errors. */
export function hasRunQueue({ services }: Call, run: Handler): boolean {
  return run !== undefined && run === EXEC.run && services.transactions.hasRun;
}

/**
 * A command was refused: inside of MULTI the transaction will fail, and an EXEC that is refused ends it.
 * @returns what is replied
 */
export function refusalInMulti(call: Call, id: number, run: Handler, refusal: string): string {
  const { session, services } = call;
  if (run !== undefined && run === EXEC.run) {
    services.transactions.discard(session);
    // Who monitors saw the MULTI.
    if ((session.guards & GUARD_MONITORED) !== 0) services.monitors.show(call, id);
    return `EXECABORT Transaction discarded because of: ${refusal.replace(/^ERR /, "")}`;
  }
  if ((session.guards & GUARD_QUEUE) !== 0) services.transactions.abort(session);
  return refusal;
}
