/** Random commands on hashes. */
import type { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";
import { fixed, type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

/** As many elements, or the same error: what is picked at random is not the same. */
function isSameSize(real: Buffer, ours: Buffer): boolean {
  const isAggregate = /^[*~]/.test(real.toString("latin1", 0, 1));
  if (!isAggregate || real[0] !== ours[0]) return same.isSameKind(real, ours);
  return elementsOf(real).length === elementsOf(ours).length;
}

function key(c: Chooser): Text {
  return c.keyOf("hash");
}

/** Numbers mostly, for those who add to them. */
function field(c: Chooser): Text {
  return c.chance(30) ? `n${c.below(4)}` : c.element();
}

function value(c: Chooser): Text {
  if (c.chance(40)) return c.element();
  return c.chance(50) ? c.integer() : c.chance(50) ? c.float() : c.value();
}

/** Few pairs: since 7.2, so many arguments are taken for so many fields to come. */
function pairs(c: Chooser): Text[] {
  return Array.from({ length: c.between(1, 4) }, () => [field(c), value(c)]).flat();
}

function drawCount(c: Chooser): string {
  if (c.chance(90)) return String(c.between(-30, 30));
  return c.pick([
    ...["-9223372036854775808", "x", "", "9223372036854775808", "9223372036854775807"],
    ...["4611686018427387903", "4611686018427387904"],
  ]);
}

export const HASH_KINDS: readonly Kind[] = [
  kind(80, (c) => ["HSET", key(c), ...pairs(c)]),
  kind(10, (c) => ["HMSET", key(c), ...pairs(c)]),
  kind(16, (c) => ["HSETNX", key(c), field(c), value(c)]),
  kind(30, (c) => ["HGET", key(c), field(c)]),
  kind(20, (c) => ["HMGET", key(c), field(c), ...c.elements(4)]),
  kind(24, (c) => ["HGETALL", key(c)], same.isSameMap),
  kind(14, (c) => [c.pick(["HKEYS", "HVALS"]), key(c)], same.isSameSet),
  kind(36, (c) => ["HDEL", key(c), field(c), ...c.elements(4)]),
  kind(16, (c) => ["HEXISTS", key(c), field(c)]),
  kind(16, (c) => ["HSTRLEN", key(c), field(c)]),
  kind(16, (c) => ["HLEN", key(c)]),
  kind(24, (c) => ["HINCRBY", key(c), field(c), c.integer()]),
  kind(24, (c) => ["HINCRBYFLOAT", key(c), field(c), c.float()]),
  unchanged(kind(6, (c) => ["HRANDFIELD", key(c)], isSameSize)),
  unchanged(kind(14, (c) => [
    ...["HRANDFIELD", key(c), drawCount(c)],
    ...c.some(40, "WITHVALUES"),
  ], isSameSize)),
  fixed(2, [
    ...["HRANDFIELD hash:0 1 NOSUCH", "HRANDFIELD hash:0 1 WITHVALUES 1", "HRANDFIELD nosuchkey 5"],
    ...["HRANDFIELD nosuchkey", "HRANDFIELD nosuchkey x", "HRANDFIELD nosuchkey 2 WITHVALUES"],
    ...["HRANDFIELD hash:0 0", "HRANDFIELD hash:0 0 WITHVALUES", "HSET hash:0 f", "HMSET hash:0 f"],
    ...["HRANDFIELD hash:0 -4611686018427387904 WITHVALUES"],
    ...["HSET hash:0 f v f", "HMSET hash:0 f v f"],
  ]),
  unchanged(kind(12, (c) => [
    ...["HSCAN", key(c), "0", c.word("COUNT"), "100000"],
    ...c.some(30, () => [c.word("MATCH"), String(c.pick(["*", "m*", "*1*", "[0-9]", "e*", ""]))]),
  ], same.isSamePage)),
  fixed(2, [
    ...["HSCAN hash:0 x", "HSCAN hash:0 0 COUNT 0", "HSCAN hash:0 0 COUNT x", "HSCAN hash:0"],
    ...["HSCAN hash:0 0 MATCH", "HSCAN nosuchkey 0 NOSUCH", "HSCAN nosuchkey -1"],
  ]),
];
