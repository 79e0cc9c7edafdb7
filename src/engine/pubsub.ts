/**
 * Publish and subscribe: who gets what is published under which name.
 *
 *   channels   name ──▶ topic ──▶ subscribers, in the order in which they came
 *   patterns   glob ──▶ topic ──▶ subscribers of all channels that match
 *   shards     name ──▶ topic ──▶ subscribers; a name space of its own, without patterns
 *
 * A topic is there as long as it has subscribers. Names are bytes; maps know them as strings with a
 * char code per byte.
 *
 * Cost of a message: one lookup, one match per pattern, one call per subscriber. What it looks like on
 * the wire is left to the subscribers, who share what they make of it.
 * Source: Redis src/pubsub.c.
 */
import { readAscii, writeAscii } from "../bytes/ascii.ts";
import { globMatch } from "../bytes/glob.ts";
import type { SharedPush } from "../ports/session_port.ts";

export type TopicKind = "channels" | "patterns" | "shards";

/** Whoever gets messages. */
export interface Subscriber {
  /** @param message "message", "pmessage" or "smessage", for "pmessage" the pattern, channel, payload */
  deliver(message: SharedPush): void;
}

/** Takes note of memory in bytes. */
export interface MemoryNote {
  bufferBytes: number;
}

/** Memory of a topic without its name, as measured on both runtimes: objects, entries of maps. */
const TOPIC_BYTES = 380;
/** Memory of a subscription. */
export const SUBSCRIPTION_BYTES = 120;
/** Memory of a client with subscriptions, beside those. */
export const CLIENT_BYTES = 300;

/** A name with its subscribers. */
export interface Topic {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly subscribers: Set<Subscriber>;
}

const encoder = new TextEncoder();
const MESSAGE = encoder.encode("message");
const PATTERN_MESSAGE = encoder.encode("pmessage");
const SHARD_MESSAGE = encoder.encode("smessage");

/** @returns the string that stands for a name, one char code per byte */
export function nameOf(bytes: Uint8Array): string {
  return readAscii(bytes, 0, bytes.length);
}

export class PubSub {
  readonly #memory: MemoryNote;
  readonly #topics: Readonly<Record<TopicKind, Map<string, Topic>>> = {
    channels: new Map(),
    patterns: new Map(),
    shards: new Map(),
  };
  #clientCount = 0;

  constructor(memory: MemoryNote) {
    this.#memory = memory;
  }

  /** Number of clients with subscriptions. */
  get clientCount(): number {
    return this.#clientCount;
  }

  /** A client has its first subscription. */
  clientCame(): void {
    this.#clientCount++;
    this.#memory.bufferBytes += CLIENT_BYTES;
  }

  /** A client gave its last one up. */
  clientLeft(): void {
    this.#clientCount--;
    this.#memory.bufferBytes -= CLIENT_BYTES;
  }

  /** Number of names with subscribers. */
  count(kind: TopicKind): number {
    return this.#topics[kind].size;
  }

  topics(kind: TopicKind): Iterable<Topic> {
    return this.#topics[kind].values();
  }

  /** Number of subscribers of one name. */
  subscriberCount(kind: TopicKind, name: string): number {
    return this.#topics[kind].get(name)?.subscribers.size ?? 0;
  }

  /** Whether anything that is published to a channel could reach anybody. */
  get hasListeners(): boolean {
    return this.#topics.channels.size > 0 || this.#topics.patterns.size > 0;
  }

  /** From now on `subscriber`, who must not be there yet, gets the messages of a name. */
  add(kind: TopicKind, name: string, subscriber: Subscriber): Topic {
    const topics = this.#topics[kind];
    let topic = topics.get(name);
    if (topic === undefined) {
      const bytes = new Uint8Array(name.length);
      writeAscii(name, bytes, 0);
      topic = { name, bytes, subscribers: new Set() };
      topics.set(name, topic);
      this.#memory.bufferBytes += TOPIC_BYTES + 2 * name.length;
    }
    topic.subscribers.add(subscriber);
    this.#memory.bufferBytes += SUBSCRIPTION_BYTES;
    return topic;
  }

  /** The reverse of `add`. */
  remove(kind: TopicKind, topic: Topic, subscriber: Subscriber): void {
    if (!topic.subscribers.delete(subscriber)) return;
    this.#memory.bufferBytes -= SUBSCRIPTION_BYTES;
    if (topic.subscribers.size > 0) return;
    this.#topics[kind].delete(topic.name);
    this.#memory.bufferBytes -= TOPIC_BYTES + 2 * topic.name.length;
  }

  /**
   * Sends a message to the subscribers of a channel, then to those of patterns that match it.
   * @param channel and `payload` may be views that are valid during the call only
   * @returns how many subscriptions it reached
   */
  publish(channel: Uint8Array, payload: Uint8Array): number {
    const { channels, patterns } = this.#topics;
    const topic = channels.size === 0 ? undefined : channels.get(nameOf(channel));
    let reached = topic === undefined
      ? 0
      : send(topic, { words: [MESSAGE, topic.bytes, payload.slice()] });
    if (patterns.size === 0) return reached;
    let copies: readonly [Uint8Array, Uint8Array] | undefined;
    for (const pattern of patterns.values()) {
      if (!globMatch(pattern.bytes, channel, 0, channel.length)) continue;
      copies ??= [channel.slice(), payload.slice()];
      reached += send(pattern, { words: [PATTERN_MESSAGE, pattern.bytes, ...copies] });
    }
    return reached;
  }

  /** Sends a message to the subscribers of a shard channel. @returns how many they are */
  publishToShard(channel: Uint8Array, payload: Uint8Array): number {
    const topic = this.#topics.shards.get(nameOf(channel));
    if (topic === undefined) return 0;
    return send(topic, { words: [SHARD_MESSAGE, topic.bytes, payload.slice()] });
  }
}

function send({ subscribers }: Topic, message: SharedPush): number {
  const count = subscribers.size;
  for (const subscriber of subscribers) subscriber.deliver(message);
  return count;
}
