/**
 * Lists: short ones as one listpack in their record, long ones as a quicklist.
 *
 *   encoding    value part of the record         when
 *   LISTPACK    the listpack                     within list-max-listpack-size, at most MAX_NODE_BYTES
 *   QUICKLIST   reference of a quicklist         beyond; until one node of at most half of that is left
 *
 * No list is ever empty. This file has the two conversions; a conversion alone is no change of the key.
 * Source of the points of conversion: Redis 7.2, src/t_list.c.
 */
import type { Arena } from "../memory/arena.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Settings } from "../ports/settings.ts";
import * as listpack from "../structs/listpack.ts";
import { createHeader, lengthOf, type List } from "../structs/quicklist_header.ts";
import {
  exceedsLimit,
  isWithinHalf,
  isWithinWhole,
  MAX_NODE_BYTES,
} from "../structs/quicklist_limits.ts";
import { listpackIn, nodeBytes, nodeCount, readable } from "../structs/quicklist_node.ts";
import { appendListpack, onlyListpackNode, quicklist } from "../structs/quicklist_structure.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import type { StructureRef } from "./outside_values.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  LOCAL_MASK,
  makeKind,
  OutOfMemory,
  type RecordRef,
  SHARD_SHIFT,
  TYPE_LIST,
} from "./record_kinds.ts";

export const KIND_LISTPACK: number = makeKind(TYPE_LIST, ENCODING_LISTPACK);
export const KIND_QUICKLIST: number = makeKind(TYPE_LIST, ENCODING_QUICKLIST);

export function isQuicklist(ks: Keyspace, ref: RecordRef): boolean {
  return ks.encodingOf(ref) === ENCODING_QUICKLIST;
}

/** The arena that a list's quicklist is in. */
export function arenaOfList(ks: Keyspace, ref: RecordRef): Arena {
  return ks.outside.arenaOf(ks.structureRef(ref));
}

/** The quicklist of a list, in `arenaOfList`. */
export function quicklistOf(ks: Keyspace, ref: RecordRef): List {
  return ks.structureRef(ref) & LOCAL_MASK;
}

/** Number of elements. */
export function listLength(ks: Keyspace, ref: RecordRef): number {
  return isQuicklist(ks, ref)
    ? lengthOf(arenaOfList(ks, ref), quicklistOf(ks, ref))
    : listpack.length(ks.regionOf(ref).bytes, ks.valueOffset(ref));
}

/** Makes an empty quicklist, in the shard of a key if there is room. @throws OutOfMemory */
export function createQuicklist(ks: Keyspace, settings: Settings, hash: number): StructureRef {
  const shard = ks.outside.shardWithRoom(ks.shardOf(hash));
  const list = createHeader(
    ks.arenas[shard],
    settings.listMaxListpackSize,
    settings.listCompressDepth,
  );
  if (list === 0) throw new OutOfMemory();
  return (shard << SHARD_SHIFT) | list;
}

/** Frees a quicklist that no record refers to. */
export function discardQuicklist(ks: Keyspace, structure: StructureRef): void {
  while (!quicklist.free(ks.outside.arenaOf(structure), structure & LOCAL_MASK, Infinity));
}

/** Turns a short list into a quicklist. @throws OutOfMemory; nothing was changed */
export function becomeQuicklist(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  const { dirty } = ks.stats;
  const structure = createQuicklist(ks, settings, batch.argHashes[arg]);
  try {
    const arena = ks.outside.arenaOf(structure);
    const list = structure & LOCAL_MASK;
    if (!appendListpack(arena, list, ks.regionOf(ref), ks.valueOffset(ref))) {
      throw new OutOfMemory();
    }
    return ks.becomeStructure(db, batch, arg, ref, KIND_QUICKLIST, structure);
  } catch (error) {
    discardQuicklist(ks, structure);
    throw error;
  } finally {
    ks.stats.dirty = dirty;
  }
}

/**
 * Turns a short list into a quicklist if it would be too long with what is to come.
 * @param textBytes lengths of the new elements @param size their bytes in a listpack
 * @returns the record, which may have moved
 * @throws OutOfMemory; nothing was changed
 */
export function prepareGrowth(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  textBytes: number,
  size: number,
  count: number,
): RecordRef {
  if (isQuicklist(ks, ref)) return ref;
  const { bytes } = ks.regionOf(ref);
  const lp = ks.valueOffset(ref);
  const total = listpack.totalBytes(bytes, lp);
  const isShort = isCompact(
    settings,
    total + textBytes,
    total + size,
    listpack.length(bytes, lp) + count,
  );
  return isShort ? ref : becomeQuicklist(ks, settings, db, batch, arg, ref);
}

/**
 * Whether a list is short enough for one listpack.
 * @param reckoned bytes as Redis reckons them @param total bytes of the listpack
 */
export function isCompact(
  settings: Settings,
  reckoned: number,
  total: number,
  count: number,
): boolean {
  return total <= MAX_NODE_BYTES && !exceedsLimit(settings.listMaxListpackSize, reckoned, count);
}

/**
 * Turns a quicklist back into a listpack if it has become short: one node, and that at most half full.
 * @param isRemoval false: if it is short at all, as when it was just made
 * @returns the record, which may have moved
 */
export function shrink(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  isRemoval = true,
): RecordRef {
  const structure = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(structure);
  const node = onlyListpackNode(arena, structure & LOCAL_MASK);
  if (node === 0) return ref;
  const bytes = nodeBytes(arena, node), count = nodeCount(arena, node);
  const isShort = isRemoval ? isWithinHalf : isWithinWhole;
  if (!isShort(settings.listMaxListpackSize, bytes, count)) return ref;
  const { dirty } = ks.stats;
  try {
    const moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, bytes);
    const memory = readable(arena, node);
    const from = listpackIn(memory, arena, node);
    ks.regionOf(moved).bytes.set(memory.bytes.subarray(from, from + bytes), ks.valueOffset(moved));
    discardQuicklist(ks, structure);
    return moved;
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    return ref; // It stays a quicklist, which is as good.
  } finally {
    ks.stats.dirty = dirty;
  }
}

/** Gives back what a short list does not need any more. @returns the record, which may have moved */
export function fitCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  const total = listpack.totalBytes(ks.regionOf(ref).bytes, ks.valueOffset(ref));
  try {
    return ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    return ref; // It keeps its block, for want of a smaller one.
  }
}
