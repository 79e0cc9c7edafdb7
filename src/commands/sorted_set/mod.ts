/** The commands on sorted sets. */
import type { CommandSpec } from "../spec.ts";
import { ZDIFF, ZINTER, ZINTERCARD, ZUNION } from "./algebra.ts";
import { ZDIFFSTORE, ZINTERSTORE, ZUNIONSTORE } from "./algebra_store.ts";
import { BZMPOP, BZPOPMAX, BZPOPMIN } from "./blocking.ts";
import { ZCARD, ZCOUNT, ZLEXCOUNT, ZMSCORE, ZRANK, ZREVRANK, ZSCORE } from "./read.ts";
import { ZADD, ZINCRBY } from "./zadd.ts";
import { ZMPOP, ZPOPMAX, ZPOPMIN } from "./zpop.ts";
import { ZRANDMEMBER } from "./zrandmember.ts";
import {
  ZRANGE,
  ZRANGEBYLEX,
  ZRANGEBYSCORE,
  ZRANGESTORE,
  ZREVRANGE,
  ZREVRANGEBYLEX,
  ZREVRANGEBYSCORE,
} from "./zrange.ts";
import { ZREM, ZREMRANGEBYLEX, ZREMRANGEBYRANK, ZREMRANGEBYSCORE } from "./zrem.ts";
import { ZSCAN } from "./zscan.ts";

export const SORTED_SET_COMMANDS = [
  BZMPOP,
  BZPOPMAX,
  BZPOPMIN,
  ZADD,
  ZCARD,
  ZCOUNT,
  ZDIFF,
  ZDIFFSTORE,
  ZINCRBY,
  ZINTER,
  ZINTERCARD,
  ZINTERSTORE,
  ZLEXCOUNT,
  ZMPOP,
  ZMSCORE,
  ZPOPMAX,
  ZPOPMIN,
  ZRANDMEMBER,
  ZRANGE,
  ZRANGEBYLEX,
  ZRANGEBYSCORE,
  ZRANGESTORE,
  ZRANK,
  ZREM,
  ZREMRANGEBYLEX,
  ZREMRANGEBYRANK,
  ZREMRANGEBYSCORE,
  ZREVRANGE,
  ZREVRANGEBYLEX,
  ZREVRANGEBYSCORE,
  ZREVRANK,
  ZSCAN,
  ZSCORE,
  ZUNION,
  ZUNIONSTORE,
] as const satisfies readonly CommandSpec[];
