/** The description of one command as COMMAND and COMMAND INFO reply it. */
import { aclCategories } from "../acl_categories.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { CommandEntry, CommandFlag, CommandSpec, KeyFlag, KeySpec } from "../spec.ts";

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
  const [first, last, step] = spec.keys ?? spec.shardChannels ?? [0, 0, 0];
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
  const keySpecs = keySpecsOf(spec);
  reply.set(keySpecs.length);
  for (const keySpec of keySpecs) replyKeySpec(reply, keySpec);
  if (spec.subcommands === undefined) reply.set(0);
  else reply.array(entry.subcommands.length);
  for (const subcommand of entry.subcommands) replyCommandInfo(reply, subcommand);
}

/** Writes a set of status replies. */
export function replyNames(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.simple(name);
}

/** Where the keys of a command are, as far as a client could find them itself. */
export function keySpecsOf(spec: CommandSpec): readonly KeySpec[] {
  const { keys, keyFlags = [], firstKeyFlags, lastKeyFlags, keyCount } = spec;
  if (spec.keySpecs !== undefined) return spec.keySpecs;
  if (spec.shardChannels !== undefined) return [between(["not_key"], spec.shardChannels)];
  if (keyCount !== undefined) {
    const counted = { flags: keyFlags, search: keyCount };
    return keys === undefined ? [counted] : [between(firstKeyFlags ?? keyFlags, keys), counted];
  }
  if (keys === undefined) return spec.findKeys === undefined ? [] : [{ flags: keyFlags }];
  const [first, last, step] = keys;
  if (firstKeyFlags !== undefined) {
    return [
      between(firstKeyFlags, [first, first, step]),
      between(keyFlags, [first + step, last, step]),
    ];
  }
  if (lastKeyFlags !== undefined) {
    return [
      between(keyFlags, [first, last - step, step]),
      between(lastKeyFlags, [last, last, step]),
    ];
  }
  const { keyNotes } = spec;
  const range = between(keyFlags, keys);
  return [keyNotes === undefined ? range : { notes: keyNotes, ...range }];
}

function between(
  flags: readonly KeyFlag[],
  [first, last, step]: readonly [first: number, last: number, step: number],
): KeySpec {
  // A last key that is not counted from the end is told by its distance from the first one.
  return { flags, search: first, range: [last < 0 ? last : last - first, step, 0] };
}

function replyKeySpec(reply: ReplyWriter, { notes, flags, search, range }: KeySpec): void {
  reply.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) {
    reply.text("notes");
    reply.text(notes);
  }
  reply.text("flags");
  replyNames(reply, flags);
  reply.text("begin_search");
  if (search === undefined) replySearch(reply, "unknown", []);
  else if (typeof search === "number") replySearch(reply, "index", [["index", search]]);
  else replySearch(reply, "keyword", [["keyword", search[0]], ["startfrom", search[1]]]);
  reply.text("find_keys");
  if (search === undefined) return replySearch(reply, "unknown", []);
  if (range === undefined) {
    return replySearch(reply, "keynum", [["keynumidx", 0], ["firstkey", 1], ["keystep", 1]]);
  }
  const [last, step, limit] = range;
  replySearch(reply, "range", [["lastkey", last], ["keystep", step], ["limit", limit]]);
}

function replySearch(
  reply: ReplyWriter,
  type: string,
  fields: readonly (readonly [name: string, value: number | string])[],
): void {
  reply.map(2);
  reply.text("type");
  reply.text(type);
  reply.text("spec");
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.text(name);
    if (typeof value === "number") reply.integer(value);
    else reply.text(value);
  }
}
