/** SUBSCRIBE, PSUBSCRIBE and SSUBSCRIBE. */
import { nameOf, type TopicKind } from "../../engine/pubsub.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { GUARD_SUBSCRIBER } from "../guards.ts";
import type { CommandSpec } from "../spec.ts";
import { confirm, ensureSubscriptions } from "./subscriptions.ts";

export const SUBSCRIBE = {
  name: "subscribe",
  arity: -2,
  flags: ["pubsub", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of channels to subscribe to.",
  summary: "Listens for messages published to channels.",
  syntax: "channel [channel ...]",
  run(call, reply) {
    subscribe(call, reply, "channels", call.session.isRemote);
  },
} as const satisfies CommandSpec;

export const PSUBSCRIBE = {
  name: "psubscribe",
  arity: -2,
  flags: ["pubsub", "noscript", "loading", "stale"],
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of patterns to subscribe to.",
  summary: "Listens for messages published to channels that match one or more patterns.",
  syntax: "pattern [pattern ...]",
  run(call, reply) {
    subscribe(call, reply, "patterns", call.session.isRemote);
  },
} as const satisfies CommandSpec;

export const SSUBSCRIBE = {
  name: "ssubscribe",
  arity: -2,
  flags: ["pubsub", "noscript", "loading", "stale"],
  shardChannels: [1, -1, 1],
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of shard channels to subscribe to.",
  summary: "Listens for messages published to shard channels.",
  syntax: "shardchannel [shardchannel ...]",
  run(call, reply) {
    const { isRemote, transaction } = call.session;
    subscribe(call, reply, "shards", isRemote && transaction?.isRunning !== true);
  },
} as const satisfies CommandSpec;

/** @param mayReplyOften whether there may be more than one reply to a command */
function subscribe(
  call: Call,
  reply: ReplyWriter,
  kind: TopicKind,
  mayReplyOften: boolean,
): void {
  if (!mayReplyOften) {
    const name = call.name.toUpperCase();
    return reply.error(`ERR ${name} isn't allowed for a DENY BLOCKING client`);
  }
  const subscriptions = ensureSubscriptions(call);
  for (let i = 1; i < call.argc; i++) {
    const channel = call.bytes(i);
    subscriptions.add(kind, nameOf(channel));
    confirm(call, reply, call.name, channel, subscriptions.confirmedCount(kind));
  }
  call.session.guards |= GUARD_SUBSCRIBER;
  if (call.session.answersEach) reply.ok();
}
