/** The subscriptions of one client. */
import type { SessionPort, SessionState, SubscriptionCounts } from "../ports/session_port.ts";
import type { SharedPush } from "../ports/session_port.ts";
import {
  CLIENT_BYTES,
  type PubSub,
  type Subscriber,
  SUBSCRIPTION_BYTES,
  type Topic,
  type TopicKind,
} from "./pubsub.ts";

const KINDS = ["channels", "patterns", "shards"] as const satisfies readonly TopicKind[];

export class Subscriptions implements Subscriber, SubscriptionCounts, SessionState {
  readonly #pubsub: PubSub;
  readonly #session: SessionPort;
  /** By name, in the order in which they came; a kind's map is made by its first subscription. */
  readonly #topics: { [Kind in TopicKind]?: Map<string, Topic> } = {};

  constructor(pubsub: PubSub, session: SessionPort) {
    this.#pubsub = pubsub;
    this.#session = session;
  }

  deliver(message: SharedPush): void {
    this.#session.share(message);
  }

  get channels(): number {
    return this.#topics.channels?.size ?? 0;
  }

  get patterns(): number {
    return this.#topics.patterns?.size ?? 0;
  }

  get shards(): number {
    return this.#topics.shards?.size ?? 0;
  }

  get #total(): number {
    return this.channels + this.patterns + this.shards;
  }

  get isEmpty(): boolean {
    return this.#total === 0;
  }

  get sizeBytes(): number {
    return this.isEmpty ? 0 : CLIENT_BYTES + this.#total * SUBSCRIPTION_BYTES;
  }

  /** What confirmations count: channels and patterns together, shard channels apart. */
  confirmedCount(kind: TopicKind): number {
    return kind === "shards" ? this.shards : this.channels + this.patterns;
  }

  /** The names of a kind as bytes, in the order in which they came. */
  names(kind: TopicKind): Uint8Array[] {
    return [...this.#topics[kind]?.values() ?? []].map(({ bytes }) => bytes);
  }

  /** @returns whether it is new */
  add(kind: TopicKind, name: string): boolean {
    const topics = this.#topics[kind] ??= new Map();
    if (topics.has(name)) return false;
    if (this.isEmpty) this.#pubsub.clientCame();
    topics.set(name, this.#pubsub.add(kind, name, this));
    return true;
  }

  /** @returns whether it was there */
  remove(kind: TopicKind, name: string): boolean {
    const topics = this.#topics[kind];
    const topic = topics?.get(name);
    if (topics === undefined || topic === undefined) return false;
    topics.delete(name);
    this.#pubsub.remove(kind, topic, this);
    if (this.isEmpty) this.#pubsub.clientLeft();
    return true;
  }

  /** Gives all of them up. */
  end(): void {
    if (!this.isEmpty) this.#pubsub.clientLeft();
    for (const kind of KINDS) {
      for (const topic of this.#topics[kind]?.values() ?? []) {
        this.#pubsub.remove(kind, topic, this);
      }
      this.#topics[kind]?.clear();
    }
    this.#session.subscriptions = undefined;
  }
}
