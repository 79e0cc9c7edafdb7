/** Reads numbers in everyday notation fast: "12", "-1.5", "000042". */
import { readFloat } from "./ascii.ts";

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** So many digits are surely a safe integer. */
const MAX_DIGITS = 15;
/** Exact as doubles, so that one division rounds once. */
const POWERS_OF_TEN: readonly number[] = Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * As `readFloat`.
 * @returns the nearest double; NaN if it is no number
 */
export function readDouble(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  const first = bytes[offset];
  let at = first === MINUS || first === PLUS ? offset + 1 : offset;
  const digitsEnd = at + MAX_DIGITS;
  if (at < end && end <= digitsEnd) {
    let value = 0;
    let point = -1;
    const start = at;
    for (; at < end; at++) {
      const digit = bytes[at] - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (bytes[at] === POINT && point < 0) point = at;
      else break;
    }
    if (at === end && (point < 0 || end - start > 1)) {
      if (point >= 0) value /= POWERS_OF_TEN[end - point - 1];
      return first === MINUS ? -value : value;
    }
  }
  return readFloat(bytes, offset, length) ?? NaN;
}
