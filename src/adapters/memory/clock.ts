/** A clock that moves only when it is told to. */
import type { Clock } from "../../ports/clock.ts";

const US_PER_MS = 1000;

export interface ManualClock extends Clock {
  /** Lets `ms` go by; what is due meanwhile is called in order of time, then of registration. */
  advance(ms: number): void;
  /** Calls what `soon` was given up to now: one turn of the event loop. @returns whether there was any */
  turn(): boolean;
  /** Number of callbacks that wait for a time. */
  readonly timerCount: number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Makes a clock. @param startMs its first `nowMs()`; `monotonicUs()` starts at 0 */
export function createManualClock(startMs = 0): ManualClock {
  let elapsedMs = 0;
  const timers: Timer[] = [];
  let later: (() => void)[] = [];

  function takeNextDue(limitMs: number): Timer | undefined {
    let best = -1;
    for (let index = 0; index < timers.length; index++) {
      const { dueMs } = timers[index];
      if (dueMs <= limitMs && (best < 0 || dueMs < timers[best].dueMs)) best = index;
    }
    return best < 0 ? undefined : timers.splice(best, 1)[0];
  }

  function after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: elapsedMs + Math.max(0, delayMs), callback };
    timers.push(timer);
    return () => {
      const index = timers.indexOf(timer);
      if (index >= 0) timers.splice(index, 1);
    };
  }

  function turn(): boolean {
    const callbacks = later;
    later = [];
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }

  return {
    nowMs: () => Math.floor(startMs + elapsedMs),
    monotonicUs: () => elapsedMs * US_PER_MS,
    after,
    /** The next `turn` calls it, or the next `advance`, if only by 0. */
    soon: (callback) => void later.push(callback),
    turn,
    /** Nothing runs while the thread sleeps; what became due runs at the next `advance`. */
    sleepSync(ms) {
      elapsedMs += ms;
    },
    advance(ms) {
      const endMs = elapsedMs + ms;
      while (turn());
      let timer = takeNextDue(endMs);
      while (timer !== undefined) {
        elapsedMs = Math.max(elapsedMs, timer.dueMs);
        timer.callback();
        while (turn());
        timer = takeNextDue(endMs);
      }
      elapsedMs = Math.max(elapsedMs, endMs);
    },
    get timerCount() {
      return timers.length;
    },
  };
}
