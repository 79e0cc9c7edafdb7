/** A generator that starts differently in every process. */
import { createRandom } from "../../bytes/prng.ts";
import type { Random } from "../../ports/random.ts";

/** Makes a generator whose seed comes from the operating system. */
export function createSystemRandom(): Random {
  const [s0, s1, s2, s3] = crypto.getRandomValues(new Int32Array(4));
  return createRandom([s0, s1, s2, s3]);
}
