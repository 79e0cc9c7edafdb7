/**
 * Brings the index buckets and records of many keys into cache, all at once.
 *
 * A lookup waits for memory twice, at the bucket and at the record. Taken one by one, every lookup waits;
 * here the loads of all keys are issued one after the other, so that the processor overlaps them. What is
 * loaded is only a hint and never used: an eviction, an expiry or a split in between changes nothing.
 */
import type { HashIndex } from "../memory/hash_index.ts";
import type { Database, Keyspace } from "./keyspace.ts";

/** Fewer keys than this gain nothing. */
const RUN_FROM = 3;
/** Keys that are fetched at once: what they load stays in the first-level cache until it is used. */
const WINDOW = 128;
const INITIAL_CAPACITY = 1024;
/** Larger than any command's number. */
const NEVER = 0x7fff_ffff;

export class Prefetcher {
  /** What the loads summed up to; kept so that they can't be optimised away. */
  sink = 0;
  /** Number of the first command with a key that was not fetched; `run` is due before it. */
  nextCommand = NEVER;
  readonly #keyspace: Keyspace;
  #count = 0;
  #fetched = 0;
  #hashes: Int32Array = new Int32Array(INITIAL_CAPACITY);
  #commands: Int32Array = new Int32Array(INITIAL_CAPACITY);
  readonly #buckets: Int32Array = new Int32Array(WINDOW);
  readonly #indexes: HashIndex[] = [];

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Forgets all keys. */
  clear(): void {
    this.#count = this.#fetched = 0;
    this.nextCommand = NEVER;
  }

  /** Adds a key of a command; commands come in ascending order. */
  add(command: number, db: Database, hash: number): void {
    const at = this.#count++;
    if (at === this.#hashes.length) {
      this.#hashes = enlarged(this.#hashes);
      this.#commands = enlarged(this.#commands);
    }
    this.#hashes[at] = hash;
    this.#commands[at] = command;
    this.#indexes[at] = db.indexes[this.#keyspace.shardOf(hash)];
    if (at + 1 === RUN_FROM) this.nextCommand = this.#commands[0];
  }

  /** Loads the buckets of the next keys, then the records found there. */
  run(): void {
    const from = this.#fetched;
    const to = Math.min(this.#count, from + WINDOW);
    const hashes = this.#hashes, buckets = this.#buckets, indexes = this.#indexes;
    let sum = 0;
    for (let i = from; i < to; i++) {
      const index = indexes[i];
      const bucket = index.bucketWord(hashes[i]);
      buckets[i - from] = bucket;
      sum ^= index.words[bucket];
    }
    for (let i = from; i < to; i++) sum ^= indexes[i].touchRecord(buckets[i - from], hashes[i]);
    this.sink ^= sum;
    this.#fetched = to;
    this.nextCommand = to < this.#count ? this.#commands[to] : NEVER;
  }
}

function enlarged(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
