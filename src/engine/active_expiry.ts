/**
 * Removes expired records that nobody asks for, in slices of half a millisecond.
 *
 *   lists of expiring records (one a database and shard):  ▶ list 0 │ list 1 │ list 2 │ …
 *   of each list in turn:  20 at random ─▶ more than 10 % expired? ─yes─▶ 100 more; ─no─▶ next list
 *   then, of one list:     the next 400, one after the other
 *
 * Sampling finds many expired records fast: at most about a tenth of those that expire are past their
 * time. The walk finds the last ones, too. A slice begins where the former ended, so that no list keeps
 * the others waiting.
 * Source: Redis src/expire.c, activeExpireCycle; the effort has the same effect.
 */
import type { RefList } from "../memory/ref_list.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Settings } from "../ports/settings.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";

/** Records of a list's first round, and what each further step of the effort adds. */
const ROUND = 20;
const ROUND_PER_EFFORT = 5;
/** Further rounds are so many times as large, and count a quarter: else chance would end them too early. */
const FURTHER = 5;
const FURTHER_WEIGHT = 1 / 4;
/** Percent of a round that must have expired for another one to follow, less one for each further step. */
const STALE_PERCENT = 10;
const WALK = 400;
const SLICE_US = 500;
/** Weight of a slice in the moving average of how many records are past their time. */
const SLICE_WEIGHT = 0.05;

export class ActiveExpiry {
  /** What the loads summed up to; kept so that they can't be optimised away. */
  sink = 0;
  readonly #keyspace: Keyspace;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Which list is next: database × shards + shard. */
  #next = 0;
  /** Which list is walked, and how many of its records are still ahead. */
  #walked = 0;
  #walkLeft = 0;

  constructor(keyspace: Keyspace, settings: Settings, clock: Clock, random: Random) {
    this.#keyspace = keyspace;
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Removes expired records for about SLICE_US.
   * @returns whether the time ran out while many records had expired
   */
  slice(): boolean {
    const { databases, arenas, stats } = this.#keyspace;
    const lists = databases.length * arenas.length;
    const effort = this.#settings.activeExpireEffort - 1;
    const roundSize = ROUND + ROUND_PER_EFFORT * effort;
    const stale = (STALE_PERCENT - effort) / 100;
    const startUs = this.#clock.monotonicUs();
    let sampled = 0, expired = 0, isLate = false, isStale = false;
    for (let seen = 0; seen < lists && !isLate; seen++) {
      const db = databases[Math.floor(this.#next / arenas.length)];
      const shard = this.#next % arenas.length;
      this.#next = (this.#next + 1) % lists;
      let wanted = roundSize, weight = 1, share = 0;
      do {
        const size = Math.min(wanted, db.volatile[shard].length);
        if (size === 0) break;
        const removed = this.#round(db, shard, size);
        sampled += size;
        expired += removed;
        share += (removed / size - share) * weight;
        wanted = roundSize * FURTHER;
        weight = FURTHER_WEIGHT;
        isStale = share > stale && db.volatile[shard].length > 0;
        isLate = this.#clock.monotonicUs() - startUs >= SLICE_US;
      } while (isStale && !isLate);
    }
    stats.expiredStalePercent = stats.expiredStalePercent * (1 - SLICE_WEIGHT) +
      (sampled === 0 ? 0 : expired * 100 / sampled) * SLICE_WEIGHT;
    if (isLate) stats.expiredTimeCapReached++;
    else this.#walk(startUs);
    stats.expireCycleUs += this.#clock.monotonicUs() - startUs;
    return isLate && expired > sampled * stale;
  }

  /** Looks at some records picked at random; at all of them where the list has no more. @returns the expired */
  #round(db: Database, shard: number, size: number): number {
    const list = db.volatile[shard];
    if (list.length === size) return this.#examine(db, shard, size, size);
    let removed = 0;
    for (let i = 0; i < size && list.length > 0; i++) {
      const local = list.at(this.#random.below(list.length));
      if (this.#keyspace.expireIfDue(db, shard, local)) removed++;
    }
    return removed;
  }

  /** Looks at the `count` records of a list before `end`, from the last on. @returns the expired */
  #examine(db: Database, shard: number, end: number, count: number): number {
    const list = db.volatile[shard];
    const { words } = this.#keyspace.arenas[shard];
    let sum = 0, removed = 0;
    for (let i = end - 1; i >= end - count; i--) sum ^= words[list.at(i) << 1];
    this.sink ^= sum;
    // The last record takes the place of one that goes: it was looked at before.
    for (let i = end - 1; i >= end - count; i--) {
      if (this.#keyspace.expireIfDue(db, shard, list.at(i))) removed++;
    }
    return removed;
  }

  /** Goes on with the walk over all lists. */
  #walk(startUs: number): void {
    const { databases, arenas } = this.#keyspace;
    const lists = databases.length * arenas.length;
    const listOf = (at: number): RefList =>
      databases[Math.floor(at / arenas.length)].volatile[at % arenas.length];
    for (let left = WALK, seen = 0; left > 0 && seen <= lists; seen++) {
      this.#walkLeft = Math.min(this.#walkLeft, listOf(this.#walked).length);
      while (this.#walkLeft > 0 && left > 0) {
        const count = Math.min(ROUND, this.#walkLeft, left);
        const db = databases[Math.floor(this.#walked / arenas.length)];
        this.#examine(db, this.#walked % arenas.length, this.#walkLeft, count);
        this.#walkLeft -= count;
        left -= count;
        if (this.#clock.monotonicUs() - startUs >= SLICE_US) return;
      }
      if (this.#walkLeft > 0) return;
      this.#walked = (this.#walked + 1) % lists;
      this.#walkLeft = listOf(this.#walked).length;
    }
  }
}
