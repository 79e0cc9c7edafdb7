/**
 * The elements of what Redis packs into one string: listpacks, and the ziplists and zipmaps of its
 * earlier versions, which are only ever read.
 *
 *   ziplist   4 bytes in all | 4 to the last element | 2 number of elements | elements | ff
 *     element   bytes of the one before: 1, or fe and 4
 *               00llllll, 01llllll llllllll (high first), 80 and 4 (high first): a string follows
 *               c0, d0, e0, f0, fe: an integer of 2, 4, 8, 3, 1 bytes follows   f1 to fd: 0 to 12
 *   zipmap    number of pairs, or fe | pairs | ff
 *     pair      length | field | length | 1 byte: how many are unused behind the value | value
 *     length    1 byte, or fe and 4
 *
 * Numbers have their low byte first where nothing else is said. What comes from somewhere else is
 * checked as a whole before the first element is given out.
 * Source: Redis src/ziplist.c and src/zipmap.c.
 */
import type { Memory } from "../bytes/copy.ts";
import * as listpack from "./listpack.ts";
import { BadPayload, type RdbString } from "./rdb_reader.ts";

/** Gives one element after the other. */
export interface Elements {
  /** Number of elements. */
  readonly count: number;
  /** @returns false when there is no more */
  next(into: RdbString): boolean;
}

const END = 0xff;
const LONG = 0xfe;

/** A string of the memory. */
function show(into: RdbString, region: Memory, offset: number, length: number): void {
  into.region = region;
  into.offset = offset;
  into.length = length;
}

/** @throws BadPayload unless the string is a sound listpack */
export class ListpackElements implements Elements {
  readonly count: number;
  readonly #memory: Memory;
  #p: listpack.Position;

  constructor({ region, offset, length }: RdbString) {
    if (!listpack.validate(region.bytes, offset, length, true)) throw new BadPayload("listpack");
    this.#memory = region;
    this.#p = listpack.first(region.bytes, offset);
    this.count = countListpack(region.bytes, this.#p);
  }

  next(into: RdbString): boolean {
    const p = this.#p;
    if (p === 0) return false;
    const { bytes } = this.#memory;
    if (listpack.isInteger(bytes, p)) into.integer(listpack.integerAt(bytes, p));
    else show(into, this.#memory, listpack.stringOffset(bytes, p), listpack.stringLength(bytes, p));
    this.#p = listpack.next(bytes, p);
    return true;
  }
}

function countListpack(bytes: Uint8Array, first: listpack.Position): number {
  let count = 0;
  for (let p = first; p !== 0; p = listpack.next(bytes, p)) count++;
  return count;
}

const ZIPLIST_TAIL = 4;
const ZIPLIST_COUNT = 8;
const ZIPLIST_HEADER_BYTES = 10;
/** Stands for more elements than the header can count. */
const ZIPLIST_UNCOUNTED = 0xffff;

/** Bytes of an integer's data by its first byte. */
function integerBytes(first: number): number {
  switch (first) {
    case 0xc0:
      return 2;
    case 0xd0:
      return 4;
    case 0xe0:
      return 8;
    case 0xf0:
      return 3;
    case 0xfe:
      return 1;
    default:
      if (first > 0xf0 && first < 0xfe) return 0;
      throw new BadPayload("ziplist");
  }
}

function signed24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getInt8(at + 2) << 16);
}

function readBigint(view: DataView, at: number): number | bigint {
  const value = view.getBigInt64(at, true);
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** @throws BadPayload unless the string is a sound ziplist */
export class ZiplistElements implements Elements {
  readonly count: number;
  readonly #memory: Memory;
  #at: number;
  readonly #end: number;
  /** The element last looked at: where its data is, its bytes, and its first byte. */
  #data = 0;
  #size = 0;
  #first = 0;

  constructor({ region, offset, length }: RdbString) {
    this.#memory = region;
    this.#at = offset + ZIPLIST_HEADER_BYTES;
    this.#end = offset + length - 1;
    this.count = this.#check(offset, length);
    this.#at = offset + ZIPLIST_HEADER_BYTES;
  }

  #check(offset: number, length: number): number {
    const { bytes, view } = this.#memory;
    const isFramed = length > ZIPLIST_HEADER_BYTES && view.getUint32(offset, true) === length &&
      bytes[this.#end] === END;
    if (!isFramed) throw new BadPayload("ziplist");
    const tail = offset + view.getUint32(offset + ZIPLIST_TAIL, true);
    let count = 0, size = 0, last = this.#at;
    while (this.#at < this.#end) {
      last = this.#at;
      if (this.#look() !== size) throw new BadPayload("ziplist");
      size = this.#data + this.#size - last;
      this.#at = this.#data + this.#size;
      count++;
    }
    const counted = view.getUint16(offset + ZIPLIST_COUNT, true);
    const isCounted = counted === count || counted === ZIPLIST_UNCOUNTED;
    if (tail !== last || !isCounted) throw new BadPayload("ziplist");
    return count;
  }

  /** Looks at the element at `#at`. @returns what it tells about the size of the one before */
  #look(): number {
    const { bytes, view } = this.#memory;
    let at = this.#at;
    let before = bytes[at++];
    if (before === LONG) {
      if (at + 4 > this.#end) throw new BadPayload("ziplist");
      before = view.getUint32(at, true);
      at += 4;
    }
    if (before === END || at >= this.#end) throw new BadPayload("ziplist");
    const first = bytes[at];
    this.#first = first;
    const head = first < 0x40 || first > 0xbf ? 1 : first < 0x80 ? 2 : 5;
    if (at + head > this.#end) throw new BadPayload("ziplist");
    if (first > 0xbf) this.#size = integerBytes(first);
    else if (first < 0x40) this.#size = first;
    else if (first < 0x80) this.#size = ((first & 0x3f) << 8) | bytes[at + 1];
    else this.#size = view.getUint32(at + 1);
    this.#data = at + head;
    if (this.#data + this.#size > this.#end) throw new BadPayload("ziplist");
    return before;
  }

  next(into: RdbString): boolean {
    if (this.#at >= this.#end) return false;
    this.#look();
    this.#at = this.#data + this.#size;
    if (this.#first < 0xc0) show(into, this.#memory, this.#data, this.#size);
    else into.integer(this.#integer());
    return true;
  }

  #integer(): number | bigint {
    const { view } = this.#memory;
    const at = this.#data;
    switch (this.#size) {
      case 0:
        return this.#first - 0xf1;
      case 1:
        return view.getInt8(at);
      case 2:
        return view.getInt16(at, true);
      case 3:
        return signed24(view, at);
      case 4:
        return view.getInt32(at, true);
      default:
        return readBigint(view, at);
    }
  }
}

/** Fields and values in turn. @throws BadPayload unless the string is a sound zipmap */
export class ZipmapElements implements Elements {
  readonly count: number;
  readonly #memory: Memory;
  #at: number;
  readonly #end: number;
  #isValue = false;

  constructor({ region, offset, length }: RdbString) {
    this.#memory = region;
    this.#end = offset + length - 1;
    if (length < 2 || region.bytes[this.#end] !== END) throw new BadPayload("zipmap");
    this.#at = offset + 1;
    let count = 0;
    while (this.#at < this.#end) {
      this.#skip();
      count++;
    }
    const counted = region.bytes[offset];
    const isCounted = counted >= LONG || counted === count / 2;
    if (count % 2 !== 0 || !isCounted) throw new BadPayload("zipmap");
    this.count = count;
    this.#at = offset + 1;
  }

  /** Goes over a string. @returns where it is; its length is in `#length` */
  #skip(): number {
    const { bytes, view } = this.#memory;
    let at = this.#at;
    let length = bytes[at++];
    if (length === END) throw new BadPayload("zipmap");
    if (length === LONG) {
      if (at + 4 > this.#end) throw new BadPayload("zipmap");
      length = view.getUint32(at, true);
      at += 4;
    }
    let unused = 0;
    if (this.#isValue) {
      if (at >= this.#end) throw new BadPayload("zipmap");
      unused = bytes[at++];
    }
    if (at + length + unused > this.#end) throw new BadPayload("zipmap");
    this.#isValue = !this.#isValue;
    this.#at = at + length + unused;
    this.#length = length;
    return at;
  }

  #length = 0;

  next(into: RdbString): boolean {
    if (this.#at >= this.#end) return false;
    const at = this.#skip();
    show(into, this.#memory, at, this.#length);
    return true;
  }
}
