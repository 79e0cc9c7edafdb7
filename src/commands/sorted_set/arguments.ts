/** What several commands on sorted sets read: scores, ranges, numbers of keys. */
import { parseHexFloat, parseInteger } from "../../bytes/ascii.ts";
import { readDouble } from "../../bytes/decimal.ts";
import { type RecordRef, TYPE_ZSET } from "../../engine/keyspace.ts";
import type { LexBound, LexRange, ScoreRange } from "../../engine/sorted_set_ranges.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, WRONG_TYPE } from "../errors.ts";
import { readPrintable } from "../generic/arguments.ts";

export const NOT_A_SCORE_RANGE = "ERR min or max is not a float";
export const NOT_A_LEX_RANGE = "ERR min or max not valid string range item";
const OPENING = 40;
const BRACKET = 91;
const MINUS = 45;
const PLUS = 43;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const LEADING_BLANKS = /^[ \t\n\v\f\r]+/;

/** The number that an argument holds; NaN if it holds none. */
export function readScore(call: Call, i: number): number {
  return readDouble(call.batch.input.bytes, call.offset(i), call.length(i));
}

/**
 * The sorted set that an argument names.
 * @param isWrite whether it is about to be changed
 * @returns 0 when it is absent, undefined after an error was replied
 */
export function lookupSortedSet(
  call: Call,
  i: number,
  reply: ReplyWriter,
  isWrite: boolean,
): RecordRef | undefined {
  const ref = isWrite ? call.lookupWrite(i) : call.lookupRead(i);
  if (ref !== 0 && call.engine.keyspace.typeOf(ref) !== TYPE_ZSET) {
    reply.error(WRONG_TYPE);
    return undefined;
  }
  return ref;
}

/** The range that was last read; a handler uses it before it reads another. */
const scores: ScoreRange = { min: 0.5, isMinOpen: false, max: 0.5, isMaxOpen: false };

/** @returns the range of scores that two arguments give; undefined after an error was replied */
export function readScoreRange(
  call: Call,
  minArg: number,
  maxArg: number,
  reply: ReplyWriter,
): ScoreRange | undefined {
  scores.min = readBound(call, minArg);
  scores.isMinOpen = isOpen;
  scores.max = readBound(call, maxArg);
  scores.isMaxOpen = isOpen;
  if (scores.min === scores.min && scores.max === scores.max) return scores;
  reply.error(NOT_A_SCORE_RANGE);
  return undefined;
}

/** Whether the bound that was last read is not included. */
let isOpen = false;

/** Reads "1.5", "(1.5" and "-inf" as C's strtod does. @returns NaN if it is no number */
function readBound(call: Call, i: number): number {
  const { bytes } = call.batch.input;
  const offset = call.offset(i), length = call.length(i);
  isOpen = length > 0 && bytes[offset] === OPENING;
  const skipped = isOpen ? 1 : 0;
  const plain = readDouble(bytes, offset + skipped, length - skipped);
  return plain === plain ? plain : strtod(readPrintable(call, i).slice(skipped));
}

/** Nothing at all is 0, and what is too large or too small is infinite or 0. */
function strtod(argument: string): number {
  if (argument === "") return 0;
  const text = argument.replace(LEADING_BLANKS, "");
  if (NUMBER.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const hex = parseHexFloat(text);
  if (hex === undefined) return NaN;
  const size = Number(hex.mantissa) * 2 ** hex.exponent;
  return hex.negative ? -size : size;
}

function noBound(): LexBound {
  return { infinite: 0, isOpen: false, offset: 0, length: 0 };
}

/** The range that was last read; a handler uses it before it reads another. */
const members: { source: LexRange["source"] | undefined; min: LexBound; max: LexBound } = {
  source: undefined,
  min: noBound(),
  max: noBound(),
};

/** @returns the range of members that two arguments give; undefined after an error was replied */
export function readLexRange(
  call: Call,
  minArg: number,
  maxArg: number,
  reply: ReplyWriter,
): LexRange | undefined {
  members.source = call.batch.input;
  if (readLexBound(call, minArg, members.min) && readLexBound(call, maxArg, members.max)) {
    return members as LexRange;
  }
  reply.error(NOT_A_LEX_RANGE);
  return undefined;
}

/** @returns whether the argument is "-", "+", "[member" or "(member" */
function readLexBound(call: Call, i: number, bound: LexBound): boolean {
  const offset = call.offset(i), length = call.length(i);
  const first = length === 0 ? 0 : call.batch.input.bytes[offset];
  bound.offset = offset + 1;
  bound.length = length - 1;
  bound.isOpen = first === OPENING;
  bound.infinite = 0;
  if (first === OPENING || first === BRACKET) return true;
  if (length !== 1) return false;
  bound.infinite = first === MINUS ? -1 : 1;
  return first === MINUS || first === PLUS;
}

/** @returns the integer, held at ±(2⁵³-1); undefined after an error was replied */
export function readInteger(call: Call, i: number, reply: ReplyWriter): number | undefined {
  const value = call.integer(i);
  if (value === undefined) reply.error(NOT_AN_INTEGER);
  return value;
}

/** Calls `found` with the positions of the keys behind a number of keys. @param at of that number */
export function findCountedKeys(
  batch: CommandBatch,
  first: number,
  argc: number,
  at: number,
  found: (position: number) => void,
): void {
  const arg = first + at;
  const { bytes } = batch.input;
  if (at >= argc) return;
  const count = parseInteger(bytes, batch.argOffsets[arg], batch.argLengths[arg]);
  if (typeof count !== "number" || count < 1 || count > argc - at - 1) return;
  for (let i = 1; i <= count; i++) found(at + i);
}
