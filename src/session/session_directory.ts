/** All sessions of a server: lets connections in, or turns them away, and knows them by their id. */
import type { CommandRegistry } from "../commands/registry.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClientDirectory } from "../ports/session_port.ts";
import type { ConnectionHandler, Transport } from "../ports/transport.ts";
import type { Executor } from "./executor.ts";
import { PROTECTED_MODE, TOO_MANY_CLIENTS } from "./refusals.ts";
import { Session, type SessionContext } from "./session.ts";

const encoder = new TextEncoder();

export class SessionDirectory implements ClientDirectory {
  readonly #engine: Engine;
  readonly #log: (line: string) => void;
  readonly #sessions = new Map<number, Session>();
  #context: SessionContext | undefined;
  #executor: Executor | undefined;
  #nextId = 1;
  #cancelUnpause: () => void = () => {};
  #whenEmpty: (() => void) | undefined;

  constructor(engine: Engine, log: (line: string) => void) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Must be called once before the first connection. */
  attach(executor: Executor, registry: CommandRegistry): void {
    this.#executor = executor;
    const ended = (session: Session): void => {
      this.#sessions.delete(session.id);
      if (this.#sessions.size === 0) this.#whenEmpty?.();
    };
    this.#context = { engine: this.#engine, executor, registry, ended, log: this.#log };
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
    if (settings.protectedMode && settings.requirepass === "" && !transport.isLoopback) {
      stats.rejectedConnections++;
      return refuse(transport, PROTECTED_MODE);
    }
    const session = new Session(this.#nextId++, transport, this.#context);
    this.#sessions.set(session.id, session);
    return session;
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

  /** Called about once a second: limits of the sessions that depend on time. */
  checkTime(nowMs: number): void {
    for (const session of this.#sessions.values()) session.checkTime(nowMs);
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
