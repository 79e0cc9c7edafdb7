/** Changes inside of lists: LSET, LINSERT, LREM and LTRIM. What follows from a change is done here, too. */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Settings } from "../ports/settings.ts";
import * as listpack from "../structs/listpack.ts";
import { removeRange } from "../structs/quicklist.ts";
import { QuicklistCursor } from "../structs/quicklist_cursor.ts";
import { insertAt, replaceAt } from "../structs/quicklist_edit.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { ListCursor } from "./list_cursor.ts";
import {
  arenaOfList,
  fitCompact,
  isQuicklist,
  KIND_LISTPACK,
  listLength,
  prepareGrowth,
  quicklistOf,
  shrink,
} from "./list_shape.ts";
import { OutOfMemory, type RecordRef } from "./record_kinds.ts";

const cursor = new ListCursor();

/**
 * Puts a string in the place of the element at an index.
 * @param source not the memory of the keyspace
 * @returns whether there is such an element
 * @throws OutOfMemory; nothing was changed
 */
export function setElement(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  index: number,
  source: Region,
  offset: number,
  length: number,
): boolean {
  const size = listpack.sizeOfString(source.bytes, offset, length);
  const at = prepareGrowth(ks, settings, db, batch, arg, ref, length, size, 1);
  if (index < 0 || index >= listLength(ks, at)) return false;
  const { dirty } = ks.stats;
  if (isQuicklist(ks, at)) {
    const arena = arenaOfList(ks, at), list = quicklistOf(ks, at);
    cursor.seek(ks, at, index);
    const { node, index: inNode, at: place } = cursor.quick;
    if (!replaceAt(arena, list, node, inNode, place, source, offset, length)) {
      throw new OutOfMemory();
    }
    shrink(ks, settings, db, batch, arg, at);
  } else {
    replaceInCompact(ks, db, batch, arg, at, index, source, offset, length, size);
  }
  ks.stats.dirty = dirty + 1;
  return true;
}

function replaceInCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  index: number,
  source: Region,
  offset: number,
  length: number,
  size: number,
): void {
  const { bytes } = ks.regionOf(ref);
  let lp = ks.valueOffset(ref);
  const p = listpack.seek(bytes, lp, index);
  const growth = size - listpack.sizeAt(bytes, p);
  let at = ref;
  if (growth > 0) {
    const total = listpack.totalBytes(bytes, lp) + growth;
    at = ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  }
  const distance = p - lp;
  lp = ks.valueOffset(at);
  listpack.replace(ks.regionOf(at), lp, lp + distance, source, offset, length);
  if (growth < 0) fitCompact(ks, db, batch, arg, at);
}

/**
 * Inserts argument `value` beside the first element that is argument `pivot`.
 * @returns whether there is such an element
 * @throws OutOfMemory; nothing was changed
 */
export function insertBeside(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  pivot: number,
  value: number,
  isBehind: boolean,
): boolean {
  const { input, argOffsets, argLengths } = batch;
  const offset = argOffsets[value], length = argLengths[value];
  const size = listpack.sizeOfString(input.bytes, offset, length);
  const at = prepareGrowth(ks, settings, db, batch, arg, ref, length, size, 1);
  cursor.seek(ks, at, 0);
  while (!cursor.equals(input, argOffsets[pivot], argLengths[pivot])) {
    if (!cursor.move(true)) return false;
  }
  const { dirty } = ks.stats;
  let distance = cursor.at;
  if (isBehind && !cursor.isLong) distance += listpack.sizeAt(cursor.memory.bytes, cursor.p);
  if (isQuicklist(ks, at)) {
    const arena = arenaOfList(ks, at), list = quicklistOf(ks, at);
    const { node, index } = cursor.quick;
    const place = index + (isBehind ? 1 : 0);
    if (!insertAt(arena, list, node, place, distance, isBehind, input, offset, length)) {
      throw new OutOfMemory();
    }
  } else {
    const total = listpack.totalBytes(ks.regionOf(at).bytes, ks.valueOffset(at)) + size;
    const moved = ks.resize(db, batch, arg, at, KIND_LISTPACK, total);
    const lp = ks.valueOffset(moved);
    listpack.insert(ks.regionOf(moved), lp, lp + distance, input, offset, length);
  }
  ks.stats.dirty = dirty + 1;
  return true;
}

const walker = new QuicklistCursor();

/**
 * Removes elements that are argument `value`, and the key with the last element.
 * @param limit how many at most @param isForward whether the first ones, not the last ones
 * @returns how many were removed
 * @throws OutOfMemory; some may have been removed
 */
export function removeEqual(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  value: number,
  limit: number,
  isForward: boolean,
): number {
  const { dirty } = ks.stats;
  const removed = isQuicklist(ks, ref)
    ? removeFromQuicklist(ks, batch, ref, value, limit, isForward)
    : removeFromCompact(ks, batch, ref, value, limit, isForward);
  if (removed === 0) return 0;
  if (listLength(ks, ref) === 0) ks.remove(db, batch, arg);
  else if (isQuicklist(ks, ref)) shrink(ks, settings, db, batch, arg, ref);
  else fitCompact(ks, db, batch, arg, ref);
  ks.stats.dirty = dirty + removed;
  return removed;
}

function removeFromCompact(
  ks: Keyspace,
  batch: CommandBatch,
  ref: RecordRef,
  value: number,
  limit: number,
  isForward: boolean,
): number {
  const { input, argOffsets, argLengths } = batch;
  const offset = argOffsets[value], length = argLengths[value];
  const region = ks.regionOf(ref);
  const { bytes } = region;
  const lp = ks.valueOffset(ref);
  let removed = 0;
  if (isForward) {
    let p = listpack.find(region, listpack.first(bytes, lp), input, offset, length, 0);
    for (; p !== 0; p = listpack.find(region, p, input, offset, length, 0)) {
      p = listpack.remove(bytes, lp, p);
      if (++removed === limit) break;
    }
    return removed;
  }
  for (let p = listpack.last(bytes, lp); p !== 0 && removed < limit;) {
    const before = listpack.before(bytes, lp, p);
    if (listpack.equals(region, p, input, offset, length)) {
      listpack.remove(bytes, lp, p);
      removed++;
    }
    p = before;
  }
  return removed;
}

function removeFromQuicklist(
  ks: Keyspace,
  batch: CommandBatch,
  ref: RecordRef,
  value: number,
  limit: number,
  isForward: boolean,
): number {
  const { input, argOffsets, argLengths } = batch;
  const offset = argOffsets[value], length = argLengths[value];
  walker.seek(arenaOfList(ks, ref), quicklistOf(ks, ref), isForward ? 0 : listLength(ks, ref) - 1);
  let removed = 0;
  try {
    for (let hasMore = true; hasMore && removed < limit;) {
      if (!walker.equals(input, offset, length)) {
        hasMore = isForward ? walker.next() : walker.previous();
      } else {
        if (!walker.prepareRemoval()) throw new OutOfMemory();
        hasMore = walker.remove(isForward);
        removed++;
      }
    }
  } finally {
    walker.finish();
  }
  return removed;
}

/**
 * Keeps `count` elements from an index on, and none of the others; they are all there. With none
 * left the key is removed.
 * @throws OutOfMemory; what is behind those to be kept may be gone
 */
export function keepRange(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  index: number,
  count: number,
): void {
  const length = listLength(ks, ref);
  if (count === length) return;
  const { dirty } = ks.stats;
  const end = index + count;
  if (count === 0) {
    ks.remove(db, batch, arg);
  } else if (isQuicklist(ks, ref)) {
    const arena = arenaOfList(ks, ref), list = quicklistOf(ks, ref);
    if (end < length && !removeRange(arena, list, end, length - end)) throw new OutOfMemory();
    if (index > 0 && !removeRange(arena, list, 0, index)) throw new OutOfMemory();
    shrink(ks, settings, db, batch, arg, ref);
  } else {
    const { bytes } = ks.regionOf(ref);
    const lp = ks.valueOffset(ref);
    if (end < length) {
      listpack.removeRange(bytes, lp, listpack.seek(bytes, lp, end), length - end);
    }
    if (index > 0) listpack.removeRange(bytes, lp, listpack.first(bytes, lp), index);
    fitCompact(ks, db, batch, arg, ref);
  }
  ks.stats.dirty = dirty + length - count;
}
