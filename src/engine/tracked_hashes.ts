/**
 * Tracked hashes: which clients may have the keys of a hash, in segments of one page.
 *
 *   OFFSET  SIZE  FIELD (of a cell)
 *        0     4  hash   0 = the cell is free
 *        4     4  low    a bit for each of the clients 0-31
 *        8     4  high   the same for 32-63
 *       12     4  more   the same for 64-94; or, below 0, ~unit of a chain of cells (tracking_table.ts)
 *                        that has the bits of all clients from 64 on
 *
 *   hash:  | directory bits (depth) | ...            | home, a line of 4 cells: bits 2-11 |    |
 *
 * No key is kept, so that a read costs one line of memory, whatever was read before: the keys of a hash
 * are records, which whoever takes the hash finds by it. A segment that is full splits in two by the
 * next bit of its hashes, as in the index of the keys (memory/hash_index.ts); two that are nearly empty
 * become one again.
 *
 * The hash 0, one in 4 billion, has no cell: whoever reads such a key is told at once that it changed.
 *
 * Invariants: a free cell is all zero; no cell between the first of an entry's home and its place
 * (modulo 4,096) is free; a hash is there once.
 * Cost: find reads one line, rarely two. A hash takes some 35 bytes, for up to 95 clients.
 * Source: Knuth, The Art of Computer Programming 3, 6.4, algorithms L and R.
 */
import type { Arena } from "../memory/arena.ts";
import type { Random } from "../ports/random.ts";

const CELL_SHIFT = 2;
const CELL_WORDS = 1 << CELL_SHIFT;
/** Words from a cell's start. */
export const LOW_WORD = 1;
export const HIGH_WORD = 2;
export const MORE_HASH_WORD = 3;
/** Clients that a cell has bits for; a chain has those from CHAINED_CLIENTS on. */
export const CELL_CLIENTS = 95;
export const CHAINED_CLIENTS = 64;
const CELL_BITS = 12;
const CELLS = 1 << CELL_BITS;
const CELL_MASK = CELLS - 1;
/** Bits of a hash that number its home's first cell: a search begins where a line of memory does. */
const HOME_MASK = CELL_MASK & ~3;
const SEGMENT_SHIFT = CELL_BITS + CELL_SHIFT;
const SEGMENT_WORDS = CELLS << CELL_SHIFT;
/** Entries at which a segment splits, and the most of one that cannot: a free cell ends every search. */
const SPLIT_AT = CELLS * 11 / 16;
const MOST = CELLS - 1;
/** Two neighbours with fewer entries together become one segment. */
const MERGE_AT = CELLS / 4;
/** Looking at every 64th removal is enough: merging is only about memory. */
const MERGE_MASK = 63;
/** So that segments don't split all at once, each page does up to 7 × 64 entries earlier. */
const STAGGER_MASK = 7;
const STAGGER_SHIFT = 6;
const HASH_BITS = 32;

/** Most reads that are entered together. */
export const MAX_HASH_READS = 256;

/** Keys that are there and were read, by their hashes. */
export class HashReads {
  count = 0;
  readonly hashes: Int32Array = new Int32Array(MAX_HASH_READS);
  readonly clients: Int32Array = new Int32Array(MAX_HASH_READS);
}

export class TrackedHashes {
  count = 0;
  /** Page of the segment for each directory prefix. Empty until the first insertion. */
  #directory = new Int32Array(0);
  /** log2 of the directory's length. */
  #depth = 0;
  /** What loads ahead of time summed up to; kept so that they are not optimised away. */
  sink = 0;
  readonly #arena: Arena;
  /** Of the reads of a `mark`: words of their homes. */
  readonly #homes = new Int32Array(MAX_HASH_READS);

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Word of the cell where the search for a hash begins, 0 while there is none. */
  home(hash: number): number {
    if (this.#directory.length === 0) return 0;
    const page = this.#directory[(hash >>> 1) >>> (HASH_BITS - 1 - this.#depth)];
    return (page << SEGMENT_SHIFT) + ((hash & HOME_MASK) << CELL_SHIFT);
  }

  /** @returns the word of a hash's cell, or 0 */
  find(hash: number): number {
    const { words } = this.#arena;
    for (let word = this.home(hash); word !== 0; word = nextCell(word)) {
      const there = words[word];
      if (there === 0) return 0;
      if (there === hash) return word;
    }
    return 0;
  }

  /**
   * Notes reads, but for those by clients that a cell has no bits for, those that need another segment and
   * those of the hash 0: they are left, from the start on. Loads of different reads don't depend on each
   * other, so they overlap.
   * @returns how many bits were set that were not before
   */
  mark(reads: HashReads): number {
    const { hashes, clients, count } = reads;
    const { words } = this.#arena;
    const directory = this.#directory, homes = this.#homes;
    const shift = HASH_BITS - 1 - this.#depth;
    if (directory.length === 0) return 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i];
      homes[i] = (directory[(hash >>> 1) >>> shift] << SEGMENT_SHIFT) +
        ((hash & HOME_MASK) << CELL_SHIFT);
    }
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= words[homes[i]];
    let left = 0, added = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i], client = clients[i];
      let word = homes[i], there = words[word];
      while (there !== hash && there !== 0) {
        word = nextCell(word);
        there = words[word];
      }
      const at = word + LOW_WORD + (client >>> 5);
      const hasBit = client < CHAINED_CLIENTS || (client < CELL_CLIENTS && words[at] >= 0);
      if (hasBit && hash !== 0 && (there === hash || this.#takeCell(word, hash))) {
        const before = words[at];
        const after = before | (1 << (client & 31));
        words[at] = after;
        if (after !== before) added++;
      } else {
        hashes[left] = hash;
        clients[left++] = client;
      }
    }
    this.sink ^= sum;
    reads.count = left;
    return added;
  }

  /** Gives a hash the free cell where the search for it ended, unless its segment is to split first. */
  #takeCell(word: number, hash: number): boolean {
    const { words, pageUsed } = this.#arena;
    const page = word >>> SEGMENT_SHIFT;
    if (pageUsed[page] >= splitAt(page)) return false;
    pageUsed[page]++;
    this.count++;
    words[word] = hash;
    return true;
  }

  /**
   * Makes a cell for a hash that is not there yet; the caller puts a client into it at once.
   * @returns its word, or 0 when there is no memory, and for the hash 0
   */
  add(hash: number): number {
    if (hash === 0) return 0;
    const { words, pageUsed } = this.#arena;
    if (this.#directory.length === 0 && !this.#addFirstSegment()) return 0;
    let page = this.#pageOf(hash);
    while (pageUsed[page] >= splitAt(page)) {
      if (!this.#split(page, hash)) {
        if (pageUsed[page] >= MOST) return 0;
        break;
      }
      page = this.#pageOf(hash);
    }
    pageUsed[page]++;
    this.count++;
    const word = freeCell(words, page << SEGMENT_SHIFT, hash);
    words[word] = hash;
    return word;
  }

  /** Frees a cell; what `more` named is the caller's. Others of its segment may move. */
  remove(word: number): void {
    const { words, pageUsed } = this.#arena;
    const hash = words[word];
    const page = word >>> SEGMENT_SHIFT;
    let hole = word;
    for (let at = nextCell(hole); words[at] !== 0; at = nextCell(at)) {
      const home = words[at] & HOME_MASK;
      const cell = (at >>> CELL_SHIFT) & CELL_MASK;
      // An entry may go back as far as its home.
      const distance = (cell - home) & CELL_MASK;
      if (distance < ((cell - (hole >>> CELL_SHIFT)) & CELL_MASK)) continue;
      words.copyWithin(hole, at, at + CELL_WORDS);
      hole = at;
    }
    words.fill(0, hole, hole + CELL_WORDS);
    this.count--;
    const left = --pageUsed[page];
    if (left < MERGE_AT && (left & MERGE_MASK) === 0) this.#merge(page, hash);
  }

  /** The word of an entry picked at random, each with about the same chance; 0 when there is none. */
  sample(random: Random): number {
    if (this.count === 0) return 0;
    const { words, pageUsed } = this.#arena;
    const directory = this.#directory;
    let at = random.below(directory.length);
    while (pageUsed[directory[at]] === 0) at = (at + 1) & (directory.length - 1);
    let word = (directory[at] << SEGMENT_SHIFT) + (random.below(CELLS) << CELL_SHIFT);
    while (words[word] === 0) word = nextCell(word);
    return word;
  }

  /**
   * Visits the entries of the next segment.
   * @param cursor 0 to begin, else what the former call returned
   * @param visit gets the word of each; it must not add or remove any
   * @returns the next cursor, 0 at the end. An entry that is there from the first call to the last is
   * visited at least once, whatever changes between the calls
   */
  scan(cursor: number, visit: (word: number) => void): number {
    if (this.#directory.length === 0) return 0;
    const { words, pageNote } = this.#arena;
    // The cursor is a hash, so that it means the same whatever splits.
    const page = this.#pageOf(cursor | 0);
    const from = page << SEGMENT_SHIFT;
    for (let word = from; word < from + SEGMENT_WORDS; word += CELL_WORDS) {
      if (words[word] !== 0) visit(word);
    }
    const span = 2 ** (HASH_BITS - pageNote[page]);
    const next = (Math.floor(cursor / span) + 1) * span;
    return next === 2 ** HASH_BITS ? 0 : next;
  }

  /** Forgets everything; the arena was reset. */
  clear(): void {
    this.#directory = new Int32Array(0);
    this.#depth = this.count = 0;
  }

  #pageOf(hash: number): number {
    return this.#directory[(hash >>> 1) >>> (HASH_BITS - 1 - this.#depth)];
  }

  #addFirstSegment(): boolean {
    const page = this.#newSegment(0);
    if (page === 0) return false;
    this.#directory = new Int32Array([page]);
    return true;
  }

  #newSegment(depth: number): number {
    const page = this.#arena.allocatePage();
    if (page === 0) return 0;
    this.#arena.words.fill(0, page << SEGMENT_SHIFT, (page + 1) << SEGMENT_SHIFT);
    this.#arena.pageNote[page] = depth;
    return page;
  }

  /** Where the prefixes begin that lead to the segment of a hash. */
  #firstPrefix(hash: number, span: number): number {
    return ((hash >>> 1) >>> (HASH_BITS - 1 - this.#depth)) & ~(span - 1);
  }

  /** Splits the segment that `hash` belongs to. @returns false when it can't be */
  #split(page: number, hash: number): boolean {
    const { words, pageNote, pageUsed } = this.#arena;
    const depth = pageNote[page];
    if (depth + CELL_BITS >= HASH_BITS) return false;
    const sibling = this.#newSegment(depth + 1);
    if (sibling === 0) return false;
    pageNote[page] = depth + 1;
    if (depth === this.#depth) this.#doubleDirectory();
    const span = 1 << (this.#depth - depth);
    const first = this.#firstPrefix(hash, span);
    this.#directory.fill(sibling, first + (span >> 1), first + span);
    const moved = divide(
      words,
      page << SEGMENT_SHIFT,
      sibling << SEGMENT_SHIFT,
      HASH_BITS - 1 - depth,
    );
    pageUsed[sibling] = moved;
    pageUsed[page] -= moved;
    return true;
  }

  #doubleDirectory(): void {
    const old = this.#directory;
    const doubled = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i++) doubled[2 * i] = doubled[2 * i + 1] = old[i];
    this.#directory = doubled;
    this.#depth++;
  }

  /** Joins the segment with the one that it was split from, when both are nearly empty, and so on. */
  #merge(page: number, hash: number): void {
    const { words, pageNote, pageUsed } = this.#arena;
    for (let depth = pageNote[page]; depth > 0; depth--) {
      const span = 1 << (this.#depth - depth);
      const buddyFirst = this.#firstPrefix(hash, span) ^ span;
      const buddy = this.#directory[buddyFirst];
      const count = pageUsed[page] + pageUsed[buddy];
      if (pageNote[buddy] !== depth || count >= MERGE_AT) return;
      const from = buddy << SEGMENT_SHIFT, to = page << SEGMENT_SHIFT;
      for (let at = from; at < from + SEGMENT_WORDS; at += CELL_WORDS) {
        if (words[at] !== 0) move(words, at, freeCell(words, to, words[at]));
      }
      pageUsed[page] = count;
      pageNote[page] = depth - 1;
      this.#directory.fill(page, buddyFirst, buddyFirst + span);
      this.#arena.freePageWhole(buddy);
    }
  }

  /** Walks every segment. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    const { words, pageNote, pageUsed } = this.#arena;
    const directory = this.#directory;
    let count = 0;
    for (let i = 0; i < directory.length;) {
      const page = directory[i];
      const span = 1 << (this.#depth - pageNote[page]);
      for (let j = i; j < i + span; j++) {
        if (directory[j] !== page) throw new Error(`prefix ${j} of tracked hashes leads astray`);
      }
      const from = page << SEGMENT_SHIFT;
      let used = 0;
      for (let word = from; word < from + SEGMENT_WORDS; word += CELL_WORDS) {
        const hash = words[word];
        if (hash === 0) {
          if (words.subarray(word, word + CELL_WORDS).some(Boolean)) {
            throw new Error("a free cell has clients");
          }
          continue;
        }
        used++;
        if (this.find(hash) !== word) throw new Error(`hash ${hash} is not where it is looked for`);
      }
      if (used !== pageUsed[page]) throw new Error("a segment counts its entries wrongly");
      count += used;
      i += span;
    }
    if (count !== this.count) throw new Error(`${count} tracked hashes, counted ${this.count}`);
  }
}

/** Entries at which the segment in a page splits. */
function splitAt(page: number): number {
  return SPLIT_AT - ((page & STAGGER_MASK) << STAGGER_SHIFT);
}

/** The following cell of the same segment, the first after the last. */
function nextCell(word: number): number {
  return (word & ~(SEGMENT_WORDS - 1)) | ((word + CELL_WORDS) & (SEGMENT_WORDS - 1));
}

/** The first free cell for a hash in the segment at `base`. */
function freeCell(words: Int32Array, base: number, hash: number): number {
  let word = base + ((hash & HOME_MASK) << CELL_SHIFT);
  while (words[word] !== 0) word = nextCell(word);
  return word;
}

/** Moves an entry into a free cell. */
function move(words: Int32Array, from: number, to: number): void {
  for (let i = 0; i < CELL_WORDS; i++) {
    words[to + i] = words[from + i];
    words[from + i] = 0;
  }
}

/**
 * Moves the entries of the segment at `low` whose hashes have the bit `shift` to the empty one at `high`,
 * and the others as near to their homes as they can go then. It begins behind a free cell, so that
 * whatever stands between an entry's home and its place comes before the entry.
 * @returns how many there are in `high`
 */
function divide(words: Int32Array, low: number, high: number, shift: number): number {
  let word = low, moved = 0;
  while (words[word] !== 0) word = nextCell(word);
  for (let left = CELLS - 1; left > 0; left--) {
    word = nextCell(word);
    const hash = words[word];
    if (hash === 0) continue;
    const bit = (hash >>> shift) & 1;
    let to = (bit === 1 ? high : low) + ((hash & HOME_MASK) << CELL_SHIFT);
    while (words[to] !== 0 && to !== word) to = nextCell(to);
    if (to !== word) move(words, word, to);
    moved += bit;
  }
  return moved;
}
