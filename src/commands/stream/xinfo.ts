/** XINFO: what is known of streams, groups and consumers. */
import type { Arena } from "../../engine/streams.ts";
import { replyEdge, replyId } from "../../engine/stream_replies.ts";
import { type RecordRef } from "../../engine/keyspace.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  activeTimeOf,
  consumerCount,
  consumerNameLength,
  consumerNameOffset,
  consumersOf,
  groupCount,
  groupLastIdAt,
  groupNameLength,
  groupNameOffset,
  NEVER,
  pendingCount,
  seenTimeOf,
  unitsOf,
} from "../../structs/stream_group.ts";
import {
  ENTRIES_ADDED_WORD,
  FIRST_ID_WORD,
  groupsOf,
  LAST_ID_WORD,
  MAX_DELETED_ID_WORD,
  nodeCount,
  readInt64,
  streamLength,
} from "../../structs/stream_header.ts";
import { raxNodeCount } from "../../structs/stream_rax.ts";
import type { Unit } from "../../structs/structure.ts";
import type { Call } from "../call.ts";
import { NO_SUCH_KEY, NOT_AN_INTEGER } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import { groupOf, isStream, textOf } from "./arguments.ts";
import { replyProgress, replyStreamDetails } from "./xinfo_full.ts";

const KEY_ARG = 2;
const GROUP_ARG = 3;
const OPTION_ARG = 3;
const DEFAULT_COUNT = 10;

/** The stream that a subcommand is about, 0 after an error was replied. */
function lookupStream(call: Call, reply: ReplyWriter): RecordRef {
  const ref = call.lookupRead(KEY_ARG);
  if (ref !== 0) return isStream(call, ref, reply) ? ref : 0;
  reply.error(NO_SUCH_KEY);
  return 0;
}

const XINFO_STREAM = {
  name: "stream",
  arity: -3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Returns information about a stream.",
  syntax: "key [FULL [COUNT count]]",
  history: [
    ["6.0.0", "Added the `FULL` modifier."],
    [
      "7.0.0",
      "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, " +
      "`entries-read` and `lag` fields",
    ],
    [
      "7.2.0",
      "Added the `active-time` field, and changed the meaning of `seen-time`.",
    ],
  ],
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    if (call.argc === OPTION_ARG) {
      reply.map(10);
      replyStreamHead(reply, arena, stream);
      reply.text("groups");
      reply.integer(groupCount(arena, stream));
      reply.text("first-entry");
      replyEdge(reply, arena, stream, false);
      reply.text("last-entry");
      replyEdge(reply, arena, stream, true);
      return;
    }
    const hasCount = call.argc === OPTION_ARG + 3 && call.is(OPTION_ARG + 1, "COUNT");
    if (!call.is(OPTION_ARG, "FULL") || (call.argc !== OPTION_ARG + 1 && !hasCount)) {
      return reply.error(
        `ERR unknown subcommand or wrong number of arguments for ` +
          `'${textOf(call, 1).slice(0, 128)}'. Try XINFO HELP.`,
      );
    }
    const count = hasCount ? call.integer(OPTION_ARG + 2) : DEFAULT_COUNT;
    if (count === undefined) return reply.error(NOT_AN_INTEGER);
    reply.map(9);
    replyStreamHead(reply, arena, stream);
    const limit = count === 0 ? Infinity : count < 0 ? DEFAULT_COUNT : count;
    replyStreamDetails(reply, arena, stream, limit);
  },
} as const satisfies CommandSpec;

/** The seven pairs that both forms of XINFO STREAM begin with. */
function replyStreamHead(reply: ReplyWriter, arena: Arena, stream: Unit): void {
  const { words } = arena;
  const head = stream << 1;
  reply.text("length");
  reply.integer(streamLength(arena, stream));
  reply.text("radix-tree-keys");
  reply.integer(nodeCount(arena, stream));
  reply.text("radix-tree-nodes");
  reply.integer(raxNodeCount(arena, stream));
  reply.text("last-generated-id");
  replyId(reply, words, head + LAST_ID_WORD);
  reply.text("max-deleted-entry-id");
  replyId(reply, words, head + MAX_DELETED_ID_WORD);
  reply.text("entries-added");
  reply.integer(readInt64(words, head + ENTRIES_ADDED_WORD));
  reply.text("recorded-first-entry-id");
  replyId(reply, words, head + FIRST_ID_WORD);
}

const XINFO_GROUPS = {
  name: "groups",
  arity: 3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Returns a list of the consumer groups of a stream.",
  syntax: "key",
  history: [["7.0.0", "Added the `entries-read` and `lag` fields"]],
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    reply.array(groupCount(arena, stream));
    for (const group of unitsOf(arena, groupsOf(stream))) {
      reply.map(6);
      reply.text("name");
      reply.bulk(arena, groupNameOffset(group), groupNameLength(arena, group));
      reply.text("consumers");
      reply.integer(consumerCount(arena, group));
      reply.text("pending");
      reply.integer(pendingCount(arena, group));
      reply.text("last-delivered-id");
      replyId(reply, arena.words, groupLastIdAt(group));
      replyProgress(reply, arena, stream, group);
    }
  },
} as const satisfies CommandSpec;

const XINFO_CONSUMERS = {
  name: "consumers",
  arity: 4,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Returns a list of the consumers in a consumer group.",
  syntax: "key group",
  history: [["7.2.0", "Added the `inactive` field, and changed the meaning of `idle`."]],
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) {
      return reply.error(
        `NOGROUP No such consumer group '${textOf(call, GROUP_ARG)}' for key name ` +
          `'${textOf(call, KEY_ARG)}'`,
      );
    }
    const { nowMs } = call;
    reply.array(consumerCount(arena, group));
    for (const consumer of unitsOf(arena, consumersOf(group))) {
      const activeTime = activeTimeOf(arena, consumer);
      reply.map(4);
      reply.text("name");
      reply.bulk(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
      reply.text("pending");
      reply.integer(pendingCount(arena, consumer));
      reply.text("idle");
      reply.integer(Math.max(0, nowMs - seenTimeOf(arena, consumer)));
      reply.text("inactive");
      reply.integer(activeTime === NEVER ? NEVER : nowMs - activeTime);
    }
  },
} as const satisfies CommandSpec;

const XINFO_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "XINFO", [
      "CONSUMERS <key> <groupname>",
      "    Show consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the stream consumer groups.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    Show information about the stream.",
    ]);
  },
} as const satisfies CommandSpec;

export const XINFO = {
  name: "xinfo",
  arity: -2,
  flags: [],
  since: "5.0.0",
  group: "stream",
  complexity: "Depends on subcommand.",
  summary: "A container for stream introspection commands.",
  syntax: "",
  subcommands: [XINFO_CONSUMERS, XINFO_GROUPS, XINFO_HELP, XINFO_STREAM],
} as const satisfies CommandSpec;
