/**
 * Database: for each shard an index of its keys, and a list of the records that expire; where that is
 * asked for an ordered index of the keys, too.
 *
 * Invariant: a record has an expiry exactly if its database's list of its shard holds it, at the
 * position that the record names.
 */
import type { Arena } from "../memory/arena.ts";
import { HashIndex } from "../memory/hash_index.ts";
import { type LocalRef, volatileAtOf, writeExpiry, writeVolatileAt } from "../memory/record.ts";
import { RefList } from "../memory/ref_list.ts";
import { KeyIndex } from "./key_index.ts";

/** Whatever owns records: a database, or what was flushed from one. */
export interface RecordHolder {
  /** By shard. */
  readonly indexes: readonly HashIndex[];
  /** By shard. */
  readonly volatile: readonly RefList[];
  /** The keys in order, where that is asked for. */
  readonly keyIndex: KeyIndex | undefined;
}

export class Database implements RecordHolder {
  readonly index: number;
  indexes: HashIndex[] = [];
  volatile: RefList[] = [];
  keyIndex: KeyIndex | undefined;
  readonly #isOrdered: boolean;

  /** @param arenas one for each shard @param isOrdered whether there is a key index */
  constructor(index: number, arenas: readonly Arena[], shardBits: number, isOrdered: boolean) {
    this.index = index;
    this.#isOrdered = isOrdered;
    this.renew(arenas, shardBits);
  }

  /** Starts anew, without a key. What was there is the caller's. */
  renew(arenas: readonly Arena[], shardBits: number): void {
    this.indexes = arenas.map((arena) => new HashIndex(arena, shardBits));
    this.volatile = arenas.map((arena) => new RefList(arena));
    this.keyIndex = this.#isOrdered ? new KeyIndex(arenas) : undefined;
  }

  get size(): number {
    let size = 0;
    for (const index of this.indexes) size += index.count;
    return size;
  }

  /** Number of keys with an expiry. */
  get volatileCount(): number {
    let count = 0;
    for (const list of this.volatile) count += list.length;
    return count;
  }
}

/**
 * Gives a record, which has the room for it, an expiry; the list must have been asked to `reserve`.
 */
export function startExpiring(
  words: Int32Array,
  list: RefList,
  local: LocalRef,
  expiresAtMs: number,
): void {
  writeExpiry(words, local, expiresAtMs);
  writeVolatileAt(words, local, list.length);
  list.add(local);
}

/** Takes a record off the list of those that expire. */
export function stopExpiring(words: Int32Array, list: RefList, local: LocalRef): void {
  const position = volatileAtOf(words, local);
  const last = list.removeLast();
  if (last === local) return;
  list.set(position, last);
  writeVolatileAt(words, last, position);
}
