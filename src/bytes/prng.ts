/**
 * xoshiro128**: a pseudo-random generator of 128 bits of state, fast in 32-bit arithmetic.
 *
 * Equidistributed, period 2¹²⁸ - 1, passes BigCrush; not for secrets.
 * Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021).
 */

/** Four 32-bit numbers that decide everything that follows. */
export type Seed = readonly [number, number, number, number];

/** Highest limit that `below` takes. */
const LIMIT_MAX = 2 ** 31;

/** Stands in for a seed of nothing but zeros, which would never leave zero. */
const SEED_FOR_ZERO: Seed = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];

/** Generator of pseudo-random numbers; equal seeds give equal sequences. */
export class Xoshiro128 {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  /** @param seed any numbers; their lowest 32 bits count */
  constructor(seed: Seed) {
    const isZero = (seed[0] | seed[1] | seed[2] | seed[3]) === 0;
    const [s0, s1, s2, s3] = isZero ? SEED_FOR_ZERO : seed;
    this.#s0 = s0 | 0;
    this.#s1 = s1 | 0;
    this.#s2 = s2 | 0;
    this.#s3 = s3 | 0;
  }

  /** A uniformly distributed signed 32-bit integer. */
  int32(): number {
    const s1 = this.#s1;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const s2 = this.#s2 ^ this.#s0;
    const s3 = this.#s3 ^ s1;
    this.#s1 = s1 ^ s2;
    this.#s0 ^= s3;
    this.#s2 = s2 ^ (s1 << 9);
    this.#s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /**
   * A uniformly distributed whole number, 0 ≤ n < `limit`; takes fewer than two draws on average.
   * @param limit 1 to 2³¹
   * @throws RangeError for any other limit
   */
  below(limit: number): number {
    if (!(limit >= 1 && limit <= LIMIT_MAX)) {
      throw new RangeError(`limit must be from 1 to ${LIMIT_MAX}, not ${limit}`);
    }
    const mask = 0xffffffff >>> Math.clz32((limit - 1) | 1);
    let drawn = this.int32() & mask;
    while (drawn >= limit) drawn = this.int32() & mask;
    return drawn;
  }
}

/** Makes a generator. @param seed any numbers; their lowest 32 bits count */
export function createRandom(seed: Seed): Xoshiro128 {
  return new Xoshiro128(seed);
}
