/**
 * A place in a radix tree, from which its keys are read in order, in either direction.
 *
 * The cursor keeps the inner nodes above its key and the byte that it went by at each; a step looks
 * for the next byte of the lowest one. It allocates nothing but larger buffers, and can be sent to
 * any tree again and again. A change of the tree makes its place void: seek again, by the key that
 * it still holds.
 *
 * Cost: seek as find; a step is O(1) on average.
 */
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import {
  byteAt,
  bytesLength,
  CHILD_WORD,
  childSlot,
  commonLength,
  copyBytes,
  leafValue,
  LIST_TAG,
  type Memory,
  nextByte,
  PATH_TAG,
  type Pointer,
  previousByte,
  terminalSlot,
  UNIT_MASK,
} from "./radix_node.ts";
import type { Unit } from "./structure.ts";

/** Where a seek goes: the nearest key on that side of the given one, or that key itself. */
export const SEEK_GE = 0;
export const SEEK_GT = 1;
export const SEEK_LE = 2;
export const SEEK_LT = 3;

const TERMINAL = -1;
const FIRST_DEPTH = 64;
const FIRST_KEY_BYTES = 256;

export class RadixCursor {
  /** Holds the current key, from offset 0. */
  key: Memory = makeRegion(FIRST_KEY_BYTES);
  keyLength = 0;
  value = 0;
  /** Whether it is at a key. */
  isValid = false;
  #arena!: Arena;
  /** Takes the place of `key` when the cursor is sent on by its own key. */
  #spare: Memory | undefined;
  /** Inner nodes above the key, the byte that was taken at each, and the key's length there. */
  #nodes = new Int32Array(FIRST_DEPTH);
  #bytes = new Int32Array(FIRST_DEPTH);
  #lengths = new Int32Array(FIRST_DEPTH);
  #depth = 0;
  /** Nodes above the prefix that the cursor stays behind. */
  #floor = 0;

  /** Goes to the first key. @returns whether there is one */
  first(arena: Arena, tree: Unit): boolean {
    this.#begin(arena);
    return this.#descend(arena.words[tree << 1], true);
  }

  /** Goes to the last key. @returns whether there is one */
  last(arena: Arena, tree: Unit): boolean {
    this.#begin(arena);
    return this.#descend(arena.words[tree << 1], false);
  }

  /** Goes to the first key that begins with these bytes, and will not leave those that do. */
  seekPrefix(arena: Arena, tree: Unit, input: Memory, offset: number, length: number): boolean {
    return this.seek(arena, tree, input, offset, length, SEEK_GE, length);
  }

  /**
   * Goes to the key that is nearest to the given one.
   * @param input holds the key; may be the cursor's own `key`
   * @param mode SEEK_GE, SEEK_GT, SEEK_LE or SEEK_LT
   * @param prefixLength so many bytes of the given key the cursor's keys have in common with it;
   * beyond them there is nothing
   * @returns whether there is one
   */
  seek(
    arena: Arena,
    tree: Unit,
    input: Memory,
    offset: number,
    length: number,
    mode: number,
    prefixLength = 0,
  ): boolean {
    const { words } = arena;
    const isForward = mode <= SEEK_GT;
    const takesEqual = mode === SEEK_GE || mode === SEEK_LE;
    if (input === this.key) {
      this.key = this.#spare ?? makeRegion(input.bytes.length);
      this.#spare = input;
    }
    this.#begin(arena);
    let pointer = words[tree << 1];
    for (;;) {
      const at = this.keyLength;
      const rest = length - at;
      if (pointer < LIST_TAG) {
        if (pointer === 0) return false;
        const own = bytesLength(words, pointer);
        const common = commonLength(arena, pointer, input, offset + at, rest);
        if (common === own && pointer >= PATH_TAG) {
          this.#append(pointer, own);
          pointer = words[((pointer & UNIT_MASK) << 1) + CHILD_WORD];
          continue;
        }
        if (at + common < prefixLength) return false;
        if (common === own && common === rest) {
          return takesEqual ? this.#arrive(pointer) : this.#leave(isForward);
        }
        const isGreater = common < own &&
          (common === rest || byteAt(arena, pointer, common) > input.bytes[offset + at + common]);
        return isGreater === isForward ? this.#descend(pointer, isForward) : this.#leave(isForward);
      }
      if (at < prefixLength) this.#floor = this.#depth + 1;
      if (rest === 0) return this.#seekAtNode(pointer, isForward, takesEqual);
      const byte = input.bytes[offset + at];
      this.#push(pointer, byte);
      const slot = childSlot(arena, pointer, byte);
      if (slot === 0) return at < prefixLength ? false : this.#leave(isForward);
      this.#appendByte(byte);
      pointer = words[slot];
    }
  }

  /** The key that is sought ends at an inner node. */
  #seekAtNode(node: Pointer, isForward: boolean, takesEqual: boolean): boolean {
    const terminal = this.#arena.words[terminalSlot(node)];
    this.#push(node, TERMINAL);
    if (takesEqual && terminal !== 0) return this.#arrive(terminal);
    return this.#leave(isForward);
  }

  /** Goes to the next key. @returns whether there is one */
  next(): boolean {
    return this.isValid && this.#leave(true);
  }

  /** Goes to the key before. @returns whether there is one */
  previous(): boolean {
    return this.isValid && this.#leave(false);
  }

  #begin(arena: Arena): void {
    this.#arena = arena;
    this.#depth = 0;
    this.#floor = 0;
    this.keyLength = 0;
    this.isValid = false;
  }

  /** Goes to the outermost key below a pointer. @returns false if there is none */
  #descend(pointer: Pointer, isForward: boolean): boolean {
    const arena = this.#arena;
    const { words } = arena;
    while (pointer >= PATH_TAG) {
      if (pointer < LIST_TAG) {
        this.#append(pointer, bytesLength(words, pointer));
        pointer = words[((pointer & UNIT_MASK) << 1) + CHILD_WORD];
        continue;
      }
      const terminal = words[terminalSlot(pointer)];
      if (isForward && terminal !== 0) {
        this.#push(pointer, TERMINAL);
        return this.#arrive(terminal);
      }
      const byte = isForward
        ? nextByte(arena, pointer, TERMINAL)
        : previousByte(arena, pointer, 256);
      this.#push(pointer, byte);
      if (byte === TERMINAL) return this.#arrive(terminal);
      this.#appendByte(byte);
      pointer = words[childSlot(arena, pointer, byte)];
    }
    return this.#arrive(pointer);
  }

  /** Goes to the next key behind the current one, or before it. */
  #leave(isForward: boolean): boolean {
    const arena = this.#arena;
    const { words } = arena;
    while (this.#depth > this.#floor) {
      const top = --this.#depth;
      const node = this.#nodes[top], from = this.#bytes[top];
      this.keyLength = this.#lengths[top];
      const byte = isForward ? nextByte(arena, node, from) : previousByte(arena, node, from);
      if (byte >= 0 && byte < 256) {
        this.#push(node, byte);
        this.#appendByte(byte);
        return this.#descend(words[childSlot(arena, node, byte)], isForward);
      }
      const terminal = words[terminalSlot(node)];
      if (!isForward && from !== TERMINAL && terminal !== 0) {
        this.#push(node, TERMINAL);
        return this.#arrive(terminal);
      }
    }
    this.isValid = false;
    return false;
  }

  #arrive(leaf: Pointer): boolean {
    if (leaf === 0) {
      this.isValid = false;
      return false;
    }
    const { words } = this.#arena;
    this.#append(leaf, bytesLength(words, leaf));
    this.value = leafValue(words, leaf);
    this.isValid = true;
    return true;
  }

  #push(node: Pointer, byte: number): void {
    const depth = this.#depth++;
    if (depth === this.#nodes.length) this.#deepen();
    this.#nodes[depth] = node;
    this.#bytes[depth] = byte;
    this.#lengths[depth] = this.keyLength;
  }

  #appendByte(byte: number): void {
    if (this.keyLength >= this.key.bytes.length - 8) this.#lengthen(1);
    this.key.bytes[this.keyLength++] = byte;
  }

  #append(pointer: Pointer, length: number): void {
    if (length === 0) return;
    if (this.keyLength + length > this.key.bytes.length - 8) this.#lengthen(length);
    copyBytes(this.#arena, pointer, this.key, this.keyLength);
    this.keyLength += length;
  }

  #lengthen(more: number): void {
    const larger = makeRegion((this.keyLength + more) * 2);
    larger.bytes.set(this.key.bytes.subarray(0, this.keyLength));
    this.key = larger;
  }

  #deepen(): void {
    this.#nodes = twice(this.#nodes);
    this.#bytes = twice(this.#bytes);
    this.#lengths = twice(this.#lengths);
  }
}

function twice(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
