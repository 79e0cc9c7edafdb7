/** The contract of clocks, as tests that every implementation passes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/ports/clock.ts";

/** Declares the tests of one implementation. @param pass lets time go by */
export function clockContract(
  name: string,
  createClock: () => Clock,
  pass: (clock: Clock, ms: number) => Promise<void>,
): void {
  test(`${name}: nowMs() is whole and moves with monotonicUs()`, async () => {
    const clock = createClock();
    const startMs = clock.nowMs();
    const startUs = clock.monotonicUs();
    await pass(clock, 30);
    assert.ok(Number.isSafeInteger(clock.nowMs()));
    assert.ok(clock.nowMs() - startMs >= 28, "milliseconds");
    const passedUs = clock.monotonicUs() - startUs;
    assert.ok(passedUs >= 28_000 && passedUs < 20_000_000, "microseconds");
  });

  test(`${name}: after() calls once, in order of time, unless cancelled`, async () => {
    const clock = createClock();
    const calls: string[] = [];
    clock.after(400, () => calls.push("late"));
    clock.after(10, () => calls.push("early"));
    const cancel = clock.after(20, () => calls.push("cancelled"));
    clock.after(2 ** 31 + 10, () => calls.push("in 25 days"));
    cancel();
    cancel();
    assert.deepEqual(calls, []);
    await pass(clock, 35);
    assert.deepEqual(calls, ["early"]);
    await pass(clock, 500);
    assert.deepEqual(calls, ["early", "late"]);
  });

  test(`${name}: soon() calls once, in order, and not within the call`, async () => {
    const clock = createClock();
    const calls: string[] = [];
    clock.soon(() => {
      calls.push("first");
      clock.soon(() => calls.push("third"));
      calls.push("still first");
    });
    clock.soon(() => calls.push("second"));
    assert.deepEqual(calls, []);
    await pass(clock, 30);
    assert.deepEqual(calls, ["first", "still first", "second", "third"]);
  });

  test(`${name}: sleepSync() lets time pass before it returns`, () => {
    const clock = createClock();
    const startUs = clock.monotonicUs();
    let isCalled = false;
    clock.after(0, () => isCalled = true);
    clock.sleepSync(20);
    assert.ok(clock.monotonicUs() - startUs >= 19_000);
    assert.equal(isCalled, false);
  });
}
