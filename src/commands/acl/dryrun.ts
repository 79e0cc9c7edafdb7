/** ACL DRYRUN. */
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import { allFrom } from "../secrets.ts";
import type { CommandEntry, CommandSpec } from "../spec.ts";
import { ALLOWED, DENIED_COMMAND, DENIED_KEY } from "./permissions.ts";
import { argumentText, cText, toBytes } from "./text.ts";

/** Position of the inner command's name among the arguments. */
const INNER = 3;

export const ACL_DRYRUN = {
  name: "dryrun",
  arity: -4,
  flags: ["admin", "noscript", "loading", "stale"],
  findSecrets: allFrom(2),
  since: "7.0.0",
  group: "server",
  complexity: "O(1).",
  summary: "Simulates the execution of a command by a user, without executing the command.",
  syntax: "username command [arg [arg ...]]",
  run(call, reply) {
    const { users } = call.services;
    const user = users.find(argumentText(call, 2));
    if (user === undefined) {
      return reply.error(`ERR User '${cText(argumentText(call, 2))}' not found`);
    }
    const entry = findInner(call);
    if (entry === undefined) {
      return reply.error(`ERR Command '${cText(argumentText(call, INNER))}' not found`);
    }
    const argc = call.argc - INNER;
    const { arity } = entry.spec;
    if (arity > 0 ? argc !== arity : argc < -arity) return reply.error(wrongArity(entry.fullName));
    const { permissions } = users;
    const denial = permissions.check(user, call.batch, call.first + INNER, entry.id, argc);
    if (denial === ALLOWED) return reply.ok();
    const text = `User ${user.rawName} has no permissions to `;
    if (denial === DENIED_COMMAND) {
      return reply.bytes(toBytes(`${text}run the '${entry.fullName}' command`));
    }
    const what = denial === DENIED_KEY ? "key" : "channel";
    const object = argumentText(call, INNER + permissions.position);
    reply.bytes(toBytes(`${text}access the '${object}' ${what}`));
  },
} as const satisfies CommandSpec;

/** The command, or its subcommand where the next word is one. */
function findInner(call: Call): CommandEntry | undefined {
  const entry = call.services.commands.find(call.keyword(INNER));
  if (entry === undefined || entry.parent !== undefined) return undefined;
  if (entry.subcommands.length === 0 || call.argc === INNER + 1) return entry;
  const word = call.keyword(INNER + 1);
  return entry.subcommands.find((subcommand) => subcommand.spec.name === word);
}
