/**
 * Stalls while ten million keys are loaded: turns of the event loop, batches, index steps, background slices.
 *
 * Each runtime runs bench/engine/stall_probe.ts in processes of its own: one that times turns, with the pauses of
 * its garbage collector read from the runtime's log, one that times the index's insertions, and one whose
 * turns are as long but run nothing of ours: no stall can be told from those of the machine that shows there.
 *
 * All of that is done twice: with all cores, and on one, which the threads of the runtime that compile and
 * collect garbage then have to take from the loop.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import type { DurationSummary } from "../support/histogram.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, findProgram, type Pinning, ROOT } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable } from "../support/table.ts";
import type { OwnPeer } from "../wire/cases.ts";
import { GC_LOG_ENV, GC_LOG_FLAGS, type GcPauses, readGcPauses } from "./gc_log.ts";
import {
  type IndexFigures,
  type MachineFigures,
  type ProbeKind,
  type TurnFigures,
  WARM_TURNS,
} from "./stall_probe.ts";

const KEYS = 10_000_000;
const QUICK_KEYS = 20_000;
const MOST_TURN_MS = 5;
const MOST_INDEX_STEP_MS = 1;
const PROBE = "bench/engine/stall_probe.ts";

const RUNTIMES: readonly OwnPeer[] = ["bun", "deno"];
const RUN_ARGS: Readonly<Record<OwnPeer, readonly string[]>> = {
  bun: [],
  deno: ["run", "-A", "--no-check"],
};

/** Where a runtime's threads may run. */
export const PLACEMENTS = ["all-cores", "one-core"] as const;

export type Placement = typeof PLACEMENTS[number];

export interface StallFigures {
  readonly runtime: OwnPeer;
  readonly placement: Placement;
  readonly turns: TurnFigures;
  readonly index: IndexFigures;
  readonly machine: MachineFigures;
  readonly gc: GcPauses;
}

interface ProbeRun {
  readonly runtime: OwnPeer;
  readonly probe: ProbeKind;
  readonly keys: number;
  readonly warmTurns: number;
  readonly pinning: Pinning;
  readonly logsGc: boolean;
  /** Length of the turns that run nothing of ours. */
  readonly turnMs?: number;
}

/** Runs the probe. @returns its figures, and what was printed meanwhile */
async function runProbe<T>(run: ProbeRun): Promise<{ figures: T; printed: string }> {
  const { runtime, probe, keys, warmTurns, pinning, logsGc, turnMs = 1 } = run;
  const folder = mkdtempSync(join(tmpdir(), "stalls-"));
  const out = join(folder, "figures.json");
  const command = [
    ...pinning,
    findProgram(runtime),
    ...RUN_ARGS[runtime],
    ...(logsGc ? GC_LOG_FLAGS[runtime] : []),
    PROBE,
    ...["--probe", probe, "--keys", String(keys), "--warm-turns", String(warmTurns)],
    ...["--turn-ms", String(turnMs), "--out", out],
  ];
  const env = { ...process.env, ...(logsGc ? GC_LOG_ENV[runtime] : {}) };
  try {
    const printed = await outputOf(command, env);
    return { figures: JSON.parse(readFileSync(out, "utf8")), printed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outputOf(command: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => output += text);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve(output);
      reject(new Error(`the probe ended with ${code}: ${output.slice(-2000)}`));
    });
  });
}

/** Measures one runtime. @param keys how many are loaded, rounded up to whole turns */
export async function measureStalls(
  runtime: OwnPeer,
  placement: Placement,
  pinning: Pinning,
  keys: number,
  warmTurns: number = WARM_TURNS,
): Promise<StallFigures> {
  const run = { runtime, keys, warmTurns, pinning };
  const turns = await runProbe<TurnFigures>({ ...run, probe: "turns", logsGc: true });
  const index = await runProbe<IndexFigures>({ ...run, probe: "index", logsGc: false });
  const turnMs = turns.figures.turns.p50Ms;
  const machine = await runProbe<MachineFigures>({
    ...run,
    probe: "machine",
    logsGc: false,
    turnMs,
  });
  return {
    runtime,
    placement,
    turns: turns.figures,
    index: index.figures,
    machine: machine.figures,
    gc: readGcPauses(runtime, turns.printed, turns.figures),
  };
}

/** The figures of one runtime as markdown. */
export function stallTable(figures: StallFigures): string {
  const { runtime, placement, turns, index, machine, gc } = figures;
  const row = (name: string, times: DurationSummary, most?: number): string[] => [
    name,
    grouped(times.count),
    times.p50Ms.toFixed(4),
    times.p9999Ms.toFixed(3),
    times.maxMs.toFixed(3),
    most === undefined ? "" : `≤ ${most}`,
    most === undefined ? "" : times.maxMs <= most ? "yes" : "NO",
  ];
  return [
    markdownTable(
      [`${runtime}, ${placement}, ms`, "count", "P50", "P99.99", "longest", "target", "reached"],
      [
        row("turn of the warm-up, wall time", turns.warmTurns),
        row("turn, wall time", turns.turns),
        row("turn, lesser of wall and CPU time", turns.ownTurns, MOST_TURN_MS),
        row("turn with nothing of ours, wall time", machine.turns),
        row("the same, lesser of wall and CPU time", machine.ownTurns),
        row("batch of 800 SETs", turns.batches),
        row("background slice", turns.slices),
        row("index insertion that splits, wall time", index.splits),
        row("the same, lesser of wall and CPU time", index.ownSplits, MOST_INDEX_STEP_MS),
        row("other index insertion", index.inserts),
      ],
    ),
    `${turns.seconds.toFixed(1)} s, ${grouped(turns.keptKeys)} keys at the end; turns above ` +
    `${MOST_TURN_MS} ms: ${turns.longTurns} by wall time, ${turns.ownLongTurns} of its own, ` +
    `${machine.ownLongTurns} of those with nothing of ours; ` +
    `garbage collections: ${gc.count}, longest ${gc.maxMs.toFixed(2)} ms, together ` +
    `${gc.totalMs.toFixed(0)} ms`,
  ].join("\n");
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["keys", "runtimes", "placements"]);
  const keys = countOf(options, "keys", options.isQuick ? QUICK_KEYS : KEYS);
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  console.log(`Stalls while ${grouped(keys)} keys of 16 bytes with values of 8 are loaded`);
  console.log(`${machineLine(machine)}\n`);
  const figures: StallFigures[] = [];
  for (const runtime of choiceOf(options, "runtimes", RUNTIMES)) {
    if (findProgram(runtime) === "") {
      console.log(`no ${runtime} in PATH\n`);
      continue;
    }
    for (const placement of choiceOf(options, "placements", PLACEMENTS)) {
      const pinning = placement === "one-core" ? pinnings.server : [];
      if (placement === "one-core" && pinning.length === 0) {
        console.log(`${placement}: ${pinnings.note}\n`);
        continue;
      }
      figures.push(await measureStalls(runtime, placement, pinning, keys));
      console.log(`${stallTable(figures[figures.length - 1])}\n`);
    }
  }
  if (!options.isQuick) console.log(saveResults("stalls", { machine, figures }));
}

if (import.meta.main) await main(process.argv.slice(2));
