/** First-in first-out queue of bytes, for replies that a peer has not taken yet. */
const MIN_CAPACITY = 4096;

export class ByteQueue {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  append(source: Uint8Array, start: number, end: number): void {
    const added = end - start;
    if (this.#end + added > this.#bytes.length) this.#makeRoom(added);
    this.#bytes.set(source.subarray(start, end), this.#end);
    this.#end += added;
  }

  /** Hands the bytes to `write`, which answers how many of them it took. @returns whether it took all */
  drain(write: (bytes: Uint8Array, start: number, end: number) => number): boolean {
    while (this.#start < this.#end) {
      const taken = write(this.#bytes, this.#start, this.#end);
      if (taken <= 0) return false;
      this.#start += taken;
    }
    this.clear();
    return true;
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#start = this.#end = 0;
  }

  #makeRoom(added: number): void {
    const needed = this.length + added;
    let capacity = Math.max(MIN_CAPACITY, this.#bytes.length);
    while (capacity < needed) capacity *= 2;
    const bytes = capacity === this.#bytes.length ? this.#bytes : new Uint8Array(capacity);
    if (bytes === this.#bytes) bytes.copyWithin(0, this.#start, this.#end);
    else bytes.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = bytes;
  }
}
