/** The description of one command as COMMAND and COMMAND INFO reply it. */
import { aclCategories } from "../acl_categories.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { CommandEntry, CommandFlag, CommandSpec, KeyFlag } from "../spec.ts";

/** The order in which replies list the flags. */
const FLAG_ORDER: readonly CommandFlag[] = [
  "write",
  "readonly",
  "denyoom",
  "admin",
  "pubsub",
  "noscript",
  "blocking",
  "loading",
  "stale",
  "skip_monitor",
  "skip_slowlog",
  "fast",
  "no_auth",
  "no_async_loading",
  "no_multi",
  "movablekeys",
  "allow_busy",
];

/** Name, arity, flags, key positions (3), ACL categories, tips, key specs, subcommands. */
const FIELD_COUNT = 10;

/** Writes the description of a command, its subcommands included. */
export function replyCommandInfo(reply: ReplyWriter, entry: CommandEntry): void {
  const { spec } = entry;
  const [first, last, step] = spec.keys ?? [0, 0, 0];
  const flags = FLAG_ORDER.filter((flag) => spec.flags.includes(flag));
  reply.array(FIELD_COUNT);
  reply.text(entry.fullName);
  reply.integer(spec.arity);
  replyNames(reply, flags);
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  replyNames(reply, aclCategories(entry).map((category) => `@${category}`));
  reply.set(0);
  replyKeySpecs(reply, spec);
  if (spec.subcommands === undefined) reply.set(0);
  else reply.array(entry.subcommands.length);
  for (const subcommand of entry.subcommands) replyCommandInfo(reply, subcommand);
}

/** Writes a set of status replies. */
export function replyNames(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.simple(name);
}

/** Where the keys are: ranges of positions, or nothing that a client could compute. */
function replyKeySpecs(reply: ReplyWriter, spec: CommandSpec): void {
  const { keys, keyFlags = [], firstKeyFlags, lastKeyFlags, keyCount } = spec;
  if (keyCount !== undefined) {
    reply.set(keys === undefined ? 1 : 2);
    if (keys !== undefined) replyKeySpec(reply, firstKeyFlags ?? keyFlags, keys);
    return replyCountedKeys(reply, keyFlags, keyCount);
  }
  if (keys === undefined) {
    if (spec.findKeys === undefined) return reply.set(0);
    reply.set(1);
    return replyKeySpec(reply, keyFlags, undefined);
  }
  const [first, last, step] = keys;
  if (firstKeyFlags !== undefined) {
    reply.set(2);
    replyKeySpec(reply, firstKeyFlags, [first, first, step]);
    return replyKeySpec(reply, keyFlags, [first + step, last, step]);
  }
  if (lastKeyFlags === undefined) {
    reply.set(1);
    return replyKeySpec(reply, keyFlags, keys);
  }
  reply.set(2);
  replyKeySpec(reply, keyFlags, [first, last - step, step]);
  replyKeySpec(reply, lastKeyFlags, [last, last, step]);
}

function replyKeySpec(
  reply: ReplyWriter,
  flags: readonly KeyFlag[],
  range: readonly [first: number, last: number, step: number] | undefined,
): void {
  reply.map(3);
  reply.text("flags");
  replyNames(reply, flags);
  reply.text("begin_search");
  if (range === undefined) {
    replySearch(reply, "unknown", []);
    reply.text("find_keys");
    return replySearch(reply, "unknown", []);
  }
  const [first, last, step] = range;
  replySearch(reply, "index", [["index", first]]);
  reply.text("find_keys");
  // A last key that is not counted from the end is told by its distance from the first one.
  const lastKey = last < 0 ? last : last - first;
  replySearch(reply, "range", [["lastkey", lastKey], ["keystep", step], ["limit", 0]]);
}

/** Keys behind an argument that says how many they are. */
function replyCountedKeys(reply: ReplyWriter, flags: readonly KeyFlag[], at: number): void {
  reply.map(3);
  reply.text("flags");
  replyNames(reply, flags);
  reply.text("begin_search");
  replySearch(reply, "index", [["index", at]]);
  reply.text("find_keys");
  replySearch(reply, "keynum", [["keynumidx", 0], ["firstkey", 1], ["keystep", 1]]);
}

function replySearch(
  reply: ReplyWriter,
  type: string,
  fields: readonly (readonly [name: string, value: number])[],
): void {
  reply.map(2);
  reply.text("type");
  reply.text(type);
  reply.text("spec");
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.text(name);
    reply.integer(value);
  }
}
