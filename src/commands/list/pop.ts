/** LPOP and RPOP: takes elements from an end of a list. */
import { EVENT_LIST } from "../../engine/key_changes.ts";
import {
  listLength,
  popOne,
  prepareToRemove,
  removeFromEnd,
  replyElements,
} from "../../engine/lists.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupList } from "./arguments.ts";

const POP = {
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "1.0.0",
  group: "list",
  complexity: "O(N) where N is the number of elements returned",
  syntax: "key [count]",
  history: [["6.2.0", "Added the `count` argument."]],
} as const;

export const LPOP = {
  name: "lpop",
  ...POP,
  summary: "Returns the first elements in a list after removing it. Deletes the list if the last " +
    "element was popped.",
  run: (call, reply) => pop(call, reply, true),
} as const satisfies CommandSpec;

export const RPOP = {
  name: "rpop",
  ...POP,
  summary:
    "Returns and removes the last elements of a list. Deletes the list if the last element " +
    "was popped.",
  run: (call, reply) => pop(call, reply, false),
} as const satisfies CommandSpec;

function pop(call: Call, reply: ReplyWriter, isInFront: boolean): void {
  const { keyspace, settings } = call.engine;
  const hasCount = call.argc === 3;
  if (call.argc > 3) return reply.error(wrongArity(call.name));
  let wanted = 1;
  if (hasCount) {
    const count = call.integer(2);
    if (count === undefined || count < 0) {
      return reply.error("ERR value is out of range, must be positive");
    }
    wanted = count;
  }
  const ref = lookupList(call, 1, reply);
  if (ref === undefined) return;
  if (ref === 0) return hasCount ? reply.nilArray() : reply.nil();
  const { batch, db, first } = call;
  const event = isInFront ? "lpop" : "rpop";
  if (!hasCount) {
    const isGone = popOne(keyspace, settings, db, batch, first + 1, ref, isInFront, reply);
    return popped(call, 1, EVENT_LIST, event, isGone);
  }
  const length = listLength(keyspace, ref);
  const count = Math.min(wanted, length);
  prepareToRemove(keyspace, ref, count, isInFront);
  reply.array(count);
  replyElements(keyspace, ref, isInFront ? 0 : length - 1, count, isInFront, reply);
  if (count === 0) return;
  const isGone = removeFromEnd(
    keyspace,
    settings,
    db,
    batch,
    first + 1,
    ref,
    count,
    isInFront,
  );
  popped(call, 1, EVENT_LIST, event, isGone);
}
