/**
 * Node of a stream: consecutive entries in one listpack, byte for byte as Redis has it.
 *
 *   OFFSET  SIZE  FIELD
 *        0    16  id        of the first entry: the node's key, which its entries' ids are added to
 *       16     4  blob      0, or the blob that holds the listpack, as no block is long enough
 *       20     .  listpack  its elements:
 *
 *   count | deleted | field count | field ... | 0               the master entry, then the entries:
 *   flags | ms | seq | value ... | element count                flags has SAME_FIELDS
 *   flags | ms | seq | field count | field | value ... | element count
 *
 * `ms` and `seq` are differences to the node's id. A deleted entry only gets the flag DELETED;
 * `count` and `deleted` tell how many there are of either. The element count, without itself, is
 * for those who walk backwards. Fields that equal those of the master entry are not repeated.
 *
 * Invariants: SPARE_BYTES are free behind the listpack, as the two counts may need them without an
 * allocation; there is an entry, if only a deleted one.  Source: Redis src/t_stream.c.
 */
import { copyExact, copyPadded, type Memory } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { PAGE_BYTES, pinnedClassOf } from "../memory/size_classes.ts";
import {
  blobAllocate,
  blobBytes,
  blobCopy,
  blobFree,
  blobLength,
  blobOffset,
  blobRead,
  blobStretch,
} from "./blob.ts";
import {
  EMPTY_BYTES,
  HEADER_BYTES,
  integerAt,
  type Position,
  replaceInteger,
  sizeAt,
  totalBytes,
} from "./listpack.ts";
import { allocateBlock, freeBlock, SIZE_WORD } from "./stream_header.ts";
import { copyId, ID_WORDS } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

/** Flags of an entry. */
export const DELETED = 1;
export const SAME_FIELDS = 2;

const BLOB_WORD: number = ID_WORDS;
const LISTPACK_OFFSET = 20;
export const SPARE_BYTES = 8;
/** Longest listpack in a block. */
export const MAX_BLOCK_LISTPACK: number = PAGE_BYTES - LISTPACK_OFFSET - SPARE_BYTES;

/** A listpack in one piece: in the arena, or a copy. */
export interface NodeListpack {
  region: Memory;
  lp: number;
}

/** Offset in the arena of a listpack that is not in a blob. */
export function listpackOffset(node: Unit): number {
  return (node << 3) + LISTPACK_OFFSET;
}

/** The blob that holds the listpack; 0 if it is in the node's block. */
export function blobOf(arena: Arena, node: Unit): Unit {
  return arena.words[(node << 1) + BLOB_WORD];
}

/** Bytes that the listpack of a node may take in its block. */
export function nodeCapacity(arena: Arena, node: Unit): number {
  return arena.blockSize(node) - LISTPACK_OFFSET - SPARE_BYTES;
}

/**
 * Makes a node for a listpack that is still to be written.
 * @param capacity bytes of the listpack, at most MAX_BLOCK_LISTPACK
 * @returns 0 when there is no memory
 */
export function makeNode(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
  capacity: number,
): Unit {
  const node = allocateBlock(arena, stream, LISTPACK_OFFSET + capacity + SPARE_BYTES);
  if (node === 0) return 0;
  copyId(id, idAt, arena.words, node << 1);
  arena.words[(node << 1) + BLOB_WORD] = 0;
  return node;
}

/**
 * Makes a node of a listpack that lies elsewhere, whatever its length.
 * @param source not the arena, with 3 readable bytes behind the listpack
 * @returns 0 when there is no memory
 */
export function makeNodeOf(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  if (length <= MAX_BLOCK_LISTPACK) {
    const node = makeNode(arena, stream, id, idAt, length);
    if (node !== 0) copyPadded(source, offset, arena, listpackOffset(node), length);
    return node;
  }
  const blob = blobAllocate(arena, length + SPARE_BYTES);
  if (blob === 0) return 0;
  const node = makeNode(arena, stream, id, idAt, EMPTY_BYTES);
  if (node === 0) {
    blobFree(arena, blob);
    return 0;
  }
  arena.words[(node << 1) + BLOB_WORD] = blob;
  arena.words[(stream << 1) + SIZE_WORD] += blobBytes(arena, blob);
  writeBlob(arena, blob, source, offset, length);
  return node;
}

function writeBlob(
  arena: Arena,
  blob: Unit,
  source: Memory,
  offset: number,
  length: number,
): void {
  for (let at = 0; at < length;) {
    const bytes = Math.min(blobStretch(arena, blob, at), length - at);
    copyExact(source, offset + at, arena, blobOffset(arena, blob, at), bytes);
    at += bytes;
  }
}

/** Frees a node that is in no tree. */
export function freeNode(arena: Arena, stream: Unit, node: Unit): void {
  const blob = blobOf(arena, node);
  if (blob !== 0) {
    arena.words[(stream << 1) + SIZE_WORD] -= blobBytes(arena, blob);
    blobFree(arena, blob);
  }
  freeBlock(arena, stream, node);
}

/** Copies a node to a stream of another arena. @returns 0 when there is no memory */
export function copyNode(source: Arena, node: Unit, target: Arena, stream: Unit): Unit {
  const blob = blobOf(source, node);
  if (blob === 0) {
    const lp = listpackOffset(node);
    const length = totalBytes(source.bytes, lp);
    const copy = makeNode(target, stream, source.words, node << 1, length);
    if (copy !== 0) copyPadded(source, lp, target, listpackOffset(copy), length);
    return copy;
  }
  const blobCopied = blobCopy(source, blob, target);
  if (blobCopied === 0) return 0;
  const copy = makeNode(target, stream, source.words, node << 1, EMPTY_BYTES);
  if (copy === 0) {
    blobFree(target, blobCopied);
    return 0;
  }
  target.words[(copy << 1) + BLOB_WORD] = blobCopied;
  target.words[(stream << 1) + SIZE_WORD] += blobBytes(target, blobCopied);
  return copy;
}

/** Makes the listpack of a node readable in one piece. */
export function openNode(arena: Arena, node: Unit, opened: NodeListpack): void {
  const blob = blobOf(arena, node);
  if (blob === 0) {
    opened.region = arena;
    opened.lp = listpackOffset(node);
  } else {
    opened.region = makeRegion(blobLength(arena, blob));
    opened.lp = 0;
    blobRead(arena, blob, opened.region, 0);
  }
}

/** Brings changes of an opened listpack to the node. It may have grown by SPARE_BYTES - 4 bytes. */
export function saveNode(arena: Arena, node: Unit, opened: NodeListpack): void {
  const blob = blobOf(arena, node);
  if (blob === 0) return;
  const { region, lp } = opened;
  writeBlob(arena, blob, region, lp, totalBytes(region.bytes, lp));
}

/** Moves a node's content to a block for that many bytes of listpack. @returns 0 = no memory */
export function moveNode(arena: Arena, stream: Unit, node: Unit, capacity: number): Unit {
  const moved = makeNode(arena, stream, arena.words, node << 1, capacity);
  if (moved === 0) return 0;
  const lp = listpackOffset(node);
  copyPadded(arena, lp, arena, listpackOffset(moved), totalBytes(arena.bytes, lp));
  freeBlock(arena, stream, node);
  return moved;
}

/** Whether a node's block is larger than its listpack needs. */
export function isRoomy(arena: Arena, node: Unit): boolean {
  if (blobOf(arena, node) !== 0) return false;
  const needed = totalBytes(arena.bytes, listpackOffset(node)) + LISTPACK_OFFSET + SPARE_BYTES;
  return pinnedClassOf(needed) < arena.sizeClassAt(node);
}

// The master entry

/** The element that tells how many entries are there. */
export function countPosition(lp: number): Position {
  return lp + HEADER_BYTES;
}

/** Number of entries that are not deleted. */
export function entryCount(bytes: Uint8Array, lp: number): number {
  return Number(integerAt(bytes, lp + HEADER_BYTES));
}

function deletedPosition(bytes: Uint8Array, lp: number): Position {
  const p = lp + HEADER_BYTES;
  return p + sizeAt(bytes, p);
}

/** Number of entries that are deleted. */
export function deletedCount(bytes: Uint8Array, lp: number): number {
  return Number(integerAt(bytes, deletedPosition(bytes, lp)));
}

/** The element that tells how many fields the master entry has; the fields follow. */
export function fieldCountPosition(bytes: Uint8Array, lp: number): Position {
  const p = deletedPosition(bytes, lp);
  return p + sizeAt(bytes, p);
}

/** @returns by how many bytes what is behind the counts was moved */
export function setCounts(opened: NodeListpack, count: number, deleted: number): number {
  const { region, lp } = opened;
  const before = totalBytes(region.bytes, lp);
  replaceInteger(region, lp, lp + HEADER_BYTES, count);
  replaceInteger(region, lp, deletedPosition(region.bytes, lp), deleted);
  return totalBytes(region.bytes, lp) - before;
}

/** Where the element behind the master entry is, the first entry's flags. */
export function entriesPosition(bytes: Uint8Array, lp: number): Position {
  let p = fieldCountPosition(bytes, lp);
  const fields = Number(integerAt(bytes, p));
  // Its own element, the fields, and the zero behind them.
  for (let i = -2; i < fields; i++) p += sizeAt(bytes, p);
  return p;
}
