/**
 * Quicklist: a long list as a chain of nodes, each of them a listpack of neighbouring elements.
 *
 *   header ──head──▶ node ◀──▶ node ◀──▶ node ◀──tail── header
 *                     │          │         │
 *                     ▼          ▼         ▼
 *                  listpack   packed    one long
 *                  (raw)      by LZF    element (blob)
 *
 * Nodes hold what quicklist_limits.ts lets them. With a depth, nodes further than that from both
 * ends are packed while nothing is done to them. An element is named by its node, its index there, and
 * `at`, the distance from the start of the node's listpack; 0 in a node of one long element.
 *
 * Invariants: no node is empty; the counts and the memory of the header are the sums over all nodes.
 * Nodes within the depth of an end are not packed, unless there was no memory to unpack them.
 * Cost: push and pop are O(1) but for what a full block moves; an index is found by walking the nodes
 * from the nearer end.  Source: Redis src/quicklist.c.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import * as listpack from "./listpack.ts";
import { insertElement, removeElements } from "./quicklist_elements.ts";
import {
  addLength,
  addNodes,
  depthOf,
  fillOf,
  headOf,
  lengthOf,
  type List,
  nodesOf,
  setHead,
  setTail,
  tailOf,
} from "./quicklist_header.ts";
import { hasRoom, isLarge, roomOfFullNode } from "./quicklist_limits.ts";
import {
  createLongNode,
  createNode,
  freeNode,
  isLong,
  isRaw,
  listpackOf,
  makeRaw,
  nextNode,
  type Node,
  nodeBytes,
  nodeCount,
  pack,
  previousNode,
  setNext,
  setPrevious,
} from "./quicklist_node.ts";

/** From so many nodes on, new ones at the ends get all the room that they may fill. */
const LONG_LIST_NODES = 4;

// The chain

/** Links a node behind another one; behind 0 it becomes the first. */
export function link(arena: Arena, list: List, node: Node, previous: Node): void {
  const next = previous === 0 ? headOf(arena, list) : nextNode(arena, previous);
  setPrevious(arena, node, previous);
  setNext(arena, node, next);
  if (previous === 0) setHead(arena, list, node);
  else setNext(arena, previous, node);
  if (next === 0) setTail(arena, list, node);
  else setPrevious(arena, next, node);
  addNodes(arena, list, 1);
}

/** Takes a node out of the chain and frees it with all its elements. */
export function dropNode(arena: Arena, list: List, node: Node): void {
  const previous = previousNode(arena, node), next = nextNode(arena, node);
  if (previous === 0) setHead(arena, list, next);
  else setNext(arena, previous, next);
  if (next === 0) setTail(arena, list, previous);
  else setPrevious(arena, next, previous);
  addNodes(arena, list, -1);
  addLength(arena, list, -nodeCount(arena, node));
  freeNode(arena, list, node);
}

/**
 * Unpacks the nodes at both ends, as far as the depth says and memory allows, and packs those behind
 * them, and `node` if it is none of the former.
 * @param node 0 = none
 */
export function settle(arena: Arena, list: List, node: Node): void {
  const depth = depthOf(arena, list);
  if (depth === 0) return;
  let isNearEnd = false;
  let front = headOf(arena, list), back = tailOf(arena, list);
  for (let i = 0; i < depth; i++) {
    makeRaw(arena, list, front);
    makeRaw(arena, list, back);
    if (front === node || back === node) isNearEnd = true;
    if (front === back || nextNode(arena, front) === back) return;
    front = nextNode(arena, front);
    back = previousNode(arena, back);
  }
  pack(arena, list, front);
  pack(arena, list, back);
  if (node !== 0 && !isNearEnd) pack(arena, list, node);
}

// Both ends

/**
 * Adds a string as the first or the last element.
 * @param source not the arena
 * @returns false: no memory, nothing was changed
 */
export function push(
  arena: Arena,
  list: List,
  source: Memory,
  offset: number,
  length: number,
  isInFront: boolean,
): boolean {
  const fill = fillOf(arena, list);
  const end = isInFront ? headOf(arena, list) : tailOf(arena, list);
  if (
    end !== 0 && !isLong(arena, end) && !isLarge(fill, length) &&
    hasRoom(fill, nodeBytes(arena, end), nodeCount(arena, end), length)
  ) {
    const at = isInFront ? listpack.HEADER_BYTES : nodeBytes(arena, end) - 1;
    if (!makeRaw(arena, list, end)) return false;
    if (!insertElement(arena, list, end, at, source, offset, length)) return false;
    addLength(arena, list, 1);
    return true;
  }
  const isLongList = nodesOf(arena, list) >= LONG_LIST_NODES;
  const room = isLongList ? roomOfFullNode(fill) : 0;
  const node = createNodeOf(arena, list, source, offset, length, room);
  if (node === 0) return false;
  link(arena, list, node, isInFront ? 0 : end);
  addLength(arena, list, 1);
  settle(arena, list, 0);
  return true;
}

/**
 * Makes a node of one string, in no chain yet.
 * @param room bytes of elements that it is to have room for at least @returns 0: no memory
 */
export function createNodeOf(
  arena: Arena,
  list: List,
  source: Memory,
  offset: number,
  length: number,
  room = 0,
): Node {
  if (isLarge(fillOf(arena, list), length)) {
    return createLongNode(arena, list, source, offset, length);
  }
  const size = listpack.sizeOfString(source.bytes, offset, length);
  const node = createNode(arena, list, Math.max(size, room));
  if (node !== 0) {
    insertElement(arena, list, node, listpack.HEADER_BYTES, source, offset, length);
  }
  return node;
}

/** Where the first or the last element of a list is in the arena; 0 if it is packed, or a long one. */
export function endPosition(arena: Arena, list: List, isInFront: boolean): listpack.Position {
  const node = isInFront ? headOf(arena, list) : tailOf(arena, list);
  if (!isRaw(arena, node)) return 0;
  const lp = listpackOf(arena, node);
  return isInFront
    ? lp + listpack.HEADER_BYTES
    : listpack.before(arena.bytes, lp, lp + nodeBytes(arena, node) - 1);
}

/**
 * Removes the first or the last element of a list that has one.
 * @returns false: no memory to unpack its node, nothing was changed
 */
export function pop(arena: Arena, list: List, isInFront: boolean): boolean {
  const node = isInFront ? headOf(arena, list) : tailOf(arena, list);
  if (nodeCount(arena, node) === 1) {
    dropNode(arena, list, node);
    if (nodesOf(arena, list) > 0) settle(arena, list, 0);
    return true;
  }
  if (!makeRaw(arena, list, node)) return false;
  const lp = listpackOf(arena, node);
  const { bytes } = arena;
  const p = isInFront
    ? lp + listpack.HEADER_BYTES
    : listpack.before(bytes, lp, lp + nodeBytes(arena, node) - 1);
  removeElements(arena, node, p - lp, listpack.sizeAt(bytes, p), 1);
  addLength(arena, list, -1);
  return true;
}

// Ranges

/** Index in its node of what `nodeAt` found last. */
export let indexInNode = 0;

/** @param index from 0 to length - 1 @returns the node that has it; sets `indexInNode` */
export function nodeAt(arena: Arena, list: List, index: number): Node {
  const length = lengthOf(arena, list);
  let node: Node;
  if (index * 2 < length) {
    let rest = index;
    node = headOf(arena, list);
    for (let count; rest >= (count = nodeCount(arena, node)); node = nextNode(arena, node)) {
      rest -= count;
    }
    indexInNode = rest;
  } else {
    let rest = length - 1 - index;
    node = tailOf(arena, list);
    for (let count; rest >= (count = nodeCount(arena, node)); node = previousNode(arena, node)) {
      rest -= count;
    }
    indexInNode = nodeCount(arena, node) - 1 - rest;
  }
  return node;
}

/**
 * Unpacks what must be for `removeRange` to take elements out of it.
 * @returns whether there was memory for that: then `removeRange` does not fail
 */
export function prepareRemoval(arena: Arena, list: List, index: number, count: number): boolean {
  return depthOf(arena, list) === 0 ||
    makeRaw(arena, list, nodeAt(arena, list, index + count - 1)) &&
      makeRaw(arena, list, nodeAt(arena, list, index));
}

/**
 * Removes `count` elements from an index on; they are all there.
 * @returns false: no memory to unpack a node that stays; nothing was changed
 */
export function removeRange(arena: Arena, list: List, index: number, count: number): boolean {
  if (!prepareRemoval(arena, list, index, count)) return false;
  let node = nodeAt(arena, list, index);
  let first = indexInNode;
  let edited: Node = 0, editedLast: Node = 0;
  for (let left = count; left > 0;) {
    const next = nextNode(arena, node);
    const taken = Math.min(left, nodeCount(arena, node) - first);
    if (taken === nodeCount(arena, node)) {
      dropNode(arena, list, node);
    } else {
      if (edited === 0) edited = node;
      else editedLast = node;
      removeWithin(arena, list, node, first, taken);
    }
    left -= taken;
    first = 0;
    node = next;
  }
  if (nodesOf(arena, list) > 0) settle(arena, list, edited);
  if (editedLast !== 0) settle(arena, list, editedLast);
  return true;
}

/** Removes some elements, but not all, of a raw node. */
function removeWithin(
  arena: Arena,
  list: List,
  node: Node,
  index: number,
  count: number,
): void {
  const lp = listpackOf(arena, node);
  const p = listpack.seek(arena.bytes, lp, index);
  removeElements(arena, node, p - lp, listpack.sizeOfRange(arena.bytes, p, count), count);
  addLength(arena, list, -count);
}
