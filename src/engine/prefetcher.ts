/**
 * Brings the index buckets and records of many keys into cache, all at once.
 *
 * A lookup waits for memory twice, at the bucket and at the record. Taken one by one, every lookup waits;
 * here the loads of all keys are issued one after the other, so that the processor overlaps them. The
 * loops that load do nothing else: the fewer instructions lie between two loads, the more of them are
 * under way at a time. What is loaded is only a hint and never used: an eviction, an expiry or a split
 * in between changes nothing.
 */
import type { HashIndex } from "../memory/hash_index.ts";
import { CLASS_SIZES } from "../memory/size_classes.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";

/** Fewer keys than this gain nothing. */
const RUN_FROM = 3;
/** Keys that are fetched at once: what they load stays in the first-level cache until it is used. */
const WINDOW = 128;
const INITIAL_CAPACITY = 1024;
/** Larger than any command's number. */
const NEVER = 0x7fff_ffff;
/** 32-bit words of a cache line, and how many of a record are fetched at the most. */
const LINE_WORDS = 16;
const RECORD_WORDS = 3 * LINE_WORDS;
/** log2 of the words in a page. */
const PAGE_SHIFT = 14;

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
  #buckets: Int32Array = new Int32Array(INITIAL_CAPACITY);
  readonly #indexes: HashIndex[] = [];
  /** First and last word of each record of the window. */
  readonly #first: Int32Array = new Int32Array(WINDOW);
  readonly #last: Int32Array = new Int32Array(WINDOW);

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
      this.#buckets = enlarged(this.#buckets);
    }
    const index = db.indexes[this.#keyspace.shardOf(hash)];
    this.#hashes[at] = hash;
    this.#commands[at] = command;
    this.#indexes[at] = index;
    this.#buckets[at] = index.bucketWord(hash);
    if (at + 1 === RUN_FROM) this.nextCommand = this.#commands[0];
  }

  /**
   * Adds one key of each of `count` commands, as `add` does.
   * @param hashes where those of the keys are, each `step` behind the one before, from `at` on
   */
  addRow(
    command: number,
    count: number,
    db: Database,
    hashes: Int32Array,
    at: number,
    step: number,
  ): void {
    const start = this.#count;
    while (start + count > this.#hashes.length) {
      this.#hashes = enlarged(this.#hashes);
      this.#commands = enlarged(this.#commands);
      this.#buckets = enlarged(this.#buckets);
    }
    const own = this.#hashes, commands = this.#commands, buckets = this.#buckets;
    const indexes = this.#indexes, keyspace = this.#keyspace;
    for (let i = 0; i < count; i++) {
      const hash = hashes[at + i * step];
      const index = db.indexes[keyspace.shardOf(hash)];
      own[start + i] = hash;
      commands[start + i] = command + i;
      indexes[start + i] = index;
      buckets[start + i] = index.bucketWord(hash);
    }
    this.#count = start + count;
    if (start < RUN_FROM && start + count >= RUN_FROM) this.nextCommand = commands[0];
  }

  /** Loads the buckets of the next keys, then the records found there. */
  run(): void {
    const from = this.#fetched;
    const to = Math.min(this.#count, from + WINDOW);
    const buckets = this.#buckets, indexes = this.#indexes, first = this.#first, last = this.#last;
    let sum = 0;
    for (let i = from; i < to; i++) sum ^= indexes[i].words[buckets[i]];
    this.#findRecords(from, to);
    for (let i = from; i < to; i++) {
      const words = indexes[i].words;
      const begin = first[i - from], end = last[i - from];
      sum ^= words[begin] ^ words[Math.min(begin + LINE_WORDS, end)] ^ words[end];
    }
    this.sink ^= sum;
    this.#fetched = to;
    this.nextCommand = to < this.#count ? this.#commands[to] : NEVER;
  }

  #findRecords(from: number, to: number): void {
    const hashes = this.#hashes, buckets = this.#buckets, indexes = this.#indexes;
    for (let i = from; i < to; i++) {
      const index = indexes[i];
      const ref = index.guess(buckets[i], hashes[i]);
      const begin = ref << 1;
      this.#first[i - from] = this.#last[i - from] = begin;
      if (ref === 0) continue;
      const blockWords = CLASS_SIZES[index.arena.pageClass[begin >>> PAGE_SHIFT]] >>> 2;
      this.#last[i - from] = begin + Math.min(blockWords, RECORD_WORDS) - 1;
    }
  }
}

function enlarged(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
