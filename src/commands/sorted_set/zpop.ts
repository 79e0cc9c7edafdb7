/** ZPOPMIN, ZPOPMAX and ZMPOP: the members at one end, which are removed. */
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { SortedSetCursor } from "../../engine/sorted_set_cursor.ts";
import { lengthOf, removeRanks } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { findCountedKeys, lookupSortedSet } from "./arguments.ts";

const NOT_POSITIVE = "ERR value is out of range, must be positive";
const POP = {
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(log(N)*M) with N being the number of elements in the sorted set, and M being " +
    "the number of elements popped.",
  syntax: "key [count]",
} as const;

const cursor = new SortedSetCursor();

export const ZPOPMIN = {
  name: "zpopmin",
  ...POP,
  summary: "Returns the lowest-scoring members from a sorted set after removing them. " +
    "Deletes the sorted set if the last member was popped.",
  run: (call, reply) => pop(call, reply, false),
} as const satisfies CommandSpec;

export const ZPOPMAX = {
  name: "zpopmax",
  ...POP,
  summary: "Returns the highest-scoring members from a sorted set after removing them. " +
    "Deletes the sorted set if the last member was popped.",
  run: (call, reply) => pop(call, reply, true),
} as const satisfies CommandSpec;

function pop(call: Call, reply: ReplyWriter, isMax: boolean): void {
  if (call.argc > 3) return reply.error(SYNTAX_ERROR);
  const hasCount = call.argc === 3;
  const wanted = hasCount ? call.integer(2) : 1;
  if (wanted === undefined || wanted < 0) return reply.error(NOT_POSITIVE);
  const ref = lookupSortedSet(call, 1, reply, true);
  if (ref === undefined) return;
  if (ref === 0 || wanted === 0) return reply.array(0);
  const count = Math.min(wanted, lengthOf(call.engine.keyspace, ref));
  const isNested = hasCount && reply.version === 3;
  reply.array(isNested ? count : 2 * count);
  replyPopped(call, 1, ref, isMax, count, isNested, reply);
}

/**
 * Writes members with their scores, lowest or highest first, without the header, and removes them.
 * @param i argument that names the key
 * @param count 1 to the length
 * @param isNested whether each member makes an array with its score
 */
export function replyPopped(
  call: Call,
  i: number,
  ref: RecordRef,
  isMax: boolean,
  count: number,
  isNested: boolean,
  reply: ReplyWriter,
): void {
  const { keyspace } = call.engine;
  const last = lengthOf(keyspace, ref) - 1;
  cursor.open(keyspace, ref, isMax ? last : 0, isMax);
  for (let left = count; left > 0; left--) {
    if (isNested) reply.array(2);
    reply.bulk(cursor.memory, cursor.offset, cursor.length);
    reply.double(cursor.score);
    if (left > 1) cursor.next();
  }
  const first = isMax ? last + 1 - count : 0;
  removeRanks(keyspace, call.db, call.batch, call.first + i, ref, first, count);
  popped(call, i, EVENT_ZSET, isMax ? "zpopmax" : "zpopmin", count > last);
}

export const ZMPOP = {
  name: "zmpop",
  arity: -4,
  flags: ["write", "movablekeys"],
  keyFlags: ["RW", "access", "delete"],
  keyCount: 1,
  findKeys: (batch, first, argc, found) => findCountedKeys(batch, first, argc, 1, found),
  since: "7.0.0",
  group: "sorted-set",
  complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of " +
    "elements in the sorted set, and M being the number of elements popped.",
  summary: "Returns the highest- or lowest-scoring members from one or more sorted sets after " +
    "removing them. Deletes the sorted set if the last member was popped.",
  syntax: "numkeys key [key ...] <MIN | MAX> [COUNT count]",
  run(call, reply) {
    const options = readMpopOptions(call, 1, reply);
    if (options === undefined) return;
    if (!popFirst(call, options, reply)) reply.nilArray();
  },
} as const satisfies CommandSpec;

/** What ZMPOP and BZMPOP are asked for. */
export interface MpopOptions {
  /** Positions of the keys: the first, and one past the last. */
  readonly firstKey: number;
  readonly endKey: number;
  readonly isMax: boolean;
  readonly count: number;
}

/** @param at argument with the number of keys @returns undefined after an error was replied */
export function readMpopOptions(
  call: Call,
  at: number,
  reply: ReplyWriter,
): MpopOptions | undefined {
  const keyCount = call.integer(at);
  if (keyCount === undefined || keyCount < 1) {
    reply.error("ERR numkeys should be greater than 0");
    return undefined;
  }
  const endKey = at + 1 + keyCount;
  if (endKey >= call.argc || !(call.is(endKey, "MIN") || call.is(endKey, "MAX"))) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  let count = 0;
  for (let i = endKey + 1; i < call.argc; i += 2) {
    if (count !== 0 || !call.is(i, "COUNT") || i + 1 === call.argc) {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
    const value = call.integer(i + 1);
    if (value === undefined || value < 1) {
      reply.error("ERR count should be greater than 0");
      return undefined;
    }
    count = value;
  }
  return { firstKey: at + 1, endKey, isMax: call.is(endKey, "MAX"), count: Math.max(count, 1) };
}

/**
 * Pops from the first sorted set that is there, and replies it.
 * @returns false when there is none, and nothing was replied
 */
export function popFirst(call: Call, options: MpopOptions, reply: ReplyWriter): boolean {
  for (let i = options.firstKey; i < options.endKey; i++) {
    const ref = lookupSortedSet(call, i, reply, true);
    if (ref === undefined) return true;
    if (ref === 0) continue;
    const count = Math.min(options.count, lengthOf(call.engine.keyspace, ref));
    reply.array(2);
    reply.bulk(call.batch.input, call.offset(i), call.length(i));
    reply.array(count);
    replyPopped(call, i, ref, options.isMax, count, true, reply);
    return true;
  }
  return false;
}
