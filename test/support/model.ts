/**
 * Runs random tests from seeds; MODEL_SEED=n replays one, MODEL_RUNS=n runs so many times more of
 * them.
 */
import process from "node:process";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";

/** How much more than usual is asked for. */
const FACTOR = Number(process.env.MODEL_RUNS ?? 1);
const ONLY_SEED = process.env.MODEL_SEED;

/**
 * Runs a test with seeds 1 to `count`.
 * @throws Error that names the seed which failed
 */
export function forSeeds(count: number, run: (random: Xoshiro128, seed: number) => void): void {
  const first = ONLY_SEED === undefined ? 1 : Number(ONLY_SEED);
  const last = ONLY_SEED === undefined ? Math.ceil(count * FACTOR) : first;
  for (let seed = first; seed <= last; seed++) {
    try {
      run(createRandom([seed, 0x5eed, count, 1]), seed);
    } catch (error) {
      const text = error instanceof Error ? error.stack ?? error.message : String(error);
      throw new Error(`seed ${seed} (MODEL_SEED=${seed} replays it): ${text}`);
    }
  }
}

/** One of the items. */
export function pick<T>(random: Xoshiro128, items: readonly T[]): T {
  return items[random.below(items.length)];
}

/** Whether an event of this probability happens. */
export function chance(random: Xoshiro128, probability: number): boolean {
  return random.below(1_000_000) < probability * 1_000_000;
}

/** Bytes that anything may stand in. */
export function randomBytes(random: Xoshiro128, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.below(256);
  return bytes;
}
