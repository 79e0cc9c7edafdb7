/**
 * Both ends of lists: pushing, popping, and moving from one list to another.
 *
 * What follows a push or a pop, such as the conversion of the list and the end of an empty one, is done
 * here too. Functions that change a list leave its record somewhere else, or remove it: look it up again.
 */
import { makeRegion } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { Settings } from "../ports/settings.ts";
import { blobLength, blobRead } from "../structs/blob.ts";
import * as listpack from "../structs/listpack.ts";
import { endPosition, pop, prepareRemoval, push, removeRange } from "../structs/quicklist.ts";
import { headOf, lengthOf, nodesOf, tailOf } from "../structs/quicklist_header.ts";
import { nodeCount } from "../structs/quicklist_node.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import type { StructureRef } from "./outside_values.ts";
import { replyElement } from "./elements.ts";
import { ListCursor, replyElements } from "./list_cursor.ts";
import {
  arenaOfList,
  becomeQuicklist,
  createQuicklist,
  discardQuicklist,
  fitCompact,
  isCompact,
  isQuicklist,
  KIND_LISTPACK,
  KIND_QUICKLIST,
  listLength,
  prepareGrowth,
  quicklistOf,
  shrink,
} from "./list_shape.ts";
import { LOCAL_MASK, NO_EXPIRY, OutOfMemory, type RecordRef } from "./record_kinds.ts";

export { replyElements } from "./list_cursor.ts";
export { listLength } from "./list_shape.ts";

/**
 * Pushes the arguments `first` up to, not including, `end` one after the other, as LPUSH and RPUSH.
 * @param ref the key's list, 0 = there is none yet
 * @returns the new length
 * @throws OutOfMemory; some of the elements may have been pushed
 */
export function pushArguments(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  first: number,
  end: number,
  isInFront: boolean,
): number {
  const { dirty } = ks.stats;
  const length = ref !== 0 && isQuicklist(ks, ref)
    ? pushToQuicklist(ks, ks.structureRef(ref), batch, first, end, isInFront)
    : pushToCompact(ks, settings, db, batch, arg, ref, first, end, isInFront);
  ks.stats.dirty = dirty + end - first;
  return length;
}

/** @returns the new length */
function pushToQuicklist(
  ks: Keyspace,
  structure: StructureRef,
  batch: CommandBatch,
  first: number,
  end: number,
  isInFront: boolean,
): number {
  const arena = ks.outside.arenaOf(structure);
  const list = structure & LOCAL_MASK;
  const { input, argOffsets, argLengths } = batch;
  for (let i = first; i < end; i++) {
    if (!push(arena, list, input, argOffsets[i], argLengths[i], isInFront)) throw new OutOfMemory();
  }
  return lengthOf(arena, list);
}

/** @returns the new length */
function pushToCompact(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  first: number,
  end: number,
  isInFront: boolean,
): number {
  const { input, argOffsets, argLengths } = batch;
  let total = listpack.EMPTY_BYTES, count = end - first;
  if (ref !== 0) {
    const { bytes } = ks.regionOf(ref);
    const lp = ks.valueOffset(ref);
    total = listpack.totalBytes(bytes, lp);
    count += listpack.length(bytes, lp);
  }
  let reckoned = total;
  for (let i = first; i < end; i++) {
    reckoned += argLengths[i];
    total += listpack.sizeOfString(input.bytes, argOffsets[i], argLengths[i]);
  }
  if (!isCompact(settings, reckoned, total, count)) {
    if (ref === 0) return pushToNew(ks, settings, db, batch, arg, first, end, isInFront);
    const moved = becomeQuicklist(ks, settings, db, batch, arg, ref);
    return pushToQuicklist(ks, ks.structureRef(moved), batch, first, end, isInFront);
  }
  const moved = ref === 0
    ? ks.place(db, batch, arg, KIND_LISTPACK, total, NO_EXPIRY)
    : ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  const region = ks.regionOf(moved);
  const lp = ks.valueOffset(moved);
  if (ref === 0) listpack.writeEmpty(region.bytes, lp);
  for (let i = first; i < end; i++) {
    if (isInFront) listpack.prepend(region, lp, input, argOffsets[i], argLengths[i]);
    else listpack.append(region, lp, input, argOffsets[i], argLengths[i]);
  }
  return count;
}

/** Makes a quicklist of the arguments. @returns its length */
function pushToNew(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  first: number,
  end: number,
  isInFront: boolean,
): number {
  const structure = createQuicklist(ks, settings, batch.argHashes[arg]);
  try {
    const length = pushToQuicklist(ks, structure, batch, first, end, isInFront);
    ks.placeStructure(db, batch, arg, KIND_QUICKLIST, structure, NO_EXPIRY);
    return length;
  } catch (error) {
    discardQuicklist(ks, structure);
    throw error;
  }
}

/**
 * Pushes one element.
 * @param ref the key's list, 0 = there is none yet
 * @param source not the memory of the keyspace
 * @throws OutOfMemory; nothing was changed
 */
export function pushOne(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
  isInFront: boolean,
): void {
  const { dirty } = ks.stats;
  if (ref === 0) {
    createFor(ks, settings, db, batch, arg, source, offset, length, length);
  } else {
    const size = listpack.sizeOfString(source.bytes, offset, length);
    const at = prepareGrowth(ks, settings, db, batch, arg, ref, length, size, 1);
    pushPrepared(ks, db, batch, arg, at, source, offset, length, isInFront);
  }
  ks.stats.dirty = dirty + 1;
}

/** Pushes an element to a list that is in the encoding it needs for that. */
function pushPrepared(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  source: Region,
  offset: number,
  length: number,
  isInFront: boolean,
): void {
  if (isQuicklist(ks, ref)) {
    const arena = arenaOfList(ks, ref);
    if (!push(arena, quicklistOf(ks, ref), source, offset, length, isInFront)) {
      throw new OutOfMemory();
    }
    return;
  }
  const size = listpack.sizeOfString(source.bytes, offset, length);
  const total = listpack.totalBytes(ks.regionOf(ref).bytes, ks.valueOffset(ref)) + size;
  const moved = ks.resize(db, batch, arg, ref, KIND_LISTPACK, total);
  const region = ks.regionOf(moved), lp = ks.valueOffset(moved);
  if (isInFront) listpack.prepend(region, lp, source, offset, length);
  else listpack.append(region, lp, source, offset, length);
}

/** Makes a list of one element. @param textBytes what Redis reckons the element to add */
function createFor(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  source: Region,
  offset: number,
  length: number,
  textBytes: number,
): RecordRef {
  const total = listpack.EMPTY_BYTES + listpack.sizeOfString(source.bytes, offset, length);
  if (isCompact(settings, listpack.EMPTY_BYTES + textBytes, total, 1)) {
    const ref = ks.place(db, batch, arg, KIND_LISTPACK, total, NO_EXPIRY);
    const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
    listpack.writeEmpty(region.bytes, lp);
    listpack.append(region, lp, source, offset, length);
    return ref;
  }
  const structure = createQuicklist(ks, settings, batch.argHashes[arg]);
  try {
    const arena = ks.outside.arenaOf(structure);
    if (!push(arena, structure & LOCAL_MASK, source, offset, length, false)) {
      throw new OutOfMemory();
    }
    return ks.placeStructure(db, batch, arg, KIND_QUICKLIST, structure, NO_EXPIRY);
  } catch (error) {
    discardQuicklist(ks, structure);
    throw error;
  }
}

/**
 * To be called before the elements to be removed are replied: `removeFromEnd` does not fail then.
 * @throws OutOfMemory; nothing was changed
 */
export function prepareToRemove(
  ks: Keyspace,
  ref: RecordRef,
  count: number,
  isInFront: boolean,
): void {
  if (count === 0 || !isQuicklist(ks, ref)) return;
  const arena = arenaOfList(ks, ref), list = quicklistOf(ks, ref);
  const index = isInFront ? 0 : lengthOf(arena, list) - count;
  if (!prepareRemoval(arena, list, index, count)) throw new OutOfMemory();
}

/**
 * Replies the first or the last element and removes it, as LPOP and RPOP.
 * @returns whether it was the only one, and the key is gone
 * @throws OutOfMemory; nothing was changed or replied
 */
export function popOne(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  isInFront: boolean,
  reply: ReplyWriter,
): boolean {
  if (isQuicklist(ks, ref)) {
    const structure = ks.structureRef(ref);
    const arena = ks.outside.arenaOf(structure);
    const list = structure & LOCAL_MASK;
    const p = endPosition(arena, list, isInFront);
    if (p !== 0 && lengthOf(arena, list) > 1) {
      replyElement(reply, arena, p);
      pop(arena, list, isInFront);
      if (nodesOf(arena, list) === 1) shrink(ks, settings, db, batch, arg, ref);
      ks.stats.dirty++;
      return false;
    }
    prepareToRemove(ks, ref, 1, isInFront);
  }
  replyElements(ks, ref, isInFront ? 0 : listLength(ks, ref) - 1, 1, true, reply);
  return removeFromEnd(ks, settings, db, batch, arg, ref, 1, isInFront);
}

/**
 * Removes elements from one end, and the key with the last of them.
 * @param count at most the length
 * @returns whether the key is gone
 * @throws OutOfMemory; nothing was changed
 */
export function removeFromEnd(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  count: number,
  isInFront: boolean,
): boolean {
  if (count === 0) return false;
  const { dirty } = ks.stats;
  const length = listLength(ks, ref);
  if (count === length) {
    ks.remove(db, batch, arg);
  } else if (isQuicklist(ks, ref)) {
    const arena = arenaOfList(ks, ref), list = quicklistOf(ks, ref);
    const isDone = count === 1
      ? pop(arena, list, isInFront)
      : removeRange(arena, list, isInFront ? 0 : length - count, count);
    if (!isDone) throw new OutOfMemory();
    shrink(ks, settings, db, batch, arg, ref);
  } else {
    const { bytes } = ks.regionOf(ref);
    const lp = ks.valueOffset(ref);
    listpack.removeRange(bytes, lp, listpack.seek(bytes, lp, isInFront ? 0 : -count), count);
    fitCompact(ks, db, batch, arg, ref);
  }
  ks.stats.dirty = dirty + count;
  return count === length;
}

const cursor = new ListCursor();

/** Longest element whose memory is kept for the next one. */
const KEPT_BYTES = 65_536;
let carrier: Region = makeRegion(KEPT_BYTES);

/** What `readEnd` returns: valid until it is called again. */
export interface CarriedElement {
  readonly region: Region;
  readonly length: number;
}

/** A copy of the first or the last element, at offset 0 of a region. */
export function readEnd(ks: Keyspace, ref: RecordRef, isInFront: boolean): CarriedElement {
  cursor.seek(ks, ref, isInFront ? 0 : listLength(ks, ref) - 1);
  if (carrier.bytes.length > KEPT_BYTES + 8) carrier = makeRegion(KEPT_BYTES);
  if (!cursor.isLong) {
    const length = listpack.copyText(cursor.memory, cursor.p, carrier, 0);
    return { region: carrier, length };
  }
  const { arena, blob } = cursor;
  const length = blobLength(arena, blob);
  if (length > KEPT_BYTES) carrier = makeRegion(length);
  blobRead(arena, blob, carrier, 0);
  return { region: carrier, length };
}

/**
 * Moves an element from an end of one list to an end of another or the same, as LMOVE.
 * @param from argument of the source's key, whose list is `ref`
 * @param to argument of the target's key @param target its list, 0 = there is none yet
 * @returns the element, valid until the next call
 * @throws OutOfMemory; nothing was changed
 */
export function moveElement(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  from: number,
  ref: RecordRef,
  to: number,
  target: RecordRef,
  isFromFront: boolean,
  isToFront: boolean,
): CarriedElement {
  const { dirty } = ks.stats;
  const element = readEnd(ks, ref, isFromFront);
  const { region, length } = element;
  const size = listpack.sizeOfString(region.bytes, 0, length);
  // Popped integers are numbers to Redis, whose text it does not reckon.
  const textBytes = listpack.asInteger(region.bytes, 0, length) === undefined ? length : 0;
  if (ref === target) {
    if (isFromFront !== isToFront) {
      const at = prepareGrowth(ks, settings, db, batch, from, ref, textBytes - size, 0, 0);
      rotate(ks, settings, db, batch, from, at, element, isToFront);
    }
  } else {
    prepareToRemove(ks, ref, 1, isFromFront);
    if (target === 0) {
      createFor(ks, settings, db, batch, to, region, 0, length, textBytes);
    } else {
      const at = prepareGrowth(ks, settings, db, batch, to, target, textBytes, size, 1);
      pushPrepared(ks, db, batch, to, at, region, 0, length, isToFront);
    }
    removeFromEnd(ks, settings, db, batch, from, ref, 1, isFromFront);
  }
  ks.stats.dirty = dirty + 1;
  return element;
}

/** Moves the element at one end of a list to its other end. */
function rotate(
  ks: Keyspace,
  settings: Settings,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  element: CarriedElement,
  isToFront: boolean,
): void {
  const { region, length } = element;
  if (!isQuicklist(ks, ref)) {
    const memory = ks.regionOf(ref), lp = ks.valueOffset(ref);
    const { bytes } = memory;
    listpack.remove(bytes, lp, isToFront ? listpack.last(bytes, lp) : listpack.first(bytes, lp));
    if (isToFront) listpack.prepend(memory, lp, region, 0, length);
    else listpack.append(memory, lp, region, 0, length);
    return;
  }
  const arena = arenaOfList(ks, ref), list = quicklistOf(ks, ref);
  const end = isToFront ? tailOf(arena, list) : headOf(arena, list);
  // Where the popped element leaves room behind, it can be put back should there be no memory.
  if (nodeCount(arena, end) > 1) {
    if (!pop(arena, list, !isToFront)) throw new OutOfMemory();
    if (!push(arena, list, region, 0, length, isToFront)) {
      push(arena, list, region, 0, length, !isToFront);
      throw new OutOfMemory();
    }
  } else {
    if (!push(arena, list, region, 0, length, isToFront)) throw new OutOfMemory();
    if (lengthOf(arena, list) > 1) pop(arena, list, !isToFront);
  }
  shrink(ks, settings, db, batch, arg, ref);
}
