/**
 * The trace of slices: what the process did and when, for whoever looks for the cause of a slow request.
 *
 *   WHAT               HOW LONG                                   COUNT
 *   command, …         events of the latency monitor              commands of the group
 *   fast-command       commands that cannot take long by          the same
 *                      themselves, whatever their flags
 *   batch              what all connections of a turn brought     commands
 *   background         expiry, eviction, freeing of one round
 *   housekeeping       what is done ten times a second
 *   loop-stall         how late a timer of 1 ms came, if by
 *                      more than another
 *   collection         of a stall or the end of a turn that       1
 *                      garbage was collected in, or just before
 *
 * Slices overlap: a batch holds its commands, and a stall whatever made the timer late. A collection's length
 * is what the loop was stopped for when it was seen, so 0 for one that ran beside the program. Slices wait in a
 * buffer of fixed size; those that don't fit are counted.
 *
 * Cost: adding a slice is a comparison, and some stores where it is long enough.
 */
import type { LatencyEvent } from "./latency_monitor.ts";

/** Slices that wait to be taken. */
const CAPACITY = 8192;
/** Timers count whole milliseconds, so that one may come so late without any reason. */
const TIMER_US = 1000;

export type SliceKind =
  | LatencyEvent
  | "batch"
  | "background"
  | "housekeeping"
  | "loop-stall"
  | "collection";

/** One slice. */
export interface Slice {
  readonly what: SliceKind;
  /** Microseconds of the clock's `monotonicUs`. */
  readonly startUs: number;
  readonly durationUs: number;
  readonly count: number;
  /** Name of the command, or "". */
  readonly name: string;
}

export interface SliceTraceOptions {
  /** Holds the microseconds from which on a slice is kept; may change. */
  readonly limits: { readonly sliceTraceSlowerThan: number };
  /** Whether garbage was collected since the last call. */
  readonly hasCollected?: (() => boolean) | undefined;
}

export class SliceTrace {
  /** Slices that found no room. */
  dropped = 0;
  /** Slices that wait. */
  count = 0;
  readonly #limits: SliceTraceOptions["limits"];
  readonly #hasCollected: (() => boolean) | undefined;
  readonly #kinds: SliceKind[] = new Array(CAPACITY).fill("command");
  readonly #names: string[] = new Array(CAPACITY).fill("");
  readonly #starts = new Float64Array(CAPACITY);
  readonly #durations = new Float64Array(CAPACITY);
  readonly #counts = new Float64Array(CAPACITY);
  #next = 0;

  constructor({ limits, hasCollected }: SliceTraceOptions) {
    this.#limits = limits;
    this.#hasCollected = hasCollected;
  }

  /** Takes in a slice that is over, if it took long enough. */
  add(what: SliceKind, startUs: number, durationUs: number, count = 0, name = ""): void {
    if (durationUs >= this.#limits.sliceTraceSlowerThan) {
      this.#keep(what, startUs, durationUs, count, name);
    }
  }

  /** As `add`, of a slice that ends a turn of the event loop. */
  addLast(what: SliceKind, startUs: number, nowUs: number, count = 0): void {
    if (nowUs - startUs < this.#limits.sliceTraceSlowerThan) return;
    this.#keep(what, startUs, nowUs - startUs, count, "");
    this.#look(startUs, nowUs);
  }

  /**
   * Takes in that a timer came.
   * @param dueUs when it should have
   */
  tick(dueUs: number, nowUs: number): void {
    const lateUs = nowUs - dueUs;
    const isStall = lateUs >= TIMER_US && lateUs >= this.#limits.sliceTraceSlowerThan;
    if (isStall) this.#keep("loop-stall", dueUs, lateUs, 0, "");
    this.#look(isStall ? dueUs : nowUs, nowUs);
  }

  /** Looks whether garbage was collected. @param startUs when what stopped the loop began */
  #look(startUs: number, nowUs: number): void {
    if (this.#hasCollected?.() === true) this.#keep("collection", startUs, nowUs - startUs, 1, "");
  }

  #keep(what: SliceKind, startUs: number, durationUs: number, count: number, name: string): void {
    if (this.count === CAPACITY) {
      this.dropped++;
      return;
    }
    const at = this.#next;
    this.#next = (at + 1) % CAPACITY;
    this.count++;
    this.#kinds[at] = what;
    this.#names[at] = name;
    this.#starts[at] = startUs;
    this.#durations[at] = durationUs;
    this.#counts[at] = count;
  }

  /** Takes out the slices that wait, oldest first. @param limit how many at the most */
  take(limit: number): Slice[] {
    const taken: Slice[] = [];
    const wanted = Math.min(limit, this.count);
    for (let i = 0; i < wanted; i++) {
      const at = (this.#next - this.count + CAPACITY) % CAPACITY;
      this.count--;
      taken.push({
        what: this.#kinds[at],
        startUs: this.#starts[at],
        durationUs: this.#durations[at],
        count: this.#counts[at],
        name: this.#names[at],
      });
    }
    return taken;
  }
}
