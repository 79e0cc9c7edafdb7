/** Streams as values of keys: finding, making and filling them. */
import type { Arena } from "../memory/arena.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import { detachGroup, removeGroup, STREAM } from "../structs/stream.ts";
import { appendEntry, type EntrySource, MAX_ENTRY_BYTES } from "../structs/stream_append.ts";
import { createStream, LAST_ID_WORD } from "../structs/stream_header.ts";
import {
  compareIds,
  copyId,
  hasSameMs,
  ID_AUTO_SEQ,
  incrementId,
  isMaxId,
  nextId,
} from "../structs/stream_id.ts";
import type { Unit } from "../structs/structure.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import {
  ENCODING_STREAM,
  LOCAL_MASK,
  makeKind,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  SHARD_SHIFT,
  TYPE_STREAM,
} from "./record_kinds.ts";

export type { Arena } from "../memory/arena.ts";

export const KIND_STREAM: number = makeKind(TYPE_STREAM, ENCODING_STREAM);

/** What `addEntry` did. */
export const ADDED = 0;
/** The id is not greater than the last one. */
export const ID_TOO_SMALL = 1;
/** There is no id behind the last one. */
export const IDS_EXHAUSTED = 2;
export const ENTRY_TOO_LARGE = 3;

/** How the id of a new entry is found: all of it, its sequence number, or nothing is chosen. */
export const ID_GIVEN = 1;
export const ID_WITHOUT_SEQ: number = ID_AUTO_SEQ;
export const ID_OF_NOW = 3;

/** The arena that a record's stream lies in. */
export function streamArena(ks: Keyspace, ref: RecordRef): Arena {
  return ks.outside.arenaOf(ks.structureRef(ref));
}

/** The header of a record's stream. */
export function streamUnit(ks: Keyspace, ref: RecordRef): Unit {
  return ks.structureRef(ref) & LOCAL_MASK;
}

/** The shard for a new stream of a key. */
function shardFor(ks: Keyspace, batch: CommandBatch, arg: number): number {
  return ks.outside.shardWithRoom(ks.shardOf(batch.argHashes[arg]));
}

function place(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  shard: number,
  stream: Unit,
): RecordRef {
  const structure = (shard << SHARD_SHIFT) | stream;
  try {
    return ks.placeStructure(db, batch, arg, KIND_STREAM, structure, NO_EXPIRY);
  } catch (error) {
    ks.outside.release(KIND_STREAM, structure);
    throw error;
  }
}

/** Makes a key that is not there an empty stream. @throws OutOfMemory */
export function addStream(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
): RecordRef {
  const shard = shardFor(ks, batch, arg);
  const stream = createStream(ks.arenas[shard]);
  if (stream === 0) throw new OutOfMemory();
  return place(ks, db, batch, arg, shard, stream);
}

/** Chooses the id of a new entry. */
function chooseId(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idForm: number,
  nowMs: number,
): number {
  const { words } = arena;
  const last = (stream << 1) + LAST_ID_WORD;
  if (isMaxId(words, last)) return IDS_EXHAUSTED;
  if (idForm === ID_OF_NOW) {
    nextId(words, last, nowMs, id, 0);
    return ADDED;
  }
  if (idForm === ID_WITHOUT_SEQ && hasSameMs(id, 0, words, last)) {
    copyId(words, last, id, 0);
    // Not into the next millisecond.
    if ((id[2] & id[3]) === -1) return ID_TOO_SMALL;
    incrementId(id, 0);
    return ADDED;
  }
  return compareIds(id, 0, words, last) > 0 ? ADDED : ID_TOO_SMALL;
}

/**
 * Adds an entry to a stream, which is made if `ref` is 0.
 * @param id the id, as far as it is given; afterwards that of the entry
 * @param idForm ID_GIVEN, ID_WITHOUT_SEQ or ID_OF_NOW
 * @returns ADDED, or what was wrong; then nothing was changed
 * @throws OutOfMemory; nothing was changed
 */
export function addEntry(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  id: Int32Array,
  idForm: number,
  source: EntrySource,
  maxBytes: number,
  maxEntries: number,
): number {
  let bytes = 0;
  for (let i = source.first; i < source.first + 2 * source.fieldCount; i++) {
    bytes += source.lengths[i];
  }
  if (bytes > MAX_ENTRY_BYTES) return ENTRY_TOO_LARGE;
  if (ref !== 0) {
    const arena = streamArena(ks, ref);
    const stream = streamUnit(ks, ref);
    const result = chooseId(arena, stream, id, idForm, ks.nowMs);
    if (result !== ADDED) return result;
    if (!appendEntry(arena, stream, id, 0, source, maxBytes, maxEntries)) throw new OutOfMemory();
    ks.stats.dirty++;
    return ADDED;
  }
  const shard = shardFor(ks, batch, arg);
  const arena = ks.arenas[shard];
  const stream = createStream(arena);
  if (stream === 0) throw new OutOfMemory();
  const result = chooseId(arena, stream, id, idForm, ks.nowMs);
  if (
    result !== ADDED || !appendEntry(arena, stream, id, 0, source, maxBytes, maxEntries)
  ) {
    STREAM.free(arena, stream, Infinity);
    if (result !== ADDED) return result;
    throw new OutOfMemory();
  }
  place(ks, db, batch, arg, shard, stream);
  return ADDED;
}

/** Removes a group with all its consumers; what takes long is freed later. */
export function destroyGroup(ks: Keyspace, ref: RecordRef, group: Unit): void {
  const structure = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(structure);
  const stream = structure & LOCAL_MASK;
  const holder = detachGroup(arena, stream, group);
  if (holder !== 0) ks.outside.release(KIND_STREAM, (structure & ~LOCAL_MASK) | holder);
  else removeGroup(arena, stream, group);
}
