/** When the fields of a hash expire. */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import { tableHash } from "../structs/byte_table.ts";
import {
  expiringCount,
  fieldCount,
  fieldExpiry,
  removeField,
  setFieldExpiry,
  unwatchHash,
} from "../structs/hash_table.ts";
import { convertToTable, findCompact, findEntry, isCompactHash, KIND_EXPIRING } from "./hashes.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { LOCAL_MASK, NO_EXPIRY, OutOfMemory, type RecordRef } from "./record_kinds.ts";

/** What `expiryOfField` gives for a field that is not there, and for one that does not expire. */
export const NO_FIELD = -2;
export const NO_FIELD_EXPIRY = -1;

/** When a field expires, in milliseconds since 1970; NO_FIELD or NO_FIELD_EXPIRY. */
export function expiryOfField(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
): number {
  if (ref === 0) return NO_FIELD;
  if (isCompactHash(ks, ref)) {
    return findCompact(ks, ref, field, offset, length) === 0 ? NO_FIELD : NO_FIELD_EXPIRY;
  }
  const entry = findEntry(ks, ref, field, offset, length);
  if (entry === 0) return NO_FIELD;
  const { words } = ks.outside.arenaOf(ks.structureRef(ref));
  return fieldExpiry(words, entry) || NO_FIELD_EXPIRY;
}

/**
 * Readies a hash for fields that expire. `endExpiring` must follow, whatever happens.
 * @returns its record, which may have moved
 * @throws OutOfMemory; nothing was changed
 */
export function beginExpiring(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  if (isCompactHash(ks, ref)) ref = convertToTable(ks, db, batch, arg, ref, KIND_EXPIRING);
  if (!ks.outside.expiringHashes.watch(ks.structureRef(ref), batch.argHashes[arg])) {
    throw new OutOfMemory();
  }
  return ref;
}

/**
 * Removes the key if its hash is empty; a hash without expiring fields is not watched any more.
 * @returns whether the key is gone
 */
export function endExpiring(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): boolean {
  const hash = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  if (expiringCount(arena.words, header) === 0) unwatchHash(arena, header);
  return fieldCount(arena.words, header) === 0 && ks.remove(db, batch, arg);
}

/**
 * Makes a field expire, which is there; between `beginExpiring` and `endExpiring`.
 * @param expiresAtMs milliseconds since 1970; NO_EXPIRY = never; if it is past, the field goes at once
 * @returns whether the field is still there
 * @throws OutOfMemory
 */
export function expireField(
  ks: Keyspace,
  ref: RecordRef,
  field: Region,
  offset: number,
  length: number,
  expiresAtMs: number,
): boolean {
  const hash = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(hash);
  const header = hash & LOCAL_MASK;
  const entry = findEntry(ks, ref, field, offset, length);
  const tag = tableHash(arena.words, header, field, offset, length);
  const isPast = expiresAtMs !== NO_EXPIRY && expiresAtMs <= ks.nowMs;
  if (isPast) removeField(arena, header, tag, entry);
  else if (!setFieldExpiry(arena, header, tag, entry, expiresAtMs)) throw new OutOfMemory();
  ks.stats.dirty++;
  return !isPast;
}
