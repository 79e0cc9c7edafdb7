/** BLPOP, BRPOP, BLMPOP, BLMOVE and BRPOPLPUSH: take from the first list that is there, or wait for one. */
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { TYPE_LIST } from "../../engine/keyspace.ts";
import { readEnd, removeFromEnd } from "../../engine/lists.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { positions, readDeadline, waitForKeys } from "../waiting.ts";
import { lookupList, readSide } from "./arguments.ts";
import { moveBetween } from "./move.ts";
import { findPoppedKeys, popFirstList, readMultiPop } from "./multi_pop.ts";

const TIMEOUT_HISTORY = [
  ["6.0.0", "`timeout` is interpreted as a double instead of an integer."],
] as const;

const BPOP = {
  arity: -3,
  flags: ["write", "noscript", "blocking"],
  keys: [1, -2, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "2.0.0",
  group: "list",
  complexity: "O(N) where N is the number of provided keys.",
  syntax: "key [key ...] timeout",
  argumentTypes: { timeout: "double" },
  history: TIMEOUT_HISTORY,
} as const;

export const BLPOP = {
  name: "blpop",
  ...BPOP,
  summary:
    "Removes and returns the first element in a list. Blocks until an element is available " +
    "otherwise. Deletes the list if the last element was popped.",
  run: (call, reply) => pop(call, reply, true),
} as const satisfies CommandSpec;

export const BRPOP = {
  name: "brpop",
  ...BPOP,
  summary: "Removes and returns the last element in a list. Blocks until an element is available " +
    "otherwise. Deletes the list if the last element was popped.",
  run: (call, reply) => pop(call, reply, false),
} as const satisfies CommandSpec;

function pop(call: Call, reply: ReplyWriter, isInFront: boolean): void {
  const deadlineMs = readDeadline(call, reply, call.argc - 1);
  if (deadlineMs === undefined) return;
  const { keyspace, settings } = call.engine;
  for (let i = 1; i < call.argc - 1; i++) {
    const ref = lookupList(call, i, reply);
    if (ref === undefined) return;
    if (ref === 0) continue;
    const { region, length } = readEnd(keyspace, ref, isInFront);
    const { batch, db, first } = call;
    const isGone = removeFromEnd(keyspace, settings, db, batch, first + i, ref, 1, isInFront);
    reply.array(2);
    reply.bulk(batch.input, call.offset(i), call.length(i));
    reply.bulk(region, 0, length);
    return popped(call, i, EVENT_LIST, isInFront ? "lpop" : "rpop", isGone);
  }
  const keys = positions(1, call.argc - 1);
  if (!waitForKeys(call, { type: TYPE_LIST, keys, deadlineMs })) reply.nilArray();
}

export const BLMPOP = {
  name: "blmpop",
  arity: -5,
  flags: ["write", "blocking", "movablekeys"],
  keyFlags: ["RW", "access", "delete"],
  keyCount: 2,
  findKeys: (batch, first, argc, found) => findPoppedKeys(batch, first, argc, 2, found),
  since: "7.0.0",
  group: "list",
  complexity:
    "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
  summary: "Pops the first element from one of multiple lists. Blocks until an element is " +
    "available otherwise. Deletes the list if the last element was popped.",
  syntax: "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
  argumentTypes: { timeout: "double" },
  run(call, reply) {
    const options = readMultiPop(call, 2, reply);
    if (options === undefined) return;
    const deadlineMs = readDeadline(call, reply, 1);
    if (deadlineMs === undefined || popFirstList(call, options, reply)) return;
    const keys = positions(options.firstKey, options.endKey);
    if (!waitForKeys(call, { type: TYPE_LIST, keys, deadlineMs })) reply.nilArray();
  },
} as const satisfies CommandSpec;

const BMOVE = {
  flags: ["write", "denyoom", "noscript", "blocking"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["RW", "insert"],
  group: "list",
  complexity: "O(1)",
  argumentTypes: { timeout: "double" },
} as const;

export const BLMOVE = {
  name: "blmove",
  arity: 6,
  ...BMOVE,
  since: "6.2.0",
  summary: "Pops an element from a list, pushes it to another list and returns it. Blocks until " +
    "an element is available otherwise. Deletes the list if the last element was moved.",
  syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
  run(call, reply) {
    const isFromFront = readSide(call, 3, reply);
    if (isFromFront === undefined) return;
    const isToFront = readSide(call, 4, reply);
    if (isToFront !== undefined) moveOrWait(call, isFromFront, isToFront, 5, reply);
  },
} as const satisfies CommandSpec;

export const BRPOPLPUSH = {
  name: "brpoplpush",
  arity: 4,
  ...BMOVE,
  since: "2.2.0",
  summary: "Pops an element from a list, pushes it to another list and returns it. Block until " +
    "an element is available otherwise. Deletes the list if the last element was popped.",
  syntax: "source destination timeout",
  history: TIMEOUT_HISTORY,
  deprecated: {
    since: "6.2.0",
    replacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
  },
  run: (call, reply) => moveOrWait(call, false, true, 3, reply),
} as const satisfies CommandSpec;

/** @param timeout argument that holds it */
function moveOrWait(
  call: Call,
  isFromFront: boolean,
  isToFront: boolean,
  timeout: number,
  reply: ReplyWriter,
): void {
  const deadlineMs = readDeadline(call, reply, timeout);
  if (deadlineMs === undefined || moveBetween(call, isFromFront, isToFront, reply)) return;
  if (!waitForKeys(call, { type: TYPE_LIST, keys: [1], deadlineMs })) reply.nil();
}
