/**
 * Header of a quicklist: where its ends are, and what it takes.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  head     first node, in 8-byte units; 0 = none
 *        4     4  tail     last node
 *        8     4  length   elements of all nodes
 *       12     4  nodes    how many
 *       16     4  memory   bytes of all blocks, the header included
 *       20     2  fill     how much a node may hold, signed (quicklist_limits.ts)
 *       22     2  depth    nodes at either end that are never packed; 0 = none is ever packed
 */
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import type { Unit } from "./structure.ts";

/** A quicklist: the unit of its header. */
export type List = Unit;

const HEADER_CLASS = pinnedClassOf(24);
const HEAD_WORD = 0;
const TAIL_WORD = 1;
const LENGTH_WORD = 2;
const NODES_WORD = 3;
const MEMORY_WORD = 4;
const OPTIONS_WORD = 5;
const FILL_MAX = 32_767;
const FILL_MIN = -5;
const DEPTH_MAX = 65_535;

/** Makes an empty list. @param fill, depth as configured @returns 0: no memory */
export function createHeader(arena: Arena, fill: number, depth: number): List {
  const list = arena.allocate(HEADER_CLASS);
  if (list === 0) return 0;
  const word = list << 1;
  arena.words.fill(0, word, word + OPTIONS_WORD);
  arena.words[word + MEMORY_WORD] = arena.blockSize(list);
  const held = Math.max(FILL_MIN, Math.min(FILL_MAX, fill));
  arena.words[word + OPTIONS_WORD] = (held & 0xffff) | (Math.min(depth, DEPTH_MAX) << 16);
  return list;
}

/** First node, 0 = none. */
export function headOf(arena: Arena, list: List): Unit {
  return arena.words[(list << 1) + HEAD_WORD];
}

/** Last node, 0 = none. */
export function tailOf(arena: Arena, list: List): Unit {
  return arena.words[(list << 1) + TAIL_WORD];
}

/** Number of elements. */
export function lengthOf(arena: Arena, list: List): number {
  return arena.words[(list << 1) + LENGTH_WORD];
}

export function nodesOf(arena: Arena, list: List): number {
  return arena.words[(list << 1) + NODES_WORD];
}

/** Memory of all blocks in bytes. */
export function memoryOf(arena: Arena, list: List): number {
  return arena.words[(list << 1) + MEMORY_WORD];
}

export function fillOf(arena: Arena, list: List): number {
  return (arena.words[(list << 1) + OPTIONS_WORD] << 16) >> 16;
}

export function depthOf(arena: Arena, list: List): number {
  return arena.words[(list << 1) + OPTIONS_WORD] >>> 16;
}

export function setHead(arena: Arena, list: List, node: Unit): void {
  arena.words[(list << 1) + HEAD_WORD] = node;
}

export function setTail(arena: Arena, list: List, node: Unit): void {
  arena.words[(list << 1) + TAIL_WORD] = node;
}

export function addLength(arena: Arena, list: List, difference: number): void {
  arena.words[(list << 1) + LENGTH_WORD] += difference;
}

export function addNodes(arena: Arena, list: List, difference: number): void {
  arena.words[(list << 1) + NODES_WORD] += difference;
}

export function addMemory(arena: Arena, list: List, difference: number): void {
  arena.words[(list << 1) + MEMORY_WORD] += difference;
}
