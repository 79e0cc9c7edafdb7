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

/** Records whose buckets are read before they are moved. */
const TOUCHED = 32;

/** Keyed hash of a key. */
type HashOf = (view: DataView, offset: number, length: number) => number;

/**
 * Moves all records of a page to other pages of their class.
 * @param page one of blocks that may be moved, with at least one of them free, and as many free
 * blocks elsewhere as it has in use
 * @param holders whoever may own its records
 * @returns what the loads summed up to; to be kept, so that they can't be optimised away
 */
export function emptyPage(
  arena: Arena,
  shard: number,
  page: number,
  holders: readonly RecordHolder[],
  hashOf: HashOf,
): number {
  const { view, words } = arena;
  const sizeClass = arena.pageClass[page];
  const moving: LocalRef[] = [];
  arena.retirePage(page);
  arena.forEachUsedBlock(page, (local) => moving.push(local));
  const hashes = moving.map((local) =>
    hashOf(view, keyOffsetOf(words, local), keyLengthOf(words, local))
  );
  let sum = 0;
  for (let from = 0; from < moving.length; from += TOUCHED) {
    const to = Math.min(from + TOUCHED, moving.length);
    sum ^= touchBuckets(holders, shard, hashes, from, to);
    for (let i = from; i < to; i++) {
      const old = moving[i];
      const local = arena.allocate(sizeClass);
      const word = old << 1;
      words.copyWithin(local << 1, word, word + (arena.blockSize(old) >> 2));
      redirect(holders, shard, hashes[i], old, local);
      arena.free(old);
    }
  }
  return sum;
}

/** Reads the buckets where these hashes may be, all at once, so that they are in cache afterwards. */
function touchBuckets(
  holders: readonly RecordHolder[],
  shard: number,
  hashes: readonly number[],
  from: number,
  to: number,
): number {
  let sum = 0;
  for (const { indexes } of holders) {
    const index = indexes[shard];
    if (index.count === 0) continue;
    for (let i = from; i < to; i++) sum ^= index.words[index.bucketWord(hashes[i])];
  }
  return sum;
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
