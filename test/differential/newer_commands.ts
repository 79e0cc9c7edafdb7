/** Random commands that redis-server 7.0 does not have, for what is compared with nothing but itself. */
import type { Chooser, Text } from "./pools.ts";

const CONDITIONS = ["NX", "XX", "GT", "LT"];
const COMPARISONS = ["IFEQ", "IFNE", "IFDEQ", "IFDNE"];
const DIGEST = "0123456789abcdef";

function fields(c: Chooser): Text[] {
  return Array.from(
    { length: c.between(1, 4) },
    () => c.chance(50) ? `n${c.below(4)}` : `m${c.below(9)}`,
  );
}

function counted(c: Chooser): Text[] {
  const names = fields(c);
  return ["FIELDS", String(names.length), ...names];
}

function countedPairs(c: Chooser): Text[] {
  const names = fields(c);
  return ["FIELDS", String(names.length), ...names.flatMap((name) => [name, c.element()])];
}

function comparison(c: Chooser): Text[] {
  const option = c.pick(COMPARISONS);
  return [option, option.includes("D") ? DIGEST : c.chance(50) ? "1" : c.value()];
}

function pairs(c: Chooser): Text[] {
  const keys = c.keys(3);
  return [String(keys.length), ...keys.flatMap((key) => [key, c.value()])];
}

const MAKERS: readonly ((c: Chooser) => Text[])[] = [
  (c) => ["HSET", c.keyOf("hash"), ...fields(c).flatMap((name) => [name, c.element()])],
  (c) => [
    ...["HEXPIRE", c.keyOf("hash"), c.timeToLive("s"), ...c.some(10, ...CONDITIONS)],
    ...counted(c),
  ],
  (c) => ["HPEXPIRE", c.keyOf("hash"), c.timeToLive("ms"), ...counted(c)],
  (c) => ["HEXPIREAT", c.keyOf("hash"), c.moment("s"), ...counted(c)],
  (c) => ["HPEXPIREAT", c.keyOf("hash"), c.moment("ms"), ...counted(c)],
  (c) => ["HPERSIST", c.keyOf("hash"), ...counted(c)],
  (c) => ["HGETEX", c.keyOf("hash"), ...c.chance(50) ? c.expiry() : ["PERSIST"], ...counted(c)],
  (c) => ["HGETEX", c.keyOf("hash"), ...counted(c)],
  (c) => ["HGETDEL", c.keyOf("hash"), ...counted(c)],
  (c) => [
    ...["HSETEX", c.keyOf("hash"), ...c.some(20, "FNX", "FXX")],
    ...[...c.some(60, () => c.expiry()), ...countedPairs(c)],
  ],
  (c) => [c.pick(["HTTL", "HPTTL", "HEXPIRETIME"]), c.keyOf("hash"), ...counted(c)],
  (c) => ["SET", c.key(), c.value(), ...comparison(c)],
  (c) => ["DELEX", c.key(), ...c.some(60, () => comparison(c).map(String))],
  (c) => ["DIGEST", c.key()],
  (c) => ["MSETEX", ...pairs(c), ...c.some(30, "NX", "XX"), ...c.some(50, () => c.expiry())],
  (c) => [
    ...["BITOP", c.pick(["DIFF", "DIFF1", "ANDOR", "ONE"]), c.keyOf("bitmap")],
    ...c.keysOf("bitmap", 3),
  ],
  (c) => [
    ...["XDELEX", c.keyOf("stream"), c.pick(["KEEPREF", "DELREF", "ACKED"]), "IDS", "1"],
    `${c.below(10)}-${c.below(3)}`,
  ],
  (c) => ["XACKDEL", c.keyOf("stream"), "g", "IDS", "1", `${c.below(10)}-${c.below(3)}`],
];

export function newerCommand(c: Chooser): Text[] {
  return c.pick(MAKERS)(c);
}
