/** ACL SETUSER, GETUSER, DELUSER, LIST, USERS and WHOAMI. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { allFrom } from "../secrets.ts";
import type { CommandSpec } from "../spec.ts";
import type { Selector } from "./selector.ts";
import { argumentText, cText, encodeText, hasBlank, toBytes } from "./text.ts";
import { User } from "./user.ts";
import { mergeSelectors } from "./user_lines.ts";
import { DEFAULT_USER } from "./users.ts";

const FLAGS = ["admin", "noscript", "loading", "stale"] as const;
const BLANK_IN_NAME = "ERR Usernames can't contain spaces or null characters";

export const ACL_SETUSER = {
  name: "setuser",
  arity: -3,
  flags: FLAGS,
  findSecrets: allFrom(2),
  since: "6.0.0",
  group: "server",
  complexity: "O(N). Where N is the number of rules provided.",
  summary: "Creates and modifies an ACL user and its rules.",
  syntax: "username [rule [rule ...]]",
  history: [
    ["6.2.0", "Added Pub/Sub channel patterns."],
    ["7.0.0", "Added selectors and key based permissions."],
  ],
  run(call, reply) {
    const name = argumentText(call, 2);
    if (hasBlank(name)) return reply.error(BLANK_IN_NAME);
    const words: string[] = [];
    for (let i = 3; i < call.argc; i++) words.push(argumentText(call, i));
    const merged = mergeSelectors(words);
    if ("unmatched" in merged) {
      return reply.error(
        `ERR Unmatched parenthesis in acl selector starting at '${cText(merged.unmatched)}'.`,
      );
    }
    const failure = call.services.users.change(name, merged.rules, call.session);
    if (failure === undefined) return reply.ok();
    const { rule, problem } = failure;
    reply.error(`ERR Error in ACL SETUSER modifier '${cText(rule)}': ${problem}`);
  },
} as const satisfies CommandSpec;

export const ACL_DELUSER = {
  name: "deluser",
  arity: -3,
  flags: FLAGS,
  findSecrets: allFrom(2),
  since: "6.0.0",
  group: "server",
  complexity: "O(1) amortized time considering the typical user.",
  summary: "Deletes ACL users, and terminates their connections.",
  syntax: "username [username ...]",
  run(call, reply) {
    const names: string[] = [];
    for (let i = 2; i < call.argc; i++) names.push(argumentText(call, i));
    if (names.includes(DEFAULT_USER)) {
      return reply.error("ERR The 'default' user cannot be removed");
    }
    const { users } = call.services;
    reply.integer(names.filter((name) => users.remove(name, call.session)).length);
  },
} as const satisfies CommandSpec;

export const ACL_GETUSER = {
  name: "getuser",
  arity: 3,
  flags: FLAGS,
  findSecrets: allFrom(2),
  since: "6.0.0",
  group: "server",
  complexity:
    "O(N). Where N is the number of password, command and pattern rules that the user has.",
  summary: "Lists the ACL rules of a user.",
  syntax: "username",
  history: [
    ["6.2.0", "Added Pub/Sub channel patterns."],
    [
      "7.0.0",
      "Added selectors and changed the format of key and channel patterns from a list to their " +
      "rule representation.",
    ],
  ],
  run(call, reply) {
    const user = call.services.users.find(argumentText(call, 2));
    if (user === undefined) return reply.nil();
    reply.map(6);
    reply.text("flags");
    reply.set(user.flags.length);
    for (const flag of user.flags) reply.text(flag);
    reply.text("passwords");
    reply.array(user.passwords.length);
    for (const password of user.passwords) reply.text(password);
    const [own, ...others] = user.selectors;
    replySelector(reply, own);
    reply.text("selectors");
    reply.array(others.length);
    for (const other of others) {
      reply.map(3);
      replySelector(reply, other);
    }
  },
} as const satisfies CommandSpec;

/** Writes three pairs. */
function replySelector(reply: ReplyWriter, selector: Selector): void {
  reply.text("commands");
  reply.bytes(toBytes(selector.commandRules));
  reply.text("keys");
  reply.bytes(toBytes(selector.keyRules));
  reply.text("channels");
  reply.bytes(toBytes(selector.channelRules));
}

export const ACL_LIST = {
  name: "list",
  arity: 2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(N). Where N is the number of configured users.",
  summary: "Dumps the effective rules in ACL file format.",
  syntax: "",
  run: (call, reply) => replyTexts(reply, call.services.users.lines()),
} as const satisfies CommandSpec;

export const ACL_USERS = {
  name: "users",
  arity: 2,
  flags: FLAGS,
  since: "6.0.0",
  group: "server",
  complexity: "O(N). Where N is the number of configured users.",
  summary: "Lists all ACL users.",
  syntax: "",
  run(call, reply) {
    replyTexts(reply, call.services.users.all().map(({ rawName }) => rawName));
  },
} as const satisfies CommandSpec;

export const ACL_WHOAMI = {
  name: "whoami",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "6.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the authenticated username of the current connection.",
  syntax: "",
  run(call, reply) {
    const { account } = call.session;
    reply.bytes(toBytes(account instanceof User ? account.rawName : encodeText(account.name)));
  },
} as const satisfies CommandSpec;

function replyTexts(reply: ReplyWriter, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.bytes(toBytes(text));
}
