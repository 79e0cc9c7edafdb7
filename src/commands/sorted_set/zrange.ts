/** ZRANGE with all that it replaced, and ZRANGESTORE. */
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import { SortedSetBuilder } from "../../engine/sorted_set_builder.ts";
import { SortedSetCursor } from "../../engine/sorted_set_cursor.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { removeDestination } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet } from "./arguments.ts";
import { findRange, type RangeForm, readRangeQuery } from "./range_query.ts";

const COST = "O(log(N)+M) with N being the number of elements in the sorted set and M the number " +
  "of elements returned.";
const LIMITED_COST =
  "O(log(N)+M) with N being the number of elements in the sorted set and M the " +
  "number of elements being returned. If M is constant (e.g. always asking for the first 10 " +
  "elements with LIMIT), you can consider it O(log(N)).";
const READ = {
  arity: -4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  group: "sorted-set",
} as const;
const SCORES = { argumentTypes: { min: "double", max: "double" } } as const;

const cursor = new SortedSetCursor();

export const ZRANGE = {
  name: "zrange",
  ...READ,
  since: "1.2.0",
  complexity: COST,
  summary: "Returns members in a sorted set within a range of indexes.",
  syntax: "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
  argumentTypes: { start: "string" },
  history: [["6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."]],
  run: (call, reply) => range(call, reply, ANY),
} as const satisfies CommandSpec;

export const ZREVRANGE = {
  name: "zrevrange",
  ...READ,
  since: "1.2.0",
  complexity: COST,
  summary: "Returns members in a sorted set within a range of indexes in reverse order.",
  syntax: "key start stop [WITHSCORES]",
  argumentTypes: { stop: "integer" },
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` argument" },
  run: (call, reply) => range(call, reply, RANKS_DOWN),
} as const satisfies CommandSpec;

export const ZRANGEBYSCORE = {
  name: "zrangebyscore",
  ...READ,
  ...SCORES,
  since: "1.0.5",
  complexity: LIMITED_COST,
  summary: "Returns members in a sorted set within a range of scores.",
  syntax: "key min max [WITHSCORES] [LIMIT offset count]",
  history: [["2.0.0", "Added the `WITHSCORES` modifier."]],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `BYSCORE` argument" },
  run: (call, reply) => range(call, reply, SCORES_UP),
} as const satisfies CommandSpec;

export const ZREVRANGEBYSCORE = {
  name: "zrevrangebyscore",
  ...READ,
  ...SCORES,
  since: "2.2.0",
  complexity: LIMITED_COST,
  summary: "Returns members in a sorted set within a range of scores in reverse order.",
  syntax: "key max min [WITHSCORES] [LIMIT offset count]",
  history: [["2.1.6", "`min` and `max` can be exclusive."]],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` and `BYSCORE` arguments" },
  run: (call, reply) => range(call, reply, SCORES_DOWN),
} as const satisfies CommandSpec;

export const ZRANGEBYLEX = {
  name: "zrangebylex",
  ...READ,
  since: "2.8.9",
  complexity: LIMITED_COST,
  summary: "Returns members in a sorted set within a lexicographical range.",
  syntax: "key min max [LIMIT offset count]",
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `BYLEX` argument" },
  run: (call, reply) => range(call, reply, MEMBERS_UP),
} as const satisfies CommandSpec;

export const ZREVRANGEBYLEX = {
  name: "zrevrangebylex",
  ...READ,
  since: "2.8.9",
  complexity: LIMITED_COST,
  summary: "Returns members in a sorted set within a lexicographical range in reverse order.",
  syntax: "key max min [LIMIT offset count]",
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` and `BYLEX` arguments" },
  run: (call, reply) => range(call, reply, MEMBERS_DOWN),
} as const satisfies CommandSpec;

const ANY: RangeForm = { kind: undefined, isReverse: undefined, isStore: false };
const RANKS_DOWN: RangeForm = { kind: "rank", isReverse: true, isStore: false };
const SCORES_UP: RangeForm = { kind: "score", isReverse: false, isStore: false };
const SCORES_DOWN: RangeForm = { kind: "score", isReverse: true, isStore: false };
const MEMBERS_UP: RangeForm = { kind: "lex", isReverse: false, isStore: false };
const MEMBERS_DOWN: RangeForm = { kind: "lex", isReverse: true, isStore: false };
const STORED: RangeForm = { kind: undefined, isReverse: undefined, isStore: true };

function range(call: Call, reply: ReplyWriter, form: RangeForm): void {
  const query = readRangeQuery(call, 1, form, reply);
  if (query === undefined) return;
  const ref = lookupSortedSet(call, 1, reply, false);
  if (ref === undefined) return;
  if (ref === 0) return reply.array(0);
  const { start, count } = findRange(call, ref, query);
  replyMembers(call, ref, start, count, query.isReverse, query.hasScores, reply);
}

function replyMembers(
  call: Call,
  ref: number,
  start: number,
  count: number,
  isReverse: boolean,
  hasScores: boolean,
  reply: ReplyWriter,
): void {
  const isNested = hasScores && reply.version === 3;
  reply.array(hasScores && !isNested ? 2 * count : count);
  if (count === 0) return;
  cursor.open(call.engine.keyspace, ref, start, isReverse);
  for (let left = count; left > 0; left--) {
    if (isNested) reply.array(2);
    reply.bulk(cursor.memory, cursor.offset, cursor.length);
    if (hasScores) reply.double(cursor.score);
    if (left > 1) cursor.next();
  }
}

export const ZRANGESTORE = {
  name: "zrangestore",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [1, 2, 1],
  keyFlags: ["OW", "update"],
  lastKeyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "sorted-set",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number " +
    "of elements stored into the destination key.",
  summary: "Stores a range of members from sorted set in a key.",
  syntax: "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
  run(call, reply) {
    const query = readRangeQuery(call, 2, STORED, reply);
    if (query === undefined) return;
    const ref = lookupSortedSet(call, 2, reply, false);
    if (ref === undefined) return;
    const { keyspace, settings } = call.engine;
    const { batch, db } = call;
    const { start, count } = ref === 0 ? NOTHING : findRange(call, ref, query);
    if (count === 0) {
      removeDestination(call, 1);
      return reply.integer(0);
    }
    const builder = new SortedSetBuilder(keyspace, batch.argHashes[call.first + 1]);
    try {
      cursor.open(keyspace, ref, start, query.isReverse);
      for (let left = count; left > 0; left--) {
        builder.add(cursor.score, cursor.memory, cursor.offset, cursor.length);
        if (left > 1) cursor.next();
      }
      builder.store(db, batch, call.first + 1, settings);
    } finally {
      builder.release();
    }
    call.changed(1, EVENT_ZSET, "zrangestore");
    reply.integer(count);
  },
} as const satisfies CommandSpec;

const NOTHING = { start: 0, count: 0 } as const;
