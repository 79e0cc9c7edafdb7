/**
 * Walks over the keys of a database that begin with some bytes, a few at a time, by its key index.
 *
 * The place where a walk stands is told by a shard and a key, so whatever is written between two
 * steps does not matter to it: a key that is there from the first step to the last is visited once.
 */
import { RadixCursor, SEEK_GE, SEEK_GT } from "../structs/radix_cursor.ts";
import type { Database } from "./database.ts";
import type { KeyIndex } from "./key_index.ts";
import type { Keyspace } from "./keyspace.ts";
import type { RecordRef } from "./record_kinds.ts";
import type { Records } from "./records.ts";

/** What is still to visit: in the shard what lies behind the key, and all of the later shards. */
export interface PrefixPosition {
  readonly shard: number;
  /** The last key that was visited; undefined = none of the shard. */
  readonly key: Uint8Array | undefined;
}

export const PREFIX_START: PrefixPosition = { shard: 0, key: undefined };

const cursor = new RadixCursor();

/**
 * @param count how many keys to visit at the most
 * @param visit may not change the database
 * @returns where to go on, undefined at the end
 */
export function scanPrefix(
  records: Records,
  db: Database,
  keyIndex: KeyIndex,
  prefix: Uint8Array,
  from: PrefixPosition,
  count: number,
  visit: (ref: RecordRef) => void,
): PrefixPosition | undefined {
  let left = count;
  let last = from.key;
  for (let shard = from.shard; shard < records.arenas.length; shard++, last = undefined) {
    const tree = keyIndex.treeOf(shard);
    if (tree === 0) continue;
    const arena = records.arenas[shard];
    const start = last ?? prefix;
    const input = { bytes: start, view: viewOf(start) };
    const mode = last === undefined ? SEEK_GE : SEEK_GT;
    let isThere = cursor.seek(arena, tree, input, 0, start.length, mode, prefix.length);
    for (; isThere; isThere = cursor.next()) {
      if (left-- <= 0) return { shard, key: last };
      visit(recordOf(records, db, shard));
      if (left === 0) last = cursor.key.bytes.slice(0, cursor.keyLength);
    }
  }
  return undefined;
}

/** As `scanPrefix`, live keys only. */
export function scanLivePrefix(
  keyspace: Keyspace,
  db: Database,
  keyIndex: KeyIndex,
  prefix: Uint8Array,
  from: PrefixPosition,
  count: number,
  visit: (ref: RecordRef) => void,
): PrefixPosition | undefined {
  return scanPrefix(keyspace, db, keyIndex, prefix, from, count, (ref) => {
    if (!keyspace.isExpired(ref)) visit(ref);
  });
}

/**
 * Visits all live keys that begin with these bytes, by the key index if there is one; nothing may be
 * changed meanwhile.
 */
export function forEachWithPrefix(
  keyspace: Keyspace,
  db: Database,
  prefix: Uint8Array,
  visit: (ref: RecordRef) => void,
): void {
  if (db.keyIndex !== undefined) {
    scanLivePrefix(keyspace, db, db.keyIndex, prefix, PREFIX_START, Infinity, visit);
    return;
  }
  keyspace.forEach(db, (ref) => {
    if (keyspace.hasPrefix(ref, prefix)) visit(ref);
  });
}

/** The record of the key that the cursor is at. */
function recordOf(records: Records, db: Database, shard: number): RecordRef {
  const { key, keyLength } = cursor;
  const hash = records.hash(key.view, 0, keyLength);
  const index = db.indexes[shard];
  const slot = index.find(key.view, 0, keyLength, hash);
  if (slot === 0) throw new Error("the key index has a key that is not there");
  return records.refOf(shard, index.refAt(slot));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
