/** DBSIZE, FLUSHDB, FLUSHALL and SWAPDB: whole databases. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { INVALID_DB_INDEX, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { isDatabaseIndex, readInt32 } from "./arguments.ts";

const FLUSH_HISTORY = [
  ["4.0.0", "Added the `ASYNC` flushing mode modifier."],
  ["6.2.0", "Added the `SYNC` flushing mode modifier."],
] as const;

export const DBSIZE = {
  name: "dbsize",
  arity: 1,
  flags: ["readonly", "fast"],
  categories: ["keyspace"],
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the number of keys in the database.",
  syntax: "",
  run(call, reply) {
    reply.integer(call.db.size);
  },
} as const satisfies CommandSpec;

export const FLUSHDB = {
  name: "flushdb",
  arity: -1,
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  since: "1.0.0",
  group: "server",
  complexity: "O(N) where N is the number of keys in the selected database",
  summary: "Remove all keys from the current database.",
  syntax: "[ASYNC | SYNC]",
  history: FLUSH_HISTORY,
  run(call, reply) {
    if (!checkMode(call, reply)) return;
    call.engine.keyspace.flush(call.db);
    finishFlush(call, reply);
  },
} as const satisfies CommandSpec;

export const FLUSHALL = {
  name: "flushall",
  arity: -1,
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  since: "1.0.0",
  group: "server",
  complexity: "O(N) where N is the total number of keys in all databases",
  summary: "Removes all keys from all databases.",
  syntax: "[ASYNC | SYNC]",
  history: FLUSH_HISTORY,
  run(call, reply) {
    if (!checkMode(call, reply)) return;
    call.engine.keyspace.flushAll();
    finishFlush(call, reply);
  },
} as const satisfies CommandSpec;

export const SWAPDB = {
  name: "swapdb",
  arity: 3,
  flags: ["write", "fast"],
  categories: ["keyspace", "dangerous"],
  since: "4.0.0",
  group: "server",
  complexity:
    "O(N) where N is the count of clients watching or blocking on keys from both databases.",
  summary: "Swaps two Redis databases.",
  syntax: "index1 index2",
  run(call, reply) {
    const first = readInt32(call, 1);
    const second = readInt32(call, 2);
    if (first === undefined) {
      reply.error("ERR invalid first DB index");
    } else if (second === undefined) {
      reply.error("ERR invalid second DB index");
    } else if (!isDatabaseIndex(call, first) || !isDatabaseIndex(call, second)) {
      reply.error(INVALID_DB_INDEX);
    } else {
      const { databases } = call.engine.keyspace;
      call.engine.keyspace.swap(databases[first], databases[second]);
      reply.ok();
    }
  },
} as const satisfies CommandSpec;

/** @returns false after an error was replied */
function checkMode(call: Call, reply: ReplyWriter): boolean {
  const isKnown = call.argc === 1 ||
    (call.argc === 2 && (call.is(1, "SYNC") || call.is(1, "ASYNC")));
  if (!isKnown) reply.error(SYNTAX_ERROR);
  return isKnown;
}

/** The keys are gone; their memory is freed before the reply with SYNC, else in slices. */
function finishFlush(call: Call, reply: ReplyWriter): void {
  const { keyspace } = call.engine;
  if (call.argc === 2 && call.is(1, "SYNC")) {
    while (keyspace.hasDiscarded) keyspace.freeDiscarded(Infinity);
  }
  reply.ok();
}
