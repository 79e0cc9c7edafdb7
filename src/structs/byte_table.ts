/**
 * Byte table: a hash table from strings of bytes to entries (table_entry.ts), for hash fields, set
 * members and the members of sorted sets.
 *
 *   OFFSET  SIZE  FIELD (of the header, TABLE_BYTES somewhere in the owner's block)
 *        0     4  count        entries
 *        4     4  buckets      at least 1
 *        8    12  segments     of the buckets (segments.ts), 64 bytes each
 *       20     4  ownedBytes   memory of overflow buckets, entries, and what the owner added
 *       24     8  hash key     of HalfSipHash
 *   bucket:
 *        0     4  meta         bits 0-26: unit of an overflow bucket, 0 = none   bits 27-31: slots in use
 *        4    60  slots        bits 0-26: unit of an entry   bits 27-31: top bits of its key's hash
 *
 *   header ─▶ segments ─▶ [ bucket 0 | bucket 1 | … ]      hash 0x…05, 6 buckets: bucket 5
 *                              │ meta ─▶ overflow          hash 0x…07, 6 buckets: 7 is not there
 *                              └ slots ─▶ entries            yet, its parent 3 holds it
 *
 * Linear hashing: with 2^n ≤ buckets < 2^(n+1), a key belongs to the bucket of the n + 1 low bits of
 * its hash, or of n bits if there is no such bucket yet. So the table grows by splitting one bucket at
 * a time and shrinks by joining two, and no step is ever longer. SCAN walks the hashes in the order
 * of their reversed bits, in which what a bucket holds is one range, however many buckets there are.
 *
 * Invariants: the slots in use are the first ones, and only the last bucket of a chain has free ones;
 * an overflow bucket is never empty. A key is there once.
 * Cost: find reads one bucket and compares one key, or a few more; the index takes 7 to 8 bytes an
 * entry. Growing reads the entries of one bucket for each nine that are added.
 * Source: Litwin, "Linear Hashing: A New Tool for File and Table Addressing" (1980).
 */
import type { Memory } from "../bytes/copy.ts";
import { halfSipHash } from "../bytes/siphash.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import { blobNote } from "./blob.ts";
import {
  initSegments,
  itemWord,
  releaseItem,
  reserveItem,
  SEGMENTS_WORDS,
  segmentsBytes,
} from "./segments.ts";
import type { Unit } from "./structure.ts";
import { entryBytes, isKeyOf, KEY_IS_BLOB, KEY_LENGTH_MASK, keyWordOf } from "./table_entry.ts";

/** Words (32 bit) from the header's start. */
export const COUNT_WORD = 0;
export const BUCKETS_WORD = 1;
export const SEGMENTS_WORD = 2;
export const OWNED_WORD: number = SEGMENTS_WORD + SEGMENTS_WORDS;
export const K0_WORD: number = OWNED_WORD + 1;
export const K1_WORD: number = K0_WORD + 1;
/** Bytes of a header; a multiple of 8, as the header is named by a unit. */
export const TABLE_BYTES: number = (K1_WORD + 1) * 4;

/** log2 of the words of a bucket. */
export const BUCKET_SHIFT = 4;
const BUCKET_BYTES = 4 << BUCKET_SHIFT;
/** Slots of a bucket. */
export const BUCKET_SLOTS = 15;
export const BUCKET_CLASS: number = pinnedClassOf(BUCKET_BYTES);
/** Bits of a slot or of a bucket's meta word that are a unit; those above are a tag or a number. */
export const UNIT_MASK = 0x07ff_ffff;
export const UNIT_BITS = 27;
/**
 * Entries per bucket at which the table grows, and below which it shrinks. With 9 the index takes 7.6
 * bytes an entry; with 7 it would be 9.4, with 12 6.6 and twice as many overflow buckets to walk
 * (bench/micro/byte_table_bench.ts).
 */
const MAX_LOAD = 9;
const MIN_LOAD = 4;
/** Keys up to this length are hashed whole; longer ones in stretches of it. */
const HASH_STRETCH = 65_536;

/** Entries of the chains that a step takes apart or joins, and their overflow buckets. */
const MAX_CHAIN = 1024;
const staying = new Int32Array(MAX_CHAIN);
const moving = new Int32Array(MAX_CHAIN);
const spare = new Int32Array(MAX_CHAIN);
let spares = 0;
/** What loads made ahead of their use summed up to; kept so that they can't be optimised away. */
let sink = 0;

/**
 * Makes an empty table. @param table unit where its header is to be @param k0 @param k1 key of the
 * hash, any 32-bit integers
 * @returns false when there is no memory
 */
export function initTable(arena: Arena, table: Unit, k0: number, k1: number): boolean {
  const { words } = arena;
  const at = table << 1;
  initSegments(words, at + SEGMENTS_WORD);
  if (!reserveItem(arena, at + SEGMENTS_WORD, 0, BUCKET_SHIFT)) return false;
  words[at + COUNT_WORD] = 0;
  words[at + BUCKETS_WORD] = 1;
  words[at + OWNED_WORD] = 0;
  words[at + K0_WORD] = k0;
  words[at + K1_WORD] = k1;
  words[bucketWord(words, table, 0)] = 0;
  return true;
}

/** Number of entries. */
export function tableCount(words: Int32Array, table: Unit): number {
  return words[(table << 1) + COUNT_WORD];
}

/** Memory of the table with its entries in bytes, without the header. */
export function tableSizeBytes(words: Int32Array, table: Unit): number {
  const at = table << 1;
  return segmentsBytes(words, at + SEGMENTS_WORD) + words[at + OWNED_WORD];
}

/** Counts memory that belongs to the entries beyond their blocks and keys. @param bytes ± */
export function addOwnedBytes(words: Int32Array, table: Unit, bytes: number): void {
  words[(table << 1) + OWNED_WORD] += bytes;
}

/** Hash of a key in this table. */
export function tableHash(
  words: Int32Array,
  table: Unit,
  source: Memory,
  offset: number,
  length: number,
): number {
  const at = table << 1;
  let k0 = words[at + K0_WORD];
  const k1 = words[at + K1_WORD];
  while (length > HASH_STRETCH) {
    k0 ^= halfSipHash(source.view, offset, HASH_STRETCH, k0, k1);
    offset += HASH_STRETCH;
    length -= HASH_STRETCH;
  }
  return halfSipHash(source.view, offset, length, k0, k1);
}

/** Hash of an entry's key. */
export function entryHash(arena: Arena, table: Unit, entry: Unit): number {
  const { words, view } = arena;
  const header = words[entry << 1];
  const keyWord = keyWordOf(words, entry);
  if ((header & KEY_IS_BLOB) !== 0) return blobNote(arena, words[keyWord]);
  const at = table << 1;
  const length = header & KEY_LENGTH_MASK;
  return halfSipHash(view, keyWord << 2, length, words[at + K0_WORD], words[at + K1_WORD]);
}

/** The bucket that a hash belongs to. */
export function bucketOf(hash: number, buckets: number): number {
  const half = 1 << (31 - Math.clz32(buckets));
  const bucket = hash & (2 * half - 1);
  return bucket < buckets ? bucket : hash & (half - 1);
}

export function bucketWord(words: Int32Array, table: Unit, bucket: number): number {
  return itemWord(words, (table << 1) + SEGMENTS_WORD, bucket, BUCKET_SHIFT);
}

/** Number of buckets, without those that overflow into. */
export function tableBuckets(words: Int32Array, table: Unit): number {
  return words[(table << 1) + BUCKETS_WORD];
}

/** Index in `words` of the bucket that a hash belongs to. */
export function tableBucket(words: Int32Array, table: Unit, hash: number): number {
  return bucketWord(words, table, bucketOf(hash, words[(table << 1) + BUCKETS_WORD]));
}

/**
 * The next slot of a bucket that may be a key's, 0 if none: a guess by the hash, for no key is compared.
 * @param word the hash's bucket, as `tableBucket` told it
 * @param after the slot that was guessed before, 0 = none
 */
export function tableGuess(
  words: Int32Array,
  word: number,
  hash: number,
  after: number,
): number {
  const end = word + (words[word] >>> UNIT_BITS);
  for (let i = Math.max(word, after) + 1; i <= end; i++) {
    if ((words[i] ^ hash) >>> UNIT_BITS === 0) return i;
  }
  return 0;
}

/** The first word of a slot's entry. */
export function wordOfSlot(words: Int32Array, slot: number): number {
  return (words[slot] & UNIT_MASK) << 1;
}

/**
 * Finds the entry of a key.
 * @param hash the key's `tableHash` @param source up to 3 bytes behind the key may be read
 * @returns 0 when there is none
 */
export function tableFind(
  arena: Arena,
  table: Unit,
  hash: number,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  const { words } = arena;
  let word = tableBucket(words, table, hash);
  while (true) {
    const meta = words[word];
    const end = word + (meta >>> UNIT_BITS);
    for (let i = word + 1; i <= end; i++) {
      const slot = words[i];
      if ((slot ^ hash) >>> UNIT_BITS !== 0) continue;
      const entry = slot & UNIT_MASK;
      if (isKeyOf(arena, entry, hash, source, offset, length)) return entry;
    }
    if ((meta & UNIT_MASK) === 0) return 0;
    word = (meta & UNIT_MASK) << 1;
  }
}

/**
 * Adds an entry whose key is not there yet; it is the table's from then on.
 * @returns false when there is no memory; nothing was changed
 */
export function tableInsert(arena: Arena, table: Unit, hash: number, entry: Unit): boolean {
  const { words } = arena;
  const at = table << 1;
  const buckets = words[at + BUCKETS_WORD];
  let word = bucketWord(words, table, bucketOf(hash, buckets));
  let meta = words[word];
  while ((meta & UNIT_MASK) !== 0) {
    word = (meta & UNIT_MASK) << 1;
    meta = words[word];
  }
  if (meta >>> UNIT_BITS === BUCKET_SLOTS) {
    const overflow = arena.allocate(BUCKET_CLASS);
    if (overflow === 0) return false;
    words[at + OWNED_WORD] += BUCKET_BYTES;
    words[word] = (meta & ~UNIT_MASK) | overflow;
    word = overflow << 1;
    meta = 0;
  }
  meta += 1 << UNIT_BITS;
  words[word] = meta;
  words[word + (meta >>> UNIT_BITS)] = entry | (hash & ~UNIT_MASK);
  words[at + OWNED_WORD] += entryBytes(arena, entry);
  if (++words[at + COUNT_WORD] > buckets * MAX_LOAD) splitBucket(arena, table);
  return true;
}

/** Takes out an entry that is there; it is the caller's from then on. */
export function tableRemove(arena: Arena, table: Unit, hash: number, entry: Unit): void {
  const { words } = arena;
  const at = table << 1;
  const slot = slotOf(words, table, hash, entry);
  let word = bucketWord(words, table, bucketOf(hash, words[at + BUCKETS_WORD]));
  let before = 0;
  while ((words[word] & UNIT_MASK) !== 0) {
    before = word;
    word = (words[word] & UNIT_MASK) << 1;
  }
  const used = words[word] >>> UNIT_BITS;
  words[slot] = words[word + used];
  words[word] -= 1 << UNIT_BITS;
  if (used === 1 && before !== 0) {
    words[before] &= ~UNIT_MASK;
    arena.free(word >>> 1);
    words[at + OWNED_WORD] -= BUCKET_BYTES;
  }
  words[at + OWNED_WORD] -= entryBytes(arena, entry);
  if (--words[at + COUNT_WORD] < words[at + BUCKETS_WORD] * MIN_LOAD) joinBuckets(arena, table);
}

/** Puts an entry of the same key in the place of another, which is the caller's from then on. */
export function tableReplace(
  arena: Arena,
  table: Unit,
  hash: number,
  old: Unit,
  entry: Unit,
): void {
  const { words } = arena;
  words[slotOf(words, table, hash, old)] = entry | (hash & ~UNIT_MASK);
  words[(table << 1) + OWNED_WORD] += entryBytes(arena, entry) - entryBytes(arena, old);
}

/** Index in `words` of an entry's slot. */
function slotOf(words: Int32Array, table: Unit, hash: number, entry: Unit): number {
  const wanted = entry | (hash & ~UNIT_MASK);
  let word = bucketWord(words, table, bucketOf(hash, words[(table << 1) + BUCKETS_WORD]));
  while (true) {
    const meta = words[word];
    const end = word + (meta >>> UNIT_BITS);
    for (let i = word + 1; i <= end; i++) if (words[i] === wanted) return i;
    word = (meta & UNIT_MASK) << 1;
    if (word === 0) throw new Error(`entry ${entry} is not in its bucket`);
  }
}

/**
 * Loads the headers of entries that are looked at next, loads that the processor overlaps.
 * @param slots where the entries are, from `from` to before `to`
 */
export function loadEntries(words: Int32Array, slots: Int32Array, from: number, to: number): void {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= words[(slots[i] & UNIT_MASK) << 1];
  sink ^= sum;
}

/** Adds a bucket and brings there what belongs there. Without memory, the table stays as it is. */
function splitBucket(arena: Arena, table: Unit): void {
  const { words } = arena;
  const at = table << 1;
  const added = words[at + BUCKETS_WORD];
  const half = 1 << (31 - Math.clz32(added));
  if (!reserveItem(arena, at + SEGMENTS_WORD, added, BUCKET_SHIFT)) return;
  const from = bucketWord(words, table, added - half);
  spares = 0;
  const count = gatherChain(words, from, 0);
  if (count < 0) {
    releaseItem(arena, at + SEGMENTS_WORD, added, BUCKET_SHIFT);
    return;
  }
  loadEntries(words, staying, 0, count);
  let stay = 0, move = 0;
  for (let i = 0; i < count; i++) {
    const slot = staying[i];
    if ((entryHash(arena, table, slot & UNIT_MASK) & half) === 0) staying[stay++] = slot;
    else moving[move++] = slot;
  }
  words[at + BUCKETS_WORD] = added + 1;
  fillChain(words, from, staying, stay);
  fillChain(words, bucketWord(words, table, added), moving, move);
  freeSpares(arena, at);
}

/** Joins the last bucket with the one that it was split from, if there is memory to do so. */
function joinBuckets(arena: Arena, table: Unit): void {
  const { words } = arena;
  const at = table << 1;
  const last = words[at + BUCKETS_WORD] - 1;
  if (last === 0) return;
  const into = bucketWord(words, table, last - (1 << (31 - Math.clz32(last))));
  const from = bucketWord(words, table, last);
  spares = 0;
  const kept = gatherChain(words, into, 0);
  const stay = kept < 0 ? -1 : gatherChain(words, from, kept);
  if (stay < 0) return;
  if (Math.ceil(stay / BUCKET_SLOTS) - 1 > spares) {
    const overflow = arena.allocate(BUCKET_CLASS);
    if (overflow === 0) return;
    spare[spares++] = overflow;
    words[at + OWNED_WORD] += BUCKET_BYTES;
  }
  words[at + BUCKETS_WORD] = last;
  fillChain(words, into, staying, stay);
  releaseItem(arena, at + SEGMENTS_WORD, last, BUCKET_SHIFT);
  freeSpares(arena, at);
}

/** Adds a chain's slots to `staying` and its overflow buckets to `spare`; -1 when it is too long. */
function gatherChain(words: Int32Array, from: number, stay: number): number {
  for (let word = from; word !== 0; word = (words[word] & UNIT_MASK) << 1) {
    if (stay > MAX_CHAIN - BUCKET_SLOTS) return -1;
    if (word !== from) spare[spares++] = word >>> 1;
    const end = word + (words[word] >>> UNIT_BITS);
    for (let i = word + 1; i <= end; i++) staying[stay++] = words[i];
  }
  return stay;
}

/** Makes a bucket's chain hold these slots, with overflow buckets of `spare`. */
function fillChain(words: Int32Array, word: number, slots: Int32Array, count: number): void {
  let from = 0;
  while (true) {
    const used = Math.min(count - from, BUCKET_SLOTS);
    for (let i = 1; i <= used; i++) words[word + i] = slots[from++];
    if (from === count) {
      words[word] = used << UNIT_BITS;
      return;
    }
    const overflow = spare[--spares];
    words[word] = (used << UNIT_BITS) | overflow;
    word = overflow << 1;
  }
}

function freeSpares(arena: Arena, at: number): void {
  while (spares > 0) {
    arena.free(spare[--spares]);
    arena.words[at + OWNED_WORD] -= BUCKET_BYTES;
  }
}
