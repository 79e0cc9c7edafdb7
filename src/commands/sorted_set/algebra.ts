/** ZUNION, ZINTER, ZDIFF and ZINTERCARD. */
import { countCommon, intersect, subtract, unite } from "../../engine/sorted_set_algebra.ts";
import { SortedSetBuilder } from "../../engine/sorted_set_builder.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { type AlgebraForm, type AlgebraQuery, readAlgebra } from "./algebra_arguments.ts";
import { findCountedKeys } from "./arguments.ts";

const READ = {
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keyFlags: ["RO", "access"],
  group: "sorted-set",
  keyCount: 1,
  findKeys: (batch, first, argc, found) => findCountedKeys(batch, first, argc, 1, found),
} as const satisfies Partial<CommandSpec>;
const WEIGHTED: AlgebraForm = { countArg: 1, hasWeights: true, hasScores: true, hasLimit: false };
const PLAIN: AlgebraForm = { countArg: 1, hasWeights: false, hasScores: true, hasLimit: false };
const COUNTED: AlgebraForm = { countArg: 1, hasWeights: false, hasScores: false, hasLimit: true };

export const UNION_COST =
  "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted " +
  "sets, and M being the number of elements in the resulting sorted set.";
export const INTERSECTION_COST = "O(N*K)+O(M*log(M)) worst case with N being the smallest input " +
  "sorted set, K being the number of input sorted sets and M being the number of elements in the " +
  "resulting sorted set.";
export const DIFFERENCE_COST = "O(L + (N-K)log(N)) worst case where L is the total number of " +
  "elements in all the sets, N is the size of the first set, and K is the size of the result set.";

export const ZUNION = {
  name: "zunion",
  ...READ,
  since: "6.2.0",
  complexity: UNION_COST,
  summary: "Returns the union of multiple sorted sets.",
  syntax: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] " +
    "[WITHSCORES]",
  argumentTypes: { weight: "integer" },
  run(call, reply) {
    replyResult(call, WEIGHTED, reply, ({ inputs, aggregate }, result) => {
      unite(call.engine.keyspace, inputs, aggregate, result);
    });
  },
} as const satisfies CommandSpec;

export const ZINTER = {
  name: "zinter",
  ...READ,
  since: "6.2.0",
  complexity: INTERSECTION_COST,
  summary: "Returns the intersect of multiple sorted sets.",
  syntax: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] " +
    "[WITHSCORES]",
  argumentTypes: { weight: "integer" },
  run(call, reply) {
    replyResult(call, WEIGHTED, reply, ({ inputs, aggregate }, result) => {
      intersect(call.engine.keyspace, inputs, aggregate, result);
    });
  },
} as const satisfies CommandSpec;

export const ZDIFF = {
  name: "zdiff",
  ...READ,
  since: "6.2.0",
  complexity: DIFFERENCE_COST,
  summary: "Returns the difference between multiple sorted sets.",
  syntax: "numkeys key [key ...] [WITHSCORES]",
  run(call, reply) {
    replyResult(call, PLAIN, reply, ({ inputs }, result) => {
      subtract(call.engine.keyspace, inputs, result);
    });
  },
} as const satisfies CommandSpec;

export const ZINTERCARD = {
  name: "zintercard",
  ...READ,
  since: "7.0.0",
  complexity:
    "O(N*K) worst case with N being the smallest input sorted set, K being the number of " +
    "input sorted sets.",
  summary: "Returns the number of members of the intersect of multiple sorted sets.",
  syntax: "numkeys key [key ...] [LIMIT limit]",
  argumentTypes: { limit: "integer" },
  run(call, reply) {
    const query = readAlgebra(call, COUNTED, reply);
    if (query === undefined) return;
    reply.integer(countCommon(call.engine.keyspace, query.inputs, query.limit));
  },
} as const satisfies CommandSpec;

/** Replies what `fill` collects. */
function replyResult(
  call: Call,
  form: AlgebraForm,
  reply: ReplyWriter,
  fill: (query: AlgebraQuery, result: SortedSetBuilder) => void,
): void {
  const query = readAlgebra(call, form, reply);
  if (query === undefined) return;
  const firstKey = call.first + form.countArg + 1;
  const result = new SortedSetBuilder(call.engine.keyspace, call.batch.argHashes[firstKey]);
  try {
    fill(query, result);
    const { withScores } = query;
    const isNested = withScores && reply.version === 3;
    reply.array(withScores && !isNested ? 2 * result.length : result.length);
    for (const cursor = result.open(0, false); cursor.isThere; cursor.next()) {
      if (isNested) reply.array(2);
      reply.bulk(cursor.memory, cursor.offset, cursor.length);
      if (withScores) reply.double(cursor.score);
    }
  } finally {
    result.release();
  }
}
