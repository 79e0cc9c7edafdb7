/** Keeps the figures of a run as JSON under bench/results/. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./programs.ts";

/** @returns path of the file, from the repository's root */
export function saveResults(name: string, figures: unknown): string {
  const folder = join("bench", "results");
  mkdirSync(join(ROOT, folder), { recursive: true });
  const stamp = new Date().toISOString().replace(/[:.]/g, "-").slice(0, 19);
  const path = join(folder, `${name}-${stamp}.json`);
  writeFileSync(join(ROOT, path), `${JSON.stringify(figures, undefined, 2)}\n`);
  return path;
}
