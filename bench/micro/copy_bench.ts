/**
 * Copies by length: a loop over words against the runtime's own, between two regions and within
 * one.
 *
 * Where the loop stops being cheaper are the limits of src/bytes/copy.ts. The places that are
 * copied from and to lie in some 64 KiB, so this is about calls and loops, not about memory.
 */
import { copyExact, copyPadded } from "../../src/bytes/copy.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import type { Region } from "../../src/ports/region.ts";
import type { Bench } from "../support/bench.ts";

type Copy = (source: Region, from: number, target: Region, to: number, length: number) => void;

const LENGTHS: readonly number[] = [4, 8, 16, 32, 48, 64, 96, 128, 160, 192, 256, 384, 512, 1024];
const SPREAD_BYTES = 32 * 1024;
const REGION_BYTES = 2 * SPREAD_BYTES + 4096;

/**
 * One word after the other, up to three bytes too many: what `copyPadded` does with short lengths.
 */
function copyByWords(s: Region, from: number, t: Region, to: number, length: number): void {
  const source = s.view, target = t.view;
  for (let i = 0; i < length; i += 4) {
    target.setInt32(to + i, source.getInt32(from + i, true), true);
  }
}

/** Four words at a time, exactly to the end: what the reply writer does with short lengths. */
function copyByFourWords(s: Region, from: number, t: Region, to: number, length: number): void {
  const source = s.view, target = t.view;
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    target.setInt32(to + i, source.getInt32(from + i, true), true);
    target.setInt32(to + i + 4, source.getInt32(from + i + 4, true), true);
    target.setInt32(to + i + 8, source.getInt32(from + i + 8, true), true);
    target.setInt32(to + i + 12, source.getInt32(from + i + 12, true), true);
  }
  for (; i + 4 <= length; i += 4) {
    target.setInt32(to + i, source.getInt32(from + i, true), true);
  }
  if (i < length) {
    target.setInt32(to + length - 4, source.getInt32(from + length - 4, true), true);
  }
}

function copyBySet(s: Region, from: number, t: Region, to: number, length: number): void {
  t.bytes.set(s.bytes.subarray(from, from + length), to);
}

function copyWithin(_source: Region, from: number, t: Region, to: number, length: number): void {
  t.bytes.copyWithin(to, from, from + length);
}

function copyBench(name: string, makeCopy: () => Copy, length: number, isWithin: boolean): Bench {
  const source = makeRegion(REGION_BYTES);
  const target = isWithin ? source : makeRegion(REGION_BYTES);
  for (let i = 0; i < SPREAD_BYTES; i++) source.bytes[i] = i * 7;
  const copy = makeCopy();
  return {
    name: `${name}, ${length} bytes`,
    run(size) {
      let from = 0;
      for (let i = 0; i < size; i++) {
        from = (from + 1044) & (SPREAD_BYTES - 1) & ~3;
        copy(source, from, target, SPREAD_BYTES + 4 + from, length);
      }
      return target.view.getInt32(SPREAD_BYTES + 4 + from, true);
    },
  };
}

/** A function of its own for each bench, so that none is compiled for what another one does. */
function own(copy: Copy): () => Copy {
  return () => new Function(`return ${copy.toString()}`)() as Copy;
}

export const copyBenches: readonly Bench[] = LENGTHS.flatMap((length) => [
  copyBench("copy by words", own(copyByWords), length, false),
  copyBench("copy by four words", own(copyByFourWords), length, false),
  copyBench("copy by set(subarray)", own(copyBySet), length, false),
  copyBench("copy by copyWithin in one region", own(copyWithin), length, true),
]);

const PRODUCT_LENGTHS: readonly number[] = [4, 16, 64, 80, 128, 192, 256, 1024];

export const productBenches: readonly Bench[] = PRODUCT_LENGTHS.flatMap((length) => [
  copyBench("copyPadded between regions", () => copyPadded, length, false),
  copyBench("copyPadded in one region", () => copyPadded, length, true),
  copyBench("copyExact between regions", () => copyExact, length, false),
]);
