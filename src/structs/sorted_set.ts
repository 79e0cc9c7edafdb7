/**
 * Sorted set: a skip list and a byte table over the same nodes, so that a member is found by its bytes
 * and by its place.
 *
 *   OFFSET  SIZE  FIELD of the header, one pinned block
 *        0   128  list      (skip_list.ts)
 *      128        table     (byte_table.ts)
 *
 *   list ──▶ (1, a) ──▶ (1, b) ──▶ (2, c)
 *               ▲          ▲          ▲
 *   table ──────┴──────────┴──────────┘
 *
 * Invariants: the list and the table hold the same nodes. A set that is being freed has an empty list,
 * and what is left of it in its table.
 * Cost: a member of 12 bytes takes some 45 bytes; finding one O(1), adding and removing O(log n).
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import {
  BUCKETS_WORD,
  entryHash,
  initTable,
  K0_WORD,
  K1_WORD,
  TABLE_BYTES,
  tableCount,
  tableFind,
  tableHash,
  tableInsert,
  tableRemove,
  tableSizeBytes,
} from "./byte_table.ts";
import { tableCheck, tableFree, tableScan } from "./byte_table_walk.ts";
import {
  appendNode,
  firstOf,
  initList,
  insertNode,
  LIST_BYTES,
  listLength,
  removeFirst,
  removeNode,
  removeNodes,
} from "./skip_list.ts";
import { checkList } from "./skip_list_check.ts";
import { aim, aimed, createNode, levelsFor, MAX_LEVELS, nextOf } from "./skip_list_node.ts";
import type { BlockOwner, Structure, Unit } from "./structure.ts";
import { copyEntry, freeEntry } from "./table_entry.ts";

/** Units from the set's header to its table's. */
export const TABLE_UNIT: number = LIST_BYTES >> 3;

/**
 * Makes an empty sorted set. @param k0 @param k1 key of the table's hash, any 32-bit integers
 * @returns 0 when there is no memory
 */
export function createSortedSet(arena: Arena, k0: number, k1: number): Unit {
  const set = arena.allocate(pinnedClassOf(LIST_BYTES + TABLE_BYTES));
  if (set === 0) return 0;
  initList(arena.words, set);
  if (initTable(arena, set + TABLE_UNIT, k0, k1)) return set;
  arena.free(set);
  return 0;
}

/** Number of members. */
export function countMembers(arena: Arena, set: Unit): number {
  return listLength(arena.words, set);
}

/** Hash of a member in this set. */
export function hashMember(
  arena: Arena,
  set: Unit,
  source: Memory,
  offset: number,
  length: number,
): number {
  return tableHash(arena.words, set + TABLE_UNIT, source, offset, length);
}

/** The node of a member, 0 = none. @param hash what `hashMember` gives */
export function findMember(
  arena: Arena,
  set: Unit,
  hash: number,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  return tableFind(arena, set + TABLE_UNIT, hash, source, offset, length);
}

/**
 * Adds a member that is not there yet.
 * @param hash what `hashMember` gives @param score not NaN
 * @param source with 8 readable bytes behind the member @param random 32 random bits
 * @returns its node, 0 when there is no memory; nothing was changed then
 */
export function addMember(
  arena: Arena,
  set: Unit,
  hash: number,
  score: number,
  source: Memory,
  offset: number,
  length: number,
  random: number,
): Unit {
  const node = createNode(arena, levelsFor(random), score, source, offset, length, hash);
  if (node === 0) return 0;
  if (!tableInsert(arena, set + TABLE_UNIT, hash, node)) {
    freeEntry(arena, node);
    return 0;
  }
  insertNode(arena, set, node);
  return node;
}

/** Removes a member. @param hash what `hashMember` gives */
export function removeMember(arena: Arena, set: Unit, hash: number, node: Unit): void {
  removeNode(arena, set, node);
  tableRemove(arena, set + TABLE_UNIT, hash, node);
  freeEntry(arena, node);
}

/** Removes `count` members, of which the first has this rank. */
export function removeRanks(arena: Arena, set: Unit, rank: number, count: number): void {
  const table = set + TABLE_UNIT;
  if (rank === 0 && count === 1) {
    leave(arena, table, removeFirst(arena, set));
  } else {
    removeNodes(arena, set, rank, count, (node) => leave(arena, table, node));
  }
}

function leave(arena: Arena, table: Unit, node: Unit): void {
  tableRemove(arena, table, entryHash(arena, table, node), node);
  freeEntry(arena, node);
}

/**
 * Visits some of the nodes, from where a former call stopped.
 * @param cursor 0 to begin, else what the former call returned
 * @returns the next cursor, 0 at the end. What is there all the time is visited at least once
 */
export function scanMembers(
  arena: Arena,
  set: Unit,
  cursor: number,
  visit: (node: Unit) => void,
): number {
  return tableScan(arena, set + TABLE_UNIT, cursor, visit);
}

function freeSet(arena: Arena, set: Unit, budget: number): boolean {
  initList(arena.words, set);
  if (!tableFree(arena, set + TABLE_UNIT, budget, freeEntry)) return false;
  arena.free(set);
  return true;
}

function copySet(source: Arena, set: Unit, target: Arena): Unit {
  const { words } = source;
  const table = (set + TABLE_UNIT) << 1;
  const copy = createSortedSet(target, words[table + K0_WORD], words[table + K1_WORD]);
  if (copy === 0) return 0;
  const tails = new Int32Array(MAX_LEVELS).fill(copy);
  for (let node = firstOf(words, set); node !== 0; node = nextOf(words, node)) {
    const made = copyEntry(source, node, target);
    const hash = entryHash(source, set + TABLE_UNIT, node);
    if (made === 0 || !tableInsert(target, copy + TABLE_UNIT, hash, made)) {
      if (made !== 0) freeEntry(target, made);
      freeSet(target, copy, Infinity);
      return 0;
    }
    appendNode(target, copy, made, tails);
  }
  return copy;
}

function sizeOfSet(arena: Arena, set: Unit): number {
  return arena.blockSize(set) + tableSizeBytes(arena.words, set + TABLE_UNIT);
}

function checkSet(arena: Arena, set: Unit, owner: BlockOwner): void {
  owner.ownsBlock(set);
  const table = set + TABLE_UNIT;
  const length = countMembers(arena, set);
  if (arena.words[(table << 1) + BUCKETS_WORD] === 0) {
    if (length > 0) throw new Error("a sorted set without its table");
    return;
  }
  tableCheck(arena, table, owner);
  if (length === 0) return;
  checkList(arena, set);
  if (tableCount(arena.words, table) !== length) {
    throw new Error(`${length} nodes in the list, not as many in the table`);
  }
  for (let node = firstOf(arena.words, set); node !== 0; node = nextOf(arena.words, node)) {
    aim(arena, node);
    const hash = entryHash(arena, table, node);
    if (tableFind(arena, table, hash, aimed.memory, aimed.offset, aimed.length) !== node) {
      throw new Error(`node ${node} is not in the table`);
    }
  }
}

/** Sorted sets as values of the keyspace. */
export const SORTED_SET: Structure = {
  free: freeSet,
  copy: copySet,
  sizeBytes: sizeOfSet,
  check: checkSet,
};
