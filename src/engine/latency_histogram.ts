/**
 * Log-linear histogram of latencies: constant size, two significant digits, 1 ns to 1 s.
 *
 * Values below 256 ns have a cell each. From there on every power of two is split into 128 cells,
 * so a cell is never wider than 1/128 of the values in it.
 *
 *   CELLS         VALUES (ns)          CELL WIDTH
 *   0 .. 255      0 .. 255             1
 *   256 .. 383    256 .. 511           2
 *   384 .. 511    512 .. 1023          4
 *   …
 *   2944 .. 3071  2²⁹ .. 2³⁰-1         2²²
 *
 * Example: 1000 ns lies in [2⁹, 2¹⁰), hence shift 2; 1000 >> 2 = 250, cell 250 + 2 × 128 = 506,
 * which holds 1000 .. 1003. A percentile answers with the upper end of its cell: 1.003 µs.
 *
 * Cost: record is a handful of integer operations and one store; percentile walks the cells.
 * Source: https://github.com/HdrHistogram/HdrHistogram_c, with the limits that Redis gives it.
 */

const CELLS_PER_OCTAVE = 128;
/** Values below this have cells of width 1. */
const LINEAR_LIMIT = 2 * CELLS_PER_OCTAVE;
/** Leading zeros of the largest value in the linear part. */
const LINEAR_LEADING_ZEROS = Math.clz32(LINEAR_LIMIT - 1);
const MIN_NS = 1;
const MAX_NS = 1_000_000_000;
const NS_PER_US = 1000;
/** First of the limits, each twice the one before, that `cumulative` counts up to. */
const FIRST_STEP_NS = 1024;
/** The linear part is two octaves wide; 22 octaves from 2⁸ to 2³⁰ follow. */
const CELL_COUNT = 24 * CELLS_PER_OCTAVE;

if (cellOf(MAX_NS) >= CELL_COUNT) throw new RangeError(`${MAX_NS} ns is beyond the last cell`);

/** @param ns a whole number from 0 to 2³¹-1 */
function cellOf(ns: number): number {
  const shift = LINEAR_LEADING_ZEROS - Math.clz32(ns);
  return shift <= 0 ? ns : (ns >> shift) + shift * CELLS_PER_OCTAVE;
}

/** Cells of a histogram, for whoever adds up several of them. */
export const LATENCY_CELLS = CELL_COUNT;

/** The largest value, in ns, that falls into the cell. */
function upperEnd(cell: number): number {
  if (cell < LINEAR_LIMIT) return cell;
  const shift = (cell >> 7) - 1;
  return (((cell - shift * CELLS_PER_OCTAVE) + 1) << shift) - 1;
}

/**
 * The duration that `percent` of those in the cells do not exceed.
 *
 * @param count how many there are in all cells together
 * @param percent 0 to 100
 * @returns microseconds, 0 where there are none
 */
export function percentileOf(cells: Float64Array, count: number, percent: number): number {
  if (count === 0) return 0;
  const wanted = Math.max(1, Math.floor(Math.min(percent, 100) / 100 * count + 0.5));
  let seen = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    seen += cells[cell];
    if (seen >= wanted) return upperEnd(cell) / NS_PER_US;
  }
  return MAX_NS / NS_PER_US;
}

/**
 * A histogram of durations.
 *
 * @example
 * ```ts
 * import { LatencyHistogram } from "./latency_histogram.ts";
 *
 * const histogram = new LatencyHistogram();
 * histogram.record(1.5, 99);
 * histogram.record(2000, 1);
 * histogram.percentile(50); // 1.503
 * ```
 */
export class LatencyHistogram {
  /** Number of durations recorded. */
  count = 0;
  readonly #cells = new Float64Array(CELL_COUNT);

  /**
   * Counts a duration; what lies outside 1 ns .. 1 s counts as the nearer limit.
   *
   * @param us microseconds, fractions allowed
   * @param weight how often it is counted
   */
  record(us: number, weight: number): void {
    let ns = us * NS_PER_US;
    if (!(ns > MIN_NS)) ns = MIN_NS;
    else if (ns > MAX_NS) ns = MAX_NS;
    this.#cells[cellOf((ns + 0.5) | 0)] += weight;
    this.count += weight;
  }

  /**
   * How many durations there are up to 1024 ns, up to 2048 ns and so on (each time to the end of the
   * cell); steps that add none are left out.
   */
  cumulative(): { readonly upToNs: number; readonly count: number }[] {
    const steps: { upToNs: number; count: number }[] = [];
    let next = 0, count = 0;
    for (let limitNs = FIRST_STEP_NS; count < this.count; limitNs *= 2) {
      const last = limitNs < MAX_NS ? cellOf(limitNs) : CELL_COUNT - 1;
      let added = 0;
      for (; next <= last; next++) added += this.#cells[next];
      count += added;
      if (added > 0) steps.push({ upToNs: limitNs < MAX_NS ? upperEnd(last) : MAX_NS, count });
    }
    return steps;
  }

  /**
   * The duration that `percent` of the recorded ones do not exceed.
   *
   * @param percent 0 to 100
   * @returns microseconds, 0 while nothing was recorded
   */
  percentile(percent: number): number {
    return percentileOf(this.#cells, this.count, percent);
  }

  /** Adds the count of each cell to `sums`, which has LATENCY_CELLS of them. */
  addTo(sums: Float64Array): void {
    const cells = this.#cells;
    for (let cell = 0; cell < CELL_COUNT; cell++) sums[cell] += cells[cell];
  }
}
