/**
 * Sorted sets: small ones in one record, large ones in a skip list with a table.
 *
 *   encoding    value part of the record                     holds
 *   LISTPACK    listpack (sorted_set_listpack.ts)            at most zset-max-listpack-entries, all short
 *   SKIPLIST    reference of a sorted set (structs/sorted_set.ts)  anything
 *
 * One that became a skip list stays one when members go; none is ever empty: who removes the last
 * member removes the key. Functions that change a sorted set return its record, which may have moved.
 *
 * Source of the points of conversion: Redis src/t_zset.c. There is one more: a listpack takes at most
 * MAX_COMPACT_BYTES, whatever the settings say.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { MAX_COMPACT_BYTES, setKindAndLength } from "../memory/record.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Settings } from "../ports/settings.ts";
import * as listpack from "../structs/listpack.ts";
import { rankOf as rankOfNode, updateScore } from "../structs/skip_list.ts";
import { scoreOf as scoreOfNode } from "../structs/skip_list_node.ts";
import * as sortedSet from "../structs/sorted_set.ts";
import type { Unit } from "../structs/structure.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import type { StructureRef } from "./outside_values.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  LOCAL_MASK,
  makeKind,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  SHARD_SHIFT,
  TYPE_ZSET,
} from "./record_kinds.ts";
import type { Records } from "./records.ts";
import { SortedSetCursor } from "./sorted_set_cursor.ts";
import * as compact from "./sorted_set_listpack.ts";

export const KIND_LISTPACK: number = makeKind(TYPE_ZSET, ENCODING_LISTPACK);
export const KIND_SKIPLIST: number = makeKind(TYPE_ZSET, ENCODING_SKIPLIST);

/** Conditions of `addScore`, as bits. */
export const ONLY_NEW = 1;
export const ONLY_KNOWN = 2;
export const ONLY_GREATER = 4;
export const ONLY_LESS = 8;
/** The score is added to what the member has. */
export const INCREMENT = 16;

/** What `addScore` did. */
export const WAS_REFUSED = 0;
export const WAS_SAME = 1;
export const WAS_ADDED = 2;
export const WAS_UPDATED = 3;
export const IS_NOT_A_NUMBER = 4;

/** The record that `addScore` left, and the member's score there. */
export const outcome = { ref: 0, score: 0.5 };

/** Walks over what becomes a skip list. */
const converted = new SortedSetCursor();

function isLarge(ks: Records, ref: RecordRef): boolean {
  return ks.encodingOf(ref) === ENCODING_SKIPLIST;
}

/** Arena of the structure of a record. */
function arenaOf(ks: Records, ref: RecordRef): Arena {
  return ks.outside.arenaOf(ks.structureRef(ref));
}

/** Unit of the structure of a record. */
function setOf(ks: Records, ref: RecordRef): Unit {
  return ks.structureRef(ref) & LOCAL_MASK;
}

/** Number of members. */
export function lengthOf(ks: Records, ref: RecordRef): number {
  if (isLarge(ks, ref)) return sortedSet.countMembers(arenaOf(ks, ref), setOf(ks, ref));
  return compact.countOf(ks.regionOf(ref).bytes, ks.valueOffset(ref));
}

function findNode(
  ks: Records,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): Unit {
  const arena = arenaOf(ks, ref), set = setOf(ks, ref);
  const hash = sortedSet.hashMember(arena, set, source, offset, length);
  return sortedSet.findMember(arena, set, hash, source, offset, length);
}

/**
 * The score of a member. @param source with 8 readable bytes behind the member
 * @returns NaN when it is none
 */
export function scoreOf(
  ks: Records,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): number {
  if (isLarge(ks, ref)) {
    const node = findNode(ks, ref, source, offset, length);
    return node === 0 ? NaN : scoreOfNode(arenaOf(ks, ref), node);
  }
  const region = ks.regionOf(ref);
  const p = compact.findMember(region, ks.valueOffset(ref), source, offset, length);
  return p === 0 ? NaN : compact.scoreBehind(region.bytes, p);
}

/** How many members are before a member; its score is in `outcome.score`. @returns -1 if it is none */
export function rankOf(
  ks: Records,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
): number {
  if (isLarge(ks, ref)) {
    const node = findNode(ks, ref, source, offset, length);
    if (node === 0) return -1;
    const arena = arenaOf(ks, ref);
    outcome.score = scoreOfNode(arena, node);
    return rankOfNode(arena, setOf(ks, ref), node);
  }
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const p = compact.findMember(region, lp, source, offset, length);
  if (p === 0) return -1;
  outcome.score = compact.scoreBehind(region.bytes, p);
  return compact.rankAt(region.bytes, lp, p);
}

/** Makes an empty structure for a key of this hash. @throws OutOfMemory */
export function createStructure(ks: Keyspace, hash: number): StructureRef {
  const shard = ks.outside.shardWithRoom(ks.shardOf(hash));
  const { random } = ks;
  const set = sortedSet.createSortedSet(ks.arenas[shard], random.int32(), random.int32());
  if (set === 0) throw new OutOfMemory();
  return (shard << SHARD_SHIFT) | set;
}

/** Adds a member that is not there to a structure. @throws OutOfMemory; nothing was changed */
export function addToStructure(
  ks: Records,
  structure: StructureRef,
  score: number,
  source: Memory,
  offset: number,
  length: number,
): void {
  const arena = ks.outside.arenaOf(structure), set = structure & LOCAL_MASK;
  const hash = sortedSet.hashMember(arena, set, source, offset, length);
  const random = ks.random.int32();
  if (sortedSet.addMember(arena, set, hash, score, source, offset, length, random) === 0) {
    throw new OutOfMemory();
  }
}

/**
 * Makes a sorted set of one member, whatever the key held.
 * @param hint how many members are about to be added
 * @throws OutOfMemory; nothing was changed
 */
export function createSortedSet(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  settings: Settings,
  score: number,
  source: Region,
  offset: number,
  length: number,
  hint: number,
): RecordRef {
  if (hint <= settings.zsetMaxListpackEntries && length <= settings.zsetMaxListpackValue) {
    const total = listpack.EMPTY_BYTES + compact.sizeOfMember(source, offset, length, score);
    if (total <= MAX_COMPACT_BYTES) {
      const ref = ks.place(db, batch, arg, KIND_LISTPACK, total, NO_EXPIRY);
      const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
      listpack.writeEmpty(region.bytes, lp);
      compact.insertMember(region, lp, source, offset, length, score);
      return ref;
    }
  }
  const structure = createStructure(ks, batch.argHashes[arg]);
  try {
    addToStructure(ks, structure, score, source, offset, length);
    return ks.placeStructure(db, batch, arg, KIND_SKIPLIST, structure, NO_EXPIRY);
  } catch (error) {
    ks.outside.release(KIND_SKIPLIST, structure);
    throw error;
  }
}

/**
 * Makes a listpack a skip list when so many members are about to be added that it would become one.
 * @throws OutOfMemory; nothing was changed
 */
export function prepareSortedSet(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  hint: number,
): RecordRef {
  return hint <= settings.zsetMaxListpackEntries ? ref : makeSkipList(ks, db, batch, arg, ref);
}

/**
 * Makes a sorted set a skip list whatever it is; that is no change of its value.
 * @throws OutOfMemory; nothing was changed
 */
export function makeSkipList(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  if (isLarge(ks, ref)) return ref;
  const { dirty } = ks.stats;
  const made = becomeLarge(ks, db, batch, arg, ref);
  ks.stats.dirty = dirty;
  return made;
}

/** Makes a listpack a skip list. @throws OutOfMemory; nothing was changed */
function becomeLarge(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
): RecordRef {
  const structure = createStructure(ks, batch.argHashes[arg]);
  try {
    for (converted.open(ks, ref, 0, false); converted.isThere; converted.next()) {
      const { score, memory, offset, length } = converted;
      addToStructure(ks, structure, score, memory, offset, length);
    }
    return ks.becomeStructure(db, batch, arg, ref, KIND_SKIPLIST, structure);
  } catch (error) {
    ks.outside.release(KIND_SKIPLIST, structure);
    throw error;
  }
}

/** The score that a known member gets, in `outcome.score`; what `addScore` replies if it stays. */
function newScore(current: number, score: number, conditions: number): number {
  outcome.score = current;
  if ((conditions & ONLY_NEW) !== 0) return WAS_REFUSED;
  const wanted = (conditions & INCREMENT) !== 0 ? current + score : score;
  if (wanted !== wanted) return IS_NOT_A_NUMBER;
  if (
    ((conditions & ONLY_LESS) !== 0 && wanted >= current) ||
    ((conditions & ONLY_GREATER) !== 0 && wanted <= current)
  ) return WAS_REFUSED;
  outcome.score = wanted;
  return wanted === current ? WAS_SAME : WAS_UPDATED;
}

/**
 * Adds a member, or gives it another score.
 * @param score not NaN @param source not the set's own memory, with 8 readable bytes behind the member
 * @param conditions bits
 * @returns what was done; the record and the score are in `outcome`
 * @throws OutOfMemory; nothing was changed
 */
export function addScore(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  settings: Settings,
  score: number,
  source: Region,
  offset: number,
  length: number,
  conditions: number,
): number {
  outcome.ref = ref;
  if (isLarge(ks, ref)) return addToLarge(ks, ref, score, source, offset, length, conditions);
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const { bytes } = region;
  const total = listpack.totalBytes(bytes, lp);
  const p = compact.findMember(region, lp, source, offset, length);
  if (p !== 0) {
    const done = newScore(compact.scoreBehind(bytes, p), score, conditions);
    if (done !== WAS_UPDATED) return done;
    return updateCompact(ks, db, batch, arg, ref, p, source, offset, length);
  }
  if ((conditions & ONLY_KNOWN) !== 0) return WAS_REFUSED;
  outcome.score = score;
  const grown = total + compact.sizeOfMember(source, offset, length, score);
  if (
    compact.countOf(bytes, lp) >= settings.zsetMaxListpackEntries ||
    length > settings.zsetMaxListpackValue || grown > MAX_COMPACT_BYTES
  ) {
    outcome.ref = becomeLarge(ks, db, batch, arg, ref);
    return addToLarge(ks, outcome.ref, score, source, offset, length, 0);
  }
  const moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, grown);
  compact.insertMember(region, ks.valueOffset(moved), source, offset, length, score);
  outcome.ref = moved;
  return WAS_ADDED;
}

/** Gives the member at `p` the score in `outcome`. */
function updateCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  p: listpack.Position,
  source: Region,
  offset: number,
  length: number,
): number {
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const { bytes } = region;
  const { score } = outcome;
  const total = listpack.totalBytes(bytes, lp);
  const wanted = total - listpack.sizeOfRange(bytes, p, 2) +
    compact.sizeOfMember(source, offset, length, score);
  if (wanted > MAX_COMPACT_BYTES) {
    outcome.ref = becomeLarge(ks, db, batch, arg, ref);
    return addToLarge(ks, outcome.ref, score, source, offset, length, 0);
  }
  let moved = ref;
  if (wanted > total) moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, wanted);
  const at = ks.valueOffset(moved);
  listpack.removeRange(bytes, at, at + p - lp, 2);
  compact.insertMember(region, at, source, offset, length, score);
  if (wanted < total) moved = shrink(ks, db, batch, arg, moved);
  else if (wanted === total) ks.stats.dirty++;
  outcome.ref = moved;
  return WAS_UPDATED;
}

function addToLarge(
  ks: Keyspace,
  ref: RecordRef,
  score: number,
  source: Region,
  offset: number,
  length: number,
  conditions: number,
): number {
  const arena = arenaOf(ks, ref), set = setOf(ks, ref);
  const hash = sortedSet.hashMember(arena, set, source, offset, length);
  const node = sortedSet.findMember(arena, set, hash, source, offset, length);
  if (node !== 0) {
    const done = newScore(scoreOfNode(arena, node), score, conditions);
    if (done !== WAS_UPDATED) return done;
    updateScore(arena, set, node, outcome.score);
    ks.stats.dirty++;
    return WAS_UPDATED;
  }
  if ((conditions & ONLY_KNOWN) !== 0) return WAS_REFUSED;
  const random = ks.random.int32();
  if (sortedSet.addMember(arena, set, hash, score, source, offset, length, random) === 0) {
    throw new OutOfMemory();
  }
  outcome.score = score;
  ks.stats.dirty++;
  return WAS_ADDED;
}

/**
 * Removes a member. The key of a sorted set without members is the caller's to remove.
 * @returns the record; 0 when it is no member
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
  if (isLarge(ks, ref)) {
    const arena = arenaOf(ks, ref), set = setOf(ks, ref);
    const hash = sortedSet.hashMember(arena, set, source, offset, length);
    const node = sortedSet.findMember(arena, set, hash, source, offset, length);
    if (node === 0) return 0;
    sortedSet.removeMember(arena, set, hash, node);
    ks.stats.dirty++;
    return ref;
  }
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  const p = compact.findMember(region, lp, source, offset, length);
  if (p === 0) return 0;
  listpack.removeRange(region.bytes, lp, p, 2);
  return shrink(ks, db, batch, arg, ref);
}

/** Gives back what a listpack needs no longer. @returns the record, which may have moved */
function shrink(
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
    // It stays where it is, in a block that is larger than it need be.
    setKindAndLength(ks.wordsOf(ref), ks.localOf(ref), KIND_LISTPACK, total);
    ks.stats.dirty++;
    return ref;
  }
}

/**
 * Removes `count` members, of which the first has this rank, and the key when none is left.
 * @returns the record, 0 when it is gone
 */
export function removeRanks(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  rank: number,
  count: number,
): RecordRef {
  if (count === 0) return ref;
  if (count === lengthOf(ks, ref)) {
    ks.stats.dirty += count - 1;
    ks.remove(db, batch, arg);
    return 0;
  }
  if (isLarge(ks, ref)) {
    sortedSet.removeRanks(arenaOf(ks, ref), setOf(ks, ref), rank, count);
    ks.stats.dirty += count;
    return ref;
  }
  const { bytes } = ks.regionOf(ref), lp = ks.valueOffset(ref);
  listpack.removeRange(bytes, lp, listpack.seek(bytes, lp, rank * 2), count * 2);
  ks.stats.dirty += count - 1;
  return shrink(ks, db, batch, arg, ref);
}
