import { test } from "node:test";
import assert from "node:assert/strict";
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { LatencyHistogram } from "../../src/engine/latency_histogram.ts";
import { Stats } from "../../src/engine/stats.ts";
import type { Core } from "../../src/server/core.ts";
import { KEPT_SAMPLES, LiveFigures, type LiveSample } from "../../src/server/live_figures.ts";

const COMMANDS = [{ id: 0 }, { id: 1 }];

interface Fixture {
  readonly clock: ManualClock;
  readonly stats: Stats;
  readonly live: LiveFigures;
  readonly samples: LiveSample[];
  ended: number;
  /** Watches, with all samples going into `samples`. */
  watch(): () => void;
}

function fixture(): Fixture {
  const clock = createManualClock(1_000_000);
  const stats = new Stats(COMMANDS.length);
  const core = {
    engine: {
      clock,
      stats,
      memory: () => ({ usedBytes: 10, maxmemory: 100 }),
      blocking: { clientCount: 1 },
      keyspace: { databases: [{ size: 2 }, { size: 3 }] },
    },
    clients: { count: 4 },
    services: { system: { residentBytes: () => 50 } },
    registry: { entries: COMMANDS },
  } as unknown as Core;
  const live = new LiveFigures(core);
  const samples: LiveSample[] = [];
  const made: Fixture = {
    clock,
    stats,
    live,
    samples,
    ended: 0,
    watch: () =>
      live.watch({
        sample: (sample) => void samples.push(sample),
        ended: () => void made.ended++,
      }),
  };
  return made;
}

test("liveFigures takes no sample while nobody ever watched", () => {
  const { clock, live } = fixture();
  clock.advance(5000);
  assert.equal(clock.timerCount, 0);
  assert.deepEqual(live.history, []);
});

test("liveFigures says what came since the sample before, per second", () => {
  const { clock, stats, samples, watch } = fixture();
  stats.totalCommands = 500;
  stats.keyspaceHits = 7;
  watch();
  stats.totalCommands += 100;
  stats.keyspaceHits += 3;
  stats.keyspaceMisses += 1;
  stats.evictedKeys += 5;
  stats.expiredKeys += 6;
  stats.totalNetInput += 70;
  stats.totalNetOutput += 80;
  clock.advance(1000);
  assert.deepEqual(samples, [{
    atMs: 1_001_000,
    commands: 100,
    hitRatio: 0.75,
    p50Us: null,
    p99Us: null,
    p999Us: null,
    usedBytes: 10,
    budgetBytes: 100,
    residentBytes: 50,
    evicted: 5,
    expired: 6,
    inputBytes: 70,
    outputBytes: 80,
    errors: 0,
    clients: 4,
    blockedClients: 1,
    keys: 5,
  }]);
  clock.advance(1000);
  assert.equal(samples[1].commands, 0);
  assert.equal(samples[1].hitRatio, null);
});

test("liveFigures gives percentiles of the last second alone, over all commands", () => {
  const { clock, stats, samples, watch } = fixture();
  stats.recordCalls(0, 1000, 1000 * 500, true);
  watch();
  stats.recordCalls(0, 98, 98 * 10, true);
  stats.recordCalls(1, 2, 2 * 3000, true);
  clock.advance(1000);
  const expected = new LatencyHistogram();
  expected.record(10, 98);
  expected.record(3000, 2);
  assert.equal(samples[0].p50Us, expected.percentile(50));
  assert.equal(samples[0].p99Us, expected.percentile(99));
  assert.ok(samples[0].p50Us! < 11 && samples[0].p99Us! > 2900);
  stats.recordCalls(1, 1, 20, true);
  clock.advance(1000);
  assert.ok(samples[1].p999Us! >= 20 && samples[1].p999Us! < 21);
});

test("liveFigures does not go below zero when the counters are set back", () => {
  const { clock, stats, samples, watch } = fixture();
  stats.totalCommands = 500;
  stats.recordCalls(0, 10, 100, true);
  watch();
  stats.reset();
  clock.advance(1000);
  assert.equal(samples[0].commands, 0);
  assert.equal(samples[0].p50Us, null);
});

test("liveFigures keeps the last samples, goes on for a while unwatched, and then rests", () => {
  const { clock, live, samples, watch } = fixture();
  const stop = watch();
  watch()();
  clock.advance((KEPT_SAMPLES + 20) * 1000);
  assert.equal(samples.length, KEPT_SAMPLES + 20);
  assert.equal(live.history.length, KEPT_SAMPLES);
  assert.equal(live.history.at(-1), samples.at(-1));
  stop();
  assert.equal(live.watcherCount, 0);
  clock.advance(60_000);
  assert.equal(samples.length, KEPT_SAMPLES + 20);
  assert.equal(live.history.at(-1)!.atMs, clock.nowMs());
  clock.advance(3_600_000);
  assert.equal(clock.timerCount, 0);
  watch();
  assert.deepEqual(live.history, [], "what lies far back is no history");
  clock.advance(1000);
  assert.equal(live.history.length, 1);
});

test("liveFigures tells its watchers when it ends", () => {
  const made = fixture();
  made.watch();
  made.watch();
  made.live.close();
  assert.equal(made.ended, 2);
  assert.equal(made.clock.timerCount, 0);
});
