/**
 * Removes expired records that nobody asks for, by sampling, in slices under a millisecond.
 *
 * Each round looks at 20 random records among those that expire, of one shard of one database. While more
 * than a tenth of a round had expired, the next round stays there; then the next shard's turn comes. So
 * at most about a tenth of the records that expire are past their time.
 * Source: Redis src/expire.c, activeExpireCycle.
 */
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Settings } from "../ports/settings.ts";
import type { Database, Keyspace } from "./keyspace.ts";

const SAMPLES_PER_ROUND = 20;
/** Percent of a round that must have expired for another one to follow; less at a higher effort. */
const STALE_PERCENT = 10;
const SLICE_US = 500;
/** Rounds between two looks at the clock. */
const ROUNDS_PER_LOOK = 8;

export class ActiveExpiry {
  readonly #keyspace: Keyspace;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Which list of expiring records is next: database × shards + shard. */
  #next = 0;

  constructor(keyspace: Keyspace, settings: Settings, clock: Clock, random: Random) {
    this.#keyspace = keyspace;
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Removes expired records for at most SLICE_US.
   * @returns whether the time ran out before every list was seen to be clean
   */
  slice(): boolean {
    const { databases, arenas, stats } = this.#keyspace;
    const lists = databases.length * arenas.length;
    const stalePercent = STALE_PERCENT / Math.max(1, this.#settings.activeExpireEffort / 2);
    const startUs = this.#clock.monotonicUs();
    let rounds = 0, sampled = 0, expired = 0;
    for (let seen = 0; seen < lists; seen++) {
      const db = databases[Math.floor(this.#next / arenas.length)];
      const shard = this.#next % arenas.length;
      for (;;) {
        const size = Math.min(SAMPLES_PER_ROUND, db.volatile[shard].length);
        if (size === 0) break;
        const removed = this.#round(db, shard, size);
        sampled += size;
        expired += removed;
        if (++rounds % ROUNDS_PER_LOOK === 0 && this.#clock.monotonicUs() - startUs > SLICE_US) {
          stats.expiredTimeCapReached++;
          this.#noteStale(sampled, expired);
          return true;
        }
        if (removed * 100 <= size * stalePercent) break;
      }
      this.#next = (this.#next + 1) % lists;
    }
    this.#noteStale(sampled, expired);
    return false;
  }

  #round(db: Database, shard: number, size: number): number {
    const keyspace = this.#keyspace;
    const list = db.volatile[shard];
    const everyone = list.length <= SAMPLES_PER_ROUND;
    let removed = 0;
    for (let i = size - 1; i >= 0 && list.length > 0; i--) {
      const position = everyone ? i : this.#random.below(list.length);
      if (keyspace.expireIfDue(db, shard, list.at(position))) removed++;
    }
    return removed;
  }

  /** A moving average, as INFO's expired_stale_perc. */
  #noteStale(sampled: number, expired: number): void {
    const { stats } = this.#keyspace;
    const now = sampled === 0 ? 0 : (expired * 100) / sampled;
    stats.expiredStalePercent = now * 0.05 + stats.expiredStalePercent * 0.95;
  }
}
