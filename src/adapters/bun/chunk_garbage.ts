/**
 * Has the garbage collected that received chunks and requests leave behind.
 *
 * Bun hands out a buffer of its own for every chunk and body. The collector measures itself by the size of the
 * heap, and the store's arenas count as heap: left alone it would let hundreds of megabytes of dead
 * chunks pile up before it runs.
 */

/** Dead chunks that may pile up. More costs memory, and cache misses too (bench/memory/bytes_per_key.ts). */
const LIMIT_BYTES = 4 * 1024 * 1024;
/** What a buffer object takes beside its bytes. */
const OBJECT_BYTES = 256;

export class ChunkGarbage {
  readonly #collect: () => void;
  #bytes = 0;

  /** @param collect starts a collection and returns before it is done */
  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** Counts a chunk, or a request by its body. @param length in bytes */
  add(length: number): void {
    this.#bytes += length + OBJECT_BYTES;
    if (this.#bytes < LIMIT_BYTES) return;
    this.#bytes = 0;
    this.#collect();
  }
}
