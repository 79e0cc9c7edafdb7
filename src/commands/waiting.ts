/**
 * What blocking commands have in common: reading the timeout, and waiting for keys.
 *
 * A blocking command is an ordinary handler that, where it finds nothing, calls `waitForKeys` instead of
 * replying. When one of the keys is ready the whole handler runs again with the same arguments: it then
 * replies, or calls `waitForKeys` once more, which keeps the client waiting in its place.
 */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { KeyWait } from "../ports/session_port.ts";
import type { Call } from "./call.ts";

const TIMEOUT_NOT_FLOAT = "ERR timeout is not a float or out of range";
const TIMEOUT_NOT_INTEGER = "ERR timeout is not an integer or out of range";
const TIMEOUT_NEGATIVE = "ERR timeout is negative";
const TIMEOUT_OUT_OF_RANGE = "ERR timeout is out of range";
const INT64_MAX = 2 ** 63;

/**
 * Reads a timeout in seconds, with a fraction or without, as a deadline.
 * @returns wall clock in ms, 0 = never; undefined after an error was replied
 */
export function readDeadline(call: Call, reply: ReplyWriter, i: number): number | undefined {
  const seconds = call.float(i);
  if (seconds === undefined) return refuse(reply, TIMEOUT_NOT_FLOAT);
  const ms = Math.ceil(seconds * 1000);
  if (ms >= INT64_MAX) return refuse(reply, TIMEOUT_OUT_OF_RANGE);
  return deadlineOf(call, reply, ms);
}

/** As `readDeadline`, of a timeout in milliseconds. */
export function readDeadlineMs(call: Call, reply: ReplyWriter, i: number): number | undefined {
  const ms = call.int64(i);
  if (ms === undefined) return refuse(reply, TIMEOUT_NOT_INTEGER);
  return deadlineOf(call, reply, Number(ms));
}

function deadlineOf(call: Call, reply: ReplyWriter, ms: number): number | undefined {
  if (ms < 0) return refuse(reply, TIMEOUT_NEGATIVE);
  if (ms === 0) return 0;
  const deadlineMs = ms + call.nowMs;
  return deadlineMs >= INT64_MAX ? refuse(reply, TIMEOUT_OUT_OF_RANGE) : deadlineMs;
}

function refuse(reply: ReplyWriter, message: string): undefined {
  reply.error(message);
}

/**
 * Lets the client wait for keys; nothing may be replied by the caller then. When the deadline comes
 * it gets a null array.
 * @param wait positions count from the command's name, which is 0
 * @returns false where a client cannot wait, as in process: the caller replies that nothing is there
 */
export function waitForKeys(call: Call, wait: KeyWait): boolean {
  return call.session.block(call.batch, call.first, call.argc, wait);
}

/** The positions from `first` up to, not including, `end`. */
export function positions(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
