/** The kinds of commands of all data types, and which of them a run takes. */
import process from "node:process";
import { BITMAP_KINDS } from "./bitmap.ts";
import { BLOCKING_KINDS } from "./blocking.ts";
import { DUMP_KINDS } from "./dumps.ts";
import { GEO_KINDS } from "./geo.ts";
import { HASH_KINDS } from "./hashes.ts";
import { HYPERLOGLOG_KINDS } from "./hyperloglog.ts";
import type { Kind } from "./kinds.ts";
import { LIST_KINDS } from "./lists.ts";
import { SET_KINDS } from "./sets.ts";
import { SORT_KINDS } from "./sort.ts";
import { SORTED_SET_KINDS } from "./sorted_sets.ts";
import { STREAM_KINDS } from "./streams.ts";

/** By the name that CRABCACHE_DIFF_ONLY knows them by. */
const FAMILIES: Readonly<Record<string, readonly Kind[]>> = {
  bitmap: BITMAP_KINDS,
  blocking: BLOCKING_KINDS,
  dump: DUMP_KINDS,
  geo: GEO_KINDS,
  hash: HASH_KINDS,
  hll: HYPERLOGLOG_KINDS,
  list: LIST_KINDS,
  set: SET_KINDS,
  sort: SORT_KINDS,
  stream: STREAM_KINDS,
  zset: SORTED_SET_KINDS,
};

/** Names of the families that a run is about, separated by commas; all if it is not set. */
const only = process.env.CRABCACHE_DIFF_ONLY?.split(",");

/** How much more often the commands of a run's only families come. */
const FOCUS = 5;

export const TYPE_KINDS: readonly Kind[] = Object.entries(FAMILIES)
  .filter(([name]) => only === undefined || only.includes(name))
  .flatMap(([, kinds]) => kinds)
  .map((each) => only === undefined ? each : { ...each, weight: each.weight * FOCUS });
