/** ZADD and ZINCRBY: adds members, and changes scores. */
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import {
  addScore,
  createSortedSet,
  INCREMENT,
  IS_NOT_A_NUMBER,
  ONLY_GREATER,
  ONLY_KNOWN,
  ONLY_LESS,
  ONLY_NEW,
  outcome,
  prepareSortedSet,
  WAS_ADDED,
  WAS_REFUSED,
  WAS_UPDATED,
} from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_A_FLOAT, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet, readScore } from "./arguments.ts";

/** An option beside the conditions of `addScore`: counts what was changed, too. */
export const CHANGED = 32;
const FIRST_OPTION_ARG = 2;
const NOT_A_NUMBER = "ERR resulting score is not a number (NaN)";

/** Scores of the running command; grown as needed. */
let scores = new Float64Array(64);

export const ZADD = {
  name: "zadd",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [3, -1, 2],
  hasScores: true,
  keyFlags: ["RW", "update"],
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  summary: "Adds one or more members to a sorted set, or updates their scores. " +
    "Creates the key if it doesn't exist.",
  syntax: "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
  argumentTypes: { score: "double" },
  history: [
    ["2.4.0", "Accepts multiple elements."],
    ["3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."],
    ["6.2.0", "Added the `GT` and `LT` options."],
  ],
  run(call, reply) {
    let options = 0;
    let first = FIRST_OPTION_ARG;
    for (; first < call.argc; first++) {
      const option = optionAt(call, first);
      if (option === 0) break;
      options |= option;
    }
    const count = (call.argc - first) / 2;
    if (count === 0 || !Number.isInteger(count)) return reply.error(SYNTAX_ERROR);
    const error = conflictOf(options, count);
    if (error !== undefined) return reply.error(error);
    add(call, reply, options, first, count);
  },
} as const satisfies CommandSpec;

export const ZINCRBY = {
  name: "zincrby",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [3, 3, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(log(N)) where N is the number of elements in the sorted set.",
  summary: "Increments the score of a member in a sorted set.",
  syntax: "key increment member",
  run(call, reply) {
    add(call, reply, INCREMENT, 2, 1);
  },
} as const satisfies CommandSpec;

/** @returns the option that an argument names, 0 if it is a score */
function optionAt(call: Call, i: number): number {
  switch (call.length(i)) {
    case 2:
      if (call.is(i, "NX")) return ONLY_NEW;
      if (call.is(i, "XX")) return ONLY_KNOWN;
      if (call.is(i, "CH")) return CHANGED;
      if (call.is(i, "GT")) return ONLY_GREATER;
      return call.is(i, "LT") ? ONLY_LESS : 0;
    case 4:
      return call.is(i, "INCR") ? INCREMENT : 0;
    default:
      return 0;
  }
}

/** @returns the error of options that exclude each other */
function conflictOf(options: number, count: number): string | undefined {
  const isNew = (options & ONLY_NEW) !== 0;
  if (isNew && (options & ONLY_KNOWN) !== 0) {
    return "ERR XX and NX options at the same time are not compatible";
  }
  const comparison = options & (ONLY_GREATER | ONLY_LESS);
  if ((isNew && comparison !== 0) || comparison === (ONLY_GREATER | ONLY_LESS)) {
    return "ERR GT, LT, and/or NX options at the same time are not compatible";
  }
  if ((options & INCREMENT) !== 0 && count > 1) {
    return "ERR INCR option supports a single increment-element pair";
  }
  return undefined;
}

/** Adds `count` pairs of score and member, of which the first score is argument `first`. */
function add(
  call: Call,
  reply: ReplyWriter,
  options: number,
  first: number,
  count: number,
): void {
  const read = reserveScores(count);
  for (let i = 0; i < count; i++) {
    const score = readScore(call, first + 2 * i);
    if (score !== score) return reply.error(NOT_A_FLOAT);
    read[i] = score;
  }
  addScored(call, reply, options, first + 1, 2, count);
}

/** Memory for the scores of the running command. */
export function reserveScores(count: number): Float64Array {
  if (count > scores.length) scores = new Float64Array(2 * count);
  return scores;
}

/**
 * Adds members with the scores that were put where `reserveScores` said.
 * @param options conditions of `addScore`, and CHANGED
 * @param member argument with the first member @param step arguments from one member to the next
 */
export function addScored(
  call: Call,
  reply: ReplyWriter,
  options: number,
  member: number,
  step: number,
  count: number,
): void {
  const ref = lookupSortedSet(call, 1, reply, true);
  if (ref === undefined) return;
  const isIncrement = (options & INCREMENT) !== 0;
  if (ref === 0 && (options & ONLY_KNOWN) !== 0) {
    if (isIncrement) reply.nil();
    else reply.integer(0);
    return;
  }
  hasChanged = false;
  const counted = addPairs(call, ref, options, member, step, count);
  if (hasChanged) call.changed(1, EVENT_ZSET, isIncrement ? "zincr" : "zadd");
  if (counted < 0) reply.error(NOT_A_NUMBER);
  else if (!isIncrement) reply.integer(counted);
  else if (lastDone === WAS_REFUSED) reply.nil();
  else reply.double(outcome.score);
}

/** What became of the last pair. */
let lastDone = 0;
/** Whether any pair was added or changed a score. */
let hasChanged = false;

/** @returns how many were added, or changed with CH; -1 when a sum is no number */
function addPairs(
  call: Call,
  ref: number,
  options: number,
  member: number,
  step: number,
  count: number,
): number {
  const { keyspace, settings } = call.engine;
  const { batch, db } = call;
  const { input } = batch;
  const arg = call.first + 1;
  let counted = 0, i = 0;
  if (ref === 0) {
    const offset = call.offset(member), length = call.length(member);
    ref = createSortedSet(
      keyspace,
      db,
      batch,
      arg,
      settings,
      scores[0],
      input,
      offset,
      length,
      count,
    );
    outcome.score = scores[0];
    lastDone = WAS_ADDED;
    hasChanged = true;
    counted = i = 1;
  } else if (count > 1) {
    ref = prepareSortedSet(keyspace, db, batch, arg, ref, settings, count);
  }
  for (; i < count; i++) {
    const at = member + step * i;
    const done = addScore(
      keyspace,
      db,
      batch,
      arg,
      ref,
      settings,
      scores[i],
      input,
      call.offset(at),
      call.length(at),
      options,
    );
    if (done === IS_NOT_A_NUMBER) return -1;
    if (done === WAS_ADDED || done === WAS_UPDATED) {
      hasChanged = true;
      if (done === WAS_ADDED || (options & CHANGED) !== 0) counted++;
    }
    lastDone = done;
    ref = outcome.ref;
  }
  return counted;
}
