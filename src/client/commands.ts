/** What a client can be told: all commands as methods, alone, in batches, in transactions. */
import type { MessageListener } from "../methods/messages.ts";
import type { ScanOptions } from "../methods/commands.ts";
import type { BatchReplies, Command, CommandName, Reply } from "../methods/replies.ts";
import type { Key, Value } from "../methods/types.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Pipeline, PromisedMethods, Transaction } from "./method_types.ts";
import type { ClientSubscription } from "./subscriptions.ts";

/** How long a call waits. */
export interface CallOptions {
  /** Gives up when it is aborted; a command that was sent may run all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so many milliseconds; 0 = never. */
  readonly timeoutMs?: number | undefined;
}

/** The commands, with keys and values answered as text or as bytes. */
export interface SessionCommands<in out Text = string> extends PromisedMethods<Text> {
  /** The same, answering keys and values as bytes. */
  readonly bytes: SessionCommands<Uint8Array>;
  /** The same, giving up as the options say. */
  with(options: CallOptions): SessionCommands<Text>;
  /**
   * Runs any command by its name.
   * @returns its reply
   * @throws ReplyError, ClientError; TypeError for a command that would upset what others do
   */
  command<Name extends CommandName>(name: Name, ...args: Value[]): Promise<Reply<Name, Text>>;
  /** Runs a command whose name is not known beforehand. */
  command(name: string, ...args: Value[]): Promise<ReplyValue>;
  /**
   * Runs commands in their order, with nothing of this client in between.
   * @returns one reply for each; that of a command that failed is a ReplyError, and stops nothing
   * @throws ClientError if not all of them were answered
   */
  batch<const Commands extends readonly Command[]>(
    commands: Commands,
  ): Promise<BatchReplies<Commands, Text>>;
  /** As `batch`, with methods in place of names: `client.pipeline().incr("a").get("b").exec()`. */
  pipeline(): Pipeline<[], Text>;
  /** As `pipeline`, as one transaction: all of it is run, with nothing in between, or nothing. */
  multi(): Transaction<[], Text>;
  /**
   * Goes through all keys of the database, a few at a time, as SCAN does: what is there from start
   * to end is found, and a key may come twice while the cache grows meanwhile.
   */
  keys(options?: ScanOptions): AsyncGenerator<Text, void, undefined>;
}

/** The commands, and what needs connections of its own. */
export interface ClientCommands<in out Text = string> extends SessionCommands<Text> {
  /** The same, answering keys and values as bytes. */
  readonly bytes: ClientCommands<Uint8Array>;
  /** The same, giving up as the options say: `client.with({ timeoutMs: 50 }).get("k")`. */
  with(options: CallOptions): ClientCommands<Text>;
  /**
   * Watches keys while a function looks at them and sends a transaction, which then happens only if
   * nobody has changed them meanwhile: its `exec` gives null if somebody has.
   *
   * @param run gets the same commands, on a connection of their own until it is done
   * @returns what the function returns
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { connect, startServer } from "crabcache";
   *
   * const server = await startServer({ port: "free", bind: "127.0.0.1", maxmemory: "64mb" });
   * const client = await connect(server.addresses[0]);
   * await client.set("stock", 3);
   * const replies = await client.watch(["stock"], async (session) => {
   *   const stock = Number(await session.get("stock"));
   *   return await session.multi().set("stock", stock - 1).incr("sold").exec();
   * });
   * assert.deepEqual(replies, ["OK", 1]);
   * await client.close();
   * await server.close();
   * ```
   */
  watch<T>(
    keys: Key | readonly Key[],
    run: (session: SessionCommands<Text>) => Promise<T>,
  ): Promise<T>;
  /**
   * Calls a function with every message that is published to a channel, on a connection of its own
   * which is subscribed again after it was lost.
   * @returns when the server has confirmed it
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { connect, startServer } from "crabcache";
   *
   * const server = await startServer({ port: "free", bind: "127.0.0.1", maxmemory: "64mb" });
   * const client = await connect(server.addresses[0]);
   * const { promise, resolve } = Promise.withResolvers<string>();
   * const subscription = await client.subscribe("news", (message) => resolve(message));
   * assert.equal(await client.publish("news", "hello"), 1);
   * assert.equal(await promise, "hello");
   * await subscription.unsubscribe();
   * await client.close();
   * await server.close();
   * ```
   */
  subscribe(channel: Key, listener: MessageListener<Text>): Promise<ClientSubscription>;
  /** As `subscribe`, for all channels that match a glob pattern. */
  psubscribe(pattern: Key, listener: MessageListener<Text>): Promise<ClientSubscription>;
  /** As `subscribe`, for a shard channel. */
  ssubscribe(channel: Key, listener: MessageListener<Text>): Promise<ClientSubscription>;
}

/**
 * A client of a server. Commands that are called without waiting for one another leave together and
 * are answered in their order.
 */
export interface Client extends ClientCommands<string>, AsyncDisposable {
  /** Lets what is under way come to its end, then closes. What waits for others fails at once. */
  close(): Promise<void>;
  /** Closes at once: what is under way fails. */
  destroy(): void;
}
