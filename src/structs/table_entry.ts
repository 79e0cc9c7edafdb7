/**
 * Entries of a byte table: blocks that begin with a header which says where the key is.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  header   bits 0-15: length of an inline key   bit 16: the key is a blob
 *                          bits 17-21: offset of the key in words   bits 22-31: the owner's
 *        …        key      its bytes, padded to a multiple of 4; or the unit of a blob whose note is
 *                          the key's hash in that table
 *
 * Everything else in the block is the owner's: a hash puts a value there, a sorted set the score and
 * the links of its skip list. The block is pinned.
 *
 * Example: a set's member "crab" takes 8 bytes:   04 00 02 00 | 63 72 61 62
 */
import { copyPadded, type Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import {
  blobBytes,
  blobCheck,
  blobCopy,
  blobCreate,
  blobEquals,
  blobFree,
  blobLength,
  blobNote,
  blobOffset,
  blobStretch,
} from "./blob.ts";
import type { BlockOwner, Unit } from "./structure.ts";

export const KEY_LENGTH_MASK = 0xffff;
/** Header flag: the key is a blob. */
export const KEY_IS_BLOB: number = 1 << 16;
/** A header has the key's offset in words shifted left by this; at most 31. */
export const KEY_WORD_SHIFT = 17;
const KEY_WORD_MASK = 31;
/** First of the header's bits that are the owner's. */
export const OWNER_SHIFT = 22;
/** Longer keys are blobs. */
export const INLINE_KEY_BYTES = 4_000;

/** Bytes that a key takes in its entry; a multiple of 4. */
export function keyRoom(length: number): number {
  return length > INLINE_KEY_BYTES ? 4 : (length + 3) & ~3;
}

/** Header of an entry for a key, without the owner's bits. @param keyWord 1 to 31 */
export function entryHeader(length: number, keyWord: number): number {
  const key = length > INLINE_KEY_BYTES ? KEY_IS_BLOB : length;
  return key | (keyWord << KEY_WORD_SHIFT);
}

/**
 * Makes an entry that holds a key; the rest of it is the caller's to fill.
 * @param size bytes of the entry, `keyRoom` included
 * @param hash of the key in the table that the entry is for
 * @param header what `entryHeader` gave, with the owner's bits
 * @returns 0 when there is no memory
 */
export function createEntry(
  arena: Arena,
  size: number,
  header: number,
  hash: number,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  let blob = 0;
  if ((header & KEY_IS_BLOB) !== 0) {
    blob = blobCreate(arena, source, offset, length, hash);
    if (blob === 0) return 0;
  }
  const entry = arena.allocate(pinnedClassOf(size));
  if (entry === 0) {
    if (blob !== 0) blobFree(arena, blob);
    return 0;
  }
  const { words } = arena;
  const word = entry << 1;
  words[word] = header;
  const keyWord = word + ((header >>> KEY_WORD_SHIFT) & KEY_WORD_MASK);
  if (blob !== 0) words[keyWord] = blob;
  else copyPadded(source, offset, arena, keyWord << 2, length);
  return entry;
}

/** Index in `arena.words` of an entry's key, or of the unit of its blob. */
export function keyWordOf(words: Int32Array, entry: Unit): number {
  const word = entry << 1;
  return word + ((words[word] >>> KEY_WORD_SHIFT) & KEY_WORD_MASK);
}

/** The blob that holds the key; 0 when the key is inline. */
export function keyBlobOf(words: Int32Array, entry: Unit): Unit {
  return (words[entry << 1] & KEY_IS_BLOB) === 0 ? 0 : words[keyWordOf(words, entry)];
}

/** Bytes of the key. */
export function keyLengthOf(arena: Arena, entry: Unit): number {
  const { words } = arena;
  const header = words[entry << 1];
  if ((header & KEY_IS_BLOB) === 0) return header & KEY_LENGTH_MASK;
  return blobLength(arena, words[keyWordOf(words, entry)]);
}

/**
 * Offset in the arena of the key's byte at `at`. The key is in one piece up to
 * `keyStretch` bytes.
 */
export function keyOffsetOf(arena: Arena, entry: Unit, at = 0): number {
  const { words } = arena;
  const keyWord = keyWordOf(words, entry);
  if ((words[entry << 1] & KEY_IS_BLOB) === 0) return (keyWord << 2) + at;
  return blobOffset(arena, words[keyWord], at);
}

/** How many bytes of the key from `at` on are in one piece. */
export function keyStretch(arena: Arena, entry: Unit, at = 0): number {
  const { words } = arena;
  const header = words[entry << 1];
  if ((header & KEY_IS_BLOB) === 0) return (header & KEY_LENGTH_MASK) - at;
  return blobStretch(arena, words[keyWordOf(words, entry)], at);
}

/** Whether the entry's key is these bytes, which hash to `hash`; up to 3 more may be read. */
export function isKeyOf(
  arena: Arena,
  entry: Unit,
  hash: number,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  offset |= 0; // as in copy.ts
  length |= 0;
  const { words } = arena;
  const header = words[entry << 1];
  let at = (entry << 1) + ((header >>> KEY_WORD_SHIFT) & KEY_WORD_MASK);
  if ((header & KEY_IS_BLOB) !== 0) {
    const blob = words[at];
    return blobNote(arena, blob) === hash && blobEquals(arena, blob, source, offset, length);
  }
  if ((header & KEY_LENGTH_MASK) !== length) return false;
  const { view } = source;
  const wordsEnd = offset + (length & ~3);
  let o = offset;
  for (; o < wordsEnd; o += 4, at++) if (words[at] !== view.getInt32(o, true)) return false;
  const rest = length & 3;
  if (rest === 0) return true;
  return ((words[at] ^ view.getInt32(o, true)) << (32 - rest * 8)) === 0;
}

/** Frees an entry and its key; what else belongs to it is the caller's. */
export function freeEntry(arena: Arena, entry: Unit): void {
  const blob = keyBlobOf(arena.words, entry);
  if (blob !== 0) blobFree(arena, blob);
  arena.free(entry);
}

/** Copies an entry's block and key. @returns 0 when there is no memory */
export function copyEntry(source: Arena, entry: Unit, target: Arena): Unit {
  let blob = keyBlobOf(source.words, entry);
  if (blob !== 0) {
    blob = blobCopy(source, blob, target);
    if (blob === 0) return 0;
  }
  const size = source.blockSize(entry);
  const copy = target.allocate(pinnedClassOf(size));
  if (copy === 0) {
    if (blob !== 0) blobFree(target, blob);
    return 0;
  }
  copyPadded(source, entry << 3, target, copy << 3, size);
  if (blob !== 0) target.words[keyWordOf(target.words, copy)] = blob;
  return copy;
}

/** Memory of an entry and its key in bytes. */
export function entryBytes(arena: Arena, entry: Unit): number {
  const blob = keyBlobOf(arena.words, entry);
  return arena.blockSize(entry) + (blob === 0 ? 0 : blobBytes(arena, blob));
}

/** Names the blocks of an entry and its key to `owner`. */
export function checkEntry(arena: Arena, entry: Unit, owner: BlockOwner): void {
  owner.ownsBlock(entry);
  const blob = keyBlobOf(arena.words, entry);
  if (blob !== 0) blobCheck(arena, blob, owner);
  else {
    const end = (keyWordOf(arena.words, entry) << 2) + keyLengthOf(arena, entry);
    if (end > (entry << 3) + arena.blockSize(entry)) throw new Error(`entry ${entry} is cut off`);
  }
}
