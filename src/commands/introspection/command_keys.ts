/** COMMAND GETKEYS and GETKEYSANDFLAGS: the keys of a command that is given as arguments. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { keyFlagsAt } from "../key_use.ts";
import { replyNames } from "./command_info.ts";
import type { CommandEntry, CommandSpec } from "../spec.ts";

/** Position of the inner command's name among the arguments. */
const INNER = 2;

export const COMMAND_GETKEYS = {
  name: "getkeys",
  arity: -4,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "2.8.13",
  group: "server",
  complexity: "O(N) where N is the number of arguments to the command",
  summary: "Extracts the key names from an arbitrary command.",
  syntax: "command [arg [arg ...]]",
  run(call, reply) {
    const found = findKeys(call, reply);
    if (found === undefined) return;
    reply.array(found.positions.length);
    for (const position of found.positions) replyArgument(call, reply, position);
  },
} as const satisfies CommandSpec;

export const COMMAND_GETKEYSANDFLAGS = {
  name: "getkeysandflags",
  arity: -4,
  flags: ["loading", "stale"],
  categories: ["connection"],
  since: "7.0.0",
  group: "server",
  complexity: "O(N) where N is the number of arguments to the command",
  summary: "Extracts the key names and access flags for an arbitrary command.",
  syntax: "command [arg [arg ...]]",
  run(call, reply) {
    const found = findKeys(call, reply);
    if (found === undefined) return;
    const { length } = found.positions;
    const argc = call.argc - INNER;
    reply.array(length);
    found.positions.forEach((position, i) => {
      const { spec } = found.entry;
      const flags = keyFlagsAt(spec, call.batch, call.first + INNER, argc, i, length);
      reply.array(2);
      replyArgument(call, reply, position);
      replyNames(reply, flags.filter((flag) => flag !== "variable_flags"));
    });
  },
} as const satisfies CommandSpec;

interface FoundKeys {
  readonly entry: CommandEntry;
  /** Among the arguments of the outer command. */
  readonly positions: readonly number[];
}

/** @returns undefined after an error reply */
function findKeys(call: Call, reply: ReplyWriter): FoundKeys | undefined {
  const entry = findInner(call);
  if (entry === undefined) {
    reply.error("ERR Invalid command specified");
    return undefined;
  }
  const { spec } = entry;
  if (spec.keys === undefined && spec.findKeys === undefined) {
    reply.error("ERR The command has no key arguments");
    return undefined;
  }
  const argc = call.argc - INNER;
  if (spec.arity > 0 ? argc !== spec.arity : argc < -spec.arity) {
    reply.error("ERR Invalid number of arguments specified for command");
    return undefined;
  }
  const positions: number[] = [];
  const add = (position: number): void => void positions.push(position + INNER);
  if (spec.findKeys !== undefined) spec.findKeys(call.batch, call.first + INNER, argc, add);
  else if (spec.keys !== undefined) eachOfRange(spec.keys, argc, add);
  if (positions.length === 0) {
    reply.error("ERR Invalid arguments specified for command");
    return undefined;
  }
  return { entry, positions };
}

/** The command, or its subcommand where it has some. */
function findInner(call: Call): CommandEntry | undefined {
  const entry = call.services.commands.find(call.keyword(INNER));
  if (entry === undefined || entry.parent !== undefined) return undefined;
  if (entry.subcommands.length === 0) return entry;
  const word = call.keyword(INNER + 1);
  return entry.subcommands.find((subcommand) => subcommand.spec.name === word);
}

function eachOfRange(
  [first, last, step]: readonly [number, number, number],
  argc: number,
  found: (position: number) => void,
): void {
  const end = last < 0 ? argc + last : last;
  for (let position = first; position <= end; position += step) found(position);
}

function replyArgument(call: Call, reply: ReplyWriter, i: number): void {
  reply.bulk(call.batch.input, call.offset(i), call.length(i));
}
