/**
 * Memory of collections in process: what an element takes here, and in the Map, Set, array or sorted array
 * that a TypeScript author would take instead, from 10 to a million elements.
 *
 * Each figure is that of a process of its own (bench/memory/collection_probe.ts), keys included.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findProgram, ROOT } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable } from "../support/table.ts";
import {
  COLLECTION_KINDS,
  type CollectionFigures,
  type CollectionKind,
  type Holder,
  HOLDERS,
} from "./collection_probe.ts";

const PROBE = "bench/memory/collection_probe.ts";
const RUNTIMES = ["bun", "deno"] as const;
const RUN_ARGS = {
  bun: ["run"],
  deno: ["run", "-A", "--no-check", "--v8-flags=--expose-gc"],
} as const;
/** Elements of all collections of a figure together, so that single pages don't matter. */
const TOTAL = 1_000_000;
const QUICK_TOTAL = 2000;
const COUNTS: readonly number[] = [10, 100, 1000, 10_000, 1_000_000];

type Runtime = typeof RUNTIMES[number];

interface CollectionMemory {
  readonly runtime: Runtime;
  readonly kind: CollectionKind;
  readonly count: number;
  /** Bytes of an element, keys included, by who holds it. */
  readonly bytes: Readonly<Record<Holder, number>>;
}

function bytesPerElement(
  runtime: Runtime,
  kind: CollectionKind,
  holder: Holder,
  count: number,
  total: number,
): number {
  const folder = mkdtempSync(join(tmpdir(), "collections-"));
  const out = join(folder, "figures.json");
  const copies = Math.max(1, Math.round(total / count));
  try {
    execFileSync(findProgram(runtime), [
      ...[...RUN_ARGS[runtime], PROBE, "--kind", kind, "--holder", holder],
      ...["--count", String(count), "--copies", String(copies), "--out", out],
    ], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    const figures = JSON.parse(readFileSync(out, "utf8")) as CollectionFigures;
    return figures.bytes / figures.elements;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["total", "kinds", "runtimes"]);
  const total = countOf(options, "total", options.isQuick ? QUICK_TOTAL : TOTAL);
  const kinds = choiceOf(options, "kinds", COLLECTION_KINDS);
  const runtimes = choiceOf(options, "runtimes", RUNTIMES);
  const counts = COUNTS.filter((count) => count <= total);
  const machine = describeMachine();
  console.log(`${machineLine(machine)}; about ${grouped(total)} elements a figure\n`);
  const measured: CollectionMemory[] = [];
  for (const runtime of runtimes) {
    for (const kind of kinds) {
      for (const count of counts) {
        const [cache, javascript] = HOLDERS.map((holder) =>
          bytesPerElement(runtime, kind, holder, count, total)
        );
        measured.push({ runtime, kind, count, bytes: { cache, javascript } });
      }
    }
    console.log(`${memoryTable(runtime, measured)}\n`);
  }
  if (!options.isQuick) console.log(saveResults("collections", { machine, measured }));
}

function memoryTable(runtime: Runtime, measured: readonly CollectionMemory[]): string {
  return markdownTable(
    [`${runtime}: bytes an element`, "elements each", "here", "JavaScript's own"],
    measured.filter((each) => each.runtime === runtime).map(({ kind, count, bytes }) => [
      kind,
      grouped(count),
      bytes.cache.toFixed(1),
      bytes.javascript.toFixed(1),
    ]),
  );
}
