/**
 * Sums of 80-bit floating-point numbers, as INCRBYFLOAT and HINCRBYFLOAT give them.
 *
 * Redis adds in the x87 extended format: a mantissa of 64 bits, so that 0.1 + 0.2 is printed as
 * 0.3. A value here is `mantissa` × 2^`exponent` with |mantissa| < 2⁶⁴ and the exponent range of
 * that format; reading, adding and printing each round once, to nearest, ties to even, from the
 * exact number. Cost: some BigInt operations on numbers as long as the text.
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
/** Longest text that `formatHumanLongDouble` gives: a sign, 4,933 digits, a dot and the decimals. */
export const MAX_HUMAN_LENGTH = 4935 + FRACTION_DIGITS;
/** Digits of the numbers that are read without a string: two halves that a double holds exactly. */
const HALF_DIGITS = 15;
const MAX_PLAIN_DIGITS = 2 * HALF_DIGITS;
/** 10ⁿ for every n that everyday numbers need. */
const POWERS_OF_TEN = Array.from({ length: 2 * MAX_PLAIN_DIGITS }, (_, n) => 10n ** BigInt(n));
const FRACTION_SCALE = tenTo(FRACTION_DIGITS);
const MINUS = 45, DOT = 46, ZERO = 48;

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

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
  const plain = length <= MAX_PLAIN_DIGITS ? readPlain(bytes, offset, length) : undefined;
  if (plain !== undefined) return plain;
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
  return finite(roundBinary(hex.negative, hex.mantissa, hex.exponent));
}

/** Reads digits with a minus before or a dot in between. @returns undefined if it is anything else */
function readPlain(bytes: Uint8Array, offset: number, length: number): LongDouble | undefined {
  const negative = bytes[offset] === MINUS;
  const end = offset + length;
  const start = negative ? offset + 1 : offset;
  let dot = -1;
  let high = 0, low = 0;
  let digits = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits++ < HALF_DIGITS) high = high * 10 + digit;
      else low = low * 10 + digit;
    } else if (bytes[i] === DOT && dot < 0) dot = i;
    else return undefined;
  }
  if (digits === 0) return undefined;
  const number = digits <= HALF_DIGITS
    ? BigInt(high)
    : BigInt(high) * tenTo(digits - HALF_DIGITS) + BigInt(low);
  return ofDecimal(negative, number, dot < 0 ? 0 : dot + 1 - end);
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
  const result = roundBinary(sum < 0n, size, exponent);
  return result.infinity === 0 ? result : undefined;
}

/**
 * Writes a finite number with up to 17 decimals, without trailing zeros and never with an exponent:
 * C's "%.17Lf", trimmed.
 */
export function formatHumanLongDouble(value: LongDouble): string {
  const negative = value.mantissa < 0n;
  const size = (negative ? -value.mantissa : value.mantissa) * FRACTION_SCALE;
  const scaled = shiftToEven(size, -value.exponent);
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
  if (power < -MAX_PLAIN_DIGITS || power > 0) {
    const top = digits.toString().length + power;
    if (top > MAX_DECIMAL || top < MIN_DECIMAL) return undefined;
  }
  return finite(
    power >= 0
      ? roundBinary(negative, digits * tenTo(power), 0)
      : roundQuotient(negative, digits, tenTo(-power)),
  );
}

function tenTo(power: number): bigint {
  return POWERS_OF_TEN[power] ?? 10n ** BigInt(power);
}

/** Refuses what overflowed, and what became 0 though it was none. */
function finite(value: LongDouble): LongDouble | undefined {
  return value.infinity === 0 && value.mantissa !== 0n ? value : undefined;
}

/** The number nearest to ±numerator / denominator, both positive. */
function roundQuotient(negative: boolean, numerator: bigint, denominator: bigint): LongDouble {
  // One bit more than the mantissa has, and below it one that says whether anything is left.
  const exponent = bitLength(numerator) - bitLength(denominator) - MANTISSA_BITS - 2;
  const scaled = exponent >= 0 ? numerator : numerator << BigInt(-exponent);
  const divisor = exponent >= 0 ? denominator << BigInt(exponent) : denominator;
  const quotient = scaled / divisor;
  const isExact = quotient * divisor === scaled;
  return roundBinary(negative, isExact ? quotient : quotient | 1n, exponent);
}

/** The number nearest to ±size × 2^exponent. @param size not negative */
function roundBinary(negative: boolean, size: bigint, exponent: number): LongDouble {
  const length = size === 0n ? 0 : bitLength(size);
  const extraBits = Math.max(length - MANTISSA_BITS, MIN_EXPONENT - exponent);
  let mantissa = size;
  if (extraBits > 0) {
    mantissa = shiftToEven(size, extraBits);
    exponent += extraBits;
    if (mantissa === MANTISSA_LIMIT) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const top = extraBits > 0 ? exponent : exponent + length - MANTISSA_BITS;
  if (length > 0 && top > MAX_EXPONENT) return negative ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
  return { mantissa: negative ? -mantissa : mantissa, exponent, infinity: 0 };
}

/** value / 2^bits. @param value not negative */
function shiftToEven(value: bigint, bits: number): bigint {
  if (bits <= 0) return value << BigInt(-bits);
  const shift = BigInt(bits);
  const half = 1n << (shift - 1n);
  const isOdd = (value >> shift) & 1n;
  return (value + half - 1n + isOdd) >> shift;
}

/** @param value positive */
function bitLength(value: bigint): number {
  double[0] = Number(value);
  const low = doubleWords[0], high = doubleWords[1];
  const exponent = (high >>> 20) - 1022;
  // A power of two, or rounded up to one; or too large.
  if (exponent > 1000 || (low === 0 && (high & 0xfffff) === 0)) return value.toString(2).length;
  return exponent;
}
