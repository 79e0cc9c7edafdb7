/**
 * How many nodes the radix tree of Redis would have for a stream's nodes; XINFO tells it.
 *
 * That tree has one node for each key, a fork for each place where keys part, and a run for bytes in
 * between at which no keys part. The number is kept while nodes are only appended; for that the
 * header notes the depths of the forks above the last key, a bit for each. Otherwise the number is
 * forgotten, and counted when somebody asks.
 *
 * Cost: O(1); O(nodes of the stream) once after a node was removed.  Source: Redis src/rax.c.
 */
import type { Arena } from "../memory/arena.ts";
import { RadixCursor } from "./radix_cursor.ts";
import { FLAGS_WORD, nodesOf, RAX_NODES_WORD } from "./stream_header.ts";
import { ID_BYTES, ID_WORDS } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

/** The forks' bits are above the flags. */
const FORKS_SHIFT = 16;
const FLAGS_MASK = (1 << FORKS_SHIFT) - 1;
/** Above all bytes. */
const ROOT = -1;

const cursor = new RadixCursor();
const previous = new Uint8Array(ID_BYTES);

/** Number of nodes, the root included. */
export function raxNodeCount(arena: Arena, stream: Unit): number {
  const { words } = arena;
  const head = stream << 1;
  if (words[head + RAX_NODES_WORD] === 0) countRaxNodes(arena, stream);
  return words[head + RAX_NODES_WORD];
}

/** Says that nodes were removed, or added in the middle. */
export function forgetRaxNodes(arena: Arena, stream: Unit): void {
  arena.words[(stream << 1) + RAX_NODES_WORD] = 0;
}

/** Says that a node was added behind the last one. @param last that one, 0 = there was none */
export function noteRaxAppended(
  arena: Arena,
  stream: Unit,
  last: Unit,
  id: Int32Array,
  idAt: number,
): void {
  const { words } = arena;
  const head = stream << 1;
  if (last === 0) {
    setRax(arena, stream, 2, 0);
    return;
  }
  const count = words[head + RAX_NODES_WORD];
  if (count === 0) return;
  const forks = words[head + FLAGS_WORD] >>> FORKS_SHIFT;
  const depth = commonIdBytes(words, last << 1, id, idAt);
  const above = forks & ((1 << depth) - 1);
  let added = 1 + runNode(depth, ID_BYTES);
  if ((forks & (1 << depth)) === 0) {
    const upper = above === 0 ? ROOT : 31 - Math.clz32(above);
    const below = forks & ~((2 << depth) - 1);
    const lower = below === 0 ? ID_BYTES : 31 - Math.clz32(below & -below);
    added += 1 + runNode(upper, depth) + runNode(depth, lower) - runNode(upper, lower);
  }
  setRax(arena, stream, count + added, above | (1 << depth));
}

function setRax(arena: Arena, stream: Unit, count: number, forks: number): void {
  const { words } = arena;
  const flags = (stream << 1) + FLAGS_WORD;
  words[(stream << 1) + RAX_NODES_WORD] = count;
  words[flags] = (words[flags] & FLAGS_MASK) | (forks << FORKS_SHIFT);
}

/** Bytes that two ids begin with in common; they are different. */
function commonIdBytes(a: Int32Array, aAt: number, b: Int32Array, bAt: number): number {
  let i = 0;
  while (i < ID_WORDS - 1 && a[aAt + i] === b[bAt + i]) i++;
  return i * 4 + (Math.clz32(a[aAt + i] ^ b[bAt + i]) >>> 3);
}

function countRaxNodes(arena: Arena, stream: Unit): void {
  let count = 0;
  /** Depths of the forks above the key, a bit for each. */
  let forks = 0;
  let forkBefore = ROOT;
  for (let more = cursor.first(arena, nodesOf(stream)); more;) {
    const { bytes } = cursor.key;
    for (let i = 0; i < ID_BYTES; i++) previous[i] = bytes[i];
    more = cursor.next();
    const common = more ? commonBytes(cursor.key.bytes) : ROOT;
    // The key before, below the deeper of the forks on both of its sides.
    count += 1 + runNode(Math.max(forkBefore, common), ID_BYTES);
    forkBefore = common;
    if (!more) break;
    count += closeForks(forks, common);
    forks = (forks & ((1 << common) - 1)) | (1 << common);
  }
  count += closeForks(forks, ROOT);
  setRax(arena, stream, Math.max(1, count), forks);
}

/** Nodes of the forks that are deeper than `depth`, and of the runs above them. */
function closeForks(forks: number, depth: number): number {
  let count = 0;
  let open = forks;
  while (open !== 0) {
    const fork = 31 - Math.clz32(open);
    if (fork <= depth) break;
    open ^= 1 << fork;
    const above = open === 0 ? ROOT : 31 - Math.clz32(open);
    count += 1 + runNode(Math.max(above, depth), fork);
  }
  return count;
}

function commonBytes(key: Uint8Array): number {
  let i = 0;
  while (i < ID_BYTES && previous[i] === key[i]) i++;
  return i;
}

/** 1 if there are bytes between a fork, or the root, and what is at a depth below it. */
function runNode(fork: number, depth: number): number {
  return depth - fork - 1 > 0 ? 1 : 0;
}
