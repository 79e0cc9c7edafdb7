/**
 * Cursor over the indexes of a database that survives their growth.
 *
 *   cursor = (prefix × 32 + depth) × 1,024 + bucket
 *
 * The hashes that are still to visit are those at or behind `prefix`, the leading 22 bits (so it
 * holds the shard, too); and of the ones that share its first `depth` bits, those whose home is
 * `bucket` or later. That set is told by hashes alone, so it means the same after segments were
 * split or joined: a part of a segment is visited by looking at its buckets and passing over the
 * hashes that don't belong.
 *
 * Guarantee: a key that is there from the first call to the last is visited at least once, and in a
 * database that does not change exactly once. Each call comes nearer to the end, whatever happens
 * between.
 */
import { type HashIndex, PREFIX_BITS, type Slot } from "../memory/hash_index.ts";

const BUCKETS = 1024;
const DEPTHS = 32;
const PREFIX_END = 1 << PREFIX_BITS;
/** Buckets looked at in one call for each key asked for, and at the least. */
const BUCKETS_PER_KEY = 10;
const MIN_BUCKETS = 8 * BUCKETS;

/**
 * @param cursor 0 to begin; one that was never given out is taken for a place to go on from
 * @param count about how many entries to visit
 * @param visit may take out the entry that it gets, and no other
 * @returns the next cursor, 0 at the end
 */
export function scanIndexes(
  indexes: readonly HashIndex[],
  shardBits: number,
  cursor: number,
  count: number,
  visit: (shard: number, slot: Slot) => void,
): number {
  let bucket = cursor % BUCKETS;
  const rest = Math.floor(cursor / BUCKETS);
  let prefix = Math.floor(rest / DEPTHS) % PREFIX_END;
  /** Bits that the place where the cursor was given out has in common at the least. */
  let minDepth = bucket === 0 ? 0 : Math.min(rest % DEPTHS, PREFIX_BITS);
  let shard = 0;
  let visited = 0;
  let bucketsLeft = Math.max(count * BUCKETS_PER_KEY, MIN_BUCKETS);
  const visitSlot = (slot: Slot): void => {
    visited++;
    visit(shard, slot);
  };
  while (prefix < PREFIX_END) {
    shard = shardBits === 0 ? 0 : prefix >>> (PREFIX_BITS - shardBits);
    const index = indexes[shard];
    const page = index.segmentCount === 0 ? 0 : index.segmentAt(prefix);
    const ownDepth = shardBits + (page === 0 ? 0 : index.segmentDepthOf(page));
    const depth = Math.max(minDepth, ownDepth, depthOf(prefix));
    const span = 1 << (PREFIX_BITS - depth);
    if (page !== 0 && index.arena.pageUsed[page] > 0) {
      for (; bucket < BUCKETS; bucket++) {
        if (visited >= count || bucketsLeft-- <= 0) {
          return (prefix * DEPTHS + depth) * BUCKETS + bucket;
        }
        index.visitBucket(prefix, span, bucket, visitSlot);
      }
    }
    bucket = 0;
    minDepth = 0;
    prefix += span;
  }
  return 0;
}

/** The fewest leading bits after which a prefix has no other bit set. */
function depthOf(prefix: number): number {
  return prefix === 0 ? 0 : PREFIX_BITS - 31 + Math.clz32(prefix & -prefix);
}
