/** LPUSH, RPUSH, LPUSHX and RPUSHX: elements at an end of a list. */
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { pushArguments } from "../../engine/lists.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupList } from "./arguments.ts";

const PUSH = {
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "insert"],
  group: "list",
  complexity: "O(1) for each element added, so O(N) to add N elements when the command is called " +
    "with multiple arguments.",
  syntax: "key element [element ...]",
} as const;

export const LPUSH = {
  name: "lpush",
  ...PUSH,
  since: "1.0.0",
  summary: "Prepends one or more elements to a list. Creates the key if it doesn't exist.",
  history: [["2.4.0", "Accepts multiple `element` arguments."]],
  run: (call, reply) => push(call, reply, true, false),
} as const satisfies CommandSpec;

export const RPUSH = {
  name: "rpush",
  ...PUSH,
  since: "1.0.0",
  summary: "Appends one or more elements to a list. Creates the key if it doesn't exist.",
  history: [["2.4.0", "Accepts multiple `element` arguments."]],
  run: (call, reply) => push(call, reply, false, false),
} as const satisfies CommandSpec;

export const LPUSHX = {
  name: "lpushx",
  ...PUSH,
  since: "2.2.0",
  summary: "Prepends one or more elements to a list only when the list exists.",
  history: [["4.0.0", "Accepts multiple `element` arguments."]],
  run: (call, reply) => push(call, reply, true, true),
} as const satisfies CommandSpec;

export const RPUSHX = {
  name: "rpushx",
  ...PUSH,
  since: "2.2.0",
  summary: "Appends an element to a list only when the list exists.",
  history: [["4.0.0", "Accepts multiple `element` arguments."]],
  run: (call, reply) => push(call, reply, false, true),
} as const satisfies CommandSpec;

function push(call: Call, reply: ReplyWriter, isInFront: boolean, mustExist: boolean): void {
  const { keyspace, settings } = call.engine;
  const { batch, db, first } = call;
  const ref = lookupList(call, 1, reply);
  if (ref === undefined) return;
  if (ref === 0 && mustExist) return reply.integer(0);
  const end = first + call.argc;
  reply.integer(
    pushArguments(keyspace, settings, db, batch, first + 1, ref, first + 2, end, isInFront),
  );
  call.changed(1, EVENT_LIST, isInFront ? "lpush" : "rpush");
}
