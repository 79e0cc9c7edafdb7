/**
 * `client-command-rate-limit`: a token bucket for each connection. A command takes a token; the bucket
 * is full at first and after a rest, and fills at the rate that the option gives.
 */
import type { Engine } from "../engine/engine.ts";
import type { SessionPort } from "../ports/session_port.ts";

const MS_PER_SECOND = 1000;

interface Bucket {
  tokens: number;
  /** Wall clock in ms at which `tokens` was right. */
  atMs: number;
}

export class RateLimit {
  readonly #engine: Engine;
  readonly #buckets = new WeakMap<SessionPort, Bucket>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes a token. @returns why the session's command may not run, "" if it may */
  refuse(session: SessionPort): string {
    const { nowMs, settings, stats } = this.#engine;
    const rate = settings.clientCommandRateLimit;
    if (rate === 0) return "";
    const burst = settings.clientCommandRateBurst === 0 ? rate : settings.clientCommandRateBurst;
    let bucket = this.#buckets.get(session);
    if (bucket === undefined) {
      bucket = { tokens: burst, atMs: nowMs };
      this.#buckets.set(session, bucket);
    }
    // The wall clock may be set back.
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + elapsedMs * rate / MS_PER_SECOND);
    bucket.atMs = nowMs;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return "";
    }
    stats.rateLimitedCommands++;
    return `RATELIMIT too many commands, a connection may send ${rate} per second`;
  }
}
