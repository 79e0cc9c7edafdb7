/** Counts durations in buckets of about one per cent, so that percentiles of millions take little memory. */

/** Buckets for each doubling. */
const RESOLUTION = 64;
/** Durations from 2⁻⁷ µs to 2³³ µs. */
const LOWEST_LOG2 = -7;
const BUCKETS = 40 * RESOLUTION;

export class DurationHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  count = 0;
  maxMs = 0;

  record(ms: number): void {
    const log = Math.log2(Math.max(ms * 1000, 0.01)) - LOWEST_LOG2;
    this.#counts[Math.min(BUCKETS - 1, Math.floor(log * RESOLUTION))]++;
    this.count++;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** @param share from 0 to 1. @returns ms below which that share lies; 0 when nothing was recorded */
  percentileMs(share: number): number {
    let left = Math.ceil(this.count * share);
    for (let i = 0; i < BUCKETS && left > 0; i++) {
      left -= this.#counts[i];
      if (left > 0) continue;
      return Math.min(this.maxMs, 2 ** ((i + 1) / RESOLUTION + LOWEST_LOG2) / 1000);
    }
    return this.maxMs;
  }

  summary(): DurationSummary {
    return {
      count: this.count,
      p50Ms: this.percentileMs(0.5),
      p9999Ms: this.percentileMs(0.9999),
      maxMs: this.maxMs,
    };
  }
}

export interface DurationSummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
}
