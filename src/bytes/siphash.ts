/**
 * HalfSipHash-1-3: a keyed 32-bit hash that needs 32-bit arithmetic only.
 *
 * Whoever does not know the key can't choose keys that collide, so a flood of crafted keys costs no
 * more than any other. Cost: about 20 ns for 16 bytes.
 * Source: https://github.com/veorq/SipHash, halfsiphash.c, with 1 compression and 3 finalization
 * rounds. Offset and length are made integers first, as in copy.ts.
 */

/**
 * @param view what `offset` and `length` (bytes) point into
 * @param k0 first half of the key, any 32-bit integer
 * @param k1 second half
 * @returns a signed 32-bit integer
 */
export function halfSipHash(
  view: DataView,
  offset: number,
  length: number,
  k0: number,
  k1: number,
): number {
  offset |= 0;
  length |= 0;
  let v0 = k0, v1 = k1, v2 = 0x6c796765 ^ k0, v3 = 0x74656462 ^ k1;
  const wordsEnd = offset + (length & ~3);
  let o = offset;
  for (; o < wordsEnd; o += 4) {
    const m = view.getInt32(o, true);
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  let m = length << 24;
  for (let shift = 0; o < offset + length; o++, shift += 8) m |= view.getUint8(o) << shift;
  v3 ^= m;
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 0) {
      v0 ^= m;
      v2 ^= 0xff;
    }
  }
  return v1 ^ v3;
}
