/**
 * Copies between regions of memory, fast for short ones.
 *
 * A loop over 32-bit words beats a call of the runtime while it is short: five times at 16 bytes
 * between two regions, where the call is `set` with a view made for it. The limits are where both
 * take the same time (bench/micro/copy_bench.ts). Never by 64-bit floats: both runtimes alter the
 * payload of NaNs.
 *
 * The loops get integers (`| 0`): numbers that Bun keeps as doubles make it compile them for doubles,
 * and leave the compiled code at every call from then on. Only what is copied to may reach beyond 2 GiB:
 * a reply.
 */

/**
 * Structural twin of the Region port: bytes and a view of the same memory, which is nobody else's.
 */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Longest copy by words within one region, where the runtime's call is `copyWithin`, in bytes. */
const WITHIN_LIMIT = 80;
/** Farthest offset that is an integer of 32 bits. */
const INT_MAX = 2 ** 31 - 1;
/** Longest copy by words between two regions, in bytes. */
const BETWEEN_LIMIT = 192;

/**
 * Copies `length` bytes, and up to 3 bytes behind them that belong to nobody: both sides must have
 * that many readable, or writable, bytes behind the end. The ranges don't overlap.
 */
export function copyPadded(
  source: Memory,
  sourceOffset: number,
  target: Memory,
  targetOffset: number,
  length: number,
): void {
  const isLong = length > WITHIN_LIMIT &&
    (length > BETWEEN_LIMIT || source.view === target.view);
  if (isLong || targetOffset > INT_MAX) {
    copyByRuntime(source, sourceOffset, target, targetOffset, length);
    return;
  }
  sourceOffset |= 0;
  targetOffset |= 0;
  length |= 0;
  const from = source.view, to = target.view;
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    copyFourWords(from, sourceOffset + i, to, targetOffset + i);
  }
  for (; i < length; i += 4) {
    to.setInt32(targetOffset + i, from.getInt32(sourceOffset + i, true), true);
  }
}

/** Copies exactly `length` bytes; within one region the ranges may overlap. */
export function copyExact(
  source: Memory,
  sourceOffset: number,
  target: Memory,
  targetOffset: number,
  length: number,
): void {
  if (length > BETWEEN_LIMIT || source.view === target.view || targetOffset > INT_MAX) {
    copyByRuntime(source, sourceOffset, target, targetOffset, length);
  } else {
    copyWords(source.view, sourceOffset | 0, target.view, targetOffset | 0, length | 0);
  }
}

/** Copies exactly `length` bytes, by words of which the last may overlap the one before it. */
function copyWords(
  from: DataView,
  offset: number,
  to: DataView,
  target: number,
  length: number,
): void {
  if (length < 4) {
    for (let i = 0; i < length; i++) to.setInt8(target + i, from.getInt8(offset + i));
    return;
  }
  let i = 0;
  for (; i + 16 <= length; i += 16) copyFourWords(from, offset + i, to, target + i);
  for (; i + 4 <= length; i += 4) {
    to.setInt32(target + i, from.getInt32(offset + i, true), true);
  }
  if (i < length) {
    to.setInt32(target + length - 4, from.getInt32(offset + length - 4, true), true);
  }
}

/** Copies 16 bytes. */
export function copyFourWords(
  from: DataView,
  offset: number,
  to: DataView,
  target: number,
): void {
  to.setInt32(target, from.getInt32(offset, true), true);
  to.setInt32(target + 4, from.getInt32(offset + 4, true), true);
  to.setInt32(target + 8, from.getInt32(offset + 8, true), true);
  to.setInt32(target + 12, from.getInt32(offset + 12, true), true);
}

function copyByRuntime(
  source: Memory,
  sourceOffset: number,
  target: Memory,
  targetOffset: number,
  length: number,
): void {
  if (source.view === target.view) {
    target.bytes.copyWithin(targetOffset, sourceOffset, sourceOffset + length);
  } else {
    target.bytes.set(source.bytes.subarray(sourceOffset, sourceOffset + length), targetOffset);
  }
}
