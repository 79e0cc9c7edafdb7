/** Finds the benches that run inside of the process, and measures them with mitata. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { measure } from "mitata";
import type { Bench } from "./bench.ts";
import { countOf, readOptions } from "./cli.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { ROOT } from "./programs.ts";
import { saveResults } from "./results.ts";
import { markdownTable } from "./table.ts";

const FOLDERS: readonly string[] = ["micro", "engine"];
const SIZE = 1_000_000;
const QUICK_SIZE = 1000;
const SAMPLES = 5;
const QUICK_SAMPLES = 2;
const CPU_TIME_NS = 500e6;

export interface BenchFile {
  /** Path from the repository's root. */
  readonly path: string;
  readonly benches: readonly Bench[];
}

export interface BenchFigures {
  readonly file: string;
  readonly name: string;
  readonly size: number;
  /** Wall time for each of `size`, in ns. */
  readonly minNs: number;
  readonly averageNs: number;
  /** CPU time of the whole process for each of `size`, in ns. */
  readonly cpuNs: number;
}

function isBench(value: unknown): value is Bench {
  return typeof value === "object" && value !== null && "name" in value && "run" in value &&
    typeof value.run === "function";
}

/** Paths of all files of benches, from the repository's root. */
export function listBenchFiles(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, "bench", folder))
      .filter((name) => name.endsWith("_bench.ts"))
      .sort()
      .map((name) => `bench/${folder}/${name}`)
  );
}

/** The benches that a file exports. */
export async function loadBenchFile(path: string): Promise<BenchFile> {
  const exported: Record<string, unknown> = await import(pathToFileURL(join(ROOT, path)).href);
  return { path, benches: Object.values(exported).flat().filter(isBench) };
}

/** @param isQuick whether a single call is enough */
async function measureBench(
  bench: Bench,
  size: number,
  isQuick: boolean,
): Promise<Omit<BenchFigures, "file">> {
  bench.run(size);
  const stats = await measure(() => bench.run(size), {
    min_samples: isQuick ? QUICK_SAMPLES : SAMPLES,
    min_cpu_time: isQuick ? 0 : CPU_TIME_NS,
    warmup_samples: 1,
    // Never several calls in one sample, however short.
    batch_threshold: 0,
  });
  const before = process.cpuUsage();
  bench.run(size);
  const { user, system } = process.cpuUsage(before);
  return {
    name: bench.name,
    size,
    minNs: stats.min / size,
    averageNs: stats.avg / size,
    cpuNs: (user + system) * 1000 / size,
  };
}

/** Runs the benches whose file or name contains one of the words; all when there is none. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["size"]);
  const size = countOf(options, "size", options.isQuick ? QUICK_SIZE : SIZE);
  const machine = describeMachine();
  console.log(`${process.versions.bun ? "bun" : "deno"}; ${machineLine(machine)}; size ${size}\n`);
  const isWanted = (text: string): boolean =>
    options.words.length === 0 || options.words.some((word) => text.includes(word));
  const figures: BenchFigures[] = [];
  for (const path of listBenchFiles()) {
    const file = await loadBenchFile(path);
    const wanted = file.benches.filter(({ name }) => isWanted(`${path} ${name}`));
    if (wanted.length === 0) continue;
    const measured: BenchFigures[] = [];
    for (const bench of wanted) {
      measured.push({ file: path, ...await measureBench(bench, size, options.isQuick) });
    }
    console.log(`${microTable(path, measured)}\n`);
    figures.push(...measured);
  }
  if (figures.length === 0) throw new TypeError(`no bench is named ${options.words.join(" or ")}`);
  if (!options.isQuick) console.log(saveResults("micro", { machine, figures }));
}

function microTable(path: string, figures: readonly BenchFigures[]): string {
  return markdownTable(
    [path, "min ns", "average ns", "CPU ns"],
    figures.map(({ name, minNs, averageNs, cpuNs }) => [
      name,
      minNs.toFixed(1),
      averageNs.toFixed(1),
      cpuNs.toFixed(1),
    ]),
  );
}
