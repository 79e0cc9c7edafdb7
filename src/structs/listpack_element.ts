/**
 * One element of a listpack: a short string, or an integer in as few bytes as it fits.
 *
 *   FIRST BYTE  ELEMENT
 *   0xxxxxxx    integer 0 to 127
 *   10xxxxxx    string of 0 to 63 bytes, which follow
 *   110xxxxx    integer of 13 bits, signed; 8 more bits follow
 *   1110xxxx    string of up to 4095 bytes; 8 more bits of the length follow, then the bytes
 *   11110000    string; 4 bytes of length, low byte first, follow, then the bytes
 *   11110001    integer of 2 bytes, low byte first    11110010 of 3    11110011 of 4    11110100 of 8
 *   11111111    no element: the end of the listpack
 *
 * Behind it stands the number of its bytes, 7 bits a byte, high ones first, with bit 7 set in all
 * but the first of them: read from its end, it leads to the element's start. A string that reads as
 * an integer of 64 bits (`parseInteger`) is stored as one, so equal strings are equal bytes.
 *
 * Example: "hello" is 85 68 65 6c 6c 6f | 06, and "1000" is c3 e8 | 02.
 *
 * Source: Redis src/listpack.c.
 */
import {
  formatBigint,
  formatInteger,
  integerLength,
  parseInteger,
  writeAscii,
} from "../bytes/ascii.ts";
import { equalBytes } from "../bytes/compare.ts";
import { copyExact, type Memory } from "../bytes/copy.ts";

/** Where an element starts in its memory, in bytes; 0 = none. Valid until something is changed. */
export type Position = number;

/** Behind the last element. */
export const END_BYTE = 0xff;
const STRING_6 = 0x80;
const INT_13 = 0xc0;
const STRING_12 = 0xe0;
const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_24 = 0xf2;
const INT_32 = 0xf3;
const INT_64 = 0xf4;
/** Bytes of a string's header by encoding. */
const STRING_6_LIMIT = 64;
const STRING_12_LIMIT = 4096;
const MAX_INTEGER_DIGITS = 20;
const TWO_POW_32 = 4_294_967_296;

/** @param size bytes of an element @returns how many bytes tell that number behind it */
export function backLengthSize(size: number): number {
  if (size < 128) return 1;
  if (size < 16_383) return 2;
  if (size < 2_097_151) return 3;
  return size < 268_435_455 ? 4 : 5;
}

/** @returns offset behind the number */
export function writeBackLength(bytes: Uint8Array, offset: number, size: number): number {
  if (size < 128) {
    bytes[offset] = size;
    return offset + 1;
  }
  const end = offset + backLengthSize(size);
  let rest = size;
  for (let at = end - 1; at > offset; at--) {
    bytes[at] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[offset] = rest;
  return end;
}

/** Whether the element is stored as an integer. */
export function isInteger(bytes: Uint8Array, p: Position): boolean {
  const first = bytes[p];
  return first < STRING_6 || (first & 0xe0) === INT_13 || first > STRING_32;
}

function lengthField(bytes: Uint8Array, p: Position): number {
  return (bytes[p + 1] | (bytes[p + 2] << 8) | (bytes[p + 3] << 16) | (bytes[p + 4] << 24)) >>> 0;
}

/** Bytes of an element without the number behind it; 1 at the end of the listpack. */
export function headAndDataSize(bytes: Uint8Array, p: Position): number {
  const first = bytes[p];
  if (first < STRING_6) return 1;
  if (first < INT_13) return 1 + (first & 63);
  if (first < STRING_12) return 2;
  if (first < STRING_32) return 2 + (((first & 15) << 8) | bytes[p + 1]);
  switch (first) {
    case STRING_32:
      return 5 + lengthField(bytes, p);
    case INT_16:
      return 3;
    case INT_24:
      return 4;
    case INT_32:
      return 5;
    case INT_64:
      return 9;
    default:
      return 1;
  }
}

/** Bytes that an element takes with all that belongs to it. */
export function sizeAt(bytes: Uint8Array, p: Position): number {
  const first = bytes[p];
  if (first < STRING_6) return 2;
  if (first < INT_13) return 2 + (first & 63);
  const size = headAndDataSize(bytes, p);
  return size + backLengthSize(size);
}

/** Where the bytes of an element start that is stored as a string. */
export function stringOffset(bytes: Uint8Array, p: Position): number {
  const first = bytes[p];
  return p + (first < INT_13 ? 1 : first < STRING_32 ? 2 : 5);
}

/** Length of an element that is stored as a string. */
export function stringLength(bytes: Uint8Array, p: Position): number {
  const first = bytes[p];
  if (first < INT_13) return first & 63;
  if (first < STRING_32) return ((first & 15) << 8) | bytes[p + 1];
  return lengthField(bytes, p);
}

/** The value of an element that is stored as an integer; a bigint only beyond ±(2⁵³-1). */
export function integerAt(bytes: Uint8Array, p: Position): number | bigint {
  const first = bytes[p];
  if (first < STRING_6) return first;
  if (first < STRING_12) return (((first << 27) >> 19) | bytes[p + 1]);
  if (first === INT_16) return ((bytes[p + 2] << 24) >> 16) | bytes[p + 1];
  if (first === INT_24) {
    return ((bytes[p + 3] << 24) >> 8) | (bytes[p + 2] << 8) | bytes[p + 1];
  }
  const low = bytes[p + 1] | (bytes[p + 2] << 8) | (bytes[p + 3] << 16) | (bytes[p + 4] << 24);
  if (first === INT_32) return low;
  const high = bytes[p + 5] | (bytes[p + 6] << 8) | (bytes[p + 7] << 16) | (bytes[p + 8] << 24);
  const value = high * TWO_POW_32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** Length of an element as text: of the string, or of the integer's digits. */
export function textLength(bytes: Uint8Array, p: Position): number {
  if (!isInteger(bytes, p)) return stringLength(bytes, p);
  const value = integerAt(bytes, p);
  return typeof value === "number" ? integerLength(value) : value.toString().length;
}

/** Writes an element as text to other memory. @returns its length */
export function copyText(
  region: Memory,
  p: Position,
  target: Memory,
  targetOffset: number,
): number {
  const { bytes } = region;
  if (isInteger(bytes, p)) return formatElement(bytes, p, target.bytes, targetOffset);
  const length = stringLength(bytes, p);
  copyExact(region, stringOffset(bytes, p), target, targetOffset, length);
  return length;
}

/** Writes the digits of an element that is stored as an integer. @returns their number, at most 20 */
export function formatElement(
  bytes: Uint8Array,
  p: Position,
  target: Uint8Array,
  targetOffset: number,
): number {
  const value = integerAt(bytes, p);
  return typeof value === "number"
    ? formatInteger(value, target, targetOffset)
    : formatBigint(value, target, targetOffset);
}

/** The element as text in memory of its own. */
export function readText(bytes: Uint8Array, p: Position): Uint8Array<ArrayBuffer> {
  if (!isInteger(bytes, p)) {
    const start = stringOffset(bytes, p);
    return new Uint8Array(bytes.slice(start, start + stringLength(bytes, p)));
  }
  const value = integerAt(bytes, p).toString();
  const text = new Uint8Array(value.length);
  writeAscii(value, text, 0);
  return text;
}

/** The integer that a string is stored as; undefined if it is stored as it is. */
export function asInteger(
  source: Uint8Array,
  offset: number,
  length: number,
): number | bigint | undefined {
  if (length > MAX_INTEGER_DIGITS || source[offset] > 57) return undefined;
  return parseInteger(source, offset, length);
}

/** Bytes that an element takes that holds this string, with all that belongs to it. */
export function sizeOfString(source: Uint8Array, offset: number, length: number): number {
  const value = asInteger(source, offset, length);
  return value === undefined ? sizeOfText(length) : sizeOfInteger(value);
}

/** Bytes that an element takes that holds a string which is no integer. */
export function sizeOfText(length: number): number {
  if (length < STRING_6_LIMIT) return length + 2;
  const size = (length < STRING_12_LIMIT ? 2 : 5) + length;
  return size + backLengthSize(size);
}

/** Bytes that an element takes that holds this integer of 64 bits. */
export function sizeOfInteger(value: number | bigint): number {
  if (value >= -4096 && value <= 4095) return value >= 0 && value <= 127 ? 2 : 3;
  if (value >= -32_768 && value <= 32_767) return 4;
  if (value >= -8_388_608 && value <= 8_388_607) return 5;
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? 6 : 10;
}

/** Writes an element; `sizeOfString` bytes must be there. @returns offset behind it */
export function writeString(
  region: Memory,
  at: Position,
  source: Memory,
  offset: number,
  length: number,
): number {
  const value = asInteger(source.bytes, offset, length);
  if (value !== undefined) return writeInteger(region.bytes, at, value);
  return writeText(region, at, source, offset, length);
}

/** Writes an element that holds a string which is no integer. @returns offset behind it */
export function writeText(
  region: Memory,
  at: Position,
  source: Memory,
  offset: number,
  length: number,
): number {
  const { bytes } = region;
  let data = at + 1;
  if (length < STRING_6_LIMIT) {
    bytes[at] = STRING_6 | length;
  } else if (length < STRING_12_LIMIT) {
    bytes[at] = STRING_12 | (length >> 8);
    bytes[at + 1] = length;
    data = at + 2;
  } else {
    bytes[at] = STRING_32;
    bytes[at + 1] = length;
    bytes[at + 2] = length >> 8;
    bytes[at + 3] = length >> 16;
    bytes[at + 4] = length >> 24;
    data = at + 5;
  }
  copyExact(source, offset, region, data, length);
  return writeBackLength(bytes, data + length, data + length - at);
}

/** Writes an element; `sizeOfInteger` bytes must be there. @returns offset behind it */
export function writeInteger(bytes: Uint8Array, at: Position, value: number | bigint): number {
  if (typeof value === "bigint") {
    const low = Number(BigInt.asIntN(32, value)), high = Number(BigInt.asIntN(32, value >> 32n));
    return writeInteger64(bytes, at, low, high);
  }
  if (value >= -4096 && value <= 4095) {
    if (value >= 0 && value <= 127) {
      bytes[at] = value;
      bytes[at + 1] = 1;
      return at + 2;
    }
    bytes[at] = INT_13 | ((value >> 8) & 31);
    bytes[at + 1] = value;
    bytes[at + 2] = 2;
    return at + 3;
  }
  const size = sizeOfInteger(value);
  if (size === 10) return writeInteger64(bytes, at, value | 0, Math.floor(value / TWO_POW_32));
  bytes[at] = size === 4 ? INT_16 : size === 5 ? INT_24 : INT_32;
  bytes[at + 1] = value;
  bytes[at + 2] = value >> 8;
  if (size > 4) bytes[at + 3] = value >> 16;
  if (size > 5) bytes[at + 4] = value >> 24;
  bytes[at + size - 1] = size - 1;
  return at + size;
}

function writeInteger64(bytes: Uint8Array, at: Position, low: number, high: number): number {
  bytes[at] = INT_64;
  for (let i = 0; i < 4; i++) {
    bytes[at + 1 + i] = low >> (i * 8);
    bytes[at + 5 + i] = high >> (i * 8);
  }
  bytes[at + 9] = 9;
  return at + 10;
}

/** Whether an element is this string. */
export function equals(
  region: Memory,
  p: Position,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  const { bytes } = region;
  if (isInteger(bytes, p)) {
    const value = asInteger(source.bytes, offset, length);
    return value !== undefined && value === integerAt(bytes, p);
  }
  return stringLength(bytes, p) === length &&
    equalBytes(region, stringOffset(bytes, p), source, offset, length);
}

const digits = new Uint8Array(24);

/**
 * Compares an element's text with a string as `memcmp` does, the shorter of two that agree first.
 * @returns less than, more than or equal to 0
 */
export function compareText(
  bytes: Uint8Array,
  p: Position,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  let text = bytes;
  let start: number, textEnd: number;
  if (isInteger(bytes, p)) {
    text = digits;
    start = 0;
    textEnd = formatElement(bytes, p, digits, 0);
  } else {
    start = stringOffset(bytes, p);
    textEnd = stringLength(bytes, p);
  }
  const common = Math.min(textEnd, length);
  for (let i = 0; i < common; i++) {
    const difference = text[start + i] - source[offset + i];
    if (difference !== 0) return difference;
  }
  return textEnd - length;
}
