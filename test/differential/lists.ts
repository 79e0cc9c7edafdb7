/** Random commands on lists. */
import { fixed, type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";

const SIDES = ["LEFT", "RIGHT"];

function key(c: Chooser): Text {
  return c.keyOf("list");
}

function side(c: Chooser): string {
  return c.chance(98) ? c.word(c.pick(SIDES)) : c.pick(["UP", "", "LEF", "LEFTT"]);
}

/** Mostly few elements; now and then so many that the list becomes a long one, or so long a one. */
function elements(c: Chooser): Text[] {
  if (c.chance(85)) return c.elements(5);
  if (c.chance(70)) return c.elements(120);
  const value = c.value();
  return Array.from({ length: c.between(1, 12) }, () => c.chance(50) ? value : c.value());
}

/** An index, or an end of a range, of a list of any length. */
function index(c: Chooser): string {
  if (c.chance(60)) return String(c.between(-12, 12));
  return c.chance(80) ? String(c.between(-200, 200)) : c.integer();
}

function count(c: Chooser): string {
  if (c.chance(70)) return String(c.between(0, 6));
  return c.chance(60) ? String(c.between(0, 150)) : c.integer();
}

/** The smallest of all integers is refused since 7.2. */
function rank(c: Chooser): string {
  if (c.chance(85)) return String(c.between(-4, 4));
  const drawn = c.integer();
  return drawn === "-9223372036854775808" ? "0" : drawn;
}

function positionOptions(c: Chooser): Text[] {
  return [
    ...c.some(40, () => [c.word("RANK"), rank(c)]),
    ...c.some(40, () => [c.word("COUNT"), count(c)]),
    ...c.some(25, () => [c.word("MAXLEN"), count(c)]),
  ];
}

function multiPop(c: Chooser): Text[] {
  const keys = c.keysOf("list", 3);
  const numkeys = c.chance(95) ? String(keys.length) : c.pick(["0", "-1", "x", "99", "1", "2"]);
  return ["LMPOP", numkeys, ...keys, side(c), ...c.some(50, () => [c.word("COUNT"), count(c)])];
}

export const LIST_KINDS: readonly Kind[] = [
  kind(40, (c) => [c.pick(["LPUSH", "RPUSH"]), key(c), ...elements(c)]),
  kind(12, (c) => [c.pick(["LPUSHX", "RPUSHX"]), key(c), ...c.elements(4)]),
  kind(24, (c) => [c.pick(["LPOP", "RPOP"]), key(c)]),
  kind(14, (c) => [c.pick(["LPOP", "RPOP"]), key(c), count(c)]),
  kind(10, (c) => ["LLEN", key(c)]),
  kind(24, (c) => ["LRANGE", key(c), index(c), index(c)]),
  kind(16, (c) => ["LINDEX", key(c), index(c)]),
  kind(16, (c) => ["LSET", key(c), index(c), c.chance(90) ? c.element() : c.value()]),
  kind(24, (c) => [
    ...["LINSERT", key(c), c.word(c.pick(["BEFORE", "AFTER"]))],
    ...[c.element(), c.chance(90) ? c.element() : c.value()],
  ]),
  kind(12, (c) => ["LREM", key(c), String(c.between(-3, 3)), c.element()]),
  kind(2, (c) => ["LREM", key(c), c.integer(), c.element()]),
  kind(8, (c) => ["LTRIM", key(c), index(c), index(c)]),
  kind(4, (c) => ["LTRIM", key(c), String(c.below(4)), String(-1 - c.below(4))]),
  unchanged(kind(24, (c) => ["LPOS", key(c), c.element(), ...positionOptions(c)])),
  kind(20, (c) => ["LMOVE", key(c), key(c), side(c), side(c)]),
  kind(8, (c) => ["RPOPLPUSH", key(c), key(c)]),
  kind(16, multiPop),
  kind(12, (c) => ["OBJECT", "ENCODING", key(c)]),
  kind(4, (c) => ["COPY", key(c), key(c), ...c.some(70, "REPLACE")]),
  kind(3, (c) => ["DEL", key(c)]),
  unchanged(kind(3, (c) => [
    ...["CONFIG", "SET", "list-max-listpack-size"],
    c.pick(["-2", "-1", "-3", "-5", "-100", "1", "2", "4", "16", "128", "0"]),
  ])),
  unchanged(kind(2, (c) => ["CONFIG", "SET", "list-compress-depth", c.pick(["0", "1", "2", "9"])])),
  fixed(4, [
    ...["LPUSH list:0", "LPUSH", "RPUSHX list:0", "LPOP list:0 1 1", "LPOP list:0 x", "LPOP"],
    ...["LPOP nosuchkey 0", "LPOP nosuchkey", "LPOP nosuchkey -1", "RPOP list:0 1.5", "LLEN"],
    ...["LRANGE list:0 0", "LRANGE nosuchkey x 0", "LRANGE nosuchkey 0 x", "LRANGE nosuchkey 0 1"],
    ...["LINDEX nosuchkey x", "LINDEX list:0 x", "LSET nosuchkey x y", "LSET list:0 9999999 x"],
    ...["LINSERT nosuchkey BEFORE a b", "LINSERT nosuchkey NEAR a b", "LINSERT list:0 AFTER a"],
    ...["LREM nosuchkey x y", "LTRIM nosuchkey x 0", "LTRIM nosuchkey 0 x", "LTRIM nosuchkey 0 1"],
    ...["LPOS nosuchkey x RANK 0", "LPOS nosuchkey x COUNT -1", "LPOS nosuchkey x COUNT 1"],
    ...["LPOS nosuchkey x MAXLEN -1", "LPOS nosuchkey x MAXLEN", "LPOS nosuchkey x NO 1", "LPOS x"],
    ...["LMOVE nosuchkey list:0 LEFT UP", "LMOVE nosuchkey list:0 LEFT RIGHT", "LMOVE a b LEFT"],
    ...["LMPOP 0 list:0 LEFT", "LMPOP x list:0 LEFT", "LMPOP 2 list:0 LEFT", "LMPOP 1 list:0 NO"],
    ...["LMPOP 1 list:0 LEFT COUNT 0", "LMPOP 1 list:0 LEFT COUNT x", "LMPOP 1 list:0 LEFT COUNT"],
    ...["LMPOP 1 list:0 LEFT COUNT 1 COUNT 1", "LMPOP 1 nosuchkey RIGHT", "LMPOP 1 list:0"],
    ...["LMPOP 1 nosuchkey LEFT COUNT 1 x", "RPOPLPUSH nosuchkey nosuchkey", "RPOPLPUSH a"],
    ...["COMMAND GETKEYS LMPOP 2 a b LEFT", "COMMAND GETKEYS LMOVE a b LEFT RIGHT"],
    ...["COMMAND GETKEYSANDFLAGS LPUSH a b", "COMMAND GETKEYSANDFLAGS RPOPLPUSH a b"],
  ]),
];
