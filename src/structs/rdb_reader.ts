/**
 * Reads a value in the RDB format (rdb_format.ts) that came from somewhere else: nothing is read
 * beyond its end, and no memory is taken that its bytes could not fill.
 */
import { formatBigint, formatInteger, readFloat } from "../bytes/ascii.ts";
import type { Memory } from "../bytes/copy.ts";
import { crc64 } from "../bytes/crc64.ts";
import { lzfDecompress } from "../bytes/lzf.ts";
import { makeRegion } from "../bytes/region.ts";
import {
  CHECKSUM_BYTES,
  ENCODED,
  FOOTER_BYTES,
  INT_16,
  INT_32,
  INT_8,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LZF,
  MAX_VERSION,
} from "./rdb_format.ts";

/** Thrown where the bytes are no value. */
export class BadPayload extends Error {
  override name = "BadPayload";
}

/** Memory of a string that is kept for the next one. */
const KEPT_BYTES = 64 * 1024;
/** Three packed bytes stand for 264 at most. */
const MAX_UNPACKING = 88;
const MAX_DIGITS = 20;
const MAX_STRING_BYTES = 512 * 1024 * 1024;
const TWO_POW_32 = 4_294_967_296;
/** Of scores as text: lengths that stand for numbers without digits. */
const NAN_LENGTH = 253;
const INFINITY_LENGTH = 254;
const MINUS_INFINITY_LENGTH = 255;

/** A string that was read: `length` bytes at `offset` of a region, 8 readable ones behind them. */
export class RdbString {
  region: Memory = makeRegion(0);
  offset = 0;
  length = 0;
  #own = makeRegion(32);

  /** Memory of its own for so many bytes. */
  reserve(length: number): Memory {
    const size = this.#own.bytes.length;
    if (size < length + 8 || size > KEPT_BYTES + 8) this.#own = makeRegion(Math.max(length, 32));
    this.region = this.#own;
    this.offset = 0;
    this.length = length;
    return this.#own;
  }

  /** Becomes the digits of an integer of 64 bits. */
  integer(value: number | bigint): void {
    const { bytes } = this.reserve(MAX_DIGITS);
    this.length = typeof value === "number"
      ? formatInteger(value, bytes, 0)
      : formatBigint(value, bytes, 0);
  }
}

/** Whether the bytes end with a version that can be read and the checksum of what is before it. */
export function isSoundPayload(memory: Memory, offset: number, length: number): boolean {
  if (length < FOOTER_BYTES) return false;
  const { bytes, view } = memory;
  const footer = offset + length - FOOTER_BYTES;
  if (view.getUint16(footer, true) > MAX_VERSION) return false;
  const sum = new Int32Array(2);
  crc64(bytes, offset, length - CHECKSUM_BYTES, sum);
  const stored = offset + length - CHECKSUM_BYTES;
  return view.getInt32(stored, true) === sum[0] && view.getInt32(stored + 4, true) === sum[1];
}

/** Every function throws BadPayload where the bytes end, or are not what is to be read. */
export class RdbReader {
  #memory: Memory;
  #at: number;
  readonly #end: number;
  /** Whether the last length says how a string is encoded instead. */
  #isEncoded = false;
  readonly #halves = new Int32Array(2);

  /** @param length in bytes, the footer left out */
  constructor(memory: Memory, offset: number, length: number) {
    this.#memory = memory;
    this.#at = offset;
    this.#end = offset + length;
  }

  /** Goes over so many bytes. @returns where they begin */
  #take(length: number): number {
    const at = this.#at;
    if (!(length <= this.#end - at)) throw new BadPayload("it ends too early");
    this.#at = at + length;
    return at;
  }

  /** Bytes that are left. */
  get rest(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    return this.#memory.bytes[this.#take(1)];
  }

  /** Reads a length of 64 bits as two halves, the low one first. */
  length64(into: Int32Array, at: number): void {
    this.#length(into, at);
    if (this.#isEncoded) throw new BadPayload("no length");
  }

  #length(into: Int32Array, at: number): void {
    const first = this.byte();
    this.#isEncoded = (first & ENCODED) === ENCODED;
    into[at + 1] = 0;
    const { view } = this.#memory;
    if (this.#isEncoded || (first & ENCODED) === 0) {
      into[at] = first & 63;
    } else if ((first & ENCODED) === LENGTH_14) {
      into[at] = ((first & 63) << 8) | this.byte();
    } else if (first === LENGTH_32) {
      into[at] = view.getInt32(this.#take(4));
    } else if (first === LENGTH_64) {
      const from = this.#take(8);
      into[at + 1] = view.getInt32(from);
      into[at] = view.getInt32(from + 4);
    } else {
      throw new BadPayload("no length");
    }
  }

  /** A length; beyond 2⁵³ it is not exact. */
  lengthOf(): number {
    const halves = this.#halves;
    this.length64(halves, 0);
    return (halves[1] >>> 0) * TWO_POW_32 + (halves[0] >>> 0);
  }

  /** As `lengthOf`, of what takes at least `each` bytes apiece: more than may follow is refused. */
  count(each: number): number {
    const count = this.lengthOf();
    if (count * each > this.rest) throw new BadPayload("it ends too early");
    return count;
  }

  /** Reads a number of 64 bits, low half first. */
  word64(into: Int32Array, at: number): void {
    const from = this.#take(8);
    into[at] = this.#memory.view.getInt32(from, true);
    into[at + 1] = this.#memory.view.getInt32(from + 4, true);
  }

  /** As `word64`: a time in ms, held at ±(2⁵³-1). */
  time(): number {
    const halves = this.#halves;
    this.word64(halves, 0);
    const value = halves[1] * TWO_POW_32 + (halves[0] >>> 0);
    const limit = Number.MAX_SAFE_INTEGER;
    return Math.max(-limit, Math.min(limit, value));
  }

  double(): number {
    return this.#memory.view.getFloat64(this.#take(8), true);
  }

  /** A double as old versions wrote it. */
  textDouble(): number {
    const length = this.byte();
    if (length === NAN_LENGTH) return NaN;
    if (length === INFINITY_LENGTH) return Infinity;
    if (length === MINUS_INFINITY_LENGTH) return -Infinity;
    const at = this.#take(length);
    const value = readFloat(this.#memory.bytes, at, length);
    if (value === undefined) throw new BadPayload("no number");
    return value;
  }

  /** Reads bytes as they are. @returns the memory that has them at `offset` */
  raw(length: number, into: RdbString): void {
    into.offset = this.#take(length);
    into.region = this.#memory;
    into.length = length;
  }

  /** Reads a string. */
  string(into: RdbString): void {
    const halves = this.#halves;
    this.#length(halves, 0);
    if (!this.#isEncoded) {
      this.raw((halves[1] >>> 0) * TWO_POW_32 + (halves[0] >>> 0), into);
      return;
    }
    const { bytes, view } = this.#memory;
    switch (halves[0]) {
      case INT_8:
        return into.integer((bytes[this.#take(1)] << 24) >> 24);
      case INT_16:
        return into.integer(view.getInt16(this.#take(2), true));
      case INT_32:
        return into.integer(view.getInt32(this.#take(4), true));
      case LZF:
        return this.#packed(into);
      default:
        throw new BadPayload("no string");
    }
  }

  #packed(into: RdbString): void {
    const packedLength = this.lengthOf();
    const length = this.lengthOf();
    const at = this.#take(packedLength);
    if (length === 0 || length > MAX_STRING_BYTES || length > packedLength * MAX_UNPACKING) {
      throw new BadPayload("packed bytes cannot be so many");
    }
    const { bytes } = into.reserve(length);
    if (lzfDecompress(this.#memory.bytes, at, packedLength, bytes, 0, length) !== length) {
      throw new BadPayload("packed bytes are corrupt");
    }
  }
}
