/** Cache and server for a program that embeds them, on the runtime that it runs on. */
import type { ListenAddress } from "../ports/transport.ts";
import { type Cache, createCacheOn } from "../server/cache.ts";
import {
  type CacheOptions,
  readServerOptions,
  type ServerOptions,
} from "../server/library_options.ts";
import { startServer as startServerOn } from "../server/server.ts";
export { connect } from "./connect.ts";
export { createFetchHandler, type FetchHandlerOptions } from "./http/fetch_handler.ts";
import { httpDoor } from "./http/door.ts";
import { createHost, createRuntime } from "./runtime.ts";

/** A server started from a program. */
export interface EmbeddedServer {
  /** Where it listens, with real ports. */
  readonly addresses: readonly ListenAddress[];
  /** Where it serves HTTP, with real ports, e.g. "http://127.0.0.1:8079". */
  readonly urls: readonly string[];
  /** Stops listening, lets every client take its last replies, and settles when all is closed. */
  close(): Promise<void>;
  /** Settles when it was closed, by `close` or by a client's SHUTDOWN. */
  readonly closed: Promise<void>;
}

/**
 * Makes a cache in this process: all commands of the server, without any socket in between.
 *
 * @throws TypeError for an option that is unknown or of a wrong type, RangeError for a wrong value;
 * the message names the option, its value and what is allowed
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createCache } from "crabcache";
 *
 * using cache = createCache({ maxmemory: "64mb", maxmemoryPolicy: "allkeys-lru" });
 * cache.set("visits", 41, { ex: 60 });
 * assert.equal(cache.incr("visits"), 42);
 * assert.equal(cache.ttl("visits"), 60);
 * ```
 */
export function createCache(options: CacheOptions = {}): Cache {
  return createCacheOn(createHost(), options);
}

/**
 * Starts a server in this process. It goes on until it is closed, and keeps the process alive.
 *
 * @throws TypeError for an option that is unknown or of a wrong type, RangeError for a wrong value,
 * Error when an address can't be bound
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { startServer } from "crabcache";
 *
 * const server = await startServer({ port: "free", maxmemory: "64mb" });
 * const [address] = server.addresses;
 * assert.ok(address.kind === "tcp" && address.port > 0);
 * await server.close();
 * ```
 */
export async function startServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const runtime = createRuntime();
  const { process, system } = runtime;
  const log = options.log ?? process.logError;
  const server = await startServerOn(
    { ...runtime, process: { ...process, log } },
    readServerOptions(options, system),
    "",
    [httpDoor(runtime.http)],
  );
  const { addresses, doors, close, closed } = server;
  return { addresses, urls: doors, close, closed };
}
