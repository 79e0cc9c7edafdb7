/**
 * The log of a server: formats messages that are important enough and hands the lines to the standard
 * output, or appends them to a file.
 *
 * A file is written to in the background, what came meanwhile with one write. Where it can't be written
 * to, because the disk is full or the folder is gone, lines wait up to a limit, then they are dropped
 * and counted; the standard error output is told once, and the count is logged when it works again.
 * The server goes on.
 */
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file_store.ts";
import type { Log } from "../ports/log.ts";
import type { ProcessPort } from "../ports/process.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { Settings } from "../ports/settings.ts";
import type { Options } from "./options_types.ts";
import { isLogged, jsonLine, textLine } from "./log_line.ts";

/** Characters of lines that wait for a file. */
const WAITING_LIMIT = 1024 * 1024;
/** Pause after a failure. */
const RETRY_MS = 1000;

export interface LogOptions {
  readonly settings: Pick<Settings, "loglevel" | "logFormat">;
  readonly clock: Clock;
  readonly processId: number;
  /** Takes a line without its line feed; may throw. */
  readonly write: (line: string) => void;
}

/** Makes a log. What `write` throws is lost: there is nobody left to be told. */
export function createLog({ settings, clock, processId, write }: LogOptions): Log {
  return (message, givenLevel, fields) => {
    const level = givenLevel ?? "notice";
    if (!isLogged(level, settings.loglevel)) return;
    const nowMs = clock.nowMs();
    const line = settings.logFormat === "json"
      ? jsonLine(message, level, nowMs, processId, fields)
      : textLine(message, level, nowMs, processId);
    try {
      write(line);
    } catch {
      // E.g. a standard output that was closed.
    }
  };
}

export interface LogFileOptions {
  readonly path: string;
  readonly files: Pick<FileStore, "appendText">;
  readonly clock: Clock;
  /** Told when the file can't be written to. */
  readonly complain: ProcessPort["logError"];
  /** Told how many lines were lost, once the file can be written to again. */
  readonly lost: (count: number) => void;
}

/** Appends lines to a file. */
export class LogFile {
  readonly #options: LogFileOptions;
  #waiting = "";
  #isBusy = false;
  #isBroken = false;
  #dropped = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** @param line without its line feed */
  write(line: string): void {
    if (this.#waiting.length + line.length > WAITING_LIMIT) this.#dropped++;
    else this.#waiting += `${line}\n`;
    if (!this.#isBusy && !this.#isBroken) this.#written = this.#writeAll();
  }

  /** Settles when all that was written before is in the file, or can't be. */
  async flush(): Promise<void> {
    await this.#written;
    if (this.#waiting !== "") await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const { path, files, clock, complain } = this.#options;
    this.#isBusy = true;
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      try {
        await files.appendText(path, text);
        this.#worksAgain();
      } catch (error) {
        this.#keep(text);
        if (!this.#isBroken) tell(complain, `Can't write to the log file: ${reasonOf(error)}`);
        this.#isBroken = true;
        clock.after(RETRY_MS, () => {
          if (!this.#isBusy) this.#written = this.#writeAll();
        });
        break;
      }
    }
    this.#isBusy = false;
  }

  #worksAgain(): void {
    this.#isBroken = false;
    if (this.#dropped === 0) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#options.lost(count);
  }

  /** Puts lines back that could not be written. */
  #keep(text: string): void {
    if (text.length + this.#waiting.length <= WAITING_LIMIT) this.#waiting = text + this.#waiting;
    else this.#dropped += text.split("\n").length - 1;
  }
}

/** The log of a server, and what has to be awaited before the process ends. */
export interface ServerLog {
  readonly log: Log;
  /** Settles when all that was logged is in the file, if there is one. */
  flush(): Promise<void>;
}

/**
 * Opens the log that the options ask for.
 * @throws Error when the file can't be written to
 */
export async function openServerLog(
  { process: output, clock, files, system }: Pick<
    Runtime,
    "process" | "clock" | "files" | "system"
  >,
  { settings, logfile: path }: Pick<Options, "settings" | "logfile">,
): Promise<ServerLog> {
  const common = { settings, clock, processId: system.processId };
  if (path === "") {
    const log = createLog({ ...common, write: (line) => output.log(line) });
    return { log, flush: () => Promise.resolve() };
  }
  try {
    await files.appendText(path, "");
  } catch (error) {
    throw new Error(`Can't open the log file: ${reasonOf(error)}`);
  }
  const complain = (line: string): void => output.logError(line);
  const lost = (count: number): void => log(`${count} lines of the log were lost`, "warning");
  const file = new LogFile({ path, files, clock, complain, lost });
  const log = createLog({ ...common, write: (line) => file.write(line) });
  return { log, flush: () => file.flush() };
}

function tell(complain: (line: string) => void, line: string): void {
  try {
    complain(line);
  } catch {
    // Nobody is left to be told.
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
