/** Contract of the log: where everything that has something to say to the operator says it. */
import type { LogLevel } from "./settings.ts";

/** Facts beside a message, by name; in lines of text they are not shown, so the message says them, too. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * Takes a message; never throws and never waits.
 * @param level "notice" if it is not given
 */
export type Log = (message: string, level?: LogLevel, fields?: LogFields) => void;
