/**
 * Radix tree: an ordered map from byte strings to 31-bit values, in pinned blocks of an arena.
 *
 *   HEADER (16 bytes, a block of its own or part of another structure's header)
 *   OFFSET  SIZE  FIELD
 *        0     4  root    pointer (radix_node.ts); 0 = the tree is empty
 *        4     4  count   keys
 *        8     4  size    bytes of all blocks, the header not included
 *       12     4  flags   bit 0: LOOSE
 *
 *   list { k, u }                       "k1" = 7, "k2" = 0, "user:1" = 5, "user:2" = 6
 *     k ─▶ list { 1, 2 }                one byte of the key is spent at each inner node,
 *            1 ─▶ value here: 7         n bytes at a path, the rest in the leaf
 *            2 ─▶ leaf "", value 0
 *     u ─▶ path "ser:" ─▶ list { 1, 2 } ─▶ values here: 5, 6
 *
 * Keys are in the order of their bytes, a key before those that it is the beginning of; they may
 * have 0 to MAX_KEY_BYTES bytes. The tree never moves a block, and no key or node is a JavaScript
 * object.
 *
 * Invariants: an inner node has at least two entries, a path leads to an inner node, unless the tree
 * is LOOSE: there was no memory to join nodes when a key was removed, or it is being freed.
 * Cost: find, insert and remove take O(key length) steps, mostly O(log n) of them.
 * Source: Leis, Kemper, Neumann: The Adaptive Radix Tree (2013).
 */
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import {
  addChild,
  byteAt,
  bytesLength,
  changeLeafValue,
  CHILD_WORD,
  childSlot,
  commonLength,
  copyBytes,
  dispose,
  entryCount,
  leafValue,
  LIST_TAG,
  makeLeaf,
  makePath,
  makeSmallestNode,
  type Memory,
  nextByte,
  PATH_TAG,
  placeChild,
  type Pointer,
  type PointerSlot,
  removeChild,
  shrinkNode,
  SIZE_WORD,
  terminalSlot,
  UNIT_MASK,
} from "./radix_node.ts";
import type { Unit } from "./structure.ts";

export const RADIX_HEADER_BYTES = 16;
/** The longest key. */
export const MAX_RADIX_KEY_BYTES = 65_000;
/** The largest value. */
export const MAX_RADIX_VALUE = 0x7fff_ffff;

/** What `radixInsert` did. */
export const RADIX_ADDED = 1;
export const RADIX_REPLACED = 0;
export const RADIX_NO_MEMORY = -1;
/** What `radixFind` and `radixRemove` return where there is no such key. */
export const RADIX_ABSENT = -1;

const COUNT_WORD = 1;
const FLAGS_WORD = 3;
const LOOSE = 1;
/** Instead of a byte: the key ends at the node. */
const TERMINAL = -1;

/** Where bytes are joined. */
const scratch = makeRegion(MAX_RADIX_KEY_BYTES + 8);

/** Writes the header of an empty tree to 16 bytes that the caller has. */
export function radixInit(arena: Arena, tree: Unit): void {
  arena.words.fill(0, tree << 1, (tree << 1) + (RADIX_HEADER_BYTES >> 2));
}

/** @returns the header of an empty tree in a block of its own; 0 when there is no memory */
export function radixCreate(arena: Arena): Unit {
  const tree = arena.allocate(pinnedClassOf(RADIX_HEADER_BYTES));
  if (tree !== 0) radixInit(arena, tree);
  return tree;
}

/** Number of keys. */
export function radixCount(arena: Arena, tree: Unit): number {
  return arena.words[(tree << 1) + COUNT_WORD];
}

/** Memory of all blocks in bytes, the header not included; O(1). */
export function radixSizeBytes(arena: Arena, tree: Unit): number {
  return arena.words[(tree << 1) + SIZE_WORD];
}

/** Whether the tree may hold nodes with one entry. */
export function radixIsLoose(arena: Arena, tree: Unit): boolean {
  return (arena.words[(tree << 1) + FLAGS_WORD] & LOOSE) !== 0;
}

/** Notes that nothing is left. */
export function radixForget(arena: Arena, tree: Unit): void {
  arena.words[tree << 1] = 0;
  arena.words[(tree << 1) + FLAGS_WORD] = 0;
}

/** Says that nodes with one entry are to be expected from now on. */
export function markRadixLoose(arena: Arena, tree: Unit): void {
  arena.words[(tree << 1) + FLAGS_WORD] |= LOOSE;
}

/** @returns the value of a key, or RADIX_ABSENT */
export function radixFind(
  arena: Arena,
  tree: Unit,
  input: Memory,
  offset: number,
  length: number,
): number {
  const { words } = arena;
  let pointer = words[tree << 1];
  let at = 0;
  for (;;) {
    if (pointer < PATH_TAG) {
      if (pointer === 0 || bytesLength(words, pointer) !== length - at) return RADIX_ABSENT;
      const common = commonLength(arena, pointer, input, offset + at, length - at);
      return common === length - at ? leafValue(words, pointer) : RADIX_ABSENT;
    }
    if (pointer < LIST_TAG) {
      const own = bytesLength(words, pointer);
      if (commonLength(arena, pointer, input, offset + at, length - at) < own) return RADIX_ABSENT;
      at += own;
      pointer = words[((pointer & UNIT_MASK) << 1) + CHILD_WORD];
    } else if (at === length) {
      pointer = words[terminalSlot(pointer)];
    } else {
      const slot = childSlot(arena, pointer, input.bytes[offset + at++]);
      if (slot === 0) return RADIX_ABSENT;
      pointer = words[slot];
    }
  }
}

/**
 * Gives a key a value.
 * @param length at most MAX_RADIX_KEY_BYTES @param value 0 to MAX_RADIX_VALUE
 * @returns RADIX_ADDED, RADIX_REPLACED or RADIX_NO_MEMORY, and then nothing was changed
 */
export function radixInsert(
  arena: Arena,
  tree: Unit,
  input: Memory,
  offset: number,
  length: number,
  value: number,
): number {
  const { words } = arena;
  let slot = tree << 1;
  let at = 0;
  for (;;) {
    const pointer = words[slot];
    if (pointer < PATH_TAG) {
      const start = offset + at, rest = length - at;
      if (pointer === 0) return addLeaf(arena, tree, slot, input, start, rest, value);
      return meetLeaf(arena, tree, slot, input, start, rest, value);
    }
    if (pointer < LIST_TAG) {
      const own = bytesLength(words, pointer);
      const common = commonLength(arena, pointer, input, offset + at, length - at);
      if (common < own) {
        return splitPath(arena, tree, slot, common, input, offset + at, length - at, value);
      }
      at += own;
      slot = ((pointer & UNIT_MASK) << 1) + CHILD_WORD;
      continue;
    }
    if (at === length) {
      slot = terminalSlot(pointer);
      continue;
    }
    const byte = input.bytes[offset + at++];
    const next = childSlot(arena, pointer, byte);
    if (next === 0) {
      const leaf = makeLeaf(arena, tree, input, offset + at, length - at, value);
      if (leaf === 0) return RADIX_NO_MEMORY;
      if (!addChild(arena, tree, slot, byte, leaf)) {
        dispose(arena, tree, leaf);
        return RADIX_NO_MEMORY;
      }
      words[(tree << 1) + COUNT_WORD]++;
      return RADIX_ADDED;
    }
    slot = next;
  }
}

/** Puts the rest of a key into a place that is empty: the root's, or a terminal's. */
function addLeaf(
  arena: Arena,
  tree: Unit,
  slot: PointerSlot,
  input: Memory,
  offset: number,
  length: number,
  value: number,
): number {
  const leaf = makeLeaf(arena, tree, input, offset, length, value);
  if (leaf === 0) return RADIX_NO_MEMORY;
  arena.words[slot] = leaf;
  arena.words[(tree << 1) + COUNT_WORD]++;
  return RADIX_ADDED;
}

/** The rest of a key meets a leaf: its own, or one that it is to share a node with. */
function meetLeaf(
  arena: Arena,
  tree: Unit,
  slot: PointerSlot,
  input: Memory,
  offset: number,
  length: number,
  value: number,
): number {
  const { words } = arena;
  const old = words[slot];
  const own = bytesLength(words, old);
  const common = commonLength(arena, old, input, offset, length);
  if (common === own && common === length) {
    if (changeLeafValue(words, old, value)) return RADIX_REPLACED;
    const leaf = makeLeaf(arena, tree, input, offset, length, value);
    if (leaf === 0) return RADIX_NO_MEMORY;
    words[slot] = leaf;
    dispose(arena, tree, old);
    return RADIX_REPLACED;
  }
  const oldByte = common === own ? TERMINAL : byteAt(arena, old, common);
  copyBytes(arena, old, scratch, 0);
  const start = oldByte === TERMINAL ? common : common + 1;
  const kept = makeLeaf(arena, tree, scratch, start, own - start, leafValue(words, old));
  if (kept === 0) return RADIX_NO_MEMORY;
  const fork = makeFork(arena, tree, common, oldByte, kept, input, offset, length, value);
  if (fork === 0) {
    dispose(arena, tree, kept);
    return RADIX_NO_MEMORY;
  }
  words[slot] = fork;
  dispose(arena, tree, old);
  words[(tree << 1) + COUNT_WORD]++;
  return RADIX_ADDED;
}

/** The rest of a key leaves a path before its end. */
function splitPath(
  arena: Arena,
  tree: Unit,
  slot: PointerSlot,
  common: number,
  input: Memory,
  offset: number,
  length: number,
  value: number,
): number {
  const { words } = arena;
  const old = words[slot];
  const own = bytesLength(words, old);
  const below = words[((old & UNIT_MASK) << 1) + CHILD_WORD];
  const oldByte = byteAt(arena, old, common);
  let kept = below;
  if (common + 1 < own) {
    copyBytes(arena, old, scratch, 0);
    kept = makePath(arena, tree, scratch, common + 1, own - common - 1, below);
    if (kept === 0) return RADIX_NO_MEMORY;
  }
  const fork = makeFork(arena, tree, common, oldByte, kept, input, offset, length, value);
  if (fork === 0) {
    if (kept !== below) dispose(arena, tree, kept);
    return RADIX_NO_MEMORY;
  }
  words[slot] = fork;
  dispose(arena, tree, old);
  words[(tree << 1) + COUNT_WORD]++;
  return RADIX_ADDED;
}

/**
 * Makes a node, behind a path where they have bytes in common, of what was there and a new key.
 * @param common how many bytes of the new key's rest both have in common
 * @param oldByte that under which the old entry goes, or TERMINAL
 * @returns 0 when there is no memory
 */
function makeFork(
  arena: Arena,
  tree: Unit,
  common: number,
  oldByte: number,
  old: Pointer,
  input: Memory,
  offset: number,
  length: number,
  value: number,
): Pointer {
  const endsHere = common === length;
  const start = endsHere ? common : common + 1;
  const leaf = makeLeaf(arena, tree, input, offset + start, length - start, value);
  if (leaf === 0) return 0;
  const terminal = endsHere ? leaf : oldByte === TERMINAL ? old : 0;
  const node = makeSmallestNode(arena, tree, terminal);
  if (node === 0) {
    dispose(arena, tree, leaf);
    return 0;
  }
  if (!endsHere) placeChild(arena, node, input.bytes[offset + common], leaf);
  if (oldByte !== TERMINAL) placeChild(arena, node, oldByte, old);
  if (common === 0) return node;
  const path = makePath(arena, tree, input, offset, common, node);
  if (path === 0) {
    dispose(arena, tree, node);
    dispose(arena, tree, leaf);
  }
  return path;
}

/** Removes a key; never fails. @returns its value, or RADIX_ABSENT */
export function radixRemove(
  arena: Arena,
  tree: Unit,
  input: Memory,
  offset: number,
  length: number,
): number {
  const { words } = arena;
  let slot = tree << 1;
  let at = 0;
  /** Where the path above the current node is; 0 = there is none. */
  let pathSlot = 0;
  /** The last node with another entry: what to cut off, and where. */
  let forkTop = 0, forkSlot = 0, forkByte = TERMINAL, branch = words[slot];
  for (;;) {
    const pointer = words[slot];
    if (pointer < PATH_TAG) {
      if (pointer === 0 || bytesLength(words, pointer) !== length - at) return RADIX_ABSENT;
      const common = commonLength(arena, pointer, input, offset + at, length - at);
      if (common < length - at) return RADIX_ABSENT;
      const value = leafValue(words, pointer);
      freeChain(arena, tree, branch);
      words[(tree << 1) + COUNT_WORD]--;
      if (forkSlot === 0) radixForget(arena, tree);
      else cut(arena, tree, forkTop, forkSlot, forkByte);
      return value;
    }
    if (pointer < LIST_TAG) {
      const own = bytesLength(words, pointer);
      if (commonLength(arena, pointer, input, offset + at, length - at) < own) return RADIX_ABSENT;
      at += own;
      pathSlot = slot;
      slot = ((pointer & UNIT_MASK) << 1) + CHILD_WORD;
      continue;
    }
    const byte = at === length ? TERMINAL : input.bytes[offset + at++];
    const next = byte === TERMINAL ? terminalSlot(pointer) : childSlot(arena, pointer, byte);
    if (next === 0) return RADIX_ABSENT;
    if (entryCount(words, pointer) > 1) {
      forkSlot = slot;
      forkTop = pathSlot === 0 ? slot : pathSlot;
      forkByte = byte;
      branch = words[next];
    }
    pathSlot = 0;
    slot = next;
  }
}

/** Frees a leaf with the paths and nodes of one entry above it. */
function freeChain(arena: Arena, tree: Unit, pointer: Pointer): void {
  const { words } = arena;
  while (pointer >= PATH_TAG) {
    const below = pointer < LIST_TAG
      ? words[((pointer & UNIT_MASK) << 1) + CHILD_WORD]
      : onlyEntry(arena, pointer);
    dispose(arena, tree, pointer);
    pointer = below;
  }
  dispose(arena, tree, pointer);
}

function onlyEntry(arena: Arena, node: Pointer): Pointer {
  const terminal = arena.words[terminalSlot(node)];
  return terminal !== 0
    ? terminal
    : arena.words[childSlot(arena, node, nextByte(arena, node, TERMINAL))];
}

/**
 * Takes an entry off a node that has others.
 * @param top where the path above the node is, or the node itself
 */
function cut(
  arena: Arena,
  tree: Unit,
  top: PointerSlot,
  nodeSlot: PointerSlot,
  byte: number,
): void {
  const { words } = arena;
  const node = words[nodeSlot];
  if (byte === TERMINAL) words[terminalSlot(node)] = 0;
  else removeChild(arena, node, byte);
  if (entryCount(words, node) === 1) join(arena, tree, top, nodeSlot);
  else shrinkNode(arena, tree, nodeSlot);
}

/** Makes one of a node with a single entry, what is below and the path above. */
function join(arena: Arena, tree: Unit, top: PointerSlot, nodeSlot: PointerSlot): void {
  const { words } = arena;
  const node = words[nodeSlot], above = words[top];
  let length = top === nodeSlot ? 0 : copyBytes(arena, above, scratch, 0);
  let only = words[terminalSlot(node)];
  if (only === 0) {
    const byte = nextByte(arena, node, TERMINAL);
    only = words[childSlot(arena, node, byte)];
    scratch.bytes[length++] = byte;
  }
  let joined: Pointer;
  if (only >= LIST_TAG) {
    joined = makePath(arena, tree, scratch, 0, length, only);
  } else {
    length += copyBytes(arena, only, scratch, length);
    joined = only < PATH_TAG
      ? makeLeaf(arena, tree, scratch, 0, length, leafValue(words, only))
      : makePath(arena, tree, scratch, 0, length, words[((only & UNIT_MASK) << 1) + CHILD_WORD]);
  }
  if (joined === 0) {
    markRadixLoose(arena, tree);
    return;
  }
  words[top] = joined;
  if (only < LIST_TAG) dispose(arena, tree, only);
  dispose(arena, tree, node);
  if (top !== nodeSlot) dispose(arena, tree, above);
}
