/**
 * Consumer groups of a stream and their consumers.
 *
 *   GROUP                                             CONSUMER
 *   OFFSET  SIZE  FIELD                               OFFSET  SIZE  FIELD
 *        0    16  pending      tree from id to entry       0    16  pending     as the group's
 *       16    16  consumers    tree by name               16     8  seenTime    of its last try
 *       32    16  lastId       delivered                  24     8  activeTime  -1 = never
 *       48     8  entriesRead  -1 = unknown               32     4  name length
 *       56     4  name length                             36     .  name
 *       60     .  name
 *
 * Numbers of 8 bytes have their low word first; times are milliseconds since 1970. What is pending
 * of a consumer is pending of its group; both trees lead to the same block (stream_pending.ts).
 */
import { copyPadded, type Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { RadixCursor } from "./radix_cursor.ts";
import {
  RADIX_ABSENT,
  RADIX_NO_MEMORY,
  radixCount,
  radixFind,
  radixInit,
  radixInsert,
  radixRemove,
  radixSizeBytes,
} from "./radix_tree.ts";
import {
  allocateBlock,
  freeBlock,
  groupsOf,
  readInt64,
  readSafe,
  SIZE_WORD,
  writeInt64,
} from "./stream_header.ts";
import { copyId } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

/** Block of an entry that is pending (stream_pending.ts). */
export const PENDING_BYTES = 40;
/** Longest name of a group or consumer, in bytes. */
export const MAX_NAME_BYTES = 30_720;
export const UNKNOWN_ENTRIES_READ = -1;
/** `activeTime` of a consumer that never got an entry. */
export const NEVER = -1;

/** 8-byte units and 32-bit words from a block's start. */
const CONSUMERS_UNIT = 2;
export const GROUP_LAST_ID_WORD = 8;
const ENTRIES_READ_WORD = 12;
const GROUP_NAME_WORD = 14;
const SEEN_TIME_WORD = 4;
const ACTIVE_TIME_WORD = 6;
const CONSUMER_NAME_WORD = 8;

/** The tree of what is pending of a group, or of a consumer. */
export function pendingOf(owner: Unit): Unit {
  return owner;
}

/** The tree of a group's consumers. */
export function consumersOf(group: Unit): Unit {
  return group + CONSUMERS_UNIT;
}

/** Number of a stream's groups. */
export function groupCount(arena: Arena, stream: Unit): number {
  return radixCount(arena, groupsOf(stream));
}

/** Number of a group's consumers. */
export function consumerCount(arena: Arena, group: Unit): number {
  return radixCount(arena, consumersOf(group));
}

/** Number of entries that are pending of a group, or of a consumer. */
export function pendingCount(arena: Arena, owner: Unit): number {
  return radixCount(arena, pendingOf(owner));
}

function writeName(
  arena: Arena,
  unit: Unit,
  word: number,
  source: Memory,
  offset: number,
  length: number,
): void {
  arena.words[(unit << 1) + word] = length;
  copyPadded(source, offset, arena, (unit << 3) + (word + 1) * 4, length);
}

// Groups

/**
 * Makes a group.
 * @param source holds the name, which no group of the stream has, at most MAX_NAME_BYTES long
 * @returns 0 when there is no memory
 */
export function createGroup(
  arena: Arena,
  stream: Unit,
  source: Memory,
  offset: number,
  length: number,
  lastId: Int32Array,
  lastIdAt: number,
  entriesRead: number | bigint,
): Unit {
  const group = allocateBlock(arena, stream, (GROUP_NAME_WORD + 1) * 4 + length);
  if (group === 0) return 0;
  const { words } = arena;
  radixInit(arena, pendingOf(group));
  radixInit(arena, consumersOf(group));
  copyId(lastId, lastIdAt, words, (group << 1) + GROUP_LAST_ID_WORD);
  writeInt64(words, (group << 1) + ENTRIES_READ_WORD, entriesRead);
  writeName(arena, group, GROUP_NAME_WORD, source, offset, length);
  if (radixInsert(arena, groupsOf(stream), source, offset, length, group) !== RADIX_NO_MEMORY) {
    return group;
  }
  freeBlock(arena, stream, group);
  return 0;
}

/** @returns 0 if there is none of that name */
export function findGroup(
  arena: Arena,
  stream: Unit,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  const group = radixFind(arena, groupsOf(stream), source, offset, length);
  return group === RADIX_ABSENT ? 0 : group;
}

/** Puts a group into a stream's tree. @returns false when there is no memory */
export function linkGroup(arena: Arena, stream: Unit, group: Unit): boolean {
  const length = groupNameLength(arena, group);
  const offset = groupNameOffset(group);
  return radixInsert(arena, groupsOf(stream), arena, offset, length, group) !== RADIX_NO_MEMORY;
}

/** Memory of a group with all that is in it, in bytes; O(consumers). */
export function groupBytes(arena: Arena, group: Unit): number {
  const pending = pendingOf(group), consumers = consumersOf(group);
  let bytes = arena.blockSize(group) + radixSizeBytes(arena, pending) +
    radixSizeBytes(arena, consumers) + radixCount(arena, pending) * PENDING_BYTES;
  for (const consumer of unitsOf(arena, consumers)) {
    bytes += arena.blockSize(consumer) + radixSizeBytes(arena, pendingOf(consumer));
  }
  return bytes;
}

/** Takes a group out of its stream's tree. What it holds still counts to the stream's size. */
export function unlinkGroup(arena: Arena, stream: Unit, group: Unit): void {
  radixRemove(
    arena,
    groupsOf(stream),
    arena,
    groupNameOffset(group),
    groupNameLength(arena, group),
  );
}

export function groupNameOffset(group: Unit): number {
  return (group << 3) + (GROUP_NAME_WORD + 1) * 4;
}

export function groupNameLength(arena: Arena, group: Unit): number {
  return arena.words[(group << 1) + GROUP_NAME_WORD];
}

/** Word of the id that was delivered last. */
export function groupLastIdAt(group: Unit): number {
  return (group << 1) + GROUP_LAST_ID_WORD;
}

/** How many of the stream's entries were read, UNKNOWN_ENTRIES_READ if nobody knows. */
export function entriesReadOf(arena: Arena, group: Unit): number | bigint {
  return readInt64(arena.words, (group << 1) + ENTRIES_READ_WORD);
}

export function setEntriesRead(arena: Arena, group: Unit, count: number | bigint): void {
  writeInt64(arena.words, (group << 1) + ENTRIES_READ_WORD, count);
}

// Consumers

/** As `createGroup`. */
export function createConsumer(
  arena: Arena,
  stream: Unit,
  group: Unit,
  source: Memory,
  offset: number,
  length: number,
  nowMs: number,
): Unit {
  const consumer = allocateBlock(arena, stream, (CONSUMER_NAME_WORD + 1) * 4 + length);
  if (consumer === 0) return 0;
  radixInit(arena, pendingOf(consumer));
  setSeenTime(arena, consumer, nowMs);
  setActiveTime(arena, consumer, NEVER);
  writeName(arena, consumer, CONSUMER_NAME_WORD, source, offset, length);
  const tree = consumersOf(group);
  const before = radixSizeBytes(arena, tree);
  const result = radixInsert(arena, tree, source, offset, length, consumer);
  arena.words[(stream << 1) + SIZE_WORD] += radixSizeBytes(arena, tree) - before;
  if (result !== RADIX_NO_MEMORY) return consumer;
  freeBlock(arena, stream, consumer);
  return 0;
}

/** @returns 0 if there is none of that name */
export function findConsumer(
  arena: Arena,
  group: Unit,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  const consumer = radixFind(arena, consumersOf(group), source, offset, length);
  return consumer === RADIX_ABSENT ? 0 : consumer;
}

/** Removes a consumer of which nothing is pending. */
export function removeConsumer(arena: Arena, stream: Unit, group: Unit, consumer: Unit): void {
  const tree = consumersOf(group);
  const before = radixSizeBytes(arena, tree);
  const length = consumerNameLength(arena, consumer);
  radixRemove(arena, tree, arena, consumerNameOffset(consumer), length);
  arena.words[(stream << 1) + SIZE_WORD] += radixSizeBytes(arena, tree) - before;
  freeBlock(arena, stream, consumer);
}

export function consumerNameOffset(consumer: Unit): number {
  return (consumer << 3) + (CONSUMER_NAME_WORD + 1) * 4;
}

export function consumerNameLength(arena: Arena, consumer: Unit): number {
  return arena.words[(consumer << 1) + CONSUMER_NAME_WORD];
}

/** When the consumer last tried to get something. */
export function seenTimeOf(arena: Arena, consumer: Unit): number {
  return readSafe(arena.words, (consumer << 1) + SEEN_TIME_WORD);
}

export function setSeenTime(arena: Arena, consumer: Unit, ms: number): void {
  writeInt64(arena.words, (consumer << 1) + SEEN_TIME_WORD, ms);
}

/** When the consumer last got something, or NEVER. */
export function activeTimeOf(arena: Arena, consumer: Unit): number {
  return readSafe(arena.words, (consumer << 1) + ACTIVE_TIME_WORD);
}

export function setActiveTime(arena: Arena, consumer: Unit, ms: number): void {
  writeInt64(arena.words, (consumer << 1) + ACTIVE_TIME_WORD, ms);
}

/**
 * Walks over the units that a tree leads to, in the order of names or ids. The tree must not be
 * changed meanwhile.
 */
export function* unitsOf(arena: Arena, tree: Unit): Generator<Unit, void, undefined> {
  const cursor = new RadixCursor();
  for (let more = cursor.first(arena, tree); more; more = cursor.next()) yield cursor.value;
}
