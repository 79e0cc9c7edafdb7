/**
 * A cache in process beside a Map: commands as batches of 16 and one by one, 16-byte keys drawn at random,
 * 64-byte values; encoding of the arguments and decoding of the replies included.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { type Cache, type Command, createCache } from "../../mod.ts";
import type { Bench } from "../support/bench.ts";

const KEYS = 100_000;
const DEPTH = 16;
const VALUE = "x".repeat(64);
/** Set at a time while a cache is filled. */
const LOAD_DEPTH = 1000;

const names: string[] = [];

/** @returns at least `count` names */
function keyNames(count: number): readonly string[] {
  while (names.length < count) names.push(`key:${String(names.length).padStart(12, "0")}`);
  return names;
}

/** Gives one value for each number of keys, made when it is first asked for. */
function perCount<T>(make: (keys: readonly string[]) => T): (count: number) => T {
  const made = new Map<number, T>();
  return (count) => {
    const known = made.get(count);
    if (known !== undefined) return known;
    const value = make(keyNames(count).slice(0, count));
    made.set(count, value);
    return value;
  };
}

const mapWith = perCount((keys) => new Map(keys.map((key) => [key, VALUE])));

const cacheWith = perCount((keys) => {
  const cache = createCache();
  for (let from = 0; from < keys.length; from += LOAD_DEPTH) {
    cache.mset(keys.slice(from, from + LOAD_DEPTH).map((key) => [key, VALUE] as const));
  }
  return cache;
});

/** @param step does one operation with a key drawn at random. @returns a number that depends on its result */
function oneByOne<T>(
  name: string,
  storeWith: (count: number) => T,
  step: (store: T, key: string, i: number) => number,
): Bench {
  return {
    name,
    run(size) {
      const count = Math.min(KEYS, size);
      const keys = keyNames(count);
      const store = storeWith(count);
      const random = createRandom([5, 6, 7, 8]);
      let sum = 0;
      for (let i = 0; i < size; i++) sum = (sum + step(store, keys[random.below(count)], i)) | 0;
      return sum;
    },
  };
}

/** @param run takes a batch that was put together for it. @returns a number that depends on its result */
function batched(
  name: string,
  command: (key: string, i: number) => Command,
  run: (cache: Cache, commands: readonly Command[]) => number,
): Bench {
  return {
    name,
    run(size) {
      const count = Math.min(KEYS, size);
      const keys = keyNames(count);
      const cache = cacheWith(count);
      const random = createRandom([5, 6, 7, 8]);
      let sum = 0;
      for (let done = 0; done < size; done += DEPTH) {
        const commands: Command[] = [];
        for (let i = 0; i < DEPTH; i++) commands.push(command(keys[random.below(count)], done + i));
        sum = (sum + run(cache, commands)) | 0;
      }
      return sum;
    },
  };
}

const encoder = new CommandEncoder();
const lengthOf = (value: unknown): number =>
  typeof value === "string" || value instanceof Uint8Array ? value.length : 1;
const totalLength = (values: readonly unknown[]): number => {
  let sum = 0;
  for (const value of values) sum += lengthOf(value);
  return sum;
};

export const libraryBenches: readonly Bench[] = [
  oneByOne("Map: get", mapWith, (map, key) => map.get(key)!.length),
  oneByOne("cache: get()", cacheWith, (cache, key) => cache.get(key)!.length),
  oneByOne("cache: getBytes()", cacheWith, (cache, key) => cache.getBytes(key)!.length),
  batched(
    `cache: batch of ${DEPTH} GET`,
    (key) => ["GET", key],
    (cache, commands) => totalLength(cache.batch(commands)),
  ),
  batched(
    `cache: batch of ${DEPTH} GET, as bytes`,
    (key) => ["GET", key],
    (cache, commands) => totalLength(cache.batch(commands, { as: "bytes" })),
  ),
  batched(
    `encoding alone of ${DEPTH} GET`,
    (key) => ["GET", key],
    (_, commands) => encoder.encode(commands).argOffsets[DEPTH],
  ),
  oneByOne("Map: set", mapWith, (map, key) => map.set(key, VALUE).size),
  oneByOne("cache: set()", cacheWith, (cache, key) => lengthOf(cache.set(key, VALUE))),
  batched(
    `cache: batch of ${DEPTH} SET`,
    (key) => ["SET", key, VALUE],
    (cache, commands) => totalLength(cache.batch(commands)),
  ),
  oneByOne("cache: incr()", cacheWith, (cache, _, i) => Number(cache.incr(`n:${i & 1023}`))),
];
