/**
 * Splits an inline command, a line as one types it into telnet, into its arguments.
 *
 *   plain   up to a blank; a quote inside of a word opens a quoted part of the same argument
 *   "..."   with \n \r \t \b \a, \xHH and \ before any other byte
 *   '...'   with \' only
 *
 * A closing quote must be followed by a blank or the end of the line. What was escaped is written
 * over the line itself, from the argument's start: it is never longer than its source. So the
 * arguments lie in the input like those of every other frame, and the line cannot be split a second
 * time. Source: Redis's `sdssplitargs`.
 */
import type { CommandBatch } from "../../ports/command_batch.ts";

const BELL = 7;
const BACKSPACE = 8;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;
const LOWER_X = 120;

/** What C's isspace takes: also vertical tab and form feed, which do not end a plain word. */
function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

function endsWord(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** @returns 0 to 15, or -1 */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function unescaped(byte: number): number {
  switch (byte) {
    case 110:
      return LF;
    case 114:
      return CR;
    case 116:
      return TAB;
    case 98:
      return BACKSPACE;
    case 97:
      return BELL;
    default:
      return byte;
  }
}

/**
 * Writes the arguments of the line `bytes[start..end)` into the batch's arrays, behind its
 * arguments, which it does not count as the batch's yet.
 * @param end where the line ends, without its line break
 * @returns the number of arguments, -1 if quotes are not balanced
 */
export function splitInline(batch: CommandBatch, start: number, end: number): number {
  const bytes = batch.input.bytes;
  batch.reserveArgs(((end - start) >> 1) + 1);
  const { argOffsets, argLengths } = batch;
  let arg = batch.argCount;
  let at = start;
  for (;;) {
    while (at < end && isBlank(bytes[at])) at++;
    if (at === end) return arg - batch.argCount;
    const first = at;
    let to = first;
    let quote = 0;
    for (;;) {
      if (at === end) {
        if (quote !== 0) return -1;
        break;
      }
      const byte = bytes[at];
      if (quote === 0) {
        if (endsWord(byte)) break;
        at++;
        if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte;
        else bytes[to++] = byte;
      } else if (byte === quote) {
        at++;
        if (at < end && !isBlank(bytes[at])) return -1;
        break;
      } else if (byte === BACKSLASH && quote === DOUBLE_QUOTE && isHexEscape(bytes, at, end)) {
        bytes[to++] = hexDigit(bytes[at + 2]) * 16 + hexDigit(bytes[at + 3]);
        at += 4;
      } else if (byte === BACKSLASH && quote === DOUBLE_QUOTE && at + 1 < end) {
        bytes[to++] = unescaped(bytes[at + 1]);
        at += 2;
      } else if (byte === BACKSLASH && at + 1 < end && bytes[at + 1] === SINGLE_QUOTE) {
        bytes[to++] = SINGLE_QUOTE;
        at += 2;
      } else {
        bytes[to++] = byte;
        at++;
      }
    }
    argOffsets[arg] = first;
    argLengths[arg++] = to - first;
  }
}

function isHexEscape(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 < end && bytes[at + 1] === LOWER_X && hexDigit(bytes[at + 2]) >= 0 &&
    hexDigit(bytes[at + 3]) >= 0;
}
