/**
 * MurmurHash64A, the 64-bit MurmurHash2 of little-endian machines, in halves of 32 bits: no bigint.
 *
 * Source: Austin Appleby, smhasher, MurmurHash2.cpp (public domain).
 */

/** The multiplier 0xc6a4a7935bd1e995. */
const M_HIGH = 0xc6a4a793 | 0;
const M_LOW = 0x5bd1e995;
const M_LOW_0 = M_LOW & 0xffff;
const M_LOW_1 = M_LOW >>> 16;
/** Shift of 47 bits: what remains of the high half becomes the low one. */
const SHIFT_OF_HIGH = 15;

/** Low half of a value while it is multiplied, and both halves of the product. */
let low = 0;
let high = 0;

/** Multiplies high:low by the multiplier. */
function multiply(): void {
  const a0 = low & 0xffff, a1 = low >>> 16;
  const p00 = Math.imul(a0, M_LOW_0);
  const p01 = Math.imul(a0, M_LOW_1);
  const p10 = Math.imul(a1, M_LOW_0);
  const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  const carried = Math.imul(a1, M_LOW_1) + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  high = (carried + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0;
  low = (p00 & 0xffff) | (middle << 16);
}

/**
 * @param seed 32 bits
 * @param into gets the hash: the low half, then the high one
 */
export function murmur64(
  view: DataView,
  offset: number,
  length: number,
  seed: number,
  into: Int32Array,
): void {
  low = length | 0;
  high = 0;
  multiply();
  let hashLow = seed ^ low, hashHigh = high;
  let at = offset;
  for (const end = offset + (length & ~7); at < end; at += 8) {
    low = view.getInt32(at, true);
    high = view.getInt32(at + 4, true);
    multiply();
    low ^= high >>> SHIFT_OF_HIGH;
    multiply();
    low ^= hashLow;
    high ^= hashHigh;
    multiply();
    hashLow = low;
    hashHigh = high;
  }
  const rest = length & 7;
  if (rest > 0) {
    for (let i = 0; i < rest; i++) {
      const byte = view.getUint8(at + i);
      if (i < 4) hashLow ^= byte << (8 * i);
      else hashHigh ^= byte << (8 * (i - 4));
    }
    low = hashLow;
    high = hashHigh;
    multiply();
    hashLow = low;
    hashHigh = high;
  }
  low = hashLow ^ (hashHigh >>> SHIFT_OF_HIGH);
  high = hashHigh;
  multiply();
  into[0] = low ^ (high >>> SHIFT_OF_HIGH);
  into[1] = high;
}
