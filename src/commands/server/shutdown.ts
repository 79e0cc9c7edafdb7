/** SHUTDOWN. */
import { SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const NOTHING_TO_ABORT = "ERR No shutdown in progress.";
const NOT_PERSISTENT =
  "ERR SHUTDOWN SAVE failed, this server keeps its data in memory only. Use NOSAVE or FORCE.";
const NOT_REMOTE = "ERR SHUTDOWN is not allowed for in-process use";

export const SHUTDOWN = {
  name: "shutdown",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"],
  since: "1.0.0",
  group: "server",
  complexity: "O(N) when saving, where N is the total number of keys in all databases when " +
    "saving data, otherwise O(1)",
  summary: "Synchronously saves the database(s) to disk and shuts down the Redis server.",
  syntax: "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
  history: [["7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers."]],
  /**
   * Answers nothing when it succeeds: the connection closes. NOW spares the wait for lagging
   * replicas, of which there are none; FORCE goes on when the data cannot be saved.
   */
  run(call, reply) {
    let save = false;
    let noSave = false;
    let now = false;
    let force = false;
    let abort = false;
    for (let i = 1; i < call.argc; i++) {
      if (call.is(i, "SAVE")) save = true;
      else if (call.is(i, "NOSAVE")) noSave = true;
      else if (call.is(i, "NOW")) now = true;
      else if (call.is(i, "FORCE")) force = true;
      else if (call.is(i, "ABORT")) abort = true;
      else return reply.error(SYNTAX_ERROR);
    }
    if ((save && noSave) || (abort && (save || noSave || now || force))) {
      return reply.error(SYNTAX_ERROR);
    }
    // A shutdown that was begun ends the process in the same turn, so none is ever there to abort.
    if (abort) return reply.error(NOTHING_TO_ABORT);
    if (!call.session.isRemote) return reply.error(NOT_REMOTE);
    if (save && !force) return reply.error(NOT_PERSISTENT);
    call.services.server.shutdown();
    call.session.closeAfterReply();
  },
} as const satisfies CommandSpec;
