/** Contract of time; tests hand in one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch, a whole number. */
  nowMs(): number;
  /** Microseconds since an arbitrary start, never going back; for durations. */
  monotonicUs(): number;
  /** Calls `callback` once after `delayMs`. @returns a function that cancels it */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` in a later turn of the event loop, before which what is ready is handled. */
  soon(callback: () => void): void;
  /** Blocks the whole thread (DEBUG SLEEP). */
  sleepSync(ms: number): void;
}
