/**
 * Chunks: the memory of a long string of bytes, whole pages and a block for what is left over.
 *
 *   OFFSET  SIZE  FIELD (of the table, wherever the owner keeps it)
 *        0     4  length      bytes of the string
 *        4     4  tail        block of the last length % 65,536 bytes, in 8-byte units; 0 = none
 *        8   4 n  pages       n = floor(length / 65,536) page numbers
 *
 *   table ─▶ [ length | tail | page 0 | page 1 ]
 *                         │       │        └──▶ bytes 65,536 .. 131,071
 *                         │       └──▶ bytes 0 .. 65,535
 *                         └──▶ the rest
 *
 * Cost: growing at the end copies at most the tail, however long the string is.
 */
import { copyExact } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { PAGE_BYTES, pinnedClassOf } from "../memory/size_classes.ts";
import type { BlockOwner } from "./structure.ts";

const PAGE_SHIFT = 16;
const LENGTH_WORD = 0;
const TAIL_WORD = 1;
/** Words of a table before its pages. */
export const TABLE_WORDS = 2;

/** Chunks of a string while it is made or changed. */
export interface Chunks {
  length: number;
  tail: number;
  pages: number[];
}

/** Those of a string that has none. */
export const NO_CHUNKS: Chunks = { length: 0, tail: 0, pages: [] };

/** Bytes of the table of these chunks. */
export function tableBytes(chunks: Chunks): number {
  return (TABLE_WORDS + chunks.pages.length) * 4;
}

/** @param table index of the table's first word */
export function readTableAt(words: Int32Array, table: number): Chunks {
  const length = words[table + LENGTH_WORD];
  const first = table + TABLE_WORDS;
  const pages = Array.from(words.subarray(first, first + (length >>> PAGE_SHIFT)));
  return { length, tail: words[table + TAIL_WORD], pages };
}

/** @param table index of the table's first word */
export function writeTableAt(words: Int32Array, table: number, chunks: Chunks): void {
  words[table + LENGTH_WORD] = chunks.length;
  words[table + TAIL_WORD] = chunks.tail;
  words.set(chunks.pages, table + TABLE_WORDS);
}

/** Length of the string of a table. @param table index of the table's first word */
export function tableLengthAt(words: Int32Array, table: number): number {
  return words[table + LENGTH_WORD];
}

/**
 * Chunks for a string of `length` bytes: those of `old`, with more where it grows. `old` stays as
 * it is until `takeOver`; what was allocated for nothing goes by `giveBack`.
 * @returns undefined when there is no memory
 */
export function growChunks(arena: Arena, old: Chunks, length: number): Chunks | undefined {
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

/** Copies chunks into another arena, or the same. @returns undefined when there is no memory */
export function copyChunksTo(source: Arena, from: Chunks, target: Arena): Chunks | undefined {
  const to = growChunks(target, NO_CHUNKS, from.length);
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

/** Memory of these chunks, in bytes; without their table. */
export function chunkBytes(arena: Arena, chunks: Chunks): number {
  return chunks.pages.length * PAGE_BYTES + (chunks.tail === 0 ? 0 : arena.blockSize(chunks.tail));
}

/**
 * Calls `visit` with each stretch of memory that a range of the string lies in, in order.
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

/** Names every chunk to `owner`. @throws Error that names a broken invariant */
export function checkChunks(arena: Arena, chunks: Chunks, owner: BlockOwner): void {
  const { length, pages, tail } = chunks;
  const tailBytes = length & (PAGE_BYTES - 1);
  for (const page of pages) owner.ownsPage(page);
  if ((tail !== 0) !== (tailBytes !== 0)) throw new Error("a tail that should not be");
  if (tail === 0) return;
  owner.ownsBlock(tail);
  if (arena.blockSize(tail) < tailBytes) throw new Error("a tail that is too short");
}
