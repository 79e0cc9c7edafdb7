/** When fields shall expire, as the commands of hashes read it. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { invalidExpire, NOT_AN_INTEGER } from "../errors.ts";

/** Latest time that a field may expire at, milliseconds since 1970 (in the year 4199). */
const MAX_TIME_MS = 2 ** 46 - 1;
export const MS_PER_SECOND = 1000;
export const MS_PER_MS = 1;
/** Of commands that name a moment, not a span from now. */
export const EPOCH = 0;
const NEGATIVE_TIME = "ERR invalid expire time, must be >= 0";

/** Options of HGETEX and HSETEX that a number follows: its unit, and whether it counts from now. */
const UNITS: readonly (readonly [word: string, unitMs: number, isSpan: boolean])[] = [
  ["EX", MS_PER_SECOND, true],
  ["PX", MS_PER_MS, true],
  ["EXAT", MS_PER_SECOND, false],
  ["PXAT", MS_PER_MS, false],
];

/**
 * Reads the number in argument `i`.
 * @param baseMs what it counts from, milliseconds since 1970
 * @returns milliseconds since 1970, more than 0; undefined after an error was replied
 */
export function readTime(
  call: Call,
  i: number,
  unitMs: number,
  baseMs: number,
  reply: ReplyWriter,
): number | undefined {
  const value = call.integer(i);
  if (value === undefined) {
    reply.error(NOT_AN_INTEGER);
  } else if (value < 0) {
    reply.error(NEGATIVE_TIME);
  } else if (value * unitMs > MAX_TIME_MS - baseMs) {
    reply.error(invalidExpire(call.name));
  } else {
    // Moment 0 is past as any other.
    return Math.max(value * unitMs + baseMs, 1);
  }
  return undefined;
}

/** Whether argument `i` is an option that a time follows. */
export function isTimeOption(call: Call, i: number): boolean {
  return UNITS.some(([word]) => call.is(i, word));
}

/** As `readTime`, for the number behind an option. @param i position of the option */
export function readTimeOption(call: Call, i: number, reply: ReplyWriter): number | undefined {
  for (const [word, unitMs, isSpan] of UNITS) {
    if (call.is(i, word)) return readTime(call, i + 1, unitMs, isSpan ? call.nowMs : EPOCH, reply);
  }
  return undefined;
}
