/** Quicklists as wholes: freeing, copying and checking them, and their nodes one by one. */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { blobCheck, blobCopy } from "./blob.ts";
import * as listpack from "./listpack.ts";
import { dropNode, link, settle } from "./quicklist.ts";
import { appendElements } from "./quicklist_elements.ts";
import {
  addLength,
  createHeader,
  depthOf,
  fillOf,
  headOf,
  lengthOf,
  type List,
  memoryOf,
  nodesOf,
  tailOf,
} from "./quicklist_header.ts";
import {
  adoptBlob,
  createNode,
  isLong,
  listpackIn,
  nextNode,
  type Node,
  nodeBytes,
  nodeCount,
  nodeData,
  nodeMemory,
  previousNode,
  readable,
} from "./quicklist_node.ts";
import type { BlockOwner, Structure } from "./structure.ts";

/** Blocks of a node. */
const BLOCKS_PER_NODE = 2;

/**
 * Appends a node with all elements of a listpack that is no longer than MAX_NODE_BYTES.
 * @returns false: no memory, nothing was changed
 */
export function appendListpack(arena: Arena, list: List, source: Memory, lp: number): boolean {
  const size = listpack.totalBytes(source.bytes, lp) - listpack.EMPTY_BYTES;
  const count = listpack.length(source.bytes, lp);
  const node = createNode(arena, list, size);
  if (node === 0) return false;
  appendElements(arena, list, node, source, lp + listpack.HEADER_BYTES, size, count);
  link(arena, list, node, tailOf(arena, list));
  addLength(arena, list, count);
  settle(arena, list, 0);
  return true;
}

/** The list's only listpack, if it has but one node and that is none of a long element; else 0. */
export function onlyListpackNode(arena: Arena, list: List): Node {
  if (nodesOf(arena, list) !== 1) return 0;
  const node = headOf(arena, list);
  return isLong(arena, node) ? 0 : node;
}

function free(arena: Arena, list: List, budget: number): boolean {
  for (let left = budget; left > 0; left -= BLOCKS_PER_NODE) {
    const head = headOf(arena, list);
    if (head === 0) break;
    dropNode(arena, list, head);
  }
  if (headOf(arena, list) !== 0) return false;
  arena.free(list);
  return true;
}

function copy(source: Arena, list: List, target: Arena): List {
  const made = createHeader(target, fillOf(source, list), depthOf(source, list));
  if (made === 0) return 0;
  for (let node = headOf(source, list); node !== 0; node = nextNode(source, node)) {
    if (!copyNode(source, node, target, made)) {
      while (!free(target, made, Infinity));
      return 0;
    }
  }
  return made;
}

function copyNode(source: Arena, node: Node, target: Arena, list: List): boolean {
  let made: Node;
  if (isLong(source, node)) {
    const blob = blobCopy(source, nodeData(source, node), target);
    if (blob === 0) return false;
    made = adoptBlob(target, list, blob);
    if (made === 0) return false;
  } else {
    const size = nodeBytes(source, node) - listpack.EMPTY_BYTES;
    made = createNode(target, list, size);
    if (made === 0) return false;
    const memory = readable(source, node);
    const from = listpackIn(memory, source, node) + listpack.HEADER_BYTES;
    appendElements(target, list, made, memory, from, size, nodeCount(source, node));
  }
  link(target, list, made, tailOf(target, list));
  addLength(target, list, nodeCount(target, made));
  settle(target, list, 0);
  return true;
}

function check(arena: Arena, list: List, owner: BlockOwner): void {
  owner.ownsBlock(list);
  let memory = arena.blockSize(list), length = 0, nodes = 0, previous = 0;
  for (let node = headOf(arena, list); node !== 0; node = nextNode(arena, node)) {
    if (previousNode(arena, node) !== previous) throw new Error(`node ${node} points astray`);
    owner.ownsBlock(node);
    checkNode(arena, node, owner);
    memory += nodeMemory(arena, node);
    length += nodeCount(arena, node);
    nodes++;
    previous = node;
  }
  if (tailOf(arena, list) !== previous) throw new Error("the tail is not the last node");
  if (nodesOf(arena, list) !== nodes) throw new Error(`${nodes} nodes, not as counted`);
  if (lengthOf(arena, list) !== length) throw new Error(`${length} elements, not as counted`);
  if (memoryOf(arena, list) !== memory) throw new Error(`${memory} bytes, not as counted`);
}

function checkNode(arena: Arena, node: Node, owner: BlockOwner): void {
  const data = nodeData(arena, node);
  if (nodeCount(arena, node) === 0) throw new Error(`node ${node} is empty`);
  if (isLong(arena, node)) {
    blobCheck(arena, data, owner);
    return;
  }
  owner.ownsBlock(data);
  const memory = readable(arena, node);
  const lp = listpackIn(memory, arena, node);
  if (memory === arena && lp + nodeBytes(arena, node) > (data << 3) + arena.blockSize(data)) {
    throw new Error(`the listpack of node ${node} is longer than its block`);
  }
  if (!listpack.validate(memory.bytes, lp, nodeBytes(arena, node), true)) {
    throw new Error(`node ${node} holds no listpack`);
  }
  if (listpack.length(memory.bytes, lp) !== nodeCount(arena, node)) {
    throw new Error(`node ${node} counts its elements wrongly`);
  }
}

export const quicklist: Structure = { free, copy, sizeBytes: memoryOf, check };
