/**
 * Changes of raw nodes of a quicklist: elements put in, taken out, replaced and appended.
 *
 *   block:  | free | listpack | free |
 *
 * Room may be on both sides of the listpack: what is inserted or removed in its front half moves what
 * is before it, else what is behind it. So pushing in front moves no more than the listpack's header, and
 * popping moves nothing. When one side has no room the listpack is moved within its block, with three
 * quarters of what is free on the side that asked (and all of it while there is one element, for then the
 * node is mostly filled from that side), or to a block of twice the size, up to a full node.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import * as listpack from "./listpack.ts";
import { fillOf, type List } from "./quicklist_header.ts";
import { nodeBytesLimit } from "./quicklist_limits.ts";
import {
  listpackOf,
  moveStart,
  type Node,
  nodeBytes,
  nodeCount,
  nodeData,
  RAW,
  replaceBlock,
  setRawData,
  setSizes,
  startOf,
} from "./quicklist_node.ts";

const HEADER_BYTES = listpack.HEADER_BYTES;

/** Writes how long a raw node's listpack is, in the node and in the listpack. */
function resized(arena: Arena, node: Node, lp: number, bytes: number, count: number): void {
  setSizes(arena, node, count, bytes);
  listpack.writeHeader(arena, lp, bytes, count);
}

/**
 * Sees to it that `size` bytes are free at one side of a raw node's listpack, which may be moved.
 * @returns false: no memory, nothing was changed
 */
function reserve(
  arena: Arena,
  list: List,
  node: Node,
  size: number,
  isInFront: boolean,
): boolean {
  const block = nodeData(arena, node);
  const capacity = arena.blockSize(block);
  const start = startOf(arena, node);
  const bytes = nodeBytes(arena, node);
  if ((isInFront ? start : capacity - start - bytes) >= size) return true;
  const lp = (block << 3) + start;
  const free = capacity - bytes;
  if (free >= size) {
    const share = nodeCount(arena, node) > 1 ? size + (((free - size) * 3) >> 2) : free;
    const moved = isInFront ? share : free - share;
    arena.bytes.copyWithin((block << 3) + moved, lp, lp + bytes);
    setRawData(arena, node, block, moved);
    return true;
  }
  const larger = arena.allocate(pinnedClassOf(capacityFor(bytes + size, fillOf(arena, list))));
  if (larger === 0) return false;
  const moved = isInFront ? arena.blockSize(larger) - bytes : 0;
  arena.bytes.copyWithin((larger << 3) + moved, lp, lp + bytes);
  replaceBlock(arena, list, node, larger, moved, RAW);
  return true;
}

/** Bytes of the block of a listpack that has come to need so many: twice that, up to a full node. */
function capacityFor(bytes: number, fill: number): number {
  return Math.max(bytes, Math.min(2 * bytes, nodeBytesLimit(fill)));
}

/**
 * Inserts a string in a raw node.
 * @param at where the element will be, as distance from the listpack's start
 * @param source not the node's own memory
 * @returns false: no memory, nothing was changed
 */
export function insertElement(
  arena: Arena,
  list: List,
  node: Node,
  at: number,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  const size = listpack.sizeOfString(source.bytes, offset, length);
  const bytes = nodeBytes(arena, node);
  const isInFront = 2 * at < bytes && at < bytes - 1;
  if (!reserve(arena, list, node, size, isInFront)) return false;
  let lp = listpackOf(arena, node);
  if (isInFront) {
    lp -= size;
    if (at > HEADER_BYTES) {
      arena.bytes.copyWithin(lp + HEADER_BYTES, lp + size + HEADER_BYTES, lp + size + at);
    }
    moveStart(arena, node, -size);
  } else if (at === bytes - 1) {
    arena.bytes[lp + at + size] = 0xff;
  } else {
    arena.bytes.copyWithin(lp + at + size, lp + at, lp + bytes);
  }
  listpack.writeString(arena, lp + at, source, offset, length);
  resized(arena, node, lp, bytes + size, nodeCount(arena, node) + 1);
  return true;
}

/**
 * Removes elements from a raw node, but not all.
 * @param at the first of them, as distance from the listpack's start @param size their bytes
 */
export function removeElements(
  arena: Arena,
  node: Node,
  at: number,
  size: number,
  count: number,
): void {
  const bytes = nodeBytes(arena, node);
  let lp = listpackOf(arena, node);
  if (2 * at < bytes - size) {
    if (at > HEADER_BYTES) {
      arena.bytes.copyWithin(lp + size + HEADER_BYTES, lp + HEADER_BYTES, lp + at);
    }
    lp += size;
    moveStart(arena, node, size);
  } else if (at + size === bytes - 1) {
    arena.bytes[lp + at] = 0xff;
  } else {
    arena.bytes.copyWithin(lp + at, lp + at + size, lp + bytes);
  }
  resized(arena, node, lp, bytes - size, nodeCount(arena, node) - count);
}

/** Puts a string in an element's place. @returns false: no memory, nothing was changed */
export function replaceElement(
  arena: Arena,
  list: List,
  node: Node,
  at: number,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  const size = listpack.sizeOfString(source.bytes, offset, length);
  const old = listpack.sizeAt(arena.bytes, listpackOf(arena, node) + at);
  if (size > old && !reserve(arena, list, node, size - old, false)) return false;
  const lp = listpackOf(arena, node);
  listpack.replace(arena, lp, lp + at, source, offset, length);
  setSizes(arena, node, nodeCount(arena, node), nodeBytes(arena, node) + size - old);
  return true;
}

/**
 * Appends elements of a listpack elsewhere to a raw node, as they are.
 * @param size their bytes @returns false: no memory, nothing was changed
 */
export function appendElements(
  arena: Arena,
  list: List,
  node: Node,
  source: Memory,
  offset: number,
  size: number,
  count: number,
): boolean {
  if (!reserve(arena, list, node, size, false)) return false;
  const lp = listpackOf(arena, node);
  listpack.appendRange(arena, lp, source, offset, size, count);
  setSizes(arena, node, nodeCount(arena, node) + count, nodeBytes(arena, node) + size);
  return true;
}
