/**
 * Sums of 80-bit floating-point numbers, as INCRBYFLOAT and HINCRBYFLOAT give them.
 *
 * Redis adds in the x87 extended format: a mantissa of 64 bits, so that 0.1 + 0.2 is printed as
 * 0.3. A value here is `mantissa` × 2^`exponent` with |mantissa| < 2⁶⁴ and the exponent range of
 * that format; reading, adding and printing each round once, to nearest, ties to even, from the
 * exact number. Cost: a few BigInt operations on numbers as long as the text; for numbers of
 * everyday size, about a microsecond or two.
 */
import { parseHexFloat, readAscii } from "./ascii.ts";

/** A number of the 80-bit format. */
export interface LongDouble {
  /** Signed, below 2⁶⁴ in size; 0n when infinite. */
  readonly mantissa: bigint;
  readonly exponent: number;
  /** 1 or -1 for the infinities, 0 for numbers. */
  readonly infinity: -1 | 0 | 1;
}

const MANTISSA_BITS = 64;
const MANTISSA_LIMIT = 1n << 64n;
/** Of the smallest denormal number. */
const MIN_EXPONENT = -16445;
/** Of the largest number. */
const MAX_EXPONENT = 16320;
/** Decimal positions outside of which a number is surely too large, or 0. */
const MAX_DECIMAL = 4940;
const MIN_DECIMAL = -4960;
/** Redis reads such numbers through a buffer of 5 KiB. */
const MAX_TEXT = 5 * 1024;
const FRACTION_DIGITS = 17;
const FRACTION_SCALE = 10n ** BigInt(FRACTION_DIGITS);

const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const POSITIVE_INFINITY: LongDouble = { mantissa: 0n, exponent: 0, infinity: 1 };
const NEGATIVE_INFINITY: LongDouble = { mantissa: 0n, exponent: 0, infinity: -1 };

/**
 * Reads a number as Redis does for INCRBYFLOAT: what `strtold` takes, with no blank before and
 * nothing behind.
 * @param offset start in `bytes`
 * @param length in bytes
 * @returns undefined if it is none, NaN, too large, or too small to be told from 0
 */
export function readLongDouble(
  bytes: Uint8Array,
  offset: number,
  length: number,
): LongDouble | undefined {
  if (length >= MAX_TEXT) return undefined;
  const text = readAscii(bytes, offset, length);
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) {
    const fraction = decimal[3] ?? decimal[4] ?? "";
    const digits = BigInt((decimal[2] ?? "") + fraction);
    const power = Number(decimal[5] ?? 0) - fraction.length;
    return ofDecimal(decimal[1] === "-", digits, power);
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
  const hex = parseHexFloat(text);
  if (hex === undefined) return undefined;
  if (hex.mantissa === 0n) return { mantissa: 0n, exponent: 0, infinity: 0 };
  const topBit = bitLength(hex.mantissa) + hex.exponent;
  if (topBit > 2 * MAX_EXPONENT || topBit < 2 * MIN_EXPONENT) return undefined;
  return finite(
    hex.exponent >= 0
      ? round(hex.negative, hex.mantissa << BigInt(hex.exponent), 1n)
      : round(hex.negative, hex.mantissa, 1n << BigInt(-hex.exponent)),
  );
}

/** @returns the number that an integer within 64 bits is; always exact */
export function longDoubleOf(value: number | bigint): LongDouble {
  return { mantissa: BigInt(value), exponent: 0, infinity: 0 };
}

/** @returns the sum, rounded; undefined if it is NaN or infinite */
export function addLongDoubles(left: LongDouble, right: LongDouble): LongDouble | undefined {
  if (left.infinity !== 0 || right.infinity !== 0) return undefined;
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = (left.mantissa << BigInt(left.exponent - exponent)) +
    (right.mantissa << BigInt(right.exponent - exponent));
  const size = sum < 0n ? -sum : sum;
  const result = exponent >= 0
    ? round(sum < 0n, size << BigInt(exponent), 1n)
    : round(sum < 0n, size, 1n << BigInt(-exponent));
  return result.infinity === 0 ? result : undefined;
}

/**
 * Writes a finite number with up to 17 decimals, without trailing zeros and never with an exponent:
 * C's "%.17Lf", trimmed.
 */
export function formatHumanLongDouble(value: LongDouble): string {
  const negative = value.mantissa < 0n;
  const size = (negative ? -value.mantissa : value.mantissa) * FRACTION_SCALE;
  const scaled = value.exponent >= 0
    ? size << BigInt(value.exponent)
    : divideToEven(size, 1n << BigInt(-value.exponent));
  const digits = scaled.toString().padStart(FRACTION_DIGITS + 1, "0");
  const whole = digits.slice(0, -FRACTION_DIGITS);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === 48) end--;
  const text = end === whole.length ? whole : `${whole}.${digits.slice(whole.length, end)}`;
  return negative && text !== "0" ? `-${text}` : text;
}

/** ±digits × 10^power. */
function ofDecimal(negative: boolean, digits: bigint, power: number): LongDouble | undefined {
  if (digits === 0n) return { mantissa: 0n, exponent: 0, infinity: 0 };
  const top = digits.toString().length + power;
  if (top > MAX_DECIMAL || top < MIN_DECIMAL) return undefined;
  return finite(
    power >= 0
      ? round(negative, digits * 10n ** BigInt(power), 1n)
      : round(negative, digits, 10n ** BigInt(-power)),
  );
}

/** Refuses what overflowed, and what became 0 though it was none. */
function finite(value: LongDouble): LongDouble | undefined {
  return value.infinity === 0 && value.mantissa !== 0n ? value : undefined;
}

/** The number nearest to ±numerator / denominator. */
function round(negative: boolean, numerator: bigint, denominator: bigint): LongDouble {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0, infinity: 0 };
  const exponent = bitLength(numerator) - bitLength(denominator) - MANTISSA_BITS;
  let result = roundAt(numerator, denominator, Math.max(exponent, MIN_EXPONENT));
  if (result.mantissa >= MANTISSA_LIMIT) {
    result = roundAt(numerator, denominator, result.exponent + 1);
  }
  if (result.mantissa === MANTISSA_LIMIT) {
    result = { mantissa: MANTISSA_LIMIT >> 1n, exponent: result.exponent + 1, infinity: 0 };
  }
  if (result.exponent > MAX_EXPONENT) return negative ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
  return negative ? { ...result, mantissa: -result.mantissa } : result;
}

function roundAt(numerator: bigint, denominator: bigint, exponent: number): LongDouble {
  const mantissa = exponent >= 0
    ? divideToEven(numerator, denominator << BigInt(exponent))
    : divideToEven(numerator << BigInt(-exponent), denominator);
  return { mantissa, exponent, infinity: 0 };
}

/** Both are positive, or the numerator 0. */
function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twiceRest = (numerator - quotient * denominator) * 2n;
  const up = twiceRest > denominator || (twiceRest === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** @param value positive */
function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(parseInt(hex[0], 16)) - 28);
}
