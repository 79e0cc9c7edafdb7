/** LMOVE and RPOPLPUSH: an element from an end of a list to an end of another, or of the same. */
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { listLength, moveElement } from "../../engine/lists.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupList, readSide } from "./arguments.ts";

export const LMOVE = {
  name: "lmove",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["RW", "insert"],
  since: "6.2.0",
  group: "list",
  complexity: "O(1)",
  summary: "Returns an element after popping it from one list and pushing it to another. Deletes " +
    "the list if the last element was moved.",
  syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
  run(call, reply) {
    const isFromFront = readSide(call, 3, reply);
    if (isFromFront === undefined) return;
    const isToFront = readSide(call, 4, reply);
    if (isToFront === undefined) return;
    if (!moveBetween(call, isFromFront, isToFront, reply)) reply.nil();
  },
} as const satisfies CommandSpec;

export const RPOPLPUSH = {
  name: "rpoplpush",
  arity: 3,
  flags: ["write", "denyoom"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["RW", "insert"],
  since: "1.2.0",
  group: "list",
  complexity: "O(1)",
  summary: "Returns the last element of a list after removing and pushing it to another list. " +
    "Deletes the list if the last element was popped.",
  syntax: "source destination",
  deprecated: {
    since: "6.2.0",
    replacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
  },
  run(call, reply) {
    if (!moveBetween(call, false, true, reply)) reply.nil();
  },
} as const satisfies CommandSpec;

/**
 * Moves an element from the list of argument 1 to that of argument 2 and replies it, or an error.
 * @returns false when there is no list to move from, and nothing was replied
 */
export function moveBetween(
  call: Call,
  isFromFront: boolean,
  isToFront: boolean,
  reply: ReplyWriter,
): boolean {
  const { keyspace, settings } = call.engine;
  const { batch, db, first } = call;
  const source = lookupList(call, 1, reply);
  if (source === undefined) return true;
  if (source === 0) return false;
  const target = lookupList(call, 2, reply);
  if (target === undefined) return true;
  const isLast = listLength(keyspace, source) === 1 && source !== target;
  const element = moveElement(
    keyspace,
    settings,
    db,
    batch,
    first + 1,
    source,
    first + 2,
    target,
    isFromFront,
    isToFront,
  );
  reply.bulk(element.region, 0, element.length);
  call.changed(2, EVENT_LIST, isToFront ? "lpush" : "rpush");
  popped(call, 1, EVENT_LIST, isFromFront ? "lpop" : "rpop", isLast);
  return true;
}
