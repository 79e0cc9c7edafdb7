/** Runs redis-benchmark and reads its figures. */
import { spawn } from "node:child_process";
import { findProgram, type Pinning } from "../support/programs.ts";
import type { Sent } from "./cases.ts";

export interface LoadOptions {
  readonly port: number;
  readonly sent: Sent;
  readonly clients: number;
  readonly pipeline: number;
  readonly requests: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly pinning: Pinning;
  /** Further options, e.g. `["--enable-tracking"]`. */
  readonly flags?: readonly string[];
}

export interface LoadFigures {
  readonly requestsPerSecond: number;
  /** Milliseconds from sending a pipeline to its replies. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Seconds that the program ran. */
  readonly seconds: number;
}

/** @throws Error with what the program said when it failed */
export async function runRedisBenchmark(options: LoadOptions): Promise<LoadFigures> {
  const { port, sent, clients, pipeline, requests, keys, valueBytes, pinning } = options;
  const program = findProgram("redis-benchmark");
  if (program === "") throw new Error("there is no redis-benchmark in PATH");
  const numbers = { p: port, c: clients, P: pipeline, n: requests, r: keys, d: valueBytes };
  const flags = [
    ...Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)]),
    ...options.flags ?? [],
  ];
  const load = "test" in sent ? ["-t", sent.test, ...flags] : flags;
  const words = "command" in sent ? sent.command : [];
  const command = [...pinning, program, ...load, "--csv", ...words];
  const start = performance.now();
  const output = await outputOf(command);
  return { ...parseCsv(output), seconds: (performance.now() - start) / 1000 };
}

/** Reads the only row of figures that `--csv` prints. @throws Error when there is none */
export function parseCsv(text: string): Omit<LoadFigures, "seconds"> {
  const lines = text.trim().split(/\r?\n/).filter((line) => line.startsWith('"'));
  const cells = (line: string): string[] =>
    [...line.matchAll(/"([^"]*)"/g)].map((found) => found[1]);
  const head = cells(lines[0] ?? "");
  const row = cells(lines.at(-1) ?? "");
  const figure = (name: string): number => {
    const cell = row[head.indexOf(name)];
    // It divides by whole milliseconds, and few requests take none.
    const value = cell === "inf" ? Infinity : Number(cell);
    if (lines.length < 2 || Number.isNaN(value)) {
      throw new Error(`redis-benchmark printed no ${name}: ${text.trim()}`);
    }
    return value;
  };
  return {
    requestsPerSecond: figure("rps"),
    p50Ms: figure("p50_latency_ms"),
    p99Ms: figure("p99_latency_ms"),
    maxMs: figure("max_latency_ms"),
  };
}

function outputOf(command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    let output = "", errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve(output);
      reject(new Error(`redis-benchmark ended with ${code}: ${errors.trim() || output.trim()}`));
    });
  });
}
