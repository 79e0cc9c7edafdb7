/**
 * Searches the highest rate that a server holds with a P99 under a limit.
 *
 * The bounds are nothing and what the server does as fast as it can; each step tries the middle between the highest
 * rate that was held and the lowest that was not. A rate is held when its P99 is within the limit and the backlog
 * at its end is no more than the limit accounts for.
 */
import { runLoad } from "./mod.ts";
import type { LoadOptions, LoadResult, SearchResult, SearchStep } from "./result.ts";

const STEP_SECONDS = 2;
/** The middle is found to one part in 2⁷. */
const STEPS = 7;
const US_PER_SECOND = 1e6;

export interface SearchOptions extends Omit<LoadOptions, "rate" | "requests" | "seconds"> {
  readonly p99LimitUs: number;
  /** Duration of a step, default 2. */
  readonly stepSeconds?: number;
  readonly steps?: number;
  readonly log?: (step: SearchStep) => void;
}

export async function searchThroughput(options: SearchOptions): Promise<SearchResult> {
  const { p99LimitUs, stepSeconds = STEP_SECONDS, steps = STEPS, log, ...load } = options;
  const fastest = await runLoad({ ...load, seconds: stepSeconds });
  let low = 0, high = fastest.requestsPerSecond;
  let best: LoadResult | null = null;
  const tried: SearchStep[] = [];
  for (let i = 0; i < steps; i++) {
    // The bound itself first: it may well be held.
    const rate = i === 0 ? high : (low + high) / 2;
    const result = await runLoad({ ...load, rate, seconds: stepSeconds });
    const step = judge(result, rate, p99LimitUs);
    tried.push(step);
    log?.(step);
    if (step.isGood) {
      low = rate;
      best = result;
      if (i === 0) break;
    } else high = rate;
  }
  return { test: fastest.test, p99LimitUs, rate: low, best, steps: tried };
}

function judge(result: LoadResult, rate: number, p99LimitUs: number): SearchStep {
  const { latency: { p99Us }, requestsPerSecond, rate: figures } = result;
  const backlogAtEnd = figures?.backlogAtEnd ?? 0;
  const isKept = backlogAtEnd <= Math.max(result.pipeline, rate * p99LimitUs / US_PER_SECOND);
  const isGood = p99Us <= p99LimitUs && isKept && (figures?.unanswered ?? 0) === 0;
  return { rate, requestsPerSecond, p99Us, backlogAtEnd, isGood };
}
