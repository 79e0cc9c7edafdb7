/**
 * Appends entries to streams: to the last node while that has room, else to a new one.
 *
 * A node is full when it has as many entries as it may have, deleted ones included, or when its
 * listpack and the new entry's strings together would reach the limit of bytes. Its block begins
 * small and grows by doubling; once the node is full it is cut to what it needs.
 *
 * Source: Redis src/t_stream.c, streamAppendItem.
 */
import type { Memory } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import {
  EMPTY_BYTES,
  endOf,
  equals,
  HEADER_BYTES,
  integerAt,
  replaceInteger,
  sizeAt,
  sizeOfText,
  totalBytes,
} from "./listpack.ts";
import { END_BYTE, writeInteger, writeString } from "./listpack_element.ts";
import {
  ENTRIES_ADDED_WORD,
  FIRST_ID_WORD,
  incrementInt64,
  insertById,
  LAST_ID_WORD,
  LENGTH_WORD,
  nodesOf,
  TAIL_WORD,
} from "./stream_header.ts";
import { copyId } from "./stream_id.ts";
import {
  blobOf,
  countPosition,
  deletedCount,
  entryCount,
  fieldCountPosition,
  freeNode,
  isRoomy,
  listpackOffset,
  makeNode,
  makeNodeOf,
  MAX_BLOCK_LISTPACK,
  moveNode,
  nodeCapacity,
  SAME_FIELDS,
} from "./stream_node.ts";
import { noteRaxAppended } from "./stream_rax.ts";
import type { Unit } from "./structure.ts";

/** Fields and values of a new entry: arguments `first`, `first + 1` ... of these. */
export interface EntrySource {
  readonly input: Memory;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
  first: number;
  /** Pairs of field and value. */
  fieldCount: number;
}

/** Limit of a node's bytes where the setting has none, or a higher one. */
export const MAX_NODE_BYTES = 60_000;
/** Longest fields and values of an entry together, in bytes. */
export const MAX_ENTRY_BYTES: number = 500 * 1024 * 1024;
/** Room of a node's first block, in bytes of listpack. */
const FIRST_CAPACITY = 100;
/** Most bytes that the numbers of an entry take: flags, ms, seq, field count, element count. */
const ENTRY_OVERHEAD: number = 2 + 10 + 10 + 6 + 6;
/** Most bytes that the numbers of a master entry take. */
const MASTER_OVERHEAD: number = 2 + 2 + 6 + 2;
/** The count of entries may need one more. */
const COUNT_GROWTH = 1;
/** Elements of an entry besides its fields and values: flags, ms, seq; the element count. */
const FIXED_ELEMENTS = 3;
/** What a listpack's header tells where there are too many elements to tell. */
const UNCOUNTED = 65_535;
/** Integers up to here take SMALL_BYTES, of which the first is the value. */
const SMALL_LIMIT = 128;
const SMALL_BYTES = 2;
const TWO_POW_32 = 4_294_967_296;

/**
 * Appends an entry.
 * @param id greater than the last one
 * @param maxBytes of a node's listpack, 0 = as many as possible
 * @param maxEntries of a node, 0 = any number
 * @returns false when there is no memory; nothing was changed
 */
export function appendEntry(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
  source: EntrySource,
  maxBytes: number,
  maxEntries: number,
): boolean {
  const { words } = arena;
  const head = stream << 1;
  const { lengths, first, fieldCount } = source;
  let rawBytes = 0, values = 0, fields = 0;
  for (let i = first; i < first + 2 * fieldCount; i += 2) {
    rawBytes += lengths[i] + lengths[i + 1];
    fields += sizeOfText(lengths[i]);
    values += sizeOfText(lengths[i + 1]);
  }
  let tail = words[head + TAIL_WORD];
  let flags = 0;
  if (tail !== 0) {
    if (isFull(arena, tail, rawBytes, maxBytes, maxEntries)) {
      if (isRoomy(arena, tail)) resizeTail(arena, stream, tail, 0);
      tail = 0;
    } else {
      if (hasMasterFields(arena, tail, source)) flags = SAME_FIELDS;
      else values += fields;
      const total = totalBytes(arena.bytes, listpackOffset(tail));
      const needed = total + values + ENTRY_OVERHEAD + COUNT_GROWTH;
      if (needed > MAX_BLOCK_LISTPACK) {
        if (flags === 0) values -= fields;
        tail = 0;
      } else if (needed > nodeCapacity(arena, tail)) {
        tail = resizeTail(arena, stream, tail, Math.min(MAX_BLOCK_LISTPACK, needed * 2));
        if (tail === 0) return false;
      }
    }
  }
  if (tail === 0) {
    const needed = EMPTY_BYTES + MASTER_OVERHEAD + fields + ENTRY_OVERHEAD + values;
    if (!startNode(arena, stream, id, idAt, source, needed)) return false;
  } else {
    extendNode(arena, tail, id, idAt, source, flags);
  }
  words[head + LENGTH_WORD]++;
  incrementInt64(words, head + ENTRIES_ADDED_WORD);
  copyId(id, idAt, words, head + LAST_ID_WORD);
  if (words[head + LENGTH_WORD] === 1) copyId(id, idAt, words, head + FIRST_ID_WORD);
  return true;
}

/** Whether the last node may not take an entry of so many bytes. */
function isFull(
  arena: Arena,
  tail: Unit,
  rawBytes: number,
  maxBytes: number,
  maxEntries: number,
): boolean {
  if (blobOf(arena, tail) !== 0) return true;
  const { bytes } = arena;
  const lp = listpackOffset(tail);
  const limit = maxBytes === 0 || maxBytes > MAX_NODE_BYTES ? MAX_NODE_BYTES : maxBytes;
  if (totalBytes(bytes, lp) + rawBytes >= limit) return true;
  if (maxEntries <= 0) return false;
  if (hasSmallCounts(bytes, lp)) {
    return bytes[lp + HEADER_BYTES] + bytes[lp + HEADER_BYTES + SMALL_BYTES] >= maxEntries;
  }
  return entryCount(bytes, lp) + deletedCount(bytes, lp) >= maxEntries;
}

/** Whether both counts of a node are less than SMALL_LIMIT, as they nearly always are. */
function hasSmallCounts(bytes: Uint8Array, lp: number): boolean {
  const at = lp + HEADER_BYTES;
  return bytes[at] < SMALL_LIMIT && bytes[at + SMALL_BYTES] < SMALL_LIMIT;
}

/** Writes an integer from 0 to 127. @returns offset behind it */
function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = 1;
  return at + SMALL_BYTES;
}

/**
 * Gives the last node a block of another size.
 * @param capacity 0 = as small as can be
 * @returns the node, 0 when there is no memory; then it is where it was
 */
function resizeTail(arena: Arena, stream: Unit, tail: Unit, capacity: number): Unit {
  const { words } = arena;
  const room = capacity === 0 ? totalBytes(arena.bytes, listpackOffset(tail)) : capacity;
  const moved = moveNode(arena, stream, tail, room);
  if (moved === 0) return 0;
  // The key is there already, so this needs no memory.
  insertById(arena, nodesOf(stream), words, moved << 1, moved);
  words[(stream << 1) + TAIL_WORD] = moved;
  return moved;
}

/** Whether the entry has exactly the fields of the node's master entry. */
function hasMasterFields(arena: Arena, node: Unit, source: EntrySource): boolean {
  const { bytes } = arena;
  const { input, offsets, lengths, first, fieldCount } = source;
  const lp = listpackOffset(node);
  let p = hasSmallCounts(bytes, lp)
    ? lp + HEADER_BYTES + 2 * SMALL_BYTES
    : fieldCountPosition(bytes, lp);
  if (integerAt(bytes, p) !== fieldCount) return false;
  for (let i = first; i < first + 2 * fieldCount; i += 2) {
    p += sizeAt(bytes, p);
    if (!equals(arena, p, input, offsets[i], lengths[i])) return false;
  }
  return true;
}

/** Makes a node that begins with this entry the last one. @param needed bytes of its listpack */
function startNode(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
  source: EntrySource,
  needed: number,
): boolean {
  let node: Unit;
  if (needed <= MAX_BLOCK_LISTPACK) {
    node = makeNode(arena, stream, id, idAt, Math.max(FIRST_CAPACITY, needed));
    if (node === 0) return false;
    writeFirst(arena, listpackOffset(node), source);
  } else {
    const built = makeRegion(needed);
    writeFirst(built, 0, source);
    const length = totalBytes(built.bytes, 0);
    node = makeNodeOf(arena, stream, id, idAt, built, 0, length);
    if (node === 0) return false;
  }
  if (!insertById(arena, nodesOf(stream), id, idAt, node)) {
    freeNode(arena, stream, node);
    return false;
  }
  noteRaxAppended(arena, stream, arena.words[(stream << 1) + TAIL_WORD], id, idAt);
  arena.words[(stream << 1) + TAIL_WORD] = node;
  return true;
}

/** Writes a listpack with a master entry and a first entry of the same fields. */
function writeFirst(region: Memory, lp: number, source: EntrySource): void {
  const { bytes } = region;
  const { input, offsets, lengths, first, fieldCount } = source;
  let at = writeInteger(bytes, lp + HEADER_BYTES, 1);
  at = writeInteger(bytes, at, 0);
  at = writeInteger(bytes, at, fieldCount);
  for (let i = first; i < first + 2 * fieldCount; i += 2) {
    at = writeString(region, at, input, offsets[i], lengths[i]);
  }
  at = writeInteger(bytes, at, 0);
  at = writeInteger(bytes, at, SAME_FIELDS);
  at = writeInteger(bytes, at, 0);
  at = writeInteger(bytes, at, 0);
  for (let i = first + 1; i < first + 2 * fieldCount; i += 2) {
    at = writeString(region, at, input, offsets[i], lengths[i]);
  }
  at = writeInteger(bytes, at, fieldCount + FIXED_ELEMENTS);
  const elements = 4 + fieldCount + FIXED_ELEMENTS + fieldCount + 1;
  finish(region, lp, at, elements);
}

/** Appends an entry to a node that has room for it. @param flags 0 or SAME_FIELDS */
function extendNode(
  arena: Arena,
  node: Unit,
  id: Int32Array,
  idAt: number,
  source: EntrySource,
  flags: number,
): void {
  const { bytes, words, view } = arena;
  const { input, offsets, lengths, first, fieldCount } = source;
  const lp = listpackOffset(node);
  const master = node << 1;
  const count = countPosition(lp);
  if (bytes[count] < SMALL_LIMIT - 1) bytes[count]++;
  else replaceInteger(arena, lp, count, entryCount(bytes, lp) + 1);
  let at = endOf(bytes, lp);
  at = writeSmall(bytes, at, flags);
  at = writeInteger(bytes, at, differenceOf(id, idAt, words, master));
  at = writeInteger(bytes, at, differenceOf(id, idAt + 2, words, master + 2));
  let elements = FIXED_ELEMENTS + fieldCount;
  const withFields = flags !== SAME_FIELDS;
  if (withFields) {
    elements += 1 + fieldCount;
    at = writeInteger(bytes, at, fieldCount);
  }
  for (let i = first; i < first + 2 * fieldCount; i += 2) {
    if (withFields) at = writeString(arena, at, input, offsets[i], lengths[i]);
    at = writeString(arena, at, input, offsets[i + 1], lengths[i + 1]);
  }
  at = writeInteger(bytes, at, elements);
  const had = view.getUint16(lp + 4, true);
  finish(arena, lp, at, had === UNCOUNTED ? UNCOUNTED : had + elements + 1);
}

/** The signed 64-bit difference of two 64-bit numbers, high words first. */
function differenceOf(a: Int32Array, aAt: number, b: Int32Array, bAt: number): number | bigint {
  const high = (a[aAt] >>> 0) - (b[bAt] >>> 0);
  // One rounding only: what is a safe integer then is exact.
  const low = (a[aAt + 1] >>> 0) - (b[bAt + 1] >>> 0);
  const value = high * TWO_POW_32 + low;
  if (Number.isSafeInteger(value)) return value;
  return BigInt.asIntN(64, (BigInt(high) << 32n) + BigInt(low));
}

/** Writes the end of a listpack and its header. */
function finish(region: Memory, lp: number, end: number, elements: number): void {
  region.bytes[end] = END_BYTE;
  region.view.setInt32(lp, end + 1 - lp, true);
  region.view.setUint16(lp + 4, Math.min(elements, UNCOUNTED), true);
}
