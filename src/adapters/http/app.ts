/**
 * The HTTP door as one Hono app: native batches and the REST contract of @upstash/redis.
 *
 *   request ─▶ size ─▶ token ─▶ route ─▶ CommandDoor ─▶ answer
 */
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { requestId } from "hono/request-id";
import type { Clock } from "../../ports/clock.ts";
import type { HttpConnection } from "../../ports/http_server.ts";
import type { CommandDoor, DoorUser } from "../../server/command_door.ts";
import type { Log } from "../../ports/log.ts";
import { VERSION } from "../../server/version.ts";
import { accessLog } from "./access_log.ts";
import { fail, jsonFailure } from "./answers.ts";
import { identify } from "./auth.ts";
import { BodyError, type BodyLimits, BodyReader } from "./body.ts";
import { addConsole } from "./console/door.ts";
import { type Guard, guardAll, guardOne, joinGuards } from "./guards.ts";
import { healthHandlers, type HealthSource } from "./health.ts";
import { type DirectAnswer, directAnswers } from "./direct_answers.ts";
import { docsHandler } from "./docs.ts";
import { nativeBatch } from "./native_batch.ts";
import { openApiHandler } from "./openapi.ts";
import { firstPart, rawPath } from "./paths.ts";
import { limitRate } from "./rate_limit.ts";
import type { EventStreams } from "./streams.ts";
import { refuseForeignFetches, refuseStrangers } from "./strangers.ts";
import { upstashHandlers } from "./upstash.ts";
import { UpstashContract } from "./upstash_contract.ts";
import { valueHandler } from "./values.ts";

export interface HttpAppOptions {
  readonly limits: BodyLimits;
  /** Requests per second and token, 0 = any number. */
  readonly rateLimit: number;
  /** Origins whose pages may use the door, "*" = all, none = no page of another origin. */
  readonly corsOrigins: readonly string[];
  /** Whether only this machine is let in where no token is needed. */
  readonly isProtected: () => boolean;
  /** Whether requests come at a port of this server's own, and not by way of another program. */
  readonly isOwnPort: boolean;
  /** Whether each request is logged. */
  readonly logsAccess: boolean;
  readonly health: HealthSource;
  readonly streams: EventStreams;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a request comes with. */
export interface HttpEnv {
  Bindings: { readonly connection?: HttpConnection };
  Variables: { user: DoorUser; requestId: string };
}

/** What pages of other origins may see of an answer, beside what they always may. */
const SHOWN_HEADERS = ["age", "content-range", "etag", "upstash-sync-token", "x-request-id"];

/** Answers a request, which came by `connection` if it came by one of ours. */
export type HttpFetch = (
  request: Request,
  env: HttpEnv["Bindings"],
) => Response | Promise<Response>;

/** The app, and what answers the requests that are made most. */
interface HttpApps {
  readonly app: Hono<HttpEnv>;
  /** Undefined when something has to be done about all requests. */
  readonly direct: DirectAnswer | undefined;
}

/** Makes the app. */
export function createHttpApp(door: CommandDoor, options: HttpAppOptions): Hono<HttpEnv> {
  return createApps(door, options).app;
}

/** Makes a function that answers as the app does: usual requests without it. */
export function createHttpFetch(door: CommandDoor, options: HttpAppOptions): HttpFetch {
  const { app, direct } = createApps(door, options);
  if (direct === undefined) return app.fetch;
  return (request, env) => direct(request, env.connection) ?? app.fetch(request, env);
}

function createApps(door: CommandDoor, options: HttpAppOptions): HttpApps {
  // It finds paths without parameters by one look into a table, and refuses routes that it cannot have.
  const app = new Hono<HttpEnv>({ getPath: rawPath, router: new RegExpRouter() });
  const { corsOrigins, clock, log, health: source } = options;
  const health = healthHandlers(source);
  const body = new BodyReader(options.limits, clock);
  const refuse = refuseStrangers(options);
  const refuseFetch = refuseForeignFetches(options);
  const known: Guard[] = [identify(door.users, clock)];
  const limit = options.rateLimit > 0 ? limitRate(options.rateLimit, clock) : undefined;
  if (limit !== undefined) known.push(limit);
  const strange: Guard[] = [
    (c) => source.isReady() ? undefined : closing(c),
    (c) => door.users.isOpen ? refuse(c) : undefined,
  ];
  if (options.logsAccess) app.use(requestId(), accessLog(log, clock));
  app.get("/healthz", health.health);
  app.get("/readyz", health.ready);
  if (corsOrigins.length > 0) {
    const origin = corsOrigins.includes("*") ? "*" : [...corsOrigins];
    app.use(cors({ origin, maxAge: 86_400, exposeHeaders: SHOWN_HEADERS }));
  }
  const contract = new UpstashContract(door);
  const upstash = upstashHandlers(contract, body);
  // What is asked most stands in front, so that no middleware comes before or behind it.
  const guard = joinGuards([...strange, ...known]);
  app.post("/batch", guardOne(guard, nativeBatch(door, body)));
  app.post("/pipeline", guardOne(guard, upstash.pipeline));
  app.post("/multi-exec", guardOne(guard, upstash.transaction));
  app.post("/", guardOne(guard, upstash.single));
  app.use(guardAll(joinGuards(strange)));
  app.get("/openapi.json", openApiHandler(VERSION));
  app.get("/docs", docsHandler(VERSION));
  addConsole(app, door, { body, clock, limit });
  app.use(guardAll(joinGuards([(c) => door.users.isOpen ? refuseFetch(c) : undefined, ...known])));

  app.get("/metrics", health.metrics);
  const { streams } = options;
  app.on(["GET", "POST"], "/subscribe/*", streams.handler("subscribe"));
  app.on(["GET", "POST"], "/psubscribe/*", streams.handler("psubscribe"));
  app.on(["GET", "POST"], "/monitor", streams.handler("monitor"));
  const values = valueHandler(door, body);
  app.on(["GET", "PUT", "DELETE"], "/v1/values/*", values);
  app.all("/v1/values/*", values);
  app.on(["GET", "PUT"], "/", nowhere);
  app.on(["GET", "POST", "PUT"], "*", upstash.path);
  app.notFound(nowhere);
  app.onError((error, c) => {
    if (error instanceof BodyError) return fail(c, error.status, error.message);
    log(internalError(c.req.method, c.req.path, error), "warning");
    return fail(c, 500, INTERNAL_ERROR);
  });
  const isSeen = limit !== undefined || options.logsAccess || corsOrigins.length > 0;
  if (isSeen) return { app, direct: undefined };
  const { isProtected, isOwnPort } = options;
  const direct = directAnswers({
    ...{ door, contract, reader: body, isProtected, isOwnPort },
    isReady: () => source.isReady(),
    reserved: new Set(app.routes.map(({ path }) => firstPart(path))),
    failed: (request, error) => {
      log(internalError(request.method, rawPath(request), error), "warning");
      return jsonFailure(500, INTERNAL_ERROR);
    },
  });
  return { app, direct };
}

function internalError(method: string, path: string, error: unknown): string {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  return `Internal error in ${method} ${path}: ${text}`;
}

const INTERNAL_ERROR = "ERR internal error";
const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT"];

function nowhere(c: Context): Response {
  const { method } = c.req;
  if (METHODS.includes(method)) return fail(c, 404, "there is nothing here");
  c.header("allow", METHODS.join(", "));
  return fail(c, 405, `the method ${method} is not allowed here`);
}

function closing(c: Context): Response {
  c.header("connection", "close");
  c.header("retry-after", "1");
  return fail(c, 503, "the server is shutting down");
}
