/** CONFIG GET, SET, RESETSTAT, REWRITE and HELP. */
import { SYNTAX_ERROR } from "../errors.ts";
import { replyHelp } from "../help.ts";
import { secretValues } from "../secrets.ts";
import type { CommandSpec } from "../spec.ts";

const NOT_REMOTE = "ERR CONFIG REWRITE is not allowed for in-process use";
const NOT_IN_TRANSACTION = "ERR CONFIG REWRITE is not allowed in a transaction";

const CONFIG_GET = {
  name: "get",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "server",
  complexity: "O(N) when N is the number of configuration parameters provided",
  summary: "Returns the effective values of configuration parameters.",
  syntax: "parameter [parameter ...]",
  history: [["7.0.0", "Added the ability to pass multiple pattern parameters in one call"]],
  run(call, reply) {
    const patterns: string[] = [];
    for (let i = 2; i < call.argc; i++) patterns.push(call.text(i));
    const found = call.services.config.get(patterns);
    reply.map(found.length);
    for (const [name, value] of found) {
      reply.text(name);
      reply.text(value);
    }
  },
} as const satisfies CommandSpec;

const CONFIG_SET = {
  name: "set",
  arity: -4,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "server",
  complexity: "O(N) when N is the number of configuration parameters provided",
  summary: "Sets configuration parameters in-flight.",
  syntax: "parameter value [parameter value ...]",
  history: [["7.0.0", "Added the ability to set multiple parameters in one call."]],
  findSecrets: secretValues,
  run(call, reply) {
    if (call.argc % 2 !== 0) return reply.error(SYNTAX_ERROR);
    const pairs: [name: string, value: string][] = [];
    for (let i = 2; i < call.argc; i += 2) pairs.push([call.text(i), call.text(i + 1)]);
    const error = call.services.config.set(pairs);
    if (error === undefined) reply.ok();
    else reply.error(error);
  },
} as const satisfies CommandSpec;

const CONFIG_RESETSTAT = {
  name: "resetstat",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Resets the server's statistics.",
  syntax: "",
  run(call, reply) {
    call.engine.stats.reset();
    reply.ok();
  },
} as const satisfies CommandSpec;

const CONFIG_REWRITE = {
  name: "rewrite",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "2.8.0",
  group: "server",
  complexity: "O(1)",
  summary: "Persists the effective configuration to file.",
  syntax: "",
  run(call, reply) {
    if (!call.session.isRemote) return reply.error(NOT_REMOTE);
    if (call.isInTransaction) return reply.error(NOT_IN_TRANSACTION);
    call.session.park(call.services.config.rewrite(), (later, error) => {
      if (error === undefined) later.ok();
      else later.error(error);
    });
  },
} as const satisfies CommandSpec;

const CONFIG_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "CONFIG", [
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
    ]);
  },
} as const satisfies CommandSpec;

export const CONFIG = {
  name: "config",
  arity: -2,
  flags: [],
  since: "2.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for server configuration commands.",
  syntax: "",
  subcommands: [CONFIG_GET, CONFIG_SET, CONFIG_RESETSTAT, CONFIG_REWRITE, CONFIG_HELP],
} as const satisfies CommandSpec;
