/** Connecting a client to a server, from the runtime that it runs on. */
import { connectOver, connectOverHttp } from "../client/connect.ts";
import { type ConnectOptions, readTarget } from "../client/connect_options.ts";
import type { Client } from "../client/commands.ts";
import type { ListenAddress } from "../ports/transport.ts";

/**
 * Connects to a server, this one or any that speaks Redis's protocol; over HTTP to this one.
 *
 * @param target a URL (redis://, rediss://, unix:, http://, https://), options, or where a server of
 * `startServer` listens
 * @param options that win over what the target says
 * @returns a client, when its connection stands; over HTTP at once
 * @throws ClientError when there is no connection to be had; TypeError for an option that is unknown, of
 * a wrong type or of no use there; RangeError for a wrong number
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, startServer } from "crabcache";
 *
 * const server = await startServer({ port: "free", bind: "127.0.0.1", maxmemory: "64mb" });
 * {
 *   await using client = await connect(server.addresses[0]);
 *   await client.set("greeting", "hello", { ex: 60 });
 *   assert.equal(await client.get("greeting"), "hello");
 *   // Commands that do not wait for one another leave together.
 *   const [visits, ttl] = await Promise.all([client.incr("visits"), client.ttl("greeting")]);
 *   assert.deepEqual([visits, ttl], [1, 60]);
 *   const replies = await client.multi().incr("visits").get("visits").exec();
 *   assert.deepEqual(replies, [2, "2"]);
 * }
 * await server.close();
 * ```
 *
 * @example Over HTTP
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, createCache, createFetchHandler } from "crabcache";
 *
 * using cache = createCache();
 * const handle = createFetchHandler(cache, { token: "secret" });
 * const client = await connect({
 *   url: "http://localhost",
 *   token: "secret",
 *   fetch: (input, init) => handle(new Request(input, init)),
 * });
 * await client.hset("user:1", { name: "Ada" });
 * assert.deepEqual(await client.hgetall("user:1"), new Map([["name", "Ada"]]));
 * ```
 */
export async function connect(
  target: string | URL | ListenAddress | ConnectOptions,
  options: ConnectOptions = {},
): Promise<Client> {
  const found = readTarget(target, options);
  if (found.kind === "http") return connectOverHttp(found.options);
  // Not before it is needed: where there is nothing but fetch, sockets can't even be imported.
  const { createClientHost } = await import("./client_host.ts");
  return await connectOver(createClientHost(), found.options, found.maxOwnConnections);
}
