/**
 * Deletes entries of streams, one by one or from the beginning.
 *
 * An entry is deleted by a flag; its bytes go with the node's last entry. What consumer groups know
 * of it is kept, forgotten with it, or protects it, as the caller wants.
 *
 * Source: Redis src/t_stream.c, streamTrim and streamDeleteItem.
 */
import type { Arena } from "../memory/arena.ts";
import { integerAt } from "./listpack.ts";
import { writeInteger } from "./listpack_element.ts";
import { RadixCursor } from "./radix_cursor.ts";
import { StreamCursor } from "./stream_cursor.ts";
import {
  FIRST_ID_WORD,
  firstValue,
  groupsOf,
  lastValue,
  LENGTH_WORD,
  MAX_DELETED_ID_WORD,
  nodesOf,
  removeById,
  TAIL_WORD,
  valueAfter,
} from "./stream_header.ts";
import { compareIds, copyId, ID_WORDS, setZeroId } from "./stream_id.ts";
import { DELETED, deletedCount, entryCount, freeNode, saveNode, setCounts } from "./stream_node.ts";
import { findPending, isReferencedBy, removePending } from "./stream_pending.ts";
import { forgetRaxNodes } from "./stream_rax.ts";
import type { Unit } from "./structure.ts";

/** What becomes of references that consumer groups have to a deleted entry. */
export const KEEP_REFERENCES = 0;
/** They are removed, too. */
export const DELETE_REFERENCES = 1;
/** An entry that has some is not deleted. */
export const ONLY_ACKNOWLEDGED = 2;

const cursor = new StreamCursor();
const walker = new StreamCursor();
const groups = new RadixCursor();
const nodeId = new Int32Array(ID_WORDS);

/** Whether there is an entry of that id. */
export function hasEntry(arena: Arena, stream: Unit, id: Int32Array, at: number): boolean {
  cursor.open(arena, stream, id, at, id, at, false);
  const isThere = cursor.next();
  cursor.release();
  return isThere;
}

/** Whether some group has still to read or to acknowledge the entry. */
export function isReferenced(arena: Arena, stream: Unit, id: Int32Array, at: number): boolean {
  for (let more = groups.first(arena, groupsOf(stream)); more; more = groups.next()) {
    if (isReferencedBy(arena, groups.value, id, at)) return true;
  }
  return false;
}

/** Forgets an entry in all groups. */
export function removeReferences(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  at: number,
): void {
  for (let more = groups.first(arena, groupsOf(stream)); more; more = groups.next()) {
    const pending = findPending(arena, groups.value, id, at);
    if (pending !== 0) removePending(arena, stream, groups.value, pending);
  }
}

/** Deletes an entry. @returns whether it was there */
export function deleteEntry(arena: Arena, stream: Unit, id: Int32Array, at: number): boolean {
  const { words } = arena;
  const head = stream << 1;
  cursor.open(arena, stream, id, at, id, at, false);
  if (!cursor.next()) return false;
  const isFirst = compareIds(id, at, words, head + FIRST_ID_WORD) === 0;
  if (compareIds(id, at, words, head + MAX_DELETED_ID_WORD) > 0) {
    copyId(id, at, words, head + MAX_DELETED_ID_WORD);
  }
  const count = entryCount(cursor.region.bytes, cursor.lp);
  if (count === 1) {
    removeNode(arena, stream, cursor.node);
  } else {
    markDeleted(cursor);
    setCounts(cursor, count - 1, deletedCount(cursor.region.bytes, cursor.lp) + 1);
    saveNode(arena, cursor.node, cursor);
  }
  cursor.release();
  words[head + LENGTH_WORD]--;
  if (isFirst) updateFirstId(arena, stream);
  return true;
}

function markDeleted(at: StreamCursor): void {
  const { bytes } = at.region;
  writeInteger(bytes, at.flagsAt, Number(integerAt(bytes, at.flagsAt)) | DELETED);
}

/** Removes a node with all its entries; the length is the caller's to mend. */
function removeNode(arena: Arena, stream: Unit, node: Unit): void {
  const { words } = arena;
  removeById(arena, nodesOf(stream), words, node << 1);
  if (words[(stream << 1) + TAIL_WORD] === node) {
    words[(stream << 1) + TAIL_WORD] = lastValue(arena, nodesOf(stream));
  }
  freeNode(arena, stream, node);
  forgetRaxNodes(arena, stream);
}

function updateFirstId(arena: Arena, stream: Unit): void {
  const at = (stream << 1) + FIRST_ID_WORD;
  cursor.openAll(arena, stream, false);
  if (cursor.next()) copyId(cursor.id, 0, arena.words, at);
  else setZeroId(arena.words, at);
  cursor.release();
}

/** Writes the id of the last entry. @returns false if there is none */
export function lastEntryId(arena: Arena, stream: Unit, id: Int32Array, at: number): boolean {
  cursor.openAll(arena, stream, true);
  const isThere = cursor.next();
  if (isThere) copyId(cursor.id, 0, id, at);
  cursor.release();
  return isThere;
}

/** How a stream is trimmed. */
export interface Trimming {
  /** Entries to leave; -1 if it is `minId` that counts. */
  maxLength: number;
  /** Least id to leave. */
  readonly minId: Int32Array;
  /** Whether only whole nodes are removed. */
  isApproximate: boolean;
  /** Most entries to remove, 0 = any number. */
  limit: number;
  references: number;
}

/** Deletes entries from the stream's beginning. @returns how many */
export function trimStream(arena: Arena, stream: Unit, trimming: Trimming): number {
  const { words } = arena;
  const head = stream << 1;
  const { maxLength, limit, references } = trimming;
  let deleted = 0;
  for (let node = firstValue(arena, nodesOf(stream)); node !== 0;) {
    const length = words[head + LENGTH_WORD];
    if (maxLength >= 0 && length <= maxLength) break;
    cursor.openAt(arena, stream, node, true);
    const entries = entryCount(cursor.region.bytes, cursor.lp);
    if (limit > 0 && deleted + entries > limit) break;
    const isWhole = maxLength >= 0
      ? length - entries >= maxLength
      : endsBefore(cursor, trimming.minId);
    copyId(words, node << 1, nodeId, 0);
    if (isWhole && references === KEEP_REFERENCES) {
      removeNode(arena, stream, node);
      words[head + LENGTH_WORD] -= entries;
      deleted += entries;
    } else {
      if (!isWhole && trimming.isApproximate) break;
      deleted += trimNode(arena, stream, node, entries, isWhole, trimming);
      if (!isWhole) break;
    }
    node = valueAfter(arena, nodesOf(stream), nodeId, 0);
  }
  cursor.release();
  if (deleted > 0) updateFirstId(arena, stream);
  return deleted;
}

/** Whether the node that the cursor came to from its end has only ids less than this one. */
function endsBefore(at: StreamCursor, id: Int32Array): boolean {
  at.showsDeleted = true;
  return at.next() && compareIds(at.id, 0, id, 0) < 0;
}

/**
 * Deletes entries of a node, from its beginning.
 * @param mayRemove whether the node goes with its last entry; else it stays with deleted ones only
 * @returns how many
 */
function trimNode(
  arena: Arena,
  stream: Unit,
  node: Unit,
  entries: number,
  mayRemove: boolean,
  trimming: Trimming,
): number {
  const { words } = arena;
  const head = stream << 1;
  const { maxLength, minId, references } = trimming;
  let deleted = 0;
  walker.openAt(arena, stream, node, false);
  for (let seen = 0; seen < entries && walker.next(); seen++) {
    const isEnough = maxLength >= 0
      ? words[head + LENGTH_WORD] <= maxLength
      : compareIds(walker.id, 0, minId, 0) >= 0;
    if (isEnough) break;
    if (references === ONLY_ACKNOWLEDGED) {
      if (isReferenced(arena, stream, walker.id, 0)) continue;
    } else if (references === DELETE_REFERENCES) {
      removeReferences(arena, stream, walker.id, 0);
    }
    markDeleted(walker);
    words[head + LENGTH_WORD]--;
    deleted++;
  }
  if (deleted === entries && mayRemove) {
    removeNode(arena, stream, node);
  } else if (deleted > 0) {
    setCounts(walker, entries - deleted, deletedCount(walker.region.bytes, walker.lp) + deleted);
    saveNode(arena, node, walker);
  }
  walker.release();
  return deleted;
}
