/** PUBLISH and SPUBLISH. */
import type { CommandSpec } from "../spec.ts";

export const PUBLISH = {
  name: "publish",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast"],
  mayReplicate: true,
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M " +
    "is the total number of subscribed patterns (by any client).",
  summary: "Posts a message to a channel.",
  syntax: "channel message",
  run(call, reply) {
    reply.integer(call.engine.pubsub.publish(call.bytes(1), call.bytes(2)));
  },
} as const satisfies CommandSpec;

export const SPUBLISH = {
  name: "spublish",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast"],
  mayReplicate: true,
  shardChannels: [1, 1, 1],
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
  summary: "Posts a message to a shard channel.",
  syntax: "shardchannel message",
  run(call, reply) {
    reply.integer(call.engine.pubsub.publishToShard(call.bytes(1), call.bytes(2)));
  },
} as const satisfies CommandSpec;
