/**
 * The eviction policies: which record can be spared most.
 *
 * Redis's eight by their names, and allkeys-lrfu (lrfu_policy.ts), the default of a cache.
 * Source: Redis src/evict.c.
 */
import type { Arena } from "../memory/arena.ts";
import { accessOf, expiryOf, type LocalRef, writeAccess } from "../memory/record.ts";
import type { Random } from "../ports/random.ts";
import type { MaxmemoryPolicy, Settings } from "../ports/settings.ts";
import { AccessClock, type AccessRecorder, ticksBetween } from "./access.ts";
import type { Database } from "./database.ts";
import type { OutsideValues } from "./outside_values.ts";
import { LrfuPolicy } from "./lrfu_policy.ts";

export interface EvictionPolicy extends AccessRecorder {
  readonly name: MaxmemoryPolicy;
  /** Whether only records that expire may be evicted. */
  readonly volatileOnly: boolean;
  /** Whether all records are alike to it. */
  readonly isRandom: boolean;
  /** Memory that it takes itself. */
  readonly sizeBytes: number;
  /**
   * The higher, the better the record can be spared; grows with time unless the record is accessed.
   * @param ref a record that the policy may evict
   */
  score(arena: Arena, ref: LocalRef): number;
  /** Reads what `evicted` will need of this hash. */
  touch(hash: number): number;
  /** A record is about to be evicted. */
  evicted(words: Int32Array, ref: LocalRef, hash: number): void;
}

/** @throws RangeError for a policy that there is not */
export function createPolicy(
  settings: Settings,
  random: Random,
  databases: readonly Database[],
  outside: OutsideValues,
): EvictionPolicy {
  const name = settings.maxmemoryPolicy;
  switch (name) {
    case "noeviction":
    case "allkeys-lru":
    case "volatile-lru":
      return new LruPolicy(name);
    case "allkeys-lfu":
    case "volatile-lfu":
      return new LfuPolicy(name, settings, random);
    case "allkeys-random":
    case "volatile-random":
      return new RandomPolicy(name);
    case "volatile-ttl":
      return new TtlPolicy();
    case "allkeys-lrfu":
      return new LrfuPolicy(databases, outside);
    default:
      throw new RangeError(`unknown maxmemory-policy '${name}'`);
  }
}

/** The record that was not accessed for the longest time. */
class LruPolicy extends AccessClock implements EvictionPolicy {
  readonly name: MaxmemoryPolicy;
  readonly volatileOnly: boolean;
  readonly isRandom: boolean = false;
  readonly sizeBytes = 0;

  constructor(name: MaxmemoryPolicy) {
    super();
    this.name = name;
    this.volatileOnly = name.startsWith("volatile-");
  }

  score({ words }: Arena, ref: LocalRef): number {
    return ticksBetween(accessOf(words, ref), this.now);
  }

  touch(_hash: number): number {
    return 0;
  }

  evicted(_words: Int32Array, _ref: LocalRef, _hash: number): void {}
}

/** Any record; it keeps the time of accesses, for those who ask. */
class RandomPolicy extends LruPolicy {
  override readonly isRandom = true;
}

/** The record that expires soonest. */
class TtlPolicy extends LruPolicy {
  constructor() {
    super("volatile-ttl");
  }

  override score({ words }: Arena, ref: LocalRef): number {
    return -expiryOf(words, ref);
  }
}

const LFU_INIT = 5;
/** The most that a random source draws from. */
const MAX_ODDS = 2 ** 31;
const LFU_MAX = 255;
const MINUTE_MS = 60_000;
const MINUTE_MASK = 0xffff;

/**
 * The record with the lowest logarithmic access counter, which falls as time passes.
 *
 *   access field:  | 4 bits unused | 16 bits minute of the last decrement | 8 bits counter |
 */
class LfuPolicy implements EvictionPolicy {
  readonly name: MaxmemoryPolicy;
  readonly volatileOnly: boolean;
  readonly isRandom = false;
  readonly sizeBytes = 0;
  readonly #settings: Settings;
  readonly #random: Random;
  #minute = 0;

  constructor(name: MaxmemoryPolicy, settings: Settings, random: Random) {
    this.name = name;
    this.volatileOnly = name.startsWith("volatile-");
    this.#settings = settings;
    this.#random = random;
  }

  tick(nowMs: number): void {
    this.#minute = Math.floor(nowMs / MINUTE_MS) & MINUTE_MASK;
  }

  accessed(words: Int32Array, ref: LocalRef, _hash: number): void {
    let counter = this.frequency(accessOf(words, ref));
    if (counter < LFU_MAX) {
      const base = Math.max(0, counter - LFU_INIT);
      const odds = Math.min(MAX_ODDS, base * this.#settings.lfuLogFactor + 1);
      if (odds === 1 || this.#random.below(odds) === 0) counter++;
    }
    writeAccess(words, ref, (this.#minute << 8) | counter);
  }

  inserted(words: Int32Array, ref: LocalRef, _hash: number): void {
    writeAccess(words, ref, (this.#minute << 8) | LFU_INIT);
  }

  restored(words: Int32Array, ref: LocalRef, _idleSeconds: number, frequency: number): void {
    if (frequency >= 0) writeAccess(words, ref, (this.#minute << 8) | frequency);
  }

  touch(_hash: number): number {
    return 0;
  }

  evicted(_words: Int32Array, _ref: LocalRef, _hash: number): void {}

  score({ words }: Arena, ref: LocalRef): number {
    return LFU_MAX - this.frequency(accessOf(words, ref));
  }

  /** Unknown under this policy, as in Redis. */
  idleSeconds(_access: number): number {
    return 0;
  }

  /** The counter as it would be after falling until now. */
  frequency(access: number): number {
    const counter = access & 255;
    const decay = this.#settings.lfuDecayTime;
    if (decay === 0) return counter;
    const minutes = (this.#minute - (access >>> 8)) & MINUTE_MASK;
    return Math.max(0, counter - Math.floor(minutes / decay));
  }
}
