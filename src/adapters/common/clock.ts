/** The clock of the machine. */
import type { Clock } from "../../ports/clock.ts";

/** Longest delay that the runtimes' timers take; a longer one fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What `sleepSync` waits on; nobody ever wakes it. */
const neverWoken = new Int32Array(new SharedArrayBuffer(4));

/** Makes the clock of the machine; its timers do not keep the process alive. */
export function createClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicUs: () => performance.now() * 1000,
    after,
    soon: (callback) => void setImmediate(callback),
    sleepSync(ms) {
      Atomics.wait(neverWoken, 0, 0, ms);
    },
  };
}

/** Makes one whose timers keep the process alive, for work that somebody waits for. */
export function createWakefulClock(): Clock {
  return {
    ...createClock(),
    after: (delayMs, callback) => after(delayMs, callback, true),
  };
}

function after(delayMs: number, callback: () => void, isWakeful = false): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (remainingMs: number): void => {
    const stepMs = Math.min(remainingMs, TIMER_MAX_MS);
    const next = stepMs < remainingMs ? () => wait(remainingMs - stepMs) : callback;
    timer = setTimeout(next, stepMs);
    if (!isWakeful) (timer as unknown as { unref(): void }).unref();
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
