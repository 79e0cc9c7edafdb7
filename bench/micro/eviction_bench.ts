/** What a full cache costs: each SET of a new key evicts one, under every policy; and what a GET costs there. */
import { createRandom } from "../../src/bytes/prng.ts";
import type { MaxmemoryPolicy } from "../../src/ports/settings.ts";
import type { Bench } from "../support/bench.ts";
import { StringStore } from "../support/string_store.ts";

const VALUE_BYTES = 64;
/** What a key takes: its block, with an expiry, and its part of the index and of the list. */
const BYTES_PER_KEY = 104 + 16 + 4;
const MIN_MEMORY = 4 * 1024 * 1024;
/** Operations between two readings of the clock. */
const BATCH = 16;

const POLICIES: readonly MaxmemoryPolicy[] = [
  "allkeys-lrfu",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
];

/** A store that was filled with as many keys as it holds, and as many again. */
interface FullStore {
  readonly store: StringStore;
  readonly expires: boolean;
  nextKey: number;
}

function set(full: FullStore): void {
  const { store } = full;
  if (full.nextKey % BATCH === 0) {
    store.clock.advance(1);
    store.beginBatch();
  }
  const expiresAtMs = full.expires ? store.clock.nowMs() + 1e9 + full.nextKey % 1e6 : 0;
  store.set(full.nextKey++, VALUE_BYTES, expiresAtMs);
}

function createFull(size: number, policy: MaxmemoryPolicy): FullStore {
  const maxmemory = Math.max(MIN_MEMORY, size * BYTES_PER_KEY);
  const store = new StringStore({ maxmemory, policy, maxValueBytes: VALUE_BYTES });
  const full = { store, expires: policy.startsWith("volatile-"), nextKey: 0 };
  while (!store.engine.isOverLimit) set(full);
  const held = full.nextKey;
  while (full.nextKey < 2 * held) set(full);
  return full;
}

/** Makes a bench over a store that was made for its size. @param work returns a number that depends on it */
function overFull(
  name: string,
  policy: MaxmemoryPolicy,
  work: (full: FullStore, size: number) => number,
): Bench {
  // One store at a time: all of them would not fit into memory.
  let made: { size: number; full: FullStore } | undefined;
  return {
    name,
    run(size) {
      if (made?.size !== size) made = { size, full: createFull(size, policy) };
      return work(made.full, size);
    },
  };
}

const SET_BENCHES = POLICIES.map((policy) =>
  overFull(`full cache: SET of a new key, ${policy}`, policy, (full, size) => {
    const { stats } = full.store.engine;
    const before = stats.evictedKeys;
    for (let i = 0; i < size; i++) set(full);
    return stats.evictedKeys - before;
  })
);

const GET_BENCHES = (["noeviction", "allkeys-lfu", "allkeys-lrfu"] as const).map((policy) => {
  const random = createRandom([1, 2, 3, 4]);
  return overFull(`full cache: GET, ${policy}`, policy, ({ store, nextKey }, size) => {
    let hits = 0;
    for (let i = 0; i < size; i++) if (store.get(random.below(nextKey))) hits++;
    return hits;
  });
});

export const benches: readonly Bench[] = [...SET_BENCHES, ...GET_BENCHES];
