/**
 * How much the tests do that can always do more: CRABCACHE_TESTS=long asks for all of it, as
 * `npm run test:long` does.
 */
import process from "node:process";

/** Whether time does not matter. */
export const IS_LONG: boolean = process.env.CRABCACHE_TESTS === "long";

/** A number of runs, commands or seconds. @param short as many as each run of the suite has time for */
export function sized(short: number, long: number): number {
  return IS_LONG ? long : short;
}
