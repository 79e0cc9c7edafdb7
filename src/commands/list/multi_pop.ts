/** LMPOP: takes some elements from the first list that is there. */
import { parseInteger } from "../../bytes/ascii.ts";
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { listLength, prepareToRemove, removeFromEnd, replyElements } from "../../engine/lists.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupList, readSide } from "./arguments.ts";

export const LMPOP = {
  name: "lmpop",
  arity: -4,
  flags: ["write", "movablekeys"],
  keyFlags: ["RW", "access", "delete"],
  keyCount: 1,
  findKeys: (batch, first, argc, found) => findPoppedKeys(batch, first, argc, 1, found),
  since: "7.0.0",
  group: "list",
  complexity:
    "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
  summary: "Returns multiple elements from a list after removing them. Deletes the list if the " +
    "last element was popped.",
  syntax: "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
  run(call, reply) {
    const options = readMultiPop(call, 1, reply);
    if (options !== undefined && !popFirstList(call, options, reply)) reply.nilArray();
  },
} as const satisfies CommandSpec;

/** What LMPOP and BLMPOP are asked for. */
export interface MultiPop {
  /** Position of the first key, and one past the last. */
  readonly firstKey: number;
  readonly endKey: number;
  readonly isInFront: boolean;
  readonly count: number;
}

/** Calls `found` with the positions of the keys. @param at argument with their number */
export function findPoppedKeys(
  batch: CommandBatch,
  first: number,
  argc: number,
  at: number,
  found: (position: number) => void,
): void {
  const arg = first + at;
  const count = at < argc
    ? parseInteger(batch.input.bytes, batch.argOffsets[arg], batch.argLengths[arg])
    : 0;
  if (typeof count !== "number" || count > argc - at - 1) return;
  for (let i = 1; i <= count; i++) found(at + i);
}

/** @param at argument with the number of keys @returns undefined after an error was replied */
export function readMultiPop(call: Call, at: number, reply: ReplyWriter): MultiPop | undefined {
  const keyCount = call.integer(at);
  if (keyCount === undefined || keyCount < 1) {
    reply.error("ERR numkeys should be greater than 0");
    return undefined;
  }
  const endKey = at + 1 + keyCount;
  if (endKey >= call.argc) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const isInFront = readSide(call, endKey, reply);
  if (isInFront === undefined) return undefined;
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
  return { firstKey: at + 1, endKey, isInFront, count: Math.max(count, 1) };
}

/**
 * Pops from the first list that is there, and replies what was popped, or that a key is no list.
 * @returns false when there is none, and nothing was replied
 */
export function popFirstList(call: Call, options: MultiPop, reply: ReplyWriter): boolean {
  const { keyspace, settings } = call.engine;
  const { isInFront } = options;
  for (let i = options.firstKey; i < options.endKey; i++) {
    const ref = lookupList(call, i, reply);
    if (ref === undefined) return true;
    if (ref === 0) continue;
    const length = listLength(keyspace, ref);
    const count = Math.min(options.count, length);
    prepareToRemove(keyspace, ref, count, isInFront);
    reply.array(2);
    reply.bulk(call.batch.input, call.offset(i), call.length(i));
    reply.array(count);
    replyElements(keyspace, ref, isInFront ? 0 : length - 1, count, isInFront, reply);
    removeFromEnd(keyspace, settings, call.db, call.batch, call.first + i, ref, count, isInFront);
    popped(call, i, EVENT_LIST, isInFront ? "lpop" : "rpop", count === length);
    return true;
  }
  return false;
}
