/** Walks a whole skip list and tells whether all its invariants hold. */
import type { Arena } from "../memory/arena.ts";
import { listLength } from "./skip_list.ts";
import {
  aim,
  aimed,
  BACKWARD_WORD,
  compareMember,
  levelsOf,
  linkOf,
  nextOf,
  scoreOf,
} from "./skip_list_node.ts";
import { LEVELS_WORD } from "./skip_list_search.ts";
import type { Unit } from "./structure.ts";

/** @throws Error that names the first broken invariant */
export function checkList(arena: Arena, list: Unit): void {
  const { words } = arena;
  /** How many nodes are before each. */
  const positions = new Map<Unit, number>();
  let previous = 0, levels = 1;
  for (let node = nextOf(words, list); node !== 0; node = nextOf(words, node)) {
    if (positions.has(node)) throw new Error(`node ${node} follows itself`);
    positions.set(node, positions.size);
    if (words[(node << 1) + BACKWARD_WORD] !== previous) {
      throw new Error(`node ${node} does not lead back to ${previous}`);
    }
    if (previous !== 0) checkOrder(arena, previous, node);
    levels = Math.max(levels, levelsOf(words, node));
    previous = node;
  }
  if (words[(list << 1) + BACKWARD_WORD] !== previous) throw new Error("the tail is not the last");
  if (positions.size !== listLength(words, list)) {
    throw new Error(`${positions.size} nodes, counted ${listLength(words, list)}`);
  }
  if (levels !== words[(list << 1) + LEVELS_WORD]) {
    throw new Error(`${levels} levels, not as noted`);
  }
  for (let level = 1; level < levels; level++) checkLevel(arena, list, level, positions);
}

function checkOrder(arena: Arena, before: Unit, node: Unit): void {
  const first = scoreOf(arena, before), second = scoreOf(arena, node);
  aim(arena, node);
  const isAscending = first < second ||
    (first === second &&
      compareMember(arena, before, aimed.memory, aimed.offset, aimed.length) < 0);
  if (!isAscending) throw new Error(`node ${node} is not in order`);
}

/** Follows the links of a level. */
function checkLevel(
  arena: Arena,
  list: Unit,
  level: number,
  positions: ReadonlyMap<Unit, number>,
): void {
  const { words } = arena;
  let expected = 0;
  for (const node of positions.keys()) if (levelsOf(words, node) > level) expected++;
  let node = list, position = -1;
  for (let steps = 0;; steps++) {
    const link = linkOf(node, level);
    const next = words[link];
    const nextPosition = next === 0 ? positions.size - 1 : positions.get(next);
    if (nextPosition === undefined) throw new Error(`level ${level} leads out of the list`);
    if (words[link + 1] !== nextPosition - position) {
      throw new Error(`node ${node} has a span of ${words[link + 1]} on level ${level}`);
    }
    if (next === 0) {
      if (steps !== expected) throw new Error(`level ${level} has ${steps} of ${expected} nodes`);
      return;
    }
    if (levelsOf(words, next) <= level) {
      throw new Error(`node ${next} has no level ${level}`);
    }
    node = next;
    position = nextPosition;
  }
}
