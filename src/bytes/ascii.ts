/**
 * Numbers and keywords as ASCII: reading them from bytes and writing them into bytes.
 *
 * Text is Latin-1 here: one char code per byte, so any byte survives the way through a string.
 * Reading refuses what Redis refuses; see `parseInteger` and `readFloat`.
 */

const ZERO = 48;
const MINUS = 45;
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
const BILLION = 1_000_000_000;
/** Of these many high digits and nine low ones, the value is surely a safe integer. */
const SAFE_HIGH = 9_007_199;

/**
 * Reads a decimal integer as strictly as Redis's `string2ll`: no blank, no plus sign, no leading
 * zero, no "-0", nothing outside of 64 bits.
 * @param offset start in `bytes`
 * @param length in bytes
 * @returns the value exactly, a bigint only beyond ±(2⁵³-1); undefined if it is no such integer
 */
export function parseInteger(
  bytes: Uint8Array,
  offset: number,
  length: number,
): number | bigint | undefined {
  let at = offset;
  const end = offset + length;
  const negative = length > 1 && bytes[at] === MINUS;
  if (negative) at++;
  const digits = end - at;
  if (digits === 0 || digits > 19) return undefined;
  let digit = bytes[at] - ZERO;
  if (!(digit > 0 && digit <= 9)) return digit === 0 && length === 1 ? 0 : undefined;
  if (digits > 15) return parseLongInteger(bytes, at, end, negative);
  let value = digit;
  while (++at < end) {
    digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** 16 to 19 digits, of which the first is known to be none but 1 to 9. */
function parseLongInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
  negative: boolean,
): number | bigint | undefined {
  let high = 0;
  let low = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    if (end - at > 9) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  if (high < SAFE_HIGH) return negative ? -(high * BILLION + low) : high * BILLION + low;
  const size = BigInt(high) * 1_000_000_000n + BigInt(low);
  const value = negative ? -size : size;
  if (value > INT64_MAX || value < INT64_MIN) return undefined;
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/** @param value a safe integer @returns how many bytes `formatInteger` writes for it */
export function integerLength(value: number): number {
  let length = 1;
  let size = value;
  if (size < 0) {
    length = 2;
    size = -size;
  }
  if (size >= BILLION) {
    length += 9;
    size = Math.floor(size / BILLION);
  }
  while (size >= 10) {
    length++;
    size = (size / 10) | 0;
  }
  return length;
}

/**
 * Writes a safe integer in decimal; allocates nothing.
 * @returns the number of bytes written, at most 17
 */
export function formatInteger(value: number, bytes: Uint8Array, offset: number): number {
  if (value >= 0 && value < 10) {
    bytes[offset] = ZERO + value;
    return 1;
  }
  const length = integerLength(value);
  let at = offset + length;
  let size = value;
  if (size < 0) {
    bytes[offset] = MINUS;
    size = -size;
  }
  if (size >= BILLION) {
    const high = Math.floor(size / BILLION);
    let low = size - high * BILLION;
    for (let i = 0; i < 9; i++) {
      const rest = (low / 10) | 0;
      bytes[--at] = ZERO + low - rest * 10;
      low = rest;
    }
    size = high;
  }
  do {
    const rest = (size / 10) | 0;
    bytes[--at] = ZERO + size - rest * 10;
    size = rest;
  } while (size > 0);
  return length;
}

/** Writes a bigint in decimal. @returns the number of bytes written, at most 20 within 64 bits */
export function formatBigint(value: bigint, bytes: Uint8Array, offset: number): number {
  return writeAscii(value.toString(), bytes, offset);
}

/** Writes the low byte of each char code. @returns the number of bytes written: `text.length` */
export function writeAscii(text: string, bytes: Uint8Array, offset: number): number {
  const length = text.length;
  for (let i = 0; i < length; i++) bytes[offset + i] = text.charCodeAt(i);
  return length;
}

/** Text of `length` bytes, each byte as the char of that code. */
export function readAscii(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  const end = offset + length;
  if (length <= 24) {
    for (let at = offset; at < end; at++) text += String.fromCharCode(bytes[at]);
    return text;
  }
  for (let at = offset; at < end; at += 4096) {
    const chunk = bytes.subarray(at, Math.min(at + 4096, end)) as unknown as number[];
    text += String.fromCharCode.apply(null, chunk);
  }
  return text;
}

/**
 * Whether the bytes at `offset` are the word, in any case. The caller compares the lengths.
 * @param upperWord ASCII without lower-case letters
 */
export function equalsIgnoreCase(bytes: Uint8Array, offset: number, upperWord: string): boolean {
  for (let i = 0; i < upperWord.length; i++) {
    let byte = bytes[offset + i];
    if (byte >= 97 && byte <= 122) byte -= 32;
    if (byte !== upperWord.charCodeAt(i)) return false;
  }
  return true;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;
const NONZERO_MANTISSA = /^[+-]?[0.]*[1-9]/;
/** Longer texts are refused: no number needs so many digits. */
const MAX_FLOAT_TEXT = 65536;

/**
 * Reads a double as Redis does: what `strtod` takes (decimal, hexadecimal, "inf", "infinity"), with
 * no blank before and nothing behind.
 * @returns the nearest double; undefined if it is none, NaN, too large, or too small to be told
 * from 0
 */
export function readFloat(bytes: Uint8Array, offset: number, length: number): number | undefined {
  if (length <= 15) {
    const integer = parseInteger(bytes, offset, length);
    if (typeof integer === "number") return integer;
  }
  if (length > MAX_FLOAT_TEXT) return undefined;
  const text = readAscii(bytes, offset, length);
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (value === 0) return NONZERO_MANTISSA.test(text) ? undefined : value;
    return Number.isFinite(value) ? value : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const parsed = parseHexFloat(text);
  if (parsed === undefined) return undefined;
  const { mantissa, exponent, negative } = parsed;
  if (mantissa === 0n) return negative ? -0 : 0;
  const topBit = mantissa.toString(2).length + exponent;
  if (topBit > 1100 || topBit < -1200) return undefined;
  // Both forms are exact, so that the only rounding is the one to a double.
  const size = exponent >= 0
    ? Number(mantissa << BigInt(exponent))
    : Number(`${mantissa * 5n ** BigInt(-exponent)}e${exponent}`);
  if (size === 0 || size === Infinity) return undefined;
  return negative ? -size : size;
}

/** A number read from C's hexadecimal notation: ±`mantissa` × 2^`exponent`. */
export interface HexFloat {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** @returns undefined if the text is no hexadecimal floating-point number such as "0x1.8p3" */
export function parseHexFloat(text: string): HexFloat | undefined {
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = "", power = "0"] = match;
  if (whole.length + fraction.length === 0) return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  return { negative: sign === "-", mantissa, exponent: Number(power) - 4 * fraction.length };
}

/**
 * Writes a double as Redis replies it (`d2string`): "inf", "-inf", "nan", whole numbers up to 2⁶²
 * with all their digits, else the shortest digits that read back as the same double.
 *
 * The layout is that of fpconv: plain when the last digit is above 10⁻⁷ or the number is between
 * 10⁻³ and 10⁴, or when fewer than eight zeros must be appended; else "1.5e+30", "5e-324".
 */
export function formatDouble(value: number): string {
  if (value !== value) return "nan";
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 62) {
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
  }
  const sign = value < 0 ? "-" : "";
  const [head, power] = Math.abs(value).toExponential().split("e");
  const digits = head.replace(".", "");
  const exponent = Number(power);
  const lastExponent = exponent - digits.length + 1;
  if (lastExponent >= 0 && exponent < digits.length + 7) {
    return sign + digits + "0".repeat(lastExponent);
  }
  if (lastExponent < 0 && (lastExponent > -7 || Math.abs(exponent) < 4)) {
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
  }
  return `${sign}${head}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}
