/**
 * A cache in process: the engine of the server with nothing in between, called with values and
 * answering values.
 *
 *   method ─▶ words ─┐
 *                    ├─▶ batch ─stages─▶ commands ─▶ plain values
 *   batch of words ──┘
 *
 * Everything happens before the call returns. What has to be done by and by, such as finding keys
 * that expired, is done by timers that do not keep the process alive, in slices of less than a
 * millisecond.
 */
import { shapeOf, toWords } from "../methods/arguments.ts";
import type { CommandMethods, ScanOptions } from "../methods/commands.ts";
import type { MessageListener } from "../methods/messages.ts";
import type { BatchReplies, Command, CommandName, Reply } from "../methods/replies.ts";
import type { Key, Value } from "../methods/types.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import { type CommandArgument, CommandEncoder } from "../protocol/command_encoder.ts";
import { ReplyError, type ReplyValue, ValueWriter } from "../protocol/value_writer.ts";
import { LocalSession } from "../session/local_session.ts";
import {
  type ListenOptions,
  LocalSubscriptions,
  readBytes,
  readText,
  type Subscription,
} from "./cache_subscriptions.ts";
import { DATA_FAMILIES } from "./command_families.ts";
import { type Core, createCore, type Host } from "./core.ts";
import { type CacheOptions, readCacheOptions } from "./library_options.ts";

/** The commands of a cache, with keys and values answered as text or as bytes. */
export interface CacheCommands<Text = string> extends CommandMethods<Text> {
  /**
   * Runs any command by its name.
   * @returns its reply
   * @throws ReplyError
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { createCache } from "crabcache";
   *
   * using cache = createCache();
   * cache.command("SET", "k", "v", "EX", 10);
   * assert.equal(cache.command("GETEX", "k", "PERSIST"), "v");
   * ```
   */
  command<Name extends CommandName>(name: Name, ...args: Value[]): Reply<Name, Text>;
  /** Runs a command whose name is not known beforehand. */
  command(name: string, ...args: Value[]): ReplyValue;
  /**
   * Goes through all keys of the database, a few at a time, as SCAN does: what is there from start
   * to end is found, and a key may come twice while the cache grows meanwhile.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { createCache } from "crabcache";
   *
   * using cache = createCache();
   * cache.mset({ "user:1": "Ada", "user:2": "Bob", other: "" });
   * const users = [...cache.keys({ match: "user:*" })];
   * assert.equal(users.length, 2);
   * ```
   */
  keys(options?: ScanOptions): Generator<Text, void, undefined>;
  /**
   * Sends a message to all who are subscribed to a channel.
   * @returns how many subscriptions it reached
   */
  publish(channel: Key, message: Value): number;
  /**
   * Calls a function with every message that is published to a channel, events of keys included
   * (option `notifyKeyspaceEvents`). It is called in a microtask of its own, after the call that
   * published; what it throws is reported as of any microtask, and stops no other listener.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { createCache } from "crabcache";
   *
   * using cache = createCache();
   * const received: string[] = [];
   * const subscription = cache.subscribe("news", (message) => received.push(message));
   * assert.equal(cache.publish("news", "hello"), 1);
   * await Promise.resolve();
   * assert.deepEqual(received, ["hello"]);
   * subscription.unsubscribe();
   * ```
   */
  subscribe(channel: Key, listener: MessageListener<Text>): Subscription;
  /**
   * As `subscribe`, for all channels that match a glob pattern.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { createCache } from "crabcache";
   *
   * using cache = createCache({ notifyKeyspaceEvents: "Eg$" });
   * const events: string[] = [];
   * using _ = cache.psubscribe("__keyevent@0__:*", (key, channel) => {
   *   events.push(`${channel.split(":")[1]} ${key}`);
   * });
   * cache.set("k", "v");
   * cache.del("k");
   * await Promise.resolve();
   * assert.deepEqual(events, ["set k", "del k"]);
   * ```
   */
  psubscribe(pattern: Key, listener: MessageListener<Text>): Subscription;
}

/** A cache in process. */
export interface Cache extends CacheCommands<string>, Disposable {
  /** The same commands, answering keys and values as bytes. */
  readonly bytes: CacheCommands<Uint8Array>;
  /** As `get`, as bytes. */
  getBytes(key: Key): Uint8Array | null;
  /**
   * Runs commands in their order. This is the fastest way in: memory is fetched for all of them
   * together.
   * @returns one result for each; that of a command that failed is a ReplyError, and stops nothing
   * @throws TypeError when an argument is neither text, number, boolean nor bytes; nothing is run then
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { createCache } from "crabcache";
   *
   * using cache = createCache();
   * const [stored, value] = cache.batch([["SET", "k", "v"], ["GET", "k"]]);
   * assert.deepEqual([stored, value], ["OK", "v"]);
   * ```
   */
  batch<const Commands extends readonly Command[]>(
    commands: Commands,
    options?: { readonly as?: "text" },
  ): BatchReplies<Commands>;
  /** As above, with keys and values as bytes. */
  batch<const Commands extends readonly Command[]>(
    commands: Commands,
    options: { readonly as: "bytes" },
  ): BatchReplies<Commands, Uint8Array>;
  /** Ends it and gives its memory back. It cannot be used any more; closing it again does nothing. */
  close(): void;
}

/**
 * Makes a cache over the ports of a runtime.
 * @throws TypeError for an option that is unknown or of a wrong type, RangeError for a wrong value
 */
export function createCacheOn(host: Host, options: CacheOptions = {}): Cache {
  const runner = new Runner(host, options);
  const cache = new LocalCache(runner) as unknown as Cache;
  runners.set(cache, runner);
  return cache;
}

/** What is behind each cache. */
const runners = new WeakMap<Cache, Runner>();

/** @returns what a cache runs on @throws TypeError for anything else, or a cache that is closed */
export function coreOf(cache: Cache): Core {
  const runner = runners.get(cache);
  if (runner === undefined) throw new TypeError("expected a cache made by createCache()");
  return runner.core;
}

/** Runs batches on a core of its own. */
class Runner {
  readonly text = new ValueWriter();
  readonly bytes = new ValueWriter(true);
  readonly #encoder = new CommandEncoder();
  readonly #session: LocalSession;
  readonly #subscriptions: LocalSubscriptions;
  #core: Core | undefined;
  #stopBackground: () => void;

  constructor(host: Host, given: CacheOptions) {
    const options = readCacheOptions(given, host.system);
    this.#core = createCore({
      host,
      options,
      configFile: "",
      log: () => {},
      shutdown: () => this.close(),
    });
    this.#session = new LocalSession(1, host.clock.nowMs());
    this.#subscriptions = new LocalSubscriptions(this.#core.engine.pubsub);
    this.#stopBackground = this.#core.startBackground();
  }

  /** @throws TypeError when it is closed */
  get core(): Core {
    if (this.#core === undefined) throw new TypeError("the cache is closed");
    return this.#core;
  }

  all(commands: readonly Command[], writer: ValueWriter): ReplyValue[] {
    return this.#execute(this.#encoder.encode(commands), writer);
  }

  one(name: string, args: readonly CommandArgument[], writer: ValueWriter): ReplyValue {
    const value = this.#execute(this.#encoder.encodeOne(name, args), writer)[0];
    if (value instanceof ReplyError) throw value;
    return value;
  }

  #execute(batch: CommandBatch, writer: ValueWriter): ReplyValue[] {
    const { executor } = this.core;
    writer.version = this.#session.protocolVersion;
    try {
      executor.executeLocal(batch, this.#session, writer);
    } catch (error) {
      writer.discard();
      throw error;
    }
    return writer.take();
  }

  listen(options: ListenOptions): Subscription {
    if (this.#core === undefined) throw new TypeError("the cache is closed");
    return this.#subscriptions.listen(options);
  }

  close(): void {
    if (this.#core === undefined) return;
    this.#subscriptions.end();
    this.#stopBackground();
    this.#core.clients.unpause();
    this.#core = undefined;
  }
}

/** The methods that are not made from the specs. */
class Commands {
  readonly #runner: Runner;
  readonly #writer: ValueWriter;

  constructor(runner: Runner, writer: ValueWriter) {
    this.#runner = runner;
    this.#writer = writer;
  }

  command(name: string, ...args: CommandArgument[]): ReplyValue {
    return this.run(name, args);
  }

  run(name: string, args: readonly CommandArgument[]): ReplyValue {
    return this.#runner.one(name, args, this.#writer);
  }

  publish(channel: Key, message: Value): ReplyValue {
    return this.run("publish", [channel, message]);
  }

  subscribe(channel: Key, listener: MessageListener<string | Uint8Array>): Subscription {
    return this.#listen("channels", channel, listener);
  }

  psubscribe(pattern: Key, listener: MessageListener<string | Uint8Array>): Subscription {
    return this.#listen("patterns", pattern, listener);
  }

  #listen(
    kind: "channels" | "patterns",
    name: Key,
    listener: MessageListener<string | Uint8Array>,
  ): Subscription {
    const read = this.#writer === this.#runner.text ? readText : readBytes;
    return this.#runner.listen({ kind, name, listener, read });
  }

  *keys(options: ScanOptions = {}): Generator<ReplyValue, void, undefined> {
    const { scan } = this as unknown as CommandMethods;
    let cursor = "0";
    do {
      const [next, keys] = scan.call(this, cursor, options);
      yield* keys;
      cursor = next;
    } while (cursor !== "0");
  }
}

/**
 * Those that wait or look inside are of no use in process, KEYS is `keys`; as `command` they are
 * all there.
 */
const WITHOUT_METHOD: readonly string[] = [
  ...["debug", "keys", "pfdebug", "pfselftest", "wait"],
  ...["blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin"],
];

for (const spec of DATA_FAMILIES.flat()) {
  const { name } = spec;
  if (WITHOUT_METHOD.includes(name)) continue;
  const shape = shapeOf(spec);
  Object.defineProperty(Commands.prototype, name, {
    value(this: Commands, ...args: unknown[]): ReplyValue {
      return this.run(name, toWords(shape, args));
    },
  });
}

class LocalCache extends Commands {
  readonly bytes: Commands;
  readonly #runner: Runner;

  constructor(runner: Runner) {
    super(runner, runner.text);
    this.#runner = runner;
    this.bytes = new Commands(runner, runner.bytes);
  }

  getBytes(key: Key): ReplyValue {
    return this.bytes.run("get", [key]);
  }

  batch(commands: readonly Command[], options?: { readonly as?: "text" | "bytes" }): ReplyValue[] {
    const { text, bytes } = this.#runner;
    return this.#runner.all(commands, options?.as === "bytes" ? bytes : text);
  }

  close(): void {
    this.#runner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
