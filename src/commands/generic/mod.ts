/** The commands on keys of any type, and on whole databases. */
import type { CommandSpec } from "../spec.ts";
import { COPY, MOVE } from "./copy.ts";
import { DBSIZE, FLUSHALL, FLUSHDB, SWAPDB } from "./database.ts";
import { DEBUG } from "./debug.ts";
import { DEL, UNLINK } from "./del.ts";
import { DUMP, RESTORE } from "./dump.ts";
import { EXISTS, TOUCH, TYPE } from "./exists.ts";
import { EXPIRE, EXPIREAT, PEXPIRE, PEXPIREAT } from "./expire.ts";
import { KEYS, RANDOMKEY } from "./keys.ts";
import { OBJECT } from "./object.ts";
import { PURGE } from "./purge.ts";
import { RENAME, RENAMENX } from "./rename.ts";
import { SCAN } from "./scan.ts";
import { SORT, SORT_RO } from "./sort.ts";
import { EXPIRETIME, PERSIST, PEXPIRETIME, PTTL, TTL } from "./ttl.ts";
import { WAIT } from "./wait.ts";

export const GENERIC_COMMANDS = [
  COPY,
  DEL,
  DUMP,
  EXISTS,
  EXPIRE,
  EXPIREAT,
  EXPIRETIME,
  KEYS,
  MOVE,
  OBJECT,
  PERSIST,
  PEXPIRE,
  PEXPIREAT,
  PEXPIRETIME,
  PTTL,
  PURGE,
  RANDOMKEY,
  RENAME,
  RENAMENX,
  RESTORE,
  SCAN,
  SORT,
  SORT_RO,
  TOUCH,
  TTL,
  TYPE,
  UNLINK,
  WAIT,
  DBSIZE,
  DEBUG,
  FLUSHALL,
  FLUSHDB,
  SWAPDB,
] as const satisfies readonly CommandSpec[];
