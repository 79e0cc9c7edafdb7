/**
 * Sees that garbage was collected: the heap takes less than before.
 *
 * V8 keeps what a WeakRef refers to while it collects young objects, and Deno hands out no entries for
 * observers of `gc`.
 */
import { getHeapStatistics } from "node:v8";

/** @returns a function that says whether garbage was collected since it was last called */
export function createCollectionProbe(): () => boolean {
  let before = 0;
  return () => {
    const used = getHeapStatistics().used_heap_size;
    const hasCollected = used < before;
    before = used;
    return hasCollected;
  };
}
