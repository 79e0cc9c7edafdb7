/**
 * Buffers of a few sizes that all connections of a server share.
 *
 * The sizes are the powers of two from BUFFER_MIN to BUFFER_MAX. A pool that has lent out half of its
 * limit answers with at most BUFFER_COMMON, so that there is enough for peers that come later; one that
 * has lent out all of it with the smallest size, so that greedy peers cost no more than idle ones.
 */

/** Size in bytes of what an idle connection reads into. */
export const BUFFER_MIN = 2 ** 10;

/** Size in bytes of the largest buffer that does not depend on how many are lent. */
export const BUFFER_COMMON = 2 ** 16;

/** Size in bytes of the largest buffer: as many replies as the executor sends at once. */
export const BUFFER_MAX = 2 ** 18;

const MIN_LOG2 = Math.log2(BUFFER_MIN);
const SIZE_COUNT = Math.log2(BUFFER_MAX) - MIN_LOG2 + 1;

/** Returned buffers of one size beyond this many bytes are left to the garbage collector. */
const IDLE_BYTES_PER_SIZE = 4 * 1024 * 1024;

export class BufferPool {
  readonly #limitBytes: number;
  readonly #idle: Uint8Array[][] = Array.from({ length: SIZE_COUNT }, () => []);
  #lentBytes = 0;

  /** @param limitBytes of memory lent, from which on only buffers of BUFFER_MIN are */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Size in bytes of all buffers that were taken and not given back. */
  get lentBytes(): number {
    return this.#lentBytes;
  }

  /** @returns a buffer of at least `size` bytes, or the largest one that can be had */
  take(size: number): Uint8Array {
    const index = sizeIndex(Math.min(size, this.#largest));
    const buffer = this.#idle[index].pop() ?? new Uint8Array(BUFFER_MIN << index);
    this.#lentBytes += buffer.length;
    return buffer;
  }

  get #largest(): number {
    if (this.#lentBytes >= this.#limitBytes) return BUFFER_MIN;
    return this.#lentBytes >= this.#limitBytes / 2 ? BUFFER_COMMON : BUFFER_MAX;
  }

  /** Takes a buffer back; nobody may touch it any more. */
  give(buffer: Uint8Array): void {
    this.#lentBytes -= buffer.length;
    const idle = this.#idle[sizeIndex(buffer.length)];
    if (idle.length * buffer.length < IDLE_BYTES_PER_SIZE) idle.push(buffer);
  }
}

function sizeIndex(size: number): number {
  if (size <= BUFFER_MIN) return 0;
  if (size >= BUFFER_MAX) return SIZE_COUNT - 1;
  return 32 - Math.clz32(size - 1) - MIN_LOG2;
}
