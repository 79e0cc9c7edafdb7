/** `client-output-buffer-limit`: how much may wait for the peer of a session, and for how long. */
import { GUARD_SUBSCRIBER } from "../commands/guards.ts";
import { clientLine } from "../commands/connection/client_line.ts";
import type { SessionPort } from "../ports/session_port.ts";
import type { Settings } from "../ports/settings.ts";

const MS_PER_SECOND = 1000;

/** The session has to be closed. */
export const IS_OVER = -1;

/**
 * Compares what waits for a session with the limits of its class.
 * @param sinceMs when it was found above the soft limit, 0 = it was not
 * @param nowMs wall clock
 * @returns the same as of now, or IS_OVER
 */
export function checkOutput(
  session: SessionPort,
  settings: Settings,
  sinceMs: number,
  nowMs: number,
): number {
  const limit = (session.guards & GUARD_SUBSCRIBER) === 0
    ? settings.clientOutputBufferLimitNormal
    : settings.clientOutputBufferLimitPubsub;
  const hardBytes = limit[0], softBytes = limit[1];
  const waiting = session.outputBufferBytes;
  if (hardBytes > 0 && waiting >= hardBytes) return IS_OVER;
  if (softBytes === 0 || waiting < softBytes) return 0;
  if (sinceMs === 0) return nowMs;
  return nowMs - sinceMs > limit[2] * MS_PER_SECOND ? IS_OVER : sinceMs;
}

/** The line that the log gets, as Redis words it. @param isOnTime whether no write led to it */
export function describeOutputLimit(
  session: SessionPort,
  nowMs: number,
  isOnTime: boolean,
): string {
  const how = isOnTime ? "closed" : "scheduled to be closed ASAP";
  const line = clientLine(session, nowMs).trimEnd();
  return `Client ${line} ${how} for overcoming of output buffer limits.`;
}
