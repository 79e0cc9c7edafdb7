/**
 * What is done to radix trees as a whole: freeing, copying, removing a prefix, checking. What may
 * take long is done in slices.
 */
import type { Arena } from "../memory/arena.ts";
import { RadixCursor, SEEK_GE } from "./radix_cursor.ts";
import {
  bytesLength,
  checkNode,
  CHILD_WORD,
  childSlot,
  dispose,
  entryCount,
  LEAF_TAG,
  leafValue,
  LIST_TAG,
  type Memory,
  PATH_TAG,
  type Pointer,
  previousByte,
  removeChild,
  terminalSlot,
  UNIT_MASK,
} from "./radix_node.ts";
import {
  markRadixLoose,
  RADIX_NO_MEMORY,
  radixCount,
  radixCreate,
  radixForget,
  radixInsert,
  radixIsLoose,
  radixRemove,
  radixSizeBytes,
} from "./radix_tree.ts";
import type { BlockOwner, Unit } from "./structure.ts";

/** Frees what a value stands for. */
export type ReleaseValue = (arena: Arena, value: number) => void;

/** Steps of the way to the leaf that is freed next: pointer slots, and bytes of inner nodes. */
let slots = new Int32Array(64);
let branches = new Int32Array(64);
/** Instead of a byte: the key ends at the node; the step is a path. */
const TERMINAL = -1;
const PATH = -2;
const cursor = new RadixCursor();

/**
 * Frees about `budget` nodes and leaves; the header stays. In between the tree may only be freed
 * further and checked.
 * @param release is told the value of each key
 * @returns whether the tree is empty
 */
export function radixFree(
  arena: Arena,
  tree: Unit,
  budget: number,
  release?: ReleaseValue,
): boolean {
  const { words } = arena;
  if (words[tree << 1] === 0) return true;
  markRadixLoose(arena, tree);
  let depth = 0;
  slots[0] = tree << 1;
  for (let left = budget; left > 0;) {
    const slot = slots[depth];
    const pointer = words[slot];
    const branch = branchToFree(arena, pointer);
    if (branch !== undefined) {
      if (depth + 1 === slots.length) deepen();
      branches[depth] = branch;
      slots[++depth] = branch === PATH
        ? ((pointer & UNIT_MASK) << 1) + CHILD_WORD
        : branch === TERMINAL
        ? terminalSlot(pointer)
        : childSlot(arena, pointer, branch);
      continue;
    }
    if (pointer < PATH_TAG) {
      if (release !== undefined) release(arena, leafValue(words, pointer));
      words[(tree << 1) + 1]--;
    }
    dispose(arena, tree, pointer);
    left--;
    if (depth === 0) {
      radixForget(arena, tree);
      return true;
    }
    const taken = branches[--depth];
    if (taken >= 0) removeChild(arena, words[slots[depth]], taken);
    else words[slot] = 0;
  }
  return false;
}

/** Which way something lies below a pointer; undefined if nothing does. */
function branchToFree(arena: Arena, pointer: Pointer): number | undefined {
  if (pointer < PATH_TAG) return undefined;
  if (pointer < LIST_TAG) {
    return arena.words[((pointer & UNIT_MASK) << 1) + CHILD_WORD] === 0 ? undefined : PATH;
  }
  if (arena.words[terminalSlot(pointer)] !== 0) return TERMINAL;
  const byte = previousByte(arena, pointer, 256);
  return byte < 0 ? undefined : byte;
}

function deepen(): void {
  const largerSlots = new Int32Array(slots.length * 2);
  largerSlots.set(slots);
  slots = largerSlots;
  const largerBranches = new Int32Array(slots.length);
  largerBranches.set(branches);
  branches = largerBranches;
}

/**
 * Removes at most `budget` of the keys that begin with some bytes, the first ones.
 * @param release is told the value of each key
 * @returns how many were removed; fewer than the budget once none is left
 */
export function radixRemovePrefix(
  arena: Arena,
  tree: Unit,
  prefix: Memory,
  offset: number,
  length: number,
  budget: number,
  release?: ReleaseValue,
): number {
  let removed = 0;
  while (removed < budget) {
    if (!cursor.seek(arena, tree, prefix, offset, length, SEEK_GE, length)) break;
    const value = radixRemove(arena, tree, cursor.key, 0, cursor.keyLength);
    if (release !== undefined) release(arena, value);
    removed++;
  }
  return removed;
}

/**
 * Copies a tree to another arena.
 * @param copyValue makes the copy's value of a value, RADIX_NO_MEMORY when there is no memory
 * @param release frees such a value when the copy can't be finished
 * @returns the copy's header, 0 when there is no memory
 */
export function radixCopy(
  source: Arena,
  tree: Unit,
  target: Arena,
  copyValue?: (source: Arena, value: number, target: Arena) => number,
  release?: ReleaseValue,
): Unit {
  const copy = radixCreate(target);
  if (copy === 0) return 0;
  if (radixCopyInto(source, tree, target, copy, copyValue, release)) return copy;
  target.free(copy);
  return 0;
}

/** As `radixCopy`, to an empty tree. @returns whether there was memory; else it is empty again */
export function radixCopyInto(
  source: Arena,
  tree: Unit,
  target: Arena,
  copy: Unit,
  copyValue?: (source: Arena, value: number, target: Arena) => number,
  release?: ReleaseValue,
): boolean {
  const from = new RadixCursor();
  for (let more = from.first(source, tree); more; more = from.next()) {
    const value = copyValue === undefined ? from.value : copyValue(source, from.value, target);
    if (value !== RADIX_NO_MEMORY) {
      const result = radixInsert(target, copy, from.key, 0, from.keyLength, value);
      if (result !== RADIX_NO_MEMORY) continue;
      if (release !== undefined) release(target, value);
    }
    while (!radixFree(target, copy, Infinity, release));
    return false;
  }
  return true;
}

/**
 * Walks everything and names every block to `owner`, the header excepted.
 * @param visit is told the value of each key
 * @throws Error that names the first broken invariant
 */
export function radixCheck(
  arena: Arena,
  tree: Unit,
  owner: BlockOwner,
  visit?: (value: number) => void,
): void {
  const { words } = arena;
  const isLoose = radixIsLoose(arena, tree);
  let keys = 0, size = 0;
  const pending: Pointer[] = [words[tree << 1]];
  while (pending.length > 0) {
    const pointer = pending.pop()!;
    if (pointer === 0) {
      if (words[tree << 1] === 0 || isLoose) continue;
      throw new Error("a radix tree leads nowhere");
    }
    if (pointer >= LEAF_TAG) {
      owner.ownsBlock(pointer & UNIT_MASK);
      size += arena.blockSize(pointer & UNIT_MASK);
    }
    if (pointer < PATH_TAG) {
      keys++;
      visit?.(leafValue(words, pointer));
      continue;
    }
    if (pointer < LIST_TAG) {
      const below = words[((pointer & UNIT_MASK) << 1) + CHILD_WORD];
      if (bytesLength(words, pointer) === 0) throw new Error("a path of a radix tree is empty");
      if (below < LIST_TAG && !isLoose) throw new Error("below a path is no inner node");
      pending.push(below);
      continue;
    }
    checkNode(arena, pointer);
    if (entryCount(words, pointer) < 2 && !isLoose) {
      throw new Error("a node of a radix tree has fewer than two entries");
    }
    const terminal = words[terminalSlot(pointer)];
    if (terminal >= PATH_TAG || bytesLength(words, terminal) !== 0) {
      throw new Error("a terminal of a radix tree is no leaf, or not empty");
    }
    for (let byte = previousByte(arena, pointer, 256); byte >= 0;) {
      pending.push(words[childSlot(arena, pointer, byte)]);
      byte = previousByte(arena, pointer, byte);
    }
    if (terminal !== 0) pending.push(terminal);
  }
  if (keys !== radixCount(arena, tree)) {
    throw new Error(`${keys} keys in a radix tree, counted ${radixCount(arena, tree)}`);
  }
  if (size !== radixSizeBytes(arena, tree)) {
    throw new Error(`a radix tree of ${size} bytes, counted ${radixSizeBytes(arena, tree)}`);
  }
}
