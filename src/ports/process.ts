/** Contract of the server's process: arguments, environment, signals, output, exit. */

export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";

export interface ProcessPort {
  /** The command line behind the program's name. */
  readonly args: readonly string[];
  /** The environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Calls `callback` whenever one of the signals comes, in place of what it does by default.
   * @returns a function that ends it
   */
  onSignal(names: readonly SignalName[], callback: (name: SignalName) => void): () => void;
  /** Writes a line to the standard output. */
  log(line: string): void;
  /** Writes a line to the standard error output. */
  logError(line: string): void;
  /** Ends the process at once. @param code 0 = success */
  exit(code: number): never;
}
