import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import { forSeeds, randomBytes } from "../support/model.ts";

const MASK = 0xffff_ffffn;

/** HalfSipHash-c-d as published, in unsigned arithmetic of any width. */
class Reference {
  readonly #v: bigint[];

  constructor(k0: number, k1: number) {
    const [low, high] = [BigInt.asUintN(32, BigInt(k0)), BigInt.asUintN(32, BigInt(k1))];
    this.#v = [low, high, 0x6c796765n ^ low, 0x74656462n ^ high];
  }

  #add(to: number, from: number): void {
    this.#v[to] = (this.#v[to] + this.#v[from]) & MASK;
  }

  #rotate(at: number, bits: bigint): void {
    const value = this.#v[at];
    this.#v[at] = ((value << bits) | (value >> (32n - bits))) & MASK;
  }

  #rounds(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#add(0, 1);
      this.#rotate(1, 5n);
      this.#v[1] ^= this.#v[0];
      this.#rotate(0, 16n);
      this.#add(2, 3);
      this.#rotate(3, 8n);
      this.#v[3] ^= this.#v[2];
      this.#add(0, 3);
      this.#rotate(3, 7n);
      this.#v[3] ^= this.#v[0];
      this.#add(2, 1);
      this.#rotate(1, 13n);
      this.#v[1] ^= this.#v[2];
      this.#rotate(2, 16n);
    }
  }

  hash(bytes: Uint8Array, c: number, d: number): number {
    const words: bigint[] = [];
    const whole = bytes.length - bytes.length % 4;
    for (let i = 0; i <= whole; i += 4) {
      let word = i === whole ? BigInt(bytes.length & 255) << 24n : 0n;
      for (let k = 0; k < 4 && i + k < bytes.length; k++) {
        word |= BigInt(bytes[i + k]) << BigInt(8 * k);
      }
      words.push(word);
    }
    for (const word of words) {
      this.#v[3] ^= word;
      this.#rounds(c);
      this.#v[0] ^= word;
    }
    this.#v[2] ^= 0xffn;
    this.#rounds(d);
    return Number(BigInt.asIntN(32, this.#v[1] ^ this.#v[3]));
  }
}

test("the reference gives the published vectors of HalfSipHash-2-4", () => {
  const published = [0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a, 0x89466e2a, 0x69b6fac5];
  published.forEach((expected, length) => {
    const message = Uint8Array.from({ length }, (_, i) => i);
    const hash = new Reference(0x0302_0100, 0x0706_0504).hash(message, 2, 4);
    assert.equal(hash >>> 0, expected, `length ${length}`);
  });
});

test("halfSipHash() is HalfSipHash-1-3, at every length and offset", () => {
  forSeeds(3, (random) => {
    for (let length = 0; length <= 70; length++) {
      const offset = random.below(9);
      const region = makeRegion(offset + length);
      region.bytes.set(randomBytes(random, region.bytes.length));
      const [k0, k1] = [random.int32(), random.int32()];
      const message = region.bytes.subarray(offset, offset + length);
      assert.equal(
        halfSipHash(region.view, offset, length, k0, k1),
        new Reference(k0, k1).hash(message, 1, 3),
        `length ${length}`,
      );
    }
  });
});

test("halfSipHash() counts lengths modulo 256 only in the last word", () => {
  const region = makeRegion(70_000);
  for (const length of [255, 256, 257, 30_720, 65_536]) {
    const expected = new Reference(5, 6).hash(region.bytes.subarray(0, length), 1, 3);
    assert.equal(halfSipHash(region.view, 0, length, 5, 6), expected, `length ${length}`);
  }
});

test("what stands behind the key does not matter", () => {
  const region = makeRegion(32);
  for (let length = 0; length < 24; length++) {
    region.bytes.fill(0);
    const clean = halfSipHash(region.view, 0, length, 1, 2);
    region.bytes.fill(255, length);
    assert.equal(halfSipHash(region.view, 0, length, 1, 2), clean);
  }
});

/** Chi-square of how the hashes of numbered keys fall into 256 groups. */
function spread(groupOf: (hash: number) => number, k0: number): number {
  const region = makeRegion(16);
  const groups = new Float64Array(256);
  const count = 65_536;
  for (let i = 0; i < count; i++) {
    const name = `key:${i}`;
    for (let k = 0; k < name.length; k++) region.bytes[k] = name.charCodeAt(k);
    groups[groupOf(halfSipHash(region.view, 0, name.length, k0, 99))]++;
  }
  let chi = 0;
  for (const hits of groups) chi += (hits - count / 256) ** 2 / (count / 256);
  return chi;
}

test("leading bits (shards, directory) and trailing bits (buckets) are spread evenly", () => {
  for (const k0 of [0, 1, -77]) {
    for (const groupOf of [(h: number) => h >>> 24, (h: number) => h & 255]) {
      const chi = spread(groupOf, k0);
      // 255 degrees of freedom: outside of this only once in a million.
      assert.ok(chi > 160 && chi < 375, `chi-square ${chi}`);
    }
  }
});

test("another key gives other hashes: keys that collide under one don't under another", () => {
  const region = makeRegion(8);
  const seen = new Map<number, number>();
  const colliding: [number, number][] = [];
  for (let i = 0; i < 200_000; i++) {
    region.view.setInt32(0, i, true);
    const hash = halfSipHash(region.view, 0, 4, 11, 12);
    const other = seen.get(hash);
    if (other === undefined) seen.set(hash, i);
    else colliding.push([other, i]);
  }
  assert.ok(colliding.length < 30, `${colliding.length} collisions, some 5 are expected`);
  let still = 0;
  for (const [a, b] of colliding) {
    region.view.setInt32(0, a, true);
    const hashA = halfSipHash(region.view, 0, 4, 11, 13);
    region.view.setInt32(0, b, true);
    if (hashA === halfSipHash(region.view, 0, 4, 11, 13)) still++;
  }
  assert.equal(still, 0);
});
