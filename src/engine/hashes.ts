/**
 * Hash values: small ones as a listpack in their record, large ones in a hash table.
 *
 *   encoding      value                                            OBJECT ENCODING
 *   LISTPACK      field, value, field, value … in the record       listpack
 *   HASHTABLE     structs/hash_table.ts                            hashtable
 *   LISTPACK_EX   the same; small, but with a field that expires   listpackex
 *
 * A field whose time has come is there for nobody. A few are removed at every access, the others by
 * expiring_hashes.ts; the key goes with its last field.
 *
 * Source of the conversions: Redis src/t_hash.c, hashTypeTryConversion and hashTypeSet.
 */
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { MAX_COMPACT_BYTES, setKindAndLength } from "../memory/record.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import { tableFind, tableHash } from "../structs/byte_table.ts";
import {
  createHashTable,
  dropFirstDue,
  dueCount,
  fieldCount,
  fieldExpiry,
  removeField,
  valueLengthOf,
  writeField,
} from "../structs/hash_table.ts";
import * as listpack from "../structs/listpack.ts";
import type { Unit } from "../structs/structure.ts";
import type { Engine } from "./engine.ts";
import { EVENT_GENERIC, EVENT_HASH } from "./key_changes.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { STRUCTURE_REF_BYTES, type StructureRef } from "./outside_values.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK,
  ENCODING_LISTPACK_EX,
  LOCAL_MASK,
  makeKind,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  SHARD_SHIFT,
  TYPE_HASH,
} from "./record_kinds.ts";

export { KEEP_EXPIRY } from "../structs/hash_table.ts";

const KIND_COMPACT = makeKind(TYPE_HASH, ENCODING_LISTPACK);
const KIND_TABLE = makeKind(TYPE_HASH, ENCODING_HASHTABLE);
export const KIND_EXPIRING: number = makeKind(TYPE_HASH, ENCODING_LISTPACK_EX);
/** Expired fields that an access removes. */
const DROPPED_AT_ONCE = 64;

/** Digits of a field and of a value that a listpack holds as integers. */
const fieldDigits = makeRegion(32);
const valueDigits = makeRegion(32);

/** Whether the hash is a listpack in its record. */
export function isCompactHash(ks: Keyspace, ref: RecordRef): boolean {
  return ks.encodingOf(ref) === ENCODING_LISTPACK;
}

/** Number of fields. */
export function hashLength(ks: Keyspace, ref: RecordRef): number {
  if (isCompactHash(ks, ref)) {
    return listpack.length(ks.regionOf(ref).bytes, ks.valueOffset(ref)) >>> 1;
  }
  const hash = ks.structureRef(ref);
  const { words } = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  return fieldCount(words, header) - dueCount(words, header, ks.nowMs);
}

/**
 * Removes some of the fields whose time has come, and the key with the last one.
 * @returns the record, 0 if it went
 */
export function dropExpiredFields(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  if (isCompactHash(ks, ref)) return ref;
  const hash = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  let dropped = 0;
  while (dropped < DROPPED_AT_ONCE && dropFirstDue(arena, header, ks.nowMs)) dropped++;
  ks.stats.dirty += dropped;
  if (dropped === 0) return ref;
  const isEmpty = fieldCount(arena.words, header) === 0;
  const { changes } = ks;
  if (changes.isHeard) {
    changes.recordChanged(db, ks.regionOf(ref), ref & LOCAL_MASK, EVENT_HASH, "hexpired");
    if (isEmpty) changes.notify(db, batch, arg, EVENT_GENERIC, "del");
  }
  if (isEmpty) ks.remove(db, batch, arg);
  return isEmpty ? 0 : ref;
}

/** Position of a field in a compact hash, 0 = it has none. */
export function findCompact(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): listpack.Position {
  const arena = ks.regionOf(ref);
  const first = listpack.first(arena.bytes, ks.valueOffset(ref));
  return listpack.find(arena, first, field, offset, length, 1);
}

/** Entry of a field in a large hash, 0 = it has none, or its time has come. */
export function findEntry(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): Unit {
  const hash = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  const tag = tableHash(arena.words, header, field, offset, length);
  const entry = tableFind(arena, header, tag, field, offset, length);
  return entry !== 0 && isDue(ks, arena, entry) ? 0 : entry;
}

/** Whether the entry's field has expired. */
export function isDue(ks: Keyspace, arena: Arena, entry: Unit): boolean {
  const expiresAtMs = fieldExpiry(arena.words, entry);
  return expiresAtMs !== 0 && expiresAtMs <= ks.nowMs;
}

/** Whether the hash has the field. @param ref 0 = the key is absent */
export function hasField(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): boolean {
  if (ref === 0) return false;
  if (isCompactHash(ks, ref)) return findCompact(ks, ref, field, offset, length) !== 0;
  return findEntry(ks, ref, field, offset, length) !== 0;
}

/** Length of a field's value in bytes; -1 if there is none. @param ref 0 = the key is absent */
export function valueLength(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): number {
  if (ref === 0) return -1;
  if (!isCompactHash(ks, ref)) {
    const entry = findEntry(ks, ref, field, offset, length);
    return entry === 0 ? -1 : valueLengthOf(ks.outside.arenaOf(ks.structureRef(ref)), entry);
  }
  const p = findCompact(ks, ref, field, offset, length);
  if (p === 0) return -1;
  const { bytes } = ks.regionOf(ref);
  return listpack.textLength(bytes, listpack.next(bytes, p));
}

/** Whether a field or value of that length keeps a hash from being compact. */
export function isTooLong(engine: Engine, length: number): boolean {
  return length > engine.settings.hashMaxListpackValue;
}

/**
 * Sets a field; the key comes into being if need be.
 * @param ref the record of the key in argument `arg`, 0 = it is absent; it may move
 * @param expiry NO_EXPIRY, or KEEP_EXPIRY for a field that goes on expiring
 * @returns whether the field is new
 * @throws OutOfMemory
 */
export function setField(
  engine: Engine,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  field: Region,
  fieldOffset: number,
  fieldLength: number,
  value: Region,
  valueOffset: number,
  valueBytes: number,
  expiry: number,
): boolean {
  const ks = engine.keyspace;
  const isShort = !isTooLong(engine, fieldLength) && !isTooLong(engine, valueBytes);
  if (ref === 0 || isCompactHash(ks, ref)) {
    const p = ref === 0 ? 0 : findCompact(ks, ref, field, fieldOffset, fieldLength);
    const length = (ref === 0 ? 0 : hashLength(ks, ref)) + (p === 0 ? 1 : 0);
    if (isShort && length <= engine.settings.hashMaxListpackEntries) {
      const added = (p === 0 ? listpack.sizeOfString(field.bytes, fieldOffset, fieldLength) : 0) +
        listpack.sizeOfString(value.bytes, valueOffset, valueBytes);
      if ((ref === 0 ? 0 : ks.valueLength(ref)) + added <= MAX_COMPACT_BYTES) {
        if (p !== 0) {
          replaceCompact(ks, db, batch, arg, ref, p, value, valueOffset, valueBytes);
          return false;
        }
        const grown = ref === 0
          ? createCompact(ks, db, batch, arg, added)
          : ks.resize(db, batch, arg, ref, KIND_COMPACT, ks.valueLength(ref) + added);
        const arena = ks.regionOf(grown), lp = ks.valueOffset(grown);
        listpack.append(arena, lp, field, fieldOffset, fieldLength);
        listpack.append(arena, lp, value, valueOffset, valueBytes);
        return true;
      }
    }
    ref = ref === 0
      ? createTable(ks, db, batch, arg, KIND_TABLE)
      : convertToTable(ks, db, batch, arg, ref, KIND_TABLE);
  }
  const hash = ks.structureRef(ref);
  const isNew = setInTable(
    ks,
    hash,
    field,
    fieldOffset,
    fieldLength,
    value,
    valueOffset,
    valueBytes,
    expiry,
  );
  const { words } = ks.outside.arenaOf(hash);
  const length = fieldCount(words, hash & LOCAL_MASK);
  // A table that has nothing in it, as there was no memory, is not to be seen.
  if (length === 0) ks.remove(db, batch, arg);
  if (isNew === undefined) throw new OutOfMemory();
  if (!isShort || length > engine.settings.hashMaxListpackEntries) becomeLarge(ks, ref);
  return isNew;
}

/**
 * Sets fields and values that follow each other among the arguments.
 * @param ref the record of the key in argument `arg`, 0 = it is absent
 * @param first argument that is the first field @param count of pairs
 * @returns how many fields are new
 * @throws OutOfMemory
 */
export function setFields(
  engine: Engine,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  first: number,
  count: number,
  expiry: number,
): number {
  const ks = engine.keyspace;
  if (count > 1) {
    const room = roomOfShort(engine, batch, first, count);
    if (room < 0) {
      if (ref === 0) ref = createTable(ks, db, batch, arg, KIND_TABLE);
      else if (isCompactHash(ks, ref)) ref = convertToTable(ks, db, batch, arg, ref, KIND_TABLE);
    } else if (ref === 0 && room <= MAX_COMPACT_BYTES) {
      return createFilled(ks, db, batch, arg, first, count, room);
    }
  }
  const { input, argOffsets, argLengths } = batch;
  let created = 0;
  let isLarge = ref !== 0 && !isCompactHash(ks, ref);
  for (let i = first; i < first + 2 * count; i += 2) {
    if (!isLarge && i > first) {
      // The record has just come into being, or may have moved.
      ref = ks.find(db, batch, arg);
      isLarge = !isCompactHash(ks, ref);
    }
    const isNew = setField(
      engine,
      db,
      batch,
      arg,
      ref,
      input,
      argOffsets[i],
      argLengths[i],
      input,
      argOffsets[i + 1],
      argLengths[i + 1],
      expiry,
    );
    if (isNew) created++;
  }
  return created;
}

/** Bytes that the pairs take in a listpack; -1 if they make a hash a large one. */
function roomOfShort(engine: Engine, batch: CommandBatch, first: number, count: number): number {
  if (count > engine.settings.hashMaxListpackEntries) return -1;
  const { input, argOffsets, argLengths } = batch;
  let room = 0;
  for (let i = first; i < first + 2 * count; i++) {
    if (isTooLong(engine, argLengths[i])) return -1;
    room += listpack.sizeOfString(input.bytes, argOffsets[i], argLengths[i]);
  }
  return room;
}

/** Makes a compact hash of pairs at once. @param room bytes that they take */
function createFilled(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  first: number,
  count: number,
  room: number,
): number {
  const ref = createCompact(ks, db, batch, arg, room);
  const arena = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const { input, argOffsets, argLengths } = batch;
  let created = 0;
  for (let i = first; i < first + 2 * count; i += 2) {
    const offset = argOffsets[i], length = argLengths[i];
    const valueOffset = argOffsets[i + 1], valueBytes = argLengths[i + 1];
    const start = listpack.first(arena.bytes, lp);
    const p = listpack.find(arena, start, input, offset, length, 1);
    if (p !== 0) {
      listpack.replace(arena, lp, listpack.next(arena.bytes, p), input, valueOffset, valueBytes);
    } else {
      listpack.append(arena, lp, input, offset, length);
      listpack.append(arena, lp, input, valueOffset, valueBytes);
      created++;
    }
  }
  trimCompact(ks, db, batch, arg, ref);
  return created;
}

/** Gives the field at `p` another value. */
function replaceCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  p: listpack.Position,
  value: Region,
  offset: number,
  length: number,
): void {
  let arena = ks.regionOf(ref), lp = ks.valueOffset(ref);
  let v = listpack.next(arena.bytes, p);
  const total = ks.valueLength(ref);
  const more = listpack.sizeOfString(value.bytes, offset, length) - listpack.sizeAt(arena.bytes, v);
  if (more > 0) {
    const at = v - lp;
    ref = ks.resize(db, batch, arg, ref, KIND_COMPACT, total + more);
    arena = ks.regionOf(ref);
    lp = ks.valueOffset(ref);
    v = lp + at;
  }
  listpack.replace(arena, lp, v, value, offset, length);
  if (more < 0) ks.resize(db, batch, arg, ref, KIND_COMPACT, total + more);
  else if (more === 0) ks.stats.dirty++;
}

/** @returns whether the field is new; undefined when there is no memory */
function setInTable(
  ks: Keyspace,
  hash: StructureRef,
  field: Region,
  fieldOffset: number,
  fieldLength: number,
  value: Region,
  valueOffset: number,
  valueBytes: number,
  expiry: number,
): boolean | undefined {
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  const tag = tableHash(arena.words, header, field, fieldOffset, fieldLength);
  let entry = tableFind(arena, header, tag, field, fieldOffset, fieldLength);
  if (entry !== 0 && isDue(ks, arena, entry)) {
    removeField(arena, header, tag, entry);
    entry = 0;
  }
  const isWritten = writeField(
    arena,
    header,
    tag,
    entry,
    field,
    fieldOffset,
    fieldLength,
    value,
    valueOffset,
    valueBytes,
    expiry,
  );
  if (!isWritten) return undefined;
  ks.stats.dirty++;
  return entry === 0;
}

/** From now on a hash in a table counts as a large one, if it did not. */
export function becomeLarge(ks: Keyspace, ref: RecordRef): void {
  if (ks.encodingOf(ref) !== ENCODING_LISTPACK_EX) return;
  setKindAndLength(ks.wordsOf(ref), ks.localOf(ref), KIND_TABLE, STRUCTURE_REF_BYTES);
}

/**
 * Makes a compact hash with nothing in it, for a key that has none.
 * @param room bytes that its elements will take; they must be added at once
 */
export function createCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  room: number,
): RecordRef {
  const size = listpack.EMPTY_BYTES + room;
  const ref = ks.place(db, batch, arg, KIND_COMPACT, size, NO_EXPIRY);
  listpack.writeEmpty(ks.regionOf(ref).bytes, ks.valueOffset(ref));
  return ref;
}

/** Shortens the record of a compact hash to what its listpack takes. */
export function trimCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  const size = listpack.totalBytes(ks.regionOf(ref).bytes, ks.valueOffset(ref));
  if (size === ks.valueLength(ref)) return ref;
  return ks.resize(db, batch, arg, ref, KIND_COMPACT, size);
}

function makeTable(ks: Keyspace, keyHash: number): StructureRef {
  const shard = ks.outside.shardWithRoom(ks.shardOf(keyHash));
  const header = createHashTable(ks.arenas[shard], ks.random.int32(), ks.random.int32());
  if (header === 0) throw new OutOfMemory();
  return (shard << SHARD_SHIFT) | header;
}

/** Makes a large hash with nothing in it, for a key that has none. @throws OutOfMemory */
export function createTable(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  kind: number,
): RecordRef {
  const hash = makeTable(ks, batch.argHashes[arg]);
  try {
    return ks.placeStructure(db, batch, arg, kind, hash, NO_EXPIRY);
  } catch (error) {
    ks.outside.release(kind, hash);
    throw error;
  }
}

/** Makes a compact hash a large one. @throws OutOfMemory; nothing was changed */
export function convertToTable(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  kind: number = KIND_TABLE,
): RecordRef {
  const hash = makeTable(ks, batch.argHashes[arg]);
  try {
    fillTable(ks.outside.arenaOf(hash), hash & LOCAL_MASK, ks.regionOf(ref), ks.valueOffset(ref));
    const dirty = ks.stats.dirty;
    const converted = ks.becomeStructure(db, batch, arg, ref, kind, hash);
    ks.stats.dirty = dirty;
    return converted;
  } catch (error) {
    ks.outside.release(kind, hash);
    throw error;
  }
}

/** Adds the fields of a listpack to a table that has none. @throws OutOfMemory */
function fillTable(arena: Arena, header: Unit, source: Arena, lp: number): void {
  const { bytes } = source;
  for (let p = listpack.first(bytes, lp); p !== 0; p = listpack.next(bytes, p)) {
    const isFieldNumber = listpack.isInteger(bytes, p);
    const field = isFieldNumber ? fieldDigits : source;
    const fieldOffset = isFieldNumber ? 0 : listpack.stringOffset(bytes, p);
    const fieldLength = isFieldNumber
      ? listpack.formatElement(bytes, p, fieldDigits.bytes, 0)
      : listpack.stringLength(bytes, p);
    p = listpack.next(bytes, p);
    const isNumber = listpack.isInteger(bytes, p);
    const value = isNumber ? valueDigits : source;
    const valueOffset = isNumber ? 0 : listpack.stringOffset(bytes, p);
    const valueBytes = isNumber
      ? listpack.formatElement(bytes, p, valueDigits.bytes, 0)
      : listpack.stringLength(bytes, p);
    const isWritten = writeField(
      arena,
      header,
      tableHash(arena.words, header, field, fieldOffset, fieldLength),
      0,
      field,
      fieldOffset,
      fieldLength,
      value,
      valueOffset,
      valueBytes,
      NO_EXPIRY,
    );
    if (!isWritten) throw new OutOfMemory();
  }
}

/**
 * Removes a field, and the key with its last one.
 * @param ref the record of the key in argument `arg`; it may move
 * @returns whether it was there
 */
export function deleteField(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): boolean {
  if (isCompactHash(ks, ref)) {
    const p = findCompact(ks, ref, field, offset, length);
    if (p === 0) return false;
    const { bytes } = ks.regionOf(ref);
    const lp = ks.valueOffset(ref);
    listpack.removeRange(bytes, lp, p, 2);
    if (listpack.first(bytes, lp) === 0) ks.remove(db, batch, arg);
    else trimCompact(ks, db, batch, arg, ref);
    return true;
  }
  const entry = findEntry(ks, ref, field, offset, length);
  if (entry === 0) return false;
  const hash = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  removeField(arena, header, tableHash(arena.words, header, field, offset, length), entry);
  if (fieldCount(arena.words, header) === 0) ks.remove(db, batch, arg);
  else ks.stats.dirty++;
  return true;
}
