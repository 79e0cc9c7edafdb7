/**
 * Node of a quicklist: some neighbouring elements as one listpack, or a single long one.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  next      the node behind, in 8-byte units; 0 = none
 *        4     4  previous  the node before
 *        8     4  data      block of the listpack, or blob of the one long element
 *       12     2  start     raw: offset of the listpack in its block; packed: bytes of what is packed
 *       14     2  form      0: raw   1: packed, by LZF   2: long
 *       16     2  count     elements
 *       18     2  bytes     of the listpack, not packed
 *
 *   block of a raw node:  | free | listpack | free |
 *
 * There may be room on both sides of the listpack, so that pushing moves at most its header of 6
 * bytes, and popping nothing else; the listpack itself is always in one piece. When one side has no
 * room the listpack is moved within its block, or to a larger one.
 *
 * All functions that take `list` account for the memory in its header (quicklist_header.ts).
 */
import { lzfCompress, lzfDecompress } from "../bytes/lzf.ts";
import type { Memory } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import { blobBytes, blobCreate, blobFree } from "./blob.ts";
import * as listpack from "./listpack.ts";
import { addMemory, type List } from "./quicklist_header.ts";
import { MAX_NODE_BYTES } from "./quicklist_limits.ts";
import type { Unit } from "./structure.ts";

/** A node: its unit in the arena. 0 = none. */
export type Node = Unit;

const NODE_BYTES = 24;
const NODE_CLASS = pinnedClassOf(NODE_BYTES);
/** Words (32 bit) from a node's start. */
const NEXT_WORD = 0;
const PREVIOUS_WORD = 1;
const DATA_WORD = 2;
const PLACE_WORD = 3;
const SIZES_WORD = 4;
const LOW = 0xffff;

export const RAW = 0;
const PACKED = 1;
const LONG = 2;

/** Bytes of the smallest block of a listpack. */
const MIN_BLOCK_BYTES = 32;
/** A listpack is worth packing from so many bytes on, if so many are saved. */
const MIN_PACK_BYTES = 48;
const MIN_PACK_GAIN = 8;
/** Longest listpack of a node: one element may take more than MAX_NODE_BYTES, but not much more. */
const SCRATCH_BYTES = MAX_NODE_BYTES + 64;

/** Where packed nodes are unpacked to be read, and where they are packed. */
const unpacked = makeRegion(SCRATCH_BYTES);
const packing = makeRegion(SCRATCH_BYTES);

export function nextNode(arena: Arena, node: Node): Node {
  return arena.words[(node << 1) + NEXT_WORD];
}

export function previousNode(arena: Arena, node: Node): Node {
  return arena.words[(node << 1) + PREVIOUS_WORD];
}

export function setNext(arena: Arena, node: Node, next: Node): void {
  arena.words[(node << 1) + NEXT_WORD] = next;
}

export function setPrevious(arena: Arena, node: Node, previous: Node): void {
  arena.words[(node << 1) + PREVIOUS_WORD] = previous;
}

/** Number of elements. */
export function nodeCount(arena: Arena, node: Node): number {
  return arena.words[(node << 1) + SIZES_WORD] & LOW;
}

/** Bytes of the node's listpack, not packed; 0 for a long element. */
export function nodeBytes(arena: Arena, node: Node): number {
  return arena.words[(node << 1) + SIZES_WORD] >>> 16;
}

/** The block of the listpack, or the blob. */
export function nodeData(arena: Arena, node: Node): Unit {
  return arena.words[(node << 1) + DATA_WORD];
}

/** Whether the node is a single long element: `nodeData` is its blob. */
export function isLong(arena: Arena, node: Node): boolean {
  return arena.words[(node << 1) + PLACE_WORD] >>> 16 === LONG;
}

/** Whether the node's listpack can be read where it is. */
export function isRaw(arena: Arena, node: Node): boolean {
  return arena.words[(node << 1) + PLACE_WORD] >>> 16 === RAW;
}

export function isPacked(arena: Arena, node: Node): boolean {
  return arena.words[(node << 1) + PLACE_WORD] >>> 16 === PACKED;
}

/** Offset of a raw node's listpack in the arena. */
export function listpackOf(arena: Arena, node: Node): number {
  const word = node << 1;
  return (arena.words[word + DATA_WORD] << 3) + (arena.words[word + PLACE_WORD] & LOW);
}

/** Where in its block a raw node's listpack starts; of a packed node, its bytes. */
export function startOf(arena: Arena, node: Node): number {
  return arena.words[(node << 1) + PLACE_WORD] & LOW;
}

function setData(arena: Arena, node: Node, data: Unit, start: number, form: number): void {
  const word = node << 1;
  arena.words[word + DATA_WORD] = data;
  arena.words[word + PLACE_WORD] = start | (form << 16);
}

/** @param bytes of the listpack */
export function setSizes(arena: Arena, node: Node, count: number, bytes: number): void {
  arena.words[(node << 1) + SIZES_WORD] = count | (bytes << 16);
}

/** Says where in its block a raw node's listpack starts. */
export function setRawData(arena: Arena, node: Node, block: Unit, start: number): void {
  setData(arena, node, block, start, RAW);
}

/** Moves the start of a raw node's listpack, whose bytes were or will be moved. */
export function moveStart(arena: Arena, node: Node, difference: number): void {
  arena.words[(node << 1) + PLACE_WORD] += difference;
}

// Making and freeing

function allocateNode(arena: Arena, list: List, bytes: number): Node {
  const node = arena.allocate(NODE_CLASS);
  if (node !== 0) addMemory(arena, list, arena.blockSize(node) + bytes);
  return node;
}

/** Makes a node with an empty listpack. @param room bytes of elements to come @returns 0: no memory */
export function createNode(arena: Arena, list: List, room: number): Node {
  const data = arena.allocate(
    pinnedClassOf(Math.max(MIN_BLOCK_BYTES, listpack.EMPTY_BYTES + room)),
  );
  if (data === 0) return 0;
  const node = allocateNode(arena, list, arena.blockSize(data));
  if (node === 0) {
    arena.free(data);
    return 0;
  }
  setData(arena, node, data, 0, RAW);
  listpack.writeEmpty(arena.bytes, data << 3);
  setSizes(arena, node, 0, listpack.EMPTY_BYTES);
  return node;
}

/** Makes a node of one long element. @param source not the arena @returns 0: no memory */
export function createLongNode(
  arena: Arena,
  list: List,
  source: Memory,
  offset: number,
  length: number,
): Node {
  const blob = blobCreate(arena, source, offset, length);
  return blob === 0 ? 0 : adoptBlob(arena, list, blob);
}

/** Makes a node of a blob, which is freed when that fails. @returns 0: no memory */
export function adoptBlob(arena: Arena, list: List, blob: Unit): Node {
  const node = allocateNode(arena, list, blobBytes(arena, blob));
  if (node === 0) {
    blobFree(arena, blob);
    return 0;
  }
  setData(arena, node, blob, 0, LONG);
  setSizes(arena, node, 1, 0);
  return node;
}

/** Memory of a node in bytes. */
export function nodeMemory(arena: Arena, node: Node): number {
  const data = nodeData(arena, node);
  return arena.blockSize(node) +
    (isLong(arena, node) ? blobBytes(arena, data) : arena.blockSize(data));
}

/** Frees a node that is in no list any more. */
export function freeNode(arena: Arena, list: List, node: Node): void {
  addMemory(arena, list, -nodeMemory(arena, node));
  const data = nodeData(arena, node);
  if (isLong(arena, node)) blobFree(arena, data);
  else arena.free(data);
  arena.free(node);
}

// Packing

/**
 * Makes a node's elements readable: where they are, or in memory that the next call may overwrite.
 * @returns memory that has the listpack at `listpackIn(memory, ...)`
 */
export function readable(arena: Arena, node: Node): Memory {
  if (!isPacked(arena, node)) return arena;
  unpack(arena, node, unpacked.bytes, 0);
  return unpacked;
}

/** Offset of the listpack in what `readable` returned. */
export function listpackIn(memory: Memory, arena: Arena, node: Node): number {
  return memory === unpacked ? 0 : listpackOf(arena, node);
}

function unpack(arena: Arena, node: Node, target: Uint8Array, offset: number): void {
  const bytes = nodeBytes(arena, node);
  const from = nodeData(arena, node) << 3;
  lzfDecompress(arena.bytes, from, startOf(arena, node), target, offset, bytes);
}

/** Makes a node raw. @returns false: no memory, nothing was changed */
export function makeRaw(arena: Arena, list: List, node: Node): boolean {
  if (!isPacked(arena, node)) return true;
  const block = arena.allocate(pinnedClassOf(nodeBytes(arena, node)));
  if (block === 0) return false;
  unpack(arena, node, arena.bytes, block << 3);
  replaceBlock(arena, list, node, block, 0, RAW);
  return true;
}

/** Gives a node another block, which holds its elements already, and frees the old one. */
export function replaceBlock(
  arena: Arena,
  list: List,
  node: Node,
  block: Unit,
  start: number,
  form: number,
): void {
  const old = nodeData(arena, node);
  addMemory(arena, list, arena.blockSize(block) - arena.blockSize(old));
  arena.free(old);
  setData(arena, node, block, start, form);
}

/** Packs a raw node if that saves something and there is memory for it. */
export function pack(arena: Arena, list: List, node: Node): void {
  const bytes = nodeBytes(arena, node);
  if (isLong(arena, node) || isPacked(arena, node) || bytes < MIN_PACK_BYTES) return;
  const lp = listpackOf(arena, node);
  const size = lzfCompress(arena.bytes, lp, bytes, packing.bytes, 0, bytes - MIN_PACK_GAIN);
  if (size === 0) return;
  const block = arena.allocate(pinnedClassOf(size));
  if (block === 0) return;
  arena.bytes.set(packing.bytes.subarray(0, size), block << 3);
  replaceBlock(arena, list, node, block, size, PACKED);
}
