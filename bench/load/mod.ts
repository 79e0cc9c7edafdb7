/**
 * The load generator: runs one workload against one server and says how long requests took.
 *
 * It runs on one thread, on Bun and on Deno. Commands are bytes before they are sent, of which only the numbers of
 * keys change; replies are counted by their structure.
 */
import process from "node:process";
import { cpuSecondsOf } from "../wire/servers.ts";
import { openLanes } from "./connect.ts";
import type { Lane } from "./lane.ts";
import { ClosedLoop, FixedRateLoop, type Loop, type LoopOptions } from "./loops.ts";
import type { LoadOptions, LoadResult } from "./result.ts";
import { findServerPid } from "./server_process.ts";
import { findTests } from "./tests.ts";
import { readTrace, TraceWorkload } from "./trace_workload.ts";
import {
  loading,
  repeated,
  setsAndGets,
  SetShapes,
  ValueSizes,
  type Workload,
  type WorkloadOptions,
} from "./workload.ts";
import { ycsb } from "./ycsb.ts";

export { LatencyHistogram, mergeHistograms, percentileOf } from "./histogram.ts";
export { searchThroughput } from "./search.ts";
export type {
  HistogramExport,
  LoadOptions,
  LoadReport,
  LoadResult,
  Percentiles,
  RateFigures,
  SearchResult,
  SearchStep,
  SlowRequest,
} from "./result.ts";

/** What redis-benchmark does when it is not told otherwise. */
export const DEFAULTS = {
  connections: 50,
  pipeline: 1,
  requests: 100_000,
  valueBytes: 3,
  /** Of everything that is no test. */
  keyspace: 100_000,
  seed: 1,
} as const;

const US_PER_SECOND = 1e6;
const PROGRESS_MS = 250;
const LOAD_PIPELINE = 64;
const LOAD_CONNECTIONS = 8;
/** Half of the commands of a mix. */
const MIX_SHARE = 0.5;

/** Runs it from the first connection to the last reply. @throws Error when a connection fails */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { pipeline = DEFAULTS.pipeline, connections = DEFAULTS.connections } = options;
  checkOptions(options);
  const { workload, areNumbered, isInline } = makeWorkload(options);
  const pid = options.serverPid ?? await findServerPid(options);
  const lanes = await openLanes(connections, options, {
    shapes: workload.shapes,
    areNumbered,
    isInline,
    pipeline,
  });
  try {
    const { warmSeconds = 0 } = options;
    if (warmSeconds > 0) {
      await makeLoop(options, { lanes, workload, requests: Infinity, seconds: warmSeconds }).run();
    }
    return await measure(options, lanes, workload, pid);
  } finally {
    for (const lane of lanes) lane.close();
  }
}

/** Sets every key of the keyspace once, whatever the work is to be. */
export function loadKeyspace(options: LoadOptions): Promise<LoadResult> {
  const { rate: _rate, seconds: _seconds, requests: _requests, warmSeconds: _warm, ...rest } =
    options;
  return runLoad({
    ...rest,
    work: { kind: "load" },
    keyspace: keyspaceOf(options),
    connections: LOAD_CONNECTIONS,
    pipeline: LOAD_PIPELINE,
    serverPid: 0,
  });
}

function checkOptions({ protocol = "resp", database = 0, work, tls, address }: LoadOptions): void {
  const isRedis = protocol === "resp" || protocol === "binary";
  if (database !== 0 && !isRedis) throw new TypeError(`${protocol} has no databases to select`);
  if (work.kind === "test" && findTests(work.name).length !== 1) {
    throw new TypeError(`no single test is named "${work.name}"`);
  }
  if (protocol === "http2" && "path" in address) throw new TypeError("http2 goes over TCP only");
  if (protocol === "memcache" && tls !== undefined) throw new TypeError("memcache has no TLS here");
}

function keyspaceOf({ keyspace, work }: LoadOptions): number {
  return keyspace ?? (work.kind === "test" || work.kind === "command" ? 0 : DEFAULTS.keyspace);
}

interface MadeWorkload {
  readonly workload: Workload;
  readonly areNumbered: boolean;
  readonly isInline: boolean;
}

function makeWorkload(options: LoadOptions): MadeWorkload {
  const { work, seed = DEFAULTS.seed, valueBytes = DEFAULTS.valueBytes, ttl } = options;
  const keyspace = keyspaceOf(options);
  const sizes = new ValueSizes(valueBytes, options.sizes, seed);
  const common: WorkloadOptions = { seed, keyspace, sizes };
  const sets = new SetShapes(ttl, seed);
  const made = (workload: Workload, isInline = false): MadeWorkload => ({
    workload,
    areNumbered: keyspace > 0 || work.kind === "trace",
    isInline,
  });
  switch (work.kind) {
    case "test": {
      const [test] = findTests(work.name);
      if (test.name === "set" && ttl !== undefined) {
        return made(setsAndGets("set", sets, 1, common));
      }
      const words = keyspace > 0 ? test.withKeyspace ?? test.words : test.words;
      const isInline = test.isInline === true && (options.protocol ?? "resp") === "resp";
      return made(repeated(test.name, { words }, common), isInline);
    }
    case "command":
      return made(repeated(work.words.join(" "), { words: work.words }, common));
    case "load":
      return made(loading("load", sets, common));
    case "ycsb":
      return made(ycsb(work.name, sets, common));
    case "mix":
      return made(setsAndGets("set/get mix", sets, MIX_SHARE, common));
    case "trace":
      return made(new TraceWorkload(readTrace(work.path), sets));
  }
}

function makeLoop({ rate, pipeline = DEFAULTS.pipeline }: LoadOptions, loop: LoopOptions): Loop {
  return rate === undefined ? new ClosedLoop(loop) : new FixedRateLoop(loop, rate, pipeline);
}

/** How many requests there are to be, and for how long. */
function limitsOf(options: LoadOptions, workload: Workload): { requests: number; seconds: number } {
  const { requests, seconds } = options;
  const isEndless = workload.total === undefined && options.work.kind !== "trace";
  const fallback = seconds === undefined && isEndless ? DEFAULTS.requests : Infinity;
  return { requests: requests ?? fallback, seconds: seconds ?? Infinity };
}

interface Totals {
  readonly errors: number;
  readonly nulls: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

function totalsOf(lanes: readonly Lane[]): Totals {
  const sum = (of: (lane: Lane) => number): number =>
    lanes.reduce((all, each) => all + of(each), 0);
  return {
    errors: sum(({ counter }) => counter.errors),
    nulls: sum(({ counter }) => counter.nulls),
    bytesSent: sum(({ bytesSent }) => bytesSent),
    bytesReceived: sum(({ bytesReceived }) => bytesReceived),
  };
}

async function measure(
  options: LoadOptions,
  lanes: readonly Lane[],
  workload: Workload,
  pid: number,
): Promise<LoadResult> {
  const before = totalsOf(lanes);
  const limits = limitsOf(options, workload);
  const loop = makeLoop(options, { lanes, workload, ...limits, slow: options.slow });
  const timer = options.progress === undefined
    ? undefined
    : setInterval(() => tellProgress(options, workload.name, loop), PROGRESS_MS);
  const serverBefore = pid === 0 ? NaN : cpuSecondsOf(pid);
  const ownBefore = process.cpuUsage();
  try {
    await loop.run();
  } finally {
    clearInterval(timer);
  }
  const own = process.cpuUsage(ownBefore);
  const serverSeconds = pid === 0 ? NaN : cpuSecondsOf(pid) - serverBefore;
  const after = totalsOf(lanes);
  const requests = loop.answeredCount;
  const seconds = (loop.endMs - loop.startMs) / 1000;
  const serverCpuUs = serverSeconds * US_PER_SECOND / requests;
  return {
    test: workload.name,
    protocol: options.protocol ?? "resp",
    connections: lanes.length,
    pipeline: options.pipeline ?? DEFAULTS.pipeline,
    requests,
    seconds,
    requestsPerSecond: requests / seconds,
    latency: loop.histogram.percentiles(),
    histogram: loop.histogram.export(),
    errors: after.errors - before.errors,
    firstError: lanes.find(({ counter }) => counter.errors > 0)?.counter.firstError ?? "",
    nulls: after.nulls - before.nulls,
    bytesSent: after.bytesSent - before.bytesSent,
    bytesReceived: after.bytesReceived - before.bytesReceived,
    ownCpuUs: (own.user + own.system) / requests,
    serverCpuUs: Number.isFinite(serverCpuUs) ? serverCpuUs : null,
    serverPid: pid === 0 ? null : pid,
    rate: loop instanceof FixedRateLoop ? loop.figures() : null,
  };
}

function tellProgress(options: LoadOptions, test: string, loop: Loop): void {
  const seconds = (performance.now() - loop.startMs) / 1000;
  const p99Us = loop.histogram.percentileUs(0.99);
  options.progress?.({ test, share: loop.share(), requests: loop.answeredCount, seconds, p99Us });
}
