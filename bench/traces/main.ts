/**
 * Hit ratios of every eviction policy on access traces, beside those of other algorithms.
 *
 * The folder of recorded traces is named by `--traces` or CRABCACHE_TRACES; without, only a generated trace
 * is replayed. The cache may hold 5, 10, 20 and 40 % of what all keys of a trace take together.
 */
import process from "node:process";
import type { MaxmemoryPolicy } from "../../src/ports/settings.ts";
import { choiceOf, readOptions } from "../support/cli.ts";
import { markdownTable } from "../support/table.ts";
import { belady, lru, type Model, s3Fifo, sampledTinyLfu, wTinyLfu } from "./models.ts";
import { footprints, replay } from "./replay.ts";
import { generateTrace, readTraces, type Trace } from "./trace.ts";

const SHARES: readonly number[] = [0.05, 0.1, 0.2, 0.4];
const GENERATED_REQUESTS = 200_000;
const GENERATED_KEYS = 20_000;
const QUICK_REQUESTS = 2000;

const POLICIES = [
  "allkeys-lrfu",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "noeviction",
] as const satisfies readonly MaxmemoryPolicy[];

const MODELS: readonly (readonly [string, Model])[] = [
  ["optimum (Belady)", belady],
  ["exact LRU", lru],
  ["S3-FIFO", s3Fifo],
  ["W-TinyLFU, 1 % window", wTinyLfu],
  ["TinyLFU, sampled", sampledTinyLfu],
];

/** Percent of the requests that were hits, for each share. */
function ratios(trace: Trace, hitsIn: (capacity: number) => number): number[] {
  const total = footprints(trace).reduce((sum, bytes) => sum + bytes, 0);
  return SHARES.map((share) => hitsIn(Math.floor(total * share)) / trace.keys.length * 100);
}

function row(name: string, traces: readonly Trace[], of: (trace: Trace) => number[]): string[] {
  const all = traces.map(of);
  const sum = all.flat().reduce((total, ratio) => total + ratio, 0);
  const mean = sum / (traces.length * SHARES.length);
  return [
    name,
    ...all.map((each) => each.map((ratio) => ratio.toFixed(1)).join(" ")),
    mean.toFixed(2),
  ];
}

/** The table of hit ratios, in percent. */
export function hitRatioTable(
  traces: readonly Trace[],
  policies: readonly MaxmemoryPolicy[],
): string {
  const head = ["hits, % of requests", ...traces.map(({ name }) => name), "mean"];
  const rows = [
    ...policies.map((policy) =>
      row(policy, traces, (trace) => ratios(trace, (capacity) => replay(trace, policy, capacity)))
    ),
    ...MODELS.map(([name, model]) =>
      row(
        name,
        traces,
        (trace) => ratios(trace, (capacity) => model(trace, footprints(trace), capacity)),
      )
    ),
  ];
  return markdownTable(head, rows);
}

/** @throws TypeError for an option that there isn't */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["traces", "policies"]);
  const limit = options.isQuick ? QUICK_REQUESTS : Infinity;
  const folder = options.values.get("traces") ?? process.env.CRABCACHE_TRACES;
  const generated = options.isQuick
    ? generateTrace(QUICK_REQUESTS, QUICK_REQUESTS / 10)
    : generateTrace(GENERATED_REQUESTS, GENERATED_KEYS);
  const traces = [...(folder === undefined ? [] : readTraces(folder, limit)), generated];
  const shares = SHARES.map((share) => `${share * 100} %`).join(", ");
  console.log(`The cache holds ${shares} of what all keys take.\n`);
  console.log(hitRatioTable(traces, choiceOf(options, "policies", POLICIES)));
  await Promise.resolve();
}

if (import.meta.main) await main(process.argv.slice(2));
