/**
 * Has the runtime collect the large buffers that connections leave behind: when they end with much
 * in them, and when a command of megabytes has run.
 *
 * A collector goes by what is allocated: after a flood of clients that never read, nothing is, and
 * their buffers would stay resident. Connections that end with little in them change nothing here.
 */
import type { Engine } from "../engine/engine.ts";

/** Dropped buffers from which on a collection is worth its milliseconds at once. */
export const COLLECT_BYTES: number = 16 * 1024 * 1024;
/** The same once no more are dropped. */
export const COLLECT_QUIET_BYTES: number = 1024 * 1024;
/** Checks in a row without more of them. */
export const QUIET_CHECKS = 3;

export class DroppedBuffers {
  readonly #engine: Engine;
  readonly #collect: () => void;
  #seenBytes = 0;
  #quietChecks = 0;

  /** @param collect starts a collection */
  constructor(engine: Engine, collect: () => void) {
    this.#engine = engine;
    this.#collect = collect;
  }

  /** To be called about once a second. */
  check(): void {
    const { droppedBufferBytes } = this.#engine;
    this.#quietChecks = droppedBufferBytes === this.#seenBytes ? this.#quietChecks + 1 : 0;
    this.#seenBytes = droppedBufferBytes;
    const isQuiet = this.#quietChecks >= QUIET_CHECKS;
    if (droppedBufferBytes < (isQuiet ? COLLECT_QUIET_BYTES : COLLECT_BYTES)) return;
    this.#engine.droppedBufferBytes = this.#seenBytes = 0;
    this.#collect();
  }
}
