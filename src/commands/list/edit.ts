/** LSET, LINSERT, LREM and LTRIM: changes inside of lists. */
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { insertBeside, keepRange, removeEqual, setElement } from "../../engine/list_edits.ts";
import { listLength } from "../../engine/lists.ts";
import { NO_SUCH_KEY, SYNTAX_ERROR } from "../errors.ts";
import { popped, reduced } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupList, readInteger } from "./arguments.ts";

export const LSET = {
  name: "lset",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "1.0.0",
  group: "list",
  complexity: "O(N) where N is the length of the list. Setting either the first or the last " +
    "element of the list is O(1).",
  summary: "Sets the value of an element in a list by its index.",
  syntax: "key index element",
  run(call, reply) {
    const { keyspace, settings } = call.engine;
    const { batch, db, first } = call;
    const ref = lookupList(call, 1, reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.error(NO_SUCH_KEY);
    const index = readInteger(call, 2, reply);
    if (index === undefined) return;
    const at = index < 0 ? listLength(keyspace, ref) + index : index;
    const isSet = setElement(
      keyspace,
      settings,
      db,
      batch,
      first + 1,
      ref,
      at,
      batch.input,
      call.offset(3),
      call.length(3),
    );
    if (!isSet) return reply.error("ERR index out of range");
    call.changed(1, EVENT_LIST, "lset");
    reply.ok();
  },
} as const satisfies CommandSpec;

export const LINSERT = {
  name: "linsert",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "insert"],
  since: "2.2.0",
  group: "list",
  complexity: "O(N) where N is the number of elements to traverse before seeing the value pivot. " +
    "This means that inserting somewhere on the left end on the list (head) can be considered " +
    "O(1) and inserting somewhere on the right end (tail) is O(N).",
  summary: "Inserts an element before or after another element in a list.",
  syntax: "key <BEFORE | AFTER> pivot element",
  run(call, reply) {
    const { keyspace, settings } = call.engine;
    const { batch, db, first } = call;
    const isBehind = call.is(2, "AFTER");
    if (!isBehind && !call.is(2, "BEFORE")) return reply.error(SYNTAX_ERROR);
    const ref = lookupList(call, 1, reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    const length = listLength(keyspace, ref);
    const isDone = insertBeside(
      keyspace,
      settings,
      db,
      batch,
      first + 1,
      ref,
      first + 3,
      first + 4,
      isBehind,
    );
    if (isDone) call.changed(1, EVENT_LIST, "linsert");
    reply.integer(isDone ? length + 1 : -1);
  },
} as const satisfies CommandSpec;

export const LREM = {
  name: "lrem",
  arity: 4,
  flags: ["write"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "1.0.0",
  group: "list",
  complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
  summary: "Removes elements from a list. Deletes the list if the last element was removed.",
  syntax: "key count element",
  run(call, reply) {
    const { keyspace, settings } = call.engine;
    const { batch, db, first } = call;
    const count = readInteger(call, 2, reply);
    if (count === undefined) return;
    const ref = lookupList(call, 1, reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.integer(0);
    const length = listLength(keyspace, ref);
    const limit = count === 0 ? Infinity : Math.abs(count);
    const value = first + 3;
    const isForward = count >= 0;
    const removed = removeEqual(
      keyspace,
      settings,
      db,
      batch,
      first + 1,
      ref,
      value,
      limit,
      isForward,
    );
    if (removed > 0) reduced(call, 1, EVENT_LIST, "lrem", removed === length);
    reply.integer(removed);
  },
} as const satisfies CommandSpec;

export const LTRIM = {
  name: "ltrim",
  arity: 4,
  flags: ["write"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "1.0.0",
  group: "list",
  complexity: "O(N) where N is the number of elements to be removed by the operation.",
  summary: "Removes elements from both ends a list. Deletes the list if all elements were trimmed.",
  syntax: "key start stop",
  argumentTypes: { stop: "integer" },
  run(call, reply) {
    const { keyspace, settings } = call.engine;
    const { batch, db, first } = call;
    const start = readInteger(call, 2, reply);
    if (start === undefined) return;
    const stop = readInteger(call, 3, reply);
    if (stop === undefined) return;
    const ref = lookupList(call, 1, reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.ok();
    const length = listLength(keyspace, ref);
    const index = Math.max(start < 0 ? length + start : start, 0);
    const last = Math.min(stop < 0 ? length + stop : stop, length - 1);
    const count = Math.max(last - index + 1, 0);
    keepRange(keyspace, settings, db, batch, first + 1, ref, index, count);
    // Even if all elements were kept, as in Redis.
    popped(call, 1, EVENT_LIST, "ltrim", count === 0);
    reply.ok();
  },
} as const satisfies CommandSpec;
