/**
 * The latency monitor: for each kind of event the last spikes that took at least
 * `latency-monitor-threshold` milliseconds; LATENCY shows them.
 *
 * A series keeps 160 samples, one a second at most: of two in the same second the longer one stays.
 * While the threshold is 0 and there is no trace, nothing is measured at all.
 *
 *   EVENT              WHAT TOOK LONG
 *   command            a command that is not flagged fast
 *   fast-command       one that is
 *   expire-cycle       a slice of active expiry, of keys or of fields of hashes
 *   expire-del         removing one expired key
 *   eviction-cycle     making room, as a whole
 *   eviction-del       removing one key to make room
 *   compaction-cycle   emptying a page that became sparse, to make room
 *   index-split        splitting a segment of the index
 *   lazyfree-cycle     a slice of freeing what FLUSHALL and the like took out
 *   purge-cycle        a slice of a PURGE
 *
 * The first six are Redis's. A trace (slice_trace.ts) is told of the same events, from a threshold of its
 * own on.  Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/
 */
import type { Clock } from "../ports/clock.ts";
import type { Settings } from "../ports/settings.ts";
import type { SliceTrace } from "./slice_trace.ts";

const SAMPLES = 160;
const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

/** Names of the events. */
export type LatencyEvent =
  | "command"
  | "fast-command"
  | "expire-cycle"
  | "expire-del"
  | "eviction-cycle"
  | "eviction-del"
  | "compaction-cycle"
  | "index-split"
  | "lazyfree-cycle"
  | "purge-cycle";

export interface LatencySample {
  /** Seconds since 1970. */
  readonly atSeconds: number;
  readonly ms: number;
}

/** The spikes of one kind of event. */
export class LatencySeries {
  /** The longest one ever, in ms. */
  maxMs = 0;
  /** Oldest first. */
  readonly samples: LatencySample[] = [];

  add(atSeconds: number, ms: number): void {
    const { samples } = this;
    this.maxMs = Math.max(this.maxMs, ms);
    const last = samples.at(-1);
    if (last?.atSeconds === atSeconds) {
      if (ms > last.ms) samples[samples.length - 1] = { atSeconds, ms };
      return;
    }
    samples.push({ atSeconds, ms });
    if (samples.length > SAMPLES) samples.shift();
  }
}

export class LatencyMonitor {
  /** Told of all events, whatever the threshold of the monitor is. */
  trace: SliceTrace | undefined;
  readonly #settings: Pick<Settings, "latencyMonitorThreshold">;
  readonly #clock: Clock;
  readonly #series = new Map<string, LatencySeries>();

  constructor(settings: Pick<Settings, "latencyMonitorThreshold">, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Whether events are to be measured. */
  get isOn(): boolean {
    return this.#settings.latencyMonitorThreshold > 0 || this.trace !== undefined;
  }

  /** The events seen so far, in the order in which they came first. */
  get series(): ReadonlyMap<string, LatencySeries> {
    return this.#series;
  }

  /** When an event begins. @returns microseconds, or -1 while nothing is measured */
  begin(): number {
    return this.isOn ? this.#clock.monotonicUs() : -1;
  }

  /** When it ends. @param startUs what `begin` returned */
  end(event: LatencyEvent, startUs: number): void {
    if (startUs < 0) return;
    const durationUs = this.#clock.monotonicUs() - startUs;
    this.add(event, durationUs);
    this.trace?.add(event, startUs, durationUs);
  }

  /** Takes in an event, if it took long enough. */
  add(event: LatencyEvent, durationUs: number): void {
    const thresholdMs = this.#settings.latencyMonitorThreshold;
    const ms = Math.trunc(durationUs / US_PER_MS);
    if (thresholdMs === 0 || ms < thresholdMs) return;
    let series = this.#series.get(event);
    if (series === undefined) this.#series.set(event, series = new LatencySeries());
    series.add(Math.floor(this.#clock.nowMs() / MS_PER_SECOND), ms);
  }

  /** Forgets an event, named in any case, or all of them. @returns how many there were */
  reset(event?: string): number {
    const wanted = event?.toLowerCase();
    let count = 0;
    for (const name of [...this.#series.keys()]) {
      if (wanted !== undefined && name !== wanted) continue;
      this.#series.delete(name);
      count++;
    }
    return count;
  }
}
