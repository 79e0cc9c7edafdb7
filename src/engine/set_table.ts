/** The table of a large set (structs/set_table.ts), as the value of a record. */
import type { Region } from "../ports/region.ts";
import { entryHash, tableCount, tableFind, tableHash } from "../structs/byte_table.ts";
import {
  createSetTable,
  NO_MEMORY,
  setTableAdd,
  setTableFind,
  setTableRemove,
  WAS_THERE,
} from "../structs/set_table.ts";
import type { Unit } from "../structs/structure.ts";
import type { StructureRef } from "./outside_values.ts";
import { LOCAL_MASK, OutOfMemory, type RecordRef, SHARD_SHIFT } from "./record_kinds.ts";
import type { Records } from "./records.ts";

/** Makes an empty table. @param shard where the set's record is @throws OutOfMemory */
export function createTable(ks: Records, shard: number): StructureRef {
  const home = ks.outside.shardWithRoom(shard);
  const table = createSetTable(ks.arenas[home], ks.random.int32(), ks.random.int32());
  if (table === 0) throw new OutOfMemory();
  return (home << SHARD_SHIFT) | table;
}

/** Number of members. */
export function tableLength(ks: Records, ref: RecordRef): number {
  const table = ks.structureRef(ref);
  return tableCount(ks.outside.arenaOf(table).words, table & LOCAL_MASK);
}

/** @returns the member's entry, 0 = none */
export function findInTable(
  ks: Records,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): Unit {
  const table = ks.structureRef(ref);
  return setTableFind(ks.outside.arenaOf(table), table & LOCAL_MASK, source, offset, length);
}

/** Adds a member. @returns whether it was not there yet @throws OutOfMemory; nothing was changed */
export function addToTable(
  ks: Records,
  table: StructureRef,
  source: Region,
  offset: number,
  length: number,
): boolean {
  const arena = ks.outside.arenaOf(table);
  const result = setTableAdd(arena, table & LOCAL_MASK, source, offset, length);
  if (result === NO_MEMORY) throw new OutOfMemory();
  return result !== WAS_THERE;
}

/** @returns whether it was a member */
export function removeFromTable(
  ks: Records,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): boolean {
  const structure = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(structure);
  const table = structure & LOCAL_MASK;
  const hash = tableHash(arena.words, table, source, offset, length);
  const entry = tableFind(arena, table, hash, source, offset, length);
  if (entry === 0) return false;
  setTableRemove(arena, table, hash, entry);
  return true;
}

/** Removes the member of an entry. */
export function removeEntry(ks: Records, ref: RecordRef, entry: Unit): void {
  const structure = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(structure);
  const table = structure & LOCAL_MASK;
  setTableRemove(arena, table, entryHash(arena, table, entry), entry);
}
