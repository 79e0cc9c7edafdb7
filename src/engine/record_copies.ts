/** Brings what a record holds under another name: a copy of it, or the same pages. */
import { copyPadded } from "../bytes/copy.ts";
import { kindOf, setKindAndLength, valueLengthOf, valueOffsetOf } from "../memory/record.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import { copyChunks, giveBack, NO_CHUNKS, readTable, writeTable } from "./paged_value.ts";
import {
  ENCODING_RAW,
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
  if (!isPaged(source.words, local)) {
    const copy = ks.place(db, batch, arg, kind, length, expiresAtMs);
    const offset = valueOffsetOf(source.words, local);
    copyPadded(source, offset, target, ks.valueOffset(copy), length);
    return copy;
  }
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

/**
 * As `copyValue`, for a record that is removed next: pages change their owner where that is
 * possible.
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
  if (!isPaged(arena.words, local) || ks.arenas[ks.shardOf(batch.argHashes[arg])] !== arena) {
    return copyValue(ks, ref, db, batch, arg);
  }
  const chunks = readTable(arena, local);
  const kind = kindOf(arena.words, local);
  const moved = ks.place(db, batch, arg, kind, ks.valueLength(ref), ks.expiresAt(ref));
  writeTable(arena, ks.localOf(moved), chunks);
  setKindAndLength(arena.words, local, KIND_EMPTY, 0);
  return moved;
}
