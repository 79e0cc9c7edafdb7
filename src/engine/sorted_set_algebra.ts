/**
 * Union, intersection and difference of sorted sets and sets; members of a set have the score 1.
 *
 * Cost: unite looks every member up once in the result; intersect asks the other inputs about each
 * member of the smallest one, subtract about each of the first.
 * Source of the order in which scores are combined: Redis src/t_zset.c.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Keyspace, RecordRef } from "./keyspace.ts";
import { TYPE_SET } from "./record_kinds.ts";
import { forEachMember } from "./set_members.ts";
import { isMember, setLength } from "./sets.ts";
import type { SortedSetBuilder } from "./sorted_set_builder.ts";
import { SortedSetCursor } from "./sorted_set_cursor.ts";
import { lengthOf, scoreOf } from "./sorted_sets.ts";

/** An input: a sorted set or a set. */
export interface Input {
  /** 0 = absent. */
  readonly ref: RecordRef;
  weight: number;
}

export type Aggregate = "sum" | "min" | "max";

/** @returns whether to go on */
type Visit = (memory: Memory, offset: number, length: number, score: number) => boolean;

const cursor = new SortedSetCursor();

function isSet(ks: Keyspace, ref: RecordRef): boolean {
  return ks.typeOf(ref) === TYPE_SET;
}

function sizeOf(ks: Keyspace, { ref }: Input): number {
  if (ref === 0) return 0;
  return isSet(ks, ref) ? setLength(ks, ref) : lengthOf(ks, ref);
}

function forEachScored(ks: Keyspace, { ref }: Input, visit: Visit): void {
  if (ref === 0) return;
  if (isSet(ks, ref)) {
    forEachMember(ks, ref, ({ region, offset, length }) => visit(region, offset, length, 1));
    return;
  }
  for (cursor.open(ks, ref, 0, false); cursor.isThere; cursor.next()) {
    if (!visit(cursor.memory, cursor.offset, cursor.length, cursor.score)) return;
  }
}

/** The score of a member in an input that is there; NaN if it is none. */
function scoreIn(
  ks: Keyspace,
  { ref }: Input,
  memory: Memory,
  offset: number,
  length: number,
): number {
  if (isSet(ks, ref)) return isMember(ks, ref, memory, offset, length) ? 1 : NaN;
  return scoreOf(ks, ref, memory, offset, length);
}

function combine(score: number, other: number, aggregate: Aggregate): number {
  if (aggregate === "min") return other < score ? other : score;
  if (aggregate === "max") return other > score ? other : score;
  return orZero(score + other);
}

/** Infinity times 0, and infinities of both signs, count as 0. */
function orZero(score: number): number {
  return score !== score ? 0 : score;
}

/** Smallest first; the order of equal ones stays. */
function sortBySize(ks: Keyspace, inputs: readonly Input[]): Input[] {
  return [...inputs].sort((a, b) => sizeOf(ks, a) - sizeOf(ks, b));
}

/** Collects what is in any input. @throws OutOfMemory */
export function unite(
  ks: Keyspace,
  inputs: readonly Input[],
  aggregate: Aggregate,
  result: SortedSetBuilder,
): void {
  for (const input of sortBySize(ks, inputs)) {
    const { weight } = input;
    forEachScored(ks, input, (memory, offset, length, score) => {
      const weighted = orZero(weight * score);
      const node = result.find(memory, offset, length);
      if (node === 0) result.add(weighted, memory, offset, length);
      else result.setScore(node, combine(result.scoreOf(node), weighted, aggregate));
      return true;
    });
  }
}

/** Collects what is in all inputs. @throws OutOfMemory */
export function intersect(
  ks: Keyspace,
  inputs: readonly Input[],
  aggregate: Aggregate,
  result: SortedSetBuilder,
): void {
  const [smallest, ...others] = sortBySize(ks, inputs);
  if (smallest.ref === 0) return;
  forEachScored(ks, smallest, (memory, offset, length, own) => {
    let score = orZero(smallest.weight * own);
    for (let i = 0; i < others.length; i++) {
      const other = others[i];
      const found = scoreIn(ks, other, memory, offset, length);
      if (found !== found) return true;
      score = combine(score, found * other.weight, aggregate);
    }
    result.add(score, memory, offset, length);
    return true;
  });
}

/** Counts what is in all inputs, up to a limit. @param limit 0 = none */
export function countCommon(ks: Keyspace, inputs: readonly Input[], limit: number): number {
  const [smallest, ...others] = sortBySize(ks, inputs);
  if (smallest.ref === 0) return 0;
  let count = 0;
  forEachScored(ks, smallest, (memory, offset, length) => {
    for (let i = 0; i < others.length; i++) {
      const found = scoreIn(ks, others[i], memory, offset, length);
      if (found !== found) return true;
    }
    return ++count !== limit;
  });
  return count;
}

/** Collects what is in the first input and in no other. @throws OutOfMemory */
export function subtract(
  ks: Keyspace,
  inputs: readonly Input[],
  result: SortedSetBuilder,
): void {
  const [first, ...rest] = inputs;
  const others = rest.filter(({ ref }) => ref !== 0);
  if (others.some(({ ref }) => ref === first.ref)) return;
  others.sort((a, b) => sizeOf(ks, b) - sizeOf(ks, a));
  forEachScored(ks, first, (memory, offset, length, score) => {
    for (let i = 0; i < others.length; i++) {
      const found = scoreIn(ks, others[i], memory, offset, length);
      if (found === found) return true;
    }
    result.add(score, memory, offset, length);
    return true;
  });
}
