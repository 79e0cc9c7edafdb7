/**
 * Gives back pages that became sparse, by moving their records to other pages of their size.
 *
 * When values of another size are written than before, evictions leave holes of the former size all over
 * the arena; without this the holes would keep all pages in use. Of some pages picked at random the one
 * is taken whose records are moved with the least work: a few large ones rather than many small ones.
 */
import { BLOCKS_PER_PAGE, CLASS_SIZES, MOVABLE_CLASSES } from "../memory/size_classes.ts";
import type { Random } from "../ports/random.ts";
import type { Keyspace } from "./keyspace.ts";

/** Pages looked at; looking costs some 10 ns a page, moving a page's records 10 to 500 µs. */
const PAGE_SAMPLES = 64;
/** What moving any record costs, hashing its key and finding its slot, in bytes copied meanwhile. */
const MOVE_COST_BYTES = 2048;
/**
 * Records moved at the most for each hole that is left in their class. Were none left, the next record of
 * that size would need a page again, and sizes would take pages from each other at every write.
 */
const MOVES_PER_HOLE = 4;

/** @returns false when no page was found that can be emptied */
export function compactOnePage(keyspace: Keyspace, random: Random): boolean {
  const { arenas } = keyspace;
  let best = 0, bestShard = 0, bestValue = 0;
  for (let i = 0; i < PAGE_SAMPLES; i++) {
    const shard = arenas.length === 1 ? 0 : random.below(arenas.length);
    const arena = arenas[shard];
    if (arena.pagesEnd <= 1) continue;
    const page = 1 + random.below(arena.pagesEnd - 1);
    const sizeClass = arena.pageClass[page];
    if (sizeClass >= MOVABLE_CLASSES) continue;
    const used = arena.pageUsed[page];
    if (used === BLOCKS_PER_PAGE[sizeClass]) continue;
    const holesLeft = arena.freeBlocksElsewhere(page) - used;
    if (holesLeft * MOVES_PER_HOLE < used) continue;
    const size = CLASS_SIZES[sizeClass];
    const value = (1 + holesLeft * size) / (used * (MOVE_COST_BYTES + size));
    if (value > bestValue) {
      best = page;
      bestShard = shard;
      bestValue = value;
    }
  }
  if (best === 0) return false;
  keyspace.emptyPage(bestShard, best);
  return true;
}
