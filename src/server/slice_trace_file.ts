/**
 * The file that a server's slices are traced to, a line of JSON each.
 *
 *   {"trace":1,"pid":12,"runtime":"bun 1.4.5","slowerThanUs":100}
 *   {"at":1795391562294123,"us":812,"what":"expire-cycle"}
 *   {"at":1795391562294100,"us":2031,"what":"command","n":1,"of":"keys"}
 *
 * `at` is the wall clock in microseconds at which the slice began: the clock of the machine as it was when the
 * process started, and from there on the one that never goes back. Programs on the same machine agree on
 * it to some tenths of a millisecond. `{"dropped":N}` says how many slices found no room since the
 * line before.
 *
 * While there is a trace, a timer comes every millisecond, to see what stops the loop; the file is appended
 * to ten times a second, and more often while much happens, in portions that take well under a millisecond.
 */
import { type Slice, SliceTrace } from "../engine/slice_trace.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileStore } from "../ports/file_store.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import type { Options } from "./options_types.ts";

const TICK_MS = 1;
const US_PER_MS = 1000;
/** Ticks between two writes. */
const WRITE_TICKS = 100;
/** Slices of one write: some 200 µs. */
const PORTION = 200;

export interface SliceTraceFileOptions {
  readonly path: string;
  readonly trace: SliceTrace;
  readonly clock: Clock;
  readonly files: Pick<FileStore, "appendText">;
  /** Wall clock when the clock's `monotonicUs` was 0, in microseconds. */
  readonly originUs: number;
  /** Told once when the file can't be written to. */
  readonly complain: (message: string) => void;
}

export class SliceTraceFile {
  readonly trace: SliceTrace;
  readonly #options: SliceTraceFileOptions;
  #cancel: () => void = () => {};
  #ticks = 0;
  #toldDropped = 0;
  #isBroken = false;
  #written: Promise<void> = Promise.resolve();
  #isBusy = false;

  constructor(options: SliceTraceFileOptions) {
    this.trace = options.trace;
    this.#options = options;
  }

  /** Begins to look after the loop and to write. */
  start(): void {
    const { clock } = this.#options;
    const dueUs = clock.monotonicUs() + TICK_MS * US_PER_MS;
    this.#cancel = clock.after(TICK_MS, () => {
      this.trace.tick(dueUs, clock.monotonicUs());
      const isTime = ++this.#ticks % WRITE_TICKS === 0 || this.trace.count >= PORTION;
      if (isTime && !this.#isBusy) this.#written = this.#write(PORTION);
      this.start();
    });
  }

  /** Settles when all slices are in the file, or can't be. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#written;
    await this.#write(Infinity);
  }

  async #write(limit: number): Promise<void> {
    const { files, path, complain } = this.#options;
    const text = this.#takeLines(limit);
    if (text === "" || this.#isBroken) return;
    this.#isBusy = true;
    try {
      await files.appendText(path, text);
    } catch (error) {
      this.#isBroken = true;
      complain(`Can't write to the slice trace, which ends here: ${(error as Error).message}`);
    }
    this.#isBusy = false;
  }

  #takeLines(limit: number): string {
    const { trace } = this;
    let text = "";
    for (const slice of trace.take(limit)) text += this.#lineOf(slice);
    if (trace.dropped === this.#toldDropped) return text;
    const dropped = trace.dropped - this.#toldDropped;
    this.#toldDropped = trace.dropped;
    return `${text}{"dropped":${dropped}}\n`;
  }

  #lineOf({ what, startUs, durationUs, count, name }: Slice): string {
    const at = Math.round(this.#options.originUs + startUs);
    const n = count === 0 ? "" : `,"n":${count}`;
    const of = name === "" ? "" : `,"of":${JSON.stringify(name)}`;
    return `{"at":${at},"us":${Math.round(durationUs)},"what":"${what}"${n}${of}}\n`;
  }
}

export interface SliceTraceHost {
  readonly clock: Clock;
  readonly files: Pick<FileStore, "appendText">;
  readonly system: SystemInfo;
}

/**
 * Opens the trace that the options ask for.
 * @returns undefined where they ask for none
 * @throws Error when the file can't be written to
 */
export async function openSliceTrace(
  { clock, files, system }: SliceTraceHost,
  options: Pick<Options, "sliceTrace" | "sliceTraceSlowerThan">,
  complain: (message: string) => void,
): Promise<SliceTraceFile | undefined> {
  const { sliceTrace: path, sliceTraceSlowerThan: slowerThanUs } = options;
  if (path === "") return undefined;
  const { processId: pid, runtimeName, runtimeVersion, hasCollected } = system;
  const head = { trace: 1, pid, runtime: `${runtimeName} ${runtimeVersion}`, slowerThanUs };
  try {
    await files.appendText(path, `${JSON.stringify(head)}\n`);
  } catch (error) {
    throw new Error(`Can't open the slice trace: ${(error as Error).message}`);
  }
  const trace = new SliceTrace({ limits: options, hasCollected });
  // Without the time of the start, the clock of now has to do: good to the millisecond.
  const originUs = system.monotonicOriginUs ?? clock.nowMs() * US_PER_MS - clock.monotonicUs();
  return new SliceTraceFile({ path, trace, clock, files, originUs, complain });
}
