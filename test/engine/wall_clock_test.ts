import assert from "node:assert/strict";
import { test } from "node:test";
import { WallClock } from "../../src/engine/wall_clock.ts";
import type { Clock } from "../../src/ports/clock.ts";

test("nowUs() counts microseconds and never leaves the millisecond of the wall clock", () => {
  let ms = 1000, us = 500;
  const clock = { nowMs: () => ms, monotonicUs: () => us } as Clock;
  const wall = new WallClock(clock);
  assert.equal(wall.nowUs(), 1_000_000);
  us += 250;
  assert.equal(wall.nowUs(), 1_000_250);
  us += 5000;
  assert.equal(wall.nowUs(), 1_000_999, "the wall clock stood still");
  ms = 1001;
  assert.equal(wall.nowUs(), 1_001_000);
  us += 10.7;
  assert.equal(wall.nowUs(), 1_001_010);
  ms = 5;
  assert.ok(Math.floor(wall.nowUs() / 1000) === 5, "it was set back");
});
