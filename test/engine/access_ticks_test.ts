import { test } from "node:test";
import assert from "node:assert/strict";
import { AccessTicks } from "../../src/engine/access_ticks.ts";
import type { Database } from "../../src/engine/database.ts";

function createTicks(keys: number): AccessTicks {
  return new AccessTicks([{ size: keys }] as unknown as Database[]);
}

function access(ticks: AccessTicks, times: number): void {
  for (let i = 0; i < times; i++) if (--ticks.accessesLeft <= 0) ticks.advance();
}

test("256 ticks go by in as many accesses as there are keys", () => {
  const ticks = createTicks(100 * 256);
  access(ticks, 32 * 100);
  assert.equal(ticks.keys, 25_600);
  const before = ticks.now;
  access(ticks, 25_600);
  assert.equal(ticks.since(before), 256);
});

test("where there are few keys, each access is a tick", () => {
  const ticks = createTicks(3);
  access(ticks, 1000);
  assert.equal(ticks.now, 1000);
});

test("the clock comes round, and what went by is still right", () => {
  const ticks = createTicks(1);
  ticks.now = 2 ** 25 - 2;
  access(ticks, 4);
  assert.equal(ticks.now, 2);
  assert.equal(ticks.since(2 ** 25 - 2), 4);
});

test("a tick is told as the time since it ended, as far as the history goes", () => {
  const ticks = createTicks(1);
  ticks.setTime(1_000_000);
  for (let i = 0; i < 100; i++) {
    ticks.setTime(1_000_000 + i * 1000);
    access(ticks, 1);
  }
  ticks.setTime(1_100_000);
  assert.equal(ticks.msSince(ticks.now), 0);
  assert.equal(ticks.msSince(ticks.now - 1), 1000);
  assert.equal(ticks.msSince(0), 100_000);
  for (let i = 0; i < 20_000; i++) {
    ticks.setTime(1_100_000 + i * 1000);
    access(ticks, 1);
  }
  assert.equal(ticks.msSince(0), 8_191_000, "the oldest that is known");
});

test("where accesses are rare, a tick takes a minute at the most", () => {
  const ticks = createTicks(1_000_000);
  ticks.setTime(1_000_000);
  access(ticks, 32);
  const tick = ticks.now;
  access(ticks, 1);
  ticks.setTime(1_059_000);
  assert.equal(ticks.since(tick), 0);
  ticks.setTime(1_061_000);
  assert.equal(ticks.since(tick), 1);
  ticks.setTime(9_000_000);
  assert.equal(ticks.since(tick), 1, "no tick goes by without an access");
});

test("tickBefore() finds a tick since which the time went by, as far as ticks are remembered", () => {
  const ticks = createTicks(1);
  for (let second = 0; second < 100; second++) {
    ticks.setTime(1_700_000_000_000 + second * 1000);
    access(ticks, 3);
  }
  for (const ms of [0, 1, 999, 1000, 50_000, 90_000]) {
    const tick = ticks.tickBefore(ms);
    const went = ticks.msSince(tick);
    assert.ok(went >= ms && went < ms + 1000, `${went} ms since the tick ${ms} ms ago`);
  }
  assert.equal(ticks.tickBefore(0), ticks.now);
  assert.equal(ticks.since(ticks.tickBefore(10_000_000)), 8192);
});
