/** The HTTP door of a cache in process, without any socket: to be mounted in somebody else's program. */
import { type Cache, coreOf } from "../../server/cache.ts";
import { CommandDoor } from "../../server/command_door.ts";
import { createCryptography } from "../common/cryptography.ts";
import { createHttpApp } from "./app.ts";
import { EventStreams } from "./streams.ts";

const DEFAULT_MAX_BODY = 16 * 1024 * 1024;
const DEFAULT_MAX_WAIT_SECONDS = 30;
const DEFAULT_BODY_TIMEOUT_SECONDS = 30;

/** What the handler can be told. */
export interface FetchHandlerOptions {
  /** Token that requests must show; without it, whoever reaches the handler is let in. */
  readonly token?: string | undefined;
  /** Token of those who may only read, none by default. */
  readonly readonlyToken?: string | undefined;
  /** Bytes of the largest body, 16 MiB by default. */
  readonly maxBody?: number | undefined;
  /** Seconds that a blocking command may wait, 30 by default. */
  readonly maxWait?: number | undefined;
  /** Seconds that a body may take, 30 by default. */
  readonly bodyTimeout?: number | undefined;
  /** Requests per second and token; 0 = any number, the default. */
  readonly rateLimit?: number | undefined;
  /** Origins whose pages may use it, none by default; "*" = all. */
  readonly cors?: readonly string[] | undefined;
  /** Takes what has to be said; by default nobody. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Makes a fetch handler over a cache: batches at `/batch`, and the REST contract of `@upstash/redis`.
 * It runs wherever requests and responses are those of the web: in Hono, Bun.serve, Deno.serve or a
 * worker.
 *
 * @throws TypeError when the cache is not one of `createCache()`, or is closed
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createCache, createFetchHandler } from "crabcache";
 *
 * using cache = createCache();
 * const handle = createFetchHandler(cache, { token: "secret" });
 * const response = await handle(
 *   new Request("http://localhost/batch", {
 *     method: "POST",
 *     headers: { authorization: "Bearer secret" },
 *     body: JSON.stringify([["SET", "k", "v"], ["GET", "k"]]),
 *   }),
 * );
 * assert.deepEqual(await response.json(), [{ result: "OK" }, { result: "v" }]);
 * ```
 */
export function createFetchHandler(
  cache: Cache,
  options: FetchHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const core = coreOf(cache);
  const door = new CommandDoor(core, createCryptography(), {
    httpToken: options.token ?? "",
    httpReadonlyToken: options.readonlyToken ?? "",
    httpMaxWait: options.maxWait ?? DEFAULT_MAX_WAIT_SECONDS,
  });
  const app = createHttpApp(door, {
    limits: {
      maxBytes: options.maxBody ?? DEFAULT_MAX_BODY,
      timeoutMs: (options.bodyTimeout ?? DEFAULT_BODY_TIMEOUT_SECONDS) * 1000,
    },
    rateLimit: options.rateLimit ?? 0,
    corsOrigins: options.cors ?? [],
    isProtected: () => false,
    isOwnPort: false,
    logsAccess: false,
    health: { isReady: () => true, metrics: () => door.metrics() },
    streams: new EventStreams(door, core.engine.clock, () => {
      return core.engine.settings.clientOutputBufferLimitPubsub[0] || Infinity;
    }),
    clock: core.engine.clock,
    log: (line) => options.log?.(line),
  });
  return async (request) => await app.fetch(request, {});
}
