/** The commands of hashes. */
import type { CommandSpec } from "../spec.ts";
import { HGETALL, HKEYS, HVALS } from "./all.ts";
import { HDEL, HGETDEL } from "./delete.ts";
import { HEXPIRE, HEXPIREAT, HPERSIST, HPEXPIRE, HPEXPIREAT } from "./expire.ts";
import { HEXISTS, HGET, HLEN, HMGET, HSTRLEN } from "./get.ts";
import { HGETEX } from "./getex.ts";
import { HSCAN } from "./hscan.ts";
import { HINCRBY, HINCRBYFLOAT } from "./increment.ts";
import { HRANDFIELD } from "./random.ts";
import { HMSET, HSET, HSETNX } from "./set.ts";
import { HSETEX } from "./setex.ts";
import { HEXPIRETIME, HPEXPIRETIME, HPTTL, HTTL } from "./ttl.ts";

export const HASH_COMMANDS = [
  HDEL,
  HEXISTS,
  HEXPIRE,
  HEXPIREAT,
  HEXPIRETIME,
  HGET,
  HGETALL,
  HGETDEL,
  HGETEX,
  HINCRBY,
  HINCRBYFLOAT,
  HKEYS,
  HLEN,
  HMGET,
  HMSET,
  HPERSIST,
  HPEXPIRE,
  HPEXPIREAT,
  HPEXPIRETIME,
  HPTTL,
  HRANDFIELD,
  HSCAN,
  HSET,
  HSETEX,
  HSETNX,
  HSTRLEN,
  HTTL,
  HVALS,
] as const satisfies readonly CommandSpec[];
