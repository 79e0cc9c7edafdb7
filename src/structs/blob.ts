/**
 * Blob: a string of bytes of any length up to 512 MiB, named by one unit of the arena it lies in.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  length    in bytes
 *        4     4  note      a word for the owner, for instance a hash
 *   up to SHORT_BLOB_BYTES:
 *        8        the bytes
 *   longer (structs/chunks.ts):
 *        8     4  length    once more: here begins the table of chunks
 *       12     4  tail      block of the last bytes, in 8-byte units; 0 = none
 *       16   4 n  pages     numbers of the pages that hold the rest
 *
 * All blocks are pinned. Read it stretch by stretch, as the bytes of a long one are not in one piece:
 *
 *     for (let at = 0; at < length;) {
 *       const bytes = blobStretch(arena, blob, at);
 *       use(arena, blobOffset(arena, blob, at), bytes);
 *       at += bytes;
 *     }
 *
 * Example: "crab" takes 12 bytes, a block of 16:  04 00 00 00 | note....... | 63 72 61 62
 * Cost: reading allocates nothing; making a long one, a few arrays as long as its table.
 */
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import { copyExact, copyPadded, type Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { PAGE_BYTES, pinnedClassOf } from "../memory/size_classes.ts";
import {
  checkChunks,
  chunkBytes,
  copyChunksTo,
  giveBack,
  growChunks,
  NO_CHUNKS,
  readTableAt,
  TABLE_WORDS,
  tableBytes,
  writeTableAt,
} from "./chunks.ts";
import type { BlockOwner, Unit } from "./structure.ts";

const HEADER_BYTES = 8;
const NOTE_WORD = 1;
const TABLE_WORD = 2;
const TAIL_WORD = TABLE_WORD + 1;
const PAGES_WORD = TABLE_WORD + TABLE_WORDS;
const PAGE_SHIFT = 16;
/** Longest blob in one block. */
export const SHORT_BLOB_BYTES: number = PAGE_BYTES - HEADER_BYTES;
/** Longest blob. */
export const MAX_BLOB_BYTES: number = 512 * 1024 * 1024;

/**
 * Makes a blob whose bytes the caller writes, by `blobOffset` and `blobStretch`.
 * @param length 0 to MAX_BLOB_BYTES
 * @returns 0 when there is no memory, or the length is too large
 */
export function blobAllocate(arena: Arena, length: number, note = 0): Unit {
  if (length > SHORT_BLOB_BYTES) return allocateLong(arena, length, note);
  const blob = arena.allocate(pinnedClassOf(HEADER_BYTES + length));
  if (blob === 0) return 0;
  const word = blob << 1;
  arena.words[word] = length;
  arena.words[word + NOTE_WORD] = note;
  return blob;
}

function allocateLong(arena: Arena, length: number, note: number): Unit {
  if (length > MAX_BLOB_BYTES) return 0;
  const chunks = growChunks(arena, NO_CHUNKS, length);
  if (chunks === undefined) return 0;
  const blob = arena.allocate(pinnedClassOf(HEADER_BYTES + tableBytes(chunks)));
  if (blob === 0) {
    giveBack(arena, NO_CHUNKS, chunks);
    return 0;
  }
  const word = blob << 1;
  arena.words[word] = length;
  arena.words[word + NOTE_WORD] = note;
  writeTableAt(arena.words, word + TABLE_WORD, chunks);
  return blob;
}

/**
 * Makes a blob of these bytes.
 * @param source up to 3 bytes behind the end may be read
 * @returns 0 when there is no memory, or the length is too large
 */
export function blobCreate(
  arena: Arena,
  source: Memory,
  offset: number,
  length: number,
  note = 0,
): Unit {
  const blob = blobAllocate(arena, length, note);
  if (blob === 0) return 0;
  if (length <= SHORT_BLOB_BYTES) {
    copyPadded(source, offset, arena, (blob << 3) + HEADER_BYTES, length);
    return blob;
  }
  for (let at = 0; at < length;) {
    const bytes = blobStretch(arena, blob, at);
    copyExact(source, offset + at, arena, blobOffset(arena, blob, at), bytes);
    at += bytes;
  }
  return blob;
}

export function blobFree(arena: Arena, blob: Unit): void {
  if (arena.words[blob << 1] > SHORT_BLOB_BYTES) {
    giveBack(arena, NO_CHUNKS, readTableAt(arena.words, (blob << 1) + TABLE_WORD));
  }
  arena.free(blob);
}

/** Length in bytes. */
export function blobLength(arena: Arena, blob: Unit): number {
  return arena.words[blob << 1];
}

/** The owner's word. */
export function blobNote(arena: Arena, blob: Unit): number {
  return arena.words[(blob << 1) + NOTE_WORD];
}

/** Offset in the arena of the byte at `at`, which is less than the length. */
export function blobOffset(arena: Arena, blob: Unit, at: number): number {
  const { words } = arena;
  const word = blob << 1;
  const length = words[word];
  if (length <= SHORT_BLOB_BYTES) return (blob << 3) + HEADER_BYTES + at;
  const page = at >>> PAGE_SHIFT;
  const base = page < length >>> PAGE_SHIFT
    ? words[word + PAGES_WORD + page] << PAGE_SHIFT
    : words[word + TAIL_WORD] << 3;
  return base + (at & (PAGE_BYTES - 1));
}

/** How many bytes from `at` on are in one piece. */
export function blobStretch(arena: Arena, blob: Unit, at: number): number {
  const length = arena.words[blob << 1];
  const rest = length - at;
  if (length <= SHORT_BLOB_BYTES) return rest;
  const toPageEnd = PAGE_BYTES - (at & (PAGE_BYTES - 1));
  return rest < toPageEnd ? rest : toPageEnd;
}

/**
 * Calls `visit` with each stretch of memory that a range of the blob lies in, in order.
 * @param visit gets the offset in the arena and the length, both in bytes
 */
export function forEachBlobStretch(
  arena: Arena,
  blob: Unit,
  start: number,
  length: number,
  visit: (offset: number, length: number) => void,
): void {
  for (let at = start; at < start + length;) {
    const bytes = Math.min(blobStretch(arena, blob, at), start + length - at);
    visit(blobOffset(arena, blob, at), bytes);
    at += bytes;
  }
}

/** Whether the blob is these bytes. */
export function blobEquals(
  arena: Arena,
  blob: Unit,
  other: Memory,
  offset: number,
  length: number,
): boolean {
  if (arena.words[blob << 1] !== length) return false;
  for (let at = 0; at < length;) {
    const bytes = blobStretch(arena, blob, at);
    if (!equalBytes(arena, blobOffset(arena, blob, at), other, offset + at, bytes)) return false;
    at += bytes;
  }
  return true;
}

/**
 * Orders the blob and some bytes as memcmp does; what is a beginning of the other comes first.
 * @returns below 0 when the blob is less, 0 when they are equal, else above 0
 */
export function blobCompare(
  arena: Arena,
  blob: Unit,
  other: Memory,
  offset: number,
  length: number,
): number {
  const blobBytes = arena.words[blob << 1];
  const common = Math.min(blobBytes, length);
  for (let at = 0; at < common;) {
    const bytes = Math.min(blobStretch(arena, blob, at), common - at);
    const order = compareBytes(arena, blobOffset(arena, blob, at), other, offset + at, bytes);
    if (order !== 0) return order;
    at += bytes;
  }
  return blobBytes - length;
}

/** As `blobCompare`, for two blobs. */
export function blobCompareBlob(
  arena: Arena,
  blob: Unit,
  otherArena: Arena,
  other: Unit,
): number {
  const length = arena.words[blob << 1], otherLength = otherArena.words[other << 1];
  const common = Math.min(length, otherLength);
  for (let at = 0; at < common;) {
    const bytes = Math.min(
      blobStretch(arena, blob, at),
      blobStretch(otherArena, other, at),
      common - at,
    );
    const offset = blobOffset(otherArena, other, at);
    const order = compareBytes(arena, blobOffset(arena, blob, at), otherArena, offset, bytes);
    if (order !== 0) return order;
    at += bytes;
  }
  return length - otherLength;
}

/** Copies the bytes to where they lie in one piece; nothing beyond is written. */
export function blobRead(arena: Arena, blob: Unit, target: Memory, offset: number): void {
  const length = arena.words[blob << 1];
  for (let at = 0; at < length;) {
    const bytes = blobStretch(arena, blob, at);
    copyExact(arena, blobOffset(arena, blob, at), target, offset + at, bytes);
    at += bytes;
  }
}

/** Copies a blob to another arena, or the same. @returns 0 when there is no memory */
export function blobCopy(source: Arena, blob: Unit, target: Arena): Unit {
  const word = blob << 1;
  const length = source.words[word], note = source.words[word + NOTE_WORD];
  if (length <= SHORT_BLOB_BYTES) {
    const copy = blobAllocate(target, length, note);
    if (copy === 0) return 0;
    copyPadded(source, (blob << 3) + HEADER_BYTES, target, (copy << 3) + HEADER_BYTES, length);
    return copy;
  }
  const chunks = copyChunksTo(source, readTableAt(source.words, word + TABLE_WORD), target);
  if (chunks === undefined) return 0;
  const copy = target.allocate(pinnedClassOf(HEADER_BYTES + tableBytes(chunks)));
  if (copy === 0) {
    giveBack(target, NO_CHUNKS, chunks);
    return 0;
  }
  target.words[copy << 1] = length;
  target.words[(copy << 1) + NOTE_WORD] = note;
  writeTableAt(target.words, (copy << 1) + TABLE_WORD, chunks);
  return copy;
}

/** Memory of the blob in bytes. */
export function blobBytes(arena: Arena, blob: Unit): number {
  const word = blob << 1;
  const own = arena.blockSize(blob);
  if (arena.words[word] <= SHORT_BLOB_BYTES) return own;
  return own + chunkBytes(arena, readTableAt(arena.words, word + TABLE_WORD));
}

/** Names every block of the blob to `owner`. @throws Error that names a broken invariant */
export function blobCheck(arena: Arena, blob: Unit, owner: BlockOwner): void {
  owner.ownsBlock(blob);
  const word = blob << 1;
  const length = arena.words[word];
  if (length < 0 || length > MAX_BLOB_BYTES) throw new Error(`a blob of ${length} bytes`);
  if (length <= SHORT_BLOB_BYTES) {
    if (arena.blockSize(blob) < HEADER_BYTES + length) throw new Error("a blob in a short block");
    return;
  }
  const chunks = readTableAt(arena.words, word + TABLE_WORD);
  if (chunks.length !== length) throw new Error("a blob whose chunks have another length");
  checkChunks(arena, chunks, owner);
}
