/** Writes a value in the RDB format (rdb_format.ts) to memory that grows. */
import { parseInteger } from "../bytes/ascii.ts";
import { copyExact, type Memory } from "../bytes/copy.ts";
import { crc64 } from "../bytes/crc64.ts";
import { lzfCompress } from "../bytes/lzf.ts";
import { makeRegion } from "../bytes/region.ts";
import {
  ENCODED,
  FOOTER_BYTES,
  INT_16,
  INT_32,
  INT_8,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LZF,
  MAX_INTEGER_DIGITS,
  MIN_PACKED_BYTES,
  VERSION_BYTES,
} from "./rdb_format.ts";

/** Memory that is kept for the next value. */
const KEPT_BYTES = 256 * 1024;
const MAX_LENGTH_BYTES = 9;
/** What packing must save. */
const MIN_SAVED_BYTES = 4;
/** Longer strings are not packed: it would take too long. */
const MAX_PACKED_BYTES = 16 * 1024 * 1024;
const TWO_POW_32 = 4_294_967_296;

export class RdbWriter {
  #memory = makeRegion(KEPT_BYTES);
  #packing = new Uint8Array(KEPT_BYTES);
  readonly #checksum = new Int32Array(2);
  /** Bytes written. */
  length = 0;

  /** What was written, from offset 0 on. */
  get memory(): Memory {
    return this.#memory;
  }

  /** Begins another value. */
  begin(): void {
    this.length = 0;
    if (this.#memory.bytes.length > 2 * KEPT_BYTES) this.#memory = makeRegion(KEPT_BYTES);
    if (this.#packing.length > KEPT_BYTES) this.#packing = new Uint8Array(KEPT_BYTES);
  }

  #reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.#memory.bytes.length) return;
    const larger = makeRegion(Math.max(needed, 2 * this.#memory.bytes.length));
    larger.bytes.set(this.#memory.bytes.subarray(0, this.length));
    this.#memory = larger;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#memory.bytes[this.length++] = value;
  }

  /** Bytes as they are. */
  raw(source: Memory, offset: number, length: number): void {
    this.#reserve(length);
    copyExact(source, offset, this.#memory, this.length, length);
    this.length += length;
  }

  /** @param value a whole number from 0 to 2⁵³ - 1 */
  lengthOf(value: number): void {
    this.length64(value | 0, Math.floor(value / TWO_POW_32) | 0);
  }

  /** A length of 64 bits, given as two halves. */
  length64(low: number, high: number): void {
    this.#reserve(MAX_LENGTH_BYTES);
    const { bytes, view } = this.#memory;
    if (high !== 0) {
      bytes[this.length] = LENGTH_64;
      view.setInt32(this.length + 1, high);
      view.setInt32(this.length + 5, low);
      this.length += 9;
    } else if (low >= 0 && low < 64) {
      bytes[this.length++] = low;
    } else if (low >= 0 && low < 16_384) {
      bytes[this.length++] = LENGTH_14 | (low >> 8);
      bytes[this.length++] = low;
    } else {
      bytes[this.length] = LENGTH_32;
      view.setInt32(this.length + 1, low);
      this.length += 5;
    }
  }

  /** A number of 64 bits, low half first. */
  word64(low: number, high: number): void {
    this.#reserve(8);
    this.#memory.view.setInt32(this.length, low, true);
    this.#memory.view.setInt32(this.length + 4, high, true);
    this.length += 8;
  }

  /** A time in ms, or -1. */
  time(ms: number): void {
    this.word64(ms | 0, Math.floor(ms / TWO_POW_32));
  }

  double(value: number): void {
    this.#reserve(8);
    this.#memory.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A string, as an integer or packed where that is shorter. */
  string(source: Memory, offset: number, length: number): void {
    if (length <= MAX_INTEGER_DIGITS) {
      const value = parseInteger(source.bytes, offset, length);
      if (typeof value === "number" && (value | 0) === value) return this.#integer(value);
    } else if (length > MIN_PACKED_BYTES && length <= MAX_PACKED_BYTES) {
      if (this.#packed(source.bytes, offset, length)) return;
    }
    this.lengthOf(length);
    this.raw(source, offset, length);
  }

  /** @param value of 32 bits */
  #integer(value: number): void {
    this.#reserve(5);
    const { bytes, view } = this.#memory;
    const at = this.length;
    if (value >= -128 && value <= 127) {
      bytes[at] = ENCODED | INT_8;
      bytes[at + 1] = value;
      this.length += 2;
    } else if (value >= -32_768 && value <= 32_767) {
      bytes[at] = ENCODED | INT_16;
      view.setInt16(at + 1, value, true);
      this.length += 3;
    } else {
      bytes[at] = ENCODED | INT_32;
      view.setInt32(at + 1, value, true);
      this.length += 5;
    }
  }

  /** @returns false, and writes nothing, where nothing is saved */
  #packed(source: Uint8Array, offset: number, length: number): boolean {
    if (this.#packing.length < length) this.#packing = new Uint8Array(length);
    const packing = this.#packing;
    const size = lzfCompress(source, offset, length, packing, 0, length - MIN_SAVED_BYTES);
    if (size === 0) return false;
    this.byte(ENCODED | LZF);
    this.lengthOf(size);
    this.lengthOf(length);
    this.#reserve(size);
    this.#memory.bytes.set(packing.subarray(0, size), this.length);
    this.length += size;
    return true;
  }

  /** Ends the payload of DUMP. @param version of RDB that it is written for */
  end(version: number): void {
    this.#reserve(FOOTER_BYTES);
    this.#memory.view.setInt16(this.length, version, true);
    this.length += VERSION_BYTES;
    crc64(this.#memory.bytes, 0, this.length, this.#checksum);
    this.word64(this.#checksum[0], this.#checksum[1]);
  }
}
