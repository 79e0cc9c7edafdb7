/**
 * Stream: entries in the order of their ids, and the groups of consumers that read them.
 *
 *   header ─┬─ tree of nodes ──▶ node: listpack of entries    (stream_header.ts, stream_node.ts)
 *           └─ tree of groups ─▶ group ─┬─ tree of what is pending ◀──┐          (stream_group.ts)
 *                                       └─ tree of consumers ─▶ consumer ─ tree  (stream_pending.ts)
 *
 * All of it lies in pinned blocks of one arena. This file treats it as a whole.
 *
 * Invariants: `length` is the number of entries that are not deleted; nodes and the entries in them
 * ascend; the last node is `tail`; what is pending of a group is pending of exactly one consumer.
 * Source: https://redis.io/docs/latest/develop/data-types/streams/
 */
import type { Arena } from "../memory/arena.ts";
import { radixCopyInto, radixFree } from "./radix_slices.ts";
import { RADIX_NO_MEMORY, radixCount, radixSizeBytes } from "./radix_tree.ts";
import { RadixCursor } from "./radix_cursor.ts";
import { checkStream } from "./stream_check.ts";
import {
  activeTimeOf,
  consumerNameLength,
  consumerNameOffset,
  consumersOf,
  createConsumer,
  createGroup,
  entriesReadOf,
  groupBytes,
  groupLastIdAt,
  groupNameLength,
  groupNameOffset,
  linkGroup,
  pendingOf,
  removeConsumer,
  seenTimeOf,
  setActiveTime,
  unitsOf,
  unlinkGroup,
} from "./stream_group.ts";
import {
  createStream,
  FLAGS_WORD,
  freeBlock,
  groupsOf,
  IS_BEING_FREED,
  LAST_ID_WORD,
  lastValue,
  LENGTH_WORD,
  nodesOf,
  SIZE_WORD,
  TAIL_WORD,
} from "./stream_header.ts";
import { copyNode, freeNode } from "./stream_node.ts";
import { addPending, deliveryCountOf, deliveryTimeOf, pendingIdAt } from "./stream_pending.ts";
import type { Structure, Unit } from "./structure.ts";

const cursor = new RadixCursor();

/** The first value of a tree of names, 0 if it is empty. */
function firstOf(arena: Arena, tree: Unit): Unit {
  return cursor.first(arena, tree) ? cursor.value : 0;
}

function free(arena: Arena, stream: Unit, budget: number): boolean {
  const { words } = arena;
  const head = stream << 1;
  words[head + FLAGS_WORD] |= IS_BEING_FREED;
  words[head + LENGTH_WORD] = 0;
  words[head + TAIL_WORD] = 0;
  const isEmpty = radixFree(arena, nodesOf(stream), budget, (_arena, node) => {
    freeNode(arena, stream, node);
  });
  if (!isEmpty) return false;
  left = budget;
  let group = firstOf(arena, groupsOf(stream));
  for (; group !== 0; group = firstOf(arena, groupsOf(stream))) {
    if (!freeGroup(arena, stream, group)) return false;
  }
  arena.free(stream);
  return true;
}

/** Blocks that may still be freed in the running slice. */
let left = 0;

/** Frees a group with what belongs to it. @returns whether nothing is left of it */
function freeGroup(arena: Arena, stream: Unit, group: Unit): boolean {
  let consumer = firstOf(arena, consumersOf(group));
  for (; consumer !== 0; consumer = firstOf(arena, consumersOf(group))) {
    if (!freeTree(arena, stream, pendingOf(consumer), false)) return false;
    removeConsumer(arena, stream, group, consumer);
    left--;
  }
  if (!freeTree(arena, stream, pendingOf(group), true)) return false;
  unlinkGroup(arena, stream, group);
  freeBlock(arena, stream, group);
  left--;
  return true;
}

/**
 * Frees a tree that counts to the stream's size.
 * @param withValues whether the blocks that it leads to, too
 * @returns whether nothing is left of it
 */
function freeTree(arena: Arena, stream: Unit, tree: Unit, withValues: boolean): boolean {
  if (left <= 0) return false;
  const keys = radixCount(arena, tree), bytes = radixSizeBytes(arena, tree);
  const isEmpty = radixFree(arena, tree, left, (_arena, value) => {
    if (withValues) freeBlock(arena, stream, value);
  });
  arena.words[(stream << 1) + SIZE_WORD] -= bytes - radixSizeBytes(arena, tree);
  left -= keys - radixCount(arena, tree);
  return isEmpty;
}

function sizeBytes(arena: Arena, stream: Unit): number {
  return arena.words[(stream << 1) + SIZE_WORD] + radixSizeBytes(arena, nodesOf(stream)) +
    radixSizeBytes(arena, groupsOf(stream));
}

function copy(source: Arena, stream: Unit, target: Arena): Unit {
  const made = createStream(target);
  if (made === 0) return 0;
  const from = (stream << 1) + LAST_ID_WORD, to = (made << 1) + LAST_ID_WORD;
  for (let i = 0; i < LENGTH_WORD - LAST_ID_WORD; i++) {
    target.words[to + i] = source.words[from + i];
  }
  const hasNodes = radixCopyInto(
    source,
    nodesOf(stream),
    target,
    nodesOf(made),
    (_source, node) => copyNode(source, node, target, made) || RADIX_NO_MEMORY,
    (_target, node) => freeNode(target, made, node),
  );
  if (!hasNodes || !copyGroups(source, stream, target, made)) {
    while (!free(target, made, Infinity));
    return 0;
  }
  target.words[(made << 1) + LENGTH_WORD] = source.words[(stream << 1) + LENGTH_WORD];
  target.words[(made << 1) + TAIL_WORD] = lastValue(target, nodesOf(made));
  return made;
}

function copyGroups(source: Arena, stream: Unit, target: Arena, made: Unit): boolean {
  for (const group of unitsOf(source, groupsOf(stream))) {
    const copied = createGroup(
      target,
      made,
      source,
      groupNameOffset(group),
      groupNameLength(source, group),
      source.words,
      groupLastIdAt(group),
      entriesReadOf(source, group),
    );
    if (copied === 0) return false;
    for (const consumer of unitsOf(source, consumersOf(group))) {
      if (!copyConsumer(source, consumer, target, made, copied)) return false;
    }
  }
  return true;
}

function copyConsumer(
  source: Arena,
  consumer: Unit,
  target: Arena,
  made: Unit,
  group: Unit,
): boolean {
  const copied = createConsumer(
    target,
    made,
    group,
    source,
    consumerNameOffset(consumer),
    consumerNameLength(source, consumer),
    seenTimeOf(source, consumer),
  );
  if (copied === 0) return false;
  setActiveTime(target, copied, activeTimeOf(source, consumer));
  for (const pending of unitsOf(source, pendingOf(consumer))) {
    const added = addPending(
      target,
      made,
      group,
      copied,
      source.words,
      pendingIdAt(pending),
      deliveryTimeOf(source, pending),
      deliveryCountOf(source, pending),
    );
    if (added === 0) return false;
  }
  return true;
}

/**
 * Takes a group out of a stream, as a stream of its own that holds nothing else: so it can be freed
 * bit by bit.
 * @returns 0 when there is no memory; nothing was changed
 */
export function detachGroup(arena: Arena, stream: Unit, group: Unit): Unit {
  const holder = createStream(arena);
  if (holder === 0) return 0;
  if (!linkGroup(arena, holder, group)) {
    arena.free(holder);
    return 0;
  }
  unlinkGroup(arena, stream, group);
  const size = groupBytes(arena, group);
  arena.words[(stream << 1) + SIZE_WORD] -= size;
  arena.words[(holder << 1) + SIZE_WORD] += size;
  return holder;
}

/** Removes a group with all its consumers at once. */
export function removeGroup(arena: Arena, stream: Unit, group: Unit): void {
  left = Infinity;
  freeGroup(arena, stream, group);
}

/** Streams: registered as what holds them. */
export const STREAM: Structure = { free, copy, sizeBytes, check: checkStream };
