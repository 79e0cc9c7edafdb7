import assert from "node:assert/strict";
import { test } from "node:test";
import { Turn } from "../../../src/adapters/common/turn.ts";

test("Turn flushes once per scheduled run, and reports what flush throws", () => {
  const runs: (() => void)[] = [];
  const failures: unknown[] = [];
  let flushCount = 0;
  const flush = (): void => {
    flushCount++;
    if (flushCount === 2) throw new Error("thrown on purpose");
  };
  const turn = new Turn(flush, (run) => runs.push(run), (error) => failures.push(error));
  turn.begin();
  turn.begin();
  assert.equal(runs.length, 1);
  runs.pop()!();
  assert.equal(flushCount, 1);
  for (let count = 0; count < 2; count++) {
    turn.begin();
    runs.pop()!();
  }
  assert.equal(flushCount, 3);
  assert.deepEqual(failures.map(String), ["Error: thrown on purpose"]);
});
