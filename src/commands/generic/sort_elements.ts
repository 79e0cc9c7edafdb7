/** What SORT reads its elements from, and the list that it makes of them. */
import type { Keyspace, RecordRef } from "../../engine/keyspace.ts";
import { NO_EXPIRY, TYPE_LIST, TYPE_SET } from "../../engine/keyspace.ts";
import { ListCursor } from "../../engine/list_cursor.ts";
import { ListBuilder } from "../../engine/list_builder.ts";
import { listLength } from "../../engine/lists.ts";
import type { MemberList } from "../../engine/member_list.ts";
import { addAll } from "../../engine/set_algebra.ts";
import { setLength } from "../../engine/sets.ts";
import { ShownBytes } from "../../engine/shown_bytes.ts";
import { SortedSetCursor } from "../../engine/sorted_set_cursor.ts";
import { lengthOf } from "../../engine/sorted_sets.ts";
import type { Call } from "../call.ts";

const listCursor = new ListCursor();
const setCursor = new SortedSetCursor();
const shown = new ShownBytes();

/** Number of elements of a list, a set or a sorted set. */
export function elementCount(keyspace: Keyspace, ref: RecordRef): number {
  switch (keyspace.typeOf(ref)) {
    case TYPE_LIST:
      return listLength(keyspace, ref);
    case TYPE_SET:
      return setLength(keyspace, ref);
    default:
      return lengthOf(keyspace, ref);
  }
}

/**
 * Lists elements in the order that the value has them in; of a set, all.
 * @param start of the first one, counted from the other end with `isReverse`
 * @param count at least 1; so many are there
 */
export function listElements(
  keyspace: Keyspace,
  ref: RecordRef,
  start: number,
  count: number,
  isReverse: boolean,
  into: MemberList,
): void {
  const type = keyspace.typeOf(ref);
  if (type === TYPE_SET) return addAll(keyspace, ref, into);
  const first = isReverse ? elementCount(keyspace, ref) - 1 - start : start;
  if (type === TYPE_LIST) {
    listCursor.seek(keyspace, ref, first);
    for (let left = count; left > 0; left--) {
      if (listCursor.isLong) shown.showBlob(listCursor.arena, listCursor.blob);
      else shown.showElement(listCursor.memory, listCursor.p);
      into.add(shown.region, shown.offset, shown.length, keyspace.owns(shown.region));
      if (left > 1) listCursor.move(!isReverse);
    }
    return;
  }
  setCursor.open(keyspace, ref, first, isReverse);
  for (let left = count; left > 0; left--) {
    const { memory, offset, length } = setCursor;
    into.add(memory, offset, length, keyspace.owns(memory));
    setCursor.next();
  }
}

/**
 * Makes the key in argument `i` a list of these texts, at least one.
 * @param texts in memory of the list's own
 * @throws OutOfMemory; the key is as it was
 */
export function storeList(call: Call, i: number, texts: MemberList): void {
  const { batch, db } = call;
  const { keyspace, settings } = call.engine;
  const key = call.first + i;
  const builder = new ListBuilder(keyspace, settings, batch.argHashes[key]);
  try {
    for (let at = 0; at < texts.length; at++) {
      builder.add(texts.regionAt(at), texts.offsetAt(at), texts.lengthAt(at));
    }
    builder.place(db, batch, key, NO_EXPIRY);
  } finally {
    builder.discard();
  }
}
