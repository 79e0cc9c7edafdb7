/**
 * What a server does, second by second, for whoever watches it: rates and percentiles of the last second,
 * and sizes as they are. Samples are taken while someone watches, and for a while after, so that whoever
 * comes back finds what happened meanwhile.
 */
import { LATENCY_CELLS, percentileOf } from "../engine/latency_histogram.ts";
import type { Clock } from "../ports/clock.ts";
import type { Core } from "./core.ts";

const SECOND_MS = 1000;
const US_PER_SECOND = 1e6;
/** Samples that are kept. */
export const KEPT_SAMPLES = 300;
/** How many more are taken when nobody watches any more. */
const SAMPLES_UNWATCHED = 600;

/** One second of a server. Rates are per second; what nothing can be said of is null. */
export interface LiveSample {
  /** When it ended, in ms since 1970. */
  readonly atMs: number;
  readonly commands: number;
  /** Share of lookups that found their key, 0 to 1; null = there was none. */
  readonly hitRatio: number | null;
  /** Run time of commands in µs; null = none was timed. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly p999Us: number | null;
  readonly usedBytes: number;
  /** 0 = there is no limit. */
  readonly budgetBytes: number;
  readonly residentBytes: number;
  readonly evicted: number;
  readonly expired: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly errors: number;
  readonly clients: number;
  readonly blockedClients: number;
  readonly keys: number;
}

/** Whoever watches. */
export interface Watcher {
  sample(sample: LiveSample): void;
  /** There will be no more. */
  ended(): void;
}

/** Counters, whose growth makes rates. */
type Counts = readonly number[];

export class LiveFigures {
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #history: LiveSample[] = [];
  #cancel: (() => void) | undefined;
  #unwatched = 0;
  #lastUs = 0;
  #counts: Counts = [];
  #cells = new Float64Array(LATENCY_CELLS);
  #spareCells = new Float64Array(LATENCY_CELLS);

  constructor(core: Core) {
    this.#core = core;
    this.#clock = core.engine.clock;
  }

  /** How many watch. */
  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** The last samples, the oldest first. */
  get history(): readonly LiveSample[] {
    return this.#history;
  }

  /** @param watcher gets every sample from now on @returns a function that ends this */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#unwatched = 0;
    if (this.#cancel === undefined) this.#begin();
    return () => void this.#watchers.delete(watcher);
  }

  /** Takes no more samples. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const watcher of [...this.#watchers]) watcher.ended();
    this.#watchers.clear();
  }

  #begin(): void {
    this.#history = [];
    this.#lastUs = this.#clock.monotonicUs();
    this.#counts = this.#readCounts();
    this.#readCells(this.#cells);
    this.#cancel = this.#clock.after(SECOND_MS, () => this.#tick());
  }

  #tick(): void {
    this.#unwatched = this.#watchers.size > 0 ? 0 : this.#unwatched + 1;
    if (this.#unwatched > SAMPLES_UNWATCHED) {
      this.#cancel = undefined;
      return;
    }
    this.#cancel = this.#clock.after(SECOND_MS, () => this.#tick());
    const sample = this.#sample();
    this.#history.push(sample);
    if (this.#history.length > KEPT_SAMPLES) this.#history.shift();
    for (const watcher of [...this.#watchers]) watcher.sample(sample);
  }

  #sample(): LiveSample {
    const { engine, clients, services: { system } } = this.#core;
    const nowUs = this.#clock.monotonicUs();
    const seconds = Math.max(0.001, (nowUs - this.#lastUs) / US_PER_SECOND);
    const counts = this.#readCounts();
    // CONFIG RESETSTAT sets them back.
    const grown = counts.map((count, i) => Math.max(0, count - this.#counts[i]));
    const [commands, hits, misses, evicted, expired, input, output, errors] = grown;
    this.#lastUs = nowUs;
    this.#counts = counts;
    const memory = engine.memory();
    return {
      atMs: this.#clock.nowMs(),
      commands: commands / seconds,
      hitRatio: hits + misses > 0 ? hits / (hits + misses) : null,
      ...this.#latencies(),
      usedBytes: memory.usedBytes,
      budgetBytes: memory.maxmemory,
      residentBytes: system.residentBytes(),
      evicted: evicted / seconds,
      expired: expired / seconds,
      inputBytes: input / seconds,
      outputBytes: output / seconds,
      errors: errors / seconds,
      clients: clients.count,
      blockedClients: engine.blocking.clientCount,
      keys: engine.keyspace.databases.reduce((sum, { size }) => sum + size, 0),
    };
  }

  #readCounts(): Counts {
    const { stats } = this.#core.engine;
    return [
      stats.totalCommands,
      stats.keyspaceHits,
      stats.keyspaceMisses,
      stats.evictedKeys,
      stats.expiredKeys,
      stats.totalNetInput,
      stats.totalNetOutput,
      stats.totalErrorReplies,
    ];
  }

  /** Adds up the latencies of all commands. */
  #readCells(cells: Float64Array): void {
    const { engine: { stats }, registry } = this.#core;
    cells.fill(0);
    for (const { id } of registry.entries) stats.latencyOf(id)?.addTo(cells);
  }

  /** Percentiles of what came since the last call. */
  #latencies(): Pick<LiveSample, "p50Us" | "p99Us" | "p999Us"> {
    const before = this.#cells, now = this.#spareCells;
    this.#readCells(now);
    let count = 0;
    // `before` is not needed any more, and becomes the difference.
    for (let i = 0; i < LATENCY_CELLS; i++) {
      before[i] = Math.max(0, now[i] - before[i]);
      count += before[i];
    }
    const at = (percent: number): number | null =>
      count === 0 ? null : percentileOf(before, count, percent);
    const latencies = { p50Us: at(50), p99Us: at(99), p999Us: at(99.9) };
    this.#cells = now;
    this.#spareCells = before;
    return latencies;
  }
}
