/**
 * What is looked at before and after each command of a session that has guards, in Redis's order. No
 * other session comes here.
 */
import { refuseCommand, refuseQueuedCommand } from "../commands/acl/denials.ts";
import type { Call } from "../commands/call.ts";
import {
  GUARD_MONITOR,
  GUARD_MONITORED,
  GUARD_QUEUE,
  GUARD_RATE,
  GUARD_SIGN_IN,
  GUARD_SUBSCRIBER,
  GUARD_TRACKING,
  GUARD_USER,
} from "../commands/guards.ts";
import {
  type CommandRegistry,
  FLAG_NO_AUTH,
  FLAG_NO_MULTI,
  FLAG_READONLY,
  FLAG_WRITE,
} from "../commands/registry.ts";
import { NOT_IN_MULTI } from "./queueing.ts";
import type { RateLimit } from "./rate_limit.ts";

const NOT_WHILE_MONITORING = "ERR Replica can't interact with the keyspace";
const NOAUTH = "NOAUTH Authentication required.";
/** What a session with subscriptions may still run in RESP2, where messages look like replies. */
const OF_SUBSCRIBERS: ReadonlySet<string> = new Set([
  ...["subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"],
  ...["ping", "quit", "reset"],
]);
const ONLY_OF_SUBSCRIBERS = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are " +
  "allowed in this context";

export class GuardChecks {
  readonly #registry: CommandRegistry;
  readonly #rateLimit: RateLimit;

  constructor(registry: CommandRegistry, rateLimit: RateLimit) {
    this.#registry = registry;
    this.#rateLimit = rateLimit;
  }

  /** @returns why the session may run no command at all now, "" if it may */
  refuseRate({ session }: Call): string {
    return (session.guards & GUARD_RATE) === 0 ? "" : this.#rateLimit.refuse(session);
  }

  /** @returns why the command may not run, "" if it may */
  refuse(call: Call, id: number): string {
    const tooFast = this.refuseRate(call);
    if (tooFast !== "") return tooFast;
    const { guards } = call.session;
    const flags = this.#registry.flags[id];
    if ((guards & GUARD_SIGN_IN) !== 0 && (flags & FLAG_NO_AUTH) === 0) return NOAUTH;
    if ((guards & GUARD_QUEUE) !== 0 && (flags & FLAG_NO_MULTI) !== 0) return NOT_IN_MULTI;
    if ((guards & GUARD_USER) !== 0) {
      const refusal = refuseCommand(call, id);
      if (refusal !== "") return refusal;
    }
    if ((guards & GUARD_MONITOR) !== 0 && this.#isOfKeys(id)) return NOT_WHILE_MONITORING;
    return "";
  }

  /** Whether it is about keys, or told to all, which no replica may: what Redis takes monitors for. */
  #isOfKeys(id: number): boolean {
    const name = this.#registry.fullNames[id];
    return (this.#registry.flags[id] & (FLAG_READONLY | FLAG_WRITE)) !== 0 ||
      name === "publish" || name === "spublish";
  }

  /** @returns why a session with subscriptions may not run the command, "" if it may */
  refuseSubscriber({ session }: Call, id: number): string {
    if ((session.guards & GUARD_SUBSCRIBER) === 0 || session.protocolVersion === 3) return "";
    const name = this.#registry.fullNames[id];
    return OF_SUBSCRIBERS.has(name) ? "" : `ERR Can't execute '${name}': ${ONLY_OF_SUBSCRIBERS}`;
  }

  /** The same at EXEC, for a command that was let pass when it was queued. */
  refuseQueued(call: Call, id: number): string {
    if ((call.session.guards & GUARD_SIGN_IN) !== 0) return this.refuse(call, id);
    return (call.session.guards & GUARD_USER) !== 0 ? refuseQueuedCommand(call, id) : "";
  }

  /** The same for a command that waited: what its user may do can be another thing now. */
  refuseRerun(call: Call, id: number): string {
    return (call.session.guards & GUARD_USER) !== 0 ? refuseCommand(call, id) : "";
  }

  /** Command `id` has run. */
  ran(call: Call, id: number): void {
    const { guards } = call.session;
    if ((guards & GUARD_TRACKING) !== 0) {
      call.services.tracking.ran(call.session, call.batch, call.first, call.argc, id);
    }
    if ((guards & GUARD_MONITORED) !== 0) call.services.monitors.show(call, id);
  }
}
