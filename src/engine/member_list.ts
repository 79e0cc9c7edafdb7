/**
 * A list of members of sets while a command works on them: where the bytes of each are.
 *
 *   index     0        1        2                     slots (only for distinct members)
 *   memory    arena 3  own      arena 3               | - | 2 | - | 1 | 3 | - | ...
 *   offset    81920    0        90112                 index + 1 by hash, open addressing
 *   length    16       4        16, -1 = dropped
 *
 * Members of large sets stay where they are, in the arenas; digits of integers, and what is not in
 * one piece, are copied to memory of the list's own. Nothing may be written to the sets while the
 * list is in use. There is no object per member, and a list is used again and again.
 */
import { equalBytes } from "../bytes/compare.ts";
import { copyExact } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";

/** Members and bytes of a usual list: the memory of longer ones is not kept. */
const KEPT_MEMBERS = 16 * 1024;
const KEPT_TEXT_BYTES = 64 * 1024;
/** Number of `#regions` that is the list's own memory. */
const OWN = 0;
const DROPPED = -1;

export class MemberList {
  /** Members added, those included that were dropped. */
  length = 0;
  /** Members that were not dropped. */
  count = 0;
  #regions: Region[] = [makeRegion(KEPT_TEXT_BYTES)];
  #lastRegion = OWN;
  #textEnd = 0;
  #regionNumbers = new Uint8Array(KEPT_MEMBERS);
  #offsets = new Int32Array(KEPT_MEMBERS);
  #lengths = new Int32Array(KEPT_MEMBERS);
  #hashes = new Int32Array(0);
  #slots = new Int32Array(0);
  #hasSlotsInUse = false;

  /** Forgets all, and the memory of more than a usual list. */
  clear(): void {
    this.length = 0;
    this.count = 0;
    this.#textEnd = 0;
    this.#regions.length = 1;
    this.#lastRegion = OWN;
    if (this.#regions[OWN].bytes.length > 2 * KEPT_TEXT_BYTES) {
      this.#regions[OWN] = makeRegion(KEPT_TEXT_BYTES);
    }
    if (this.#offsets.length > KEPT_MEMBERS) {
      this.#regionNumbers = new Uint8Array(KEPT_MEMBERS);
      this.#offsets = new Int32Array(KEPT_MEMBERS);
      this.#lengths = new Int32Array(KEPT_MEMBERS);
    }
    if (this.#slots.length > 2 * KEPT_MEMBERS) {
      this.#hashes = new Int32Array(0);
      this.#slots = new Int32Array(0);
    } else if (this.#hasSlotsInUse) {
      this.#slots.fill(0);
    }
    this.#hasSlotsInUse = false;
  }

  /**
   * Adds a member.
   * @param isLasting whether its bytes stay where they are; if not, they are copied
   */
  add(region: Region, offset: number, length: number, isLasting: boolean): void {
    const at = this.length;
    if (at === this.#offsets.length) this.#grow();
    if (isLasting) {
      this.#regionNumbers[at] = this.#numberOf(region);
      this.#offsets[at] = offset;
    } else {
      this.#regionNumbers[at] = OWN;
      this.#offsets[at] = this.#copy(region, offset, length);
    }
    this.#lengths[at] = length;
    this.length = at + 1;
    this.count++;
  }

  /**
   * Adds a member, unless it is in the list and was not dropped.
   * @param hash of its bytes, the same for equal ones
   * @returns whether it was added
   */
  addDistinct(
    region: Region,
    offset: number,
    length: number,
    isLasting: boolean,
    hash: number,
  ): boolean {
    if ((this.length + 1) * 2 > this.#slots.length) this.#growSlots();
    const slots = this.#slots, mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#isAt(slots[slot] - 1, region, offset, length, hash)) return false;
    }
    slots[slot] = this.length + 1;
    this.#hasSlotsInUse = true;
    this.#hashes[this.length] = hash;
    this.add(region, offset, length, isLasting);
    return true;
  }

  /** Drops a member that `addDistinct` added. @returns whether it was there */
  drop(region: Region, offset: number, length: number, hash: number): boolean {
    const slots = this.#slots, mask = slots.length - 1;
    if (mask < 0) return false;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = slots[slot] - 1;
      if (this.#isAt(at, region, offset, length, hash)) {
        this.dropAt(at);
        return true;
      }
    }
    return false;
  }

  /** Drops the member at an index, which must not be dropped yet. */
  dropAt(at: number): void {
    this.#lengths[at] = DROPPED;
    this.count--;
  }

  #isAt(at: number, region: Region, offset: number, length: number, hash: number): boolean {
    return this.#hashes[at] === hash && this.#lengths[at] === length &&
      equalBytes(this.regionAt(at), this.#offsets[at], region, offset, length);
  }

  isDropped(at: number): boolean {
    return this.#lengths[at] === DROPPED;
  }

  regionAt(at: number): Region {
    return this.#regions[this.#regionNumbers[at]];
  }

  offsetAt(at: number): number {
    return this.#offsets[at];
  }

  lengthAt(at: number): number {
    return this.#lengths[at];
  }

  /** Exchanges two members of a list without distinct ones. */
  swap(a: number, b: number): void {
    swapIn(this.#regionNumbers, a, b);
    swapIn(this.#offsets, a, b);
    swapIn(this.#lengths, a, b);
  }

  /** Replies one member as a bulk string. */
  replyAt(at: number, reply: ReplyWriter): void {
    reply.bulk(this.regionAt(at), this.#offsets[at], this.#lengths[at]);
  }

  /** Replies all that were not dropped as bulk strings; the header is the caller's. */
  reply(reply: ReplyWriter): void {
    for (let at = 0; at < this.length; at++) {
      if (this.#lengths[at] !== DROPPED) this.replyAt(at, reply);
    }
  }

  #numberOf(region: Region): number {
    const regions = this.#regions;
    if (regions[this.#lastRegion] !== region || this.#lastRegion === OWN) {
      let number = regions.indexOf(region, OWN + 1);
      if (number < 0) number = regions.push(region) - 1;
      this.#lastRegion = number;
    }
    return this.#lastRegion;
  }

  /** @returns offset in the list's own memory */
  #copy(region: Region, offset: number, length: number): number {
    const at = this.#textEnd;
    let own = this.#regions[OWN];
    if (at + length > own.bytes.length - 8) {
      own = makeRegion(Math.max(own.bytes.length * 2, at + length));
      own.bytes.set(this.#regions[OWN].bytes.subarray(0, at));
      this.#regions[OWN] = own;
    }
    copyExact(region, offset, own, at, length);
    this.#textEnd = at + length;
    return at;
  }

  #grow(): void {
    const capacity = this.#offsets.length * 2;
    const numbers = new Uint8Array(capacity);
    numbers.set(this.#regionNumbers);
    this.#regionNumbers = numbers;
    this.#offsets = longer(this.#offsets, capacity);
    this.#lengths = longer(this.#lengths, capacity);
  }

  #growSlots(): void {
    const size = Math.max(64, this.#slots.length * 2);
    const slots = new Int32Array(size);
    this.#hashes = longer(this.#hashes, size >>> 1);
    for (let at = 0; at < this.length; at++) {
      let slot = this.#hashes[at] & (size - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      slots[slot] = at + 1;
    }
    this.#slots = slots;
  }
}

function swapIn(array: Int32Array | Uint8Array, a: number, b: number): void {
  const kept = array[a];
  array[a] = array[b];
  array[b] = kept;
}

function longer(array: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(capacity);
  copy.set(array);
  return copy;
}
