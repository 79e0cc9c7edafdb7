/**
 * What those ask who watch over a server: is it alive, may it get requests, how is it.
 *
 *   /healthz   200 as long as it answers
 *   /readyz    200 while it takes requests, 503 while it shuts down
 *   /metrics   figures for Prometheus
 */
import type { Context } from "hono";
import type { HttpEnv } from "./app.ts";
import type { Health, Readiness } from "./schemas.ts";

/** The content type of Prometheus's text format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What is asked of a server. */
export interface HealthSource {
  /** Whether it takes requests. */
  readonly isReady: () => boolean;
  readonly metrics: () => string;
}

type Handler = (c: Context<HttpEnv>) => Response;

/** Makes the handlers. */
export function healthHandlers(
  source: HealthSource,
): Readonly<Record<"health" | "ready" | "metrics", Handler>> {
  return {
    health: (c) => c.json({ status: "ok" } satisfies Health),
    ready: (c) =>
      source.isReady()
        ? c.json({ status: "ready" } satisfies Readiness)
        : c.json({ status: "shutting down", error: "the server is shutting down" }, 503),
    metrics: (c) => c.text(source.metrics(), 200, { "content-type": METRICS_TYPE }),
  };
}
