/**
 * Hash index from key to record: segments of one page, each with 1,024 buckets of one cache line.
 *
 *   OFFSET  SIZE  FIELD (of a bucket)
 *        0     4  passed  entries that found this bucket full and went on to a later one
 *        4    28  tags    seven 32-bit hashes
 *       32    28  refs    seven record references, in 8-byte units; 0 = slot is free
 *       60     4  unused
 *
 *   hash:  | shard bits | directory bits (depth) | ...            | bucket: low 10 bits |
 *
 *   directory (depth 2)        segments
 *     00 ───────────────────▶  A  (depth 1: shared by 00 and 01)
 *     01 ───────────────────▶  A
 *     10 ───────────────────▶  B  (depth 2)
 *     11 ───────────────────▶  C  (depth 2)
 *
 * A segment that is full splits in two by the next bit of the hashes it holds, and the directory
 * doubles when it has to. So the index grows a segment at a time (some 100 µs), never as a whole.
 * Two neighbours that are nearly empty become one again.
 *
 * Invariants: a free slot has tag 0 and reference 0; an entry lies in its home bucket or, where
 * that was full, in the first later one (modulo 1,024) with room, and `passed` counts it in every
 * bucket between.
 * Cost: find compares one key and reads 1.01 buckets in a segment that has just split, 1.3 in one
 * that is about to; where the key is not there, 1.01 and 3.1. Later buckets are neighbours, so they
 * are on their way.
 * Source: Fagin et al., Extendible Hashing (1979); Lu et al., Dash (2020), for segments of buckets.
 */
import type { Arena } from "./arena.ts";
import { keyEquals, type LocalRef } from "./record.ts";

const BUCKET_WORDS = 16;
const BUCKET_SHIFT = 4;
const PASSED_WORD = 0;
const TAGS_WORD = 1;
const REFS_WORD = 8;
const TAG_TO_REF = REFS_WORD - TAGS_WORD;
const SLOTS = 7;
/** Entries that a bucket has room for. */
export const BUCKET_SLOTS: number = SLOTS;
const BUCKETS = 1024;
const BUCKET_MASK = BUCKETS - 1;
const BUCKET_BITS = 10;
const SEGMENT_WORDS = BUCKETS * BUCKET_WORDS;
const SEGMENT_SHIFT = 14;
const CAPACITY = BUCKETS * SLOTS;
/**
 * Entries at which a segment splits: 85 % of its slots. At 90 % an absent key costs 6 buckets, not
 * 3 (averageProbes in test/memory/hash_index_test.ts).
 */
const SPLIT_AT = Math.floor(CAPACITY * 0.85);
/** Two neighbours with fewer entries together become one segment. */
const MERGE_AT = Math.floor(CAPACITY * 0.25);
/**
 * Segments fill up evenly, so they would all split at about the same time, several in one batch; each
 * page splits up to 7 × 128 entries earlier instead, by its number.
 */
const STAGGER_MASK = 7;
const STAGGER_SHIFT = 7;
/** Random places of a segment that are looked at for an entry, before it is searched. */
const SAMPLE_DRAWS = 32;
/** Bits of the hash that number a segment: shard bits and directory bits together. */
export const PREFIX_BITS = 32 - BUCKET_BITS;

/** A slot that holds an entry: word offset of its reference in the arena; 0 = none. */
export type Slot = number;

const scratch = new Int32Array(SEGMENT_WORDS);

export class HashIndex {
  readonly arena: Arena;
  readonly words: Int32Array;
  readonly shardBits: number;
  /** Page of the segment for each directory prefix. Empty until the first insertion. */
  directory: Int32Array = new Int32Array(0);
  /** log2 of the directory's length. */
  depth = 0;
  count = 0;
  segmentCount = 0;
  /** Depth of the segment in a page. */
  readonly #segmentDepth: Uint8Array;

  /** @param shardBits leading bits of every hash that chose this index's shard */
  constructor(arena: Arena, shardBits: number) {
    this.arena = arena;
    this.words = arena.words;
    this.shardBits = shardBits;
    this.#segmentDepth = arena.pageNote;
  }

  /** Word offset of the hash's home bucket, 0 while the index is empty. */
  bucketWord(hash: number): number {
    if (this.segmentCount === 0) return 0;
    const page = this.directory[((hash << this.shardBits) >>> 1) >>> (31 - this.depth)];
    return (page << SEGMENT_SHIFT) + ((hash & BUCKET_MASK) << BUCKET_SHIFT);
  }

  /**
   * @param input holds the key, with 8 readable bytes behind it
   * @returns the slot of the key's entry, or 0
   */
  find(input: DataView, offset: number, length: number, hash: number): Slot {
    const words = this.words;
    let word = this.bucketWord(hash);
    if (word === 0) return 0;
    for (let probes = 0; probes < BUCKETS; probes++) {
      for (let tag = word + TAGS_WORD; tag < word + TAGS_WORD + SLOTS; tag++) {
        if (words[tag] === hash) {
          const ref = words[tag + TAG_TO_REF];
          if (ref !== 0 && keyEquals(words, ref, input, offset, length)) return tag + TAG_TO_REF;
        }
      }
      if (words[word + PASSED_WORD] === 0) return 0;
      word = nextBucket(word);
    }
    return 0;
  }

  /** The slot that refers to this very record, or 0. */
  findRef(hash: number, ref: LocalRef): Slot {
    const words = this.words;
    let word = this.bucketWord(hash);
    if (word === 0) return 0;
    for (let probes = 0; probes < BUCKETS; probes++) {
      for (let at = word + REFS_WORD; at < word + REFS_WORD + SLOTS; at++) {
        if (words[at] === ref) return at;
      }
      if (words[word + PASSED_WORD] === 0) return 0;
      word = nextBucket(word);
    }
    return 0;
  }

  /** The first slot with this hash whose record `accept` takes, or 0. */
  findBy(hash: number, accept: (ref: LocalRef) => boolean): Slot {
    const words = this.words;
    let word = this.bucketWord(hash);
    if (word === 0) return 0;
    for (let probes = 0; probes < BUCKETS; probes++) {
      for (let tag = word + TAGS_WORD; tag < word + TAGS_WORD + SLOTS; tag++) {
        if (words[tag] !== hash) continue;
        const ref = words[tag + TAG_TO_REF];
        if (ref !== 0 && accept(ref)) return tag + TAG_TO_REF;
      }
      if (words[word + PASSED_WORD] === 0) return 0;
      word = nextBucket(word);
    }
    return 0;
  }

  /**
   * Writes the used slots of a bucket to `into`, from `at` on.
   * @param word as `bucketWord` returns it
   * @returns where they end
   */
  slotsOfBucket(word: number, into: Int32Array, at: number): number {
    if (word === 0) return at;
    const words = this.words;
    for (let slot = word + REFS_WORD; slot < word + REFS_WORD + SLOTS; slot++) {
      if (words[slot] !== 0) into[at++] = slot;
    }
    return at;
  }

  refAt(slot: Slot): LocalRef {
    return this.words[slot];
  }

  hashAt(slot: Slot): number {
    return this.words[slot - TAG_TO_REF];
  }

  setRef(slot: Slot, ref: LocalRef): void {
    this.words[slot] = ref;
  }

  /**
   * Adds an entry; the key must not be there yet.
   * @returns its slot, or 0 when there is no page for another segment
   */
  insert(hash: number, ref: LocalRef): Slot {
    if (this.segmentCount === 0 && !this.#addFirstSegment()) return 0;
    let page = this.#pageOf(hash);
    while (this.arena.pageUsed[page] >= splitAt(page)) {
      const { growth } = this.arena;
      const start = growth.begin();
      const hasSplit = this.#split(page, hash);
      growth.end(start);
      if (!hasSplit) {
        if (this.arena.pageUsed[page] >= CAPACITY) return 0;
        break;
      }
      page = this.#pageOf(hash);
    }
    this.arena.pageUsed[page]++;
    this.count++;
    return place(this.words, page << SEGMENT_SHIFT, hash, ref);
  }

  /** Removes the entry in this slot. Slots found earlier may have moved afterwards. */
  remove(slot: Slot): void {
    const hash = this.words[slot - TAG_TO_REF];
    this.take(slot);
    const page = slot >>> SEGMENT_SHIFT;
    const left = this.arena.pageUsed[page];
    // Looking at every 64th removal is enough: merging is only about memory.
    if (left < MERGE_AT && (left & 63) === 0) this.#merge(page, hash);
  }

  /** As `remove`, but no segments are joined: all other slots stay where they are. */
  take(slot: Slot): void {
    const words = this.words;
    const hash = words[slot - TAG_TO_REF];
    words[slot] = 0;
    words[slot - TAG_TO_REF] = 0;
    const page = slot >>> SEGMENT_SHIFT;
    const bucket = slot & ~(BUCKET_WORDS - 1);
    let word = (page << SEGMENT_SHIFT) + ((hash & BUCKET_MASK) << BUCKET_SHIFT);
    for (; word !== bucket; word = nextBucket(word)) words[word + PASSED_WORD]--;
    this.count--;
    this.arena.pageUsed[page]--;
  }

  #pageOf(hash: number): number {
    return this.directory[((hash << this.shardBits) >>> 1) >>> (31 - this.depth)];
  }

  #addFirstSegment(): boolean {
    const page = this.#newSegment(0);
    if (page === 0) return false;
    this.directory = new Int32Array([page]);
    this.depth = 0;
    return true;
  }

  #newSegment(depth: number): number {
    const page = this.arena.allocatePage();
    if (page === 0) return 0;
    this.words.fill(0, page << SEGMENT_SHIFT, (page + 1) << SEGMENT_SHIFT);
    this.#segmentDepth[page] = depth;
    this.segmentCount++;
    return page;
  }

  /** Splits the segment that `hash` belongs to. @returns false when it can't be */
  #split(page: number, hash: number): boolean {
    const depth = this.#segmentDepth[page];
    if (this.shardBits + depth + BUCKET_BITS >= 32) return false;
    const sibling = this.#newSegment(depth + 1);
    if (sibling === 0) return false;
    this.#segmentDepth[page] = depth + 1;
    if (depth === this.depth) this.#doubleDirectory();
    const directory = this.directory;
    const span = 1 << (this.depth - depth);
    const first = (((hash << this.shardBits) >>> 1) >>> (31 - this.depth)) & ~(span - 1);
    directory.fill(sibling, first + (span >> 1), first + span);

    const words = this.words;
    const low = page << SEGMENT_SHIFT, high = sibling << SEGMENT_SHIFT;
    scratch.set(words.subarray(low, low + SEGMENT_WORDS));
    words.fill(0, low, low + SEGMENT_WORDS);
    const shift = 31 - this.shardBits - depth;
    let moved = 0;
    for (let bucket = 0; bucket < SEGMENT_WORDS; bucket += BUCKET_WORDS) {
      for (let tag = bucket + TAGS_WORD; tag < bucket + TAGS_WORD + SLOTS; tag++) {
        const ref = scratch[tag + TAG_TO_REF];
        if (ref === 0) continue;
        const entryHash = scratch[tag];
        const bit = (entryHash >>> shift) & 1;
        moved += bit;
        place(words, bit === 1 ? high : low, entryHash, ref);
      }
    }
    this.arena.pageUsed[sibling] = moved;
    this.arena.pageUsed[page] -= moved;
    return true;
  }

  #doubleDirectory(): void {
    const old = this.directory;
    const doubled = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i++) doubled[2 * i] = doubled[2 * i + 1] = old[i];
    this.directory = doubled;
    this.depth++;
  }

  /**
   * Joins the segment with the one that it was split from, when both are nearly empty, and so on.
   */
  #merge(page: number, hash: number): void {
    const arena = this.arena;
    const directory = this.directory;
    for (let depth = this.#segmentDepth[page]; depth > 0; depth--) {
      const span = 1 << (this.depth - depth);
      const first = (((hash << this.shardBits) >>> 1) >>> (31 - this.depth)) & ~(span - 1);
      const buddyFirst = first ^ span;
      const buddy = directory[buddyFirst];
      if (this.#segmentDepth[buddy] !== depth) return;
      const count = arena.pageUsed[page] + arena.pageUsed[buddy];
      if (count >= MERGE_AT) return;
      if (arena.pageUsed[buddy] > 0) this.#moveEntries(buddy, page);
      arena.pageUsed[page] = count;
      this.#segmentDepth[page] = depth - 1;
      directory.fill(page, buddyFirst, buddyFirst + span);
      this.segmentCount--;
      arena.freePageWhole(buddy);
    }
  }

  #moveEntries(page: number, toPage: number): void {
    const words = this.words;
    const from = page << SEGMENT_SHIFT, to = toPage << SEGMENT_SHIFT;
    for (let bucket = from; bucket < from + SEGMENT_WORDS; bucket += BUCKET_WORDS) {
      for (let tag = bucket + TAGS_WORD; tag < bucket + TAGS_WORD + SLOTS; tag++) {
        const ref = words[tag + TAG_TO_REF];
        if (ref !== 0) place(words, to, words[tag], ref);
      }
    }
  }

  /** Gives back all segments. The records are the caller's. */
  clear(): void {
    for (const page of this.pages()) this.arena.freePageWhole(page);
    this.directory = new Int32Array(0);
    this.depth = this.count = this.segmentCount = 0;
  }

  /**
   * The slot of an entry picked at random; every entry has about the same chance.
   * @param random any 32-bit integer
   * @returns 0 if there is none
   */
  sample(random: number): Slot {
    if (this.count === 0) return 0;
    const directory = this.directory;
    let at = (random >>> 1) >>> (31 - this.depth);
    // A segment without an entry stands back for the next one that has any.
    while (this.arena.pageUsed[directory[at]] === 0) at = (at + 1) & (directory.length - 1);
    const page = directory[at];
    return sampleSegment(this.words, page << SEGMENT_SHIFT, this.arena.pageUsed[page], random);
  }

  /** Visits every entry; nothing may be changed meanwhile. */
  forEach(visit: (slot: Slot) => void): void {
    for (const page of this.pages()) {
      const from = page << SEGMENT_SHIFT;
      for (let bucket = from; bucket < from + SEGMENT_WORDS; bucket += BUCKET_WORDS) {
        for (let at = bucket + REFS_WORD; at < bucket + REFS_WORD + SLOTS; at++) {
          if (this.words[at] !== 0) visit(at);
        }
      }
    }
  }

  /** Pages of the segments, in the order of their prefixes. */
  pages(): number[] {
    const pages: number[] = [];
    for (let i = 0; i < this.directory.length;) {
      const page = this.directory[i];
      pages.push(page);
      i += 1 << (this.depth - this.#segmentDepth[page]);
    }
    return pages;
  }

  /**
   * Visits the entries of a segment, or of a part of it, whose home is one bucket.
   * @param prefix the first PREFIX_BITS bits of the first hash of the part, a multiple of `span`
   * @param span how many prefixes belong to the part, a power of two
   * @param visit may take out the entry that it gets, and no other
   */
  visitBucket(prefix: number, span: number, bucket: number, visit: (slot: Slot) => void): void {
    const words = this.words;
    let word = (this.segmentAt(prefix) << SEGMENT_SHIFT) + (bucket << BUCKET_SHIFT);
    for (let probes = 0; probes < BUCKETS; probes++) {
      for (let tag = word + TAGS_WORD; tag < word + TAGS_WORD + SLOTS; tag++) {
        const hash = words[tag];
        if (words[tag + TAG_TO_REF] === 0 || (hash & BUCKET_MASK) !== bucket) continue;
        if (((hash >>> BUCKET_BITS) ^ prefix) < span) visit(tag + TAG_TO_REF);
      }
      if (words[word + PASSED_WORD] === 0) return;
      word = nextBucket(word);
    }
  }

  /** Page of the segment for a hash's first PREFIX_BITS bits. */
  segmentAt(prefix: number): number {
    return this.#pageOf(prefix << BUCKET_BITS);
  }

  segmentDepthOf(page: number): number {
    return this.#segmentDepth[page];
  }

  /** Memory of the segments in bytes. */
  get sizeBytes(): number {
    return this.segmentCount * SEGMENT_WORDS * 4;
  }

  /** Walks every segment. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    let count = 0, segments = 0;
    for (let i = 0; i < this.directory.length;) {
      const page = this.directory[i];
      const span = 1 << (this.depth - this.#segmentDepth[page]);
      for (let j = i; j < i + span; j++) {
        if (this.directory[j] !== page) throw new Error(`directory entry ${j} leads astray`);
      }
      count += this.#checkSegment(page, i);
      segments++;
      i += span;
    }
    if (count !== this.count) throw new Error(`${count} entries, counted ${this.count}`);
    if (segments !== this.segmentCount) throw new Error(`${segments} segments, not as counted`);
  }

  #checkSegment(page: number, firstPrefix: number): number {
    const words = this.words;
    const base = page << SEGMENT_SHIFT;
    const depth = this.#segmentDepth[page];
    const passed = new Int32Array(BUCKETS);
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const word = base + (bucket << BUCKET_SHIFT);
      for (let tag = word + TAGS_WORD; tag < word + TAGS_WORD + SLOTS; tag++) {
        const hash = words[tag];
        if (words[tag + TAG_TO_REF] === 0) {
          if (hash !== 0) throw new Error("a free slot has a tag");
          continue;
        }
        count++;
        const prefix = ((hash << this.shardBits) >>> 1) >>> (31 - this.depth);
        if (prefix >> (this.depth - depth) !== firstPrefix >> (this.depth - depth)) {
          throw new Error("an entry lies in a wrong segment");
        }
        const home = hash & BUCKET_MASK;
        for (let b = home; b !== bucket; b = (b + 1) & BUCKET_MASK) passed[b]++;
      }
    }
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (words[base + (bucket << BUCKET_SHIFT) + PASSED_WORD] !== passed[bucket]) {
        throw new Error(`bucket ${bucket} counts passed entries wrongly`);
      }
    }
    if (count !== this.arena.pageUsed[page]) {
      throw new Error("a segment counts its entries wrongly");
    }
    return count;
  }
}

/** Entries at which the segment in a page splits. */
function splitAt(page: number): number {
  return SPLIT_AT - ((page & STAGGER_MASK) << STAGGER_SHIFT);
}

/** The following bucket of the same segment, the first after the last. */
function nextBucket(word: number): number {
  return (word & ~(SEGMENT_WORDS - 1)) | ((word + BUCKET_WORDS) & (SEGMENT_WORDS - 1));
}

/** Puts an entry into the segment at `base`, which must have room. */
function place(words: Int32Array, base: number, hash: number, ref: LocalRef): Slot {
  let word = base + ((hash & BUCKET_MASK) << BUCKET_SHIFT);
  for (;;) {
    for (let at = word + REFS_WORD; at < word + REFS_WORD + SLOTS; at++) {
      if (words[at] === 0) {
        words[at] = ref;
        words[at - TAG_TO_REF] = hash;
        return at;
      }
    }
    words[word + PASSED_WORD]++;
    word = nextBucket(word);
  }
}

/** A used slot of the segment, picked at random. @param used how many there are, at least one */
function sampleSegment(words: Int32Array, base: number, used: number, random: number): Slot {
  let state = random;
  for (let draw = 0; draw < SAMPLE_DRAWS; draw++) {
    // A step of a linear congruential generator, whose high bits are the good ones; 7 of 8 draws
    // hit a slot.
    state = (Math.imul(state, 0x915f77f5) + 0x6d2b79f5) | 0;
    const word = base + ((state >>> (32 - BUCKET_BITS)) << BUCKET_SHIFT);
    const slot = (state >>> (29 - BUCKET_BITS)) & 7;
    if (slot < SLOTS && words[word + REFS_WORD + slot] !== 0) return word + REFS_WORD + slot;
  }
  // Nearly empty: as many entries as a number drawn says are passed over.
  let skipped = (state >>> 8) % used;
  for (let word = base;; word += BUCKET_WORDS) {
    for (let at = word + REFS_WORD; at < word + REFS_WORD + SLOTS; at++) {
      if (words[at] !== 0 && skipped-- === 0) return at;
    }
  }
}

/**
 * The reference that a bucket has under the hash, 0 if none: a guess, for no key is compared.
 * @param word the hash's home bucket, as `bucketWord` told it
 */
export function guessRef(words: Int32Array, word: number, hash: number): LocalRef {
  for (let tag = word + TAGS_WORD; tag < word + TAGS_WORD + SLOTS; tag++) {
    if (words[tag] === hash) return words[tag + TAG_TO_REF];
  }
  return 0;
}
