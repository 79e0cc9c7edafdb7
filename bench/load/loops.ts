/**
 * Two ways to send a workload: each connection as fast as it is answered, or at a fixed rate.
 *
 * At a fixed rate pipelines are due one after the other in equal steps, whatever became of the earlier ones.
 * One that is due goes to the connection that has been free for longest; as long as none is free it waits, and
 * what it waited is part of its latency, which is counted from the moment at which it was due. So a server
 * that stalls is charged with every request that should have been sent meanwhile.
 */
import { setImmediate } from "node:timers";
import { LatencyHistogram } from "./histogram.ts";
import type { Lane, LaneOwner } from "./lane.ts";
import type { Percentiles, RateFigures, SlowRequest } from "./result.ts";
import type { Workload } from "./workload.ts";

/** Timers may be late by about so much; shorter waits look at the clock again and again. */
const TIMER_SLACK_MS = 2;
/** What a fixed rate has left behind may take at least so long, and at most so long. */
const GRACE_LEAST_MS = 1000, GRACE_MOST_MS = 10_000;
const US_PER_MS = 1000;

export interface LoopOptions {
  readonly lanes: readonly Lane[];
  readonly workload: Workload;
  /** Requests that are sent at the most, rounded up to whole pipelines. */
  readonly requests: number;
  /** No pipeline begins after so many seconds. */
  readonly seconds: number;
  readonly slow?:
    | { readonly thresholdUs: number; readonly report: (slow: SlowRequest) => void }
    | undefined;
}

/** The state of a run. */
export abstract class Loop implements LaneOwner {
  readonly histogram = new LatencyHistogram();
  readonly finished: Promise<void>;
  /** Requests that were answered. */
  answeredCount = 0;
  startMs = 0;
  endMs = 0;
  protected readonly options: LoopOptions;
  protected readonly lanes: readonly Lane[];
  readonly #slowMs: number;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(options: LoopOptions) {
    this.options = options;
    this.lanes = options.lanes;
    this.#slowMs = (options.slow?.thresholdUs ?? Infinity) / US_PER_MS;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends the first pipelines. @returns settles when everything is answered, or given up */
  run(): Promise<void> {
    for (const lane of this.lanes) lane.owner = this;
    this.startMs = performance.now();
    this.begin();
    return this.finished;
  }

  answered(lane: Lane, replies: number): void {
    const nowMs = performance.now();
    const ms = nowMs - lane.startMs;
    this.histogram.record(ms, replies);
    this.answeredCount += replies;
    if (ms >= this.#slowMs) this.#report(lane, nowMs, replies);
    if (lane.pending > 0) return;
    lane.tellMisses(this.options.workload);
    this.becameFree(lane, nowMs);
  }

  failed(error: Error): void {
    this.#reject(error);
    this.end();
  }

  /** From 0 to 1. */
  share(): number {
    const { requests, seconds, workload } = this.options;
    const total = Math.min(requests, workload.total ?? Infinity);
    const passed = (performance.now() - this.startMs) / 1000;
    return Math.min(1, Math.max(this.answeredCount / total, passed / seconds));
  }

  protected abstract begin(): void;

  protected abstract becameFree(lane: Lane, nowMs: number): void;

  protected end(): void {
    if (this.endMs === 0) this.endMs = performance.now();
    this.#resolve();
  }

  #report(lane: Lane, nowMs: number, requests: number): void {
    const { slow, workload } = this.options;
    slow?.report({
      startUs: (performance.timeOrigin + lane.startMs) * US_PER_MS,
      endUs: (performance.timeOrigin + nowMs) * US_PER_MS,
      connection: lane.index,
      test: workload.name,
      requests,
    });
  }
}

/** Each connection sends its next pipeline when the last one is answered. */
export class ClosedLoop extends Loop {
  #issued = 0;
  #busy = 0;
  #untilMs = Infinity;

  protected override begin(): void {
    this.#untilMs = this.startMs + this.options.seconds * 1000;
    this.#busy = this.lanes.length;
    for (const lane of this.lanes) this.becameFree(lane, performance.now());
  }

  protected override becameFree(lane: Lane, nowMs: number): void {
    const { workload, requests } = this.options;
    let sent = 0;
    if (this.#issued < requests && nowMs < this.#untilMs) {
      lane.startMs = nowMs;
      sent = lane.send(workload);
      this.#issued += sent;
    }
    if (sent === 0 && --this.#busy === 0) this.end();
  }
}

/** Pipelines are due in equal steps. */
export class FixedRateLoop extends Loop {
  readonly #rate: number;
  readonly #stepMs: number;
  /** Pipelines that are due in all. */
  readonly #total: number;
  /** Pipelines that were sent. */
  #next = 0;
  /** Free connections, the one that has been so for longest first. */
  readonly #free: Lane[] = [];
  #over = 0;
  #isWaiting = false;
  #backlogMax = 0;
  #backlogAtEnd = 0;
  #unanswered = 0;
  readonly #lateness = new LatencyHistogram();
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  /** @param rate requests a second. @param pipeline requests of a pipeline */
  constructor(options: LoopOptions, rate: number, pipeline: number) {
    super(options);
    this.#rate = rate;
    this.#stepMs = pipeline / rate * 1000;
    const inTime = options.seconds === Infinity
      ? Infinity
      : Math.ceil(options.seconds * 1000 / this.#stepMs);
    this.#total = Math.min(Math.ceil(options.requests / pipeline), inTime);
    if (this.#total === Infinity && options.workload.total === undefined) {
      throw new TypeError("a fixed rate needs a number of requests or a duration");
    }
  }

  figures(): RateFigures {
    const ownLateness: Percentiles = this.#lateness.percentiles();
    return {
      wanted: this.#rate,
      backlogMax: this.#backlogMax,
      backlogAtEnd: this.#backlogAtEnd,
      unanswered: this.#unanswered,
      ownLateness,
    };
  }

  protected override begin(): void {
    for (const lane of this.lanes) {
      lane.idleSinceMs = this.startMs;
      this.#free.push(lane);
    }
    if (this.#total !== Infinity) {
      const dueMs = (this.#total - 1) * this.#stepMs;
      const graceMs = Math.min(GRACE_MOST_MS, Math.max(GRACE_LEAST_MS, dueMs));
      this.#timers.push(
        setTimeout(() => this.#backlogAtEnd = this.#backlog(performance.now()), dueMs + 1),
        setTimeout(() => this.#giveUp(), dueMs + graceMs),
      );
    }
    this.#pump(this.startMs);
  }

  protected override becameFree(lane: Lane, nowMs: number): void {
    lane.idleSinceMs = nowMs;
    this.#free.push(lane);
    this.#pump(nowMs);
  }

  protected override end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    super.end();
  }

  #dueMs(pipeline: number): number {
    return this.startMs + pipeline * this.#stepMs;
  }

  /** Requests that are due and were not sent. */
  #backlog(nowMs: number): number {
    const due = Math.min(this.#total, Math.floor((nowMs - this.startMs) / this.#stepMs) + 1);
    return Math.max(0, due - this.#next) * Math.round(this.#stepMs * this.#rate / 1000);
  }

  /** Sends what is due, and comes back when the next one is. */
  #pump(nowMs: number): void {
    if (this.endMs !== 0) return;
    while (this.#next < this.#total && this.#free.length > 0) {
      const dueMs = this.#dueMs(this.#next);
      if (dueMs > nowMs) break;
      const lane = this.#free.shift() as Lane;
      lane.startMs = dueMs;
      if (lane.send(this.options.workload) === 0) {
        this.#over++;
        continue;
      }
      this.#lateness.record(nowMs - Math.max(dueMs, lane.idleSinceMs), 1);
      this.#next++;
    }
    this.#backlogMax = Math.max(this.#backlogMax, this.#backlog(nowMs));
    if (this.#free.length + this.#over === this.lanes.length) {
      if (this.#next >= this.#total || this.#over === this.lanes.length) return this.end();
    }
    this.#comeBack(nowMs);
  }

  #comeBack(nowMs: number): void {
    if (this.#isWaiting || this.#free.length === 0 || this.#next >= this.#total) return;
    this.#isWaiting = true;
    const again = (): void => {
      this.#isWaiting = false;
      this.#pump(performance.now());
    };
    const waitMs = this.#dueMs(this.#next) - nowMs;
    if (waitMs > TIMER_SLACK_MS) setTimeout(again, waitMs - TIMER_SLACK_MS);
    else setImmediate(again);
  }

  /** Counts what never was answered with how long it has waited. */
  #giveUp(): void {
    const nowMs = performance.now();
    const perPipeline = Math.round(this.#stepMs * this.#rate / 1000);
    for (const { pending, startMs } of this.lanes) {
      if (pending === 0) continue;
      this.histogram.record(nowMs - startMs, pending);
      this.#unanswered += pending;
    }
    for (; this.#next < this.#total; this.#next++) {
      this.histogram.record(nowMs - this.#dueMs(this.#next), perPipeline);
      this.#unanswered += perPipeline;
    }
    this.end();
  }
}
