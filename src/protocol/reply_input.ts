/**
 * Bytes of replies as they come in: what is not decoded yet lies in one piece, from `at` to `end`.
 *
 * A chunk is copied behind what is there. What is there moves to the front only where at least half of
 * the buffer is free by that, and else the buffer doubles, so every byte is copied a bounded number of times
 * on average, in whatever pieces it comes.
 */
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";

const INITIAL_BYTES = 64 * 1024;
/** What one unusually large reply took beyond this is given back. */
const KEPT_BYTES = 1024 * 1024;

export class ReplyInput {
  region: Region = makeRegion(INITIAL_BYTES);
  /** Capacity of the region, in bytes. */
  #capacity = INITIAL_BYTES;
  at = 0;
  end = 0;

  /** Adds a chunk, which may be used again at once. */
  add(chunk: Uint8Array): void {
    if (this.at === this.end) this.#restart();
    if (this.end + chunk.length > this.#capacity) this.#makeRoom(chunk.length);
    this.region.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  #restart(): void {
    this.at = 0;
    this.end = 0;
    if (this.#capacity > KEPT_BYTES) this.#replace(INITIAL_BYTES);
  }

  #makeRoom(count: number): void {
    const needed = this.end - this.at + count;
    const { bytes } = this.region;
    if (this.at * 2 < this.#capacity || needed > this.#capacity) {
      this.#replace(Math.max(this.#capacity * 2, needed));
    }
    this.region.bytes.set(bytes.subarray(this.at, this.end), 0);
    this.end -= this.at;
    this.at = 0;
  }

  #replace(capacity: number): void {
    this.#capacity = capacity;
    this.region = makeRegion(capacity);
  }
}
