/** What a client stands on, over a cache in this process in place of a server. */
import { ClientError } from "../../src/client/client_error.ts";
import type { Connections, MessageEvents, OwnSenders } from "../../src/client/connections.ts";
import type { CommandWords, Sender, SendOptions } from "../../src/client/sender.ts";
import type { Command } from "../../src/methods/replies.ts";
import { ReplyError, type ReplyValue } from "../../src/protocol/value_writer.ts";
import type { Cache } from "../../src/server/cache.ts";

const encoder = new TextEncoder();

/** Runs commands on a cache, in a turn of their own. */
export class FakeSender implements Sender {
  readonly cache: Cache;
  /** What was asked of it: "one get", "all 2", "atomic 3". */
  readonly asked: string[] = [];
  /** Options of each call. */
  readonly options: SendOptions[] = [];
  /** What `atomic` gives next time, in place of running anything. */
  refusal: null | Error | undefined;
  state: "open" | "closed" | "destroyed" = "open";

  constructor(cache: Cache) {
    this.cache = cache;
  }

  async one(command: CommandWords, options: SendOptions): Promise<ReplyValue> {
    this.asked.push(`one ${command[0]}`);
    this.options.push(options);
    const [reply] = await this.#run([command], options);
    if (options.throwsErrors === true && reply instanceof ReplyError) throw reply;
    return reply;
  }

  async all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    this.asked.push(`all ${commands.length}`);
    this.options.push(options);
    return await this.#run(commands, options);
  }

  async atomic(
    commands: readonly CommandWords[],
    options: SendOptions,
  ): Promise<ReplyValue[] | null> {
    this.asked.push(`atomic ${commands.length}`);
    this.options.push(options);
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal === null) return null;
    if (refusal !== undefined) throw refusal;
    const replies = await this.#run([["MULTI"], ...commands, ["EXEC"]], options);
    const last = replies[replies.length - 1];
    if (last instanceof ReplyError) throw last;
    return last as ReplyValue[];
  }

  async #run(commands: readonly CommandWords[], { as }: SendOptions): Promise<ReplyValue[]> {
    await Promise.resolve();
    if (this.state !== "open") throw new ClientError("CLOSED", "the client is closed");
    const batch = commands as readonly Command[];
    return as === "bytes" ? this.cache.batch(batch, { as }) : this.cache.batch(batch);
  }

  close(): Promise<void> {
    this.state = "closed";
    return Promise.resolve();
  }

  destroy(): void {
    this.state = "destroyed";
  }
}

/** Hands out senders, and remembers what came back. */
export class FakeOwnSenders implements OwnSenders {
  readonly cache: Cache;
  readonly made: FakeSender[] = [];
  readonly given: { sender: Sender; isReusable: boolean }[] = [];

  constructor(cache: Cache) {
    this.cache = cache;
  }

  take(): Sender {
    const sender = new FakeSender(this.cache);
    this.made.push(sender);
    return sender;
  }

  give(sender: Sender, isReusable: boolean): void {
    this.given.push({ sender, isReusable });
  }

  destroy(): void {
    for (const sender of this.made) sender.destroy();
  }
}

/** Takes subscriptions; a test pushes messages by hand. */
export class FakeMessages implements Sender {
  readonly told: string[] = [];
  readonly events: MessageEvents;
  /** What the next command is answered with. */
  answer: ReplyValue | ClientError = "OK";
  state: "open" | "closed" | "destroyed" = "open";

  constructor(events: MessageEvents) {
    this.events = events;
  }

  async one(words: CommandWords): Promise<ReplyValue> {
    const shown = words.map((word) => word instanceof Uint8Array ? textOf(word) : String(word));
    this.told.push(shown.join(" "));
    await Promise.resolve();
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }

  all(): Promise<ReplyValue[]> {
    return Promise.reject(new TypeError("not for messages"));
  }

  atomic(): Promise<null> {
    return Promise.reject(new TypeError("not for messages"));
  }

  push(...words: string[]): void {
    this.events.onPush(words.map((word) => encoder.encode(word)));
  }

  close(): Promise<void> {
    this.state = "closed";
    return Promise.resolve();
  }

  destroy(): void {
    this.state = "destroyed";
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export interface FakeConnections extends Connections {
  readonly shared: FakeSender;
  readonly own: FakeOwnSenders;
  /** The sender for messages, once there is one. */
  readonly messages: FakeMessages[];
}

export function fakeConnections(cache: Cache): FakeConnections {
  const messages: FakeMessages[] = [];
  return {
    shared: new FakeSender(cache),
    own: new FakeOwnSenders(cache),
    canWatch: true,
    messages,
    openMessages(events) {
      const sender = new FakeMessages(events);
      messages.push(sender);
      return sender;
    },
  };
}
