/**
 * A string too long for its record, in chunks; the record's value part is their table.
 *
 *   record ─▶ [ length | tail | page 0 | page 1 ]     layout: structs/chunks.ts
 */
import type { Arena } from "../memory/arena.ts";
import { type LocalRef, MAX_INLINE_BYTES, valueOffsetOf } from "../memory/record.ts";
import { PAGE_BYTES } from "../memory/size_classes.ts";
import {
  chunkBytes,
  type Chunks,
  copyChunksTo,
  giveBack,
  growChunks,
  NO_CHUNKS,
  readTableAt,
  TABLE_WORDS,
  tableLengthAt,
  writeTableAt,
} from "../structs/chunks.ts";

export {
  type Chunks,
  forEachChunk,
  giveBack,
  NO_CHUNKS,
  tableBytes,
  takeOver,
} from "../structs/chunks.ts";

const PAGE_SHIFT = 16;
/** Words of the table. */
const LENGTH_WORD = 0;
const TAIL_WORD = 1;

/** Longest value: its table is the longest value part that a record may have. */
export const MAX_PAGED_BYTES: number = (MAX_INLINE_BYTES / 4 - TABLE_WORDS) * PAGE_BYTES;

export function readTable(arena: Arena, ref: LocalRef): Chunks {
  return readTableAt(arena.words, valueOffsetOf(arena.words, ref) >> 2);
}

export function writeTable(arena: Arena, ref: LocalRef, chunks: Chunks): void {
  writeTableAt(arena.words, valueOffsetOf(arena.words, ref) >> 2, chunks);
}

export function pagedLength(arena: Arena, ref: LocalRef): number {
  return tableLengthAt(arena.words, valueOffsetOf(arena.words, ref) >> 2);
}

/** Offset in the arena of the value's byte at `at`; those up to the page's end lie behind it. */
export function pagedOffset(arena: Arena, ref: LocalRef, at: number): number {
  const words = arena.words;
  const table = valueOffsetOf(words, ref) >> 2;
  const page = at >>> PAGE_SHIFT;
  const base = page < words[table + LENGTH_WORD] >>> PAGE_SHIFT
    ? words[table + TABLE_WORDS + page] << PAGE_SHIFT
    : words[table + TAIL_WORD] << 3;
  return base + (at & (PAGE_BYTES - 1));
}

/**
 * Chunks for a value of `length` bytes: those of `old`, with more where it grows; see `growChunks`.
 * @returns undefined when there is no memory, or the value would be longer than MAX_PAGED_BYTES
 */
export function grow(arena: Arena, old: Chunks, length: number): Chunks | undefined {
  return length > MAX_PAGED_BYTES ? undefined : growChunks(arena, old, length);
}

/**
 * Copies the chunks of a record's value into another arena, or the same.
 * @returns undefined when there is no memory
 */
export function copyChunks(source: Arena, ref: LocalRef, target: Arena): Chunks | undefined {
  return copyChunksTo(source, readTable(source, ref), target);
}

/** Frees the chunks of a record's value. */
export function freePages(arena: Arena, ref: LocalRef): void {
  giveBack(arena, NO_CHUNKS, readTable(arena, ref));
}

/** Memory of the chunks of a record's value, in bytes. */
export function pagedBytes(arena: Arena, ref: LocalRef): number {
  return chunkBytes(arena, readTable(arena, ref));
}
