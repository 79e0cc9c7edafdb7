/**
 * A client: methods turn into words, words go to the connection that is the right one for them.
 *
 *   method ─▶ words ─┬─▶ shared connection
 *                    ├─▶ connections of their own: what waits, and who watches keys
 *                    └─▶ connection for messages
 */
import { toWords } from "../methods/arguments.ts";
import type { ScanOptions } from "../methods/commands.ts";
import type { MessageListener } from "../methods/messages.ts";
import type { Command } from "../methods/replies.ts";
import type { Key } from "../methods/types.ts";
import type { CommandArgument } from "../protocol/command_encoder.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { CallOptions, Client, SessionCommands } from "./commands.ts";
import type { Carrier, Connections, MessageEvents } from "./connections.ts";
import { checkName, METHOD_SHAPES } from "./method_names.ts";
import { CommandQueue, sendAll } from "./queue.ts";
import type { CommandWords, Sender, SendOptions } from "./sender.ts";
import { mendBytes } from "./server_words.ts";
import { ClientSubscriptions, type SubscriptionKind } from "./subscriptions.ts";
import { WaitingRouter, withSender } from "./waiting.ts";

/** Makes a client. */
export function createClientOn(connections: Connections): Client {
  return new ConnectedClient(connections) as unknown as Client;
}

type AnyListener = MessageListener<string | Uint8Array>;

/** What commands need, whoever gives them. */
class Commands {
  readonly carrier: Carrier;
  readonly options: SendOptions;
  #bytes: this | undefined;

  constructor(carrier: Carrier, options: SendOptions) {
    this.carrier = carrier;
    this.options = options;
  }

  /** The same with other options. */
  protected alike(options: SendOptions): this {
    return new Commands(this.carrier, options) as this;
  }

  get bytes(): this {
    if (this.options.as === "bytes") return this;
    return this.#bytes ??= this.alike({ ...this.options, as: "bytes" });
  }

  with(options: CallOptions): this {
    return this.alike({ ...this.options, ...readCallOptions(options) });
  }

  command(name: string, ...args: CommandArgument[]): Promise<ReplyValue> {
    return attempt(() => {
      checkName(name);
      return this.run(name, args);
    });
  }

  run(name: string, args: readonly CommandArgument[]): Promise<ReplyValue> {
    const reply = this.carrier.one([name, ...args], this.options);
    if (this.options.as === "text") return reply;
    return reply.then((value) => mendBytes(name, value));
  }

  batch(commands: readonly Command[]): Promise<ReplyValue[] | null> {
    return attempt(() => {
      if (!Array.isArray(commands)) throw new TypeError("commands must be an array of arrays");
      for (const command of commands) checkName(command[0]);
      return sendAll("pipeline", this.carrier, commands as readonly CommandWords[], this.options);
    });
  }

  pipeline(): CommandQueue {
    return new CommandQueue("pipeline", this.carrier, this.options);
  }

  multi(): CommandQueue {
    return new CommandQueue("multi", this.carrier, this.options);
  }

  async *keys(options: ScanOptions = {}): AsyncGenerator<ReplyValue, void, undefined> {
    const { scan } = this as unknown as SessionCommands;
    let cursor = "0";
    do {
      const [next, keys] = await scan.call(this, cursor, options);
      yield* keys;
      cursor = next;
    } while (cursor !== "0");
  }
}

for (const [name, shape] of METHOD_SHAPES) {
  Object.defineProperty(Commands.prototype, name, {
    value(this: Commands, ...args: unknown[]): Promise<ReplyValue> {
      return this.run(name, toWords(shape, args));
    },
  });
}

/** What is thrown at once rejects the promise, too. */
function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

const CALL_OPTIONS: readonly string[] = ["signal", "timeoutMs"];

function readCallOptions(options: CallOptions): CallOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!CALL_OPTIONS.includes(name)) {
      throw new TypeError(`with: unknown option ${name}: there are ${CALL_OPTIONS.join(", ")}`);
    }
    if (name === "timeoutMs" && value !== undefined && !(value >= 0)) {
      throw new RangeError(`with: timeoutMs must be 0 or more, got ${value}`);
    }
  }
  return options;
}

/** Those who watch keys have a sender to themselves for a while. */
class Lease implements Carrier {
  /** Whether keys are watched still: a transaction ends that, whether or not it happened. */
  isWatching = true;
  readonly #sender: Sender;
  #isOver = false;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  end(): void {
    this.#isOver = true;
  }

  get #held(): Sender {
    if (this.#isOver) throw new TypeError("the session is over: what it is for has returned");
    return this.#sender;
  }

  async one(command: CommandWords, options: SendOptions): Promise<ReplyValue> {
    return await this.#held.one(command, options);
  }

  async all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    return await this.#held.all(commands, options);
  }

  async atomic(
    commands: readonly CommandWords[],
    options: SendOptions,
  ): Promise<ReplyValue[] | null> {
    const replies = await this.#held.atomic(commands, options);
    this.isWatching = false;
    return replies;
  }
}

/** What all views of one client share. */
interface Shared {
  readonly connections: Connections;
  readonly router: WaitingRouter;
  readonly subscriptions: ClientSubscriptions;
}

class View extends Commands {
  readonly shared: Shared;

  constructor(shared: Shared, options: SendOptions) {
    super(shared.router, options);
    this.shared = shared;
  }

  protected override alike(options: SendOptions): this {
    return new View(this.shared, options) as this;
  }

  async watch<T>(keys: Key | readonly Key[], run: (session: Commands) => Promise<T>): Promise<T> {
    const { own, canWatch } = this.shared.connections;
    if (!canWatch) throw new TypeError("watch() needs a connection: connect to redis://…");
    const words: CommandWords = ["WATCH", ...(isKey(keys) ? [keys] : keys)];
    return await withSender(own, async (sender) => {
      await sender.one(words, this.options);
      const lease = new Lease(sender);
      const result = await run(new Commands(lease, this.options)).finally(() => lease.end());
      if (lease.isWatching) await sender.one(["UNWATCH"], this.options);
      return result;
    });
  }

  subscribe(channel: Key, listener: AnyListener): Promise<unknown> {
    return this.#listen("channel", channel, listener);
  }

  psubscribe(pattern: Key, listener: AnyListener): Promise<unknown> {
    return this.#listen("pattern", pattern, listener);
  }

  ssubscribe(channel: Key, listener: AnyListener): Promise<unknown> {
    return this.#listen("shard channel", channel, listener);
  }

  #listen(kind: SubscriptionKind, name: Key, listener: AnyListener): Promise<unknown> {
    return this.shared.subscriptions.add({ kind, name, listener, options: this.options });
  }
}

function isKey(keys: Key | readonly Key[]): keys is Key {
  return typeof keys === "string" || keys instanceof Uint8Array;
}

class ConnectedClient extends View {
  constructor(connections: Connections) {
    const { shared, own, openMessages } = connections;
    const open = (events: MessageEvents): Sender => {
      if (openMessages !== undefined) return openMessages(events);
      throw new TypeError("messages need a connection: connect to redis://…");
    };
    super({
      connections,
      router: new WaitingRouter(shared, own),
      subscriptions: new ClientSubscriptions(open),
    }, { as: "text", throwsErrors: true });
  }

  async close(): Promise<void> {
    const { connections: { shared, own }, subscriptions } = this.shared;
    own.destroy();
    await Promise.all([shared.close(), subscriptions.close()]);
  }

  destroy(): void {
    const { connections: { shared, own }, subscriptions } = this.shared;
    own.destroy();
    shared.destroy();
    subscriptions.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
