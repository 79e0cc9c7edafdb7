/**
 * Ranges of sorted sets by score and by member, as ranges of ranks.
 *
 * Cost: O(log n) in skip lists, O(n) in listpacks.
 */
import type { Region } from "../ports/region.ts";
import * as listpack from "../structs/listpack.ts";
import { foundRank, lastBelowMember, lastBelowScore } from "../structs/skip_list_search.ts";
import { ENCODING_SKIPLIST, LOCAL_MASK, type RecordRef } from "./record_kinds.ts";
import type { Records } from "./records.ts";
import * as compact from "./sorted_set_listpack.ts";
import { lengthOf } from "./sorted_sets.ts";

/** Scores from `min` to `max`, both included unless they are open. */
export interface ScoreRange {
  min: number;
  isMinOpen: boolean;
  max: number;
  isMaxOpen: boolean;
}

/** One end of a range of members. */
export interface LexBound {
  /** -1 and 1: before and behind all members; 0: the member that follows. */
  infinite: -1 | 0 | 1;
  isOpen: boolean;
  offset: number;
  length: number;
}

/** Members from `min` to `max`, whose bytes are in `source`. */
export interface LexRange {
  source: Region;
  readonly min: LexBound;
  readonly max: LexBound;
}

/** The ranks that were last asked for. */
export interface RankRange {
  start: number;
  count: number;
}

/** Finds the ranks of the members whose score is in the range. */
export function findScores(ks: Records, ref: RecordRef, range: ScoreRange, found: RankRange): void {
  found.start = countBelow(ks, ref, range.min, range.isMinOpen);
  found.count = Math.max(0, countBelow(ks, ref, range.max, !range.isMaxOpen) - found.start);
}

/** How many scores are below a bound. @param orEqual whether those that equal it count, too */
function countBelow(ks: Records, ref: RecordRef, bound: number, orEqual: boolean): number {
  if (ks.encodingOf(ref) !== ENCODING_SKIPLIST) {
    return compact.countBelowScore(ks.regionOf(ref).bytes, ks.valueOffset(ref), bound, orEqual);
  }
  const structure = ks.structureRef(ref);
  lastBelowScore(ks.outside.arenaOf(structure), structure & LOCAL_MASK, bound, orEqual);
  return foundRank();
}

/**
 * Finds the ranks of the members that are in the range; all scores are taken to be equal. In a listpack
 * where they are not, it is the first such stretch from the side that the walk begins at.
 */
export function findMembers(
  ks: Records,
  ref: RecordRef,
  range: LexRange,
  isReverse: boolean,
  found: RankRange,
): void {
  found.count = 0;
  if (isEmptyRange(range)) return;
  if (ks.encodingOf(ref) === ENCODING_SKIPLIST) {
    found.start = countBelowMember(ks, ref, range, range.min, range.min.isOpen);
    const end = countBelowMember(ks, ref, range, range.max, !range.max.isOpen);
    found.count = Math.max(0, end - found.start);
  } else {
    findInListpack(ks.regionOf(ref).bytes, ks.valueOffset(ref), range, isReverse, found);
  }
}

/** Whether no member can be in the range. */
function isEmptyRange({ source, min, max }: LexRange): boolean {
  if (min.infinite !== 0 || max.infinite !== 0) {
    return min.infinite > max.infinite || (min.infinite === max.infinite && min.infinite !== 0);
  }
  const { bytes } = source;
  const common = Math.min(min.length, max.length);
  let order = 0;
  for (let i = 0; i < common && order === 0; i++) {
    order = bytes[min.offset + i] - bytes[max.offset + i];
  }
  if (order === 0) order = min.length - max.length;
  return order > 0 || (order === 0 && (min.isOpen || max.isOpen));
}

function countBelowMember(
  ks: Records,
  ref: RecordRef,
  { source }: LexRange,
  bound: LexBound,
  orEqual: boolean,
): number {
  if (bound.infinite !== 0) return bound.infinite < 0 ? 0 : lengthOf(ks, ref);
  const structure = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(structure);
  lastBelowMember(arena, structure & LOCAL_MASK, source, bound.offset, bound.length, orEqual);
  return foundRank();
}

/** How the member at `p` compares to a bound; 0 where they are equal and the bound is included. */
function compareToBound(
  bytes: Uint8Array,
  p: listpack.Position,
  { source }: LexRange,
  bound: LexBound,
): number {
  if (bound.infinite !== 0) return -bound.infinite;
  return listpack.compareText(bytes, p, source.bytes, bound.offset, bound.length);
}

function isAboveMin(bytes: Uint8Array, p: listpack.Position, range: LexRange): boolean {
  const order = compareToBound(bytes, p, range, range.min);
  return order > 0 || (order === 0 && !range.min.isOpen);
}

function isBelowMax(bytes: Uint8Array, p: listpack.Position, range: LexRange): boolean {
  const order = compareToBound(bytes, p, range, range.max);
  return order < 0 || (order === 0 && !range.max.isOpen);
}

function findInListpack(
  bytes: Uint8Array,
  lp: number,
  range: LexRange,
  isReverse: boolean,
  found: RankRange,
): void {
  const length = compact.countOf(bytes, lp);
  const first = listpack.first(bytes, lp);
  const last = listpack.seek(bytes, lp, -2);
  if (!isAboveMin(bytes, last, range) || !isBelowMax(bytes, first, range)) return;
  const begins = isReverse ? isBelowMax : isAboveMin;
  const goesOn = isReverse ? isAboveMin : isBelowMax;
  let p = isReverse ? last : first, rank = 0;
  const step = (): void => {
    p = isReverse ? compact.memberBefore(bytes, lp, p) : compact.nextMember(bytes, p);
  };
  for (; p !== 0 && !begins(bytes, p, range); rank++) step();
  for (; p !== 0 && goesOn(bytes, p, range); found.count++) step();
  found.start = isReverse ? length - rank - found.count : rank;
}
