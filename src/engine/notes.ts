/** What is kept beside a value without being part of it: see memory/record_note.ts. */
import { hasExpiry, keyLengthOf, recordSize, valueLengthOf } from "../memory/record.ts";
import { readNote, sizeOfNote, writeNote } from "../memory/record_note.ts";
import { sizeClassOf } from "../memory/size_classes.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Database, Keyspace, RecordRef } from "./keyspace.ts";
import { KEEP_VALUE, reshapeRecord } from "./record_writer.ts";

export { MAX_NOTE_BYTES } from "../memory/record_note.ts";

/** @returns a copy of what is noted of a record's value, empty if that is nothing */
export function noteOf(ks: Keyspace, ref: RecordRef): Uint8Array<ArrayBuffer> {
  return readNote(ks.regionOf(ref), ks.localOf(ref));
}

/**
 * Notes something of a string; it stays when the value is changed, moved or copied, and goes with it.
 * @param ref the record of the key in argument `arg` @param note 1 to MAX_NOTE_BYTES bytes
 * @throws OutOfMemory; nothing was changed
 */
export function setNote(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  note: Uint8Array,
): void {
  const shard = ks.shardOf(batch.argHashes[arg]);
  const index = db.indexes[shard];
  const { arena, words } = index;
  const local = ks.localOf(ref);
  const length = valueLengthOf(words, local);
  const size = recordSize(keyLengthOf(words, local), length, hasExpiry(words, local));
  if (sizeClassOf(size + sizeOfNote(note)) === arena.sizeClassAt(local)) {
    writeNote(arena, local, note);
    return;
  }
  const slot = index.findRef(batch.argHashes[arg], local);
  const list = db.volatile[shard];
  reshapeRecord(index, list, ks.outside, slot, ks.expiresAt(ref), length, KEEP_VALUE, note);
}
