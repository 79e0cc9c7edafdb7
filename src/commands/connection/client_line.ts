/** One connection as a line of CLIENT LIST and CLIENT INFO. */
import { GUARD_MONITOR, GUARD_SUBSCRIBER } from "../guards.ts";
import { clientBytes } from "../server/info_memory.ts";
import type { SessionPort } from "../../ports/session_port.ts";

/** File descriptors belong to the runtime, which does not tell them. */
const UNKNOWN_DESCRIPTOR = -1;

/**
 * @param nowMs milliseconds since the epoch
 * @returns the line with its line feed
 */
export function clientLine(session: SessionPort, nowMs: number): string {
  const queued = session.queryBufferBytes;
  const pending = session.outputBufferBytes;
  const fields: (readonly [name: string, value: string | number])[] = [
    ["id", session.id],
    ["addr", session.remoteAddress],
    ["laddr", session.localAddress],
    ["fd", UNKNOWN_DESCRIPTOR],
    ["name", session.name],
    ["age", secondsBetween(session.createdAtMs, nowMs)],
    ["idle", secondsBetween(session.lastActiveAtMs, nowMs)],
    ["flags", clientFlags(session)],
    ["db", session.dbIndex],
    ["sub", session.subscriptions?.channels ?? 0],
    ["psub", session.subscriptions?.patterns ?? 0],
    ["ssub", session.subscriptions?.shards ?? 0],
    ["multi", session.transaction?.queuedCount ?? -1],
    ["qbuf", queued],
    ["qbuf-free", Math.max(0, session.queryBufferCapacity - queued)],
    // Arguments are read where they were received; replies are written to a buffer that all share, and
    // what the peer does not take then waits in one queue.
    ["argv-mem", 0],
    ["multi-mem", session.transaction?.sizeBytes ?? 0],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", pending > 0 ? 1 : 0],
    ["omem", pending],
    ["tot-mem", clientBytes(session)],
    ["events", pending > 0 ? "rw" : "r"],
    ["cmd", session.lastCommand],
    ["user", session.user],
    ["redir", session.tracking?.redirectId ?? -1],
    ["resp", session.protocolVersion],
    ["lib-name", session.libraryName],
    ["lib-ver", session.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ") + "\n";
}

/** Whole seconds, as clocks that tick once a second see them. */
export function secondsBetween(thenMs: number, nowMs: number): number {
  return Math.max(0, Math.floor(nowMs / 1000) - Math.floor(thenMs / 1000));
}

function clientFlags(session: SessionPort): string {
  const { tracking, transaction } = session;
  const isInMulti = transaction !== undefined && transaction.queuedCount >= 0;
  const isSubscriber = (session.guards & GUARD_SUBSCRIBER) !== 0;
  const flags = ((session.guards & GUARD_MONITOR) !== 0 ? "O" : "") + (isSubscriber ? "P" : "") +
    (isInMulti ? "x" : "") +
    (session.isBlocked ? "b" : "") +
    (tracking === undefined ? "" : "t") + (tracking?.isBroken === true ? "R" : "") +
    (tracking?.isBroadcast === true ? "B" : "") +
    (transaction?.isDirty === true ? "d" : "") + (session.isClosing ? "c" : "") +
    (session.isUnix ? "U" : "") +
    (session.noEvict ? "e" : "") + (session.noTouch ? "T" : "");
  return flags === "" ? "N" : flags;
}
