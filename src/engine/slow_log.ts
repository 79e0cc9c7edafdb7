/**
 * The log of slow commands: the last `slowlog-max-len` ones that took as long as
 * `slowlog-log-slower-than` says, newest first; SLOWLOG shows it.
 *
 * Entries are numbered from 0 on, and the numbers go on after a reset.
 */
import type { Settings } from "../ports/settings.ts";

/** Memory of an entry without its arguments, and of an argument without its bytes. */
const ENTRY_BYTES = 256;
const ARGUMENT_BYTES = 96;

/** One slow command. */
export interface SlowEntry {
  readonly id: number;
  /** Seconds since 1970 when it had run. */
  readonly atSeconds: number;
  /** Microseconds that it took. */
  readonly durationUs: number;
  /** With the name; long ones and those beyond the limits are cut. */
  readonly args: readonly Uint8Array[];
  readonly clientAddress: string;
  readonly clientName: string;
}

type LimitSettings = Pick<Settings, "slowlogLogSlowerThan" | "slowlogMaxLen">;

export class SlowLog {
  readonly #settings: LimitSettings;
  /** Oldest first. */
  #entries: SlowEntry[] = [];
  #nextId = 0;
  /** Memory of the entries, in bytes. */
  sizeBytes = 0;

  constructor(settings: LimitSettings) {
    this.#settings = settings;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Whether a command that took so long belongs here. */
  isSlow(durationUs: number): boolean {
    const limitUs = this.#settings.slowlogLogSlowerThan;
    return limitUs >= 0 && durationUs >= limitUs;
  }

  /** Takes in a command; the oldest one goes when there are too many. */
  add(entry: Omit<SlowEntry, "id">): void {
    this.#entries.push({ id: this.#nextId++, ...entry });
    this.sizeBytes += bytesOf(entry);
    const excess = this.#entries.length - this.#settings.slowlogMaxLen;
    if (excess <= 0) return;
    for (const gone of this.#entries.splice(0, excess)) this.sizeBytes -= bytesOf(gone);
  }

  /** @returns the `count` newest entries, newest first; all of them for -1 */
  newest(count: number): SlowEntry[] {
    const all = this.#entries;
    const from = count < 0 ? 0 : Math.max(0, all.length - count);
    return all.slice(from).reverse();
  }

  reset(): void {
    this.#entries = [];
    this.sizeBytes = 0;
  }
}

function bytesOf({ args }: Pick<SlowEntry, "args">): number {
  let size = ENTRY_BYTES;
  for (const arg of args) size += ARGUMENT_BYTES + arg.length;
  return size;
}
