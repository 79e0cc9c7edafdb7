/**
 * The one sum of all memory that arenas and buffers hold.
 *
 * Two figures: `liveBytes`, what blocks in use occupy, and `pageBytes`, what the pages occupy that
 * those blocks lie in. The second is what the process's resident size shows.
 */
import { PAGE_BYTES } from "./size_classes.ts";

const LIVE = 0;
const PAGES = 1;
const PEAK = 2;

export class MemoryAccount {
  /** Doubles in a typed array: sums beyond 2³¹ stay unboxed. */
  readonly #sums = new Float64Array(3);

  get liveBytes(): number {
    return this.#sums[LIVE];
  }

  get pageBytes(): number {
    return this.#sums[PAGES];
  }

  /** The largest `pageBytes` so far. */
  get peakPageBytes(): number {
    return this.#sums[PEAK];
  }

  blockAllocated(bytes: number): void {
    this.#sums[LIVE] += bytes;
  }

  blockFreed(bytes: number): void {
    this.#sums[LIVE] -= bytes;
  }

  pageAllocated(): void {
    const sums = this.#sums;
    sums[PAGES] += PAGE_BYTES;
    if (sums[PAGES] > sums[PEAK]) sums[PEAK] = sums[PAGES];
  }

  pageFreed(): void {
    this.#sums[PAGES] -= PAGE_BYTES;
  }
}
