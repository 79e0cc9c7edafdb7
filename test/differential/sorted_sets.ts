/** Random commands on sorted sets. */
import type { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";
import { fixed, type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";
import { withNumbers } from "./replies.ts";

/** Sorted sets whose members all have the same score: only those have an order by members. */
const LEX_KEYS = ["{lex}1", "{lex}2", "{lex}3"];

const SCORES = [
  ...["0", "1", "2", "-1", "0.5", "-0", "1e3", "+2", "007", ".25", "3.", "inf", "-inf", "1e20"],
  ...["4503599627370496", "9007199254740993", "1152921504606846976", "-1e-7", "0.1", "3.3"],
  ...["0x10", "1e400", "nan", "abc", "", " 1", "1 ", "1.2.3", "infinity", "123456789.123"],
];

/** Few scores, so that members meet. */
function score(c: Chooser): string {
  if (c.chance(70)) return String(c.between(-6, 12));
  if (c.chance(60)) return String(c.between(-40, 40) / 8);
  return c.chance(70) ? c.pick(SCORES.slice(0, 14)) : c.pick(SCORES);
}

function scoreBound(c: Chooser): string {
  if (c.chance(15)) return c.pick(["-inf", "+inf", "(-inf", "(inf", "(", "((1", "[1", "x", "nan"]);
  return (c.chance(30) ? "(" : "") + (c.chance(5) ? c.pick(SCORES) : score(c));
}

function lexBound(c: Chooser): Text {
  if (c.chance(20)) return c.pick(["-", "+", "(", "[", "--", "a", "", "-a", "+1"]);
  const member = c.element();
  return typeof member === "string" ? c.pick(["[", "("]) + member : member;
}

function pairs(c: Chooser, most: number): Text[] {
  return Array.from({ length: c.between(1, most) }, () => [score(c), c.element()]).flat();
}

function add(c: Chooser): Text[] {
  return [
    ...["ZADD", c.keyOf("zset")],
    ...c.chance(60) ? [] : c.some(25, "NX", "XX", "GT", "LT", "CH", "INCR"),
    ...pairs(c, 4),
  ];
}

function limit(c: Chooser): string[] {
  const number = (): string => c.chance(90) ? String(c.between(-2, 12)) : c.integer();
  return [c.word("LIMIT"), number(), number()];
}

function range(c: Chooser): Text[] {
  const kinds = c.below(10);
  const key = c.keyOf("zset");
  const options = (): string[] => c.some(35, "WITHSCORES", "REV");
  if (kinds < 4) return ["ZRANGE", key, c.offset(), c.offset(), ...options()];
  if (kinds < 9) {
    const limits = c.some(40, () => limit(c));
    return [
      ...["ZRANGE", key, scoreBound(c), scoreBound(c), c.word("BYSCORE")],
      ...options(),
      ...limits,
    ];
  }
  return ["ZRANGE", key, c.offset(), c.offset(), ...c.some(30, "BYLEX", "REV", "x", "BYSCORE")];
}

function store(c: Chooser): Text[] {
  const source = c.chance(70);
  const key = source ? c.keyOf("zset") : c.pick(LEX_KEYS);
  const bounds = source
    ? c.chance(50)
      ? [c.offset(), c.offset()]
      : [scoreBound(c), scoreBound(c), c.word("BYSCORE"), ...c.some(40, () => limit(c))]
    : [lexBound(c), lexBound(c), c.word("BYLEX"), ...c.some(40, () => limit(c))];
  return ["ZRANGESTORE", c.keyOf("zset"), key, ...bounds, ...c.some(30, "REV")];
}

function lexRange(c: Chooser): Text[] {
  const key = c.pick(LEX_KEYS);
  if (c.chance(30)) {
    return [
      ...["ZRANGE", key, lexBound(c), lexBound(c), c.word("BYLEX")],
      ...c.some(30, "REV", () => limit(c)),
    ];
  }
  const name = c.pick(["ZRANGEBYLEX", "ZREVRANGEBYLEX"]);
  return [name, key, lexBound(c), lexBound(c), ...c.some(40, () => limit(c))];
}

function inputs(c: Chooser): Text[] {
  const keys = Array.from({ length: c.between(1, 4) }, () => c.keyOf(c.pick(["zset", "set"])));
  const number = c.chance(96) ? String(keys.length) : c.pick(["0", "-1", "x", "99", "1", "2"]);
  return [number, ...keys];
}

function combination(c: Chooser, words: readonly Text[]): Text[] {
  const [number, ...keys] = inputs(c);
  const weight = (): string => c.chance(80) ? String(c.between(-3, 6) / 2) : score(c);
  return [
    ...[...words, number, ...keys],
    ...c.some(
      35,
      () => [c.word("WEIGHTS"), ...keys.map(weight)],
      () => [c.word("AGGREGATE"), c.word(c.pick(["SUM", "MIN", "MAX", "MAX", "AVG"]))],
      ...String(words[0]).endsWith("STORE") ? [] : ["WITHSCORES"],
    ),
  ];
}

function pop(c: Chooser): Text[] {
  const count = c.chance(85) ? String(c.below(6)) : c.integer();
  return [c.pick(["ZPOPMIN", "ZPOPMAX"]), c.keyOf("zset"), ...c.chance(50) ? [count] : []];
}

function multiPop(c: Chooser): Text[] {
  const keys = c.keysOf("zset", 3);
  const count = (): string[] => [c.word("COUNT"), c.chance(90) ? String(c.below(6)) : c.integer()];
  const number = c.chance(95) ? String(keys.length) : c.pick(["0", "-1", "x", "99", "1"]);
  return ["ZMPOP", number, ...keys, c.word(c.pick(["MIN", "MAX"])), ...c.some(40, count)];
}

/** A complete page of members and scores, in any order. */
function isSamePage(real: Buffer, ours: Buffer): boolean {
  if (real[0] !== 42 || ours[0] !== 42) return real.equals(ours);
  const pairs = (reply: Buffer): string => {
    const flat = elementsOf(elementsOf(reply)[1]).map(withNumbers);
    return flat.flatMap((each, i) => i % 2 === 0 ? [each + flat[i + 1]] : []).sort().join("");
  };
  return elementsOf(real)[0].equals(elementsOf(ours)[0]) && pairs(real) === pairs(ours);
}

/** As many elements, or the same error: what is picked at random is not the same. */
function isSameSize(real: Buffer, ours: Buffer): boolean {
  if (real[0] !== 42 || ours[0] !== 42) return same.isSameKind(real, ours);
  return elementsOf(real).length === elementsOf(ours).length;
}

function draw(c: Chooser): Text[] {
  const count = c.chance(85)
    ? String(c.between(-30, 30))
    : c.pick(["-9223372036854775808", "x", "", "9223372036854775808", "9223372036854775807"]);
  return ["ZRANDMEMBER", c.keyOf("zset"), count, ...c.some(40, "WITHSCORES")];
}

/** Many at once, so that limits are passed. */
function addMany(c: Chooser): Text[] {
  const first = c.below(200);
  return [
    ...["ZADD", c.keyOf("zset")],
    ...Array.from({ length: c.between(20, 100) }, (_, i) => [String(i % 9), `n${first + i}`])
      .flat(),
  ];
}

export const SORTED_SET_KINDS: readonly Kind[] = [
  kind(110, add),
  unchanged(kind(3, addMany)),
  kind(24, (c) => ["ZINCRBY", c.keyOf("zset"), score(c), c.element()]),
  kind(36, (c) => ["ZREM", c.keyOf("zset"), ...c.elements(4)]),
  kind(14, (c) => ["ZCARD", c.keyOf("zset")]),
  kind(20, (c) => ["ZSCORE", c.keyOf("zset"), c.element()]),
  kind(14, (c) => ["ZMSCORE", c.keyOf("zset"), ...c.elements(4)]),
  unchanged(kind(30, (c) => [c.pick(["ZRANK", "ZREVRANK"]), c.keyOf("zset"), c.element()])),
  kind(24, (c) => ["ZCOUNT", c.keyOf("zset"), scoreBound(c), scoreBound(c)]),
  kind(40, range),
  kind(
    14,
    (c) => ["ZREVRANGE", c.keyOf("zset"), c.offset(), c.offset(), ...c.some(40, "WITHSCORES")],
  ),
  kind(24, (c) => [
    ...[c.pick(["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"]), c.keyOf("zset")],
    ...[scoreBound(c), scoreBound(c), ...c.some(40, "WITHSCORES", () => limit(c))],
  ]),
  kind(16, store),
  unchanged(kind(30, (c) => [
    ...["ZADD", c.pick(LEX_KEYS)],
    ...c.elements(4).flatMap((member) => ["0", member]),
  ])),
  kind(20, lexRange),
  kind(10, (c) => ["ZLEXCOUNT", c.pick(LEX_KEYS), lexBound(c), lexBound(c)]),
  unchanged(kind(4, (c) => ["ZREMRANGEBYLEX", c.pick(LEX_KEYS), lexBound(c), lexBound(c)])),
  unchanged(kind(2, (c) => ["ZREM", c.pick(LEX_KEYS), ...c.elements(4)])),
  kind(4, (c) => ["ZREMRANGEBYSCORE", c.keyOf("zset"), scoreBound(c), scoreBound(c)]),
  kind(4, (c) => ["ZREMRANGEBYRANK", c.keyOf("zset"), c.offset(), c.offset()]),
  kind(16, pop),
  kind(10, multiPop),
  unchanged(kind(6, (c) => ["ZRANDMEMBER", c.keyOf("zset")], isSameSize)),
  unchanged(kind(12, draw, isSameSize)),
  kind(24, (c) => combination(c, [c.pick(["ZUNION", "ZINTER"])])),
  kind(20, (c) => combination(c, [c.pick(["ZUNIONSTORE", "ZINTERSTORE"]), c.keyOf("zset")])),
  kind(12, (c) => ["ZDIFF", ...inputs(c), ...c.some(40, "WITHSCORES")]),
  kind(8, (c) => ["ZDIFFSTORE", c.keyOf("zset"), ...inputs(c)]),
  kind(10, (c) => [
    ...["ZINTERCARD", ...inputs(c)],
    ...c.some(40, () => [c.word("LIMIT"), c.chance(90) ? String(c.below(9)) : c.integer()]),
  ]),
  unchanged(kind(10, (c) => [
    ...["ZSCAN", c.keyOf("zset"), "0", c.word("COUNT"), "100000"],
    ...c.some(30, () => [c.word("MATCH"), String(c.pick(["*", "m*", "*1*", "[0-9]", "e*", ""]))]),
  ], isSamePage)),
  fixed(2, [
    ...["ZSCAN zset:0 x", "ZSCAN zset:0 0 COUNT 0", "ZSCAN zset:0 0 COUNT x", "ZSCAN zset:0"],
    ...["ZSCAN nosuchkey 0 NOSUCH", "ZSCAN zset:0 0 MATCH", "ZADD zset:0 NX XX 1 a"],
    ...["ZADD zset:0 GT LT 1 a", "ZADD zset:0 NX GT 1 a", "ZADD zset:0 INCR 1 a 2 b"],
    ...["ZADD zset:0 NX", "ZADD zset:0 1", "ZADD zset:0 1 a 2", "ZADD zset:0 CH NX 1"],
    ...["ZPOPMIN zset:0 1 1", "ZPOPMIN zset:0 -1", "ZPOPMIN nosuchkey x", "ZPOPMAX nosuchkey 0"],
    ...["ZMPOP 1 zset:0", "ZMPOP 1 zset:0 MID", "ZMPOP 1 zset:0 MIN COUNT", "ZMPOP 2 zset:0 MIN"],
    ...["ZRANGE zset:0 0 1 LIMIT 0 1", "ZRANGE zset:0 - + BYLEX WITHSCORES"],
    ...["ZRANGEBYLEX zset:0 - + WITHSCORES", "ZREVRANGE zset:0 0 1 LIMIT 1 1", "ZUNION 1"],
    ...["ZUNION 0 zset:0", "ZUNIONSTORE zset:0 0 a", "ZDIFF 1 zset:0 WEIGHTS 1", "ZINTERCARD 0 a"],
    ...["ZINTERCARD 1 zset:0 LIMIT -1", "ZINTER 1 zset:0 WITHSCORES WITHSCORES", "ZMPOP 0 a MIN"],
  ]),
];
