/** A line that says how far a run is, on a terminal. */
import process from "node:process";
import { grouped } from "../support/table.ts";
import type { LoadProgress } from "./result.ts";

const BAR_CELLS = 24;
const CLEAR_LINE = "\r\x1b[K";

export function progressLine(progress: LoadProgress): string {
  const { test, share, requests, seconds, p99Us } = progress;
  const filled = Math.round(share * BAR_CELLS);
  const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
  const percent = `${Math.round(share * 100)} %`.padStart(5);
  return `${test} ${bar} ${percent}  ${grouped(requests / seconds)} a second, P99 ${
    (p99Us / 1000).toFixed(3)
  } ms`;
}

/** Shows it on standard error where that is a terminal, else nothing. */
export class ProgressBar {
  readonly isShown: boolean = process.stderr.isTTY === true;

  readonly show = (progress: LoadProgress): void => {
    if (this.isShown) process.stderr.write(CLEAR_LINE + progressLine(progress));
  };

  clear(): void {
    if (this.isShown) process.stderr.write(CLEAR_LINE);
  }
}
