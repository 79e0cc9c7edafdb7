/** Random DUMPs, and RESTOREs of values that both servers take or refuse. */
import { Buffer } from "node:buffer";
import { OLD_PAYLOADS, payload, writeText } from "../support/rdb_payloads.ts";
import { type Kind, kind, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import { isSameKind } from "./replies.ts";

const STRING_TYPE = 0;
const STRINGS: readonly Buffer[] = ["", "1", "-70000", "text", "x".repeat(100), "y".repeat(40_000)]
  .map((each) => payload(STRING_TYPE, (out) => writeText(out, each)));
/** What is packed stays packed there, however long its elements are; here the settings say. */
const PAYLOADS: readonly Buffer[] = [
  ...STRINGS,
  ...OLD_PAYLOADS.filter(([name]) => /^list|text/.test(name)).map(([, bytes]) => bytes),
];

function bytes(c: Chooser): Text {
  const sound = c.pick(PAYLOADS);
  if (c.chance(85)) return sound;
  if (c.chance(20)) return c.letters();
  const changed = Buffer.from(sound);
  changed[c.below(changed.length)] ^= 1 << c.below(8);
  return c.chance(50) ? changed : sound.subarray(0, c.below(sound.length));
}

function options(c: Chooser): Text[] {
  return c.some(
    30,
    "REPLACE",
    "REPLACE",
    () => [c.word("IDLETIME"), c.chance(90) ? String(c.below(100)) : c.integer()],
    () => [c.word("FREQ"), c.chance(80) ? String(c.below(256)) : c.integer()],
  );
}

export const DUMP_KINDS: readonly Kind[] = [
  kind(12, (c) => ["DUMP", c.key()], isSameKind),
  unchanged(kind(12, (c) => ["RESTORE", c.key(), "0", bytes(c), ...options(c)])),
  unchanged(kind(8, (c) => ["RESTORE", c.key(), c.timeToLive("ms"), bytes(c), ...options(c)])),
  unchanged(kind(6, (c) => [
    ...["RESTORE", c.key(), c.moment("ms"), bytes(c), c.word("ABSTTL")],
    ...options(c),
  ])),
];
