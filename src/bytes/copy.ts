/**
 * Copies between regions of memory, fast for short ones.
 *
 * Up to WORDWISE_LIMIT bytes a loop over 32-bit words beats a call of the runtime by 2 to 5 times
 * (bench/micro/copy_bench.ts); beyond it `copyWithin`, or `set` between two buffers. Never by 64-bit
 * floats: both runtimes alter the payload of NaNs.
 */

/** Structural twin of the Region port: bytes and a view of the same memory. */
interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const WORDWISE_LIMIT = 96;

/**
 * Copies `length` bytes, and up to 3 bytes behind them that belong to nobody: both sides must have that
 * many readable, or writable, bytes behind the end.
 */
export function copyPadded(
  source: Memory,
  sourceOffset: number,
  target: Memory,
  targetOffset: number,
  length: number,
): void {
  if (length <= WORDWISE_LIMIT) {
    const from = source.view, to = target.view;
    for (let i = 0; i < length; i += 4) {
      to.setInt32(targetOffset + i, from.getInt32(sourceOffset + i, true), true);
    }
  } else {
    copyExact(source, sourceOffset, target, targetOffset, length);
  }
}

/** Copies exactly `length` bytes; the ranges may overlap. */
export function copyExact(
  source: Memory,
  sourceOffset: number,
  target: Memory,
  targetOffset: number,
  length: number,
): void {
  if (source.bytes.buffer === target.bytes.buffer) {
    target.bytes.copyWithin(targetOffset, sourceOffset, sourceOffset + length);
  } else {
    target.bytes.set(source.bytes.subarray(sourceOffset, sourceOffset + length), targetOffset);
  }
}
