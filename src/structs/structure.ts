/**
 * Contract of everything that keeps a large value in blocks of an arena, found from one header.
 *
 * The blocks are pinned: they never move, so they may refer to each other. All of a structure lies
 * in one arena, which need not be that of the record that owns it.
 */
import type { Arena } from "../memory/arena.ts";

/** Offset of a block in its arena in 8-byte units; 0 = none. */
export type Unit = number;

/** Is told what a structure owns. */
export interface BlockOwner {
  ownsBlock(unit: Unit): void;
  /** A page that `allocatePage` handed out whole. */
  ownsPage(page: number): void;
}

export interface Structure {
  /**
   * Frees about `budget` blocks, the header last. In between the structure is a valid, smaller one.
   * @returns whether nothing is left of it
   */
  free(arena: Arena, header: Unit, budget: number): boolean;
  /** @returns the header of a copy in the target arena; 0 when there is no memory for it */
  copy(source: Arena, header: Unit, target: Arena): Unit;
  /** Memory of all its blocks in bytes; O(1). */
  sizeBytes(arena: Arena, header: Unit): number;
  /**
   * Walks everything and names every block to `owner`, the header included.
   * @throws Error that names the first broken invariant
   */
  check(arena: Arena, header: Unit, owner: BlockOwner): void;
}
