/** Brings what a record holds under another name: a copy of it, or the same pages. */
import { copyPadded } from "../bytes/copy.ts";
import { kindOf, setKindAndLength, valueLengthOf, valueOffsetOf } from "../memory/record.ts";
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
  const expiresAtMs = ks.expiresAt(ref);
  const target = ks.arenas[ks.shardOf(batch.argHashes[arg])];
  if (!isOutside(kind)) {
    const copy = ks.place(db, batch, arg, kind, length, expiresAtMs);
    const offset = valueOffsetOf(source.words, local);
    copyPadded(source, offset, target, ks.valueOffset(copy), length);
    return copy;
  }
  if (!isPaged(source.words, local)) return copyStructure(ks, ref, db, batch, arg);
  const chunks = copyChunks(source, local, target);
  if (chunks === undefined) throw new OutOfMemory();
  try {
    const copy = ks.place(db, batch, arg, kind, length, expiresAtMs);
    writeTable(target, ks.localOf(copy), chunks);
    return copy;
  } catch (error) {
    giveBack(target, NO_CHUNKS, chunks);
    throw error;
  }
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
  const moved = ks.place(db, batch, arg, kind, ks.valueLength(ref), ks.expiresAt(ref));
  writeTable(arena, ks.localOf(moved), chunks);
  setKindAndLength(arena.words, local, KIND_EMPTY, 0);
  return moved;
}
