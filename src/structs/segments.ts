/**
 * Segments: an array that grows and shrinks at its end without ever being copied as a whole.
 *
 *   OFFSET  SIZE  FIELD (of the header, wherever the owner keeps it)
 *        0     4  first      unit of segment 0; 0 = the array is empty
 *        4     4  directory  unit of the table of all segments; 0 = there is only the first
 *        8     4  bytes      memory of the segments and the directory
 *
 *   first ─▶ [ item 0 .. ]                        grows by a quarter until it is a full segment
 *   directory ─▶ [ 0 | 1 | 2 ] ─▶ [ items of segment 2 ]       each 16 KiB
 *
 * Cost: an item is found by one or two loads; a step copies 64 KiB at the most.
 */
import type { Arena } from "../memory/arena.ts";
import { PAGE_BYTES, pinnedClassOf } from "../memory/size_classes.ts";
import type { BlockOwner, Unit } from "./structure.ts";

const DIRECTORY_WORD = 1;
const BYTES_WORD = 2;
/** Words of a header. */
export const SEGMENTS_WORDS = 3;
const SEGMENT_BYTES = 16_384;
/** log2 of a segment's words. */
const SEGMENT_WORD_SHIFT = 12;
const SEGMENT_CLASS = pinnedClassOf(SEGMENT_BYTES);
const FIRST_DIRECTORY_BYTES = 64;
/** Most words of an array: its directory is a page. */
const MAX_WORDS = (PAGE_BYTES / 4) << SEGMENT_WORD_SHIFT;

/** Makes the header one of an array without items. @param at index of its first word */
export function initSegments(words: Int32Array, at: number): void {
  words[at] = 0;
  words[at + DIRECTORY_WORD] = 0;
  words[at + BYTES_WORD] = 0;
}

/** Memory of the segments and the directory in bytes. */
export function segmentsBytes(words: Int32Array, at: number): number {
  return words[at + BYTES_WORD];
}

/** Index in `words` of an item's first word. @param shift log2 of the words of an item */
export function itemWord(words: Int32Array, at: number, index: number, shift: number): number {
  const word = index << shift;
  const segment = word >>> SEGMENT_WORD_SHIFT;
  if (segment === 0) return (words[at] << 1) + word;
  const unit = words[(words[at + DIRECTORY_WORD] << 1) + segment];
  return (unit << 1) + (word & ((1 << SEGMENT_WORD_SHIFT) - 1));
}

/**
 * Makes sure that there is memory for one more item than `count`; it is undefined.
 * @returns false when there is none, or the array is at its limit; nothing was changed
 */
export function reserveItem(arena: Arena, at: number, count: number, shift: number): boolean {
  const word = count << shift;
  if (word < 1 << SEGMENT_WORD_SHIFT) return growFirst(arena, at, count, shift);
  if ((word & ((1 << SEGMENT_WORD_SHIFT) - 1)) !== 0) return true;
  const { words } = arena;
  const segment = word >>> SEGMENT_WORD_SHIFT;
  if (word >= MAX_WORDS || !reserveEntry(arena, at, segment)) return false;
  const unit = arena.allocate(SEGMENT_CLASS);
  if (unit === 0) return false;
  words[(words[at + DIRECTORY_WORD] << 1) + segment] = unit;
  words[at + BYTES_WORD] += SEGMENT_BYTES;
  return true;
}

function growFirst(arena: Arena, at: number, count: number, shift: number): boolean {
  const first = arena.words[at];
  const itemBytes = 4 << shift;
  const size = first === 0 ? 0 : arena.blockSize(first);
  if ((count + 1) * itemBytes <= size) return true;
  const wanted = Math.max((count + 1) * itemBytes, size + (size >>> 2));
  return replaceBlock(arena, at, at, Math.min(SEGMENT_BYTES, wanted), count * itemBytes);
}

/** Makes room in the directory for a segment's entry. */
function reserveEntry(arena: Arena, at: number, segment: number): boolean {
  const { words } = arena;
  const directory = words[at + DIRECTORY_WORD];
  const size = directory === 0 ? 0 : arena.blockSize(directory);
  if (segment * 4 < size) return true;
  const wanted = Math.max(FIRST_DIRECTORY_BYTES, 2 * size);
  if (!replaceBlock(arena, at, at + DIRECTORY_WORD, wanted, segment * 4)) return false;
  words[words[at + DIRECTORY_WORD] << 1] = words[at];
  return true;
}

/** Puts another block in the place of one that a word of the header names. */
function replaceBlock(
  arena: Arena,
  at: number,
  word: number,
  size: number,
  usedBytes: number,
): boolean {
  const { words, bytes } = arena;
  const old = words[word];
  const unit = arena.allocate(pinnedClassOf(size));
  if (unit === 0) return false;
  words[word] = unit;
  words[at + BYTES_WORD] += arena.blockSize(unit);
  if (old !== 0) {
    bytes.copyWithin(unit << 3, old << 3, (old << 3) + usedBytes);
    words[at + BYTES_WORD] -= arena.blockSize(old);
    arena.free(old);
  }
  return true;
}

/** Gives memory back when the last of `count` + 1 items is gone. */
export function releaseItem(arena: Arena, at: number, count: number, shift: number): void {
  const word = count << shift;
  if (word >= 1 << SEGMENT_WORD_SHIFT) {
    if ((word & ((1 << SEGMENT_WORD_SHIFT) - 1)) === 0) releaseSegment(arena, at, word);
    return;
  }
  const { words } = arena;
  const size = arena.blockSize(words[at]);
  if (count === 0) {
    words[at + BYTES_WORD] -= size;
    arena.free(words[at]);
    words[at] = 0;
  } else if (size > 64 && word * 4 <= size >>> 1) {
    replaceBlock(arena, at, at, word * 4 + (word & ~3), word * 4);
  }
}

function releaseSegment(arena: Arena, at: number, word: number): void {
  const { words } = arena;
  const directory = words[at + DIRECTORY_WORD];
  arena.free(words[(directory << 1) + (word >>> SEGMENT_WORD_SHIFT)]);
  words[at + BYTES_WORD] -= SEGMENT_BYTES;
  if (word >>> SEGMENT_WORD_SHIFT > 1) return;
  words[at + BYTES_WORD] -= arena.blockSize(directory);
  arena.free(directory);
  words[at + DIRECTORY_WORD] = 0;
}

/** Names every block to `owner`. @throws Error that names the first broken invariant */
export function checkSegments(
  arena: Arena,
  at: number,
  count: number,
  shift: number,
  owner: BlockOwner,
): void {
  const { words } = arena;
  const directory = words[at + DIRECTORY_WORD];
  const segments = Math.ceil((count << shift) / (1 << SEGMENT_WORD_SHIFT));
  if ((words[at] !== 0) !== (count > 0)) throw new Error(`${count} items, wrong first segment`);
  if ((directory !== 0) !== (segments > 1)) throw new Error(`${segments} segments in no directory`);
  let bytes = 0;
  const add = (unit: Unit): void => {
    owner.ownsBlock(unit);
    bytes += arena.blockSize(unit);
  };
  if (count > 0) add(words[at]);
  if (directory !== 0) {
    add(directory);
    if (words[directory << 1] !== words[at]) throw new Error("segment 0 is listed wrongly");
    for (let i = 1; i < segments; i++) add(words[(directory << 1) + i]);
  } else if (count > 0 && (count << shift) * 4 > bytes) {
    throw new Error(`${count} items in ${bytes} bytes`);
  }
  if (bytes !== words[at + BYTES_WORD]) {
    throw new Error(`segments take ${bytes} bytes, counted ${words[at + BYTES_WORD]}`);
  }
}
