/** COMMAND and its subcommands, which describe what the table of commands holds. */
import { replyHelp } from "../help.ts";
import { replyCommandDocs } from "./command_docs.ts";
import { replyCommandInfo } from "./command_info.ts";
import { COMMAND_GETKEYS, COMMAND_GETKEYSANDFLAGS } from "./command_keys.ts";
import { COMMAND_LIST } from "./command_list.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { CommandEntry, CommandSpec, CommandTable } from "../spec.ts";

const HELP_LINES = [
  "(no subcommand)",
  "    Return details about all Redis commands.",
  "COUNT",
  "    Return the total number of commands in this Redis server.",
  "LIST",
  "    Return a list of all commands in this Redis server.",
  "INFO [<command-name> ...]",
  "    Return details about multiple Redis commands.",
  "    If no command names are given, documentation details for all",
  "    commands are returned.",
  "DOCS [<command-name> ...]",
  "    Return documentation details about multiple Redis commands.",
  "    If no command names are given, documentation details for all",
  "    commands are returned.",
  "GETKEYS <full-command>",
  "    Return the keys from a full Redis command.",
  "GETKEYSANDFLAGS <full-command>",
  "    Return the keys and the access flags from a full Redis command.",
];

const COMMAND_COUNT = {
  name: "count",
  arity: 2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns a count of commands.",
  syntax: "",
  run(call, reply) {
    reply.integer(call.services.commands.commands.length);
  },
} as const satisfies CommandSpec;

const COMMAND_INFO = {
  name: "info",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "2.8.13",
  group: "server",
  complexity: "O(N) where N is the number of commands to look up",
  summary: "Returns information about one, multiple or all commands.",
  syntax: "[command-name [command-name ...]]",
  history: [["7.0.0", "Allowed to be called with no argument to get info on all commands."]],
  run(call, reply) {
    if (call.argc === 2) return replyAll(reply, call.services.commands);
    reply.array(call.argc - 2);
    for (let i = 2; i < call.argc; i++) {
      const entry = call.services.commands.find(call.keyword(i));
      if (entry === undefined) reply.nil();
      else replyCommandInfo(reply, entry);
    }
  },
} as const satisfies CommandSpec;

const COMMAND_DOCS = {
  name: "docs",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "7.0.0",
  group: "server",
  complexity: "O(N) where N is the number of commands to look up",
  summary: "Returns documentary information about one, multiple or all commands.",
  syntax: "[command-name [command-name ...]]",
  run(call, reply) {
    const table = call.services.commands;
    let entries: readonly CommandEntry[] = table.commands;
    if (call.argc > 2) {
      const named: CommandEntry[] = [];
      for (let i = 2; i < call.argc; i++) {
        const entry = table.find(call.keyword(i));
        if (entry !== undefined) named.push(entry);
      }
      entries = named;
    }
    reply.map(entries.length);
    for (const entry of entries) replyCommandDocs(reply, entry);
  },
} as const satisfies CommandSpec;

const COMMAND_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "5.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "COMMAND", HELP_LINES);
  },
} as const satisfies CommandSpec;

export const COMMAND = {
  name: "command",
  arity: -1,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "2.8.13",
  group: "server",
  complexity: "O(N) where N is the total number of Redis commands",
  summary: "Returns detailed information about all commands.",
  syntax: "",
  subcommands: [
    COMMAND_COUNT,
    COMMAND_DOCS,
    COMMAND_GETKEYS,
    COMMAND_GETKEYSANDFLAGS,
    COMMAND_HELP,
    COMMAND_INFO,
    COMMAND_LIST,
  ],
  /** Without a subcommand: everything about everything. */
  run(call, reply) {
    replyAll(reply, call.services.commands);
  },
} as const satisfies CommandSpec;

function replyAll(reply: ReplyWriter, table: CommandTable): void {
  reply.array(table.commands.length);
  for (const entry of table.commands) replyCommandInfo(reply, entry);
}
