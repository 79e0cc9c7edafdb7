/**
 * Changes in the middle of a quicklist: a full node is split, and small neighbours become one again.
 *
 * An element is named by its node, its index there, and `at`, the distance of its first byte from the
 * start of the node's listpack; in a node of one long element that is 0.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import * as listpack from "./listpack.ts";
import { createNodeOf, dropNode, link, settle } from "./quicklist.ts";
import {
  appendElements,
  insertElement,
  removeElements,
  replaceElement,
} from "./quicklist_elements.ts";
import { addLength, depthOf, fillOf, type List } from "./quicklist_header.ts";
import { exceedsLimit, hasRoom, isLarge, MAX_NODE_BYTES } from "./quicklist_limits.ts";
import {
  createNode,
  freeNode,
  isLong,
  listpackOf,
  makeRaw,
  nextNode,
  type Node,
  nodeBytes,
  nodeCount,
  previousNode,
} from "./quicklist_node.ts";

/**
 * Inserts a string before the element of a node at an index, or behind the last one.
 * @param index from 0 to the node's count
 * @param isBehind whether it belongs to the element before it, should the node be split there
 * @param source not the arena
 * @returns false: no memory, nothing was changed
 */
export function insertAt(
  arena: Arena,
  list: List,
  node: Node,
  index: number,
  at: number,
  isBehind: boolean,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  const fill = fillOf(arena, list);
  const host = isLarge(fill, length) ? 0 : hostFor(arena, list, node, index, length);
  if (host !== 0) {
    if (!makeRaw(arena, list, host)) return false;
    let place = at;
    if (host !== node) place = index === 0 ? nodeBytes(arena, host) - 1 : listpack.HEADER_BYTES;
    if (!insertElement(arena, list, host, place, source, offset, length)) return false;
    addLength(arena, list, 1);
    settle(arena, list, host);
    return true;
  }
  const added = createNodeOf(arena, list, source, offset, length);
  if (added === 0) return false;
  const isAtEdge = index === 0 || index === nodeCount(arena, node);
  if (!isAtEdge && !(makeRaw(arena, list, node) && split(arena, list, node, index))) {
    freeNode(arena, list, added);
    return false;
  }
  link(arena, list, added, index === 0 ? previousNode(arena, node) : node);
  addLength(arena, list, 1);
  if (isAtEdge) {
    settle(arena, list, added);
    return true;
  }
  if (isBehind) merge(arena, list, added, nextNode(arena, added));
  else merge(arena, list, node, added);
  mergeAround(arena, list, node);
  return true;
}

/** @returns the node to put an element into: the one asked for, or the one beside it; 0 = none has room */
function hostFor(arena: Arena, list: List, node: Node, index: number, length: number): Node {
  const fill = fillOf(arena, list);
  const takes = (host: Node) =>
    host !== 0 && !isLong(arena, host) &&
    hasRoom(fill, nodeBytes(arena, host), nodeCount(arena, host), length);
  if (takes(node)) return node;
  if (index === 0 && takes(previousNode(arena, node))) return previousNode(arena, node);
  if (index === nodeCount(arena, node) && takes(nextNode(arena, node))) {
    return nextNode(arena, node);
  }
  return 0;
}

/** Moves the elements of a raw node from an index on to a node behind it. @returns false: no memory */
function split(arena: Arena, list: List, node: Node, index: number): boolean {
  const lp = listpackOf(arena, node);
  const bytes = nodeBytes(arena, node), count = nodeCount(arena, node) - index;
  const p = listpack.seek(arena.bytes, lp, index);
  const size = lp + bytes - 1 - p;
  const behind = createNode(arena, list, size);
  if (behind === 0) return false;
  appendElements(arena, list, behind, arena, p, size, count);
  removeElements(arena, node, p - lp, size, count);
  link(arena, list, behind, node);
  return true;
}

/** Merges a node and those around it where that makes none too full. */
function mergeAround(arena: Arena, list: List, center: Node): void {
  const previous = previousNode(arena, center), next = nextNode(arena, center);
  if (previous !== 0) merge(arena, list, previousNode(arena, previous), previous);
  if (next !== 0) merge(arena, list, next, nextNode(arena, next));
  const before = previousNode(arena, center);
  const target = merge(arena, list, before, center) ? before : center;
  merge(arena, list, target, nextNode(arena, target));
  settle(arena, list, target);
  if (depthOf(arena, list) === 0) return;
  for (const side of [previousNode(arena, target), nextNode(arena, target)]) {
    if (side !== 0) settle(arena, list, side);
  }
}

/** Moves all elements of a node to the one before it if both are there and they fit. */
function merge(arena: Arena, list: List, node: Node, next: Node): boolean {
  if (node === 0 || next === 0 || isLong(arena, node) || isLong(arena, next)) return false;
  const bytes = nodeBytes(arena, node) + nodeBytes(arena, next) - listpack.EMPTY_BYTES;
  const count = nodeCount(arena, next);
  if (exceedsLimit(fillOf(arena, list), bytes, count + nodeCount(arena, node))) return false;
  if (!makeRaw(arena, list, node) || !makeRaw(arena, list, next)) return false;
  const from = listpackOf(arena, next) + listpack.HEADER_BYTES;
  const size = nodeBytes(arena, next) - listpack.EMPTY_BYTES;
  if (!appendElements(arena, list, node, arena, from, size, count)) return false;
  addLength(arena, list, count);
  dropNode(arena, list, next);
  return true;
}

/**
 * Puts a string in an element's place.
 * @param source not the arena
 * @returns false: no memory, nothing was changed
 */
export function replaceAt(
  arena: Arena,
  list: List,
  node: Node,
  index: number,
  at: number,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  if (!makeRaw(arena, list, node)) return false;
  if (!isLong(arena, node) && !isLarge(fillOf(arena, list), length)) {
    const old = listpack.sizeAt(arena.bytes, listpackOf(arena, node) + at);
    const size = listpack.sizeOfString(source.bytes, offset, length);
    if (nodeBytes(arena, node) + size - old <= MAX_NODE_BYTES) {
      if (!replaceElement(arena, list, node, at, source, offset, length)) return false;
      settle(arena, list, node);
      return true;
    }
  }
  const added = createNodeOf(arena, list, source, offset, length);
  if (added === 0) return false;
  if (index + 1 < nodeCount(arena, node) && !split(arena, list, node, index + 1)) {
    freeNode(arena, list, added);
    return false;
  }
  link(arena, list, added, node);
  addLength(arena, list, 1);
  if (nodeCount(arena, node) === 1) {
    dropNode(arena, list, node);
  } else {
    const size = listpack.sizeAt(arena.bytes, listpackOf(arena, node) + at);
    removeElements(arena, node, at, size, 1);
    addLength(arena, list, -1);
  }
  mergeAround(arena, list, added);
  return true;
}
