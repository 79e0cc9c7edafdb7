/** That the engine tells the latency monitor of its own work: what is slow is made so by the clock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { SERVER_COMMANDS } from "../../src/commands/server/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { createFixture } from "../support/engine_fixture.ts";

/** Each reading of the monotonic clock takes as many ms. */
function createSlowFixture(stepMs: number, settings: Partial<Settings> = {}) {
  const fixture = createFixture({
    families: [STRING_COMMANDS, GENERIC_COMMANDS, SERVER_COMMANDS],
    settings: { latencyMonitorThreshold: 1, ...settings },
    capacityBytes: 16 * 1024 * 1024,
  });
  const { clock, latency } = fixture.engine;
  const { monotonicUs } = clock;
  clock.monotonicUs = () => {
    clock.sleepSync(stepMs);
    return monotonicUs();
  };
  return { ...fixture, events: () => [...latency.series.keys()].sort() };
}

test("expiry is an event as a slice and for each key", () => {
  const fixture = createSlowFixture(2);
  fixture.line("SET a 1 PX 1000");
  fixture.clock.advance(5000);
  fixture.engine.latency.reset();
  fixture.engine.runSlice();
  assert.deepEqual(fixture.events(), ["expire-cycle", "expire-del"]);
});

test("a key that expires when it is asked for is an event", () => {
  const fixture = createSlowFixture(2);
  fixture.line("SET a 1 PX 1000");
  fixture.clock.advance(5000);
  fixture.engine.latency.reset();
  fixture.line("GET a");
  assert.deepEqual(fixture.events(), ["expire-del", "fast-command"]);
});

test("making room is an event as a whole and for each key, and its excess is timed", () => {
  const fixture = createSlowFixture(1, {
    maxmemory: 4 * 1024 * 1024,
    maxmemoryPolicy: "allkeys-random",
  });
  const value = "x".repeat(1000);
  for (let i = 0; i < 8000; i++) fixture.run("SET", `key${i}`, value);
  assert.ok(fixture.engine.stats.evictedKeys > 0);
  for (const event of ["eviction-cycle", "eviction-del"]) {
    assert.ok(fixture.events().includes(event), event);
  }
});

test("freeing flushed keys is an event", () => {
  const fixture = createSlowFixture(2);
  fixture.run("SET", "a", "1");
  fixture.session.dbIndex = 1;
  for (let i = 0; i < 100; i++) fixture.run("SET", `b${i}`, "1");
  fixture.engine.latency.reset();
  fixture.engine.keyspace.flush(fixture.engine.keyspace.databases[1]);
  assert.ok(fixture.engine.keyspace.discarded.waiting === 100);
  while (fixture.engine.keyspace.hasDiscarded) fixture.engine.runSlice();
  assert.ok(fixture.events().includes("lazyfree-cycle"));
  assert.deepEqual(fixture.engine.keyspace.discarded, { waiting: 0, freed: 100 });
});

test("a slice of a purge is an event", () => {
  const fixture = createSlowFixture(2);
  for (let i = 0; i < 1000; i++) fixture.run("SET", `a${i}`, "1");
  const { keyspace, purges } = fixture.engine;
  purges.start(keyspace.databases[0], new TextEncoder().encode("a"));
  assert.equal(purges.count, 1);
  fixture.engine.latency.reset();
  fixture.engine.runSlice();
  assert.ok(fixture.events().includes("purge-cycle"));
});

test("the time above maxmemory is counted until it is over", () => {
  const { engine, settings, run, clock } = createSlowFixture(0, {
    maxmemory: 8 * 1024 * 1024,
    maxmemoryPolicy: "noeviction",
  });
  const { stats } = engine;
  const value = "x".repeat(1000);
  for (let i = 0; i < 4000; i++) run("SET", `key${i}`, value);
  settings.maxmemory = 2 * 1024 * 1024;
  engine.settingsChanged();
  assert.match(run("SET", "more", "1"), /^-OOM/);
  assert.equal(stats.isOverMemoryLimit, true);
  clock.advance(3000);
  assert.equal(stats.currentEvictionExceededUs(clock.monotonicUs()), 3_000_000);
  settings.maxmemory = 0;
  engine.settingsChanged();
  run("GET", "key1");
  assert.equal(stats.isOverMemoryLimit, false);
  assert.equal(stats.totalEvictionExceededUs, 3_000_000);
  assert.equal(stats.currentEvictionExceededUs(clock.monotonicUs()), 0);
});
