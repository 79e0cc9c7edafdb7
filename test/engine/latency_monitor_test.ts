import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { LatencyMonitor } from "../../src/engine/latency_monitor.ts";

function createMonitor(threshold = 10) {
  const clock = createManualClock(1_000_000);
  const settings = { latencyMonitorThreshold: threshold };
  return { clock, settings, monitor: new LatencyMonitor(settings, clock) };
}

test("spikes from the threshold on are kept, one a second, the longest of it", () => {
  const { clock, monitor } = createMonitor();
  monitor.add("command", 9_999);
  assert.equal(monitor.series.size, 0);
  for (const us of [10_000, 30_900, 20_000]) monitor.add("command", us);
  clock.advance(1000);
  monitor.add("command", 15_000);
  const series = monitor.series.get("command")!;
  assert.deepEqual(series.samples, [{ atSeconds: 1000, ms: 30 }, { atSeconds: 1001, ms: 15 }]);
  assert.equal(series.maxMs, 30);
});

test("a series keeps the last 160 spikes and the longest ever", () => {
  const { clock, monitor } = createMonitor();
  for (let i = 0; i < 200; i++) {
    monitor.add("expire-cycle", (300 - i) * 1000);
    clock.advance(1000);
  }
  const series = monitor.series.get("expire-cycle")!;
  assert.equal(series.samples.length, 160);
  assert.deepEqual(series.samples[0], { atSeconds: 1040, ms: 260 });
  assert.equal(series.maxMs, 300);
});

test("with a threshold of 0 nothing is measured", () => {
  const { clock, settings, monitor } = createMonitor(0);
  assert.equal(monitor.isOn, false);
  const startUs = monitor.begin();
  clock.advance(500);
  settings.latencyMonitorThreshold = 1;
  monitor.end("eviction-del", startUs);
  assert.equal(monitor.series.size, 0);
  const secondUs = monitor.begin();
  clock.advance(7);
  monitor.end("eviction-del", secondUs);
  assert.equal(monitor.series.get("eviction-del")?.maxMs, 7);
});

test("reset() forgets what is named in any case, or everything", () => {
  const { monitor } = createMonitor();
  for (const event of ["command", "fast-command", "expire-del"] as const) monitor.add(event, 1e5);
  assert.equal(monitor.reset("FAST-command"), 1);
  assert.equal(monitor.reset("fast-command"), 0);
  assert.deepEqual([...monitor.series.keys()], ["command", "expire-del"]);
  assert.equal(monitor.reset(), 2);
  assert.equal(monitor.series.size, 0);
});
