/**
 * Brings what commands will look up inside of large hashes, sets and sorted sets into cache.
 *
 * As prefetcher.ts does for keys: the table's bucket of every member (or field) that the commands of a
 * batch name, then the entry found there, then the ways through the skip list to where a new score
 * will be put, loads that the processor overlaps. Nothing that is loaded is used. A bucket tells its
 * entries apart by five bits of their hashes, so a second one that may be meant is loaded as well.
 */
import type { Arena } from "../memory/arena.ts";
import { guessRef } from "../memory/hash_index.ts";
import { loadThreeWords, loadWords } from "../memory/load_words.ts";
import { kindOf, valueOffsetOf } from "../memory/record.ts";
import { CLASS_SIZES } from "../memory/size_classes.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import { readDouble } from "../bytes/decimal.ts";
import {
  tableBucket,
  tableBuckets,
  tableGuess,
  tableHash,
  wordOfSlot,
} from "../structs/byte_table.ts";
import { scoreOf } from "../structs/skip_list_node.ts";
import { touchPaths } from "../structs/skip_list_search.ts";
import type { Unit } from "../structs/structure.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import { LOCAL_MASK, SHARD_SHIFT } from "./record_kinds.ts";
import { tableOf } from "./structures.ts";

/** Fewer members than this gain nothing. */
const RUN_FROM = 3;
/** Members that are fetched at once. */
const WINDOW = 64;
/** Members of one command that are fetched; the others are fetched by nobody. */
const PER_COMMAND = 32;
/** Members that are fetched of one batch. */
const CAPACITY = 4096;
/** Smaller tables stay in cache by themselves. */
const MIN_BUCKETS = 256;
/** Larger than any command's number. */
const NEVER = 0x7fff_ffff;
const LINE_WORDS = 16;
/** log2 of the words in a page. */
const PAGE_SHIFT = 14;

/** Of the members of a window: what each hashes to, and where in its arena's words is what it needs. */
interface Places {
  readonly hashes: Int32Array;
  readonly buckets: Int32Array;
  /** First and last word of the entry, and the first of another one that may be meant. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly second: Int32Array;
}

export class MemberPrefetcher {
  /** What the loads summed up to; kept so that they can't be optimised away. */
  sink = 0;
  /** Number of the first command with a member that was not fetched; `run` is due before it. */
  nextCommand = NEVER;
  readonly #keyspace: Keyspace;
  #count = 0;
  #fetched = 0;
  readonly #commands = new Int32Array(CAPACITY);
  /** Arguments in the batch: the key and the member. */
  readonly #keys = new Int32Array(CAPACITY);
  readonly #members = new Int32Array(CAPACITY);
  readonly #databases: Database[] = [];
  readonly #hasScores = new Uint8Array(CAPACITY);
  readonly #places: Places = {
    hashes: new Int32Array(WINDOW),
    buckets: new Int32Array(WINDOW),
    first: new Int32Array(WINDOW),
    last: new Int32Array(WINDOW),
    second: new Int32Array(WINDOW),
  };
  readonly #arenas: Arena[] = [];
  /** The sorted set that the member is in, 0 = another type. */
  readonly #sets = new Int32Array(WINDOW);
  /** Old and new scores of members that change. */
  readonly #scores = new Float64Array(2 * WINDOW);
  /** The table of the last key that was looked at. */
  #arena: Arena;
  #table: Unit = 0;
  /** The sorted set that this table is of, 0 = another type. */
  #set: Unit = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arenas[0];
  }

  /** Forgets all members. */
  clear(): void {
    this.#count = this.#fetched = 0;
    this.nextCommand = NEVER;
  }

  /**
   * Adds what a command looks up; commands come in ascending order.
   * @param key argument that names the key
   * @param from first argument that names a member @param to last one @param step between two
   * @param hasScores whether before each member stands the score that it gets
   */
  add(
    command: number,
    db: Database,
    key: number,
    from: number,
    to: number,
    step: number,
    hasScores: boolean,
  ): void {
    const end = Math.min(to, from + (PER_COMMAND - 1) * step);
    for (let member = from; member <= end && this.#count < CAPACITY; member += step) {
      const at = this.#count++;
      this.#commands[at] = command;
      this.#keys[at] = key;
      this.#members[at] = member;
      this.#databases[at] = db;
      this.#hasScores[at] = hasScores ? 1 : 0;
      if (at + 1 === RUN_FROM) this.nextCommand = this.#commands[0];
    }
  }

  /** Loads the buckets of the next members, then the entries found there. */
  run(batch: CommandBatch): void {
    const from = this.#fetched;
    const to = Math.min(this.#count, from + WINDOW);
    const arenas = this.#arenas, places = this.#places;
    const { buckets, first, last, second } = places;
    this.#findBuckets(batch, from, to);
    const count = to - from;
    let sum = 0;
    for (let at = 0, end; at < count; at = end) {
      end = this.#endOfStretch(at, count);
      sum ^= loadWords(arenas[at].words, buckets, at, end);
    }
    for (let at = 0, end; at < count; at = end) {
      end = this.#endOfStretch(at, count);
      findEntries(arenas[at], places, at, end);
    }
    for (let at = 0, end; at < count; at = end) {
      end = this.#endOfStretch(at, count);
      sum ^= loadThreeWords(arenas[at].words, first, last, second, at, end);
    }
    this.sink ^= sum;
    this.#touchScores(batch, from, to);
    this.#fetched = to;
    this.nextCommand = to < this.#count ? this.#commands[to] : NEVER;
  }

  /** Where the members of the window end that are in the same arena as the one at `at`. */
  #endOfStretch(at: number, count: number): number {
    const arenas = this.#arenas;
    let end = at + 1;
    while (end < count && arenas[end] === arenas[at]) end++;
    return end;
  }

  #findBuckets(batch: CommandBatch, from: number, to: number): void {
    const { argOffsets, argLengths, argHashes, input } = batch;
    const keys = this.#keys, members = this.#members, databases = this.#databases;
    const { hashes, buckets } = this.#places;
    let keyHash = 0, db: Database | undefined;
    for (let i = from; i < to; i++) {
      const at = i - from;
      if (argHashes[keys[i]] !== keyHash || databases[i] !== db) {
        keyHash = argHashes[keys[i]];
        db = databases[i];
        this.#findTable(db, keyHash);
      }
      const arena = this.#arena, table = this.#table;
      this.#arenas[at] = arena;
      buckets[at] = 0;
      this.#sets[at] = this.#set;
      if (table === 0) continue;
      const { words } = arena;
      const member = members[i];
      const hash = tableHash(words, table, input, argOffsets[member], argLengths[member]);
      hashes[at] = hash;
      buckets[at] = tableBucket(words, table, hash);
    }
  }

  /** Sets `#arena` and `#table` for a key; the table to 0 if it has none that is large. */
  #findTable(db: Database, hash: number): void {
    this.#table = this.#set = 0;
    const index = db.indexes[this.#keyspace.shardOf(hash)];
    const { words } = index;
    const local = guessRef(words, index.bucketWord(hash), hash);
    if (local === 0) return;
    const offset = tableOf(kindOf(words, local));
    if (offset < 0) return;
    const structure = words[valueOffsetOf(words, local) >> 2];
    const arena = this.#keyspace.arenas[structure >>> SHARD_SHIFT];
    const table = (structure & LOCAL_MASK) + offset;
    if (tableBuckets(arena.words, table) < MIN_BUCKETS) return;
    this.#arena = arena;
    this.#table = table;
    this.#set = offset === 0 ? 0 : structure & LOCAL_MASK;
  }

  /** Reads the ways to the old and the new scores, one sorted set after the other. */
  #touchScores(batch: CommandBatch, from: number, to: number): void {
    const scores = this.#scores;
    let set = 0, arena = this.#arena, count = 0;
    for (let i = from; i < to; i++) {
      const at = i - from;
      if (this.#sets[at] !== set || this.#arenas[at] !== arena) {
        if (count > 0) touchPaths(arena, set, scores, count);
        set = this.#sets[at];
        arena = this.#arenas[at];
        count = 0;
      }
      if (set === 0 || this.#hasScores[i] === 0) continue;
      const argument = this.#members[i] - 1;
      const { bytes } = batch.input;
      const score = readDouble(bytes, batch.argOffsets[argument], batch.argLengths[argument]);
      const entry = this.#places.first[at] >>> 1;
      const old = entry === 0 ? NaN : scoreOf(arena, entry);
      if (score === old) continue;
      scores[count++] = score;
      if (entry !== 0) scores[count++] = old;
    }
    if (count > 0) touchPaths(arena, set, scores, count);
  }
}

function findEntries(arena: Arena, places: Places, from: number, to: number): void {
  const { words, pageClass } = arena;
  const { hashes, buckets, first, last, second } = places;
  for (let i = from; i < to; i++) {
    first[i] = last[i] = second[i] = 0;
    const bucket = buckets[i];
    if (bucket === 0) continue;
    const hash = hashes[i];
    const slot = tableGuess(words, bucket, hash, 0);
    if (slot === 0) continue;
    const word = wordOfSlot(words, slot);
    const blockWords = CLASS_SIZES[pageClass[word >>> PAGE_SHIFT]] >>> 2;
    first[i] = word;
    last[i] = word + Math.min(blockWords - 1, LINE_WORDS);
    const other = tableGuess(words, bucket, hash, slot);
    if (other !== 0) second[i] = wordOfSlot(words, other);
  }
}
