/** Waiting, for tests of what happens in its own time. */
import assert from "node:assert/strict";

/** Longest wait for anything; other work may share the machine. */
export const PATIENCE_MS = 30_000;

/**
 * How often a wait looks at the time. Longer pauses are those of the machine, or of whoever stopped the
 * process, and nobody's fault who is waited for: each counts as one step, so that what arrived meanwhile
 * is taken before the wait is given up.
 */
const STEP_MS = 100;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds. @throws AssertionError that says what was waited for */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  let leftMs = patienceMs;
  let lastMs = performance.now();
  while (!await holds()) {
    assert.ok(leftMs > 0, `waited too long for: ${what}`);
    await sleep(5);
    const nowMs = performance.now();
    leftMs -= Math.min(nowMs - lastMs, STEP_MS);
    lastMs = nowMs;
  }
}

/** What a promise gives. @throws Error that says what was waited for, when it takes too long */
export function within<T>(
  what: string,
  work: Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stepsLeft = Math.ceil(patienceMs / STEP_MS);
    const timer = setInterval(() => {
      if (--stepsLeft <= 0) reject(new Error(`waited too long for: ${what}`));
    }, Math.min(STEP_MS, patienceMs));
    work.then(resolve, reject).finally(() => clearInterval(timer));
  });
}

/**
 * Checks that something takes less than a time, at least once: what other work on the machine held up is
 * tried again.
 * @returns what it gave
 */
export async function quickly<T>(
  what: string,
  limitMs: number,
  work: () => T | Promise<T>,
  tries = 5,
): Promise<T> {
  for (let i = 1;; i++) {
    const startMs = performance.now();
    const result = await work();
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs < limitMs) return result;
    assert.ok(i < tries, `${what}: it took ${elapsedMs.toFixed(0)} ms, at the ${i}th try`);
  }
}
