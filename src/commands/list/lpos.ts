/** LPOS: where an element is in a list. */
import type { RecordRef } from "../../engine/keyspace.ts";
import { ListCursor } from "../../engine/list_cursor.ts";
import { listLength } from "../../engine/lists.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupListRead } from "./arguments.ts";

const INT64_MAX = 9223372036854775807n;
const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second " +
  "... or use negative to start from the end of the list";

interface PositionOptions {
  /** From 1 on; backwards: from the end. */
  readonly rank: number;
  readonly isForward: boolean;
  /** How many positions are wanted, 0 = all; undefined: one, and that not in an array. */
  readonly count: number | undefined;
  /** How many elements are looked at. */
  readonly limit: number;
}

export const LPOS = {
  name: "lpos",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "6.0.6",
  group: "list",
  complexity: "O(N) where N is the number of elements in the list, for the average case. When " +
    "searching for elements near the head or the tail of the list, or when the MAXLEN option is " +
    "provided, the command may run in constant time.",
  summary: "Returns the index of matching elements in a list.",
  syntax: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
  argumentTypes: { rank: "integer", "num-matches": "integer", len: "integer" },
  run(call, reply) {
    const options = readOptions(call, reply);
    if (options === undefined) return;
    const ref = lookupListRead(call, 1, reply);
    if (ref === undefined) return;
    const wanted = options.count ?? 1;
    const positions = ref === 0 ? [] : findPositions(call, ref, options, wanted);
    if (options.count === undefined) {
      if (positions.length === 0) reply.nil();
      else reply.integer(positions[0]);
      return;
    }
    reply.array(positions.length);
    for (const position of positions) reply.integer(position);
  },
} as const satisfies CommandSpec;

/** @returns undefined after an error was replied */
function readOptions(call: Call, reply: ReplyWriter): PositionOptions | undefined {
  let rank = 1;
  let count: number | undefined;
  let limit = 0;
  for (let i = 3; i < call.argc; i += 2) {
    const isLast = i + 1 === call.argc;
    if (call.is(i, "RANK") && !isLast) {
      const value = readRank(call, i + 1, reply);
      if (value === undefined) return undefined;
      rank = value;
    } else if (call.is(i, "COUNT") && !isLast) {
      count = readPositive(call, i + 1, "COUNT", reply);
      if (count === undefined) return undefined;
    } else if (call.is(i, "MAXLEN") && !isLast) {
      const value = readPositive(call, i + 1, "MAXLEN", reply);
      if (value === undefined) return undefined;
      limit = value;
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return {
    rank: Math.abs(rank),
    isForward: rank > 0,
    count,
    limit: limit === 0 ? Infinity : limit,
  };
}

function readRank(call: Call, i: number, reply: ReplyWriter): number | undefined {
  const value = call.int64(i);
  if (value === undefined) {
    reply.error(NOT_AN_INTEGER);
  } else if (typeof value === "bigint" && value < -INT64_MAX) {
    reply.error(`ERR value is out of range, value must between -${INT64_MAX} and ${INT64_MAX}`);
  } else if (value === 0) {
    reply.error(RANK_ZERO);
  } else {
    return Number(value);
  }
  return undefined;
}

function readPositive(
  call: Call,
  i: number,
  option: string,
  reply: ReplyWriter,
): number | undefined {
  const value = call.integer(i);
  if (value !== undefined && value >= 0) return value;
  reply.error(`ERR ${option} can't be negative`);
  return undefined;
}

const cursor = new ListCursor();

/** @param wanted how many positions, 0 = all */
function findPositions(
  call: Call,
  ref: RecordRef,
  options: PositionOptions,
  wanted: number,
): number[] {
  const { keyspace } = call.engine;
  const { input } = call.batch;
  const offset = call.offset(2), byteLength = call.length(2);
  const { isForward, rank, limit } = options;
  const length = listLength(keyspace, ref);
  const found: number[] = [];
  let matches = 0;
  let index = 0;
  cursor.seek(keyspace, ref, isForward ? 0 : length - 1);
  do {
    if (cursor.equals(input, offset, byteLength) && ++matches >= rank) {
      found.push(isForward ? index : length - 1 - index);
      if (found.length === wanted) break;
    }
    index++;
  } while (index < limit && cursor.move(isForward));
  return found;
}
