/** PURGE: removing all keys that begin with some bytes. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";

const PURGE_PREFIX = {
  name: "prefix",
  arity: -3,
  flags: ["write", "no_multi"],
  categories: ["keyspace", "dangerous"],
  removedPrefix: 2,
  since: "0.1.0",
  group: "generic",
  complexity:
    "O(N) with N being the number of keys that begin with the prefix; without an ordered index " +
    "(key-index radix) N being the number of keys in the database. Done in slices that let other " +
    "clients pass.",
  summary: "Removes all keys that begin with a prefix.",
  syntax: "prefix [ASYNC | SYNC]",
  run(call, reply) {
    const isAsync = call.argc === 4 && call.is(3, "ASYNC");
    const isSync = call.argc === 3 || (call.argc === 4 && call.is(3, "SYNC"));
    if (isAsync || isSync) purge(call, reply, isAsync);
    else reply.error(SYNTAX_ERROR);
  },
} as const satisfies CommandSpec;

const PURGE_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "0.1.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "PURGE", [
      "PREFIX <prefix> [ASYNC|SYNC]",
      "    Remove all keys of the database that begin with <prefix>. Returns how many there were",
      "    when they are gone, or OK at once with ASYNC. Keys that are written meanwhile may be",
      "    removed, too.",
    ]);
  },
} as const satisfies CommandSpec;

/** Not a command of Redis. */
export const PURGE = {
  name: "purge",
  arity: -2,
  flags: [],
  since: "0.1.0",
  group: "generic",
  complexity: "Depends on subcommand.",
  summary: "A container for commands that remove many keys.",
  syntax: "",
  subcommands: [PURGE_HELP, PURGE_PREFIX],
} as const satisfies CommandSpec;

/**
 * Replies with the number of removed keys when they are gone, at once with ASYNC. Where nobody can wait
 * all is done at once.
 */
function purge(call: Call, reply: ReplyWriter, isAsync: boolean): void {
  const { engine, session } = call;
  const { purges } = engine;
  const job = purges.start(call.db, call.bytes(2).slice());
  if (!job.isDone) {
    if (isAsync) {
      engine.hasWork();
    } else if (session.isRemote) {
      engine.hasWork();
      const ended = new Promise<number>((resolve) => job.onDone = resolve);
      session.park(ended, (later, removed) => later.integer(removed));
      return;
    } else {
      purges.finish(job);
    }
  }
  if (isAsync) reply.ok();
  else reply.integer(job.removed);
}
