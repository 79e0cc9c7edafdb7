/** Brings what a record holds under another name: a copy of it, or the same pages. */
import { copyExact } from "../bytes/copy.ts";
import {
  hasNote,
  kindOf,
  setKindAndLength,
  valueLengthOf,
  valueOffsetOf,
} from "../memory/record.ts";
import { NO_NOTE, readNote, sizeOfNote, writeNote } from "../memory/record_note.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import { copyChunks, giveBack, NO_CHUNKS, readTable, writeTable } from "./paged_value.ts";
import {
  ENCODING_RAW,
  isOutside,
  makeKind,
  OutOfMemory,
  type RecordRef,
  TYPE_STRING,
} from "./record_kinds.ts";
import { isPaged } from "./record_writer.ts";

/** What a record becomes that gave its pages away. */
const KIND_EMPTY = makeKind(TYPE_STRING, ENCODING_RAW);

/**
 * Copies a record's value and expiry under a name.
 * @param arg argument that holds the name, which is not the record's own
 * @throws OutOfMemory; nothing was changed
 */
export function copyValue(
  ks: Keyspace,
  ref: RecordRef,
  db: Database,
  batch: CommandBatch,
  arg: number,
): RecordRef {
  const source = ks.regionOf(ref);
  const local = ks.localOf(ref);
  const kind = kindOf(source.words, local);
  const length = valueLengthOf(source.words, local);
  const target = ks.arenas[ks.shardOf(batch.argHashes[arg])];
  if (!isOutside(kind)) {
    const copy = placeNoted(ks, ref, db, batch, arg);
    const offset = valueOffsetOf(source.words, local);
    copyExact(source, offset, target, ks.valueOffset(copy), length);
    return copy;
  }
  if (!isPaged(source.words, local)) return copyStructure(ks, ref, db, batch, arg);
  const chunks = copyChunks(source, local, target);
  if (chunks === undefined) throw new OutOfMemory();
  try {
    const copy = placeNoted(ks, ref, db, batch, arg);
    writeTable(target, ks.localOf(copy), chunks);
    return copy;
  } catch (error) {
    giveBack(target, NO_CHUNKS, chunks);
    throw error;
  }
}

/** Makes a record that is like another, note included, but for its value's content. */
function placeNoted(
  ks: Keyspace,
  ref: RecordRef,
  db: Database,
  batch: CommandBatch,
  arg: number,
): RecordRef {
  const source = ks.regionOf(ref);
  const local = ks.localOf(ref);
  const kind = kindOf(source.words, local);
  const length = valueLengthOf(source.words, local);
  const note = hasNote(source.words, local) ? readNote(source, local) : NO_NOTE;
  const room = sizeOfNote(note);
  const placed = ks.place(db, batch, arg, kind, length + room, ks.expiresAt(ref));
  if (room > 0) {
    const target = ks.regionOf(placed);
    setKindAndLength(target.words, ks.localOf(placed), kind, length);
    writeNote(target, ks.localOf(placed), note);
  }
  return placed;
}

function copyStructure(
  ks: Keyspace,
  ref: RecordRef,
  db: Database,
  batch: CommandBatch,
  arg: number,
): RecordRef {
  const { outside } = ks;
  const kind = kindOf(ks.wordsOf(ref), ks.localOf(ref));
  const shard = outside.shardWithRoom(ks.shardOf(batch.argHashes[arg]));
  const copy = outside.copy(kind, ks.structureRef(ref), shard);
  if (copy === 0) throw new OutOfMemory();
  try {
    const placed = ks.placeStructure(db, batch, arg, kind, copy, ks.expiresAt(ref));
    outside.expiringHashes.cameUnder(kind, copy, batch.argHashes[arg]);
    return placed;
  } catch (error) {
    outside.release(kind, copy);
    throw error;
  }
}

/**
 * As `copyValue`, for a record that is removed next: pages change their owner where that is
 * possible, structures always.
 */
export function moveValue(
  ks: Keyspace,
  ref: RecordRef,
  db: Database,
  batch: CommandBatch,
  arg: number,
): RecordRef {
  const arena = ks.regionOf(ref);
  const local = ks.localOf(ref);
  const kind = kindOf(arena.words, local);
  if (isOutside(kind) && !isPaged(arena.words, local)) {
    const structure = ks.structureRef(ref);
    const moved = ks.placeStructure(db, batch, arg, kind, structure, ks.expiresAt(ref));
    setKindAndLength(arena.words, local, KIND_EMPTY, 0);
    ks.outside.expiringHashes.cameUnder(kind, structure, batch.argHashes[arg]);
    return moved;
  }
  if (!isOutside(kind) || ks.arenas[ks.shardOf(batch.argHashes[arg])] !== arena) {
    return copyValue(ks, ref, db, batch, arg);
  }
  const chunks = readTable(arena, local);
  const moved = placeNoted(ks, ref, db, batch, arg);
  writeTable(arena, ks.localOf(moved), chunks);
  setKindAndLength(arena.words, local, KIND_EMPTY, 0);
  return moved;
}
