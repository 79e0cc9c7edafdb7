/** ZREM, ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX. */
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import { findMembers, findScores, type RankRange } from "../../engine/sorted_set_ranges.ts";
import { lengthOf, removeMember, removeRanks } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { popped, reduced } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet, readInteger, readLexRange, readScoreRange } from "./arguments.ts";

const RANGE_COST = "O(log(N)+M) with N being the number of elements in the sorted set and M " +
  "the number of elements removed by the operation.";
const RANGE = {
  arity: 4,
  flags: ["write"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  group: "sorted-set",
  complexity: RANGE_COST,
} as const;
const found: RankRange = { start: 0, count: 0 };

export const ZREM = {
  name: "zrem",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RW", "delete"],
  since: "1.2.0",
  group: "sorted-set",
  complexity:
    "O(M*log(N)) with N being the number of elements in the sorted set and M the number " +
    "of elements to be removed.",
  summary: "Removes one or more members from a sorted set. " +
    "Deletes the sorted set if all members were removed.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple elements."]],
  run(call, reply) {
    let ref = lookupSortedSet(call, 1, reply, true);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    const { keyspace } = call.engine;
    const { batch, db } = call;
    const arg = call.first + 1;
    let removed = 0;
    let isGone = false;
    for (let i = 2; i < call.argc; i++) {
      const offset = call.offset(i), length = call.length(i);
      const moved = removeMember(keyspace, db, batch, arg, ref, batch.input, offset, length);
      if (moved === 0) continue;
      ref = moved;
      removed++;
      isGone = lengthOf(keyspace, ref) === 0;
      if (isGone) {
        call.remove(1);
        break;
      }
    }
    if (removed > 0) popped(call, 1, EVENT_ZSET, "zrem", isGone);
    reply.integer(removed);
  },
} as const satisfies CommandSpec;

export const ZREMRANGEBYRANK = {
  name: "zremrangebyrank",
  ...RANGE,
  since: "2.0.0",
  summary: "Removes members in a sorted set within a range of indexes. " +
    "Deletes the sorted set if all members were removed.",
  syntax: "key start stop",
  argumentTypes: { stop: "integer" },
  run(call, reply) {
    let start = readInteger(call, 2, reply);
    if (start === undefined) return;
    let stop = readInteger(call, 3, reply);
    if (stop === undefined) return;
    const ref = lookupSortedSet(call, 1, reply, true);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    const length = lengthOf(call.engine.keyspace, ref);
    start = Math.max(0, start < 0 ? length + start : start);
    stop = Math.min(length - 1, stop < 0 ? length + stop : stop);
    found.start = start;
    found.count = Math.max(0, stop - start + 1);
    removeFound(call, ref, reply, "zremrangebyrank");
  },
} as const satisfies CommandSpec;

export const ZREMRANGEBYSCORE = {
  name: "zremrangebyscore",
  ...RANGE,
  since: "1.2.0",
  summary: "Removes members in a sorted set within a range of scores. " +
    "Deletes the sorted set if all members were removed.",
  syntax: "key min max",
  argumentTypes: { min: "double", max: "double" },
  run(call, reply) {
    const range = readScoreRange(call, 2, 3, reply);
    if (range === undefined) return;
    const ref = lookupSortedSet(call, 1, reply, true);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    findScores(call.engine.keyspace, ref, range, found);
    removeFound(call, ref, reply, "zremrangebyscore");
  },
} as const satisfies CommandSpec;

export const ZREMRANGEBYLEX = {
  name: "zremrangebylex",
  ...RANGE,
  since: "2.8.9",
  summary: "Removes members in a sorted set within a lexicographical range. " +
    "Deletes the sorted set if all members were removed.",
  syntax: "key min max",
  run(call, reply) {
    const range = readLexRange(call, 2, 3, reply);
    if (range === undefined) return;
    const ref = lookupSortedSet(call, 1, reply, true);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    findMembers(call.engine.keyspace, ref, range, false, found);
    removeFound(call, ref, reply, "zremrangebylex");
  },
} as const satisfies CommandSpec;

function removeFound(call: Call, ref: number, reply: ReplyWriter, event: string): void {
  const { start, count } = found;
  const { keyspace } = call.engine;
  const isGone = count === lengthOf(keyspace, ref);
  removeRanks(keyspace, call.db, call.batch, call.first + 1, ref, start, count);
  if (count > 0) reduced(call, 1, EVENT_ZSET, event, isGone);
  reply.integer(count);
}
