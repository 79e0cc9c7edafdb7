/**
 * Sums within 64-bit signed integers, which are numbers up to ±(2⁵³-1) and bigints beyond.
 *
 * Cost: no bigint is made unless an operand or the sum is beyond ±(2⁵³-1).
 */
export type Int64 = number | bigint;

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

/** @returns the sum, a bigint only beyond ±(2⁵³-1); undefined if it is beyond 64 bits */
export function addInt64(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrow(BigInt(a) + BigInt(b));
}

/** @returns the value with its sign turned; undefined if that is beyond 64 bits */
export function negateInt64(value: Int64): Int64 | undefined {
  return typeof value === "number" ? 0 - value : narrow(-value);
}

function narrow(value: bigint): Int64 | undefined {
  if (value > INT64_MAX || value < INT64_MIN) return undefined;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}
