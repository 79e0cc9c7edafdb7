/** What is asserted of all methods of a cache. */
import type { Cache } from "../../src/server/cache.ts";
import { HASHES, LISTS, SETS } from "./cache_collections.ts";
import { SORTED_SETS } from "./cache_sorted_sets.ts";
import { BITMAPS, HYPERLOGLOGS, PLACES, STREAMS } from "./cache_special.ts";
import { STRINGS_AND_KEYS } from "./cache_strings.ts";

export const METHODS: Readonly<Record<string, (cache: Cache) => void>> = {
  ...STRINGS_AND_KEYS,
  ...LISTS,
  ...SETS,
  ...HASHES,
  ...SORTED_SETS,
  ...STREAMS,
  ...BITMAPS,
  ...HYPERLOGLOGS,
  ...PLACES,
};
