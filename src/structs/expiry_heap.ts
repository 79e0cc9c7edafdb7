/**
 * Expiry heap: blocks ordered by when they expire, the earliest first.
 *
 *   OFFSET  SIZE  FIELD (of the header, wherever the owner keeps it)
 *        0     4  count     items
 *        4    12  segments  of the items' units (segments.ts), 4 bytes each
 *   item, a pinned block:
 *        8     8  expiresAt   milliseconds since 1970, low word first
 *       16     4  position    where in the heap it is
 *
 * Invariants: item i does not expire before item (i - 1) / 2, and its position is i.
 * Cost: O(log n) a change, O(1) to find the first; 4 bytes an item beyond what is in it.
 */
import type { Arena } from "../memory/arena.ts";
import {
  checkSegments,
  initSegments,
  itemWord,
  releaseItem,
  reserveItem,
  SEGMENTS_WORDS,
  segmentsBytes,
} from "./segments.ts";
import type { BlockOwner, Unit } from "./structure.ts";

const SEGMENTS_WORD = 1;
/** Words of a header. */
export const HEAP_WORDS: number = 1 + SEGMENTS_WORDS;
/** Words (32 bit) from an item's start. */
export const EXPIRES_LOW_WORD = 2;
const EXPIRES_HIGH_WORD = 3;
const POSITION_WORD = 4;
/** Words of an item that are the heap's, from EXPIRES_LOW_WORD on. */
export const HEAP_ITEM_WORDS = 3;
/** log2 of the words that the segments hold for an item. */
const ITEM_SHIFT = 0;
const TWO_POW_32 = 4_294_967_296;

/** Makes the header one of an empty heap. @param at index of its first word */
export function initHeap(words: Int32Array, at: number): void {
  words[at] = 0;
  initSegments(words, at + SEGMENTS_WORD);
}

export function heapCount(words: Int32Array, at: number): number {
  return words[at];
}

/** Memory of the heap itself in bytes. */
export function heapBytes(words: Int32Array, at: number): number {
  return segmentsBytes(words, at + SEGMENTS_WORD);
}

/** The item that expires first, 0 = none. */
export function heapFirst(words: Int32Array, at: number): Unit {
  return words[at] === 0 ? 0 : words[itemWord(words, at + SEGMENTS_WORD, 0, ITEM_SHIFT)];
}

/** Milliseconds since 1970. */
export function expiryOf(words: Int32Array, item: Unit): number {
  const word = item << 1;
  return words[word + EXPIRES_HIGH_WORD] * TWO_POW_32 + (words[word + EXPIRES_LOW_WORD] >>> 0);
}

/** For an item that is in no heap yet; else `heapChange`. @param expiresAtMs 0 to 2⁵³ - 1 */
export function writeExpiry(words: Int32Array, item: Unit, expiresAtMs: number): void {
  const word = item << 1;
  words[word + EXPIRES_LOW_WORD] = expiresAtMs | 0;
  words[word + EXPIRES_HIGH_WORD] = Math.floor(expiresAtMs / TWO_POW_32);
}

/** Adds an item whose expiry is written. @returns false when there is no memory */
export function heapAdd(arena: Arena, at: number, item: Unit): boolean {
  const { words } = arena;
  const count = words[at];
  if (!reserveItem(arena, at + SEGMENTS_WORD, count, ITEM_SHIFT)) return false;
  words[at] = count + 1;
  rise(words, at, count, item);
  return true;
}

/** Takes an item out. */
export function heapRemove(arena: Arena, at: number, item: Unit): void {
  const { words } = arena;
  const position = words[(item << 1) + POSITION_WORD];
  const last = --words[at];
  const moved = words[itemWord(words, at + SEGMENTS_WORD, last, ITEM_SHIFT)];
  releaseItem(arena, at + SEGMENTS_WORD, last, ITEM_SHIFT);
  if (position !== last) settle(words, at, position, moved);
}

/** Gives an item of the heap another expiry. */
export function heapChange(
  words: Int32Array,
  at: number,
  item: Unit,
  expiresAtMs: number,
): void {
  writeExpiry(words, item, expiresAtMs);
  settle(words, at, words[(item << 1) + POSITION_WORD], item);
}

/** Puts a block that has the same expiry in the place of an item. */
export function heapReplace(words: Int32Array, at: number, old: Unit, item: Unit): void {
  put(words, at, words[(old << 1) + POSITION_WORD], item);
}

/** How many items expire at that time or before. Cost: O(their number). */
export function heapCountDue(words: Int32Array, at: number, nowMs: number, position = 0): number {
  if (position >= words[at]) return 0;
  const item = words[itemWord(words, at + SEGMENTS_WORD, position, ITEM_SHIFT)];
  if (expiryOf(words, item) > nowMs) return 0;
  return 1 + heapCountDue(words, at, nowMs, 2 * position + 1) +
    heapCountDue(words, at, nowMs, 2 * position + 2);
}

function put(words: Int32Array, at: number, position: number, item: Unit): void {
  words[itemWord(words, at + SEGMENTS_WORD, position, ITEM_SHIFT)] = item;
  words[(item << 1) + POSITION_WORD] = position;
}

/** Puts an item at a position or, where it does not belong there, above or below it. */
function settle(words: Int32Array, at: number, position: number, item: Unit): void {
  if (!rise(words, at, position, item)) sink(words, at, position, item);
}

/** @returns whether the item went up */
function rise(words: Int32Array, at: number, position: number, item: Unit): boolean {
  const expiresAt = expiryOf(words, item);
  let to = position;
  while (to > 0) {
    const above = (to - 1) >>> 1;
    const other = words[itemWord(words, at + SEGMENTS_WORD, above, ITEM_SHIFT)];
    if (expiryOf(words, other) <= expiresAt) break;
    put(words, at, to, other);
    to = above;
  }
  put(words, at, to, item);
  return to !== position;
}

function sink(words: Int32Array, at: number, position: number, item: Unit): void {
  const count = words[at];
  const expiresAt = expiryOf(words, item);
  let to = position;
  while (2 * to + 1 < count) {
    let below = 2 * to + 1;
    let first = words[itemWord(words, at + SEGMENTS_WORD, below, ITEM_SHIFT)];
    if (below + 1 < count) {
      const second = words[itemWord(words, at + SEGMENTS_WORD, below + 1, ITEM_SHIFT)];
      if (expiryOf(words, second) < expiryOf(words, first)) {
        first = second;
        below++;
      }
    }
    if (expiryOf(words, first) >= expiresAt) break;
    put(words, at, to, first);
    to = below;
  }
  put(words, at, to, item);
}

/** Names the heap's blocks to `owner`, not its items. @throws Error for the first broken invariant */
export function heapCheck(arena: Arena, at: number, owner: BlockOwner): void {
  const { words } = arena;
  const count = words[at];
  checkSegments(arena, at + SEGMENTS_WORD, count, ITEM_SHIFT, owner);
  for (let i = 0; i < count; i++) {
    const item = words[itemWord(words, at + SEGMENTS_WORD, i, ITEM_SHIFT)];
    if (words[(item << 1) + POSITION_WORD] !== i) throw new Error(`item ${item} is not at ${i}`);
    if (i === 0) continue;
    const above = words[itemWord(words, at + SEGMENTS_WORD, (i - 1) >>> 1, ITEM_SHIFT)];
    if (expiryOf(words, above) > expiryOf(words, item)) throw new Error(`item ${i} comes too late`);
  }
}
