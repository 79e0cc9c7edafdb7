/**
 * A stretch of memory that replies are written into, growing as needed.
 *
 * The writer asks for room once per reply and then writes through `bytes` and `view`; both are
 * replaced when the buffer grows, so they must be read again after `ensure`.
 */
import type { Region } from "../../ports/region.ts";

const INITIAL_SIZE = 16 * 1024;
/** A larger buffer is given back by `reset`. */
const KEPT_SIZE = 1024 * 1024;

export class OutputBuffer implements Region {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** How many bytes from the start are written. */
  length = 0;
  private readonly initialSize: number;

  /** @param initialSize in bytes */
  constructor(initialSize = INITIAL_SIZE) {
    this.initialSize = initialSize;
    this.bytes = new Uint8Array(initialSize);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. @throws RangeError when the runtime has no such memory */
  ensure(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let size = this.bytes.length * 2;
    while (size < needed) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Empties the buffer, and makes it small again if it grew above 1 MiB. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length <= KEPT_SIZE || this.bytes.length === this.initialSize) return;
    this.bytes = new Uint8Array(this.initialSize);
    this.view = new DataView(this.bytes.buffer);
  }
}
