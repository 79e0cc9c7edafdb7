/**
 * Set table: a large set, as a byte table (byte_table.ts) whose entries hold nothing but members.
 *
 *   OFFSET  SIZE  FIELD (of the header's block)
 *        0    32  table    of the members
 *   entry:
 *        0     4  header   key at word 1
 *        4        member   its bytes; or the unit of a blob
 *
 * Cost: see byte_table.ts. A member of up to 12 bytes takes 16, and 7 to 8 in the table.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import {
  initTable,
  TABLE_BYTES,
  tableFind,
  tableHash,
  tableInsert,
  tableRemove,
  tableSizeBytes,
} from "./byte_table.ts";
import { tableCheck, tableCopy, tableFree } from "./byte_table_walk.ts";
import type { Structure, Unit } from "./structure.ts";
import { copyEntry, createEntry, entryHeader, freeEntry, keyRoom } from "./table_entry.ts";

const HEADER_CLASS = pinnedClassOf(TABLE_BYTES);
const KEY_WORD = 1;

/** What `setTableAdd` did. */
export const ADDED = 1;
export const WAS_THERE = 0;
export const NO_MEMORY = -1;

/** @param k0 @param k1 key of the hash, any 32-bit integers @returns 0 when there is no memory */
export function createSetTable(arena: Arena, k0: number, k1: number): Unit {
  const table = arena.allocate(HEADER_CLASS);
  if (table === 0) return 0;
  if (initTable(arena, table, k0, k1)) return table;
  arena.free(table);
  return 0;
}

/** @returns the member's entry, 0 = none */
export function setTableFind(
  arena: Arena,
  table: Unit,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  const hash = tableHash(arena.words, table, source, offset, length);
  return tableFind(arena, table, hash, source, offset, length);
}

/** Adds a member. @returns ADDED, WAS_THERE, or NO_MEMORY: then nothing was changed */
export function setTableAdd(
  arena: Arena,
  table: Unit,
  source: Memory,
  offset: number,
  length: number,
): number {
  const hash = tableHash(arena.words, table, source, offset, length);
  if (tableFind(arena, table, hash, source, offset, length) !== 0) return WAS_THERE;
  const header = entryHeader(length, KEY_WORD);
  const size = 4 + keyRoom(length);
  const entry = createEntry(arena, size, header, hash, source, offset, length);
  if (entry === 0) return NO_MEMORY;
  if (tableInsert(arena, table, hash, entry)) return ADDED;
  freeEntry(arena, entry);
  return NO_MEMORY;
}

/** Removes an entry that is there. @param hash of its member */
export function setTableRemove(arena: Arena, table: Unit, hash: number, entry: Unit): void {
  tableRemove(arena, table, hash, entry);
  freeEntry(arena, entry);
}

export const setTable: Structure = {
  free(arena, header, budget) {
    if (!tableFree(arena, header, budget, freeEntry)) return false;
    arena.free(header);
    return true;
  },
  copy(source, header, target) {
    const copy = target.allocate(HEADER_CLASS);
    if (copy === 0) return 0;
    if (tableCopy(source, header, target, copy, copyEntry, freeEntry)) return copy;
    target.free(copy);
    return 0;
  },
  sizeBytes(arena, header) {
    return arena.blockSize(header) + tableSizeBytes(arena.words, header);
  },
  check(arena, header, owner) {
    owner.ownsBlock(header);
    tableCheck(arena, header, owner);
  },
};
