/** The seed of a run: HOSTILE_SEED, or the one that the suite always takes. */
import process from "node:process";

const DEFAULT_SEED = 4711;

export function seedOf(text: string | undefined = process.env.HOSTILE_SEED): number {
  const seed = Number(text ?? DEFAULT_SEED);
  if (!Number.isInteger(seed)) throw new TypeError(`the seed must be a whole number, not ${text}`);
  return seed;
}
