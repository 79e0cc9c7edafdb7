/** Random SORT commands over lists, sets and sorted sets. */
import type { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";
import { fixed, type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

const WEIGHTS = "{sort}w_";
const OBJECTS = "{sort}o_";

/**
 * A key of its own: SORT makes the sorted sets that it meets skip lists there. Sets have no order
 * of their own: what is asked of one is not changed into something unsorted.
 */
function source(c: Chooser, isSet: boolean): Text {
  if (isSet) return "{sort}set";
  if (c.chance(4)) return c.pick([`${WEIGHTS}1`, `${OBJECTS}1`, "{sort}none"]);
  return c.pick(["{sort}list", "{sort}zset"]);
}

/** What holds no zero byte: texts that are equal up to there come in any order. */
function textSource(c: Chooser, isSet: boolean): Text {
  return isSet ? "{sort}set" : c.pick(["{sort}list", "{sort}zset"]);
}

/** An element without a zero byte. */
function text(c: Chooser): Text {
  for (;;) {
    const made = c.element();
    if (!made.includes("\0")) return made;
  }
}

function element(c: Chooser): string {
  return String(c.between(-20, 20));
}

/** Commands that fill what is sorted, and what it is sorted by. */
function fill(c: Chooser): Text[] {
  const elements = Array.from({ length: c.between(1, 3) }, () => element(c));
  switch (c.below(6)) {
    case 0:
      return ["RPUSH", "{sort}list", ...elements];
    case 1:
      return ["SADD", "{sort}set", ...elements];
    case 2:
      return ["ZADD", "{sort}zset", String(c.between(-50, 50)), elements[0]];
    case 3:
      return ["HSET", OBJECTS + elements[0], "f", c.chance(70) ? element(c) : text(c)];
    case 4:
      return ["RPUSH", "{sort}list", c.chance(90) ? element(c) : text(c)];
    default:
      return ["SET", WEIGHTS + elements[0], c.chance(90) ? element(c) : text(c)];
  }
}

function limit(c: Chooser): string[] {
  const number = (): string => c.chance(95) ? String(c.between(-2, 12)) : c.integer();
  return [c.word("LIMIT"), number(), number()];
}

function pattern(c: Chooser): string {
  return c.pick([
    ...[`${WEIGHTS}*`, `${WEIGHTS}*`, `${OBJECTS}*->f`, `${OBJECTS}*->f`, `${OBJECTS}*->`],
    ...[`${OBJECTS}*->nosuch`, `${WEIGHTS}*->f`, "*", "**", "nosuch*", `${OBJECTS}*-f->f`],
  ]);
}

function got(c: Chooser): string[] {
  const patterns = Array.from({ length: c.between(1, 3) }, () => {
    return c.chance(40) ? "#" : c.chance(90) ? pattern(c) : "nostar";
  });
  return patterns.flatMap((each) => [c.word("GET"), each]);
}

/** By number, where what has the same one is told apart by its bytes: the order is certain. */
function byNumber(c: Chooser, isSet: boolean): Text[] {
  return [
    ...[c.pick(["SORT", "SORT", "SORT_RO"]), source(c, isSet)],
    ...c.some(30, "DESC", () => limit(c), () => got(c), () => [c.word("BY"), pattern(c)]),
  ];
}

function byText(c: Chooser, isSet: boolean): Text[] {
  return [
    ...[c.pick(["SORT", "SORT_RO"]), textSource(c, isSet), c.word("ALPHA")],
    ...c.some(30, "DESC", "ASC", () => limit(c), () => got(c)),
  ];
}

function stored(c: Chooser): Text[] {
  return [
    ...["SORT", source(c, c.chance(30)), c.word("STORE"), c.keyOf("list")],
    ...c.some(30, "DESC", () => limit(c), () => got(c), () => [c.word("BY"), pattern(c)]),
  ];
}

/** A list or a sorted set as it is; a set has no order of its own. */
function unsorted(c: Chooser): Text[] {
  const key = c.pick(["{sort}list", "{sort}zset"]);
  return ["SORT", key, c.word("BY"), "nosort", ...c.some(30, "DESC", () => limit(c), () => got(c))];
}

/** As many elements: those with the same text come in any order. */
function isSameSize(real: Buffer, ours: Buffer): boolean {
  if (real[0] !== ours[0] || real[0] !== 42) return real.equals(ours);
  return elementsOf(real).length === elementsOf(ours).length;
}

/**
 * A command behind one that reads a cursor: SORT takes an element for no number when a number that
 * was read before, by whatever command, was out of range, and reading a cursor makes it forget
 * that.
 */
function afterCursor(weight: number, make: (c: Chooser) => Text[]): Kind {
  let next: Text[] = [];
  const begin = kind(weight, (c) => {
    next = make(c);
    return ["SSCAN", "{sort}none", "0"];
  });
  return { ...unchanged(begin), follow: () => [{ args: next, compare: same.isSame }] };
}

export const SORT_KINDS: readonly Kind[] = [
  kind(40, fill),
  afterCursor(20, (c) => byNumber(c, false)),
  afterCursor(10, (c) => byNumber(c, true)),
  kind(12, (c) => byText(c, false)),
  unchanged(kind(8, (c) => byText(c, true))),
  afterCursor(10, stored),
  kind(14, unsorted),
  unchanged(
    kind(
      6,
      (c) => ["SORT", textSource(c, c.chance(30)), "ALPHA", "BY", pattern(c)],
      same.isSameSet,
    ),
  ),
  unchanged(kind(4, (c) => [
    ...["SORT", textSource(c, c.chance(30)), c.word("ALPHA"), c.word("BY"), pattern(c)],
    ...c.some(30, "DESC", () => limit(c)),
  ], isSameSize)),
  unchanged(kind(4, () => ["SORT", "{sort}set", "BY", "nosort"], same.isSameSet)),
  unchanged(kind(2, (c) => ["DEL", c.pick(["{sort}list", "{sort}set", "{sort}zset"])])),
  fixed(1, [
    ...["SORT", "SORT nosuchkey LIMIT 0", "SORT nosuchkey LIMIT x 1", "SORT nosuchkey BY"],
    ...["SORT nosuchkey GET", "SORT nosuchkey STORE", "SORT_RO nosuchkey STORE x", "SORT a NOSUCH"],
    ...["SORT nosuchkey LIMIT 0 99999999999999999999", "SORT nosuchkey STORE nosuchkey"],
    ...["COMMAND GETKEYS SORT a STORE b", "COMMAND GETKEYS SORT a BY b* STORE c GET STORE d"],
  ]),
];
