/**
 * A few bytes beside a record's value that live and die with it, such as the media type of a value.
 *
 *   | header | key | value |  (free)  | note | noteLength |
 *                                                        ▲ end of the block
 *
 * They lie at the end of the block, so that nothing else of a record lies elsewhere because of them, and
 * records without a note pay nothing. Whatever gives a record a new value drops its note.
 */
import type { Arena } from "./arena.ts";
import { hasNote, type LocalRef, markNoted } from "./record.ts";

/** Longest note in bytes. */
export const MAX_NOTE_BYTES = 255;
const LENGTH_BYTES = 1;

/** Of a record without one. */
export const NO_NOTE: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Bytes of a block that a note takes. */
export function sizeOfNote(note: Uint8Array): number {
  return note.length === 0 ? 0 : note.length + LENGTH_BYTES;
}

/** Bytes of its block that a record's note takes. */
export function noteSize(arena: Arena, ref: LocalRef): number {
  return hasNote(arena.words, ref) ? arena.bytes[endOfBlock(arena, ref) - 1] + LENGTH_BYTES : 0;
}

/** @returns a copy of the record's note, `NO_NOTE` if it has none */
export function readNote(arena: Arena, ref: LocalRef): Uint8Array<ArrayBuffer> {
  const size = noteSize(arena, ref);
  if (size === 0) return NO_NOTE;
  const end = endOfBlock(arena, ref);
  return arena.bytes.slice(end - size, end - LENGTH_BYTES);
}

/**
 * Writes a note, whose bytes must be free behind the value.
 * @param note 1 to MAX_NOTE_BYTES bytes
 */
export function writeNote(arena: Arena, ref: LocalRef, note: Uint8Array): void {
  const end = endOfBlock(arena, ref);
  arena.bytes[end - LENGTH_BYTES] = note.length;
  arena.bytes.set(note, end - LENGTH_BYTES - note.length);
  markNoted(arena.words, ref);
}

function endOfBlock(arena: Arena, ref: LocalRef): number {
  return (ref << 3) + arena.blockSize(ref);
}
