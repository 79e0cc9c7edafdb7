/**
 * Sets: small ones in one record, large ones in a table.
 *
 *   encoding    value part of the record              holds
 *   INTSET      intset (structs/intset.ts)            integers only, at most set-max-intset-entries
 *   LISTPACK    listpack (structs/listpack.ts)        at most set-max-listpack-entries, all short
 *   HASHTABLE   reference of a table (set_table.ts)   anything
 *
 * A set that became a table stays one when members go (except where SPOP takes nearly all), and no
 * set is ever empty. Functions that change a set return its record, which may have moved.
 *
 * Source of the points of conversion: Redis src/t_set.c. There is one more: a compact set takes at
 * most MAX_COMPACT_BYTES, whatever the settings say.
 */
import { MAX_COMPACT_BYTES } from "../memory/record.ts";
import { integerLength } from "../bytes/ascii.ts";
import { copyExact } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Settings } from "../ports/settings.ts";
import * as intset from "../structs/intset.ts";
import * as listpack from "../structs/listpack.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  makeKind,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  TYPE_SET,
} from "./record_kinds.ts";
import { forEachMember } from "./set_members.ts";
import {
  addToTable,
  createTable,
  findInTable,
  removeEntry,
  removeFromTable,
  tableLength,
} from "./set_table.ts";

export const KIND_INTSET: number = makeKind(TYPE_SET, ENCODING_INTSET);
export const KIND_LISTPACK: number = makeKind(TYPE_SET, ENCODING_LISTPACK);
export const KIND_TABLE: number = makeKind(TYPE_SET, ENCODING_HASHTABLE);

/** A listpack that is about to become a set's value. */
const scratch = makeRegion(MAX_COMPACT_BYTES);

/** Number of members. */
export function setLength(ks: Keyspace, ref: RecordRef): number {
  switch (ks.encodingOf(ref)) {
    case ENCODING_HASHTABLE:
      return tableLength(ks, ref);
    case ENCODING_LISTPACK:
      return listpack.length(ks.regionOf(ref).bytes, ks.valueOffset(ref));
    default:
      return intset.length(ks.regionOf(ref), ks.valueOffset(ref));
  }
}

/** Whether these bytes are a member. @param source with 8 readable bytes behind them */
export function isMember(
  ks: Keyspace,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): boolean {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_HASHTABLE) return findInTable(ks, ref, source, offset, length) !== 0;
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  if (encoding === ENCODING_LISTPACK) {
    const first = listpack.first(region.bytes, at);
    return listpack.find(region, first, source, offset, length, 0) !== 0;
  }
  const value = listpack.asInteger(source.bytes, offset, length);
  return value !== undefined && intset.has(region, at, value);
}

/**
 * Makes a set of one member, whatever the key held.
 * @param hint how many members are about to be added
 * @throws OutOfMemory; nothing was changed
 */
export function createSet(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  settings: Settings,
  source: Region,
  offset: number,
  length: number,
  hint: number,
): RecordRef {
  const value = listpack.asInteger(source.bytes, offset, length);
  if (value !== undefined && hint <= settings.setMaxIntsetEntries) {
    const bytes = intset.HEADER_BYTES + intset.widthFor(value);
    const ref = ks.place(db, batch, arg, KIND_INTSET, bytes, NO_EXPIRY);
    const region = ks.regionOf(ref), at = ks.valueOffset(ref);
    intset.writeEmpty(region, at);
    intset.add(region, at, value);
    return ref;
  }
  const size = listpack.EMPTY_BYTES + listpack.sizeOfString(source.bytes, offset, length);
  if (
    hint <= settings.setMaxListpackEntries && length <= settings.setMaxListpackValue &&
    size <= MAX_COMPACT_BYTES
  ) {
    const ref = ks.place(db, batch, arg, KIND_LISTPACK, size, NO_EXPIRY);
    const region = ks.regionOf(ref), at = ks.valueOffset(ref);
    listpack.writeEmpty(region.bytes, at);
    listpack.append(region, at, source, offset, length);
    return ref;
  }
  const structure = createTable(ks, ks.shardOf(batch.argHashes[arg]));
  try {
    addToTable(ks, structure, source, offset, length);
    return ks.placeStructure(db, batch, arg, KIND_TABLE, structure, NO_EXPIRY);
  } catch (error) {
    ks.outside.release(KIND_TABLE, structure);
    throw error;
  }
}

/**
 * Converts a compact set when so many members are about to be added that it would not stay compact.
 * @throws OutOfMemory; nothing was changed
 */
export function prepareSet(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  hint: number,
): RecordRef {
  const encoding = ks.encodingOf(ref);
  if (
    (encoding === ENCODING_LISTPACK && hint > settings.setMaxListpackEntries) ||
    (encoding === ENCODING_INTSET && hint > settings.setMaxIntsetEntries)
  ) {
    return becomeTable(ks, db, batch, arg, ref, undefined, 0, 0);
  }
  return ref;
}

/**
 * Adds a member.
 * @param source not the set's own memory, with 8 readable bytes behind the member
 * @returns the record, or 0 when the member was there
 * @throws OutOfMemory; nothing was changed
 */
export function addMember(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  switch (ks.encodingOf(ref)) {
    case ENCODING_HASHTABLE:
      if (!addToTable(ks, ks.structureRef(ref), source, offset, length)) return 0;
      ks.stats.dirty++;
      return ref;
    case ENCODING_LISTPACK:
      return addToListpack(ks, db, batch, arg, ref, settings, source, offset, length);
    default:
      return addToIntset(ks, db, batch, arg, ref, settings, source, offset, length);
  }
}

function addToListpack(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const { bytes } = region;
  if (listpack.find(region, listpack.first(bytes, lp), source, offset, length, 0) !== 0) return 0;
  const total = listpack.totalBytes(bytes, lp) +
    listpack.sizeOfString(source.bytes, offset, length);
  if (
    length > settings.setMaxListpackValue || total > MAX_COMPACT_BYTES ||
    listpack.length(bytes, lp) >= settings.setMaxListpackEntries
  ) {
    return becomeTable(ks, db, batch, arg, ref, source, offset, length);
  }
  const moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  listpack.append(region, ks.valueOffset(moved), source, offset, length);
  return moved;
}

function addToIntset(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  const value = listpack.asInteger(source.bytes, offset, length);
  if (value === undefined) {
    return staysCompact(region, at, settings, length)
      ? becomeListpack(ks, db, batch, arg, ref, source, offset, length)
      : becomeTable(ks, db, batch, arg, ref, source, offset, length);
  }
  if (intset.has(region, at, value)) return 0;
  const total = intset.sizeWith(region, at, value);
  if (intset.length(region, at) >= settings.setMaxIntsetEntries || total > MAX_COMPACT_BYTES) {
    return becomeTable(ks, db, batch, arg, ref, source, offset, length);
  }
  const moved = ks.resize(db, batch, arg, ref, KIND_INTSET, total);
  intset.add(region, ks.valueOffset(moved), value);
  return moved;
}

/** Whether an intset may become a listpack with one more member of that length. */
function staysCompact(region: Region, at: number, settings: Settings, length: number): boolean {
  const count = intset.length(region, at);
  const limit = settings.setMaxListpackValue;
  if (count >= settings.setMaxListpackEntries || length > limit) return false;
  const longest = count === 0 ? 0 : Math.max(
    digitsOf(intset.get(region, at, 0)),
    digitsOf(intset.get(region, at, count - 1)),
  );
  return longest <= limit &&
    listpackBytesOf(region, at) + listpack.sizeOfText(length) <= MAX_COMPACT_BYTES;
}

function digitsOf(value: intset.Integer): number {
  return typeof value === "number" ? integerLength(value) : value.toString().length;
}

/** Bytes that the integers of an intset take as a listpack. */
function listpackBytesOf(region: Region, at: number): number {
  let bytes = listpack.EMPTY_BYTES;
  const count = intset.length(region, at);
  for (let i = 0; i < count; i++) bytes += listpack.sizeOfInteger(intset.get(region, at, i));
  return bytes;
}

function becomeListpack(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  const lp = scratch.bytes;
  listpack.writeEmpty(lp, 0);
  const count = intset.length(region, at);
  for (let i = 0; i < count; i++) listpack.appendInteger(scratch, 0, intset.get(region, at, i));
  listpack.append(scratch, 0, source, offset, length);
  const total = listpack.totalBytes(lp, 0);
  const moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  copyExact(scratch, 0, region, ks.valueOffset(moved), total);
  return moved;
}

/** @param source of one member more, if there is one */
function becomeTable(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  source: Region | undefined,
  offset: number,
  length: number,
): RecordRef {
  const structure = createTable(ks, ks.shardOf(batch.argHashes[arg]));
  try {
    forEachMember(ks, ref, (member) => {
      addToTable(ks, structure, member.region, member.offset, member.length);
      return true;
    });
    if (source !== undefined) addToTable(ks, structure, source, offset, length);
    return ks.becomeStructure(db, batch, arg, ref, KIND_TABLE, structure);
  } catch (error) {
    ks.outside.release(KIND_TABLE, structure);
    throw error;
  }
}

/**
 * Removes a member; the set may be empty then, and is the caller's to remove.
 * @returns the record, or 0 when it was no member
 */
export function removeMember(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_HASHTABLE) {
    if (!removeFromTable(ks, ref, source, offset, length)) return 0;
    ks.stats.dirty++;
    return ref;
  }
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  if (encoding === ENCODING_LISTPACK) {
    const first = listpack.first(region.bytes, at);
    const found = listpack.find(region, first, source, offset, length, 0);
    return found === 0 ? 0 : removeAt(ks, db, batch, arg, ref, found - at);
  }
  const value = listpack.asInteger(source.bytes, offset, length);
  if (value === undefined || !intset.has(region, at, value)) return 0;
  return removeAt(ks, db, batch, arg, ref, intset.rankOf(region, at, value));
}

/**
 * Removes the member that `pickMember` found, or `forEachMember` visited.
 * @param place its `place`
 */
export function removeAt(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  place: number,
): RecordRef {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_HASHTABLE) {
    removeEntry(ks, ref, place);
    ks.stats.dirty++;
    return ref;
  }
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  if (encoding === ENCODING_LISTPACK) {
    listpack.remove(region.bytes, at, at + place);
    return shrink(ks, db, batch, arg, ref, KIND_LISTPACK, listpack.totalBytes(region.bytes, at));
  }
  intset.removeAt(region, at, place);
  return shrink(ks, db, batch, arg, ref, KIND_INTSET, intset.totalBytes(region, at));
}

/**
 * Gives back what a shorter value part does not need; without memory for that, it stays as it is.
 */
function shrink(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  kind: number,
  bytes: number,
): RecordRef {
  try {
    return ks.resize(db, batch, arg, ref, kind, bytes);
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    ks.stats.dirty++;
    return ref;
  }
}
