/** Random commands on the bits of strings. */
import { type Kind, kind } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";

/** A position near the beginning of a string; sometimes far, or refused. */
function bit(c: Chooser): string {
  if (c.chance(75)) return String(c.below(200));
  if (c.chance(80)) return String(c.below(c.chance(20) ? 600_000 : 5000));
  return c.pick(["-1", "4294967296", "9223372036854775807", "x", "", "1.5", "01"]);
}

function encoding(c: Chooser): string {
  if (c.chance(4)) return c.pick(["u64", "u0", "i0", "i65", "x8", "u", "", "u08", "U8", "i100"]);
  const width = c.chance(50) ? c.pick([1, 2, 4, 8, 16, 31, 32, 33, 41, 42, 53, 54, 62, 63]) : 0;
  return `${c.pick(["u", "i"])}${width === 0 ? c.between(1, 63) : width}`;
}

function fieldOffset(c: Chooser): string {
  if (c.chance(30)) return `#${c.chance(95) ? c.below(20) : c.integer()}`;
  return bit(c);
}

function fieldOperation(c: Chooser): Text[] {
  const type = c.chance(10) ? "i64" : encoding(c);
  const value = c.chance(60) ? String(c.between(-300, 300)) : c.integer();
  switch (c.below(4)) {
    case 0:
      return [c.word("GET"), type, fieldOffset(c)];
    case 1:
      return [c.word("SET"), type, fieldOffset(c), value];
    case 2:
      return [c.word("INCRBY"), type, fieldOffset(c), value];
    default:
      return [c.word("OVERFLOW"), c.word(c.pick(["WRAP", "SAT", "FAIL", "FAIL", "NONE"]))];
  }
}

function times<T>(count: number, make: () => T[]): T[] {
  return Array.from({ length: count }, make).flat();
}

function range(c: Chooser): Text[] {
  const unit = c.chance(70) ? [c.word(c.pick(["BIT", "BIT", "BYTE", "BYTE", "BITS"]))] : [];
  return [c.offset(), c.offset(), ...unit];
}

const OPERATIONS = ["AND", "OR", "XOR", "NOT", "NAND"];

export const BITMAP_KINDS: readonly Kind[] = [
  kind(30, (c) => ["SETBIT", c.key(), bit(c), c.chance(95) ? c.pick(["0", "1"]) : c.integer()]),
  kind(20, (c) => ["GETBIT", c.key(), bit(c)]),
  kind(10, (c) => ["BITCOUNT", c.key()]),
  kind(16, (c) => ["BITCOUNT", c.key(), ...range(c)]),
  kind(6, (c) => ["BITPOS", c.key(), c.pick(["0", "1"])]),
  kind(6, (c) => ["BITPOS", c.key(), c.pick(["0", "1", "2", "x"]), c.offset()]),
  kind(16, (c) => ["BITPOS", c.key(), c.pick(["0", "1"]), ...range(c)]),
  kind(4, (c) => ["SET", c.key(), c.pick(["\xff", "\0"]).repeat(c.below(40))]),
  kind(16, (c) => ["BITOP", c.word(c.pick(OPERATIONS)), c.key(), ...c.keys(4)]),
  kind(30, (c) => ["BITFIELD", c.key(), ...times(c.below(5), () => fieldOperation(c))]),
  kind(6, (c) => [
    ...["BITFIELD_RO", c.key()],
    ...times(c.below(3), () => [c.word("GET"), encoding(c), fieldOffset(c)]),
  ]),
  kind(1, (c) => ["BITFIELD_RO", c.key(), ...fieldOperation(c)]),
];
