import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LATENCY_CELLS,
  LatencyHistogram,
  percentileOf,
} from "../../src/engine/latency_histogram.ts";

test("latencyHistogram answers 0 while nothing was recorded", () => {
  assert.equal(new LatencyHistogram().percentile(50), 0);
});

test("latencyHistogram keeps values below 256 ns exactly", () => {
  for (const ns of [1, 2, 100, 255]) {
    const histogram = new LatencyHistogram();
    histogram.record(ns / 1000, 1);
    assert.equal(histogram.percentile(100), ns / 1000);
  }
});

test("latencyHistogram answers with the upper end of the value's cell", () => {
  const cases = [[256, 257], [257, 257], [511, 511], [512, 515], [1000, 1003], [
    1_000_000,
    1_003_519,
  ]];
  for (const [ns, upper] of cases) {
    const histogram = new LatencyHistogram();
    histogram.record(ns / 1000, 1);
    assert.equal(histogram.percentile(50), upper / 1000, `${ns} ns`);
  }
});

test("latencyHistogram is never off by more than 1/128, over its whole range", () => {
  let previous = 0;
  for (let ns = 1; ns <= 1_000_000_000; ns = Math.ceil(ns * 1.01)) {
    const histogram = new LatencyHistogram();
    histogram.record(ns / 1000, 1);
    const upper = Math.round(histogram.percentile(100) * 1000);
    assert.ok(upper >= ns && upper <= ns * (1 + 1 / 128), `${ns} ns gave ${upper}`);
    assert.ok(upper >= previous, `${ns} ns gave less than a smaller value`);
    previous = upper;
  }
});

test("latencyHistogram holds values outside its range at the limits", () => {
  const low = new LatencyHistogram();
  for (const us of [0, -5, NaN, 0.0001]) low.record(us, 1);
  assert.equal(low.percentile(100), 0.001);
  const high = new LatencyHistogram();
  high.record(1e12, 1);
  assert.equal(high.percentile(100), 1_002_438.655);
});

test("latencyHistogram weighs what it records", () => {
  const histogram = new LatencyHistogram();
  histogram.record(0.1, 98);
  histogram.record(0.2, 1);
  histogram.record(5, 1);
  assert.equal(histogram.count, 100);
  assert.equal(histogram.percentile(0), 0.1);
  assert.equal(histogram.percentile(50), 0.1);
  assert.equal(histogram.percentile(98), 0.1);
  assert.equal(histogram.percentile(99), 0.2);
  assert.equal(histogram.percentile(99.9), 5.023);
  assert.equal(histogram.percentile(100), 5.023);
});

test("cumulative() counts up to each power of two microseconds, and leaves out what adds nothing", () => {
  const histogram = new LatencyHistogram();
  assert.deepEqual(histogram.cumulative(), []);
  for (const us of [0.2, 1, 1.03, 1.04, 3, 70, 2_000_000]) histogram.record(us, 1);
  histogram.record(2.05, 10);
  assert.deepEqual(histogram.cumulative(), [
    { upToNs: 1031, count: 3 },
    { upToNs: 2063, count: 14 },
    { upToNs: 4127, count: 15 },
    { upToNs: 132_095, count: 16 },
    { upToNs: 1_000_000_000, count: 17 },
  ]);
});

test("latencyHistogram.addTo() adds up histograms, whose percentiles are those of all durations", () => {
  const sums = new Float64Array(LATENCY_CELLS);
  const all = new LatencyHistogram();
  for (const us of [0.1, 3, 70, 4000, 900_000]) {
    const one = new LatencyHistogram();
    one.record(us, 3);
    all.record(us, 3);
    one.addTo(sums);
  }
  for (const percent of [0, 20, 50, 99, 100]) {
    assert.equal(percentileOf(sums, all.count, percent), all.percentile(percent));
  }
  assert.equal(percentileOf(sums, 0, 50), 0);
});
