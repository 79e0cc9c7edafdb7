/** MODULE LIST. There are no modules, and nothing loads one. */
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";

const MODULE_LIST = {
  name: "list",
  arity: 2,
  flags: ["admin", "noscript"],
  since: "4.0.0",
  group: "server",
  complexity: "O(N) where N is the number of loaded modules.",
  summary: "Returns all loaded modules.",
  syntax: "",
  run(_call, reply) {
    reply.array(0);
  },
} as const satisfies CommandSpec;

const MODULE_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "MODULE", ["LIST", "    Return a list of loaded modules."]);
  },
} as const satisfies CommandSpec;

export const MODULE = {
  name: "module",
  arity: -2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for module commands.",
  syntax: "",
  subcommands: [MODULE_LIST, MODULE_HELP],
} as const satisfies CommandSpec;
