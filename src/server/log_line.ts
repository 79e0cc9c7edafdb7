/**
 * A line of the log.
 *
 *   text   4242:M 22 Nov 2026 20:34:06.713 * Ready          as Redis writes it, local time
 *   json   {"time":"2026-11-22T20:34:06.713Z","level":"notice","pid":4242,"message":"Ready"}
 *
 * The sign before a text's message is its level: . debug, - verbose, * notice, # warning.
 */
import type { LogFields } from "../ports/log.ts";
import type { LogLevel, LogThreshold } from "../ports/settings.ts";

/** From the least important on. */
const LEVELS: readonly LogThreshold[] = ["debug", "verbose", "notice", "warning", "nothing"];
const SIGNS: Readonly<Record<LogLevel, string>> = {
  debug: ".",
  verbose: "-",
  notice: "*",
  warning: "#",
};
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Whether a message is important enough. */
export function isLogged(level: LogLevel, threshold: LogThreshold): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(threshold);
}

/** @param nowMs wall clock @returns the line without its line feed */
export function textLine(message: string, level: LogLevel, nowMs: number, pid: number): string {
  const time = new Date(nowMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${two(time.getDate())} ${MONTHS[time.getMonth()]} ${time.getFullYear()}`;
  const ms = String(time.getMilliseconds()).padStart(3, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
  return `${pid}:M ${date} ${clock} ${SIGNS[level]} ${onOneLine(message)}`;
}

/** @returns the line without its line feed; fields of the same name as ours do not replace them */
export function jsonLine(
  message: string,
  level: LogLevel,
  nowMs: number,
  pid: number,
  fields: LogFields = {},
): string {
  const ours = { time: new Date(nowMs).toISOString(), level, pid, message };
  return JSON.stringify({ ...ours, ...fields, ...ours });
}

/** A message that came from outside must not look like lines of ours; the lines of a stack are indented. */
function onOneLine(message: string): string {
  return message.replace(/\r?\n/g, "\n    ").replace(/[^\n -~\u00a0-\uffff]/g, "?");
}
