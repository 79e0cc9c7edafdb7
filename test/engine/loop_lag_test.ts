import { test } from "node:test";
import assert from "node:assert/strict";
import { LoopLag } from "../../src/engine/loop_lag.ts";

test("the longest delay of the last samples is told", () => {
  const lag = new LoopLag();
  assert.equal(lag.seconds, 0);
  lag.sample(1000, 100_000);
  assert.equal(lag.seconds, 0);
  lag.sample(103_000, 100_000);
  assert.equal(lag.seconds, 0.002);
  lag.sample(203_500, 100_000);
  assert.equal(lag.seconds, 0.002);
  for (let i = 1; i <= 19; i++) lag.sample(203_500 + i * 100_000, 100_000);
  assert.equal(lag.seconds, 0.0005);
});
