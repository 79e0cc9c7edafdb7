/**
 * Keys that collide, made for hash functions that an attacker can compute.
 *
 *   halfsiphash   by trial: the same home bucket under HalfSipHash-1-3 with a key of zeros
 *   fnv-1a        by trial: the same low bits
 *   murmur3       built: two blocks whose differences cancel out whatever the seed, so that n pairs
 *                 of blocks give 2ⁿ keys with one hash
 *   murmur64a     built in the same way
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and its talk on Murmur.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createRandom } from "../../src/bytes/prng.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import type { Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

/** Bits of a hash by which the index of the keys finds the bucket. */
export const BUCKET_BITS = 10;
const BUCKET_MASK = (1 << BUCKET_BITS) - 1;
const WORD = 2n ** 64n;
const MURMUR64_M = 0xc6a4a7935bd1e995n;
const MURMUR64_R = 47n;
/** Of a key that is found by trial. */
const TRIAL_BYTES = 8;
const MURMUR3_C1 = 0xcc9e2d51;
const MURMUR3_C2 = 0x1b873593;

export type Family = "random" | "halfsiphash" | "fnv-1a" | "murmur3" | "murmur64a";

function viewOf(key: Uint8Array): DataView {
  return new DataView(key.buffer, key.byteOffset, key.length);
}

/** HalfSipHash as it would be without a secret. */
export function unseededHash(key: Uint8Array): number {
  return halfSipHash(viewOf(key), 0, key.length, 0, 0);
}

export function fnv1a(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** MurmurHash3 for 32 bits, of whole blocks. */
export function murmur3(key: Uint8Array, seed: number): number {
  const view = viewOf(key);
  let hash = seed;
  for (let at = 0; at < key.length; at += 4) {
    const block = Math.imul(
      rotate(Math.imul(view.getUint32(at, true), MURMUR3_C1), 15),
      MURMUR3_C2,
    );
    hash = (Math.imul(rotate(hash ^ block, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= key.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** MurmurHash64A, of whole blocks. */
export function murmur64a(key: Uint8Array, seed: bigint): bigint {
  const view = viewOf(key);
  let hash = seed ^ (BigInt(key.length) * MURMUR64_M % WORD);
  for (let at = 0; at < key.length; at += 8) {
    hash = (hash ^ mix64(view.getBigUint64(at, true))) * MURMUR64_M % WORD;
  }
  hash = (hash ^ (hash >> MURMUR64_R)) * MURMUR64_M % WORD;
  return hash ^ (hash >> MURMUR64_R);
}

function mix64(block: bigint): bigint {
  const k = block * MURMUR64_M % WORD;
  return (k ^ (k >> MURMUR64_R)) * MURMUR64_M % WORD;
}

/** The inverse of an odd number modulo a power of two, by Newton's method. */
function inverse(odd: bigint, modulus: bigint): bigint {
  let x = odd;
  for (let i = 0; i < 6; i++) x = (x * (2n - odd * x)) % modulus;
  return (x + modulus) % modulus;
}

function unmix64(mixed: bigint): bigint {
  const m = inverse(MURMUR64_M, WORD);
  const k = mixed * m % WORD;
  return (k ^ (k >> MURMUR64_R)) * m % WORD;
}

function unmix32(mixed: number): number {
  const modulus = 2n ** 32n;
  const [c1, c2] = [MURMUR3_C1, MURMUR3_C2].map((c) => Number(inverse(BigInt(c), modulus)));
  return Math.imul(rotate(Math.imul(mixed, c2), 17), c1);
}

/** Two blocks, and two others that change the state in the same way, whatever it is. */
function pairOf(family: "murmur3" | "murmur64a", int32: () => number): [Buffer, Buffer] {
  if (family === "murmur64a") {
    const [a, b] = [0, 1].map(() => BigInt.asUintN(64, (BigInt(int32()) << 32n) ^ BigInt(int32())));
    const blocks = (flip: bigint): Buffer => {
      const bytes = Buffer.alloc(16);
      bytes.writeBigUInt64LE(unmix64(a ^ flip), 0);
      bytes.writeBigUInt64LE(unmix64(b ^ flip), 8);
      return bytes;
    };
    return [blocks(0n), blocks(2n ** 63n)];
  }
  const [a, b] = [int32(), int32()];
  const blocks = (first: number, second: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(unmix32(a ^ first), 0);
    bytes.writeInt32LE(unmix32(b ^ second), 4);
    return bytes;
  };
  // Bit 18 becomes bit 31 by the rotation, and stays there when it is multiplied by 5.
  return [blocks(0, 0), blocks(1 << 18, 1 << 31)];
}

function built(family: "murmur3" | "murmur64a", count: number, seed: number): Buffer[] {
  const random = createRandom([seed, 0xf100d, 1, 2]);
  let keys = [Buffer.alloc(0)];
  while (keys.length < count) {
    const [one, other] = pairOf(family, () => random.int32());
    keys = keys.flatMap((key) => [Buffer.concat([key, one]), Buffer.concat([key, other])]);
  }
  return keys.slice(0, count);
}

function byTrial(hash: (key: Uint8Array) => number, count: number): Buffer[] {
  const keys: Buffer[] = [];
  const tried = Buffer.alloc(TRIAL_BYTES);
  for (let i = 0; keys.length < count; i++) {
    tried.writeUInt32LE(i, 0);
    if ((hash(tried) & BUCKET_MASK) === 0) keys.push(Buffer.from(tried));
  }
  return keys;
}

/** Different keys that collide in the way of the family; of "random", that do not. */
export function floodKeys(family: Family, count: number, seed: number): Buffer[] {
  switch (family) {
    case "random": {
      const random = createRandom([seed, 0xfeed, 1, 2]);
      return Array.from({ length: count }, (_, i) => Buffer.from(`${random.int32()}:${i}`));
    }
    case "halfsiphash":
      return byTrial(unseededHash, count);
    case "fnv-1a":
      return byTrial(fnv1a, count);
    default:
      return built(family, count, seed);
  }
}

const FAMILIES: readonly Family[] = ["halfsiphash", "fnv-1a", "murmur3", "murmur64a"];
const PER_BATCH = 256;

/** Puts such keys wherever a client can put a name. */
async function flood(ground: Ground): Promise<Counts> {
  const { craftedKeys } = ground.scale;
  const count = craftedKeys / FAMILIES.length;
  for (const family of FAMILIES) {
    const client = await ground.dial();
    const keys = floodKeys(family, count, ground.seed);
    for (let at = 0; at < count; at += PER_BATCH) {
      const some = keys.slice(at, at + PER_BATCH);
      const pairs = some.flatMap((key) => [key, "1"]);
      const members = some.flatMap((key) => ["1", key]);
      client.sendCommands([
        ...[["MSET", ...pairs], ["SADD", "flood:s", ...some], ["HSET", "flood:h", ...pairs]],
        ...[["ZADD", "flood:z", ...members], ["EXISTS", ...some], ["DEL", ...some]],
      ]);
      const replies = (await client.readAll(6)).map(String);
      assert.deepEqual(replies, ["+OK\r\n", ...Array(5).fill(`:${some.length}\r\n`)], family);
      client.sendCommands([["SUBSCRIBE", ...some]]);
      await client.readAll(some.length);
      client.sendCommands([["UNSUBSCRIBE", ...some]]);
      await client.readAll(some.length);
    }
    assert.equal(await ground.admin("DEL", "flood:s", "flood:h", "flood:z"), ":3\r\n");
    client.close();
  }
  return { keys: count * FAMILIES.length };
}

export const FLOODING_SCENARIOS: readonly Scenario[] = [
  { name: "keys that are made to collide", attack: flood },
];
