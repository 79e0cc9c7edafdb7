/** The commands on strings. */
import type { CommandSpec } from "../spec.ts";
import { DELEX, DIGEST } from "./digest.ts";
import { GET, GETDEL, MGET, STRLEN } from "./get.ts";
import { GETEX } from "./getex.ts";
import { DECR, DECRBY, INCR, INCRBY } from "./incr.ts";
import { INCRBYFLOAT } from "./incrbyfloat.ts";
import { LCS } from "./lcs.ts";
import { MSET, MSETNX } from "./mset.ts";
import { MSETEX } from "./msetex.ts";
import { APPEND, GETRANGE, SETRANGE, SUBSTR } from "./range.ts";
import { SET } from "./set.ts";
import { GETSET, PSETEX, SETEX, SETNX } from "./set_variants.ts";

export const STRING_COMMANDS = [
  APPEND,
  DECR,
  DECRBY,
  DELEX,
  DIGEST,
  GET,
  GETDEL,
  GETEX,
  GETRANGE,
  GETSET,
  INCR,
  INCRBY,
  INCRBYFLOAT,
  LCS,
  MGET,
  MSET,
  MSETEX,
  MSETNX,
  PSETEX,
  SET,
  SETEX,
  SETNX,
  SETRANGE,
  STRLEN,
  SUBSTR,
] as const satisfies readonly CommandSpec[];
