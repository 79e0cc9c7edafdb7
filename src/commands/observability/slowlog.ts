/** SLOWLOG GET, LEN, RESET and HELP. */
import { wrongSubcommand } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";

const DEFAULT_COUNT = 10;
const WRONG_COUNT = "ERR count should be greater than or equal to -1";

const SLOWLOG_GET = {
  name: "get",
  arity: -2,
  flags: ["admin", "loading", "stale"],
  since: "2.2.12",
  group: "server",
  complexity: "O(N) where N is the number of entries returned",
  summary: "Returns the slow log's entries.",
  syntax: "[count]",
  argumentTypes: { count: "integer" },
  history: [["4.0.0", "Added client IP address, port and name to the reply."]],
  run(call, reply) {
    if (call.argc > 3) return reply.error(wrongSubcommand(call.text(1), "SLOWLOG"));
    const count = call.argc === 2 ? DEFAULT_COUNT : call.integer(2);
    if (count === undefined || count < -1) return reply.error(WRONG_COUNT);
    const entries = call.engine.slowLog.newest(count);
    reply.array(entries.length);
    for (const entry of entries) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.atSeconds);
      reply.integer(entry.durationUs);
      reply.array(entry.args.length);
      for (const arg of entry.args) reply.bytes(arg);
      reply.text(entry.clientAddress);
      reply.text(entry.clientName);
    }
  },
} as const satisfies CommandSpec;

const SLOWLOG_LEN = {
  name: "len",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  since: "2.2.12",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the number of entries in the slow log.",
  syntax: "",
  run(call, reply) {
    reply.integer(call.engine.slowLog.length);
  },
} as const satisfies CommandSpec;

const SLOWLOG_RESET = {
  name: "reset",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  since: "2.2.12",
  group: "server",
  complexity: "O(N) where N is the number of entries in the slowlog",
  summary: "Clears all entries from the slow log.",
  syntax: "",
  run(call, reply) {
    call.engine.slowLog.reset();
    reply.ok();
  },
} as const satisfies CommandSpec;

const SLOWLOG_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "6.2.0",
  group: "server",
  complexity: "O(1)",
  summary: "Show helpful text about the different subcommands",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "SLOWLOG", [
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
    ]);
  },
} as const satisfies CommandSpec;

export const SLOWLOG = {
  name: "slowlog",
  arity: -2,
  flags: [],
  since: "2.2.12",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for slow log commands.",
  syntax: "",
  subcommands: [SLOWLOG_GET, SLOWLOG_LEN, SLOWLOG_RESET, SLOWLOG_HELP],
} as const satisfies CommandSpec;
