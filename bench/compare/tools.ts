/** The generators of load that others wrote, as far as they are installed, behind one contract. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versionOf } from "../support/machine.ts";
import { findProgram, type Pinning } from "../support/programs.ts";
import { runRedisBenchmark } from "../wire/redis_benchmark.ts";
import type { Protocol, Round, ToolName, Versioned } from "./figures.ts";

/** What is sent. */
export type Workload =
  | "ping"
  | "get"
  | "set"
  | "ycsb-a"
  | "ycsb-b"
  | "ycsb-c"
  | "ycsb-d"
  | "ycsb-e"
  | "ycsb-f"
  | "value-sizes";

/** How the bodies of POST /batch are written. */
export type BodyFormat = "json" | "binary";

/** One measurement that a generator is asked for. */
export interface LoadOrder {
  readonly workload: Workload;
  readonly protocol: Protocol;
  /** Of HTTP. */
  readonly body: BodyFormat;
  readonly port: number;
  readonly connections: number;
  /** Commands of a pipeline, frame or body. */
  readonly pipeline: number;
  /** Commands in all. */
  readonly operations: number;
  /** Commands a second, 0 = as fast as they are answered. */
  readonly rate: number;
  /** Number of different keys; 0 = redis-benchmark's habit without -r, a single one. */
  readonly keys: number;
  readonly valueBytes: number;
  readonly pinning: Pinning;
  /** The server's process. */
  readonly serverPid: number;
}

/** What the generator saw; most do not know the server's CPU time. */
export type LoadAnswer = Round;

/** A generator of load. */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  /** Whether it can send that. */
  sends(workload: Workload, protocol: Protocol, rate: number): boolean;
  /** Puts there what the workload reads, once for every server; most need nothing but the numbered keys. */
  prepare?(order: LoadOrder): Promise<void>;
  run(order: LoadOrder): Promise<LoadAnswer>;
}

const LOAD_PIPELINE = 64;

/** @param find gives the path of a program, "" where there is none */
export function findForeignTools(find: (name: string) => string = findProgram): Tool[] {
  return [redisBenchmark(find("redis-benchmark")), memtier(find("memtier_benchmark"))]
    .filter((tool) => tool.version !== "");
}

/** Names and versions, for the report. */
export function describeTools(tools: readonly Tool[]): Versioned<ToolName>[] {
  return tools.map(({ name, version }) => ({ name, version }));
}

function redisBenchmark(program: string): Tool {
  return {
    name: "redis-benchmark",
    version: program === "" ? "" : versionOf(program, "--version"),
    sends: (workload, protocol, rate) =>
      protocol === "resp" && rate === 0 && ["ping", "get", "set"].includes(workload),
    async run(order) {
      const { workload, connections, pipeline, operations } = order;
      const figures = await runRedisBenchmark({
        port: order.port,
        sent: { test: workload === "ping" ? "ping_mbulk" : workload },
        clients: connections,
        pipeline,
        requests: operations,
        keys: Math.max(1, order.keys),
        valueBytes: order.valueBytes,
        pinning: order.pinning,
      });
      return {
        operations,
        // It divides by whole milliseconds, and few requests take none.
        seconds: Math.max(1e-3, operations / figures.requestsPerSecond),
        errors: 0,
        serverCpuSeconds: null,
        loadCpuSeconds: null,
        latencyMs: {
          p50: figures.p50Ms,
          p90: null,
          p99: figures.p99Ms,
          p999: null,
          p9999: null,
          max: figures.maxMs,
        },
        generatorLateMs: null,
      };
    },
  };
}

function memtier(program: string): Tool {
  const run = (order: LoadOrder, flags: readonly string[]): Promise<LoadAnswer> =>
    runMemtier([
      ...[...order.pinning, program, "--server", "127.0.0.1", "--port", String(order.port)],
      ...["--protocol", order.protocol === "memcache" ? "memcache_text" : "redis"],
      ...["--threads", "1", "--data-size", String(order.valueBytes), "--hide-histogram"],
      ...["--key-prefix", "memtier-", "--key-minimum", "1"],
      ...["--key-maximum", String(Math.max(1, order.keys))],
      ...["--print-percentiles", "50,90,99,99.9,99.99"],
      ...flags,
    ]);
  return {
    name: "memtier_benchmark",
    version: program === "" ? "" : versionOf(program, "--version"),
    sends: (workload, protocol, rate) =>
      (protocol === "resp" || protocol === "memcache") && rate === 0 &&
      (workload === "get" || workload === "set"),
    async prepare(order) {
      const flags = ["--clients", "1", "--pipeline", String(LOAD_PIPELINE)];
      await run(order, [...flags, "--ratio", "1:0", "--key-pattern", "P:P", "-n", "allkeys"]);
    },
    run(order) {
      const { connections, pipeline, operations, workload } = order;
      const requests = Math.max(1, Math.round(operations / connections));
      return run(order, [
        ...["--clients", String(connections), "--pipeline", String(pipeline)],
        ...["--ratio", workload === "get" ? "0:1" : "1:0", "--key-pattern", "R:R"],
        ...["-n", String(requests)],
      ]);
    },
  };
}

async function runMemtier(command: readonly string[]): Promise<LoadAnswer> {
  const folder = mkdtempSync(join(tmpdir(), "crabcache-memtier-"));
  const file = join(folder, "result.json");
  try {
    await finished([...command, "--json-out-file", file]);
    return parseMemtier(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What memtier_benchmark's JSON holds of the figures; there is more. */
interface MemtierTotals {
  readonly "Count"?: number;
  readonly "Ops/sec"?: number;
  readonly "Max Latency"?: number;
  readonly "Connection Errors"?: number;
  readonly "Percentile Latencies"?: Readonly<Record<string, number>>;
}

/** Reads the totals of `--json-out-file`. @throws Error when they are not there */
export function parseMemtier(text: string): LoadAnswer {
  const totals: MemtierTotals | undefined = JSON.parse(text)["ALL STATS"]?.["Totals"];
  const operations = totals?.["Count"], rate = totals?.["Ops/sec"];
  if (totals === undefined || operations === undefined || rate === undefined || !(rate > 0)) {
    throw new Error("memtier_benchmark reported no totals");
  }
  const percentiles = totals["Percentile Latencies"] ?? {};
  return {
    operations,
    seconds: operations / rate,
    errors: totals["Connection Errors"] ?? 0,
    serverCpuSeconds: null,
    loadCpuSeconds: null,
    latencyMs: {
      p50: percentiles["p50.00"] ?? null,
      p90: percentiles["p90.00"] ?? null,
      p99: percentiles["p99.00"] ?? null,
      p999: percentiles["p99.90"] ?? null,
      p9999: percentiles["p99.99"] ?? null,
      max: totals["Max Latency"] ?? null,
    },
    generatorLateMs: null,
  };
}

function finished(command: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`memtier_benchmark ended with ${code}: ${errors.trim()}`));
    });
  });
}
