/**
 * The policy allkeys-lrfu: evicts what is least recently and least frequently used, for its size.
 *
 *   access field:  | 25 bits tick of the last access | 3 bits counter |
 *
 *   score = ticks since the last access × bytes / counter⁴
 *
 * The counter grows by one with each access, up to 7, and halves with each 8 rounds without one (a round is
 * as many accesses as there are keys). What was evicted leaves its counter behind as a ghost: a key that
 * comes back starts where it was, so what is asked for once in a while outlasts what is asked for once.
 * The fourth power weighs one more access as much as sixteen times less idleness, or size.
 *
 * Chosen by hit ratio on recorded traces (bench/traces/main.ts), where it beats LRU, LFU and a sampled
 * TinyLFU; a counter of three bits did better than one of four, which forgets too slowly. A read costs
 * no memory access beyond the record's header.
 * Source: Lee et al., LRFU (2001); Cherkasova, Greedy-Dual-Size-Frequency (1998); Redis src/evict.c.
 */
import type { Arena } from "../memory/arena.ts";
import { accessOf, type LocalRef, writeAccess } from "../memory/record.ts";
import { AccessTicks, ROUND_SHIFT } from "./access_ticks.ts";
import type { Database } from "./database.ts";
import type { EvictionPolicy } from "./eviction_policy.ts";
import { GhostTable, MAX_GHOST_COUNTER } from "./ghost_table.ts";
import type { OutsideValues } from "./outside_values.ts";

const COUNTER_BITS = 3;
const COUNTER_MAX = (1 << COUNTER_BITS) - 1;
/** log2 of the ticks after which a counter halves: 8 rounds. */
const HALF_LIFE_SHIFT = ROUND_SHIFT + 3;
/** Weight of each counter: its fourth power's reciprocal. One that fell to 0 counts as a half. */
const WEIGHTS: Float64Array = Float64Array.from(
  { length: COUNTER_MAX + 1 },
  (_, counter) => 1 / fourthPower(counter === 0 ? 1 / 2 : counter),
);
function fourthPower(n: number): number {
  return n * n * n * n;
}

if (COUNTER_MAX > MAX_GHOST_COUNTER) throw new Error("a ghost can't hold every counter");

export class LrfuPolicy implements EvictionPolicy {
  readonly name = "allkeys-lrfu";
  readonly volatileOnly = false;
  readonly isRandom = false;
  readonly #ticks: AccessTicks;
  readonly #outside: OutsideValues;
  /** From the first eviction on. */
  #ghosts: GhostTable | undefined;

  /** @param databases all of the cache */
  constructor(databases: readonly Database[], outside: OutsideValues) {
    this.#outside = outside;
    this.#ticks = new AccessTicks(databases);
  }

  get sizeBytes(): number {
    return this.#ghosts === undefined ? 0 : this.#ghosts.sizeBytes;
  }

  tick(nowMs: number): void {
    this.#ticks.setTime(nowMs);
  }

  accessed(words: Int32Array, ref: LocalRef, _hash: number): void {
    const ticks = this.#ticks;
    const access = accessOf(words, ref);
    const halvings = ticks.since(access >>> COUNTER_BITS) >>> HALF_LIFE_SHIFT;
    let counter = halvings < COUNTER_BITS ? (access & COUNTER_MAX) >>> halvings : 0;
    if (counter < COUNTER_MAX) counter++;
    writeAccess(words, ref, (ticks.now << COUNTER_BITS) | counter);
    if (--ticks.accessesLeft <= 0) ticks.advance();
  }

  inserted(words: Int32Array, ref: LocalRef, hash: number): void {
    const ticks = this.#ticks;
    let counter = 1;
    if (this.#ghosts !== undefined) {
      counter += this.#ghosts.recall(hash, ticks.now >>> HALF_LIFE_SHIFT);
      if (counter > COUNTER_MAX) counter = COUNTER_MAX;
    }
    writeAccess(words, ref, (ticks.now << COUNTER_BITS) | counter);
    if (--ticks.accessesLeft <= 0) ticks.advance();
  }

  restored(words: Int32Array, ref: LocalRef, idleSeconds: number, _frequency: number): void {
    if (idleSeconds < 0) return;
    const tick = this.#ticks.tickBefore(idleSeconds * 1000);
    writeAccess(words, ref, (tick << COUNTER_BITS) | (accessOf(words, ref) & COUNTER_MAX));
  }

  score(arena: Arena, ref: LocalRef): number {
    const { words } = arena;
    const access = accessOf(words, ref);
    const idle = this.#ticks.since(access >>> COUNTER_BITS) + 1;
    const bytes = arena.blockSize(ref) + this.#outside.bytesOf(arena, ref);
    return idle * bytes * WEIGHTS[this.frequency(access)];
  }

  touch(hash: number): number {
    return this.#ghosts === undefined ? 0 : this.#ghosts.touch(hash);
  }

  evicted(words: Int32Array, ref: LocalRef, hash: number): void {
    const ticks = this.#ticks;
    if (this.#ghosts === undefined) this.#ghosts = new GhostTable(ticks.keys);
    else this.#ghosts.ensureCapacity(ticks.keys);
    const counter = accessOf(words, ref) & COUNTER_MAX;
    if (counter > 0) this.#ghosts.remember(hash, ticks.now >>> HALF_LIFE_SHIFT, counter);
  }

  idleSeconds(access: number): number {
    return Math.floor(this.#ticks.msSince(access >>> COUNTER_BITS) / 1000);
  }

  /** The counter as it would be after halving until now. */
  frequency(access: number): number {
    const halvings = this.#ticks.since(access >>> COUNTER_BITS) >>> HALF_LIFE_SHIFT;
    return halvings < COUNTER_BITS ? (access & COUNTER_MAX) >>> halvings : 0;
  }
}
