/** Bits of a megabyte: counted, found and combined by words, against one byte at a time. */
import { combine, countBits, findBit, T_AND_S } from "../../src/structs/bitmap.ts";
import type { Bench } from "../support/bench.ts";

const BYTES = 1024 * 1024;

const bits = new DataView(new ArrayBuffer(BYTES));
const other = new DataView(new ArrayBuffer(BYTES));
const zeros = new DataView(new ArrayBuffer(BYTES));
for (let i = 0; i < BYTES; i++) {
  bits.setUint8(i, Math.imul(i, 0x9e37_79b1) >>> 24);
  other.setUint8(i, Math.imul(i, 0x85eb_ca6b) >>> 24);
}
const countOfByte = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll("0", "").length,
);

/** Runs over stretches of the megabyte until so many bytes were treated. */
function stretches(size: number, use: (offset: number, length: number) => number): number {
  let sum = 0;
  for (let left = size; left > 0; left -= BYTES) sum += use(0, Math.min(left, BYTES));
  return sum;
}

function countByBytes(size: number): number {
  const bytes = new Uint8Array(bits.buffer);
  return stretches(size, (offset, length) => {
    let count = 0;
    for (let i = offset; i < offset + length; i++) count += countOfByte[bytes[i]];
    return count;
  });
}

function andByWords(size: number): number {
  return stretches(size, (offset, length) => {
    combine(T_AND_S, other, offset, bits, offset, length);
    return other.getUint8(length - 1);
  });
}

function andByBytes(size: number): number {
  const target = new Uint8Array(other.buffer), source = new Uint8Array(bits.buffer);
  return stretches(size, (offset, length) => {
    for (let i = offset; i < offset + length; i++) target[i] &= source[i];
    return target[length - 1];
  });
}

export const BITMAP_BENCHES: readonly Bench[] = [
  {
    name: "bitmap: count, a byte",
    run: (size) => stretches(size, (offset, length) => countBits(bits, offset, length)),
  },
  { name: "table of 256 counts, a byte", run: countByBytes },
  {
    name: "bitmap: find the first bit, a byte",
    run: (size) => stretches(size, (offset, length) => findBit(zeros, offset, length, 1)),
  },
  { name: "bitmap: AND, a byte", run: andByWords },
  { name: "AND of Uint8Arrays, a byte", run: andByBytes },
];
