/** One line of the log for each request; tokens in its query are not shown. */
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { HttpEnv } from "./app.ts";

/** Writes it once the answer is known. */
export function accessLog(log: Log, clock: Clock): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startUs = clock.monotonicUs();
    await next();
    const ms = Math.round((clock.monotonicUs() - startUs) / 10) / 100;
    const { method, path } = c.req;
    const address = c.env?.connection?.remoteAddress ?? "";
    const fields = { method, path, status: c.res.status, ms, address, id: c.get("requestId") };
    log(`${address} ${method} ${path} ${c.res.status} ${ms} ms ${fields.id}`, "notice", fields);
  };
}
