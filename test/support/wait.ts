/** Waiting, for tests of what happens in its own time. */
import assert from "node:assert/strict";

/** Longest wait for anything; other work may share the machine. */
export const PATIENCE_MS = 30_000;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds. @throws AssertionError that says what was waited for */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!await holds()) {
    assert.ok(Date.now() < endMs, `waited too long for: ${what}`);
    await sleep(5);
  }
}

/** What a promise gives. @throws Error that says what was waited for, when it takes too long */
export function within<T>(
  what: string,
  work: Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`waited too long for: ${what}`)),
      patienceMs,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
