/**
 * Skip list: members ordered by score, then by their bytes, each in a node (skip_list_node.ts).
 *
 *   OFFSET  SIZE  FIELD of the list's header, LIST_BYTES somewhere in the owner's block
 *        0     4  header    as of a node with 14 levels and an empty member
 *        4     4  tail      unit of the last node, 0 = none
 *        8     4  length    number of nodes
 *       12     4  levels    of the highest node, at least 1
 *       16   108  links     as of a node: forward, then forward and span of levels 1 to 13
 *
 *   level 2  header ─────────────────3────────────▶ (2, c) ──────1───────────▶ 0
 *   level 1  header ──────1─────▶ (1, a) ───2─────▶ (2, c) ──────1───────────▶ 0
 *   level 0  header ──▶ (1, a) ──▶ (1, b) ──▶ (2, c) ──▶ (2, d) ──▶ 0
 *
 * The spans of the links that a search follows add up to the rank of where it arrives, and the same
 * way leads to the node of a rank.
 *
 * Invariants: nodes ascend by (score, member) without doubles; a level's links skip no node that has
 * this level; spans are the distances on level 0; each node's backward is its predecessor on level 0.
 * Cost: insertion, removal and ranks O(log n) expected; what is known by its node and keeps its place
 * changes its score in O(1).  Source: Pugh, Skip Lists (1990) and A Skip List Cookbook (1990).
 */
import type { Arena } from "../memory/arena.ts";
import {
  aim,
  aimed,
  BACKWARD_WORD,
  emptyHeader,
  levelsOf,
  linkOf,
  MAX_LEVELS,
  nextOf,
  SCORE_UNIT,
} from "./skip_list_node.ts";
import { findPath, LENGTH_WORD, LEVELS_WORD, nodeAt, path, ranks } from "./skip_list_search.ts";
import type { Unit } from "./structure.ts";

/** Bytes of a list's header; a multiple of 8, as a list is named by a unit. */
export const LIST_BYTES = 128;

/** Makes an empty list. @param list unit where its header is to be */
export function initList(words: Int32Array, list: Unit): void {
  const at = list << 1;
  words.fill(0, at, at + (LIST_BYTES >> 2));
  words[at] = emptyHeader(MAX_LEVELS);
  words[at + LEVELS_WORD] = 1;
}

/** Number of nodes. */
export function listLength(words: Int32Array, list: Unit): number {
  return words[(list << 1) + LENGTH_WORD];
}

/** The first node, 0 = none. */
export function firstOf(words: Int32Array, list: Unit): Unit {
  return nextOf(words, list);
}

/** The last node, 0 = none. */
export function lastOf(words: Int32Array, list: Unit): Unit {
  return words[(list << 1) + BACKWARD_WORD];
}

/** Puts a node in its place; its member is not there yet. */
export function insertNode(arena: Arena, list: Unit, node: Unit): void {
  rankOf(arena, list, node);
  link(arena, list, node);
}

/** Puts a node behind the nodes of `path`. */
function link(arena: Arena, list: Unit, node: Unit): void {
  const { words } = arena;
  const head = list << 1;
  const levels = levelsOf(words, node);
  const length = words[head + LENGTH_WORD];
  for (let level = words[head + LEVELS_WORD]; level < levels; level++) {
    path[level] = list;
    ranks[level] = 0;
    words[linkOf(list, level) + 1] = length;
    words[head + LEVELS_WORD] = level + 1;
  }
  const rank = ranks[0];
  const previous = path[0];
  const next = nextOf(words, previous);
  words[linkOf(node, 0)] = next;
  words[linkOf(previous, 0)] = node;
  words[(node << 1) + BACKWARD_WORD] = previous === list ? 0 : previous;
  words[((next === 0 ? list : next) << 1) + BACKWARD_WORD] = node;
  for (let level = 1; level < levels; level++) {
    const before = linkOf(path[level], level);
    const own = linkOf(node, level);
    const distance = rank - ranks[level];
    words[own] = words[before];
    words[own + 1] = words[before + 1] - distance;
    words[before] = node;
    words[before + 1] = distance + 1;
  }
  for (let level = levels; level < words[head + LEVELS_WORD]; level++) {
    words[linkOf(path[level], level) + 1]++;
  }
  words[head + LENGTH_WORD] = length + 1;
}

/** Takes the node behind the nodes of `path` out of the list; its block stays. */
function unlink(arena: Arena, list: Unit, node: Unit): void {
  const { words } = arena;
  const head = list << 1;
  const next = nextOf(words, node);
  words[linkOf(path[0], 0)] = next;
  words[((next === 0 ? list : next) << 1) + BACKWARD_WORD] = words[(node << 1) + BACKWARD_WORD];
  const levels = levelsOf(words, node);
  for (let level = words[head + LEVELS_WORD] - 1; level >= 1; level--) {
    const before = linkOf(path[level], level);
    if (level < levels) {
      const own = linkOf(node, level);
      words[before] = words[own];
      words[before + 1] += words[own + 1] - 1;
    } else {
      words[before + 1]--;
    }
  }
  words[head + LENGTH_WORD]--;
  let top = words[head + LEVELS_WORD];
  while (top > 1 && words[linkOf(list, top - 1)] === 0) top--;
  words[head + LEVELS_WORD] = top;
}

/** The way to a node, into `path` and `ranks`. @returns how many nodes are before it */
export function rankOf(arena: Arena, list: Unit, node: Unit): number {
  aim(arena, node);
  const score = arena.doubles[node + SCORE_UNIT];
  findPath(arena, list, score, aimed.memory, aimed.offset, aimed.length);
  return ranks[0];
}

/** Takes a node out; its block is the caller's. */
export function removeNode(arena: Arena, list: Unit, node: Unit): void {
  rankOf(arena, list, node);
  unlink(arena, list, node);
}

/**
 * Takes out `count` nodes, of which the first has this rank.
 * @param leaves is given each of them, when it is in the list no more
 */
export function removeNodes(
  arena: Arena,
  list: Unit,
  rank: number,
  count: number,
  leaves: (node: Unit) => void,
): void {
  nodeAt(arena, list, rank);
  for (let i = 0; i < count; i++) {
    const node = nextOf(arena.words, path[0]);
    unlink(arena, list, node);
    leaves(node);
  }
}

/** Gives a node another score. @param score not NaN */
export function updateScore(arena: Arena, list: Unit, node: Unit, score: number): void {
  const { words, doubles } = arena;
  const previous = words[(node << 1) + BACKWARD_WORD];
  const next = nextOf(words, node);
  const isInPlace = (previous === 0 || doubles[previous + SCORE_UNIT] < score) &&
    (next === 0 || doubles[next + SCORE_UNIT] > score);
  if (!isInPlace) {
    rankOf(arena, list, node);
    unlink(arena, list, node);
    doubles[node + SCORE_UNIT] = score;
    rankOf(arena, list, node);
    link(arena, list, node);
  }
  doubles[node + SCORE_UNIT] = score;
}

/** Takes out the first node, in O(1). @returns 0 if there was none */
export function removeFirst(arena: Arena, list: Unit): Unit {
  const node = nextOf(arena.words, list);
  if (node === 0) return 0;
  path.fill(list);
  unlink(arena, list, node);
  return node;
}

/**
 * Adds a node behind all others, where it belongs, in O(1).
 * @param tails the last node of each level, the list itself where there is none; kept up to date
 */
export function appendNode(arena: Arena, list: Unit, node: Unit, tails: Int32Array): void {
  const { words } = arena;
  const levels = levelsOf(words, node);
  const length = listLength(words, list);
  path[0] = tails[0];
  ranks[0] = length;
  for (let level = 1; level < MAX_LEVELS; level++) {
    path[level] = tails[level];
    ranks[level] = length - words[linkOf(tails[level], level) + 1];
  }
  tails.fill(node, 0, levels);
  link(arena, list, node);
}
