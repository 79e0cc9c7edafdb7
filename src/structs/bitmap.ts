/**
 * Bits in stretches of bytes: counting, finding and combining them, 32 at a time.
 *
 * Bit 0 is the highest bit of the first byte. A DataView reads words at any offset, so that nothing
 * needs to be aligned; the order of the bytes in a word matters to `findBit` only.
 */

/** Words whose counts per byte are summed before the four bytes are added: 31 × 8 fits a byte. */
const WORDS_PER_SUM = 31;

/** Number of bits set. @param offset start in `view` @param length in bytes */
export function countBits(view: DataView, offset: number, length: number): number {
  let count = 0;
  let at = offset;
  const end = offset + length;
  while (end - at >= 4) {
    const stop = Math.min(at + 4 * WORDS_PER_SUM, end - 3);
    let sums = 0;
    for (; at < stop; at += 4) {
      let word = view.getInt32(at, true);
      word -= (word >>> 1) & 0x5555_5555;
      word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
      sums = (sums + ((word + (word >>> 4)) & 0x0f0f_0f0f)) | 0;
    }
    sums = (sums & 0x00ff_00ff) + ((sums >>> 8) & 0x00ff_00ff);
    count += (sums & 0xffff) + (sums >>> 16);
  }
  for (; at < end; at++) count += countInByte(view.getUint8(at));
  return count;
}

function countInByte(byte: number): number {
  byte -= (byte >> 1) & 0x55;
  byte = (byte & 0x33) + ((byte >> 2) & 0x33);
  return (byte + (byte >> 4)) & 0x0f;
}

/** Position of the first bit of a value, counted from `offset`. @returns -1 when there is none */
export function findBit(view: DataView, offset: number, length: number, bit: number): number {
  const skipped = bit === 1 ? 0 : -1;
  const end = offset + length;
  let at = offset;
  while (at + 4 <= end && view.getInt32(at) === skipped) at += 4;
  for (; at < end; at++) {
    // The byte's bits that have the value, as ones.
    const wanted = (view.getUint8(at) ^ skipped) & 0xff;
    if (wanted !== 0) return (at - offset) * 8 + Math.clz32(wanted) - 24;
  }
  return -1;
}

/** How `combine` changes the target: T is the target, S the source. */
export const T_AND_S = 0;
export const T_OR_S = 1;
export const T_XOR_S = 2;
export const NOT_S = 3;
export const S_AND_NOT_T = 4;
export const T_AND_NOT_S = 5;

/** Sets each byte T of the target to what the operation makes of it and the source's byte S. */
export function combine(
  operation: number,
  target: DataView,
  targetOffset: number,
  source: DataView,
  sourceOffset: number,
  length: number,
): void {
  const wordsEnd = length - (length & 3);
  for (let i = 0; i < wordsEnd; i += 4) {
    const t = target.getInt32(targetOffset + i, true);
    const s = source.getInt32(sourceOffset + i, true);
    target.setInt32(targetOffset + i, combined(operation, t, s), true);
  }
  for (let i = wordsEnd; i < length; i++) {
    const t = target.getUint8(targetOffset + i);
    const s = source.getUint8(sourceOffset + i);
    target.setUint8(targetOffset + i, combined(operation, t, s));
  }
}

function combined(operation: number, t: number, s: number): number {
  switch (operation) {
    case T_AND_S:
      return t & s;
    case T_OR_S:
      return t | s;
    case T_XOR_S:
      return t ^ s;
    case NOT_S:
      return ~s;
    case S_AND_NOT_T:
      return s & ~t;
    default:
      return t & ~s;
  }
}

/**
 * Notes in `repeated` the bits that target and source have both, and turns those of the source over
 * in the target: with every source in turn, the bits set in exactly one of them remain, besides
 * repeated ones.
 */
export function combineOnce(
  repeated: DataView,
  repeatedOffset: number,
  target: DataView,
  targetOffset: number,
  source: DataView,
  sourceOffset: number,
  length: number,
): void {
  const wordsEnd = length - (length & 3);
  for (let i = 0; i < wordsEnd; i += 4) {
    const t = target.getInt32(targetOffset + i, true);
    const s = source.getInt32(sourceOffset + i, true);
    const r = repeated.getInt32(repeatedOffset + i, true);
    repeated.setInt32(repeatedOffset + i, r | (t & s), true);
    target.setInt32(targetOffset + i, t ^ s, true);
  }
  for (let i = wordsEnd; i < length; i++) {
    const t = target.getUint8(targetOffset + i);
    const s = source.getUint8(sourceOffset + i);
    const r = repeated.getUint8(repeatedOffset + i);
    repeated.setUint8(repeatedOffset + i, r | (t & s));
    target.setUint8(targetOffset + i, t ^ s);
  }
}
