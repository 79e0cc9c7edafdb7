/** What the generator sees of itself, and of the processors, while it measures. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { createCollectionProbe as createBunProbe } from "../../src/adapters/bun/collection_probe.ts";
import { createCollectionProbe as createDenoProbe } from "../../src/adapters/deno/collection_probe.ts";
import type { Cause, Stretch } from "./outlier_causes.ts";
import type { SampledWait, SamplerOrder, SamplerResult } from "./outlier_sampler.ts";

const TICK_MS = 1;
const US_PER_MS = 1000;
/** Timers count whole milliseconds, so that one may come so late without any reason. */
const TIMER_US = 1000;

/** @returns µs since 1970, of a clock that never goes back */
export function wallUs(): number {
  return (performance.timeOrigin + performance.now()) * US_PER_MS;
}

/** Looks after the event loop of this process: when a timer of 1 ms comes late, and garbage collections. */
export class LoopWatch {
  readonly stretches: Stretch[] = [];
  collections = 0;
  readonly #hasCollected = "Bun" in globalThis ? createBunProbe() : createDenoProbe();
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    const dueUs = wallUs() + TICK_MS * US_PER_MS;
    this.#timer = setTimeout(() => {
      this.tick(dueUs, wallUs());
      this.start();
    }, TICK_MS);
  }

  /** Takes in that a timer came. @param dueUs when it should have */
  tick(dueUs: number, nowUs: number): void {
    const hasCollected = this.#hasCollected();
    if (hasCollected) this.collections++;
    if (nowUs - dueUs < TIMER_US) return;
    this.stretches.push({
      startUs: dueUs,
      endUs: nowUs,
      cause: hasCollected ? "generator: garbage collection" : "generator: event loop stalled",
      detail: "loop-stall",
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** @throws Error when the thread fails instead */
function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** A sampler that runs. */
export interface RunningSampler {
  stop(): Promise<SamplerResult>;
}

/**
 * Starts to sample in a thread of its own.
 * @param processes by name
 */
export async function startSampler(
  processes: Readonly<Record<string, number>>,
): Promise<RunningSampler> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const order: SamplerOrder = { processes, stop };
  const worker = new Worker(fileURLToPath(new URL("./outlier_sampler.ts", import.meta.url)), {
    workerData: { isSampler: true, order },
  });
  await nextMessage(worker);
  const result = nextMessage(worker) as Promise<SamplerResult>;
  // Nobody may be there yet to be told.
  result.catch(() => {});
  return {
    async stop() {
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      const sampled = await result;
      await worker.terminate();
      return sampled;
    },
  };
}

const CAUSE_OF: Readonly<Record<string, Cause>> = {
  server: "server: not scheduled",
  generator: "generator: not scheduled",
  machine: "machine: time stolen",
  processor: "machine: time stolen",
};

const DETAIL_OF: Readonly<Record<string, string>> = {
  machine: "10 ms in which time was stolen",
  processor: "the generator's processor stood still",
};

/** What was sampled, as stretches. */
export function stretchesOf(waits: readonly SampledWait[]): Stretch[] {
  return waits.map(({ who, startUs, endUs }) => ({
    startUs,
    endUs,
    cause: CAUSE_OF[who],
    detail: DETAIL_OF[who] ?? "ready, but not running",
  }));
}
