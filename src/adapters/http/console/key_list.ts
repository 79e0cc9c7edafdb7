/** One page of the key browser: keys that SCAN finds, with type, time to live and size. */
import type { Run } from "./commands.ts";
import { bytesOf, firstError, itemsOf, numberOf, textOf } from "./reply.ts";

/** Keys that a page shows, or a few more. */
const PAGE_KEYS = 50;
/** Keys that one SCAN looks at, without and with a pattern. */
const PLAIN_COUNT = 50;
const FILTERED_COUNT = 1000;
/** SCANs for one page. */
const MAX_SCANS = 20;

export const KEY_TYPES: readonly string[] = ["string", "list", "hash", "set", "zset", "stream"];

/** What is looked for. */
export interface KeyQuery {
  readonly db: number;
  /** As of MATCH, "" = all. */
  readonly pattern: string;
  /** "" = all. */
  readonly type: string;
  /** Where to go on, "0" = at the start. */
  readonly cursor: string;
}

export interface ListedKey {
  readonly key: Uint8Array;
  readonly type: string;
  /** -1 = it stays, undefined = unknown. */
  readonly ttlMs: number | undefined;
  readonly sizeBytes: number | undefined;
}

export interface KeyList {
  readonly keys: readonly ListedKey[];
  /** Where the next page begins, "0" = there is none. */
  readonly cursor: string;
  /** All keys of the database. */
  readonly total: number | undefined;
  /** Whether it was given up looking for more. */
  readonly isCutShort: boolean;
  readonly error: string | undefined;
}

export async function listKeys(run: Run, query: KeyQuery): Promise<KeyList> {
  const { db, pattern, type } = query;
  const isFiltered = pattern !== "" || type !== "";
  const options: (string | number)[] = ["COUNT", isFiltered ? FILTERED_COUNT : PLAIN_COUNT];
  if (pattern !== "") options.push("MATCH", pattern);
  if (type !== "") options.push("TYPE", type);
  const found = new Map<string, Uint8Array>();
  let { cursor } = query;
  for (let scans = 0; scans < MAX_SCANS && found.size < PAGE_KEYS; scans++) {
    const [reply] = await run([["SCAN", cursor, ...options]], { db });
    if (reply.kind === "error") {
      return { keys: [], cursor: "0", total: undefined, isCutShort: false, error: reply.text };
    }
    const [next, keys] = itemsOf(reply);
    // SCAN may give a key more than once.
    for (const key of itemsOf(keys)) found.set(bytesOf(key).join(), bytesOf(key));
    cursor = textOf(next);
    if (cursor === "0") break;
  }
  const [size] = await run([["DBSIZE"]], { db });
  return {
    keys: await describe(run, db, [...found.values()]),
    cursor,
    total: numberOf(size),
    isCutShort: cursor !== "0" && found.size < PAGE_KEYS,
    error: undefined,
  };
}

async function describe(run: Run, db: number, keys: readonly Uint8Array[]): Promise<ListedKey[]> {
  const replies = await run(
    keys.flatMap((key) => [["TYPE", key], ["PTTL", key], ["MEMORY", "USAGE", key]]),
    { db },
  );
  return keys.map((key, i) => {
    const [type, ttl, size] = replies.slice(i * 3, i * 3 + 3);
    return {
      key,
      type: firstError([type]) === undefined ? textOf(type) : "",
      ttlMs: numberOf(ttl),
      sizeBytes: numberOf(size),
    };
  });
}
