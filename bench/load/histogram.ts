/**
 * Latencies with three significant digits, from 1 ns to an hour, in 230 KB however many there are.
 *
 * The buckets are HdrHistogram's (hdr-histogram-js, in plain JavaScript: its WebAssembly is not asked for).
 * A reading is at most 0.1 % above what was recorded, the maximum is exact.
 */
import { encodeIntoCompressedBase64, Float64Histogram } from "hdr-histogram-js";
import type { HistogramExport, Percentiles } from "./result.ts";

/** Longer ones count as an hour. */
const HIGHEST_NS = 3600e9;
const SIGNIFICANT_DIGITS = 3;
const NS_PER_MS = 1e6;
const NS_PER_US = 1000;

export class LatencyHistogram {
  readonly #histogram = new Float64Histogram(1, HIGHEST_NS, SIGNIFICANT_DIGITS);
  #sumNs = 0;
  #minNs = Infinity;

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Bytes that it takes. */
  get footprintBytes(): number {
    return this.#histogram.estimatedFootprintInBytes;
  }

  /** @param count how many took that long */
  record(ms: number, count: number): void {
    let ns = Math.round(ms * NS_PER_MS);
    if (ns < 0) ns = 0;
    if (ns > HIGHEST_NS) ns = HIGHEST_NS;
    if (ns < this.#minNs) this.#minNs = ns;
    this.#sumNs += ns * count;
    this.#histogram.recordValueWithCount(ns, count);
  }

  /** @param share from 0 to 1. @returns µs that this share took at most; 0 when nothing was recorded */
  percentileUs(share: number): number {
    if (this.count === 0) return 0;
    const ns = this.#histogram.getValueAtPercentile(share * 100);
    return Math.min(ns, this.#histogram.maxValue) / NS_PER_US;
  }

  percentiles(): Percentiles {
    return {
      meanUs: this.count === 0 ? 0 : this.#sumNs / this.count / NS_PER_US,
      minUs: this.count === 0 ? 0 : this.#minNs / NS_PER_US,
      p50Us: this.percentileUs(0.5),
      p90Us: this.percentileUs(0.9),
      p99Us: this.percentileUs(0.99),
      p999Us: this.percentileUs(0.999),
      p9999Us: this.percentileUs(0.9999),
      maxUs: this.#histogram.maxValue / NS_PER_US,
    };
  }

  export(): HistogramExport {
    const histogram = this.#histogram;
    const valuesNs: number[] = [], counts: number[] = [];
    for (let i = 0; i < histogram.countsArrayLength; i++) {
      const count = histogram.getCountAtIndex(i);
      if (count === 0) continue;
      const highest = histogram.highestEquivalentValue(histogram.valueFromIndex(i));
      valuesNs.push(Math.min(highest, histogram.maxValue));
      counts.push(count);
    }
    return {
      unit: "ns",
      count: histogram.totalCount,
      maxNs: histogram.maxValue,
      valuesNs,
      counts,
      hdr: encodeIntoCompressedBase64(histogram),
    };
  }

  clear(): void {
    this.#histogram.reset();
    this.#sumNs = 0;
    this.#minNs = Infinity;
  }
}

/** @param share from 0 to 1. @returns µs that this share took at most; 0 when nothing was recorded */
export function percentileOf(histogram: HistogramExport, share: number): number {
  const { valuesNs, counts, count } = histogram;
  let left = Math.max(1, Math.ceil(count * share - 1e-9));
  for (let i = 0; i < valuesNs.length; i++) {
    left -= counts[i];
    if (left <= 0) return valuesNs[i] / NS_PER_US;
  }
  return 0;
}

/** One histogram of what several hold. */
export function mergeHistograms(histograms: readonly HistogramExport[]): HistogramExport {
  const merged = new LatencyHistogram();
  for (const { valuesNs, counts } of histograms) {
    for (let i = 0; i < valuesNs.length; i++) merged.record(valuesNs[i] / NS_PER_MS, counts[i]);
  }
  return merged.export();
}
