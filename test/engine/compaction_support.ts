/** Empties pages of records as the evictor does, for tests. */
import type { Keyspace } from "../../src/engine/keyspace.ts";
import { BLOCKS_PER_PAGE, MOVABLE_CLASSES } from "../../src/memory/size_classes.ts";

/** Empties the first page of any shard that has room elsewhere. @returns whether there was one */
export function emptySparsePage(keyspace: Keyspace): boolean {
  for (let shard = 0; shard < keyspace.arenas.length; shard++) {
    const arena = keyspace.arenas[shard];
    for (let page = 1; page < arena.pagesEnd; page++) {
      const sizeClass = arena.pageClass[page];
      if (sizeClass >= MOVABLE_CLASSES || arena.pageUsed[page] === BLOCKS_PER_PAGE[sizeClass]) {
        continue;
      }
      if (arena.freeBlocksElsewhere(page) < arena.pageUsed[page]) continue;
      keyspace.emptyPage(shard, page);
      return true;
    }
  }
  return false;
}
