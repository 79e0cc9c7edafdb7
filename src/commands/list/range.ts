/** LLEN, LRANGE and LINDEX: reading lists. */
import { listLength, replyElements } from "../../engine/lists.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupListRead, readInteger } from "./arguments.ts";

export const LLEN = {
  name: "llen",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "1.0.0",
  group: "list",
  complexity: "O(1)",
  summary: "Returns the length of a list.",
  syntax: "key",
  run(call, reply) {
    const ref = lookupListRead(call, 1, reply);
    if (ref !== undefined) reply.integer(ref === 0 ? 0 : listLength(call.engine.keyspace, ref));
  },
} as const satisfies CommandSpec;

export const LRANGE = {
  name: "lrange",
  arity: 4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "list",
  complexity: "O(S+N) where S is the distance of start offset from HEAD for small lists, from " +
    "nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the " +
    "specified range.",
  summary: "Returns a range of elements from a list.",
  syntax: "key start stop",
  argumentTypes: { stop: "integer" },
  run(call, reply) {
    const { keyspace } = call.engine;
    const start = readInteger(call, 2, reply);
    if (start === undefined) return;
    const stop = readInteger(call, 3, reply);
    if (stop === undefined) return;
    const ref = lookupListRead(call, 1, reply);
    if (ref === undefined) return;
    const length = ref === 0 ? 0 : listLength(keyspace, ref);
    const first = Math.max(start < 0 ? length + start : start, 0);
    const last = Math.min(stop < 0 ? length + stop : stop, length - 1);
    const count = Math.max(last - first + 1, 0);
    reply.array(count);
    replyElements(keyspace, ref, first, count, true, reply);
  },
} as const satisfies CommandSpec;

export const LINDEX = {
  name: "lindex",
  arity: 3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "list",
  complexity:
    "O(N) where N is the number of elements to traverse to get to the element at index. " +
    "This makes asking for the first or the last element of the list O(1).",
  summary: "Returns an element from a list by its index.",
  syntax: "key index",
  run(call, reply) {
    const { keyspace } = call.engine;
    const ref = lookupListRead(call, 1, reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.nil();
    const index = readInteger(call, 2, reply);
    if (index === undefined) return;
    const length = listLength(keyspace, ref);
    const at = index < 0 ? length + index : index;
    if (at < 0 || at >= length) reply.nil();
    else replyElements(keyspace, ref, at, 1, true, reply);
  },
} as const satisfies CommandSpec;
