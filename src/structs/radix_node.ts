/**
 * Nodes of a radix tree, in pinned blocks of an arena, and the pointers between them.
 *
 *   pointer   | 0 | type: 4 bits | unit of the block: 27 bits |      0 = none
 *             | 1 | 00000 | length: 2 bits | up to three bytes, the first one lowest |
 *
 *   TYPE        SIZE      CONTENT
 *   (bit 31)    0         leaf: the rest of a key, at most 3 bytes; its value is 0
 *   value here  0         leaf: nothing is left of the key; its value in the place of the unit
 *   leaf        4 + n     length n, then the last n bytes of a key; its value is 0
 *   value leaf  8 + n     length n, value, bytes
 *   path        8 + n     length n, pointer to the node below, n bytes that all keys below share
 *   list        8 + 5 c   count | capacity << 16, terminal, c sorted bytes (padded to 4), c pointers
 *   node 48     456       count, terminal, for each byte the number of its pointer (0 = none),
 *                         48 pointers
 *   node 256    1,032     count, terminal, a pointer for each byte
 *
 * A terminal is the leaf of the key that ends at the node. The capacity of a list is 2, 4, 8, 12, 16
 * or 24: these fill the arena's blocks of 24 to 128 bytes. (With 24 a million keys of ten letters and
 * digits take 27 bytes each, with nothing between 16 and node 48 they take 34.)
 *
 * Invariants: the bytes of a list ascend; below a path is an inner node (list, 48, 256).
 * Source: Leis, Kemper, Neumann: The Adaptive Radix Tree (2013).
 */
import { copyPadded } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import type { Unit } from "./structure.ts";

/** Names a node or is a leaf; 0 = none. */
export type Pointer = number;
/** Word of an arena that holds a pointer. */
export type PointerSlot = number;

/** Bytes and a view of the same memory, with 3 readable bytes behind what is asked for. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const TYPE_SHIFT = 27;
export const UNIT_MASK: number = (1 << TYPE_SHIFT) - 1;
const VALUE_HERE_TAG = 1 << TYPE_SHIFT;
/** From here on pointers name blocks. */
export const LEAF_TAG: number = 2 << TYPE_SHIFT;
const VALUE_LEAF_TAG = 3 << TYPE_SHIFT;
/** Pointers below this, the negative ones too, are leaves. */
export const PATH_TAG: number = 4 << TYPE_SHIFT;
/** Pointers from here on are inner nodes. */
export const LIST_TAG: number = 5 << TYPE_SHIFT;
const NODE48_TAG = 6 << TYPE_SHIFT;
const NODE256_TAG = 7 << TYPE_SHIFT;

const INLINE_BIT = 1 << 31;
const INLINE_LENGTH_SHIFT = 24;
const INLINE_MAX = 3;

/** Words of the tree's header that are kept up to date here. */
export const SIZE_WORD = 2;

/** Words and bytes from a block's start. */
export const CHILD_WORD = 1;
export const TERMINAL_WORD = 1;
const FIRST_WORD = 2;
const LEAF_BYTES = 4;
const LONG_BYTES = 8;
const COUNT_MASK = 0xffff;
const CAPACITY_SHIFT = 16;
const NODE48_CHILDREN = 48;
const NODE48_WORD: number = FIRST_WORD + 64;
const NODE48_BYTES = 456;
const NODE256_BYTES = 1032;

/** Node sizes in ascending order: lists of these capacities, then 48, then 256. */
const LIST_CAPACITIES = [2, 4, 8, 12, 16, 24] as const;
const RANK_48 = LIST_CAPACITIES.length;
const RANK_256: number = RANK_48 + 1;
const RANK_OF_CAPACITY = new Uint8Array(64);
LIST_CAPACITIES.forEach((capacity, rank) => RANK_OF_CAPACITY[capacity] = rank);
const RANK_BYTES: readonly number[] = [
  ...LIST_CAPACITIES.map((capacity) => LONG_BYTES + ((capacity + 3) & ~3) + 4 * capacity),
  NODE48_BYTES,
  NODE256_BYTES,
];
/** A node with fewer children than this gets the next smaller size. */
const SHRINK_BELOW: readonly number[] = [0, 2, 4, 8, 12, 16, 20, 38];

// Blocks

function allocate(arena: Arena, tree: Unit, bytes: number): Unit {
  const unit = arena.allocate(pinnedClassOf(bytes));
  if (unit !== 0) arena.words[(tree << 1) + SIZE_WORD] += arena.blockSize(unit);
  return unit;
}

/** Frees the block of a pointer, if it has one, and nothing below. */
export function dispose(arena: Arena, tree: Unit, pointer: Pointer): void {
  if (pointer < LEAF_TAG) return;
  const unit = pointer & UNIT_MASK;
  arena.words[(tree << 1) + SIZE_WORD] -= arena.blockSize(unit);
  arena.free(unit);
}

// Leaves and paths

/** @returns 0 when there is no memory. @param value 0 to 2³¹ - 1 */
export function makeLeaf(
  arena: Arena,
  tree: Unit,
  source: Memory,
  offset: number,
  length: number,
  value: number,
): Pointer {
  if (value === 0) {
    if (length <= INLINE_MAX) {
      let pointer = INLINE_BIT | (length << INLINE_LENGTH_SHIFT);
      for (let i = 0; i < length; i++) pointer |= source.bytes[offset + i] << (i << 3);
      return pointer;
    }
    const unit = allocate(arena, tree, LEAF_BYTES + length);
    if (unit === 0) return 0;
    arena.words[unit << 1] = length;
    copyPadded(source, offset, arena, (unit << 3) + LEAF_BYTES, length);
    return LEAF_TAG | unit;
  }
  if (length === 0 && value <= UNIT_MASK) return VALUE_HERE_TAG | value;
  const unit = allocate(arena, tree, LONG_BYTES + length);
  if (unit === 0) return 0;
  arena.words[unit << 1] = length;
  arena.words[(unit << 1) + 1] = value;
  copyPadded(source, offset, arena, (unit << 3) + LONG_BYTES, length);
  return VALUE_LEAF_TAG | unit;
}

/** @returns 0 when there is no memory */
export function makePath(
  arena: Arena,
  tree: Unit,
  source: Memory,
  offset: number,
  length: number,
  child: Pointer,
): Pointer {
  const unit = allocate(arena, tree, LONG_BYTES + length);
  if (unit === 0) return 0;
  arena.words[unit << 1] = length;
  arena.words[(unit << 1) + CHILD_WORD] = child;
  copyPadded(source, offset, arena, (unit << 3) + LONG_BYTES, length);
  return PATH_TAG | unit;
}

export function leafValue(words: Int32Array, leaf: Pointer): number {
  if (leaf < 0) return 0;
  if (leaf < LEAF_TAG) return leaf & UNIT_MASK;
  return leaf < VALUE_LEAF_TAG ? 0 : words[((leaf & UNIT_MASK) << 1) + 1];
}

/** Gives a leaf another value where it lies. @returns whether that was possible */
export function changeLeafValue(words: Int32Array, leaf: Pointer, value: number): boolean {
  if (leaf < VALUE_LEAF_TAG || value === 0) return false;
  words[((leaf & UNIT_MASK) << 1) + 1] = value;
  return true;
}

/** Length of a leaf's or a path's bytes. */
export function bytesLength(words: Int32Array, pointer: Pointer): number {
  if (pointer < 0) return (pointer >>> INLINE_LENGTH_SHIFT) & 3;
  return pointer < LEAF_TAG ? 0 : words[(pointer & UNIT_MASK) << 1];
}

/** Copies a leaf's or a path's bytes. @returns how many they are */
export function copyBytes(arena: Arena, pointer: Pointer, target: Memory, at: number): number {
  const length = bytesLength(arena.words, pointer);
  if (pointer < 0) {
    for (let i = 0; i < length; i++) target.bytes[at + i] = (pointer >>> (i << 3)) & 255;
  } else if (length > 0) {
    copyPadded(arena, bytesOffset(pointer), target, at, length);
  }
  return length;
}

/** Offset of the bytes of a leaf or path that has a block. */
function bytesOffset(pointer: Pointer): number {
  const start = (pointer & UNIT_MASK) << 3;
  return start + (pointer < VALUE_LEAF_TAG ? LEAF_BYTES : LONG_BYTES);
}

/** How many of a leaf's or a path's bytes stand at the beginning of the given ones. */
export function commonLength(
  arena: Arena,
  pointer: Pointer,
  input: Memory,
  offset: number,
  length: number,
): number {
  const own = bytesLength(arena.words, pointer);
  const end = own < length ? own : length;
  let i = 0;
  if (pointer < 0) {
    while (i < end && input.bytes[offset + i] === ((pointer >>> (i << 3)) & 255)) i++;
    return i;
  }
  if (end === 0) return 0;
  const start = bytesOffset(pointer);
  const { bytes, view } = arena;
  const given = input.view;
  while (i + 4 <= end && view.getInt32(start + i, true) === given.getInt32(offset + i, true)) {
    i += 4;
  }
  while (i < end && bytes[start + i] === input.bytes[offset + i]) i++;
  return i;
}

/** Byte `i` of a leaf or a path. */
export function byteAt(arena: Arena, pointer: Pointer, i: number): number {
  if (pointer < 0) return (pointer >>> (i << 3)) & 255;
  return arena.bytes[bytesOffset(pointer) + i];
}

/** Where the bytes of a path are. */
export function pathOffset(path: Pointer): number {
  return ((path & UNIT_MASK) << 3) + LONG_BYTES;
}

// Inner nodes

function rankOf(words: Int32Array, node: Pointer): number {
  if (node >= NODE256_TAG) return RANK_256;
  if (node >= NODE48_TAG) return RANK_48;
  const capacity = words[(node & UNIT_MASK) << 1] >>> CAPACITY_SHIFT;
  return RANK_OF_CAPACITY[capacity];
}

/** @returns an inner node without children, 0 when there is no memory */
function makeNode(arena: Arena, tree: Unit, rank: number, terminal: Pointer): Pointer {
  const unit = allocate(arena, tree, RANK_BYTES[rank]);
  if (unit === 0) return 0;
  const { words } = arena;
  const word = unit << 1;
  words[word] = rank < RANK_48 ? LIST_CAPACITIES[rank] << CAPACITY_SHIFT : 0;
  words[word + TERMINAL_WORD] = terminal;
  if (rank < RANK_48) return LIST_TAG | unit;
  words.fill(0, word + FIRST_WORD, word + (RANK_BYTES[rank] >> 2));
  return (rank === RANK_48 ? NODE48_TAG : NODE256_TAG) | unit;
}

/** The smallest inner node, without children. @returns 0 when there is no memory */
export function makeSmallestNode(arena: Arena, tree: Unit, terminal: Pointer): Pointer {
  return makeNode(arena, tree, 0, terminal);
}

/** Number of children; the terminal is none. */
export function childCount(words: Int32Array, node: Pointer): number {
  return words[(node & UNIT_MASK) << 1] & COUNT_MASK;
}

export function terminalSlot(node: Pointer): PointerSlot {
  return ((node & UNIT_MASK) << 1) + TERMINAL_WORD;
}

/** Children and terminal. */
export function entryCount(words: Int32Array, node: Pointer): number {
  return childCount(words, node) + (words[terminalSlot(node)] === 0 ? 0 : 1);
}

/** Where the pointer to the child under a byte is; 0 = there is none. */
export function childSlot(arena: Arena, node: Pointer, byte: number): PointerSlot {
  const { words, bytes } = arena;
  const unit = node & UNIT_MASK;
  const word = unit << 1;
  if (node < NODE48_TAG) {
    const first = (unit << 3) + LONG_BYTES;
    const head = words[word];
    const end = first + (head & COUNT_MASK);
    for (let at = first; at < end; at++) {
      if (bytes[at] === byte) return listWord(word, head) + at - first;
    }
    return 0;
  }
  if (node < NODE256_TAG) {
    const number = bytes[(unit << 3) + LONG_BYTES + byte];
    return number === 0 ? 0 : word + NODE48_WORD + number - 1;
  }
  const slot = word + FIRST_WORD + byte;
  return words[slot] === 0 ? 0 : slot;
}

/** First word of a list's pointers. @param head its first word */
function listWord(word: number, head: number): number {
  return word + FIRST_WORD + (((head >>> CAPACITY_SHIFT) + 3) >> 2);
}

/** The smallest byte above `after` that has a child; 256 if there is none. */
export function nextByte(arena: Arena, node: Pointer, after: number): number {
  const { words, bytes } = arena;
  const unit = node & UNIT_MASK;
  const first = (unit << 3) + LONG_BYTES;
  if (node < NODE48_TAG) {
    const end = first + (words[unit << 1] & COUNT_MASK);
    for (let at = first; at < end; at++) if (bytes[at] > after) return bytes[at];
    return 256;
  }
  let byte = after + 1;
  if (node < NODE256_TAG) {
    while (byte < 256 && bytes[first + byte] === 0) byte++;
  } else {
    const word = (unit << 1) + FIRST_WORD;
    while (byte < 256 && words[word + byte] === 0) byte++;
  }
  return byte;
}

/** The largest byte below `before` that has a child; -1 if there is none. */
export function previousByte(arena: Arena, node: Pointer, before: number): number {
  const { words, bytes } = arena;
  const unit = node & UNIT_MASK;
  const first = (unit << 3) + LONG_BYTES;
  if (node < NODE48_TAG) {
    for (let at = first + (words[unit << 1] & COUNT_MASK) - 1; at >= first; at--) {
      if (bytes[at] < before) return bytes[at];
    }
    return -1;
  }
  let byte = before - 1;
  if (node < NODE256_TAG) {
    while (byte >= 0 && bytes[first + byte] === 0) byte--;
  } else {
    const word = (unit << 1) + FIRST_WORD;
    while (byte >= 0 && words[word + byte] === 0) byte--;
  }
  return byte;
}

/**
 * Adds a child under a byte that has none.
 * @param nodeSlot where the pointer to the node is, which may get another block
 * @returns false when there is no memory
 */
export function addChild(
  arena: Arena,
  tree: Unit,
  nodeSlot: PointerSlot,
  byte: number,
  child: Pointer,
): boolean {
  const { words } = arena;
  let node = words[nodeSlot];
  const rank = rankOf(words, node);
  const capacity = rank < RANK_48
    ? LIST_CAPACITIES[rank]
    : rank === RANK_48
    ? NODE48_CHILDREN
    : 256;
  if (childCount(words, node) === capacity) {
    if (!resizeNode(arena, tree, nodeSlot, rank + 1)) return false;
    node = words[nodeSlot];
  }
  placeChild(arena, node, byte, child);
  return true;
}

/** Adds a child to a node that has room. */
export function placeChild(arena: Arena, node: Pointer, byte: number, child: Pointer): void {
  const { words, bytes } = arena;
  const unit = node & UNIT_MASK;
  const word = unit << 1;
  const head = words[word]++;
  const count = head & COUNT_MASK;
  const first = (unit << 3) + LONG_BYTES;
  if (node >= NODE256_TAG) {
    words[word + FIRST_WORD + byte] = child;
  } else if (node >= NODE48_TAG) {
    let number = count;
    if (words[word + NODE48_WORD + number] !== 0) {
      number = 0;
      while (words[word + NODE48_WORD + number] !== 0) number++;
    }
    words[word + NODE48_WORD + number] = child;
    bytes[first + byte] = number + 1;
  } else {
    const pointers = listWord(word, head);
    let i = count;
    for (; i > 0 && bytes[first + i - 1] > byte; i--) {
      bytes[first + i] = bytes[first + i - 1];
      words[pointers + i] = words[pointers + i - 1];
    }
    bytes[first + i] = byte;
    words[pointers + i] = child;
  }
}

/** Takes a child off, which stays where it is. */
export function removeChild(arena: Arena, node: Pointer, byte: number): void {
  const { words, bytes } = arena;
  const unit = node & UNIT_MASK;
  const word = unit << 1;
  const first = (unit << 3) + LONG_BYTES;
  const head = words[word]--;
  if (node >= NODE256_TAG) {
    words[word + FIRST_WORD + byte] = 0;
  } else if (node >= NODE48_TAG) {
    words[word + NODE48_WORD + bytes[first + byte] - 1] = 0;
    bytes[first + byte] = 0;
  } else {
    const pointers = listWord(word, head);
    const last = (head & COUNT_MASK) - 1;
    let i = 0;
    while (bytes[first + i] !== byte) i++;
    for (; i < last; i++) {
      bytes[first + i] = bytes[first + i + 1];
      words[pointers + i] = words[pointers + i + 1];
    }
  }
}

/** Gives a node that became sparse a smaller block, if there is memory for it. */
export function shrinkNode(arena: Arena, tree: Unit, nodeSlot: PointerSlot): void {
  const { words } = arena;
  const node = words[nodeSlot];
  const rank = rankOf(words, node);
  if (childCount(words, node) < SHRINK_BELOW[rank]) resizeNode(arena, tree, nodeSlot, rank - 1);
}

/** @returns false when there is no memory; nothing was changed */
function resizeNode(arena: Arena, tree: Unit, nodeSlot: PointerSlot, rank: number): boolean {
  const { words } = arena;
  const old = words[nodeSlot];
  const node = makeNode(arena, tree, rank, words[terminalSlot(old)]);
  if (node === 0) return false;
  for (let byte = nextByte(arena, old, -1); byte < 256; byte = nextByte(arena, old, byte)) {
    placeChild(arena, node, byte, words[childSlot(arena, old, byte)]);
  }
  words[nodeSlot] = node;
  dispose(arena, tree, old);
  return true;
}

// Checks

/** @throws Error that names what is wrong with an inner node by itself */
export function checkNode(arena: Arena, node: Pointer): void {
  const { words } = arena;
  const rank = rankOf(words, node);
  if (arena.blockSize(node & UNIT_MASK) < RANK_BYTES[rank]) {
    throw new Error(`node ${node & UNIT_MASK} has too small a block`);
  }
  let count = 0, previous = -1;
  for (let byte = nextByte(arena, node, -1); byte < 256; byte = nextByte(arena, node, byte)) {
    if (byte <= previous) throw new Error(`the bytes of node ${node & UNIT_MASK} don't ascend`);
    if (words[childSlot(arena, node, byte)] === 0) {
      throw new Error(`node ${node & UNIT_MASK} leads nowhere at ${byte}`);
    }
    previous = byte;
    count++;
  }
  if (count !== childCount(words, node)) {
    throw new Error(`node ${node & UNIT_MASK} counts its children wrongly`);
  }
}
