/** The commands of sets. */
import type { CommandSpec } from "../spec.ts";
import {
  SDIFF,
  SDIFFSTORE,
  SINTER,
  SINTERCARD,
  SINTERSTORE,
  SUNION,
  SUNIONSTORE,
} from "./algebra.ts";
import { SADD, SMOVE, SREM } from "./change.ts";
import { SPOP, SRANDMEMBER } from "./random.ts";
import { SCARD, SISMEMBER, SMEMBERS, SMISMEMBER } from "./read.ts";
import { SSCAN } from "./sscan.ts";

export const SET_COMMANDS = [
  SADD,
  SCARD,
  SDIFF,
  SDIFFSTORE,
  SINTER,
  SINTERCARD,
  SINTERSTORE,
  SISMEMBER,
  SMEMBERS,
  SMISMEMBER,
  SMOVE,
  SPOP,
  SRANDMEMBER,
  SREM,
  SSCAN,
  SUNION,
  SUNIONSTORE,
] as const satisfies readonly CommandSpec[];
