/**
 * Cursor: walks the elements of a quicklist in either direction, and removes some on its way.
 *
 * Between two calls nothing but the cursor may change the list. One cursor may be used for many lists,
 * one after the other; only one at a time may be on a packed node, as all unpack to the same memory.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { blobEquals } from "./blob.ts";
import * as listpack from "./listpack.ts";
import { dropNode, indexInNode, nodeAt, settle } from "./quicklist.ts";
import { removeElements } from "./quicklist_elements.ts";
import { addLength, headOf, type List } from "./quicklist_header.ts";
import {
  isLong,
  isPacked,
  listpackIn,
  listpackOf,
  makeRaw,
  nextNode,
  type Node,
  nodeCount,
  nodeData,
  previousNode,
  readable,
} from "./quicklist_node.ts";
import type { Unit } from "./structure.ts";

export class QuicklistCursor {
  arena!: Arena;
  list: List = 0;
  node: Node = 0;
  /** Index in the node. */
  index = 0;
  /** The memory that the element is in, if it is in a listpack. */
  memory!: Memory;
  /** The element's position there; 0 in a node of one long element. */
  p = 0;
  #lp = 0;
  #isEdited = false;

  /** Goes to an index from 0 to length - 1. */
  seek(arena: Arena, list: List, index: number): void {
    this.arena = arena;
    this.list = list;
    const node = nodeAt(arena, list, index);
    this.#enter(node, indexInNode);
  }

  /** Whether the element is a long one, in the blob `blob`. */
  get isLong(): boolean {
    return this.p === 0;
  }

  get blob(): Unit {
    return nodeData(this.arena, this.node);
  }

  /** Distance of the element from the start of its node's listpack. */
  get at(): number {
    return this.p === 0 ? 0 : this.p - this.#lp;
  }

  #enter(node: Node, index: number): void {
    const { arena } = this;
    if (this.#isEdited && this.node !== 0) settle(arena, this.list, this.node);
    this.node = node;
    this.index = index;
    if (node === 0) return;
    if (isLong(arena, node)) {
      this.p = 0;
      return;
    }
    const memory = readable(arena, node);
    this.memory = memory;
    this.#lp = listpackIn(memory, arena, node);
    this.p = listpack.seek(memory.bytes, this.#lp, index);
  }

  /** How many elements its node has from this one on. */
  get leftInNode(): number {
    return nodeCount(this.arena, this.node) - this.index;
  }

  /** Goes to the first element of the next node; nowhere behind the last one. */
  toNextNode(): void {
    this.#enter(nextNode(this.arena, this.node), 0);
  }

  /** Goes to the element behind. @returns false at the end */
  next(): boolean {
    if (this.p !== 0) {
      const behind = listpack.next(this.memory.bytes, this.p);
      if (behind !== 0) {
        this.p = behind;
        this.index++;
        return true;
      }
    }
    this.#enter(nextNode(this.arena, this.node), 0);
    return this.node !== 0;
  }

  /** Goes to the element before. @returns false at the end */
  previous(): boolean {
    if (this.index > 0) {
      this.p = listpack.before(this.memory.bytes, this.#lp, this.p);
      this.index--;
      return true;
    }
    const node = previousNode(this.arena, this.node);
    this.#enter(node, node === 0 ? 0 : nodeCount(this.arena, node) - 1);
    return this.node !== 0;
  }

  /** Whether the element is this string. */
  equals(source: Memory, offset: number, length: number): boolean {
    return this.p === 0
      ? blobEquals(this.arena, this.blob, source, offset, length)
      : listpack.equals(this.memory, this.p, source, offset, length);
  }

  /**
   * To be called before each `remove`: sees to it that the element's node can be changed.
   * @returns false: no memory to unpack it, nothing was changed
   */
  prepareRemoval(): boolean {
    const { arena, node } = this;
    if (nodeCount(arena, node) === 1 || !isPacked(arena, node)) return true;
    const { at } = this;
    if (!makeRaw(arena, this.list, node)) return false;
    this.#lp = listpackOf(arena, node);
    this.memory = arena;
    this.p = this.#lp + at;
    return true;
  }

  /**
   * Removes the element and goes on to another one; `finish` must follow the last of these calls.
   * @param isForward whether to the one behind it
   * @returns false at the end
   */
  remove(isForward: boolean): boolean {
    const { arena, list, node, index, at } = this;
    this.#isEdited = true;
    if (nodeCount(arena, node) === 1) {
      const other = isForward ? nextNode(arena, node) : previousNode(arena, node);
      dropNode(arena, list, node);
      this.node = 0;
      this.#enter(other, other === 0 || isForward ? 0 : nodeCount(arena, other) - 1);
      return other !== 0;
    }
    removeElements(arena, node, at, listpack.sizeAt(arena.bytes, this.p), 1);
    addLength(arena, list, -1);
    this.#lp = listpackOf(arena, node);
    this.p = this.#lp + at;
    if (isForward) {
      if (index < nodeCount(arena, node)) return true;
      this.#enter(nextNode(arena, node), 0);
      return this.node !== 0;
    }
    return this.previous();
  }

  /** Packs what the removals have left unpacked, and unpacks what has come near an end. */
  finish(): void {
    if (!this.#isEdited) return;
    this.#isEdited = false;
    if (headOf(this.arena, this.list) !== 0) settle(this.arena, this.list, this.node);
  }
}
