/** All sessions of a server: lets connections in, or turns them away, and knows them by their id. */
import type { Users } from "../commands/acl/users.ts";
import type { CommandRegistry } from "../commands/registry.ts";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../ports/log.ts";
import type { ClientDirectory } from "../ports/session_port.ts";
import type { ConnectionHandler, Transport } from "../ports/transport.ts";
import { ClientEviction } from "./client_eviction.ts";
import type { Executor } from "./executor.ts";
import { logFields } from "./log_fields.ts";
import { PROTECTED_MODE, TOO_MANY_CLIENTS } from "./refusals.ts";
import { Session, type SessionContext } from "./session.ts";

const encoder = new TextEncoder();

export class SessionDirectory implements ClientDirectory {
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #sessions = new Map<number, Session>();
  readonly #eviction: ClientEviction;
  #context: SessionContext | undefined;
  readonly #commonGuards = { bits: 0 };
  #executor: Executor | undefined;
  #nextId = 1;
  #cancelUnpause: () => void = () => {};
  #whenEmpty: (() => void) | undefined;

  constructor(engine: Engine, log: Log) {
    this.#engine = engine;
    this.#log = log;
    this.#eviction = new ClientEviction(engine, () => this.#sessions.values(), log);
  }

  /** Must be called once before the first connection. */
  attach(executor: Executor, registry: CommandRegistry, users?: Users): void {
    this.#executor = executor;
    users?.attach(this);
    const ended = (session: Session): void => {
      this.#sessions.delete(session.id);
      this.#log(`Closed ${session.remoteAddress} id=${session.id}`, "verbose", logFields(session));
      if (this.#sessions.size === 0) this.#whenEmpty?.();
    };
    const log = this.#log;
    const commonGuards = this.#commonGuards;
    this.#context = { engine: this.#engine, executor, registry, users, commonGuards, ended, log };
  }

  /** Whether the default user needs no password. */
  get #isOpen(): boolean {
    return this.#context?.users?.default.needsNoPassword ?? true;
  }

  get count(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  byId(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** A new connection. @returns what receives its events */
  connected(transport: Transport): ConnectionHandler {
    if (this.#context === undefined) throw new TypeError("attach() must be called first");
    const { settings, stats } = this.#engine;
    stats.totalConnections++;
    if (this.#sessions.size >= settings.maxclients) {
      stats.rejectedConnections++;
      return refuse(transport, TOO_MANY_CLIENTS);
    }
    if (settings.protectedMode && this.#isOpen && !transport.isLoopback) {
      stats.rejectedConnections++;
      return refuse(transport, PROTECTED_MODE);
    }
    const session = new Session(this.#nextId++, transport, this.#context);
    this.#sessions.set(session.id, session);
    this.#log(
      `Accepted ${transport.remoteAddress} id=${session.id}`,
      "verbose",
      logFields(session),
    );
    return session;
  }

  /** GUARD_… bits that every session has now. */
  get commonGuards(): number {
    return this.#commonGuards.bits;
  }

  /** Puts a GUARD_… bit on all sessions, those to come included, or takes it from them. */
  guardAll(bit: number, isOn: boolean): void {
    const common = this.#commonGuards;
    common.bits = isOn ? common.bits | bit : common.bits & ~bit;
    for (const session of this.#sessions.values()) {
      session.guards = isOn ? session.guards | bit : session.guards & ~bit;
    }
  }

  pause(untilMs: number, mode: "write" | "all"): void {
    this.#executor?.pause(untilMs, mode);
    this.#cancelUnpause();
    const delayMs = Math.max(0, untilMs - this.#engine.clock.nowMs());
    this.#cancelUnpause = this.#engine.clock.after(delayMs, () => this.unpause());
  }

  unpause(): void {
    this.#cancelUnpause();
    this.#executor?.unpause();
    for (const session of this.#sessions.values()) {
      if (!session.isPaused) continue;
      session.isPaused = false;
      session.continue();
    }
  }

  /** Called after every turn: what all clients together may take. */
  checkMemory(): void {
    this.#eviction.check();
  }

  /** Called about once a second: limits of the sessions that depend on time. */
  checkTime(nowMs: number): void {
    for (const session of this.#sessions.values()) session.checkTime(nowMs);
    this.#eviction.recheck();
  }

  /**
   * Ends every session after the replies that wait for it were sent.
   * @param done called when none is left, or at once where there is none
   */
  endAll(done: () => void): void {
    this.#whenEmpty = done;
    if (this.#sessions.size === 0) return done();
    for (const session of this.#sessions.values()) {
      session.abandonBlock();
      session.closeAfterReply();
      session.afterReplies();
    }
  }
}

/** Sends an error and closes. */
function refuse(transport: Transport, message: string): ConnectionHandler {
  const bytes = encoder.encode(`-${message}\r\n`);
  transport.write(bytes, 0, bytes.length);
  transport.end();
  const nothing = (): void => {};
  return { received: nothing, writable: nothing, ended: nothing, closed: nothing };
}
