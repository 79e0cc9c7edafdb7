/** Random commands on sets. */
import type { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";
import { fixed, type Kind, kind, thenDeleted, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

/** As many elements, or the same error: what is picked at random is not the same. */
function isSameSize(real: Buffer, ours: Buffer): boolean {
  const isAggregate = /^[*~]/.test(real.toString("latin1", 0, 1));
  if (!isAggregate || real[0] !== ours[0]) return same.isSameKind(real, ours);
  return elementsOf(real).length === elementsOf(ours).length;
}

/** Few members at a time: since 7.2, so many arguments are taken for so many members to come. */
function add(c: Chooser): Text[] {
  const key = c.keyOf("set");
  if (c.chance(60)) return ["SADD", key, ...c.elements(3)];
  return ["SADD", key, ...Array.from({ length: c.between(1, 3) }, () => String(c.below(40)))];
}

function count(c: Chooser): string {
  return c.chance(80) ? String(c.below(30)) : c.integer();
}

/** A negative count draws so many, again and again. */
function drawCount(c: Chooser): string {
  if (c.chance(90)) return String(c.between(-30, 30));
  return c.pick(["-9223372036854775808", "x", "", "9223372036854775808", "9223372036854775807"]);
}

function numberOfKeys(c: Chooser, keys: readonly Text[]): string {
  return c.chance(95) ? String(keys.length) : c.pick(["0", "-1", "x", "99", "1", "2"]);
}

function intersectionCard(c: Chooser): Text[] {
  const keys = c.keysOf("set", 4);
  const limit = (): string[] => [c.word("LIMIT"), c.chance(95) ? String(c.below(9)) : c.integer()];
  return ["SINTERCARD", numberOfKeys(c, keys), ...keys, ...c.some(40, limit)];
}

export const SET_KINDS: readonly Kind[] = [
  kind(90, add),
  kind(30, (c) => ["SREM", c.keyOf("set"), ...c.elements(4)]),
  kind(20, (c) => ["SISMEMBER", c.keyOf("set"), c.element()]),
  kind(20, (c) => ["SMISMEMBER", c.keyOf("set"), ...c.elements(4)]),
  kind(20, (c) => ["SCARD", c.keyOf("set")]),
  kind(20, (c) => ["SMEMBERS", c.keyOf("set")], same.isSameSet),
  kind(24, (c) => ["SMOVE", c.keyOf("set"), c.keyOf("set"), c.element()]),
  thenDeleted(kind(2, (c) => ["SPOP", c.keyOf("set")], isSameSize)),
  thenDeleted(kind(4, (c) => ["SPOP", c.keyOf("set"), count(c)], isSameSize)),
  fixed(1, ["SPOP nosuchkey -1", "SPOP nosuchkey x", "SPOP set:0 1 1", "SPOP", "SPOP set:0 -1"]),
  unchanged(kind(8, (c) => ["SRANDMEMBER", c.keyOf("set")], isSameSize)),
  unchanged(kind(16, (c) => ["SRANDMEMBER", c.keyOf("set"), drawCount(c)], isSameSize)),
  kind(30, (c) => [c.pick(["SINTER", "SUNION", "SDIFF"]), ...c.keysOf("set", 4)], same.isSameSet),
  kind(24, (c) => [
    ...[c.pick(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]), c.keyOf("set")],
    ...c.keysOf("set", 4),
  ]),
  kind(20, intersectionCard),
  unchanged(kind(12, (c) => [
    ...["SSCAN", c.keyOf("set"), "0", c.word("COUNT"), "100000"],
    ...c.some(30, () => [c.word("MATCH"), String(c.pick(["*", "m*", "*1*", "[0-9]", "e*", ""]))]),
  ], same.isSamePage)),
  fixed(2, [
    ...[
      "SSCAN set:0 x",
      "SSCAN set:0 0 COUNT 0",
      "SSCAN set:0 0 COUNT x",
      "SSCAN set:0 0 TYPE set",
    ],
    ...["SSCAN set:0", "SSCAN set:0 0 MATCH", "SSCAN nosuchkey 0 NOSUCH", "SSCAN nosuchkey -1"],
  ]),
];
