/** A cache in process over a clock that tests move by hand. */
import { test } from "node:test";
import { createCryptography } from "../../src/adapters/common/cryptography.ts";
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { type Cache, createCacheOn } from "../../src/server/cache.ts";
import type { CacheOptions } from "../../src/server/library_options.ts";
import { machine } from "./options_harness.ts";

export const START_MS = 1_700_000_000_000;

export interface CacheUnderTest {
  readonly cache: Cache;
  readonly clock: ManualClock;
}

export function startCache(options: CacheOptions = {}): CacheUnderTest {
  const clock = createManualClock(START_MS);
  const host = {
    clock,
    random: createRandom([1, 2, 3, 4]),
    cryptography: createCryptography(),
    files: createMemoryFileStore(),
    system: machine(),
  };
  return { cache: createCacheOn(host, { maxmemory: "16mb", ...options }), clock };
}

const encoder = new TextEncoder();

/** UTF-8 */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** What is asserted of each method; the cache is empty before. */
export type Checks<Methods> = { readonly [Name in keyof Methods]: (cache: Cache) => void };

/** Makes a test of each method, with a cache of its own. */
export function testMethods(checks: Readonly<Record<string, (cache: Cache) => void>>): void {
  for (const [name, check] of Object.entries(checks)) {
    test(`cache.${name}()`, () => {
      const { cache } = startCache();
      check(cache);
      cache.close();
    });
  }
}
