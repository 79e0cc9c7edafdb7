/**
 * A clock that accesses drive: 256 ticks go by while the cache is asked as often as it has keys.
 *
 * So "long ago" means the same to a small cache and to a large one, to a busy one and to one at night.
 * It remembers when its latest ticks began, so that a tick can be told as a time, too. Where accesses
 * are rare, a tick takes a minute at the most.
 */
import type { Database } from "./database.ts";

/** log2 of the ticks in a round, the time in which there are as many accesses as keys. */
export const ROUND_SHIFT = 8;
const TICKS_PER_ROUND = 1 << ROUND_SHIFT;
/** Bits of a tick: the clock comes round after 131,072 rounds. */
export const TICK_BITS = 25;
const TICK_MASK = (1 << TICK_BITS) - 1;
/** Ticks whose beginning is remembered: 32 rounds. */
const HISTORY = 8192;
/** Between two looks at how many keys there are go at least so many ticks, and so many accesses. */
const TICKS_PER_LOOK = 32;
const ACCESSES_PER_LOOK = 1024;
const LONGEST_TICK_MS = 60_000;

export class AccessTicks {
  /** Whole number below 2 to the power of TICK_BITS. */
  now = 0;
  /** Accesses until the next tick; whoever counts one calls `advance` when none is left. */
  accessesLeft = 1;
  /** Keys of the cache, as of lately. */
  keys = 0;
  readonly #databases: readonly Database[];
  readonly #beganMs = new Float64Array(HISTORY);
  #accessesPerTick = 1;
  #ticksToLook = TICKS_PER_LOOK;
  #nowMs = 0;

  constructor(databases: readonly Database[]) {
    this.#databases = databases;
  }

  /** The wall clock of the accesses to come. */
  setTime(nowMs: number): void {
    if (this.#nowMs === 0) this.#beganMs.fill(nowMs);
    this.#nowMs = nowMs;
    const isUsed = this.accessesLeft < this.#accessesPerTick;
    if (isUsed && nowMs - this.#beganMs[this.now % HISTORY] >= LONGEST_TICK_MS) this.advance();
  }

  advance(): void {
    this.now = (this.now + 1) & TICK_MASK;
    this.#beganMs[this.now % HISTORY] = this.#nowMs;
    if (--this.#ticksToLook === 0) this.#look();
    this.accessesLeft = this.#accessesPerTick;
  }

  #look(): void {
    let keys = 0;
    for (const db of this.#databases) keys += db.size;
    this.keys = keys;
    this.#accessesPerTick = Math.max(1, Math.round(keys / TICKS_PER_ROUND));
    const ticks = Math.ceil(ACCESSES_PER_LOOK / this.#accessesPerTick);
    this.#ticksToLook = Math.max(TICKS_PER_LOOK, ticks);
  }

  /** Ticks that went by since. */
  since(tick: number): number {
    return (this.now - tick) & TICK_MASK;
  }

  /** Milliseconds that surely went by since, as far as the history goes. */
  msSince(tick: number): number {
    const ticks = Math.min(this.since(tick), HISTORY);
    return ticks === 0 ? 0 : this.#nowMs - this.#beganMs[(this.now - ticks + 1) & (HISTORY - 1)];
  }

  /** The latest tick that so many milliseconds went by since, as far as the history goes. */
  tickBefore(ms: number): number {
    let ticks = 0;
    while (ticks < HISTORY && this.msSince((this.now - ticks) & TICK_MASK) < ms) ticks++;
    return (this.now - ticks) & TICK_MASK;
  }
}
