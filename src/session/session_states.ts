/** What a session has beyond its fields. */
import type { SessionState } from "../ports/session_port.ts";

export class SessionStates {
  #states: SessionState[] | undefined;

  attach(state: SessionState): void {
    this.#states ??= [];
    this.#states.push(state);
  }

  detach(state: SessionState): void {
    const states = this.#states;
    if (states === undefined) return;
    if (states.length === 1 && states[0] === state) this.#states = undefined;
    else this.#states = states.filter((other) => other !== state);
  }

  /** Memory in bytes. */
  get sizeBytes(): number {
    let size = 0;
    for (const state of this.#states ?? []) size += state.sizeBytes;
    return size;
  }

  /** Ends all of them, in the order in which they came. */
  end(): void {
    const states = this.#states ?? [];
    this.#states = undefined;
    for (const state of states) state.end();
  }
}
