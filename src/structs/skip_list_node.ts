/**
 * Nodes of a skip list: a score, links and a member, in one pinned block that is an entry of a byte
 * table (table_entry.ts), too.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  header    of the entry: where the member is, which also tells how many levels
 *        4     4  backward  unit of the node before this one, 0 = none
 *        8     8  score     never NaN
 *       16     4  forward   unit of the next node, 0 = none
 *       20   8 n  links     of the levels 1 to n:
 *                             forward  unit of the next node that has this level
 *                             span     how many nodes further that is; with forward 0, how many
 *                                      nodes follow this one
 *        …        member    its bytes, padded to a multiple of 4; or the unit of a blob
 *
 * Level 0 needs no span, as it is always 1. As a level is above that in a third of the nodes on average, a
 * node with a member of 12 bytes takes 34.7 bytes before rounding.
 *
 * Example: (2.5, "crab") with one level takes 24 bytes:
 *   04 00 0a 00 | backward... | 00 00 00 00 00 00 04 40 | forward.... | 63 72 61 62
 */
import { compareBytes } from "../bytes/compare.ts";
import type { Memory } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { blobCompare, blobRead, SHORT_BLOB_BYTES } from "./blob.ts";
import type { Unit } from "./structure.ts";
import {
  createEntry,
  entryHeader,
  KEY_IS_BLOB,
  KEY_LENGTH_MASK,
  KEY_WORD_SHIFT,
  keyBlobOf,
  keyLengthOf,
  keyOffsetOf,
  keyRoom,
  keyWordOf,
} from "./table_entry.ts";

/** A node is on the next level with probability 1/4: 14 levels serve all 2²⁷ units of an arena. */
export const MAX_LEVELS = 14;
/** Random bits that decide on one level. */
const BITS_PER_LEVEL = 2;

/** Words (32 bit) from a node's start. */
export const BACKWARD_WORD = 1;
const FORWARD_WORD = 4;
/** A node's links of level i ≥ 1 are at this + 2 i, their spans behind them. */
export const LINKS_WORD = 3;
/** Of a member in a node with one level; two more for each further level. */
const MEMBER_WORD = 5;
/** Units from a node's start, for `arena.doubles`. */
export const SCORE_UNIT = 1;

/** How many levels a new node gets: each further one with probability 1/4. @param random 32 bits */
export function levelsFor(random: number): number {
  if (random === 0) return MAX_LEVELS;
  const trailingZeros = 31 - Math.clz32(random & -random);
  return Math.min(1 + ((trailingZeros / BITS_PER_LEVEL) | 0), MAX_LEVELS);
}

export function levelsOf(words: Int32Array, node: Unit): number {
  return 1 + ((keyWordOf(words, node) - (node << 1) - MEMBER_WORD) >> 1);
}

/** Header of a node without a member, for what is laid out as one. */
export function emptyHeader(levels: number): number {
  return entryHeader(0, MEMBER_WORD + 2 * (levels - 1));
}

/** Where in `words` a node's link of a level is. */
export function linkOf(node: Unit, level: number): number {
  return (node << 1) + (level === 0 ? FORWARD_WORD : LINKS_WORD + 2 * level);
}

/** The next node, 0 at the end. */
export function nextOf(words: Int32Array, node: Unit): Unit {
  return words[(node << 1) + FORWARD_WORD];
}

export function scoreOf(arena: Arena, node: Unit): number {
  return arena.doubles[node + SCORE_UNIT];
}

/**
 * Makes a node, which is in no list yet.
 * @param score not NaN @param source with 3 readable bytes behind the member
 * @param hash of the member in the table that the node is for
 * @returns 0 when there is no memory
 */
export function createNode(
  arena: Arena,
  levels: number,
  score: number,
  source: Memory,
  offset: number,
  length: number,
  hash: number,
): Unit {
  const memberWord = MEMBER_WORD + 2 * (levels - 1);
  const size = (memberWord << 2) + keyRoom(length);
  const header = entryHeader(length, memberWord);
  const node = createEntry(arena, size, header, hash, source, offset, length);
  if (node !== 0) arena.doubles[node + SCORE_UNIT] = score;
  return node;
}

/** Compares a node's member with bytes. @returns < 0, 0 or > 0, as memcmp does */
export function compareMember(
  arena: Arena,
  node: Unit,
  source: Memory,
  offset: number,
  length: number,
): number {
  const header = arena.words[node << 1];
  if ((header & KEY_IS_BLOB) !== 0) {
    return blobCompare(arena, keyBlobOf(arena.words, node), source, offset, length);
  }
  const own = header & KEY_LENGTH_MASK;
  const start = (node << 3) + ((header >>> KEY_WORD_SHIFT & 31) << 2);
  const order = compareBytes(arena, start, source, offset, own < length ? own : length);
  return order !== 0 ? order : own - length;
}

/** Where a member is. */
interface Aimed {
  memory: Memory;
  /** In bytes. */
  offset: number;
  length: number;
}

/** The member that `aim` was last asked for. */
export const aimed: Aimed = { memory: makeRegion(0), offset: 0, length: 0 };

/**
 * Finds a node's member in one piece, into `aimed`; valid until something is changed. Only members of
 * more than 65,528 bytes are copied for that.
 */
export function aim(arena: Arena, node: Unit): void {
  const length = keyLengthOf(arena, node);
  aimed.length = length;
  if (length <= SHORT_BLOB_BYTES) {
    aimed.memory = arena;
    aimed.offset = keyOffsetOf(arena, node);
  } else {
    aimed.memory = makeRegion(length);
    aimed.offset = 0;
    blobRead(arena, keyBlobOf(arena.words, node), aimed.memory, 0);
  }
}
