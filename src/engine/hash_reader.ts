/**
 * The fields of a hash, whatever holds them: one by its name, all, a few at a time, or at random.
 *
 * A field is named by a number: its position in the listpack, or its entry in the table.
 */
import { globMatch } from "../bytes/glob.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import type { Random } from "../ports/random.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { blobLength, blobOffset, blobRead, blobStretch } from "../structs/blob.ts";
import { tableForEach, tableRandom, tableScan, tableSome } from "../structs/byte_table_walk.ts";
import {
  dueCount,
  fieldExpiry,
  valueBlobOf,
  valueLengthOf,
  valueOffsetOf,
} from "../structs/hash_table.ts";
import * as listpack from "../structs/listpack.ts";
import type { Unit } from "../structs/structure.ts";
import { keyBlobOf, keyLengthOf, keyOffsetOf } from "../structs/table_entry.ts";
import { replyElement } from "./elements.ts";
import { findCompact, findEntry, hashLength, isCompactHash, isDue } from "./hashes.ts";
import type { Keyspace } from "./keyspace.ts";
import { LOCAL_MASK, type RecordRef } from "./record_kinds.ts";

/** Draws after which any field that has not expired is taken. */
const MAX_DRAWS = 100;
/** Digits of a field and of a value that a listpack has as numbers. */
const fieldDigits = makeRegion(32);
const valueDigits = makeRegion(32);

/** A field or value as text: `length` bytes at `offset` of a region. */
export interface FieldText {
  readonly region: Region;
  readonly offset: number;
  readonly length: number;
}

/**
 * Replies a field's value, or nil.
 * @param ref 0 = the key is absent
 */
export function replyValueOf(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
  reply: ReplyWriter,
): void {
  if (ref !== 0 && isCompactHash(ks, ref)) {
    const p = findCompact(ks, ref, field, offset, length);
    if (p !== 0) {
      const arena = ks.regionOf(ref);
      replyElement(reply, arena, listpack.next(arena.bytes, p));
      return;
    }
  } else if (ref !== 0) {
    const entry = findEntry(ks, ref, field, offset, length);
    if (entry !== 0) {
      replyEntryValue(ks.outside.arenaOf(ks.structureRef(ref)), entry, reply);
      return;
    }
  }
  reply.nil();
}

/** A copy of a field's value; undefined if there is none. @param ref the record of a hash */
export function readValue(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): Uint8Array | undefined {
  const isCompact = isCompactHash(ks, ref);
  const found = isCompact
    ? findCompact(ks, ref, field, offset, length)
    : findEntry(ks, ref, field, offset, length);
  if (found === 0) return undefined;
  const { region, offset: start, length: bytes } = new HashReader(ks, ref).valueText(found);
  return region.bytes.slice(start, start + bytes);
}

function replyEntryField(arena: Arena, entry: Unit, reply: ReplyWriter): void {
  const blob = keyBlobOf(arena.words, entry);
  if (blob !== 0) replyBlob(arena, blob, reply);
  else reply.bulk(arena, keyOffsetOf(arena, entry), keyLengthOf(arena, entry));
}

function replyEntryValue(arena: Arena, entry: Unit, reply: ReplyWriter): void {
  const blob = valueBlobOf(arena.words, entry);
  if (blob !== 0) replyBlob(arena, blob, reply);
  else reply.bulk(arena, valueOffsetOf(arena.words, entry), valueLengthOf(arena, entry));
}

function replyBlob(arena: Arena, blob: Unit, reply: ReplyWriter): void {
  const length = blobLength(arena, blob);
  reply.beginBulk(length);
  for (let at = 0; at < length;) {
    const bytes = blobStretch(arena, blob, at);
    reply.part(arena, blobOffset(arena, blob, at), bytes);
    at += bytes;
  }
  reply.endBulk();
}

/** Reads one hash; valid until something is written to its key. */
export class HashReader {
  readonly #ks: Keyspace;
  readonly #arena: Arena;
  /** Offset of the listpack, or unit of the table's header. */
  readonly #at: number;
  readonly #isCompact: boolean;
  /** Number of fields. */
  readonly length: number;

  /** @param ref the record of a hash */
  constructor(ks: Keyspace, ref: RecordRef) {
    this.#ks = ks;
    this.length = hashLength(ks, ref);
    this.#isCompact = isCompactHash(ks, ref);
    if (this.#isCompact) {
      this.#arena = ks.regionOf(ref);
      this.#at = ks.valueOffset(ref);
    } else {
      this.#arena = ks.outside.arenaOf(ks.structureRef(ref));
      this.#at = ks.structureRef(ref) & LOCAL_MASK;
    }
  }

  forEach(visit: (field: number) => void): void {
    if (!this.#isCompact) {
      const arena = this.#arena;
      if (dueCount(arena.words, this.#at, this.#ks.nowMs) === 0) {
        tableForEach(arena, this.#at, visit);
      } else {
        tableForEach(arena, this.#at, (entry) => {
          if (!isDue(this.#ks, arena, entry)) visit(entry);
        });
      }
      return;
    }
    const { bytes } = this.#arena;
    for (let p = listpack.first(bytes, this.#at); p !== 0;) {
      visit(p);
      p = listpack.next(bytes, listpack.next(bytes, p));
    }
  }

  /**
   * Visits some of the fields, from where a former call stopped; all of a compact hash.
   * @param cursor 0 to begin, else what the former call returned; others are taken for a place, too
   * @param count about how many fields to visit
   * @returns the next cursor, 0 at the end
   */
  scan(cursor: number, count: number, visit: (field: number) => void): number {
    if (this.#isCompact) {
      this.forEach(visit);
      return 0;
    }
    const arena = this.#arena;
    let visited = 0;
    // Empty buckets count a tenth of a field, so that a sparse table doesn't keep others waiting.
    let next = cursor % 2 ** 32;
    for (let buckets = 0; visited < count && buckets < 10 * count; buckets++) {
      next = tableScan(arena, this.#at, next, (entry) => {
        visited++;
        if (!isDue(this.#ks, arena, entry)) visit(entry);
      });
      if (next === 0) break;
    }
    return next;
  }

  /** A field picked at random, each with the same probability. The hash is not empty. */
  random(random: Random): number {
    const arena = this.#arena;
    if (this.#isCompact) return listpack.seek(arena.bytes, this.#at, 2 * random.below(this.length));
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const entry = tableRandom(arena, this.#at, random);
      if (!isDue(this.#ks, arena, entry)) return entry;
    }
    let found = 0;
    tableSome(arena, this.#at, (entry) => {
      if (isDue(this.#ks, arena, entry)) return false;
      found = entry;
      return true;
    });
    return found;
  }

  replyField(field: number, reply: ReplyWriter): void {
    if (this.#isCompact) replyElement(reply, this.#arena, field);
    else replyEntryField(this.#arena, field, reply);
  }

  replyValue(field: number, reply: ReplyWriter): void {
    const arena = this.#arena;
    if (this.#isCompact) replyElement(reply, arena, listpack.next(arena.bytes, field));
    else replyEntryValue(arena, field, reply);
  }

  /** Whether the glob pattern matches the field's name. */
  matches(pattern: Uint8Array, field: number): boolean {
    const { region, offset, length } = this.fieldText(field);
    return globMatch(pattern, region.bytes, offset, length);
  }

  /** The field's name in one piece; valid until the next call of `fieldText`. */
  fieldText(field: number): FieldText {
    if (this.#isCompact) return elementText(this.#arena, field, fieldDigits);
    const arena = this.#arena;
    const blob = keyBlobOf(arena.words, field);
    if (blob !== 0) return blobText(arena, blob);
    return { region: arena, offset: keyOffsetOf(arena, field), length: keyLengthOf(arena, field) };
  }

  /** The field's value in one piece; valid until the next call of `valueText`. */
  valueText(field: number): FieldText {
    const arena = this.#arena;
    if (this.#isCompact) return elementText(arena, listpack.next(arena.bytes, field), valueDigits);
    const blob = valueBlobOf(arena.words, field);
    if (blob !== 0) return blobText(arena, blob);
    const offset = valueOffsetOf(arena.words, field);
    return { region: arena, offset, length: valueLengthOf(arena, field) };
  }

  /** When the field expires, in milliseconds since 1970; 0 = never. */
  expiryOf(field: number): number {
    return this.#isCompact ? 0 : fieldExpiry(this.#arena.words, field);
  }
}

function elementText(
  arena: Arena,
  p: listpack.Position,
  digits: ReturnType<typeof makeRegion>,
): FieldText {
  const { bytes } = arena;
  if (listpack.isInteger(bytes, p)) {
    const length = listpack.formatElement(bytes, p, digits.bytes, 0);
    return { region: digits, offset: 0, length };
  }
  const offset = listpack.stringOffset(bytes, p);
  return { region: arena, offset, length: listpack.stringLength(bytes, p) };
}

function blobText(arena: Arena, blob: Unit): FieldText {
  const length = blobLength(arena, blob);
  if (blobStretch(arena, blob, 0) === length) {
    return { region: arena, offset: blobOffset(arena, blob, 0), length };
  }
  const region = makeRegion(length);
  blobRead(arena, blob, region, 0);
  return { region, offset: 0, length };
}
