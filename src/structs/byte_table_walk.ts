/**
 * Walks over a byte table: all entries, a cursor that survives changes, a random one; and what is done
 * with a table as a whole: freeing, copying, checking.
 */
import type { Arena } from "../memory/arena.ts";
import {
  addOwnedBytes,
  BUCKET_CLASS,
  BUCKET_SHIFT,
  BUCKET_SLOTS,
  bucketOf,
  BUCKETS_WORD,
  bucketWord,
  COUNT_WORD,
  entryHash,
  initTable,
  K0_WORD,
  K1_WORD,
  loadEntries,
  OWNED_WORD,
  SEGMENTS_WORD,
  tableFind,
  tableInsert,
  tableSizeBytes,
  UNIT_BITS,
  UNIT_MASK,
} from "./byte_table.ts";
import { checkSegments, releaseItem, segmentsBytes } from "./segments.ts";
import type { BlockOwner, Unit } from "./structure.ts";
import {
  checkEntry,
  entryBytes,
  keyBlobOf,
  keyLengthOf,
  keyOffsetOf,
  keyStretch,
} from "./table_entry.ts";

/** Structural twin of the Random port. */
interface Random {
  below(limit: number): number;
}

/** Longest chain whose entries are drawn with the same probability, in entries. */
const EVEN_CHAIN = 2 * BUCKET_SLOTS;
/** Draws after which any entry is taken: so many fail only in a table that could not shrink. */
const MAX_DRAWS = 200;
const TWO_POW_32 = 4_294_967_296;

/** Calls `visit` with every entry; it must not change the table. */
export function tableForEach(arena: Arena, table: Unit, visit: (entry: Unit) => void): void {
  const buckets = arena.words[(table << 1) + BUCKETS_WORD];
  for (let bucket = 0; bucket < buckets; bucket++) visitBucket(arena, table, bucket, visit);
}

/**
 * As `tableForEach`, until `visit` returns true.
 * @returns whether it did
 */
export function tableSome(arena: Arena, table: Unit, visit: (entry: Unit) => boolean): boolean {
  const { words } = arena;
  const buckets = words[(table << 1) + BUCKETS_WORD];
  for (let bucket = 0; bucket < buckets; bucket++) {
    for (let word = bucketWord(words, table, bucket); word !== 0;) {
      const meta = words[word];
      const end = word + (meta >>> UNIT_BITS);
      for (let i = word + 1; i <= end; i++) if (visit(words[i] & UNIT_MASK)) return true;
      word = (meta & UNIT_MASK) << 1;
    }
  }
  return false;
}

function visitBucket(
  arena: Arena,
  table: Unit,
  bucket: number,
  visit: (entry: Unit) => void,
): void {
  const { words } = arena;
  for (let word = bucketWord(words, table, bucket); word !== 0;) {
    const meta = words[word];
    const end = word + (meta >>> UNIT_BITS);
    for (let i = word + 1; i <= end; i++) visit(words[i] & UNIT_MASK);
    word = (meta & UNIT_MASK) << 1;
  }
}

/**
 * Visits the entries of the next bucket.
 * @param cursor 0 to begin, else what the former call returned; 0 to 2³² - 1
 * @param visit must not change the table
 * @returns the next cursor, 0 at the end. An entry that is there from the first call to the last is
 * visited at least once, whatever changes between the calls
 */
export function tableScan(
  arena: Arena,
  table: Unit,
  cursor: number,
  visit: (entry: Unit) => void,
): number {
  const buckets = arena.words[(table << 1) + BUCKETS_WORD];
  const bucket = bucketOf(reverseBits(cursor), buckets);
  visitBucket(arena, table, bucket, visit);
  const level = 31 - Math.clz32(buckets);
  const half = 1 << level;
  const bits = bucket >= half || bucket < buckets - half ? level + 1 : level;
  if (bits === 0) return 0;
  // What this bucket holds has the same leading bits, reversed.
  const next = ((cursor >>> (32 - bits)) + 1) * 2 ** (32 - bits);
  return next === TWO_POW_32 ? 0 : next;
}

function reverseBits(value: number): number {
  let v = ((value >>> 1) & 0x5555_5555) | ((value & 0x5555_5555) << 1);
  v = ((v >>> 2) & 0x3333_3333) | ((v & 0x3333_3333) << 2);
  v = ((v >>> 4) & 0x0f0f_0f0f) | ((v & 0x0f0f_0f0f) << 4);
  v = ((v >>> 8) & 0x00ff_00ff) | ((v & 0x00ff_00ff) << 8);
  return (v >>> 16) | (v << 16);
}

/**
 * An entry picked at random, each with the same probability (but for chains of more than 30).
 * Cost: some three draws.
 * @returns 0 when the table is empty
 */
export function tableRandom(arena: Arena, table: Unit, random: Random): Unit {
  const { words } = arena;
  const at = table << 1;
  if (words[at + COUNT_WORD] === 0) return 0;
  const buckets = words[at + BUCKETS_WORD];
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    let word = bucketWord(words, table, random.below(buckets));
    let nth = random.below(EVEN_CHAIN);
    while (nth >= BUCKET_SLOTS && (words[word] & UNIT_MASK) !== 0) {
      word = (words[word] & UNIT_MASK) << 1;
      nth -= BUCKET_SLOTS;
    }
    if (nth < words[word] >>> UNIT_BITS) return words[word + 1 + nth] & UNIT_MASK;
  }
  for (let bucket = random.below(buckets);; bucket = (bucket + 1) % buckets) {
    const word = bucketWord(words, table, bucket);
    if (words[word] >>> UNIT_BITS > 0) return words[word + 1] & UNIT_MASK;
  }
}

/**
 * Frees about `budget` entries, the last bucket's first; in between the table is a valid, smaller one.
 * @param free frees an entry with all that belongs to it, and takes what the owner added to the
 * memory for it off again by `addOwnedBytes`; entry and key are taken off here
 * @returns whether nothing is left; then only the header's memory is still there
 */
export function tableFree(
  arena: Arena,
  table: Unit,
  budget: number,
  free: (arena: Arena, entry: Unit, table: Unit) => void,
): boolean {
  const { words } = arena;
  const at = table << 1;
  for (let last = words[at + BUCKETS_WORD] - 1; last >= 0; last--) {
    if (budget <= 0) return false;
    const first = bucketWord(words, table, last);
    for (let word = first; word !== 0;) {
      const meta = words[word];
      const used = meta >>> UNIT_BITS;
      loadEntries(words, words, word + 1, word + 1 + used);
      for (let i = 1; i <= used; i++) {
        const entry = words[word + i] & UNIT_MASK;
        words[at + OWNED_WORD] -= entryBytes(arena, entry);
        free(arena, entry, table);
      }
      words[at + COUNT_WORD] -= used;
      budget -= used + 1;
      if (word !== first) freeOverflow(arena, table, word >>> 1);
      word = (meta & UNIT_MASK) << 1;
    }
    words[at + BUCKETS_WORD] = last;
    releaseItem(arena, at + SEGMENTS_WORD, last, BUCKET_SHIFT);
  }
  return true;
}

function freeOverflow(arena: Arena, table: Unit, bucket: Unit): void {
  addOwnedBytes(arena.words, table, -arena.blockSize(bucket));
  arena.free(bucket);
}

/**
 * Copies a table to a header in another arena, or the same.
 * @param copy makes a copy of an entry with all that belongs to it; 0 when there is no memory
 * @param free frees what `copy` made; see `tableFree`
 * @returns false when there is no memory; then nothing is left of the copy
 */
export function tableCopy(
  source: Arena,
  table: Unit,
  target: Arena,
  copyTable: Unit,
  copy: (source: Arena, entry: Unit, target: Arena, copyTable: Unit) => Unit,
  free: (arena: Arena, entry: Unit, table: Unit) => void,
): boolean {
  const { words } = source;
  const at = table << 1;
  if (!initTable(target, copyTable, words[at + K0_WORD], words[at + K1_WORD])) return false;
  const isCut = tableSome(source, table, (entry) => {
    const made = copy(source, entry, target, copyTable);
    if (made === 0) return true;
    if (tableInsert(target, copyTable, entryHash(source, table, entry), made)) return false;
    free(target, made, copyTable);
    return true;
  });
  if (isCut) tableFree(target, copyTable, Infinity, free);
  return !isCut;
}

/**
 * Walks everything and names every block to `owner`, but not the header.
 * @param checkOwned checks and names what else belongs to an entry; returns its bytes
 * @throws Error that names the first broken invariant
 */
export function tableCheck(
  arena: Arena,
  table: Unit,
  owner: BlockOwner,
  checkOwned: (arena: Arena, entry: Unit, owner: BlockOwner) => number = () => 0,
): void {
  const { words } = arena;
  const at = table << 1;
  const buckets = words[at + BUCKETS_WORD];
  checkSegments(arena, at + SEGMENTS_WORD, buckets, BUCKET_SHIFT, owner);
  let count = 0;
  let bytes = segmentsBytes(words, at + SEGMENTS_WORD);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const first = bucketWord(words, table, bucket);
    for (let word = first; word !== 0;) {
      const meta = words[word];
      const used = meta >>> UNIT_BITS;
      const overflow = meta & UNIT_MASK;
      if (used > BUCKET_SLOTS || (overflow !== 0 && used !== BUCKET_SLOTS)) {
        throw new Error(`bucket ${bucket} has ${used} slots before an overflow bucket`);
      }
      if (word !== first) {
        if (used === 0) throw new Error(`bucket ${bucket} has an empty overflow bucket`);
        owner.ownsBlock(word >>> 1);
        if (arena.sizeClassAt(word >>> 1) !== BUCKET_CLASS) throw new Error("no overflow bucket");
        bytes += arena.blockSize(word >>> 1);
      }
      for (let i = 1; i <= used; i++) {
        const entry = words[word + i] & UNIT_MASK;
        checkSlot(arena, table, bucket, words[word + i], owner);
        bytes += entryBytes(arena, entry) + checkOwned(arena, entry, owner);
      }
      count += used;
      word = overflow << 1;
    }
  }
  if (count !== words[at + COUNT_WORD]) {
    throw new Error(`${count} entries, counted ${words[at + COUNT_WORD]}`);
  }
  if (bytes !== tableSizeBytes(words, table)) {
    throw new Error(`a table of ${bytes} bytes, counted ${tableSizeBytes(words, table)}`);
  }
}

function checkSlot(
  arena: Arena,
  table: Unit,
  bucket: number,
  slot: number,
  owner: BlockOwner,
): void {
  const { words } = arena;
  const entry = slot & UNIT_MASK;
  checkEntry(arena, entry, owner);
  const hash = entryHash(arena, table, entry);
  if (bucketOf(hash, words[(table << 1) + BUCKETS_WORD]) !== bucket) {
    throw new Error(`entry ${entry} is in bucket ${bucket}, where it does not belong`);
  }
  if ((slot ^ hash) >>> UNIT_BITS !== 0) throw new Error(`entry ${entry} has a wrong tag`);
  const length = keyLengthOf(arena, entry);
  if (keyBlobOf(words, entry) !== 0 && keyStretch(arena, entry) < length) return;
  if (tableFind(arena, table, hash, arena, keyOffsetOf(arena, entry), length) !== entry) {
    throw new Error(`the key of entry ${entry} is there twice`);
  }
}
