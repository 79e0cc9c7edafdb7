/** BZPOPMIN, BZPOPMAX and BZMPOP: pop from the first sorted set that is there, or wait for one. */
import { TYPE_ZSET } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { positions, readDeadline, waitForKeys } from "../waiting.ts";
import { findCountedKeys, lookupSortedSet } from "./arguments.ts";
import { popFirst, readMpopOptions, replyPopped } from "./zpop.ts";

const BZPOP = {
  arity: -3,
  flags: ["write", "noscript", "blocking", "fast"],
  keys: [1, -2, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(log(N)) with N being the number of elements in the sorted set.",
  syntax: "key [key ...] timeout",
  argumentTypes: { timeout: "double" },
  history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
} as const;

export const BZPOPMIN = {
  name: "bzpopmin",
  ...BZPOP,
  summary: "Removes and returns the member with the lowest score from one or more sorted sets. " +
    "Blocks until a member is available otherwise. Deletes the sorted set if the last element was " +
    "popped.",
  run: (call, reply) => pop(call, reply, false),
} as const satisfies CommandSpec;

export const BZPOPMAX = {
  name: "bzpopmax",
  ...BZPOP,
  summary: "Removes and returns the member with the highest score from one or more sorted sets. " +
    "Blocks until a member available otherwise. Deletes the sorted set if the last element was " +
    "popped.",
  run: (call, reply) => pop(call, reply, true),
} as const satisfies CommandSpec;

function pop(call: Call, reply: ReplyWriter, isMax: boolean): void {
  const deadlineMs = readDeadline(call, reply, call.argc - 1);
  if (deadlineMs === undefined) return;
  for (let i = 1; i < call.argc - 1; i++) {
    const ref = lookupSortedSet(call, i, reply, true);
    if (ref === undefined) return;
    if (ref === 0) continue;
    reply.array(3);
    reply.bulk(call.batch.input, call.offset(i), call.length(i));
    return replyPopped(call, i, ref, isMax, 1, false, reply);
  }
  const keys = positions(1, call.argc - 1);
  if (!waitForKeys(call, { type: TYPE_ZSET, keys, deadlineMs })) reply.nilArray();
}

export const BZMPOP = {
  name: "bzmpop",
  arity: -5,
  flags: ["write", "blocking", "movablekeys"],
  keyFlags: ["RW", "access", "delete"],
  keyCount: 2,
  findKeys: (batch, first, argc, found) => findCountedKeys(batch, first, argc, 2, found),
  since: "7.0.0",
  group: "sorted-set",
  complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of " +
    "elements in the sorted set, and M being the number of elements popped.",
  summary: "Removes and returns a member by score from one or more sorted sets. Blocks until a " +
    "member is available otherwise. Deletes the sorted set if the last element was popped.",
  syntax: "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
  argumentTypes: { timeout: "double" },
  run(call, reply) {
    const options = readMpopOptions(call, 2, reply);
    if (options === undefined) return;
    const deadlineMs = readDeadline(call, reply, 1);
    if (deadlineMs === undefined || popFirst(call, options, reply)) return;
    const keys = positions(options.firstKey, options.endKey);
    if (!waitForKeys(call, { type: TYPE_ZSET, keys, deadlineMs })) reply.nilArray();
  },
} as const satisfies CommandSpec;
