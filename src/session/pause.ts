/** CLIENT PAUSE: which commands of whom it holds back. */
import { type CommandRegistry, FLAG_MAY_REPLICATE, FLAG_WRITE } from "../commands/registry.ts";
import type { Services } from "../commands/call.ts";
import { EXEC } from "../commands/transactions/transactions.ts";
import type { Engine } from "../engine/engine.ts";
import type { Session } from "./session.ts";

/** What CLIENT PAUSE WRITE holds back. */
const HELD_WITH_WRITES = FLAG_WRITE | FLAG_MAY_REPLICATE;

export class Pause {
  /** Wall clock in ms, 0 = nobody is paused. */
  untilMs = 0;
  #mode: "write" | "all" = "all";
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #services: Services;

  constructor(engine: Engine, registry: CommandRegistry, services: Services) {
    this.#engine = engine;
    this.#registry = registry;
    this.#services = services;
  }

  begin(untilMs: number, mode: "write" | "all"): void {
    this.untilMs = untilMs;
    this.#mode = mode;
  }

  /** Whether the session may not run command `id` now; it is paused then. Only while somebody is. */
  holdsBack(session: Session, id: number): boolean {
    if (this.#engine.nowMs >= this.untilMs) {
      this.untilMs = 0;
      return false;
    }
    const isWrite = id >= 0 && (this.#flagsOf(session, id) & HELD_WITH_WRITES) !== 0;
    const holds = this.#mode === "all"
      ? id < 0 || this.#registry.fullNames[id] !== "client|unpause"
      : isWrite;
    if (holds) session.isPaused = true;
    return holds;
  }

  /** Flags of a command; EXEC has those of what it would run. */
  #flagsOf(session: Session, id: number): number {
    if (this.#registry.runs[id] !== EXEC.run) return this.#registry.flags[id];
    return this.#services.transactions.queuedFlags(session);
  }
}
