/**
 * A value too long for its record: whole pages, and a block for what is left over.
 *
 *   OFFSET  SIZE  FIELD (the record's value part)
 *        0     4  length      bytes of the value
 *        4     4  tail        block of the last length % 65,536 bytes, in 8-byte units; 0 = none
 *        8   4 n  pages       n = floor(length / 65,536) page numbers
 *
 *   record ─▶ [ length | tail | page 0 | page 1 ]
 *                          │       │        └──▶ bytes 65,536 .. 131,071
 *                          │       └──▶ bytes 0 .. 65,535
 *                          └──▶ the rest
 *
 * Cost: growing at the end copies at most the tail, however long the value is.
 */
import { copyExact } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { type LocalRef, MAX_INLINE_BYTES, valueOffsetOf } from "../memory/record.ts";
import { PAGE_BYTES, pinnedClassOf } from "../memory/size_classes.ts";

const PAGE_SHIFT = 16;
const LENGTH_WORD = 0;
const TAIL_WORD = 1;
const PAGES_WORD = 2;

/** Chunks of a value while it is made or changed. */
export interface Chunks {
  length: number;
  tail: number;
  pages: number[];
}

/** Those of a value that has none. */
export const NO_CHUNKS: Chunks = { length: 0, tail: 0, pages: [] };

/** Longest value: its table is the longest value part that a record may have. */
export const MAX_PAGED_BYTES: number = (MAX_INLINE_BYTES / 4 - PAGES_WORD) * PAGE_BYTES;

/** Bytes of the value part that holds the table of these chunks. */
export function tableBytes(chunks: Chunks): number {
  return (PAGES_WORD + chunks.pages.length) * 4;
}

export function readTable(arena: Arena, ref: LocalRef): Chunks {
  const words = arena.words;
  const table = valueOffsetOf(words, ref) >> 2;
  const length = words[table + LENGTH_WORD];
  const first = table + PAGES_WORD;
  const pages = Array.from(words.subarray(first, first + (length >>> PAGE_SHIFT)));
  return { length, tail: words[table + TAIL_WORD], pages };
}

export function writeTable(arena: Arena, ref: LocalRef, chunks: Chunks): void {
  const words = arena.words;
  const table = valueOffsetOf(words, ref) >> 2;
  words[table + LENGTH_WORD] = chunks.length;
  words[table + TAIL_WORD] = chunks.tail;
  words.set(chunks.pages, table + PAGES_WORD);
}

export function pagedLength(arena: Arena, ref: LocalRef): number {
  return arena.words[(valueOffsetOf(arena.words, ref) >> 2) + LENGTH_WORD];
}

/**
 * Chunks for a value of `length` bytes: those of `old`, with more where it grows. `old` stays as it
 * is until `takeOver`; what was allocated for nothing goes by `giveBack`.
 * @returns undefined when there is no memory, or the value would be longer than MAX_PAGED_BYTES
 */
export function grow(arena: Arena, old: Chunks, length: number): Chunks | undefined {
  if (length > MAX_PAGED_BYTES) return undefined;
  const grown: Chunks = { length, tail: 0, pages: old.pages.slice() };
  const { pages } = grown;
  const wanted = length >>> PAGE_SHIFT;
  while (pages.length < wanted) {
    const page = arena.allocatePage();
    if (page === 0) {
      giveBack(arena, old, grown);
      return undefined;
    }
    pages.push(page);
  }
  const tailBytes = length & (PAGE_BYTES - 1);
  const hasSamePages = wanted === old.pages.length;
  if (hasSamePages && old.tail !== 0 && arena.blockSize(old.tail) >= tailBytes) {
    grown.tail = old.tail;
  } else if (tailBytes > 0) {
    grown.tail = arena.allocate(pinnedClassOf(tailBytes));
    if (grown.tail === 0) {
      giveBack(arena, old, grown);
      return undefined;
    }
  }
  return grown;
}

/**
 * Brings the bytes of `old` into what it has grown to, and frees what is left of it. Bytes beyond
 * its end are undefined. The table must be written next.
 */
export function takeOver(arena: Arena, old: Chunks, grown: Chunks): void {
  if (old.tail === 0 || old.tail === grown.tail) return;
  const oldTailBytes = old.length & (PAGE_BYTES - 1);
  const target = grown.pages.length === old.pages.length
    ? grown.tail << 3
    : grown.pages[old.pages.length] << PAGE_SHIFT;
  arena.bytes.copyWithin(target, old.tail << 3, (old.tail << 3) + oldTailBytes);
  arena.free(old.tail);
}

/** Frees what `grown` has more than `old`. */
export function giveBack(arena: Arena, old: Chunks, grown: Chunks): void {
  for (let i = old.pages.length; i < grown.pages.length; i++) arena.freePageWhole(grown.pages[i]);
  if (grown.tail !== 0 && grown.tail !== old.tail) arena.free(grown.tail);
}

/**
 * Copies the chunks of a record's value into another arena, or the same.
 * @returns undefined when there is no memory
 */
export function copyChunks(source: Arena, ref: LocalRef, target: Arena): Chunks | undefined {
  const from = readTable(source, ref);
  const to = grow(target, NO_CHUNKS, from.length);
  if (to === undefined) return undefined;
  let at = 0;
  forEachChunk(from, 0, from.length, (offset, bytes) => {
    forEachChunk(to, at, bytes, (targetOffset, part) => {
      copyExact(source, offset, target, targetOffset, part);
    });
    at += bytes;
  });
  return to;
}

/** Frees the chunks of a record's value. */
export function freePages(arena: Arena, ref: LocalRef): void {
  giveBack(arena, NO_CHUNKS, readTable(arena, ref));
}

/** Memory of the chunks of a record's value, in bytes. */
export function pagedBytes(arena: Arena, ref: LocalRef): number {
  const chunks = readTable(arena, ref);
  return chunks.pages.length * PAGE_BYTES + (chunks.tail === 0 ? 0 : arena.blockSize(chunks.tail));
}

/**
 * Calls `visit` with each stretch of memory that a range of the value lies in, in order.
 * @param visit gets the offset in the arena and the length, both in bytes
 */
export function forEachChunk(
  chunks: Chunks,
  start: number,
  length: number,
  visit: (offset: number, length: number) => void,
): void {
  const end = start + length;
  for (let at = start; at < end;) {
    const page = at >>> PAGE_SHIFT;
    const within = at & (PAGE_BYTES - 1);
    const base = page < chunks.pages.length ? chunks.pages[page] << PAGE_SHIFT : chunks.tail << 3;
    const bytes = Math.min(PAGE_BYTES - within, end - at);
    visit(base + within, bytes);
    at += bytes;
  }
}
