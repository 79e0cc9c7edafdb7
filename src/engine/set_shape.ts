/**
 * Which encoding a set has after members were added to it one after the other.
 *
 *   intset ──a member that is no integer──▶ listpack ──too many, one too long, too large──▶ table
 *      └────────────────────────too many──────────────────────────────────────────────────────┘
 *
 * Source: Redis src/t_set.c, setTypeAddAux. There is one limit more: a compact set takes at most
 * MAX_COMPACT_BYTES, whatever the settings say.
 */
import { MAX_COMPACT_BYTES } from "../memory/record.ts";
import type { Settings } from "../ports/settings.ts";
import type { Region } from "../ports/region.ts";
import * as intset from "../structs/intset.ts";
import * as listpack from "../structs/listpack.ts";
import type { MemberList } from "./member_list.ts";
import { ENCODING_HASHTABLE, ENCODING_INTSET, ENCODING_LISTPACK } from "./record_kinds.ts";

export class SetShape {
  encoding: number;
  count = 0;
  readonly #settings: Settings;
  /** Bytes as a listpack. */
  #listpackBytes = listpack.EMPTY_BYTES;
  /** Bytes of an integer in the intset. */
  #width = 2;
  /** Length of the integer with the most digits. */
  #longestInteger = 0;

  /** @param encoding that of the empty set to begin with, intset or listpack */
  constructor(settings: Settings, encoding: number) {
    this.#settings = settings;
    this.encoding = encoding;
  }

  /** Adds a member that is not in the set yet. */
  add(source: Region, offset: number, length: number): void {
    if (this.encoding === ENCODING_HASHTABLE) return;
    const value = listpack.asInteger(source.bytes, offset, length);
    const isIntset = this.encoding === ENCODING_INTSET;
    this.#listpackBytes += value === undefined
      ? listpack.sizeOfText(length)
      : listpack.sizeOfInteger(value);
    if (isIntset && value !== undefined) {
      this.#width = Math.max(this.#width, intset.widthFor(value));
      this.#longestInteger = Math.max(this.#longestInteger, length);
      const bytes = intset.HEADER_BYTES + this.#width * (this.count + 1);
      const isTooLarge = this.count >= this.#settings.setMaxIntsetEntries ||
        bytes > MAX_COMPACT_BYTES;
      if (isTooLarge) this.encoding = ENCODING_HASHTABLE;
    } else {
      const longest = isIntset ? Math.max(length, this.#longestInteger) : length;
      const { setMaxListpackEntries, setMaxListpackValue } = this.#settings;
      const fits = this.count < setMaxListpackEntries && longest <= setMaxListpackValue &&
        this.#listpackBytes <= MAX_COMPACT_BYTES;
      this.encoding = fits ? ENCODING_LISTPACK : ENCODING_HASHTABLE;
    }
    this.count++;
  }

  /** Adds all members of a list that were not dropped. */
  addList(list: MemberList): void {
    for (let at = 0; at < list.length && this.encoding !== ENCODING_HASHTABLE; at++) {
      if (!list.isDropped(at)) this.add(list.regionAt(at), list.offsetAt(at), list.lengthAt(at));
    }
  }
}
