import { test } from "node:test";
import assert from "node:assert/strict";
import { AccessClock, CLOCK_TICK_MS, clockAt, ticksBetween } from "../../src/engine/access.ts";
import { ACCESS_MAX, accessOf } from "../../src/memory/record.ts";

test("the clock ticks sixteen times a second and comes round", () => {
  assert.equal(clockAt(0), 0);
  assert.equal(clockAt(1000), 16);
  assert.equal(clockAt((ACCESS_MAX + 1) * CLOCK_TICK_MS), 0);
  assert.equal(ticksBetween(ACCESS_MAX - 1, 3), 5);
});

test("records keep when they were accessed last, told in whole seconds", () => {
  const clock = new AccessClock();
  const words = new Int32Array(8);
  words[3] = 1;
  clock.tick(1_700_000_000_000);
  clock.inserted(words, 1, 0);
  assert.equal(words[3] & 15, 1, "the flags stay");
  clock.tick(1_700_000_002_900);
  assert.equal(clock.idleSeconds(accessOf(words, 1)), 2);
  assert.equal(clock.frequency(accessOf(words, 1)), 0);
  clock.accessed(words, 1, 0);
  assert.equal(clock.idleSeconds(accessOf(words, 1)), 0);
});
