/**
 * Ghosts: how often keys were asked for that are not in the cache any more.
 *
 *   OFFSET  SIZE  FIELD (of a bucket, a quarter of a cache line)
 *        0    16  ghosts  four of 32 bits, the newest first; 0 = none
 *
 *   ghost:  | tag: leading 25 bits of the hash | epoch, modulo 16 | counter, 1 to 7 |
 *
 * A new ghost takes the place of the oldest in its bucket. When the cache has outgrown the table, a larger one
 * begins empty, and the former is asked too until the new one has remembered as many keys; nothing is
 * ever copied. A ghost may stand for another key with the same tag and bucket: one in millions.
 *
 * Cost: 4 bytes for each key of the cache; one cache line an operation.
 * Source: the ghost queues of Megiddo and Modha, ARC (2003), and Yang et al., S3-FIFO (2023).
 */

const WAYS = 4;
const COUNTER_BITS = 3;
const COUNTER_MASK = (1 << COUNTER_BITS) - 1;
const EPOCH_MASK = 15;
const TAG_MASK = ~((EPOCH_MASK << COUNTER_BITS) | COUNTER_MASK);
/** Growing costs what the former table remembers, so it is done by a half at least. */
const GROWTH = 1.5;
const MIN_GHOSTS = 256;
const TWO_POW_MINUS_32 = 2 ** -32;

/** Largest counter that a ghost can hold. */
export const MAX_GHOST_COUNTER: number = COUNTER_MASK;

export class GhostTable {
  #table: Int32Array;
  #buckets: number;
  #former: Int32Array | undefined;
  #remembered = 0;

  /** @param keys of the cache */
  constructor(keys: number) {
    this.#buckets = bucketsFor(keys);
    this.#table = new Int32Array(this.#buckets * WAYS);
  }

  get sizeBytes(): number {
    return this.#table.byteLength + (this.#former?.byteLength ?? 0);
  }

  /** Grows when the cache now has many more keys. */
  ensureCapacity(keys: number): void {
    if (keys < this.#table.length * GROWTH) return;
    this.#former = this.#table;
    this.#buckets = bucketsFor(keys);
    this.#table = new Int32Array(this.#buckets * WAYS);
    this.#remembered = 0;
  }

  /** Reads the bucket of a key that will be remembered, so that it is in cache by then. */
  touch(hash: number): number {
    return this.#table[bucketOf(hash, this.#buckets)];
  }

  /**
   * @param hash any well mixed 32-bit integer
   * @param epoch any whole number that grows as time goes by
   * @param counter 1 to MAX_GHOST_COUNTER
   */
  remember(hash: number, epoch: number, counter: number): void {
    const table = this.#table;
    const at = bucketOf(hash, this.#buckets);
    table[at + 3] = table[at + 2];
    table[at + 2] = table[at + 1];
    table[at + 1] = table[at];
    table[at] = (hash & TAG_MASK) | ((epoch & EPOCH_MASK) << COUNTER_BITS) | counter;
    if (this.#former !== undefined && ++this.#remembered >= this.#former.length) {
      this.#former = undefined;
    }
  }

  /** Forgets a key. @returns its counter, halved for each epoch that went by; 0 for an unknown key */
  recall(hash: number, epoch: number): number {
    const counter = take(this.#table, bucketOf(hash, this.#buckets), hash, epoch);
    if (counter !== 0 || this.#former === undefined) return counter;
    return take(this.#former, bucketOf(hash, this.#former.length / WAYS), hash, epoch);
  }
}

function bucketsFor(keys: number): number {
  return Math.ceil(Math.max(keys, MIN_GHOSTS) / WAYS);
}

/** Word offset of a hash's bucket. The leading bits of the hash chose the shard, so they are mixed. */
function bucketOf(hash: number, buckets: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0;
  return Math.floor(mixed * buckets * TWO_POW_MINUS_32) * WAYS;
}

function take(table: Int32Array, at: number, hash: number, epoch: number): number {
  const tag = hash & TAG_MASK;
  for (let i = at; i < at + WAYS; i++) {
    const ghost = table[i];
    if (ghost !== 0 && (ghost & TAG_MASK) === tag) {
      table[i] = 0;
      const age = (epoch - (ghost >>> COUNTER_BITS)) & EPOCH_MASK;
      return (ghost & COUNTER_MASK) >>> age;
    }
  }
  return 0;
}
