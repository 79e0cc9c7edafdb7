/** Subscriptions of functions in this process to channels and patterns. */
import { nameOf, type PubSub, type Subscriber, type TopicKind } from "../engine/pubsub.ts";
import type { MessageListener } from "../methods/messages.ts";
import type { SharedPush } from "../ports/session_port.ts";

/** Something that ends when it is told to, or at the end of a `using` block. */
export interface Subscription extends Disposable {
  /** Ends it: the listener is not called any more, not even with messages published before. */
  unsubscribe(): void;
}

/** Turns the bytes of a message into what its listener gets. */
export type MessageReader = (bytes: Uint8Array) => string | Uint8Array;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads bytes as text. */
export function readText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Gives a copy: others get the same message. */
export function readBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}

export interface ListenOptions {
  readonly kind: TopicKind;
  readonly name: string | Uint8Array;
  readonly listener: MessageListener<string | Uint8Array>;
  readonly read: MessageReader;
}

/** The subscriptions of one cache. */
export class LocalSubscriptions {
  readonly #pubsub: PubSub;
  readonly #active = new Set<LocalSubscription>();

  constructor(pubsub: PubSub) {
    this.#pubsub = pubsub;
  }

  /** From now on the listener is called with what is published. @throws TypeError if it is none */
  listen({ kind, name, listener, read }: ListenOptions): Subscription {
    if (typeof listener !== "function") {
      throw new TypeError(`the listener must be a function, got ${typeof listener}`);
    }
    const bytes = typeof name === "string" ? encoder.encode(name) : name;
    const subscription = new LocalSubscription(listener, read, () => {
      if (this.#active.delete(subscription)) this.#pubsub.remove(kind, topic, subscription);
    });
    const topic = this.#pubsub.add(kind, nameOf(bytes), subscription);
    this.#active.add(subscription);
    return subscription;
  }

  /** Ends all of them. */
  end(): void {
    for (const subscription of [...this.#active]) subscription.unsubscribe();
  }
}

class LocalSubscription implements Subscriber, Subscription {
  readonly #listener: MessageListener<string | Uint8Array>;
  readonly #read: MessageReader;
  readonly #leave: () => void;
  #isOver = false;

  constructor(
    listener: MessageListener<string | Uint8Array>,
    read: MessageReader,
    leave: () => void,
  ) {
    this.#listener = listener;
    this.#read = read;
    this.#leave = leave;
  }

  /** A command is running: the listener, which may run others, is called when it is done. */
  deliver({ words }: SharedPush): void {
    const channel = words[words.length - 2] as Uint8Array;
    const payload = words[words.length - 1] as Uint8Array;
    queueMicrotask(() => {
      if (this.#isOver) return;
      const listener = this.#listener;
      listener(this.#read(payload), this.#read(channel));
    });
  }

  unsubscribe(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }
}
