/** The HTTP door of a cache in process, without any socket: to be mounted in somebody else's program. */
import { z } from "zod";
import { type Cache, coreOf } from "../../server/cache.ts";
import { CommandDoor } from "../../server/command_door.ts";
import { MAX_BODY_BYTES } from "../../server/options_http.ts";
import { createCryptography } from "../common/cryptography.ts";
import { createHttpFetch } from "./app.ts";
import { EventStreams } from "./streams.ts";

const MIB = 1024 * 1024;
const MAX_SECONDS = 3600;

const OPTIONS = z.strictObject({
  token: z.string().default(""),
  readonlyToken: z.string().default(""),
  maxBody: z.int().min(1).max(MAX_BODY_BYTES).default(16 * MIB),
  maxWait: z.number().min(0).max(MAX_SECONDS).default(30),
  bodyTimeout: z.number().positive().max(MAX_SECONDS).default(30),
  rateLimit: z.int().min(0).default(0),
  cors: z.array(z.string()).readonly().default([]),
  log: z.custom<(line: string) => void>((value) => typeof value === "function").optional(),
});

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
 * @throws TypeError when the cache is not one of `createCache()`, or is closed, and for an option that
 * is unknown or wrong
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
  const { token, readonlyToken, maxBody, maxWait, bodyTimeout, rateLimit, cors, log } = readOptions(
    options,
  );
  const door = new CommandDoor(core, createCryptography(), {
    httpToken: token,
    httpReadonlyToken: readonlyToken,
    httpMaxWait: maxWait,
  });
  const answer = createHttpFetch(door, {
    limits: { maxBytes: maxBody, timeoutMs: bodyTimeout * 1000 },
    rateLimit,
    corsOrigins: cors,
    isProtected: () => false,
    isOwnPort: false,
    logsAccess: false,
    health: { isReady: () => true, metrics: () => door.metrics() },
    streams: new EventStreams(door, core.engine.clock, () => {
      return core.engine.settings.clientOutputBufferLimitPubsub[0] || Infinity;
    }),
    clock: core.engine.clock,
    log: (line) => log?.(line),
  });
  return async (request) => await answer(request, {});
}

/** @throws TypeError that names the option */
function readOptions(options: FetchHandlerOptions): z.output<typeof OPTIONS> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const result = OPTIONS.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new TypeError(`createFetchHandler: ${[...path, message].join(": ")}`);
}
