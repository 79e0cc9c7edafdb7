/** One connection as a line of CLIENT LIST and CLIENT INFO. */
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
    ["sub", 0],
    ["psub", 0],
    ["ssub", 0],
    ["multi", -1],
    ["qbuf", queued],
    ["qbuf-free", Math.max(0, session.queryBufferCapacity - queued)],
    // Arguments are read where they were received; replies are written to buffers that all share.
    ["argv-mem", 0],
    ["multi-mem", 0],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", pending],
    ["oll", 0],
    ["omem", 0],
    ["tot-mem", session.queryBufferCapacity + pending],
    ["events", pending > 0 ? "rw" : "r"],
    ["cmd", session.lastCommand],
    ["user", session.user],
    ["redir", -1],
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
  const flags = (session.isBlocked ? "b" : "") + (session.isClosing ? "c" : "") +
    (session.isUnix ? "U" : "") +
    (session.noEvict ? "e" : "") + (session.noTouch ? "T" : "");
  return flags === "" ? "N" : flags;
}
