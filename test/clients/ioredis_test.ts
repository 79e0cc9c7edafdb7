/** ioredis against the server. */
import type { Buffer } from "node:buffer";
import { Redis } from "ioredis";
import { clientContract, type ConnectOptions, type LibraryClient } from "./client_contract.ts";

async function open(
  options: ConnectOptions,
  enableAutoPipelining: boolean,
): Promise<LibraryClient> {
  const { url, path, reconnects = false } = options;
  const settings = {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    enableAutoPipelining,
    retryStrategy: () => reconnects ? 20 : null,
  };
  const redis = path === undefined ? new Redis(url, settings) : new Redis({ ...settings, path });
  /** The server's refusal comes as an event; `connect` only says that the connection is closed. */
  let refusal: unknown;
  redis.on("error", (error) => refusal ??= error);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw refusal ?? error;
  }
  return {
    get: (key) => redis.get(key),
    getBytes: (key) => redis.getBuffer(key),
    set: (key, value: string | Buffer) => redis.set(key, value),
    setFor: (key, value, seconds) => redis.set(key, value, "EX", seconds),
    mget: (keys) => redis.mget(keys),
    mset: (pairs) => redis.mset(pairs),
    incr: (key) => redis.incr(key),
    del: (key) => redis.del(key),
    ttl: (key) => redis.ttl(key),
    blockingPop: (keys, seconds) => redis.blpop(keys, seconds),
    send: (name, ...args) => redis.call(name, ...args),
    async pipeline(commands) {
      const pipeline = redis.pipeline();
      for (const [name, ...args] of commands) pipeline.call(name, ...args);
      const results = await pipeline.exec() ?? [];
      return results.map(([error, result]) => {
        if (error !== null) throw error;
        return result;
      });
    },
    async scan(match, count) {
      const found: string[] = [];
      for await (const keys of redis.scanStream({ match, count })) found.push(...keys as string[]);
      return found;
    },
    quit: () => redis.quit(),
    destroy: () => redis.disconnect(),
  };
}

clientContract({
  name: "ioredis",
  isResp3: true,
  hasUnixSockets: true,
  connect: (options) => open(options, false),
});

clientContract({
  name: "ioredis with automatic pipelining",
  isResp3: true,
  hasUnixSockets: true,
  connect: (options) => open(options, true),
});
