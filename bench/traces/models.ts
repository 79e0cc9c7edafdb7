/**
 * Caches that hold no values, to compare hit ratios with: exact LRU, Belady's optimum, S3-FIFO, W-TinyLFU, and
 * TinyLFU by sampling.
 *
 * Sizes are in bytes; a key that is larger than the cache is never taken in.
 * Sources: Belady (1966); Yang et al., FIFO Queues are All You Need for Cache Eviction (2023); Einziger et al.,
 * TinyLFU (2017).
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import { FrequencySketch } from "./frequency_sketch.ts";
import type { Trace } from "./trace.ts";

/** @param sizes by key @returns hits of the trace in a cache of so many bytes */
export type Model = (trace: Trace, sizes: Float64Array, capacity: number) => number;

function firstOf(queue: Map<number, unknown> | Set<number>): number {
  return queue.keys().next().value as number;
}

export function lru({ keys }: Trace, sizes: Float64Array, capacity: number): number {
  const cached = new Set<number>();
  let used = 0, hits = 0;
  for (const key of keys) {
    if (cached.delete(key)) hits++;
    else if (sizes[key] > capacity) continue;
    else used += sizes[key];
    while (used > capacity) {
      const victim = firstOf(cached);
      cached.delete(victim);
      used -= sizes[victim];
    }
    cached.add(key);
  }
  return hits;
}

/** For each request, the number of the next one for the same key. */
function nextUses(keys: Int32Array, keyCount: number): Float64Array {
  const next = new Float64Array(keys.length);
  const last = new Float64Array(keyCount).fill(Infinity);
  for (let i = keys.length - 1; i >= 0; i--) {
    next[i] = last[keys[i]];
    last[keys[i]] = i;
  }
  return next;
}

/** Evicts what will be asked for last: the optimum where all sizes are equal, close to it where not. */
export function belady({ keys }: Trace, sizes: Float64Array, capacity: number): number {
  const next = nextUses(keys, sizes.length);
  const nextOf = new Float64Array(sizes.length).fill(-1);
  /** By request that will ask for it: a cached key; keys that nobody asks for again apart. */
  const byNextUse = new Int32Array(keys.length).fill(-1);
  const dead: number[] = [];
  let used = 0, hits = 0, latest = keys.length - 1;
  const evictOne = (): void => {
    let victim = dead.pop();
    if (victim === undefined) {
      while (byNextUse[latest] < 0) latest--;
      victim = byNextUse[latest];
      byNextUse[latest] = -1;
    }
    nextOf[victim] = -1;
    used -= sizes[victim];
  };
  keys.forEach((key, i) => {
    if (nextOf[key] >= 0) {
      hits++;
      byNextUse[i] = -1;
    } else if (sizes[key] > capacity) {
      return;
    } else {
      used += sizes[key];
    }
    nextOf[key] = next[i];
    if (next[i] === Infinity) {
      dead.push(key);
    } else {
      byNextUse[next[i]] = key;
      latest = Math.max(latest, next[i]);
    }
    while (used > capacity) evictOne();
  });
  return hits;
}

const SMALL_SHARE = 0.1;

export function s3Fifo({ keys }: Trace, sizes: Float64Array, capacity: number): number {
  const small = new Set<number>(), main = new Set<number>(), ghosts = new Set<number>();
  const counters = new Uint8Array(sizes.length);
  let smallBytes = 0, mainBytes = 0, ghostBytes = 0, hits = 0;
  const evictMain = (): void => {
    for (;;) {
      const key = firstOf(main);
      main.delete(key);
      if (counters[key] > 0) {
        counters[key]--;
        main.add(key);
        continue;
      }
      mainBytes -= sizes[key];
      return;
    }
  };
  const evictSmall = (): void => {
    const key = firstOf(small);
    small.delete(key);
    smallBytes -= sizes[key];
    if (counters[key] > 1) {
      counters[key] = 0;
      main.add(key);
      mainBytes += sizes[key];
      return;
    }
    ghosts.add(key);
    ghostBytes += sizes[key];
    while (ghostBytes > capacity * (1 - SMALL_SHARE)) {
      const forgotten = firstOf(ghosts);
      ghosts.delete(forgotten);
      ghostBytes -= sizes[forgotten];
    }
  };
  for (const key of keys) {
    if (small.has(key) || main.has(key)) {
      hits++;
      counters[key] = Math.min(3, counters[key] + 1);
      continue;
    }
    if (sizes[key] > capacity) continue;
    while (smallBytes + mainBytes + sizes[key] > capacity) {
      if (main.size === 0 || (small.size > 0 && smallBytes >= capacity * SMALL_SHARE)) evictSmall();
      else evictMain();
    }
    counters[key] = 0;
    if (ghosts.delete(key)) {
      ghostBytes -= sizes[key];
      main.add(key);
      mainBytes += sizes[key];
    } else {
      small.add(key);
      smallBytes += sizes[key];
    }
  }
  return hits;
}

/** Well mixed hashes of all keys. */
function hashesOf(count: number): Int32Array {
  const view = new DataView(new ArrayBuffer(16));
  return Int32Array.from({ length: count }, (_, key) => {
    view.setInt32(0, key, true);
    return halfSipHash(view, 0, 4, 1, 2);
  });
}

/** Keys that the cache holds, about. */
function keysIn(capacity: number, sizes: Float64Array): number {
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return Math.ceil(capacity / mean);
}

const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;

export function wTinyLfu({ keys }: Trace, sizes: Float64Array, capacity: number): number {
  const hashes = hashesOf(sizes.length);
  const sketch = new FrequencySketch();
  sketch.ensureCapacity(keysIn(capacity, sizes));
  const window = new Set<number>(), probation = new Set<number>(), kept = new Set<number>();
  const windowLimit = capacity * WINDOW_SHARE, mainLimit = capacity - windowLimit;
  let windowBytes = 0, mainBytes = 0, keptBytes = 0, hits = 0;
  const keep = (key: number): void => {
    kept.add(key);
    keptBytes += sizes[key];
    while (keptBytes > mainLimit * PROTECTED_SHARE) {
      const demoted = firstOf(kept);
      kept.delete(demoted);
      keptBytes -= sizes[demoted];
      probation.add(demoted);
    }
  };
  /** Lets a key into the main part if it is asked for more often than each that has to go for it. */
  const admit = (key: number): void => {
    while (mainBytes + sizes[key] > mainLimit) {
      const victim = probation.size > 0 ? firstOf(probation) : firstOf(kept);
      if (victim === undefined) return;
      if (sketch.frequency(hashes[key]) <= sketch.frequency(hashes[victim])) return;
      if (!probation.delete(victim)) {
        kept.delete(victim);
        keptBytes -= sizes[victim];
      }
      mainBytes -= sizes[victim];
    }
    probation.add(key);
    mainBytes += sizes[key];
  };
  for (const key of keys) {
    sketch.increment(hashes[key]);
    if (window.delete(key)) {
      hits++;
      window.add(key);
    } else if (kept.delete(key)) {
      hits++;
      kept.add(key);
    } else if (probation.delete(key)) {
      hits++;
      keep(key);
    } else if (sizes[key] <= capacity) {
      window.add(key);
      windowBytes += sizes[key];
      while (windowBytes > windowLimit && window.size > 0) {
        const candidate = firstOf(window);
        window.delete(candidate);
        windowBytes -= sizes[candidate];
        admit(candidate);
      }
    }
  }
  return hits;
}

const SAMPLES = 5;
const POOL_SIZE = 16;

/** Evicts what the sketch counted least of five picked at random and the best sixteen so far. */
export function sampledTinyLfu({ keys }: Trace, sizes: Float64Array, capacity: number): number {
  const hashes = hashesOf(sizes.length);
  const sketch = new FrequencySketch();
  sketch.ensureCapacity(keysIn(capacity, sizes));
  const random = createRandom([1, 2, 3, 4]);
  const cached: number[] = [];
  const place = new Int32Array(sizes.length).fill(-1), usedAt = new Int32Array(sizes.length);
  let pool: number[] = [], used = 0, hits = 0;
  const isWorse = (a: number, b: number): number =>
    sketch.frequency(hashes[a]) - sketch.frequency(hashes[b]) || usedAt[a] - usedAt[b];
  const evictOne = (): void => {
    const seen = new Set(pool.filter((key) => place[key] >= 0));
    for (let i = 0; i < SAMPLES; i++) seen.add(cached[random.below(cached.length)]);
    pool = [...seen].sort(isWorse).slice(0, POOL_SIZE + 1);
    const victim = pool.shift() as number;
    const last = cached.pop() as number;
    if (last !== victim) {
      cached[place[victim]] = last;
      place[last] = place[victim];
    }
    place[victim] = -1;
    used -= sizes[victim];
  };
  keys.forEach((key, i) => {
    sketch.increment(hashes[key]);
    usedAt[key] = i;
    if (place[key] >= 0) {
      hits++;
      return;
    }
    if (sizes[key] > capacity) return;
    while (used + sizes[key] > capacity) evictOne();
    place[key] = cached.length;
    cached.push(key);
    used += sizes[key];
  });
  return hits;
}
