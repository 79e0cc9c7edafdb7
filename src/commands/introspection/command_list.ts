/** COMMAND LIST. */
import { globMatch } from "../../bytes/glob.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { aclCategories } from "../acl_categories.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import type { Call } from "../call.ts";
import type { CommandEntry, CommandSpec } from "../spec.ts";

const encoder = new TextEncoder();

type Filter = (entry: CommandEntry) => boolean;

export const COMMAND_LIST = {
  name: "list",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "7.0.0",
  group: "server",
  complexity: "O(N) where N is the total number of Redis commands",
  summary: "Returns a list of command names.",
  syntax: "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
  run(call, reply) {
    const filter = call.argc === 2 ? () => true : readFilter(call);
    if (filter === undefined) return reply.error(SYNTAX_ERROR);
    replyNamesOf(reply, listAll(call).filter(filter));
  },
} as const satisfies CommandSpec;

/** All commands that have a name, with their subcommands. */
function listAll({ services: { commands } }: Call): CommandEntry[] {
  return commands.commands.flatMap((entry) => [entry, ...entry.subcommands]);
}

function replyNamesOf(reply: ReplyWriter, entries: readonly CommandEntry[]): void {
  reply.array(entries.length);
  for (const entry of entries) reply.text(entry.fullName);
}

/** @returns undefined when the arguments are no filter */
function readFilter(call: Call): Filter | undefined {
  if (call.argc !== 5 || !call.is(2, "FILTERBY")) return undefined;
  if (call.is(3, "ACLCAT")) {
    const category = call.keyword(4);
    return (entry) => aclCategories(entry).includes(category);
  }
  if (call.is(3, "PATTERN")) {
    const pattern = call.bytes(4);
    return (entry) => {
      const name = encoder.encode(entry.fullName);
      return globMatch(pattern, name, 0, name.length, true);
    };
  }
  // No command comes from a module.
  return call.is(3, "MODULE") ? () => false : undefined;
}
