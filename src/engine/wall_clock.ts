/**
 * Wall clock with microseconds: the whole milliseconds of the one clock, and between them what the other
 * says that went by.
 */
import type { Clock } from "../ports/clock.ts";

const US_PER_MS = 1000;

export class WallClock {
  readonly #clock: Clock;
  /** What the monotonic clock lacks to the wall clock. */
  #offsetUs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Microseconds since 1970, a whole number; never outside of the millisecond that the clock shows. */
  nowUs(): number {
    const lowUs = this.#clock.nowMs() * US_PER_MS;
    const sinceStartUs = this.#clock.monotonicUs();
    const us = sinceStartUs + this.#offsetUs;
    if (us < lowUs) this.#offsetUs = lowUs - sinceStartUs;
    else if (us >= lowUs + US_PER_MS) this.#offsetUs = lowUs + US_PER_MS - 1 - sinceStartUs;
    return Math.min(lowUs + US_PER_MS - 1, Math.max(lowUs, Math.trunc(us)));
  }
}
