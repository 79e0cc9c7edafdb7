/**
 * Makes, reshapes and frees the records of one index, with what belongs to them: their place in the
 * list of records that expire, and what of their values lies outside.
 */
import { copyPadded } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import type { HashIndex, Slot } from "../memory/hash_index.ts";
import {
  accessOf,
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  type LocalRef,
  recordSize,
  valueLengthOf,
  valueOffsetOf,
  volatileAtOf,
  writeAccess,
  writeExpiry,
  writeHeader,
  writeVolatileAt,
} from "../memory/record.ts";
import { NO_NOTE, readNote, sizeOfNote, writeNote } from "../memory/record_note.ts";
import type { RefList } from "../memory/ref_list.ts";
import { sizeClassOf } from "../memory/size_classes.ts";
import type { Region } from "../ports/region.ts";
import { startExpiring, stopExpiring } from "./database.ts";
import type { OutsideValues } from "./outside_values.ts";
import { ENCODING_PAGED, encodingOfKind, isOutside, OutOfMemory } from "./record_kinds.ts";

/** What becomes of the value part of a record that gets another shape. */
export const KEEP_VALUE = 0;
export const DROP_VALUE = 1;

/**
 * Makes a record for a key that has none; its value part is the caller's to fill.
 * @param list that of the index's records that expire
 * @param expiresAtMs milliseconds since 1970; 0 or less for none
 * @throws OutOfMemory
 */
export function createRecord(
  index: HashIndex,
  list: RefList,
  hash: number,
  input: Region,
  keyOffset: number,
  keyLength: number,
  kind: number,
  valueLength: number,
  expiresAtMs: number,
): LocalRef {
  const arena = index.arena;
  const expires = expiresAtMs > 0;
  if (expires && !list.reserve()) throw new OutOfMemory();
  const local = arena.allocate(sizeClassOf(recordSize(keyLength, valueLength, expires)));
  if (local === 0) throw new OutOfMemory();
  const words = arena.words;
  writeHeader(words, local, keyLength, kind, valueLength, expires);
  copyPadded(input, keyOffset, arena, keyOffsetOf(words, local), keyLength);
  if (index.insert(hash, local) === 0) {
    arena.free(local);
    throw new OutOfMemory();
  }
  if (expires) startExpiring(words, list, local, expiresAtMs);
  return local;
}

/** Undoes `createRecord`. */
export function takeBackRecord(
  index: HashIndex,
  list: RefList,
  hash: number,
  local: LocalRef,
): void {
  if (hasExpiry(index.words, local)) stopExpiring(index.words, list, local);
  index.remove(index.findRef(hash, local));
  index.arena.free(local);
}

/**
 * Gives the record of a slot another shape: with or without an expiry, with a value part of another
 * length.
 * @param expiresAtMs milliseconds since 1970; 0 for none
 * @param fate KEEP_VALUE: what fits of the value part is kept; DROP_VALUE: its content is undefined
 * afterwards, and what belonged to it outside is freed
 * @param note what is noted of the value then
 * @throws OutOfMemory; nothing was changed
 */
export function reshapeRecord(
  index: HashIndex,
  list: RefList,
  outside: OutsideValues,
  slot: Slot,
  expiresAtMs: number,
  valueLength: number,
  fate: number,
  note: Uint8Array = fate === KEEP_VALUE ? readNote(index.arena, index.words[slot]) : NO_NOTE,
): LocalRef {
  const arena = index.arena;
  const words = arena.words;
  const old = words[slot];
  const keyLength = keyLengthOf(words, old);
  const had = hasExpiry(words, old);
  const expires = expiresAtMs > 0;
  if (expires && !had && !list.reserve()) throw new OutOfMemory();
  const size = recordSize(keyLength, valueLength, expires) + sizeOfNote(note);
  const local = arena.allocate(sizeClassOf(size));
  if (local === 0) throw new OutOfMemory();
  writeHeader(words, local, keyLength, kindOf(words, old), valueLength, expires);
  writeAccess(words, local, accessOf(words, old));
  copyPadded(arena, keyOffsetOf(words, old), arena, keyOffsetOf(words, local), keyLength);
  if (fate === KEEP_VALUE) {
    const kept = Math.min(valueLength, valueLengthOf(words, old));
    copyPadded(arena, valueOffsetOf(words, old), arena, valueOffsetOf(words, local), kept);
  } else if (isOutside(kindOf(words, old))) {
    outside.free(arena, old);
  }
  if (had && expires) {
    const position = volatileAtOf(words, old);
    writeExpiry(words, local, expiresAtMs);
    writeVolatileAt(words, local, position);
    list.set(position, local);
  } else if (had) {
    stopExpiring(words, list, old);
  } else if (expires) {
    startExpiring(words, list, local, expiresAtMs);
  }
  if (note.length > 0) writeNote(arena, local, note);
  arena.free(old);
  words[slot] = local;
  return local;
}

/** Whether the record's value lies in pages of its own. */
export function isPaged(words: Int32Array, local: LocalRef): boolean {
  return encodingOfKind(kindOf(words, local)) === ENCODING_PAGED;
}

/** Frees a record that no index refers to any more, with what belongs to it outside. */
export function freeRecord(arena: Arena, outside: OutsideValues, local: LocalRef): void {
  if (isOutside(kindOf(arena.words, local))) outside.free(arena, local);
  arena.free(local);
}
