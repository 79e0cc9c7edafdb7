/** How many requests a token, or an address where there are no tokens, may make: a token bucket for each. */
import type { Context } from "hono";
import type { Clock } from "../../ports/clock.ts";
import { fail } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import { TOKEN_PARAMETER } from "./auth.ts";
import type { Guard } from "./guards.ts";

/** Senders that are remembered; the one that came first is forgotten for another. */
const MAX_SENDERS = 10_000;
const MS_PER_SECOND = 1000;
const PORT = /:\d+$/;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** @param perSecond requests, as many of which may come at once */
export function limitRate(perSecond: number, clock: Clock): Guard {
  const buckets = new Map<string, Bucket>();
  return (c) => {
    const sender = senderOf(c);
    const nowMs = clock.nowMs();
    let bucket = buckets.get(sender);
    if (bucket === undefined) {
      if (buckets.size >= MAX_SENDERS) buckets.delete(buckets.keys().next().value!);
      buckets.set(sender, bucket = { tokens: perSecond, atMs: nowMs });
    }
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(perSecond, bucket.tokens + elapsedMs * perSecond / MS_PER_SECOND);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) {
      c.header("retry-after", "1");
      return fail(c, 429, `ERR too many requests, ${perSecond} per second are taken`);
    }
    bucket.tokens--;
    return undefined;
  };
}

function senderOf(c: Context<HttpEnv>): string {
  return c.req.header("authorization") ?? c.req.query(TOKEN_PARAMETER) ??
    c.env?.connection?.remoteAddress.replace(PORT, "") ?? "";
}
