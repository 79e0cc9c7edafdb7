/**
 * Functions that are called with the messages of channels: what was published is pushed to a connection
 * that does nothing else.
 *
 * The first listener of a channel subscribes to it, the last one's end unsubscribes. When the connection
 * comes back after it was lost, all that was subscribed is subscribed again; messages of the meantime are
 * lost, as Redis keeps none.
 */
import type { MessageListener } from "../methods/messages.ts";
import type { Key } from "../methods/types.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { MessageEvents } from "./connections.ts";
import type { Sender, SendOptions } from "./sender.ts";

/** What a client is subscribed to; it ends when it is told to, or at the end of an `await using` block. */
export interface ClientSubscription extends AsyncDisposable {
  /**
   * Ends it: the listener is not called any more.
   * @returns a promise that settles when the server knows
   */
  unsubscribe(): Promise<void>;
}

export type SubscriptionKind = "channel" | "pattern" | "shard channel";

export interface SubscriptionRequest {
  readonly kind: SubscriptionKind;
  readonly name: Key;
  readonly listener: MessageListener<string | Uint8Array>;
  readonly options: SendOptions;
}

interface Verbs {
  readonly begin: string;
  readonly end: string;
}

const VERBS: Readonly<Record<SubscriptionKind, Verbs>> = {
  "channel": { begin: "SUBSCRIBE", end: "UNSUBSCRIBE" },
  "pattern": { begin: "PSUBSCRIBE", end: "PUNSUBSCRIBE" },
  "shard channel": { begin: "SSUBSCRIBE", end: "SUNSUBSCRIBE" },
};

/** Kinds by how messages of theirs begin. */
const KINDS: Readonly<Record<string, SubscriptionKind>> = {
  message: "channel",
  pmessage: "pattern",
  smessage: "shard channel",
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

interface Listener {
  readonly call: MessageListener<string | Uint8Array>;
  readonly isForBytes: boolean;
}

/** A channel or pattern that somebody listens to. */
interface Topic {
  readonly kind: SubscriptionKind;
  readonly name: Uint8Array;
  readonly listeners: Set<Listener>;
  /** Whether the server has confirmed it, so that it is to be renewed. */
  isConfirmed: boolean;
}

export class ClientSubscriptions {
  readonly #open: (events: MessageEvents) => Sender;
  readonly #topics = new Map<string, Topic>();
  #sender: Sender | undefined;

  constructor(open: (events: MessageEvents) => Sender) {
    this.#open = open;
  }

  /** Settles when the server has confirmed it. @throws ReplyError, ClientError */
  async add(request: SubscriptionRequest): Promise<ClientSubscription> {
    const { kind, listener, options } = request;
    if (typeof listener !== "function") {
      throw new TypeError(`the listener must be a function, got ${typeof listener}`);
    }
    const name = bytesOf(request.name);
    const id = topicId(kind, name);
    const topic = this.#topics.get(id) ?? { kind, name, listeners: new Set(), isConfirmed: false };
    this.#topics.set(id, topic);
    const own: Listener = { call: listener, isForBytes: options.as === "bytes" };
    topic.listeners.add(own);
    const leave = (): Promise<void> => this.#remove(id, topic, own);
    try {
      if (!topic.isConfirmed) await this.#send(VERBS[kind].begin, [name], options);
      topic.isConfirmed = true;
    } catch (error) {
      topic.listeners.delete(own);
      if (topic.listeners.size === 0) this.#forget(id, topic);
      throw error;
    }
    return { unsubscribe: leave, [Symbol.asyncDispose]: leave };
  }

  async #remove(id: string, topic: Topic, listener: Listener): Promise<void> {
    if (!topic.listeners.delete(listener) || topic.listeners.size > 0) return;
    this.#forget(id, topic);
    if (this.#sender !== undefined) {
      await this.#send(VERBS[topic.kind].end, [topic.name], { as: "text" });
    }
  }

  /** Another topic of the same name may have taken its place. */
  #forget(id: string, topic: Topic): void {
    if (this.#topics.get(id) === topic) this.#topics.delete(id);
  }

  async #send(verb: string, names: readonly Uint8Array[], options: SendOptions): Promise<void> {
    this.#sender ??= this.#open({
      onPush: (push) => this.#receive(push),
      onConnect: () => this.#renew(),
    });
    await this.#sender.one([verb, ...names], { ...options, throwsErrors: true });
  }

  /** Subscribes again to all that was confirmed before the connection was lost. */
  #renew(): void {
    for (const [kind, { begin }] of Object.entries(VERBS)) {
      const names = [...this.#topics.values()]
        .filter((topic) => topic.kind === kind && topic.isConfirmed)
        .map((topic) => topic.name);
      // If this fails the connection is lost again, and it is done when it comes back.
      if (names.length > 0) void this.#send(begin, names, { as: "text" }).catch(() => {});
    }
  }

  #receive(push: ReplyValue[]): void {
    const kind = KINDS[textOf(push[0])];
    if (kind === undefined) return;
    const topic = this.#topics.get(topicId(kind, push[1] as Uint8Array));
    if (topic === undefined) return;
    const channel = push[push.length - 2] as Uint8Array;
    const message = push[push.length - 1] as Uint8Array;
    for (const { call, isForBytes } of [...topic.listeners]) {
      try {
        if (isForBytes) call(message.slice(), channel.slice());
        else call(decoder.decode(message), decoder.decode(channel));
      } catch (error) {
        // Reported as of any microtask; it stops no other listener.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  async close(): Promise<void> {
    this.#topics.clear();
    await this.#sender?.close();
    this.#sender = undefined;
  }

  destroy(): void {
    this.#topics.clear();
    this.#sender?.destroy();
    this.#sender = undefined;
  }
}

function bytesOf(name: Key): Uint8Array {
  if (typeof name === "string") return encoder.encode(name);
  if (name instanceof Uint8Array) return name.slice();
  throw new TypeError(`the name must be a string or a Uint8Array, got ${typeof name}`);
}

function textOf(value: ReplyValue): string {
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}

/** One letter for each byte. */
function topicId(kind: SubscriptionKind, name: Uint8Array): string {
  let id = `${kind} `;
  for (const byte of name) id += String.fromCharCode(byte);
  return id;
}
