/**
 * Gives up requests that take too long, with one timer for all of them.
 *
 * The timer is set to the earliest deadline that is known; when it rings, all requests are looked through,
 * and it is set to the earliest one left. Requests that were answered meanwhile cost nothing, and under a
 * steady load it rings about once per timeout.
 */
import type { Clock } from "../ports/clock.ts";
import type { Request } from "./request.ts";

/** Deadlines so close to each other are looked at together, so one may be kept so much too late. */
const RESOLUTION_MS = 5;

/** Those whose requests are watched. */
export interface DeadlineOwner {
  /** Calls for each request that is not answered. */
  eachRequest(call: (request: Request) => void): void;
  /** The request's time is over. */
  expire(request: Request): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #owner: DeadlineOwner;
  #dueMs = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, owner: DeadlineOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** A request has a deadline. */
  add(deadlineMs: number, nowMs: number): void {
    if (deadlineMs < this.#dueMs) this.#set(deadlineMs, nowMs);
  }

  /** Nothing is watched any more, until the next `add`. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueMs = Infinity;
  }

  #set(dueMs: number, nowMs: number): void {
    this.#cancel?.();
    this.#dueMs = dueMs;
    this.#cancel = this.#clock.after(Math.max(1, Math.ceil(dueMs - nowMs)), () => this.#ring());
  }

  #ring(): void {
    const nowMs = this.#clock.monotonicUs() / 1000;
    let earliestMs = Infinity;
    const over: Request[] = [];
    this.#owner.eachRequest((request) => {
      const { deadlineMs } = request;
      if (deadlineMs === 0 || request.isSettled) return;
      if (deadlineMs <= nowMs) over.push(request);
      else if (deadlineMs < earliestMs) earliestMs = deadlineMs;
    });
    this.stop();
    for (const request of over) this.#owner.expire(request);
    if (earliestMs < this.#dueMs) this.#set(Math.max(earliestMs, nowMs + RESOLUTION_MS), nowMs);
  }
}
