import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { type Slice, SliceTrace } from "../../src/engine/slice_trace.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { createFixture } from "../support/engine_fixture.ts";

function createTrace(slowerThanUs: number, hasCollected?: () => boolean) {
  const limits = { sliceTraceSlowerThan: slowerThanUs };
  return { limits, trace: new SliceTrace({ limits, hasCollected }) };
}

/** What was done and for how long. */
function told(slices: readonly Slice[]): string[] {
  return slices.map(({ what, startUs, durationUs }) => `${what} ${startUs}+${durationUs}`);
}

test("slices from the threshold on are kept, and come out oldest first", () => {
  const { trace, limits } = createTrace(100);
  trace.add("expire-cycle", 1000, 99);
  trace.add("expire-cycle", 2000, 100);
  trace.add("command", 3000, 500, 2, "keys");
  assert.deepEqual(trace.take(1).map(({ what }) => what), ["expire-cycle"]);
  assert.deepEqual(trace.take(9), [
    { what: "command", startUs: 3000, durationUs: 500, count: 2, name: "keys" },
  ]);
  assert.deepEqual(trace.take(9), []);
  limits.sliceTraceSlowerThan = 50;
  trace.add("expire-cycle", 1000, 99);
  assert.equal(trace.count, 1);
});

test("a full trace counts what it loses, and goes on", () => {
  const { trace } = createTrace(0);
  const added = 10_000;
  for (let i = 0; i < added; i++) trace.add("batch", i, 1);
  assert.ok(trace.dropped > 0 && trace.dropped < added);
  assert.equal(trace.count + trace.dropped, added);
  assert.equal(trace.take(1)[0].startUs, 0);
  trace.add("batch", added, 1);
  const left = trace.take(added);
  assert.deepEqual([left.length, left.at(-1)?.startUs], [added - trace.dropped, added]);
});

test("a timer that is late by more than timers are tells of a stall", () => {
  const { trace } = createTrace(100);
  trace.tick(1000, 1900);
  trace.tick(3000, 4500);
  assert.deepEqual(told(trace.take(9)), ["loop-stall 3000+1500"]);
});

test("a collection is as long as the stall or the turn that it was seen behind", () => {
  let hasCollected = false;
  const { trace } = createTrace(100, () => hasCollected);
  trace.tick(1000, 1010);
  hasCollected = true;
  trace.tick(2000, 2010);
  trace.tick(3000, 5000);
  trace.addLast("batch", 6000, 6050);
  trace.addLast("batch", 7000, 7400, 3);
  trace.add("expire-cycle", 8000, 200);
  assert.deepEqual(told(trace.take(9)), [
    "collection 2010+0",
    "loop-stall 3000+2000",
    "collection 3000+2000",
    "batch 7000+400",
    "collection 7000+400",
    "expire-cycle 8000+200",
  ]);
});

/** An engine whose clock moves on by `stepMs` at each reading. */
function createSlowFixture(stepMs: number, settings: Partial<Settings> = {}) {
  const fixture = createFixture({
    families: [STRING_COMMANDS, GENERIC_COMMANDS],
    settings,
    capacityBytes: 16 * 1024 * 1024,
  });
  const { clock, latency } = fixture.engine;
  const { monotonicUs } = clock;
  clock.monotonicUs = () => {
    clock.sleepSync(stepMs);
    return monotonicUs();
  };
  const { trace } = createTrace(100);
  latency.trace = trace;
  return { ...fixture, names: () => trace.take(1e4).map(({ what, name }) => `${what} ${name}`) };
}

test("the engine tells of commands, of expiry and of the index, without a latency monitor", () => {
  const fixture = createSlowFixture(2);
  fixture.line("SET a 1 PX 1000");
  fixture.line("KEYS *");
  assert.deepEqual(fixture.names(), ["fast-command set", "command keys"]);
  fixture.clock.advance(5000);
  fixture.engine.runSlice();
  assert.deepEqual(fixture.names(), ["expire-del ", "expire-cycle "]);
  for (let i = 0; i < 8000; i++) fixture.line(`SET key${i} 1`);
  assert.ok(fixture.names().includes("index-split "));
  assert.equal(fixture.engine.latency.series.size, 0);
});

test("a group of short commands is one slice", () => {
  const { executor, engine, ...fixture } = createSlowFixture(1);
  assert.ok(executor !== undefined);
  fixture.line("GET a");
  const [slice] = engine.latency.trace!.take(9);
  assert.deepEqual([slice.what, slice.name, slice.count], ["fast-command", "get", 1]);
});

test("emptying a sparse page to make room is a slice", () => {
  const fixture = createSlowFixture(1, {
    maxmemory: 4 * 1024 * 1024,
    maxmemoryPolicy: "allkeys-random",
  });
  const names = new Set<string>();
  for (const length of [1000, 300]) {
    const value = "x".repeat(length);
    for (let i = 0; i < 4500; i++) fixture.run("SET", `key${length}:${i}`, value);
    for (const name of fixture.names()) names.add(name);
  }
  for (const name of ["compaction-cycle ", "eviction-cycle ", "eviction-del "]) {
    assert.ok(names.has(name), name);
  }
});
