// The generator's histogram against exact percentiles, and its random keys against what they should be.

import { test } from "node:test";
import assert from "node:assert/strict";
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { createRandom } from "../../src/bytes/prng.ts";
import { below, randomOf, scramble, Zipf } from "../../bench/load/distributions.ts";
import { LatencyHistogram, mergeHistograms, percentileOf } from "../../bench/load/histogram.ts";
import { SetShapes, ValueSizes } from "../../bench/load/workload.ts";

const SHARES = [0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1];
const PRECISION = 0.001;

/** Durations over seven orders of magnitude, in ns, ascending. */
function durations(count: number, seed: number): Float64Array {
  const random = createRandom([seed, 1, 2, 3]);
  const all = Float64Array.from(
    { length: count },
    () => Math.round(10 ** (1 + 7 * random.below(1_000_000) / 1_000_000)),
  );
  return all.sort();
}

function exactUs(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] / 1000;
}

test("percentiles are at most a thousandth above the exact ones, the maximum is exact", () => {
  const sorted = durations(100_000, 7);
  const histogram = new LatencyHistogram();
  const footprint = histogram.footprintBytes;
  for (const ns of sorted) histogram.record(ns / 1e6, 1);
  const exported = histogram.export();
  for (const share of SHARES) {
    const exact = exactUs(sorted, share);
    for (const found of [histogram.percentileUs(share), percentileOf(exported, share)]) {
      assert.ok(found >= exact - 1e-6, `P${share * 100}: ${found} is below ${exact}`);
      assert.ok(found <= exact * (1 + PRECISION) + 1e-6, `P${share * 100}: ${found}, not ${exact}`);
    }
  }
  const { meanUs, minUs, maxUs, p9999Us } = histogram.percentiles();
  assert.equal(maxUs, sorted[sorted.length - 1] / 1000);
  assert.equal(minUs, sorted[0] / 1000);
  assert.equal(p9999Us, histogram.percentileUs(0.9999));
  const exactMean = sorted.reduce((sum, ns) => sum + ns, 0) / sorted.length / 1000;
  assert.ok(Math.abs(meanUs - exactMean) < exactMean * 1e-9);
  // Nothing grew with what was recorded.
  assert.equal(histogram.footprintBytes, footprint);
  assert.ok(footprint < 400_000, String(footprint));
});

test("a count of equal durations is as many durations; what is longer than an hour is an hour", () => {
  const one = new LatencyHistogram(), many = new LatencyHistogram();
  for (let i = 0; i < 16; i++) one.record(1.5, 1);
  many.record(1.5, 16);
  assert.deepEqual(one.export(), many.export());
  many.record(1e9, 1);
  many.record(-1, 1);
  assert.equal(many.percentiles().maxUs, 3600e6);
  assert.equal(many.percentiles().minUs, 0);
  many.clear();
  assert.deepEqual(many.percentiles(), new LatencyHistogram().percentiles());
  assert.deepEqual(Object.values(many.percentiles()), Array(8).fill(0));
  assert.equal(percentileOf(many.export(), 0.5), 0);
});

test("an export is what other tools of HdrHistogram read, and several make one", () => {
  const [first, second] = [durations(5000, 1), durations(3000, 2)];
  const histograms = [first, second].map((each) => {
    const histogram = new LatencyHistogram();
    for (const ns of each) histogram.record(ns / 1e6, 1);
    return histogram.export();
  });
  const decoded = decodeFromCompressedBase64(histograms[0].hdr);
  assert.equal(decoded.totalCount, 5000);
  assert.equal(
    Math.min(decoded.getValueAtPercentile(99), histograms[0].maxNs) / 1000,
    percentileOf(histograms[0], 0.99),
  );
  const merged = mergeHistograms(histograms);
  const sorted = Float64Array.from([...first, ...second]).sort();
  assert.equal(merged.count, 8000);
  assert.equal(merged.counts.reduce((sum, count) => sum + count, 0), 8000);
  assert.equal(merged.maxNs, Math.max(histograms[0].maxNs, histograms[1].maxNs));
  for (const share of SHARES) {
    const exact = exactUs(sorted, share);
    const found = percentileOf(merged, share);
    assert.ok(found >= exact - 1e-6 && found <= exact * (1 + PRECISION) + 1e-6, `${share}`);
  }
});

test("ranks come up as Zipf's law says, and equal seeds give equal ones", () => {
  const count = 1000, draws = 200_000;
  const zipf = new Zipf(randomOf(3, 1), count), again = new Zipf(randomOf(3, 1), count);
  const seen = new Float64Array(count);
  for (let i = 0; i < draws; i++) {
    const rank = zipf.next();
    assert.equal(rank, again.next());
    seen[rank]++;
  }
  let zeta = 0;
  for (let rank = 1; rank <= count; rank++) zeta += rank ** -0.99;
  // The two first ranks are exact; the others follow from a continuous curve.
  for (const [rank, slack] of [[0, 0.02], [1, 0.03], [9, 0.2], [99, 0.3]]) {
    const expected = draws * (rank + 1) ** -0.99 / zeta;
    assert.ok(Math.abs(seen[rank] - expected) < expected * slack, `${rank}: ${seen[rank]}`);
  }
  const head = seen.subarray(0, 100).reduce((sum, each) => sum + each, 0) / draws;
  assert.ok(head > 0.65 && head < 0.75, String(head));
});

test("a Zipf distribution may grow, and one rank is enough", () => {
  const grown = new Zipf(randomOf(1, 1), 10), whole = new Zipf(randomOf(1, 1), 500);
  grown.grow(500);
  for (let i = 0; i < 1000; i++) assert.equal(grown.next(), whole.next());
  const single = new Zipf(randomOf(1, 1), 1);
  for (let i = 0; i < 100; i++) assert.equal(single.next(), 0);
});

test("popular keys are spread over the keyspace", () => {
  const keys = Array.from({ length: 100 }, (_, rank) => scramble(rank, 10_000));
  assert.ok(new Set(keys).size > 95);
  assert.ok(keys.every((key) => key >= 0 && key < 10_000));
  assert.ok(keys.filter((key) => key >= 5000).length > 30);
});

test("numbers above 2³¹ are drawn, too", () => {
  const random = randomOf(1, 1);
  const drawn = Array.from({ length: 1000 }, () => below(random, 1e12));
  assert.ok(drawn.every((each) => Number.isInteger(each) && each >= 0 && each < 1e12));
  assert.ok(drawn.filter((each) => each > 5e11).length > 400);
});

test("lengths of values come up by their weights", () => {
  const mix = [{ bytes: 64, weight: 80 }, { bytes: 1024, weight: 15 }, { bytes: 65536, weight: 5 }];
  const sizes = new ValueSizes(3, mix, 1);
  const seen = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const bytes = sizes.next();
    seen.set(bytes, (seen.get(bytes) ?? 0) + 1);
  }
  assert.equal(seen.size, 3);
  for (const { bytes, weight } of mix) {
    assert.ok(Math.abs((seen.get(bytes) ?? 0) - weight * 100) < 200, `${bytes}`);
  }
  assert.equal(new ValueSizes(3, undefined, 1).next(), 3);
});

test("expiries are spread over their range", () => {
  const { shapes } = new SetShapes({ leastMs: 500, mostMs: 2000 }, 1);
  const expiries = shapes.map(({ words }) => Number(words.at(-1)));
  assert.equal(expiries.length, 64);
  assert.equal(Math.min(...expiries), 500);
  assert.equal(Math.max(...expiries), 2000);
  assert.deepEqual(shapes[0].words.slice(0, -1), ["SET", "key:__rand_int__", "__data__", "PX"]);
  assert.equal(new SetShapes({ leastMs: 1000, mostMs: 1000 }, 1).shapes.length, 1);
});
