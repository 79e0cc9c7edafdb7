/**
 * Ways through a skip list: to a score, a member, or a rank.
 *
 * Every way begins at the list's header, which is laid out as a node before the first one, and goes
 * down level by level. Cost: O(log n) steps, each a read of a node's score.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import {
  compareMember,
  linkOf,
  LINKS_WORD,
  MAX_LEVELS,
  nextOf,
  SCORE_UNIT,
} from "./skip_list_node.ts";
import type { Unit } from "./structure.ts";

/** Where in a list's header its figures stand; the rest of it is a node. */
export const LENGTH_WORD = 2;
export const LEVELS_WORD = 3;

/** The node on each level behind which the last search went down, and that node's rank. */
export const path: Int32Array = new Int32Array(MAX_LEVELS);
export const ranks: Int32Array = new Int32Array(MAX_LEVELS);

/** How many nodes are before the place that the last search found. */
let rankFound = 0;

/** How many nodes are before the place that the last search of this file found. */
export function foundRank(): number {
  return rankFound;
}

/**
 * The last node before (score, member), and into `path` and `ranks` the way to it.
 * @returns the list itself when no node is before
 */
export function findPath(
  arena: Arena,
  list: Unit,
  score: number,
  source: Memory,
  offset: number,
  length: number,
): Unit {
  const { words, doubles } = arena;
  let node = list, rank = 0;
  /** Known not to be before the place. */
  let stop = 0;
  for (let level = words[(list << 1) + LEVELS_WORD] - 1; level >= 1; level--) {
    let link = (node << 1) + LINKS_WORD + 2 * level;
    let next = words[link];
    while (next !== 0 && next !== stop) {
      const other = doubles[next + SCORE_UNIT];
      if (
        other > score ||
        (other === score && compareMember(arena, next, source, offset, length) >= 0)
      ) {
        stop = next;
        break;
      }
      rank += words[link + 1];
      node = next;
      link = (node << 1) + LINKS_WORD + 2 * level;
      next = words[link];
    }
    path[level] = node;
    ranks[level] = rank;
  }
  let next = nextOf(words, node);
  while (next !== 0 && next !== stop) {
    const other = doubles[next + SCORE_UNIT];
    if (
      other > score || (other === score && compareMember(arena, next, source, offset, length) >= 0)
    ) break;
    rank++;
    node = next;
    next = nextOf(words, node);
  }
  path[0] = node;
  ranks[0] = rank;
  rankFound = rank;
  return node;
}

/** Searches that `touchPaths` walks together at most. */
export const MAX_LANES = 128;
const laneNodes = new Int32Array(MAX_LANES);
/** Lanes that still go on on the level at hand, where they would go, and the scores there. */
const lanes = new Int32Array(MAX_LANES);
const nexts = new Int32Array(MAX_LANES);
const found = new Float64Array(MAX_LANES);

/**
 * Reads what searches for the first `count` of these scores will read. They are walked step by step
 * together, so that the processor overlaps their cache misses.
 */
export function touchPaths(arena: Arena, list: Unit, scores: Float64Array, count: number): void {
  const { words, doubles } = arena;
  laneNodes.fill(list, 0, count);
  for (let level = words[(list << 1) + LEVELS_WORD] - 1; level >= 0; level--) {
    const link = linkOf(0, level);
    for (let i = 0; i < count; i++) lanes[i] = i;
    for (let going = count; going > 0;) {
      for (let i = 0; i < going; i++) nexts[i] = words[(laneNodes[lanes[i]] << 1) + link];
      for (let i = 0; i < going; i++) found[i] = doubles[nexts[i] + SCORE_UNIT];
      let left = 0;
      for (let i = 0; i < going; i++) {
        if (nexts[i] === 0 || !(found[i] < scores[lanes[i]])) continue;
        laneNodes[lanes[i]] = nexts[i];
        lanes[left++] = lanes[i];
      }
      going = left;
    }
  }
}

/**
 * The last node whose score is below a bound; `foundRank` is then the number of such nodes.
 * @param orEqual whether a score that equals the bound is below it, too
 * @returns the list itself when there is none
 */
export function lastBelowScore(arena: Arena, list: Unit, bound: number, orEqual: boolean): Unit {
  const { words, doubles } = arena;
  let node = list, rank = 0;
  for (let level = words[(list << 1) + LEVELS_WORD] - 1; level >= 0; level--) {
    let link = linkOf(node, level);
    for (let next = words[link]; next !== 0; next = words[link]) {
      const score = doubles[next + SCORE_UNIT];
      if (score > bound || (score === bound && !orEqual)) break;
      rank += level === 0 ? 1 : words[link + 1];
      node = next;
      link = linkOf(node, level);
    }
  }
  rankFound = rank;
  return node;
}

/** As `lastBelowScore`, for members; all scores are taken to be equal. */
export function lastBelowMember(
  arena: Arena,
  list: Unit,
  source: Memory,
  offset: number,
  length: number,
  orEqual: boolean,
): Unit {
  const { words } = arena;
  const limit = orEqual ? 1 : 0;
  let node = list, rank = 0;
  for (let level = words[(list << 1) + LEVELS_WORD] - 1; level >= 0; level--) {
    let link = linkOf(node, level);
    for (let next = words[link]; next !== 0; next = words[link]) {
      if (Math.sign(compareMember(arena, next, source, offset, length)) >= limit) break;
      rank += level === 0 ? 1 : words[link + 1];
      node = next;
      link = linkOf(node, level);
    }
  }
  rankFound = rank;
  return node;
}

/** The node that `rank` nodes precede; into `path` the way to it. @returns 0 if there is none */
export function nodeAt(arena: Arena, list: Unit, rank: number): Unit {
  const { words } = arena;
  if (!(rank >= 0 && rank < words[(list << 1) + LENGTH_WORD])) return 0;
  let node = list, before = 0;
  for (let level = words[(list << 1) + LEVELS_WORD] - 1; level >= 0; level--) {
    let link = linkOf(node, level);
    while (words[link] !== 0) {
      const span = level === 0 ? 1 : words[link + 1];
      if (before + span > rank) break;
      before += span;
      node = words[link];
      link = linkOf(node, level);
    }
    path[level] = node;
    ranks[level] = before;
  }
  return nextOf(words, node);
}
