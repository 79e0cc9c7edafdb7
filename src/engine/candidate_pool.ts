/**
 * The best candidates for eviction that were seen and not yet evicted, the best last, in typed arrays.
 *
 * A candidate may be gone or changed by the time it is taken: its owner checks it then.
 * Source: Redis src/evict.c, evictionPoolPopulate.
 */
import type { LocalRef } from "../memory/record.ts";

const CAPACITY = 16;

export class CandidatePool {
  count = 0;
  /** How well each can be spared, ascending. */
  readonly scores: Float64Array = new Float64Array(CAPACITY);
  readonly locals: Int32Array = new Int32Array(CAPACITY);
  readonly hashes: Int32Array = new Int32Array(CAPACITY);
  readonly shards: Int32Array = new Int32Array(CAPACITY);
  readonly databases: Int32Array = new Int32Array(CAPACITY);

  /** Whether a candidate with this score would find a place. */
  accepts(score: number): boolean {
    return this.count < CAPACITY || score > this.scores[0];
  }

  /** Whether this record is a candidate already. */
  has(shard: number, local: LocalRef): boolean {
    for (let i = 0; i < this.count; i++) {
      if (this.locals[i] === local && this.shards[i] === shard) return true;
    }
    return false;
  }

  /** Adds a candidate whose score it accepts; the worst goes when there are too many. */
  add(score: number, database: number, shard: number, local: LocalRef, hash: number): void {
    const { scores } = this;
    let at = this.count;
    if (at === CAPACITY) {
      at = 0;
      while (at + 1 < CAPACITY && scores[at + 1] <= score) this.#copy(at + 1, at++);
    } else {
      this.count++;
      for (; at > 0 && scores[at - 1] > score; at--) this.#copy(at - 1, at);
    }
    scores[at] = score;
    this.databases[at] = database;
    this.shards[at] = shard;
    this.locals[at] = local;
    this.hashes[at] = hash;
  }

  #copy(from: number, to: number): void {
    this.scores[to] = this.scores[from];
    this.databases[to] = this.databases[from];
    this.shards[to] = this.shards[from];
    this.locals[to] = this.locals[from];
    this.hashes[to] = this.hashes[from];
  }

  clear(): void {
    this.count = 0;
  }
}
