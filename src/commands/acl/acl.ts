/** ACL, the container of the commands about users, with ACL CAT, GENPASS and HELP. */
import { ACL_CATEGORIES } from "../acl_categories.ts";
import { NOT_AN_INTEGER, wrongSubcommand } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import { ACL_LOAD, ACL_SAVE } from "./acl_file.ts";
import { ACL_LOG } from "./acl_log.ts";
import {
  ACL_DELUSER,
  ACL_GETUSER,
  ACL_LIST,
  ACL_SETUSER,
  ACL_USERS,
  ACL_WHOAMI,
} from "./acl_users.ts";
import { ACL_DRYRUN } from "./dryrun.ts";
import { ACL_RESTTOKEN } from "./rest_token.ts";
import { argumentText, cText } from "./text.ts";

const FLAGS = ["noscript", "loading", "stale"] as const;
const DEFAULT_BITS = 256;
const MAX_BITS = 4096;
const BITS_PER_DIGIT = 4;
/** An unknown category is echoed up to so many bytes. */
const ECHO_LIMIT = 128;
const BAD_BITS =
  "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number " +
  `up to ${MAX_BITS}`;

const HELP_LINES = [
  "CAT [<category>]",
  "    List all commands that belong to <category>, or all command categories",
  "    when no category is specified.",
  "DELUSER <username> [<username> ...]",
  "    Delete a list of users.",
  "DRYRUN <username> <command> [<arg> ...]",
  "    Returns whether the user can execute the given command without executing the command.",
  "GETUSER <username>",
  "    Get the user's details.",
  "GENPASS [<bits>]",
  "    Generate a secure 256-bit user password. The optional `bits` argument can",
  "    be used to specify a different size.",
  "LIST",
  "    Show users details in config file format.",
  "LOAD",
  "    Reload users from the ACL file.",
  "LOG [<count> | RESET]",
  "    Show the ACL log entries.",
  "RESTTOKEN <username> <password>",
  "    Return the token with which the user is known over HTTP.",
  "SAVE",
  "    Save the current config to the ACL file.",
  "SETUSER <username> <attribute> [<attribute> ...]",
  "    Create or modify a user with the specified attributes.",
  "USERS",
  "    List all the registered usernames.",
  "WHOAMI",
  "    Return the current connection username.",
];

const ACL_CAT = {
  name: "cat",
  arity: -2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(1) since the categories and commands are a fixed set.",
  summary: "Lists the ACL categories, or the commands inside a category.",
  syntax: "[category]",
  run(call, reply) {
    if (call.argc > 3) return reply.error(wrongSubcommand(call.text(1), "ACL"));
    if (call.argc === 2) {
      reply.array(ACL_CATEGORIES.length);
      for (const category of ACL_CATEGORIES) reply.text(category);
      return;
    }
    const name = cText(argumentText(call, 2));
    const members = call.services.users.context.commands.category(name);
    if (members === undefined) {
      return reply.error(`ERR Unknown category '${name.slice(0, ECHO_LIMIT)}'`);
    }
    reply.array(members.length);
    for (const { fullName } of members) reply.text(fullName);
  },
} as const satisfies CommandSpec;

const ACL_GENPASS = {
  name: "genpass",
  arity: -2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Generates a pseudorandom, secure password that can be used to identify ACL users.",
  syntax: "[bits]",
  argumentTypes: { bits: "integer" },
  run(call, reply) {
    if (call.argc > 3) return reply.error(wrongSubcommand(call.text(1), "ACL"));
    const bits = call.argc === 3 ? call.integer(2) : DEFAULT_BITS;
    if (bits === undefined) return reply.error(NOT_AN_INTEGER);
    if (bits <= 0 || bits > MAX_BITS) return reply.error(BAD_BITS);
    const digits = Math.ceil(bits / BITS_PER_DIGIT);
    const { cryptography } = call.services.users.context;
    const bytes = cryptography.randomBytes(Math.ceil(digits / 2));
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    reply.text(hex.slice(0, digits));
  },
} as const satisfies CommandSpec;

const ACL_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "6.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "ACL", HELP_LINES);
  },
} as const satisfies CommandSpec;

export const ACL = {
  name: "acl",
  arity: -2,
  flags: [],
  since: "6.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for Access List Control commands.",
  syntax: "",
  subcommands: [
    ACL_CAT,
    ACL_DELUSER,
    ACL_DRYRUN,
    ACL_GENPASS,
    ACL_GETUSER,
    ACL_HELP,
    ACL_LIST,
    ACL_LOAD,
    ACL_LOG,
    ACL_RESTTOKEN,
    ACL_SAVE,
    ACL_SETUSER,
    ACL_USERS,
    ACL_WHOAMI,
  ],
} as const satisfies CommandSpec;
