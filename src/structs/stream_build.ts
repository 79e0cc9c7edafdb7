/**
 * Builds streams of what was dumped: whole listpacks, groups and what is pending of them.
 *
 *     const stream = createStream(arena);
 *     addNode(arena, stream, id, 0, source, offset, length);        // of each listpack, ids ascending
 *     finishStream(arena, stream);                                  // then the ids of the header
 *     const group = createGroup(...);                               // stream_group.ts
 *     const pending = makePending(...);                             // stream_pending.ts
 *     const consumer = createConsumer(...);
 *     assignPending(arena, stream, pending, consumer);
 *
 * To read a stream the same way: `unitsOf` over `nodesOf`, `groupsOf`, `consumersOf`, `pendingOf`;
 * `openNode` shows the listpack of a node, whose id begins at word `node << 1`.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { StreamCursor } from "./stream_cursor.ts";
import { unitsOf } from "./stream_group.ts";
import {
  FIRST_ID_WORD,
  insertById,
  lastValue,
  LENGTH_WORD,
  nodesOf,
  TAIL_WORD,
} from "./stream_header.ts";
import { copyId, setZeroId } from "./stream_id.ts";
import { entryCount, freeNode, makeNodeOf, type NodeListpack, openNode } from "./stream_node.ts";
import type { Unit } from "./structure.ts";

/**
 * Adds a node behind those that a stream has.
 * @param source holds the listpack, never the arena itself, with 3 readable bytes behind it
 * @returns false when there is no memory
 */
export function addNode(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
  source: Memory,
  offset: number,
  length: number,
): boolean {
  const node = makeNodeOf(arena, stream, id, idAt, source, offset, length);
  if (node === 0) return false;
  if (insertById(arena, nodesOf(stream), id, idAt, node)) return true;
  freeNode(arena, stream, node);
  return false;
}

/** Counts the entries of the nodes that were added, and finds the first and the last. */
export function finishStream(arena: Arena, stream: Unit): void {
  const { words } = arena;
  const head = stream << 1;
  const opened: NodeListpack = { region: arena, lp: 0 };
  let length = 0;
  for (const node of unitsOf(arena, nodesOf(stream))) {
    openNode(arena, node, opened);
    length += entryCount(opened.region.bytes, opened.lp);
  }
  words[head + LENGTH_WORD] = length;
  words[head + TAIL_WORD] = lastValue(arena, nodesOf(stream));
  const cursor = new StreamCursor();
  cursor.openAll(arena, stream, false);
  if (cursor.next()) copyId(cursor.id, 0, words, head + FIRST_ID_WORD);
  else setZeroId(words, head + FIRST_ID_WORD);
}
