/** Compares redis-benchmark's tests of the data types over the wire, as side_by_side.ts does those of strings. */
import process from "node:process";
import { TYPE_CASES } from "./cases.ts";
import { runComparison } from "./side_by_side.ts";

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  await runComparison(args, { name: "types", cases: TYPE_CASES, loadsKeys: false });
}

if (import.meta.main) await main(process.argv.slice(2));
