/** The work that a server does by itself: expiry, freeing, sampling of rates, limits of time. */
import type { Engine } from "../engine/engine.ts";

const SECOND_MS = 1000;
/** Rates are sampled ten times a second. */
const SAMPLE_MS = 100;
const US_PER_MS = 1000;
/** Pause between two slices while there is more to do; clients are served meanwhile. */
const NEXT_SLICE_MS = 1;

export interface BackgroundTasks {
  readonly engine: Engine;
  /**
   * Called after each slice of the engine's work, which may have removed keys.
   * @returns whether there is more to do at once
   */
  readonly afterSlice: () => boolean;
  /** Called about once a second with the wall clock. */
  readonly everySecond: (nowMs: number) => void;
}

/** Starts it. @returns a function that stops it */
export function startBackground({ engine, afterSlice, everySecond }: BackgroundTasks): () => void {
  const { clock, settings, stats, latency } = engine;
  let cancelSlice: () => void = () => {};
  let cancelSample: () => void = () => {};
  let nextSecondMs = clock.nowMs() + SECOND_MS;

  /** Whether the next slice comes as early as it may. */
  let isSoon = false;
  let isSlicing = false;

  function slice(): void {
    isSlicing = true;
    isSoon = false;
    const startUs = clock.monotonicUs();
    const hasMore = engine.runSlice();
    if (afterSlice() || hasMore) isSoon = true;
    latency.trace?.addLast("background", startUs, clock.monotonicUs());
    isSlicing = false;
    cancelSlice = clock.after(isSoon ? NEXT_SLICE_MS : SECOND_MS / settings.hz, slice);
  }

  function hurry(): void {
    if (isSoon) return;
    isSoon = true;
    if (isSlicing) return;
    cancelSlice();
    cancelSlice = clock.after(NEXT_SLICE_MS, slice);
  }

  function sample(): void {
    const nowUs = clock.monotonicUs();
    stats.sample(nowUs);
    stats.loopLag.sample(nowUs, SAMPLE_MS * US_PER_MS);
    const nowMs = clock.nowMs();
    if (nowMs >= nextSecondMs) {
      nextSecondMs = nowMs + SECOND_MS;
      everySecond(nowMs);
    }
    latency.trace?.addLast("housekeeping", nowUs, clock.monotonicUs());
    cancelSample = clock.after(SAMPLE_MS, sample);
  }

  engine.hasWork = hurry;
  slice();
  sample();
  return () => {
    engine.hasWork = () => {};
    cancelSlice();
    cancelSample();
  };
}
