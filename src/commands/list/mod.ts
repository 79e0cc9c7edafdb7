/** The commands of lists. */
import type { CommandSpec } from "../spec.ts";
import { BLMOVE, BLMPOP, BLPOP, BRPOP, BRPOPLPUSH } from "./blocking.ts";
import { LINSERT, LREM, LSET, LTRIM } from "./edit.ts";
import { LPOS } from "./lpos.ts";
import { LMOVE, RPOPLPUSH } from "./move.ts";
import { LMPOP } from "./multi_pop.ts";
import { LPOP, RPOP } from "./pop.ts";
import { LPUSH, LPUSHX, RPUSH, RPUSHX } from "./push.ts";
import { LINDEX, LLEN, LRANGE } from "./range.ts";

export const LIST_COMMANDS = [
  BLMOVE,
  BLMPOP,
  BLPOP,
  BRPOP,
  BRPOPLPUSH,
  LINDEX,
  LINSERT,
  LLEN,
  LMOVE,
  LMPOP,
  LPOP,
  LPOS,
  LPUSH,
  LPUSHX,
  LRANGE,
  LREM,
  LSET,
  LTRIM,
  RPOP,
  RPOPLPUSH,
  RPUSH,
  RPUSHX,
] as const satisfies readonly CommandSpec[];
