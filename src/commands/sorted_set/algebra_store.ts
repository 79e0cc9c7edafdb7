/** ZUNIONSTORE, ZINTERSTORE and ZDIFFSTORE. */
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import { intersect, subtract, unite } from "../../engine/sorted_set_algebra.ts";
import { SortedSetBuilder } from "../../engine/sorted_set_builder.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { removeDestination } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { DIFFERENCE_COST, INTERSECTION_COST } from "./algebra.ts";
import { type AlgebraForm, type AlgebraQuery, readAlgebra } from "./algebra_arguments.ts";
import { findCountedKeys } from "./arguments.ts";

const STORE = {
  arity: -4,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [1, 1, 1],
  firstKeyFlags: ["OW", "update"],
  keyFlags: ["RO", "access"],
  group: "sorted-set",
  keyCount: 2,
  findKeys: (batch, first, argc, found) => {
    // Without any source it is wrong, and has no destination either.
    let count = 0;
    findCountedKeys(batch, first, argc, 2, (position) => {
      if (count++ === 0) found(1);
      found(position);
    });
  },
} as const satisfies Partial<CommandSpec>;
const WEIGHTED: AlgebraForm = { countArg: 2, hasWeights: true, hasScores: false, hasLimit: false };
const PLAIN: AlgebraForm = { countArg: 2, hasWeights: false, hasScores: false, hasLimit: false };

export const ZUNIONSTORE = {
  name: "zunionstore",
  ...STORE,
  since: "2.0.0",
  complexity:
    "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M " +
    "being the number of elements in the resulting sorted set.",
  summary: "Stores the union of multiple sorted sets in a key.",
  syntax: "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] " +
    "[AGGREGATE <SUM | MIN | MAX>]",
  argumentTypes: { weight: "integer" },
  run(call, reply) {
    store(call, WEIGHTED, "zunionstore", reply, ({ inputs, aggregate }, result) => {
      unite(call.engine.keyspace, inputs, aggregate, result);
    });
  },
} as const satisfies CommandSpec;

export const ZINTERSTORE = {
  name: "zinterstore",
  ...STORE,
  since: "2.0.0",
  complexity: INTERSECTION_COST,
  summary: "Stores the intersect of multiple sorted sets in a key.",
  syntax: "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] " +
    "[AGGREGATE <SUM | MIN | MAX>]",
  argumentTypes: { weight: "integer" },
  run(call, reply) {
    store(call, WEIGHTED, "zinterstore", reply, ({ inputs, aggregate }, result) => {
      intersect(call.engine.keyspace, inputs, aggregate, result);
    });
  },
} as const satisfies CommandSpec;

export const ZDIFFSTORE = {
  name: "zdiffstore",
  ...STORE,
  since: "6.2.0",
  complexity: DIFFERENCE_COST,
  summary: "Stores the difference of multiple sorted sets in a key.",
  syntax: "destination numkeys key [key ...]",
  run(call, reply) {
    store(call, PLAIN, "zdiffstore", reply, ({ inputs }, result) => {
      subtract(call.engine.keyspace, inputs, result);
    });
  },
} as const satisfies CommandSpec;

/** Stores what `fill` collects in the key that argument 1 names. @param event what that is called */
function store(
  call: Call,
  form: AlgebraForm,
  event: string,
  reply: ReplyWriter,
  fill: (query: AlgebraQuery, result: SortedSetBuilder) => void,
): void {
  const query = readAlgebra(call, form, reply);
  if (query === undefined) return;
  const { keyspace, settings } = call.engine;
  const { batch, db, first } = call;
  const result = new SortedSetBuilder(keyspace, batch.argHashes[first + 1]);
  try {
    fill(query, result);
    const count = result.length;
    if (count === 0) {
      removeDestination(call, 1);
    } else {
      result.store(db, batch, first + 1, settings);
      call.changed(1, EVENT_ZSET, event);
    }
    reply.integer(count);
  } finally {
    result.release();
  }
}
