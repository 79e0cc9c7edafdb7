/** Reading a stream for a consumer of a group. */
import type { Arena } from "../memory/arena.ts";
import { StreamCursor } from "../structs/stream_cursor.ts";
import { hasEntry } from "../structs/stream_delete.ts";
import { groupLastIdAt, pendingOf, setActiveTime } from "../structs/stream_group.ts";
import { valueAfter, valueFrom } from "../structs/stream_header.ts";
import { compareIds, copyId, ID_WORDS, incrementId } from "../structs/stream_id.ts";
import { advanceGroup } from "../structs/stream_lag.ts";
import {
  addPending,
  assignPending,
  findPending,
  pendingIdAt,
  redeliver,
  setDelivery,
} from "../structs/stream_pending.ts";
import type { Unit } from "../structs/structure.ts";
import { OutOfMemory } from "./record_kinds.ts";

const cursor = new StreamCursor();
const from = new Int32Array(ID_WORDS);
const MAX_ID = new Int32Array(ID_WORDS).fill(-1);

/**
 * Delivers the entries behind the last one that the group got.
 * @param consumer 0 = nobody is to acknowledge them
 * @param limit how many at most
 * @returns how many
 * @throws OutOfMemory; what was delivered before stays so
 */
export function deliverNew(
  arena: Arena,
  stream: Unit,
  group: Unit,
  consumer: Unit,
  limit: number,
  nowMs: number,
): number {
  copyId(arena.words, groupLastIdAt(group), from, 0);
  if (!incrementId(from, 0)) return 0;
  let count = 0;
  cursor.open(arena, stream, from, 0, MAX_ID, 0, false);
  while (count < limit && cursor.next()) {
    if (consumer !== 0) deliver(arena, stream, group, consumer, cursor.id, nowMs);
    advanceGroup(arena, stream, group, cursor.id, 0);
    count++;
  }
  cursor.release();
  return count;
}

/** Makes an entry pending of the consumer, whoever had it. */
function deliver(
  arena: Arena,
  stream: Unit,
  group: Unit,
  consumer: Unit,
  id: Int32Array,
  nowMs: number,
): void {
  const known = findPending(arena, group, id, 0);
  if (known === 0) {
    if (addPending(arena, stream, group, consumer, id, 0, nowMs, 1) === 0) throw new OutOfMemory();
  } else {
    if (!assignPending(arena, stream, known, consumer)) throw new OutOfMemory();
    setDelivery(arena, known, nowMs, 1);
  }
  setActiveTime(arena, consumer, nowMs);
}

/**
 * Delivers what is pending of a consumer from an id on once more.
 * @param limit how many at most
 * @param visit is told the word that the id of each begins at
 */
export function redeliverPending(
  arena: Arena,
  stream: Unit,
  consumer: Unit,
  id: Int32Array,
  at: number,
  limit: number,
  nowMs: number,
  visit: (words: Int32Array, idAt: number) => void,
): void {
  const { words } = arena;
  const tree = pendingOf(consumer);
  let pending = valueFrom(arena, tree, id, at);
  for (let left = limit; left > 0 && pending !== 0; left--) {
    const idAt = pendingIdAt(pending);
    visit(words, idAt);
    if (hasEntry(arena, stream, words, idAt)) redeliver(arena, pending, nowMs, true);
    pending = valueAfter(arena, tree, words, idAt);
  }
}

/** Whether there is an entry behind an id. */
export function hasEntryBehind(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  at: number,
): boolean {
  cursor.openAll(arena, stream, true);
  const isThere = cursor.next() && compareIds(cursor.id, 0, id, at) > 0;
  cursor.release();
  return isThere;
}
