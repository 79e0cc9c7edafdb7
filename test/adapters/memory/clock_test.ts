import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import type { ManualClock } from "../../../src/adapters/memory/clock.ts";
import { clockContract } from "../clock_contract.ts";

clockContract("manual clock", createManualClock, (clock, ms) => {
  (clock as ManualClock).advance(ms);
  return Promise.resolve();
});

test("manual clock: a callback sees the time it was due, and may register others", () => {
  const clock = createManualClock(1_000_000);
  const seen: number[] = [];
  clock.after(10, () => {
    seen.push(clock.nowMs());
    clock.after(5, () => seen.push(clock.nowMs()));
    clock.after(100, () => seen.push(-1));
  });
  clock.advance(50);
  assert.deepEqual(seen, [1_000_010, 1_000_015]);
  assert.equal(clock.nowMs(), 1_000_050);
  assert.equal(clock.monotonicUs(), 50_000);
  assert.equal(clock.timerCount, 1);
});

test("manual clock: equal times are called in order of registration", () => {
  const clock = createManualClock();
  const seen: string[] = [];
  for (const name of ["a", "b", "c"]) clock.after(5, () => seen.push(name));
  clock.sleepSync(7);
  assert.deepEqual(seen, []);
  clock.advance(0);
  assert.deepEqual(seen, ["a", "b", "c"]);
  assert.equal(clock.nowMs(), 7);
});
