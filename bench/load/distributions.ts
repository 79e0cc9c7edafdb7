/**
 * Which keys are asked for: all alike, or as Zipf's law says.
 *
 * Source: Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (1994), as used by Cooper et al.,
 * "Benchmarking Cloud Serving Systems with YCSB" (2010), whose exponent 0.99 is taken.
 */
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";

const ZIPF_EXPONENT = 0.99;
const UINT32 = 2 ** 32;
/** Up to here one draw of 31 bits is enough. */
const SMALL = 2 ** 31;

/** A generator for one purpose of a run. */
export function randomOf(seed: number, purpose: number): Xoshiro128 {
  return createRandom([seed, purpose, 0x2545f491, 0x5bd1e995]);
}

/** 0 ≤ x < 1 */
export function unit(random: Xoshiro128): number {
  return (random.int32() >>> 0) / UINT32;
}

/** A whole number below any limit. */
export function below(random: Xoshiro128, limit: number): number {
  if (limit <= SMALL) return random.below(limit);
  return Math.floor((random.below(SMALL) * SMALL + random.below(SMALL)) / (SMALL * SMALL) * limit);
}

/** Ranks from 0 on: rank r comes up 1 / (r + 1)^0.99 as often as rank 0. */
export class Zipf {
  readonly #random: Xoshiro128;
  #count = 0;
  /** Sum of 1 / r^0.99 over all ranks. */
  #zeta = 0;
  #eta = 0;

  /** @param count number of ranks, at least 1 */
  constructor(random: Xoshiro128, count: number) {
    this.#random = random;
    this.grow(count);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds ranks. @param count how many there are to be */
  grow(count: number): void {
    if (count <= this.#count) return;
    for (let rank = this.#count + 1; rank <= count; rank++) this.#zeta += rank ** -ZIPF_EXPONENT;
    this.#count = count;
    const zetaOf2 = 1 + 0.5 ** ZIPF_EXPONENT;
    this.#eta = (1 - (2 / count) ** (1 - ZIPF_EXPONENT)) / (1 - zetaOf2 / this.#zeta);
  }

  next(): number {
    const drawn = unit(this.#random);
    const scaled = drawn * this.#zeta;
    if (scaled < 1) return 0;
    if (scaled < 1 + 0.5 ** ZIPF_EXPONENT) return Math.min(1, this.#count - 1);
    const rank = this.#count * (this.#eta * drawn - this.#eta + 1) ** (1 / (1 - ZIPF_EXPONENT));
    return Math.min(this.#count - 1, Math.floor(rank));
  }
}

/** Spreads ranks over the keys, so that popular ones do not lie side by side. @returns below `count` */
export function scramble(rank: number, count: number): number {
  let mixed = Math.imul(rank ^ (rank >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % count;
}
