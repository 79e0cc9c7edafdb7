/**
 * Header of a stream, the block that all the rest is found from.
 *
 *   OFFSET  SIZE  FIELD
 *        0    16  nodes         radix tree from the id of a node's first entry to the node
 *       16    16  groups        radix tree from a consumer group's name to the group
 *       32    16  lastId        of the entry that was added last, even if it is gone
 *       48    16  firstId       of the first entry that is there; 0-0 if there is none
 *       64    16  maxDeletedId  greatest id that was deleted one by one
 *       80     8  entriesAdded  entries that were ever added, low word first
 *       88     4  length        entries that are there
 *       92     4  size          bytes of all blocks that are not in one of the two trees
 *       96     4  tail          the last node; 0 if there is none
 *      100     4  flags         bit 0: it is being freed   bits 16-31: see stream_rax.ts
 *      104     4  raxNodes      what XINFO calls radix-tree-nodes; 0 = not counted
 *
 * Ids are four words each (stream_id.ts).
 */
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import { RadixCursor, SEEK_GE, SEEK_GT, SEEK_LE, SEEK_LT } from "./radix_cursor.ts";
import {
  RADIX_ABSENT,
  RADIX_NO_MEMORY,
  radixCount,
  radixFind,
  radixInit,
  radixInsert,
  radixRemove,
  radixSizeBytes,
} from "./radix_tree.ts";
import { encodeId, ID_BYTES } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

export const STREAM_HEADER_BYTES = 112;
/** 8-byte units and 32-bit words from the header's start. */
const GROUPS_UNIT = 2;
export const LAST_ID_WORD = 8;
export const FIRST_ID_WORD = 12;
export const MAX_DELETED_ID_WORD = 16;
export const ENTRIES_ADDED_WORD = 20;
export const LENGTH_WORD = 22;
export const SIZE_WORD = 23;
export const TAIL_WORD = 24;
export const FLAGS_WORD = 25;
export const RAX_NODES_WORD = 26;

export const IS_BEING_FREED = 1;

const TWO_POW_32 = 4_294_967_296;

/** An id as a key of a tree. */
const key = makeRegion(ID_BYTES);
const cursor = new RadixCursor();

/** @returns the header of an empty stream; 0 when there is no memory */
export function createStream(arena: Arena): Unit {
  const stream = arena.allocate(pinnedClassOf(STREAM_HEADER_BYTES));
  if (stream === 0) return 0;
  const word = stream << 1;
  arena.words.fill(0, word, word + (STREAM_HEADER_BYTES >> 2));
  radixInit(arena, stream);
  radixInit(arena, groupsOf(stream));
  arena.words[word + SIZE_WORD] = arena.blockSize(stream);
  return stream;
}

/** The tree of a stream's nodes. */
export function nodesOf(stream: Unit): Unit {
  return stream;
}

/** The tree of a stream's groups. */
export function groupsOf(stream: Unit): Unit {
  return stream + GROUPS_UNIT;
}

/** Number of entries. */
export function streamLength(arena: Arena, stream: Unit): number {
  return arena.words[(stream << 1) + LENGTH_WORD];
}

/** Number of nodes. */
export function nodeCount(arena: Arena, stream: Unit): number {
  return radixCount(arena, nodesOf(stream));
}

/** Allocates a block of a stream. @returns 0 when there is no memory */
export function allocateBlock(arena: Arena, stream: Unit, bytes: number): Unit {
  const unit = arena.allocate(pinnedClassOf(bytes));
  if (unit !== 0) arena.words[(stream << 1) + SIZE_WORD] += arena.blockSize(unit);
  return unit;
}

export function freeBlock(arena: Arena, stream: Unit, unit: Unit): void {
  arena.words[(stream << 1) + SIZE_WORD] -= arena.blockSize(unit);
  arena.free(unit);
}

/** The signed 64-bit number in two words, low one first; a bigint only beyond ±(2⁵³-1). */
export function readInt64(words: Int32Array, at: number): number | bigint {
  const value = words[at + 1] * TWO_POW_32 + (words[at] >>> 0);
  if (Number.isSafeInteger(value)) return value;
  return (BigInt(words[at + 1]) << 32n) | BigInt(words[at] >>> 0);
}

/** @param value within 64 bits */
export function writeInt64(words: Int32Array, at: number, value: number | bigint): void {
  if (typeof value === "number") {
    words[at] = value | 0;
    words[at + 1] = Math.floor(value / TWO_POW_32);
  } else {
    words[at] = Number(BigInt.asIntN(32, value));
    words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
}

/** As `readInt64`, for what is known to be a safe integer. */
export function readSafe(words: Int32Array, at: number): number {
  return words[at + 1] * TWO_POW_32 + (words[at] >>> 0);
}

/** Adds 1 to the 64-bit number in two words. */
export function incrementInt64(words: Int32Array, at: number): void {
  words[at] = (words[at] + 1) | 0;
  if (words[at] === 0) words[at + 1]++;
}

// Trees whose keys are ids. Their blocks are counted with the stream's where `stream` is given.

/** @returns the value of an id, 0 if it has none */
export function findById(arena: Arena, tree: Unit, id: Int32Array, at: number): number {
  encodeId(id, at, key.view, 0);
  const value = radixFind(arena, tree, key, 0, ID_BYTES);
  return value === RADIX_ABSENT ? 0 : value;
}

/** @param value a unit @returns false when there is no memory; nothing was changed */
export function insertById(
  arena: Arena,
  tree: Unit,
  id: Int32Array,
  at: number,
  value: number,
): boolean {
  encodeId(id, at, key.view, 0);
  return radixInsert(arena, tree, key, 0, ID_BYTES, value) !== RADIX_NO_MEMORY;
}

export function removeById(arena: Arena, tree: Unit, id: Int32Array, at: number): void {
  encodeId(id, at, key.view, 0);
  radixRemove(arena, tree, key, 0, ID_BYTES);
}

/** As `insertById`, for a tree that is not one of the header's two. */
export function insertCounted(
  arena: Arena,
  stream: Unit,
  tree: Unit,
  id: Int32Array,
  at: number,
  value: number,
): boolean {
  const before = radixSizeBytes(arena, tree);
  const isDone = insertById(arena, tree, id, at, value);
  arena.words[(stream << 1) + SIZE_WORD] += radixSizeBytes(arena, tree) - before;
  return isDone;
}

export function removeCounted(
  arena: Arena,
  stream: Unit,
  tree: Unit,
  id: Int32Array,
  at: number,
): void {
  const before = radixSizeBytes(arena, tree);
  removeById(arena, tree, id, at);
  arena.words[(stream << 1) + SIZE_WORD] += radixSizeBytes(arena, tree) - before;
}

/** The value of the least id, 0 if there is none. */
export function firstValue(arena: Arena, tree: Unit): number {
  return cursor.first(arena, tree) ? cursor.value : 0;
}

/** The value of the greatest id, 0 if there is none. */
export function lastValue(arena: Arena, tree: Unit): number {
  return cursor.last(arena, tree) ? cursor.value : 0;
}

function seek(arena: Arena, tree: Unit, id: Int32Array, at: number, mode: number): number {
  encodeId(id, at, key.view, 0);
  return cursor.seek(arena, tree, key, 0, ID_BYTES, mode) ? cursor.value : 0;
}

/** The value of the greatest id up to this one, 0 if there is none. */
export function valueUpTo(arena: Arena, tree: Unit, id: Int32Array, at: number): number {
  return seek(arena, tree, id, at, SEEK_LE);
}

/** The value of the greatest id before this one, 0 if there is none. */
export function valueBefore(arena: Arena, tree: Unit, id: Int32Array, at: number): number {
  return seek(arena, tree, id, at, SEEK_LT);
}

/** The value of the least id from this one on, 0 if there is none. */
export function valueFrom(arena: Arena, tree: Unit, id: Int32Array, at: number): number {
  return seek(arena, tree, id, at, SEEK_GE);
}

/** The value of the least id behind this one, 0 if there is none. */
export function valueAfter(arena: Arena, tree: Unit, id: Int32Array, at: number): number {
  return seek(arena, tree, id, at, SEEK_GT);
}
