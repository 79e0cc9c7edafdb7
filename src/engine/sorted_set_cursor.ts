/** Walks over a sorted set in its order, or against it. */
import { makeRegion } from "../bytes/region.ts";
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import * as listpack from "../structs/listpack.ts";
import { aim, aimed, BACKWARD_WORD, nextOf, scoreOf } from "../structs/skip_list_node.ts";
import { nodeAt } from "../structs/skip_list_search.ts";
import type { Unit } from "../structs/structure.ts";
import { ENCODING_SKIPLIST, LOCAL_MASK, type RecordRef } from "./record_kinds.ts";
import type { Records } from "./records.ts";
import { memberBefore, nextMember, scoreBehind } from "./sorted_set_listpack.ts";

export class SortedSetCursor {
  /** Where the member is; valid until something is changed. */
  memory: Memory = makeRegion(0);
  /** In bytes. */
  offset = 0;
  length = 0;
  score = 0;
  readonly #digits = makeRegion(32);
  #arena!: Arena;
  #isReverse = false;
  /** The node, or the member's position in the listpack. */
  #at = 0;
  /** Where the listpack is; 0 for a skip list. */
  #lp = 0;

  /** Whether there is a member. */
  get isThere(): boolean {
    return this.#at !== 0;
  }

  /** Whether the member's bytes stay where they are until something is changed. */
  get isLasting(): boolean {
    return this.memory === this.#arena;
  }

  /** Goes to the member of a rank. */
  open(ks: Records, ref: RecordRef, rank: number, isReverse: boolean): void {
    if (ks.encodingOf(ref) === ENCODING_SKIPLIST) {
      const structure = ks.structureRef(ref);
      this.openSet(ks.outside.arenaOf(structure), structure & LOCAL_MASK, rank, isReverse);
      return;
    }
    this.#arena = ks.regionOf(ref);
    this.#isReverse = isReverse;
    this.#lp = ks.valueOffset(ref);
    this.#at = listpack.seek(this.#arena.bytes, this.#lp, rank * 2);
    this.#readListpack();
  }

  /** As `open`, for a structure (structs/sorted_set.ts). */
  openSet(arena: Arena, set: Unit, rank: number, isReverse: boolean): void {
    this.#arena = arena;
    this.#isReverse = isReverse;
    this.#lp = 0;
    this.#at = nodeAt(arena, set, rank);
    this.#readNode();
  }

  /** As `openSet`, for the member of a node. */
  openNode(arena: Arena, node: Unit): void {
    this.#arena = arena;
    this.#isReverse = false;
    this.#lp = 0;
    this.#at = node;
    this.#readNode();
  }

  /** Goes to the next member. */
  next(): void {
    const arena = this.#arena;
    if (this.#lp === 0) {
      const { words } = arena;
      const node = this.#at;
      this.#at = this.#isReverse ? words[(node << 1) + BACKWARD_WORD] : nextOf(words, node);
      this.#readNode();
    } else {
      const { bytes } = arena;
      const p = this.#at;
      this.#at = this.#isReverse ? memberBefore(bytes, this.#lp, p) : nextMember(bytes, p);
      this.#readListpack();
    }
  }

  #readNode(): void {
    const node = this.#at;
    if (node === 0) return;
    const arena = this.#arena;
    aim(arena, node);
    this.memory = aimed.memory;
    this.offset = aimed.offset;
    this.length = aimed.length;
    this.score = scoreOf(arena, node);
  }

  #readListpack(): void {
    const p = this.#at;
    if (p === 0) return;
    const arena = this.#arena;
    const { bytes } = arena;
    if (listpack.isInteger(bytes, p)) {
      const digits = this.#digits;
      this.memory = digits;
      this.offset = 0;
      this.length = listpack.formatElement(bytes, p, digits.bytes, 0);
    } else {
      this.memory = arena;
      this.offset = listpack.stringOffset(bytes, p);
      this.length = listpack.stringLength(bytes, p);
    }
    this.score = scoreBehind(bytes, p);
  }
}
