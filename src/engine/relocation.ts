/**
 * Moves records to other blocks of the same size, so that a page which became sparse can be given
 * back.
 */
import type { Arena } from "../memory/arena.ts";
import {
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  type LocalRef,
  volatileAtOf,
} from "../memory/record.ts";
import type { RecordHolder } from "./database.ts";

/** Keyed hash of a key. */
type HashOf = (view: DataView, offset: number, length: number) => number;

/**
 * Moves all records of a page to other pages of their class.
 * @param page one of blocks that may be moved, with at least one of them free, and as many free
 * blocks elsewhere as it has in use
 * @param holders whoever may own its records
 */
export function emptyPage(
  arena: Arena,
  shard: number,
  page: number,
  holders: readonly RecordHolder[],
  hashOf: HashOf,
): void {
  const { view, words } = arena;
  const sizeClass = arena.pageClass[page];
  const moving: LocalRef[] = [];
  arena.retirePage(page);
  arena.forEachUsedBlock(page, (local) => moving.push(local));
  for (const old of moving) {
    const local = arena.allocate(sizeClass);
    const word = old << 1;
    words.copyWithin(local << 1, word, word + (arena.blockSize(old) >> 2));
    const hash = hashOf(view, keyOffsetOf(words, local), keyLengthOf(words, local));
    redirect(holders, shard, hash, old, local);
    arena.free(old);
  }
}

/** Mends the slot and the list entry that refer to a record which was moved. */
function redirect(
  holders: readonly RecordHolder[],
  shard: number,
  hash: number,
  old: LocalRef,
  local: LocalRef,
): void {
  for (const { indexes, volatile } of holders) {
    const index = indexes[shard];
    const slot = index.findRef(hash, old);
    if (slot === 0) continue;
    index.setRef(slot, local);
    if (hasExpiry(index.words, local)) {
      volatile[shard].set(volatileAtOf(index.words, local), local);
    }
    return;
  }
  throw new Error(`no index refers to the record at ${old}`);
}
