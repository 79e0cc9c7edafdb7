/**
 * What becomes of a sum that a bit field may be too narrow for.
 *
 * Cost: no bigint is made unless an operand or the sum is beyond ±(2⁵³-1), or does not fit.
 */
type Int64 = number | bigint;

/** Kinds of overflow: come round, stop at the end of the range, or change nothing. */
export const WRAP = 1;
export const SAT = 2;
export const FAIL = 3;

/** Widest field whose limits are safe integers. */
const MAX_NUMBER_WIDTH = 53;

/**
 * Base plus increment as a field of `width` bits holds it.
 * @param base value of the field, or undefined where the increment is to be its value
 * @returns a bigint only beyond ±(2⁵³-1); undefined where it does not fit and `overflow` is FAIL
 */
export function fit(
  base: Int64 | undefined,
  increment: Int64,
  width: number,
  isSigned: boolean,
  overflow: number,
): Int64 | undefined {
  if (typeof base !== "bigint" && typeof increment === "number") {
    const sum = (base ?? 0) + increment;
    if (Number.isSafeInteger(sum)) {
      if (width > MAX_NUMBER_WIDTH && (isSigned || sum >= 0)) return sum;
      const valueBits = isSigned ? width - 1 : width;
      const limit = 2 ** valueBits;
      if (sum < limit && sum >= (isSigned ? -limit : 0)) return sum;
    }
  }
  if (base === undefined && isSigned && overflow === SAT && isTakenForHuge(increment, width)) {
    return narrow((1n << BigInt(width - 1)) - 1n);
  }
  // A negative value for an unsigned field counts as a huge one.
  const sum = base !== undefined
    ? BigInt(base) + BigInt(increment)
    : isSigned
    ? BigInt(increment)
    : BigInt.asUintN(64, BigInt(increment));
  return narrow(fitBigint(sum, width, isSigned, overflow));
}

/** Redis takes a value for too high where its distance from the highest one overflows 64 bits. */
function isTakenForHuge(value: Int64, width: number): boolean {
  const max = (1n << BigInt(width - 1)) - 1n;
  return max - BigInt(value) >= 1n << 63n && width < 64;
}

function fitBigint(
  sum: bigint,
  width: number,
  isSigned: boolean,
  overflow: number,
): bigint | undefined {
  const max = (1n << BigInt(isSigned ? width - 1 : width)) - 1n;
  const min = isSigned ? -max - 1n : 0n;
  if (sum >= min && sum <= max) return sum;
  if (overflow === FAIL) return undefined;
  if (overflow === SAT) return sum > max ? max : min;
  return isSigned ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
}

function narrow(value: bigint | undefined): Int64 | undefined {
  const near = Number(value);
  return value !== undefined && Number.isSafeInteger(near) ? near : value;
}
