/** The log of access control: who was denied what, with the like ones of a minute counted together. */
import type { Clock } from "../../ports/clock.ts";

export type DenialReason = "command" | "key" | "channel" | "auth";
export type DenialContext = "toplevel" | "multi";

/** Alike denials are counted together when they are no further apart. */
const GROUPING_MS = 60_000;
/** Among so many of the newest entries alike ones are looked for. */
const GROUPING_ENTRIES = 10;

export interface Denial {
  readonly reason: DenialReason;
  readonly context: DenialContext;
  /** Bytes of the command, key or channel. */
  readonly object: string;
  /** Bytes of the user's name. */
  readonly user: string;
  /** The line of CLIENT LIST. */
  readonly client: string;
}

export interface LogEntry extends Denial {
  readonly id: number;
  readonly count: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export class AclLog {
  readonly #clock: Clock;
  readonly #maxLength: () => number;
  /** The newest comes first. */
  #entries: LogEntry[] = [];
  #nextId = 0;

  constructor(clock: Clock, maxLength: () => number) {
    this.#clock = clock;
    this.#maxLength = maxLength;
  }

  add(denial: Denial): void {
    const nowMs = this.#clock.nowMs();
    const at = this.#entries.slice(0, GROUPING_ENTRIES).findIndex((entry) =>
      isAlike(entry, denial) && Math.abs(nowMs - entry.updatedAtMs) <= GROUPING_MS
    );
    if (at >= 0) {
      const [entry] = this.#entries.splice(at, 1);
      this.#entries.unshift({
        ...entry,
        count: entry.count + 1,
        updatedAtMs: nowMs,
        client: denial.client,
      });
      return;
    }
    const id = this.#nextId++;
    this.#entries.unshift({ ...denial, id, count: 1, createdAtMs: nowMs, updatedAtMs: nowMs });
    this.trim();
  }

  /** Forgets the oldest ones beyond the longest length allowed. */
  trim(): void {
    this.#entries.length = Math.min(this.#entries.length, this.#maxLength());
  }

  /** @returns at most `count` entries, the newest first */
  newest(count: number): readonly LogEntry[] {
    return this.#entries.slice(0, count);
  }

  reset(): void {
    this.#entries = [];
  }
}

function isAlike(a: Denial, b: Denial): boolean {
  return a.reason === b.reason && a.context === b.context &&
    a.object === b.object && a.user === b.user;
}
