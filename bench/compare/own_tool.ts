/** The generator of this project, which runs in this process: what it sends for every workload of the report. */
import { runLoad } from "../load/mod.ts";
import type { LoadResult, LoadWork, SizeMix, YcsbName } from "../load/result.ts";
import type { LoadAnswer, LoadOrder, Tool, Workload } from "./tools.ts";

const US_PER_MS = 1000;
const US_PER_SECOND = 1e6;
/** More lookups than this that find nothing, and the servers did not do the same work. */
const MOST_MISSES = 0.005;

/** Sizes of values as caches see them: most are small, most bytes are in the large ones. */
export const VALUE_SIZES: SizeMix = [
  { bytes: 16, weight: 30 },
  { bytes: 64, weight: 30 },
  { bytes: 512, weight: 25 },
  { bytes: 4096, weight: 10 },
  { bytes: 16384, weight: 4 },
  { bytes: 65536, weight: 1 },
];

/** @param version of this project */
export function ownTool(version: string): Tool {
  return {
    name: "bench:wire",
    version,
    sends: (workload, protocol) =>
      protocol !== "memcache" || workload === "get" || workload === "set",
    run: async (order) => answerOf(order, await runLoad(loadOptionsOf(order))),
  };
}

function loadOptionsOf(order: LoadOrder): Parameters<typeof runLoad>[0] {
  const { workload, protocol, port, connections, pipeline, operations, rate, keys } = order;
  return {
    address: { host: "127.0.0.1", port },
    work: workOf(workload),
    protocol,
    body: order.body,
    connections,
    pipeline,
    requests: operations,
    keyspace: keys,
    valueBytes: order.valueBytes,
    serverPid: order.serverPid,
    ...rate > 0 ? { rate } : {},
    ...workload === "value-sizes" ? { sizes: VALUE_SIZES } : {},
  };
}

function workOf(workload: Workload): LoadWork {
  switch (workload) {
    case "ping":
      return { kind: "test", name: "ping_mbulk" };
    case "get":
    case "set":
      return { kind: "test", name: workload };
    case "value-sizes":
      return { kind: "mix" };
    default:
      return { kind: "ycsb", name: workload.slice("ycsb-".length) as YcsbName };
  }
}

/** @throws Error when the server answered with errors, or when keys were not there */
export function answerOf(order: LoadOrder, result: LoadResult): LoadAnswer {
  const { requests, seconds, errors, firstError, latency, serverCpuUs, ownCpuUs, rate } = result;
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed: ${firstError}`);
  if (order.workload === "get" && result.nulls > requests * MOST_MISSES) {
    throw new Error(`${result.nulls} of ${requests} keys were not there`);
  }
  return {
    operations: requests,
    seconds,
    errors: rate?.unanswered ?? 0,
    serverCpuSeconds: serverCpuUs === null ? null : serverCpuUs * requests / US_PER_SECOND,
    loadCpuSeconds: ownCpuUs * requests / US_PER_SECOND,
    latencyMs: {
      p50: latency.p50Us / US_PER_MS,
      p90: latency.p90Us / US_PER_MS,
      p99: latency.p99Us / US_PER_MS,
      p999: latency.p999Us / US_PER_MS,
      p9999: latency.p9999Us / US_PER_MS,
      max: latency.maxUs / US_PER_MS,
    },
    generatorLateMs: rate === null ? null : rate.ownLateness.p9999Us / US_PER_MS,
  };
}
