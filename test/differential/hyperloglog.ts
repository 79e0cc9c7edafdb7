/** Random commands on HyperLogLogs, whose bytes are compared as well. */
import { Buffer } from "node:buffer";
import { type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";

function key(c: Chooser): Text {
  return c.chance(95) ? c.pick(["{hll}1", "{hll}2", "{hll}3", "{hll}4", "{hll}5"]) : c.key();
}

function element(c: Chooser): Text {
  return c.chance(80) ? String(c.below(20_000)) : c.value();
}

function many<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** Sparse values, sound or not, and headers that are none. */
function strange(c: Chooser): Buffer {
  const magic = c.chance(85) ? "HYLL" : c.pick(["HYLO", "HYL", "hyll"]);
  const encoding = c.chance(85) ? 1 : c.below(4);
  const header = [...Buffer.from(magic), encoding, 0, 0, 0];
  const cardinality = many(8, () => c.chance(50) ? 0 : c.below(256));
  const runs = c.pick([
    [0x7f, 0xff],
    [0x7f, 0xfe, 0x80],
    [0x80, 0x83, 0x97, 0x7f, 0xf6],
    [0x3f, 0x40, 0x00, 0xff, 0x7f, 0xba],
    [0x7f, 0xfe],
    many(c.below(30), () => c.below(64) | c.pick([0x00, 0x80, 0xc0])),
  ]);
  return Buffer.from([...header, ...cardinality, ...runs]);
}

export const HYPERLOGLOG_KINDS: readonly Kind[] = [
  kind(30, (c) => ["PFADD", key(c), ...many(c.below(5), () => element(c))]),
  kind(8, (c) => ["PFADD", key(c), ...many(c.below(150), () => element(c))]),
  kind(1, (c) => ["PFADD", key(c), ...many(2000, () => element(c))]),
  kind(12, (c) => ["PFCOUNT", key(c)]),
  kind(8, (c) => ["PFCOUNT", ...many(c.between(1, 4), () => key(c))]),
  kind(8, (c) => ["PFMERGE", ...many(c.between(1, 4), () => key(c))]),
  kind(24, (c) => ["GET", key(c)]),
  kind(4, (c) => ["OBJECT", "ENCODING", key(c)]),
  kind(6, (c) => ["DEL", key(c)]),
  // Runs of more registers than there are count as sound there in some places; later, nowhere.
  unchanged(kind(6, (c) => ["SET", key(c), strange(c)])),
  kind(4, (c) => ["PFDEBUG", c.word(c.pick(["ENCODING", "DECODE", "NONE"])), key(c)]),
  kind(1, (c) => ["PFDEBUG", c.word(c.pick(["GETREG", "TODENSE"])), key(c)]),
];
