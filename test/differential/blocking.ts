/** Blocking commands that end by themselves: what is there is popped, and no wait is longer than a moment. */
import { fixed, type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";

/** A timeout of some milliseconds, or none that is allowed. */
function timeout(c: Chooser): string {
  if (c.chance(70)) return c.pick(["0.001", "0.0001", "0.002", "0.005", ".001", "1e-3", "+0.001"]);
  return c.pick(["-1", "-0.5", "x", "", "nan", "1e", " 1", "0.001x", "-inf"]);
}

const SIDES = ["LEFT", "RIGHT"];

function side(c: Chooser): string {
  return c.word(c.chance(95) ? c.pick(SIDES) : "UP");
}

/** How many keys there are, or nearly so, and the keys. */
function counted(c: Chooser, keys: Text[]): Text[] {
  return [c.chance(92) ? String(keys.length) : c.pick(["0", "-1", "x", "3", "99"]), ...keys];
}

function count(c: Chooser): string[] {
  return c.some(40, () => [c.word("COUNT"), c.chance(85) ? String(c.between(1, 5)) : c.integer()]);
}

export const BLOCKING_KINDS: readonly Kind[] = [
  kind(6, (c) => [c.pick(["BLPOP", "BRPOP"]), ...c.keysOf("list", 3), timeout(c)]),
  kind(4, (c) => [
    ...["BLMOVE", c.keyOf("list"), c.keyOf("list"), side(c), side(c), timeout(c)],
  ]),
  kind(3, (c) => ["BRPOPLPUSH", c.keyOf("list"), c.keyOf("list"), timeout(c)]),
  kind(4, (c) => [
    ...["BLMPOP", timeout(c), ...counted(c, c.keysOf("list", 3)), side(c)],
    ...count(c),
  ]),
  kind(6, (c) => [c.pick(["BZPOPMIN", "BZPOPMAX"]), ...c.keysOf("zset", 3), timeout(c)]),
  kind(4, (c) => [
    ...["BZMPOP", timeout(c), ...counted(c, c.keysOf("zset", 3))],
    ...[c.word(c.pick(["MIN", "MAX", "MAX", "LOW"])), ...count(c)],
  ]),
  fixed(1, [
    ...["CLIENT UNBLOCK x", "CLIENT UNBLOCK 999999999", "CLIENT UNBLOCK 999999999 ERROR"],
    ...["CLIENT UNBLOCK 1 now", "CLIENT UNBLOCK", "CLIENT UNBLOCK -1 timeout"],
  ]),
].map(unchanged);
