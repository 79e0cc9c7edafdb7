/** UNSUBSCRIBE, PUNSUBSCRIBE and SUNSUBSCRIBE. */
import { nameOf, type TopicKind } from "../../engine/pubsub.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { confirm, dropSubscriptions, subscriptionsOf } from "./subscriptions.ts";

export const UNSUBSCRIBE = {
  name: "unsubscribe",
  arity: -1,
  flags: ["pubsub", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of channels to unsubscribe.",
  summary: "Stops listening to messages posted to channels.",
  syntax: "[channel [channel ...]]",
  run(call, reply) {
    unsubscribe(call, reply, "channels");
  },
} as const satisfies CommandSpec;

export const PUNSUBSCRIBE = {
  name: "punsubscribe",
  arity: -1,
  flags: ["pubsub", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of patterns to unsubscribe.",
  summary: "Stops listening to messages published to channels that match one or more patterns.",
  syntax: "[pattern [pattern ...]]",
  run(call, reply) {
    unsubscribe(call, reply, "patterns");
  },
} as const satisfies CommandSpec;

export const SUNSUBSCRIBE = {
  name: "sunsubscribe",
  arity: -1,
  flags: ["pubsub", "noscript", "loading", "stale"],
  shardChannels: [1, -1, 1],
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of shard channels to unsubscribe.",
  summary: "Stops listening to messages posted to shard channels.",
  syntax: "[shardchannel [shardchannel ...]]",
  run(call, reply) {
    unsubscribe(call, reply, "shards");
  },
} as const satisfies CommandSpec;

/** Without names it gives all of the kind up, and still confirms where there is none. */
function unsubscribe(call: Call, reply: ReplyWriter, kind: TopicKind): void {
  const subscriptions = subscriptionsOf(call.session);
  const names: (Uint8Array | undefined)[] = call.argc === 1
    ? subscriptions?.names(kind) ?? []
    : Array.from({ length: call.argc - 1 }, (_, i) => call.bytes(i + 1));
  // A call in process has one reply: it can have no subscriptions of this kind.
  if (names.length === 0 || !call.session.isRemote) names.splice(0, names.length, names[0]);
  for (const name of names) {
    if (name !== undefined) subscriptions?.remove(kind, nameOf(name));
    confirm(call, reply, call.name, name, subscriptions?.confirmedCount(kind) ?? 0);
  }
  if (subscriptions?.isEmpty) dropSubscriptions(call.session, subscriptions);
  if (call.session.answersEach) reply.ok();
}
