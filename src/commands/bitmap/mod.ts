/** The commands on the bits of strings. */
import type { CommandSpec } from "../spec.ts";
import { BITCOUNT } from "./bitcount.ts";
import { BITFIELD, BITFIELD_RO } from "./bitfield.ts";
import { BITOP } from "./bitop.ts";
import { BITPOS } from "./bitpos.ts";
import { GETBIT, SETBIT } from "./setbit.ts";

export const BITMAP_COMMANDS = [
  BITCOUNT,
  BITFIELD,
  BITFIELD_RO,
  BITOP,
  BITPOS,
  GETBIT,
  SETBIT,
] as const satisfies readonly CommandSpec[];
