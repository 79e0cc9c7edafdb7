/**
 * What settings of the runtime, the kernel and the scheduler do to the tail: `npm run bench -- tuning`.
 *
 * Every setting is measured at a fixed rate over 2 and over 10 connections, all of them in turn, several
 * times over. A percentile is the median of the rounds. "Without machine and generator" leaves out the slow
 * requests that the tail analysis puts down to time stolen from the machine or to the generator itself. The
 * pauses of the garbage collectors are read from the runtimes' own logs.
 */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { GC_LOG_ENV, GC_LOG_FLAGS, pausesIn } from "../engine/gc_log.ts";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, findProgram, type Pinning, pinThisProcess } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { markdownTable } from "../support/table.ts";
import type { OwnPeer } from "../wire/cases.ts";
import { findPeers, type Peer, startPeer } from "../wire/servers.ts";
import { loadKeyspace, runLoad } from "./mod.ts";
import { watchOutliers } from "./outliers.ts";
import type { LoadOptions } from "./result.ts";

const RUNTIMES: readonly OwnPeer[] = ["bun", "deno"];
const ROUNDS = 3;
const SECONDS = 2;
/** Requests before it counts, as fast as they are answered: compilers have done most of their work then. */
const WARM_REQUESTS = 30_000;
const KEYS = 10_000;
const VALUE_BYTES = 64;
/** Shorter requests are not put down to causes. */
const THRESHOLD_US = 500;
/** Connections and the requests a second of all of them. */
const LOADS: readonly { readonly connections: number; readonly rate: number }[] = [
  { connections: 2, rate: 3000 },
  { connections: 10, rate: 8000 },
];

/** A way to run the server. */
interface Setting {
  readonly name: string;
  readonly runtimes: readonly OwnPeer[];
  /** What stands in front of its command, where that differs. */
  readonly pinning?: (core: Pinning) => Pinning;
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of the runtime, before its program. */
  readonly flags?: readonly string[];
  /** Files of the kernel and what is written to them; they are put back. */
  readonly kernel?: () => Readonly<Record<string, string>>;
}

const THP = "/sys/kernel/mm/transparent_hugepage/enabled";
const IRQS = "/proc/irq";
const EDEN_BYTES = 256 * 1024 * 1024;

/** The first is what the others are compared with. */
export const SETTINGS: readonly Setting[] = [
  { name: "pinned to a core", runtimes: RUNTIMES },
  { name: "not pinned", runtimes: RUNTIMES, pinning: () => anyCore() },
  { name: "nice -n -10", runtimes: RUNTIMES, pinning: (core) => [...core, "nice", "-n", "-10"] },
  { name: "chrt -f 10", runtimes: RUNTIMES, pinning: (core) => [...core, "chrt", "-f", "10"] },
  { name: "interrupts elsewhere", runtimes: RUNTIMES, kernel: interruptsToLastCore },
  { name: "huge pages always", runtimes: RUNTIMES, kernel: () => ({ [THP]: "always" }) },
  { name: "huge pages never", runtimes: RUNTIMES, kernel: () => ({ [THP]: "never" }) },
  { name: "--smol", runtimes: ["bun"], flags: ["--smol"] },
  byEnvironment("BUN_GC_TIMER_DISABLE", "1"),
  byEnvironment("BUN_JSC_useConcurrentGC", "0"),
  byEnvironment("BUN_JSC_numberOfGCMarkers", "1"),
  byEnvironment("BUN_JSC_largeHeapSize", String(EDEN_BYTES)),
  byV8Flag("--min-semi-space-size=16"),
  byV8Flag("--max-semi-space-size=1"),
  byV8Flag("--single-threaded-gc"),
];

function byEnvironment(name: string, value: string): Setting {
  return { name: `${name}=${value}`, runtimes: ["bun"], environment: { [name]: value } };
}

function byV8Flag(flag: string): Setting {
  return { name: flag, runtimes: ["deno"], flags: [`--v8-flags=${flag}`] };
}

/** Interrupts of devices go to the core of the generator; those that can't be moved are left out. */
function interruptsToLastCore(): Record<string, string> {
  const last = String(describeMachine().cores - 1);
  const wanted: Record<string, string> = {};
  for (const irq of readdirSync(IRQS).filter((name) => /^\d+$/.test(name))) {
    const path = join(IRQS, irq, "smp_affinity_list");
    try {
      const before = readFileSync(path, "utf8").trim();
      writeFileSync(path, before);
      wanted[path] = last;
    } catch {
      // Of a kind that can't be moved.
    }
  }
  return wanted;
}

/** All cores, where this process may have been pinned to one. */
function anyCore(): Pinning {
  const { cores } = describeMachine();
  const taskset = findProgram("taskset");
  return taskset === "" ? [] : [taskset, "-c", `0-${cores - 1}`];
}

/** One round of a setting. */
export interface TuningRound {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly p9999Us: number;
  /** Without what the machine and the generator are to blame for; 0 = below the threshold. */
  readonly own999Us: number;
  readonly own9999Us: number;
  /** How long the server's thread was ready and did not run. */
  readonly waitedMs: number;
  /** Pauses of the garbage collector. */
  readonly pausesMs: readonly number[];
  readonly seconds: number;
}

export interface TuningFigures {
  readonly runtime: OwnPeer;
  readonly setting: string;
  readonly connections: number;
  readonly rate: number;
  readonly rounds: TuningRound[];
  /** Why it could not be tried, "" = it was. */
  refused: string;
}

/** Why a setting can't be tried here, "" = it can. */
function obstacle({ kernel, pinning }: Setting, core: Pinning): string {
  for (const path of Object.keys(kernel?.() ?? {})) {
    try {
      accessSync(path, constants.W_OK);
    } catch {
      return `${path} can't be written to`;
    }
  }
  const command = pinning?.(core) ?? [];
  if (command.length === 0) return "";
  try {
    execFileSync(command[0], [...command.slice(1), "true"], { stdio: "pipe" });
    return "";
  } catch (error) {
    return (error as Error).message.split("\n").at(1) ?? "refused";
  }
}

/** Writes to files of the kernel. @returns a function that puts back what was there */
function writeKernel(wanted: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(wanted).map((path): [string, string] => {
    const text = readFileSync(path, "utf8").trim();
    return [path, /\[(\w+)\]/.exec(text)?.[1] ?? text];
  });
  const undo = (): void => {
    for (const [path, text] of before) writeFileSync(path, text);
    process.off("exit", undo);
  };
  process.on("exit", undo);
  for (const [path, text] of Object.entries(wanted)) writeFileSync(path, text);
  return undo;
}

/** The server as the setting wants it. @param log takes what it and its runtime print */
function tuned(peer: Peer<OwnPeer>, setting: Setting, log: string): Peer<OwnPeer> {
  const { name: runtime } = peer;
  const environment = { ...GC_LOG_ENV[runtime], ...setting.environment };
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const flags = [...setting.flags ?? [], ...GC_LOG_FLAGS[runtime]];
  // V8 keeps what it prints until it is much.
  const stdbuf = runtime === "deno" ? findProgram("stdbuf") : "";
  const at = runtime === "deno" ? 1 : 0;
  return {
    ...peer,
    program: "bash",
    args: [
      ...["-c", 'log=$1; shift; exec "$@" > "$log" 2>&1', "bash", log, "env", ...words],
      ...stdbuf === "" ? [] : [stdbuf, "-oL"],
      ...[peer.program, ...peer.args.slice(0, at), ...flags, ...peer.args.slice(at)],
    ],
  };
}

export interface TuningOptions {
  readonly settings: readonly Setting[];
  readonly runtimes: readonly OwnPeer[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmRequests: number;
  readonly progress?: (line: string) => void;
}

/** Measures them all. */
export async function measureTuning(options: TuningOptions): Promise<TuningFigures[]> {
  const { settings, runtimes, rounds, progress = () => {} } = options;
  const core = findPinnings(describeMachine().cores).server;
  const all: TuningFigures[] = [];
  const cells = runtimes.flatMap((runtime) =>
    settings.filter((setting) => setting.runtimes.includes(runtime)).map((setting) => {
      const refused = obstacle(setting, core);
      const figures = LOADS.map(({ connections, rate }): TuningFigures => ({
        ...{ runtime, setting: setting.name, connections, rate, rounds: [], refused },
      }));
      all.push(...figures);
      return { runtime, setting, figures };
    })
  );
  for (let round = 0; round < rounds; round++) {
    // Each round begins elsewhere, so that nothing is always first.
    const shift = Math.floor(cells.length * round / rounds);
    for (const cell of [...cells.slice(shift), ...cells.slice(0, shift)]) {
      if (cell.figures[0].refused !== "") continue;
      progress(`round ${round + 1} of ${rounds}: ${cell.runtime}, ${cell.setting.name}`);
      try {
        await measureCell(cell.runtime, cell.setting, cell.figures, core, options);
      } catch (error) {
        for (const figures of cell.figures) figures.refused = (error as Error).message;
      }
    }
  }
  return all;
}

async function measureCell(
  runtime: OwnPeer,
  setting: Setting,
  figures: readonly TuningFigures[],
  core: Pinning,
  { seconds, warmRequests }: TuningOptions,
): Promise<void> {
  const [peer] = findPeers([runtime]) as Peer<OwnPeer>[];
  if (peer === undefined) throw new Error(`no ${runtime} in PATH`);
  const undo = writeKernel(setting.kernel?.() ?? {});
  const folder = mkdtempSync(join(tmpdir(), "tuning-"));
  const log = join(folder, "log");
  try {
    const pinning = setting.pinning?.(core) ?? core;
    const server = await startPeer(tuned(peer, setting, log), { pinning });
    try {
      const address = { host: "127.0.0.1", port: server.port };
      const common: LoadOptions = {
        ...{ address, work: { kind: "mix" }, keyspace: KEYS, valueBytes: VALUE_BYTES },
        ...{ serverPid: server.pid },
      };
      await loadKeyspace(common);
      await runLoad({ ...common, requests: warmRequests });
      for (const { connections, rate, rounds } of figures) {
        const printed = readFileSync(log, "utf8").length;
        const round = await measureRound({ ...common, connections, rate, seconds });
        const text = readFileSync(log, "utf8").slice(printed);
        rounds.push({ ...round, pausesMs: pausesIn(runtime, text) });
      }
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
    undo();
  }
}

async function measureRound(load: LoadOptions): Promise<Omit<TuningRound, "pausesMs">> {
  const watch = await watchOutliers({
    ...{ thresholdUs: THRESHOLD_US, serverPid: load.serverPid ?? 0, traceFile: "" },
  });
  const { latency, requests, seconds } = await runLoad({ ...load, slow: watch.slow });
  const { verdicts, stretches } = await watch.finish();
  const own = verdicts.filter(({ cause }) => !/^(?:machine|generator):/.test(cause))
    .map(({ request }) => request.endUs - request.startUs).sort((a, b) => b - a);
  const foreign = verdicts.length - own.length;
  const ownAt = (share: number): number => own[Math.floor((requests - foreign) * share)] ?? 0;
  const waits = stretches.filter(({ cause }) => cause === "server: not scheduled");
  const waitedUs = waits.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const { p50Us, p99Us, p999Us, p9999Us } = latency;
  return {
    ...{ p50Us, p99Us, p999Us, p9999Us, seconds, waitedMs: waitedUs / 1000 },
    ...{ own999Us: ownAt(0.001), own9999Us: ownAt(0.0001) },
  };
}

const PERCENTILES = [
  "p50Us",
  "p99Us",
  "p999Us",
  "p9999Us",
  "own999Us",
  "own9999Us",
] as const satisfies //
readonly (keyof TuningRound)[];

type Percentile = (typeof PERCENTILES)[number];

/** The middle one of the rounds. */
function median(rounds: readonly TuningRound[], name: Percentile): string {
  const sorted = rounds.map((round) => round[name]).sort((a, b) => a - b);
  const us = sorted[Math.floor((sorted.length - 1) / 2)];
  return us === 0 ? `< ${THRESHOLD_US / 1000}` : (us / 1000).toFixed(2);
}

/** The table of a runtime. */
export function tuningTable(figures: readonly TuningFigures[]): string {
  return markdownTable(
    [
      ...["ms", "connections", "P50", "P99", "P99.9", "P99.99", "P99.9 ¹", "P99.99 ¹"],
      ...["waited a second ²", "pauses a second", "middle pause", "longest"],
    ],
    figures.map(({ setting, connections, rounds, refused }) => {
      const head = [setting, String(connections)];
      if (rounds.length === 0) return [...head, refused.slice(0, 60), ...new Array(9).fill("")];
      const pauses = rounds.flatMap(({ pausesMs }) => pausesMs).sort((a, b) => a - b);
      const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
      return [
        ...[...head, ...PERCENTILES.map((name) => median(rounds, name))],
        (rounds.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / seconds).toFixed(1),
        (pauses.length / seconds).toFixed(2),
        (pauses[pauses.length >> 1] ?? 0).toFixed(2),
        (pauses.at(-1) ?? 0).toFixed(2),
      ];
    }),
  );
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["rounds", "seconds", "runtimes", "settings"]);
  const rounds = countOf(options, "rounds", options.isQuick ? 1 : ROUNDS);
  const seconds = countOf(options, "seconds", options.isQuick ? 1 : SECONDS);
  const names = SETTINGS.map(({ name }) => name);
  const wanted = choiceOf(options, "settings", names);
  const runtimes = choiceOf(options, "runtimes", RUNTIMES);
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  pinThisProcess(pinnings);
  console.log(`Tails at a fixed rate, the median of ${rounds} rounds of ${seconds} s`);
  console.log(`${machineLine(machine)}; ${pinnings.note}\n`);
  const figures = await measureTuning({
    ...{ rounds, seconds, runtimes, warmRequests: options.isQuick ? 100 : WARM_REQUESTS },
    settings: SETTINGS.filter(({ name }) => wanted.includes(name)),
    progress: (line) => console.error(line),
  });
  for (const runtime of runtimes) {
    console.log(`${runtime}\n\n${tuningTable(figures.filter((it) => it.runtime === runtime))}\n`);
  }
  console.log("¹ without what is put down to the machine or to the generator");
  console.log("² time that the server was ready to run and was not let");
  if (!options.isQuick) console.log(`\n${saveResults("tuning", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
