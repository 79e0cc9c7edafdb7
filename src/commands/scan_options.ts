/** The cursor and the options that SSCAN, HSCAN and ZSCAN share, and SCAN's cursor. */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { Call } from "./call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "./errors.ts";
import { readPrintable } from "./generic/arguments.ts";

export const INVALID_CURSOR = "ERR invalid cursor";
export const DEFAULT_SCAN_COUNT = 10;

const UINT64_MAX = (1n << 64n) - 1n;
/** Cursors that were given out are whole numbers of so many bits. */
const CURSOR_BITS = 53;
const CURSOR = /^([+-]?)0*(\d*)$/;
const MAX_CURSOR_DIGITS = 20;

/**
 * Reads an unsigned 64-bit integer as C's `strtoul` does: a sign and leading zeros are fine, a
 * negative one counts from the top, and no digits at all are 0 where there is nothing else either.
 * @returns its low 53 bits; undefined if it is none
 */
export function readCursor(call: Call, i: number): number | undefined {
  const plain = call.int64(i);
  if (typeof plain === "number" && plain >= 0) return plain;
  const text = readPrintable(call, i);
  const match = CURSOR.exec(text);
  if (match === null || text === "+" || text === "-" || match[2].length > MAX_CURSOR_DIGITS) {
    return undefined;
  }
  const size = BigInt(match[2]);
  if (size > UINT64_MAX) return undefined;
  return Number(BigInt.asUintN(CURSOR_BITS, match[1] === "-" ? -size : size));
}

export interface ScanOptions {
  /** About how many elements to visit. */
  readonly count: number;
  /** A view of the argument; undefined = everything matches. */
  readonly pattern: Uint8Array | undefined;
  /** Whether the flag was there that only this command has. */
  readonly hasFlag: boolean;
}

/**
 * Reads COUNT and MATCH of the arguments from `first` on.
 * @param flag a word that may be there, too, in upper case; HSCAN has one
 * @returns undefined after an error was replied
 */
export function readScanOptions(
  call: Call,
  first: number,
  reply: ReplyWriter,
  flag?: string,
): ScanOptions | undefined {
  let count = DEFAULT_SCAN_COUNT;
  let hasFlag = false;
  let pattern: Uint8Array | undefined;
  for (let i = first; i < call.argc; i += 2) {
    const hasValue = i + 1 < call.argc;
    if (flag !== undefined && call.is(i, flag)) {
      hasFlag = true;
      i--;
    } else if (hasValue && call.is(i, "COUNT")) {
      const value = call.integer(i + 1);
      if (value === undefined || value < 1) {
        reply.error(value === undefined ? NOT_AN_INTEGER : SYNTAX_ERROR);
        return undefined;
      }
      count = value;
    } else if (hasValue && call.is(i, "MATCH")) {
      pattern = call.is(i + 1, "*") ? undefined : call.bytes(i + 1);
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return { count, pattern, hasFlag };
}
