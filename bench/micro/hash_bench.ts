/** The keyed hash of keys, by length. */
import { makeRegion } from "../../src/bytes/region.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import type { Bench } from "../support/bench.ts";

const LENGTHS: readonly number[] = [4, 8, 15, 16, 17, 32, 64, 256, 1024];
const SPREAD_BYTES = 32 * 1024;

function hashBench(length: number): Bench {
  const region = makeRegion(SPREAD_BYTES + length);
  for (let i = 0; i < region.bytes.length; i++) region.bytes[i] = i * 13;
  return {
    name: `hash ${length} bytes`,
    run(size) {
      let sum = 0, at = 0;
      for (let i = 0; i < size; i++) {
        at = (at + 1043) & (SPREAD_BYTES - 1);
        sum ^= halfSipHash(region.view, at, length, 0x1234567, -0x7654321);
      }
      return sum;
    },
  };
}

export const hashBenches: readonly Bench[] = LENGTHS.map(hashBench);
