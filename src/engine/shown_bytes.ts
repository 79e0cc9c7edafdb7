/** Bytes of values shown in one piece, wherever they are and however they are kept. */
import { formatBigint, formatInteger } from "../bytes/ascii.ts";
import { makeRegion, REGION_PADDING } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import type { Region } from "../ports/region.ts";
import { blobLength, blobOffset, blobRead, blobStretch } from "../structs/blob.ts";
import {
  integerAt,
  isInteger,
  type Position,
  stringLength,
  stringOffset,
} from "../structs/listpack_element.ts";
import type { Unit } from "../structs/structure.ts";

const KEPT_LONG_BYTES = 256 * 1024;
const DIGITS_BYTES = 32;

/** `length` bytes at `offset` of a region, until the next ones are shown. */
export class ShownBytes {
  region: Region;
  offset = 0;
  length = 0;
  readonly #digits = makeRegion(DIGITS_BYTES);
  /** Where what is in several pieces is put together. */
  #long = makeRegion(0);

  constructor() {
    this.region = this.#digits;
  }

  show(region: Region, offset: number, length: number): void {
    this.region = region;
    this.offset = offset;
    this.length = length;
  }

  /** Shows the digits of an integer of 64 bits. */
  showInteger(value: number | bigint): void {
    const { bytes } = this.#digits;
    const length = typeof value === "number"
      ? formatInteger(value, bytes, 0)
      : formatBigint(value, bytes, 0);
    this.show(this.#digits, 0, length);
  }

  /** Shows an element of a listpack. */
  showElement(region: Region, p: Position): void {
    const { bytes } = region;
    if (isInteger(bytes, p)) this.showInteger(integerAt(bytes, p));
    else this.show(region, stringOffset(bytes, p), stringLength(bytes, p));
  }

  showBlob(arena: Arena, blob: Unit): void {
    const length = blobLength(arena, blob);
    if (length === 0) return this.show(this.#digits, 0, 0);
    if (blobStretch(arena, blob, 0) === length) {
      return this.show(arena, blobOffset(arena, blob, 0), length);
    }
    const capacity = this.#long.bytes.length - REGION_PADDING;
    if (capacity < length || capacity > Math.max(length, KEPT_LONG_BYTES)) {
      this.#long = makeRegion(length);
    }
    blobRead(arena, blob, this.#long, 0);
    this.show(this.#long, 0, length);
  }
}
