/** PUBSUB: who listens to what. */
import { globMatch } from "../../bytes/glob.ts";
import { nameOf, type Topic, type TopicKind } from "../../engine/pubsub.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { wrongSubcommand } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";

const HELP_LINES = [
  "CHANNELS [<pattern>]",
  "    Return the currently active channels matching a <pattern> (default: '*').",
  "NUMPAT",
  "    Return number of subscriptions to patterns.",
  "NUMSUB [<channel> ...]",
  "    Return the number of subscribers for the specified channels, excluding",
  "    pattern subscriptions(default: no channels).",
  "SHARDCHANNELS [<pattern>]",
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  "SHARDNUMSUB [<shardchannel> ...]",
  "    Return the number of subscribers for the specified shard level channel(s)",
];

const PUBSUB_CHANNELS = {
  name: "channels",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of active channels, and assuming constant time pattern " +
    "matching (relatively short channels and patterns)",
  summary: "Returns the active channels.",
  syntax: "[pattern]",
  run(call, reply) {
    replyNames(call, reply, "channels");
  },
} as const satisfies CommandSpec;

const PUBSUB_SHARDCHANNELS = {
  name: "shardchannels",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of active shard channels, and assuming constant time " +
    "pattern matching (relatively short shard channels).",
  summary: "Returns the active shard channels.",
  syntax: "[pattern]",
  run(call, reply) {
    replyNames(call, reply, "shards");
  },
} as const satisfies CommandSpec;

const PUBSUB_NUMSUB = {
  name: "numsub",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
  summary: "Returns a count of subscribers to channels.",
  syntax: "[channel [channel ...]]",
  run(call, reply) {
    replyCounts(call, reply, "channels");
  },
} as const satisfies CommandSpec;

const PUBSUB_SHARDNUMSUB = {
  name: "shardnumsub",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  since: "7.0.0",
  group: "pubsub",
  complexity:
    "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
  summary: "Returns the count of subscribers of shard channels.",
  syntax: "[shardchannel [shardchannel ...]]",
  run(call, reply) {
    replyCounts(call, reply, "shards");
  },
} as const satisfies CommandSpec;

const PUBSUB_NUMPAT = {
  name: "numpat",
  arity: 2,
  flags: ["pubsub", "loading", "stale"],
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(1)",
  summary: "Returns a count of unique pattern subscriptions.",
  syntax: "",
  run(call, reply) {
    reply.integer(call.engine.pubsub.count("patterns"));
  },
} as const satisfies CommandSpec;

const PUBSUB_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "6.2.0",
  group: "pubsub",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "PUBSUB", HELP_LINES);
  },
} as const satisfies CommandSpec;

export const PUBSUB = {
  name: "pubsub",
  arity: -2,
  flags: [],
  since: "2.8.0",
  group: "pubsub",
  complexity: "Depends on subcommand.",
  summary: "A container for Pub/Sub commands.",
  syntax: "",
  subcommands: [
    PUBSUB_CHANNELS,
    PUBSUB_HELP,
    PUBSUB_NUMPAT,
    PUBSUB_NUMSUB,
    PUBSUB_SHARDCHANNELS,
    PUBSUB_SHARDNUMSUB,
  ],
} as const satisfies CommandSpec;

/** Writes the names with subscribers, or those that match a pattern. */
function replyNames(call: Call, reply: ReplyWriter, kind: TopicKind): void {
  if (call.argc > 3) return reply.error(wrongSubcommand(call.text(1), "PUBSUB"));
  let found: readonly Topic[] = [...call.engine.pubsub.topics(kind)];
  if (call.argc === 3) {
    const pattern = call.bytes(2);
    found = found.filter(({ bytes }) => globMatch(pattern, bytes, 0, bytes.length));
  }
  reply.array(found.length);
  for (const { bytes } of found) reply.bytes(bytes);
}

/** Writes each name with the number of its subscribers. */
function replyCounts(call: Call, reply: ReplyWriter, kind: TopicKind): void {
  reply.array(2 * (call.argc - 2));
  for (let i = 2; i < call.argc; i++) {
    reply.bulk(call.batch.input, call.offset(i), call.length(i));
    reply.integer(call.engine.pubsub.subscriberCount(kind, nameOf(call.bytes(i))));
  }
}
