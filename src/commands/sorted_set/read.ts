/** ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZCOUNT and ZLEXCOUNT: single facts about a sorted set. */
import { findMembers, findScores, type RankRange } from "../../engine/sorted_set_ranges.ts";
import { lengthOf, outcome, rankOf, scoreOf } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR, wrongArity } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet, readLexRange, readScoreRange } from "./arguments.ts";

const RANGE_COST = "O(log(N)) with N being the number of elements in the sorted set.";
const found: RankRange = { start: 0, count: 0 };

export const ZCARD = {
  name: "zcard",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(1)",
  summary: "Returns the number of members in a sorted set.",
  syntax: "key",
  run(call, reply) {
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    reply.integer(ref === 0 ? 0 : lengthOf(call.engine.keyspace, ref));
  },
} as const satisfies CommandSpec;

export const ZSCORE = {
  name: "zscore",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(1)",
  summary: "Returns the score of a member in a sorted set.",
  syntax: "key member",
  run(call, reply) {
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref !== undefined) replyScore(call, ref, 2, reply);
  },
} as const satisfies CommandSpec;

export const ZMSCORE = {
  name: "zmscore",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "sorted-set",
  complexity: "O(N) where N is the number of members being requested.",
  summary: "Returns the score of one or more members in a sorted set.",
  syntax: "key member [member ...]",
  run(call, reply) {
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    reply.array(call.argc - 2);
    for (let i = 2; i < call.argc; i++) replyScore(call, ref, i, reply);
  },
} as const satisfies CommandSpec;

/** Replies the score of the member that an argument names. @param ref 0 = absent */
function replyScore(call: Call, ref: number, i: number, reply: ReplyWriter): void {
  const { input } = call.batch;
  const score = ref === 0
    ? NaN
    : scoreOf(call.engine.keyspace, ref, input, call.offset(i), call.length(i));
  if (score === score) reply.double(score);
  else reply.nil();
}

const RANK = {
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  members: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  syntax: "key member [WITHSCORE]",
  history: [["7.2.0", "Added the optional `WITHSCORE` argument."]],
} as const;

export const ZRANK = {
  name: "zrank",
  ...RANK,
  summary: "Returns the index of a member in a sorted set ordered by ascending scores.",
  run: (call, reply) => replyRank(call, reply, false),
} as const satisfies CommandSpec;

export const ZREVRANK = {
  name: "zrevrank",
  ...RANK,
  summary: "Returns the index of a member in a sorted set ordered by descending scores.",
  run: (call, reply) => replyRank(call, reply, true),
} as const satisfies CommandSpec;

function replyRank(call: Call, reply: ReplyWriter, isReverse: boolean): void {
  if (call.argc > 4) return reply.error(wrongArity(call.name));
  const hasScore = call.argc === 4;
  if (hasScore && !call.is(3, "WITHSCORE")) return reply.error(SYNTAX_ERROR);
  const ref = lookupSortedSet(call, 1, reply, false);
  if (ref === undefined) return;
  const { keyspace } = call.engine;
  const rank = ref === 0
    ? -1
    : rankOf(keyspace, ref, call.batch.input, call.offset(2), call.length(2));
  if (rank < 0) {
    if (hasScore) reply.nilArray();
    else reply.nil();
    return;
  }
  if (hasScore) reply.array(2);
  reply.integer(isReverse ? lengthOf(keyspace, ref) - 1 - rank : rank);
  if (hasScore) reply.double(outcome.score);
}

export const ZCOUNT = {
  name: "zcount",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "sorted-set",
  complexity: RANGE_COST,
  summary: "Returns the count of members in a sorted set that have scores within a range.",
  syntax: "key min max",
  argumentTypes: { min: "double", max: "double" },
  run(call, reply) {
    const range = readScoreRange(call, 2, 3, reply);
    if (range === undefined) return;
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    findScores(call.engine.keyspace, ref, range, found);
    reply.integer(found.count);
  },
} as const satisfies CommandSpec;

export const ZLEXCOUNT = {
  name: "zlexcount",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.8.9",
  group: "sorted-set",
  complexity: RANGE_COST,
  summary: "Returns the number of members in a sorted set within a lexicographical range.",
  syntax: "key min max",
  run(call, reply) {
    const range = readLexRange(call, 2, 3, reply);
    if (range === undefined) return;
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    findMembers(call.engine.keyspace, ref, range, false, found);
    reply.integer(found.count);
  },
} as const satisfies CommandSpec;
