/**
 * Brings the index buckets and records of many keys into cache, all at once.
 *
 * A lookup waits for memory twice, at the bucket and at the record. Taken one by one, every lookup waits;
 * here the loads of all keys are issued one after the other, so that the processor overlaps them. The
 * loops that load do nothing else, and take the keys by shard, so that they need not look up its words
 * each time: the fewer instructions lie between two loads, the more of them are under way. What is
 * loaded is only a hint and never used: an eviction, an expiry or a split in between changes nothing.
 */
import type { Arena } from "../memory/arena.ts";
import { guessRef } from "../memory/hash_index.ts";
import { loadThreeWords, loadWords } from "../memory/load_words.ts";
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
/** By what a page is used for: the last word that is fetched of a record in it, counted from its first. */
const LAST_WORDS: Int32Array = new Int32Array(256);
LAST_WORDS.set(CLASS_SIZES.map((size) => Math.min(size >>> 2, RECORD_WORDS) - 1));

/** The keys of a window, sorted by shard, and where in its arena's words the parts of each record are. */
interface Window {
  readonly hashes: Int32Array;
  readonly buckets: Int32Array;
  readonly first: Int32Array;
  readonly middle: Int32Array;
  readonly last: Int32Array;
}

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
  readonly #window: Window = {
    hashes: new Int32Array(WINDOW),
    buckets: new Int32Array(WINDOW),
    first: new Int32Array(WINDOW),
    middle: new Int32Array(WINDOW),
    last: new Int32Array(WINDOW),
  };
  /** Where each shard's keys end in the window. */
  readonly #ends: Int32Array;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#ends = new Int32Array(keyspace.arenas.length);
  }

  /** Forgets all keys. */
  clear(): void {
    this.#count = this.#fetched = 0;
    this.nextCommand = NEVER;
  }

  /** Adds a key of a command; commands come in ascending order. */
  add(command: number, db: Database, hash: number): void {
    const at = this.#count++;
    if (at === this.#hashes.length) this.#grow();
    this.#hashes[at] = hash;
    this.#commands[at] = command;
    this.#buckets[at] = db.indexes[this.#keyspace.shardOf(hash)].bucketWord(hash);
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
    while (start + count > this.#hashes.length) this.#grow();
    const own = this.#hashes, commands = this.#commands, buckets = this.#buckets;
    const keyspace = this.#keyspace;
    for (let i = 0; i < count; i++) {
      const hash = hashes[at + i * step];
      own[start + i] = hash;
      commands[start + i] = command + i;
      buckets[start + i] = db.indexes[keyspace.shardOf(hash)].bucketWord(hash);
    }
    this.#count = start + count;
    if (start < RUN_FROM && start + count >= RUN_FROM) this.nextCommand = commands[0];
  }

  /** Loads the buckets of the next keys, then the records found there. */
  run(): void {
    const from = this.#fetched;
    const to = Math.min(this.#count, from + WINDOW);
    this.#sort(from, to);
    const { arenas } = this.#keyspace;
    const window = this.#window, ends = this.#ends;
    const { buckets, first, middle, last } = window;
    let sum = 0;
    for (let shard = 0, at = 0; shard < ends.length; at = ends[shard++]) {
      sum ^= loadWords(arenas[shard].words, buckets, at, ends[shard]);
    }
    for (let shard = 0, at = 0; shard < ends.length; at = ends[shard++]) {
      findRecords(arenas[shard], window, at, ends[shard]);
    }
    for (let shard = 0, at = 0; shard < ends.length; at = ends[shard++]) {
      sum ^= loadThreeWords(arenas[shard].words, first, middle, last, at, ends[shard]);
    }
    this.sink ^= sum;
    this.#fetched = to;
    this.nextCommand = to < this.#count ? this.#commands[to] : NEVER;
  }

  /** Puts keys into the window, shard by shard. */
  #sort(from: number, to: number): void {
    const hashes = this.#hashes, buckets = this.#buckets, keyspace = this.#keyspace;
    const window = this.#window, ends = this.#ends;
    for (let shard = 0; shard < ends.length; shard++) ends[shard] = 0;
    for (let i = from; i < to; i++) ends[keyspace.shardOf(hashes[i])]++;
    for (let shard = 0, start = 0; shard < ends.length; shard++) {
      const count = ends[shard];
      ends[shard] = start;
      start += count;
    }
    for (let i = from; i < to; i++) {
      const hash = hashes[i];
      const at = ends[keyspace.shardOf(hash)]++;
      window.hashes[at] = hash;
      window.buckets[at] = buckets[i];
    }
  }

  #grow(): void {
    this.#hashes = enlarged(this.#hashes);
    this.#commands = enlarged(this.#commands);
    this.#buckets = enlarged(this.#buckets);
  }
}

function findRecords(arena: Arena, window: Window, from: number, to: number): void {
  const { words, pageClass } = arena;
  const { hashes, buckets, first, middle, last } = window;
  for (let i = from; i < to; i++) {
    const begin = guessRef(words, buckets[i], hashes[i]) << 1;
    const span = LAST_WORDS[pageClass[begin >>> PAGE_SHIFT]];
    first[i] = begin;
    middle[i] = begin + Math.min(LINE_WORDS, span);
    last[i] = begin + span;
  }
}

function enlarged(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
