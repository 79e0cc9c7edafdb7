/**
 * Entries that were delivered to a consumer and not yet acknowledged.
 *
 *   OFFSET  SIZE  FIELD
 *        0    16  id
 *       16     4  consumer       that it was delivered to
 *       20     4  unused
 *       24     8  deliveryTime   the last one, milliseconds since 1970, low word first
 *       32     8  deliveryCount  low word first
 *
 * Invariants: exactly the trees of one group and of its consumer named here lead to it.
 * Cost: two insertions into radix trees for each; moving it to another consumer, as many.
 */
import type { Arena } from "../memory/arena.ts";
import {
  allocateBlock,
  findById,
  firstValue,
  freeBlock,
  incrementInt64,
  insertCounted,
  readInt64,
  readSafe,
  removeCounted,
  writeInt64,
} from "./stream_header.ts";
import { groupLastIdAt, PENDING_BYTES, pendingOf, removeConsumer } from "./stream_group.ts";
import { compareIds, copyId } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

const CONSUMER_WORD = 4;
const TIME_WORD = 6;
const COUNT_WORD = 8;

/** Word of the entry's id. */
export function pendingIdAt(pending: Unit): number {
  return pending << 1;
}

export function consumerOf(arena: Arena, pending: Unit): Unit {
  return arena.words[(pending << 1) + CONSUMER_WORD];
}

export function setConsumerOf(arena: Arena, pending: Unit, consumer: Unit): void {
  arena.words[(pending << 1) + CONSUMER_WORD] = consumer;
}

export function deliveryTimeOf(arena: Arena, pending: Unit): number {
  return readSafe(arena.words, (pending << 1) + TIME_WORD);
}

export function deliveryCountOf(arena: Arena, pending: Unit): number | bigint {
  return readInt64(arena.words, (pending << 1) + COUNT_WORD);
}

/** Notes a delivery. */
export function setDelivery(
  arena: Arena,
  pending: Unit,
  ms: number,
  count: number | bigint,
): void {
  writeInt64(arena.words, (pending << 1) + TIME_WORD, ms);
  writeInt64(arena.words, (pending << 1) + COUNT_WORD, count);
}

/** Notes one more delivery, or only when it was. */
export function redeliver(arena: Arena, pending: Unit, ms: number, counts: boolean): void {
  writeInt64(arena.words, (pending << 1) + TIME_WORD, ms);
  if (counts) incrementInt64(arena.words, (pending << 1) + COUNT_WORD);
}

/** What of an id is pending of a group, or of a consumer; 0 if nothing is. */
export function findPending(arena: Arena, owner: Unit, id: Int32Array, at: number): Unit {
  return findById(arena, pendingOf(owner), id, at);
}

/**
 * Makes an entry pending that is not.
 * @returns 0 when there is no memory; nothing was changed
 */
export function addPending(
  arena: Arena,
  stream: Unit,
  group: Unit,
  consumer: Unit,
  id: Int32Array,
  idAt: number,
  ms: number,
  count: number | bigint,
): Unit {
  const pending = makePending(arena, stream, group, id, idAt, ms, count);
  if (pending === 0) return 0;
  if (insertCounted(arena, stream, pendingOf(consumer), id, idAt, pending)) {
    setConsumerOf(arena, pending, consumer);
    return pending;
  }
  removeCounted(arena, stream, pendingOf(group), id, idAt);
  freeBlock(arena, stream, pending);
  return 0;
}

/** As `addPending`, but the consumer is still to be told, by `assignPending`. */
export function makePending(
  arena: Arena,
  stream: Unit,
  group: Unit,
  id: Int32Array,
  idAt: number,
  ms: number,
  count: number | bigint,
): Unit {
  const pending = allocateBlock(arena, stream, PENDING_BYTES);
  if (pending === 0) return 0;
  copyId(id, idAt, arena.words, pending << 1);
  setConsumerOf(arena, pending, 0);
  setDelivery(arena, pending, ms, count);
  if (insertCounted(arena, stream, pendingOf(group), id, idAt, pending)) return pending;
  freeBlock(arena, stream, pending);
  return 0;
}

/** Gives what is pending to another consumer. @returns false when there is no memory */
export function assignPending(
  arena: Arena,
  stream: Unit,
  pending: Unit,
  consumer: Unit,
): boolean {
  const { words } = arena;
  const owner = consumerOf(arena, pending);
  if (owner === consumer) return true;
  const idAt = pendingIdAt(pending);
  if (!insertCounted(arena, stream, pendingOf(consumer), words, idAt, pending)) return false;
  if (owner !== 0) removeCounted(arena, stream, pendingOf(owner), words, idAt);
  setConsumerOf(arena, pending, consumer);
  return true;
}

/** Removes what is pending of a group. */
export function removePending(arena: Arena, stream: Unit, group: Unit, pending: Unit): void {
  const { words } = arena;
  const idAt = pendingIdAt(pending);
  removeCounted(arena, stream, pendingOf(group), words, idAt);
  const owner = consumerOf(arena, pending);
  if (owner !== 0) removeCounted(arena, stream, pendingOf(owner), words, idAt);
  freeBlock(arena, stream, pending);
}

/** Removes a consumer with all that is pending of it. */
export function deleteConsumer(arena: Arena, stream: Unit, group: Unit, consumer: Unit): void {
  const tree = pendingOf(consumer);
  for (let each = firstValue(arena, tree); each !== 0; each = firstValue(arena, tree)) {
    removePending(arena, stream, group, each);
  }
  removeConsumer(arena, stream, group, consumer);
}

/** Whether a group has still to read or to acknowledge an entry. */
export function isReferencedBy(arena: Arena, group: Unit, id: Int32Array, at: number): boolean {
  return compareIds(arena.words, groupLastIdAt(group), id, at) < 0 ||
    findPending(arena, group, id, at) !== 0;
}
