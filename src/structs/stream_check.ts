/** Walks a whole stream and finds what is wrong with it. */
import type { Arena } from "../memory/arena.ts";
import { blobCheck } from "./blob.ts";
import { totalBytes, validate } from "./listpack.ts";
import { radixCheck } from "./radix_slices.ts";
import { StreamCursor } from "./stream_cursor.ts";
import {
  consumersOf,
  findGroup,
  groupBytes,
  groupNameLength,
  groupNameOffset,
  pendingCount,
  pendingOf,
  unitsOf,
} from "./stream_group.ts";
import {
  FIRST_ID_WORD,
  FLAGS_WORD,
  groupsOf,
  IS_BEING_FREED,
  LAST_ID_WORD,
  lastValue,
  nodesOf,
  SIZE_WORD,
  streamLength,
  TAIL_WORD,
} from "./stream_header.ts";
import { compareIds, copyId, ID_WORDS, isZeroId, setZeroId } from "./stream_id.ts";
import {
  blobOf,
  deletedCount,
  entryCount,
  nodeCapacity,
  type NodeListpack,
  openNode,
} from "./stream_node.ts";
import { consumerOf, findPending, pendingIdAt } from "./stream_pending.ts";
import { forgetRaxNodes, raxNodeCount } from "./stream_rax.ts";
import type { BlockOwner, Unit } from "./structure.ts";

/** Structure.check for streams. */
export function checkStream(arena: Arena, stream: Unit, owner: BlockOwner): void {
  owner.ownsBlock(stream);
  const isBeingFreed = (arena.words[(stream << 1) + FLAGS_WORD] & IS_BEING_FREED) !== 0;
  const nodes: Unit[] = [], groups: Unit[] = [];
  radixCheck(arena, nodesOf(stream), owner, (node) => nodes.push(node));
  radixCheck(arena, groupsOf(stream), owner, (group) => groups.push(group));
  let size = arena.blockSize(stream);
  for (const node of nodes) size += checkNode(arena, node, owner);
  for (const group of groups) {
    ownGroup(arena, group, owner);
    if (isBeingFreed) continue;
    checkGroup(arena, stream, group);
    size += groupBytes(arena, group);
  }
  if (isBeingFreed) return;
  if (size !== arena.words[(stream << 1) + SIZE_WORD]) {
    throw new Error(`a stream of ${size} bytes counted otherwise`);
  }
  checkEntries(arena, stream);
  const counted = raxNodeCount(arena, stream);
  forgetRaxNodes(arena, stream);
  if (raxNodeCount(arena, stream) !== counted) throw new Error("radix-tree-nodes is wrong");
}

/** @returns the bytes of its blocks */
function checkNode(arena: Arena, node: Unit, owner: BlockOwner): number {
  owner.ownsBlock(node);
  const opened: NodeListpack = { region: arena, lp: 0 };
  openNode(arena, node, opened);
  const { bytes } = opened.region;
  const length = totalBytes(bytes, opened.lp);
  const blob = blobOf(arena, node);
  let size = arena.blockSize(node);
  if (blob !== 0) {
    const blocks: Unit[] = [];
    blobCheck(arena, blob, {
      ownsBlock: (unit) => {
        owner.ownsBlock(unit);
        blocks.push(unit);
        size += arena.blockSize(unit);
      },
      ownsPage: (page) => {
        owner.ownsPage(page);
        size += 65_536;
      },
    });
  } else if (length > nodeCapacity(arena, node)) {
    throw new Error(`a node of a stream has no bytes to spare`);
  }
  if (!validate(bytes, opened.lp, length, true)) {
    throw new Error("a node of a stream holds no sound listpack");
  }
  return size;
}

function ownGroup(arena: Arena, group: Unit, owner: BlockOwner): void {
  owner.ownsBlock(group);
  radixCheck(arena, pendingOf(group), owner, (pending) => owner.ownsBlock(pending));
  const consumers: Unit[] = [];
  radixCheck(arena, consumersOf(group), owner, (consumer) => consumers.push(consumer));
  for (const consumer of consumers) {
    owner.ownsBlock(consumer);
    radixCheck(arena, pendingOf(consumer), owner);
  }
}

function checkGroup(arena: Arena, stream: Unit, group: Unit): void {
  const offset = groupNameOffset(group), length = groupNameLength(arena, group);
  if (findGroup(arena, stream, arena, offset, length) !== group) {
    throw new Error("a group is not found by its name");
  }
  let pending = 0;
  for (const consumer of unitsOf(arena, consumersOf(group))) {
    for (const each of unitsOf(arena, pendingOf(consumer))) {
      pending++;
      if (consumerOf(arena, each) !== consumer) throw new Error("a consumer has another's entry");
      if (findPending(arena, group, arena.words, pendingIdAt(each)) !== each) {
        throw new Error("what is pending of a consumer is not pending of its group");
      }
    }
  }
  if (pending !== pendingCount(arena, group)) {
    throw new Error(`${pending} entries pending of consumers, counted otherwise by the group`);
  }
}

function checkEntries(arena: Arena, stream: Unit): void {
  const { words } = arena;
  const head = stream << 1;
  const cursor = new StreamCursor();
  const before = new Int32Array(ID_WORDS), first = new Int32Array(ID_WORDS);
  let length = 0, entries = 0, deleted = 0, node = 0;
  const endNode = (): void => {
    if (node === 0) return;
    const opened: NodeListpack = { region: arena, lp: 0 };
    openNode(arena, node, opened);
    const { bytes } = opened.region;
    if (entryCount(bytes, opened.lp) !== entries) {
      throw new Error(`a node of ${entries} entries counts ${entryCount(bytes, opened.lp)}`);
    }
    if (deletedCount(bytes, opened.lp) !== deleted) throw new Error("deleted entries miscounted");
    entries = deleted = 0;
  };
  setZeroId(first, 0);
  cursor.openAll(arena, stream, false);
  for (cursor.showsDeleted = true; cursor.next();) {
    if (cursor.node !== node) endNode();
    node = cursor.node;
    if (compareIds(before, 0, cursor.id, 0) >= 0) throw new Error("ids do not ascend");
    copyId(cursor.id, 0, before, 0);
    if (cursor.isDeleted) {
      deleted++;
      continue;
    }
    entries++;
    if (length++ === 0) copyId(cursor.id, 0, first, 0);
  }
  endNode();
  if (length !== streamLength(arena, stream)) {
    throw new Error(`a stream of ${length} entries counts ${streamLength(arena, stream)}`);
  }
  if (compareIds(before, 0, words, head + LAST_ID_WORD) > 0) throw new Error("the last id is less");
  if (compareIds(first, 0, words, head + FIRST_ID_WORD) !== 0) {
    throw new Error("the first id is another");
  }
  if (words[head + TAIL_WORD] !== lastValue(arena, nodesOf(stream))) {
    throw new Error("the last node is another");
  }
  if (length === 0 && !isZeroId(words, head + FIRST_ID_WORD)) throw new Error("a first id of none");
}
