/** Reads the pauses of garbage collection from what a runtime prints about them. */
import type { OwnPeer } from "../wire/cases.ts";
import { LOAD_MARK } from "./stall_probe.ts";

export interface GcPauses {
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** How each runtime is made to print its collections. */
export const GC_LOG_FLAGS: Readonly<Record<OwnPeer, readonly string[]>> = {
  bun: [],
  deno: ["--v8-flags=--trace-gc"],
};
export const GC_LOG_ENV: Readonly<Record<OwnPeer, Readonly<Record<string, string>>>> = {
  bun: { BUN_JSC_logGC: "1" },
  deno: {},
};

/** JavaScriptCore says "p=11.97ms" where a collection ends. */
const BUN_PAUSE = /\[GC<.*?\bp=([\d.]+)ms/g;
/** V8 says "  836 ms: Scavenge 3.2 (3.5) -> 2.8 (4.2) MB, pooled: 0.0 MB, 9.09 / 0.00 ms". */
const DENO_PAUSE =
  /(\d+) ms: [\w ]*(?:Scavenge|Mark-Compact).*? MB, (?:pooled: [\d.]+ MB, )?([\d.]+) \/ [\d.]+ ms/g;

/** The pauses in what a runtime printed, in ms. */
export function pausesIn(runtime: OwnPeer, text: string): number[] {
  return runtime === "bun"
    ? [...text.matchAll(BUN_PAUSE)].map((found) => Number(found[1]))
    : [...text.matchAll(DENO_PAUSE)].map((found) => Number(found[2]));
}

/**
 * The pauses while the keys were loaded.
 * @param text what the runtime printed, with a mark at the load's begin and end
 * @param figures say when that was
 */
export function readGcPauses(
  runtime: OwnPeer,
  text: string,
  figures: { readonly beganMs: number; readonly endedMs: number },
): GcPauses {
  const { beganMs, endedMs } = figures;
  const pauses = runtime === "bun"
    ? pausesIn(runtime, text.split(LOAD_MARK)[1] ?? "")
    : [...text.matchAll(DENO_PAUSE)]
      .filter((found) => Number(found[1]) >= beganMs && Number(found[1]) <= endedMs)
      .map((found) => Number(found[2]));
  return {
    count: pauses.length,
    totalMs: pauses.reduce((sum, ms) => sum + ms, 0),
    maxMs: Math.max(0, ...pauses),
  };
}
