/**
 * WATCH: which clients watch which keys, and whether anything happened to those.
 *
 *   hash of a key ──▶ WatchedKey k, db 0 ──▶ watcher A, not expired then
 *                        │                └▶ watcher B, expired already when it began to watch
 *                        ▼ another key with that hash
 *
 * A watcher that a change was found for is dirty and watches nothing any more. A key that had expired, but
 * was still there, when somebody began to watch it does not change for him by being removed.
 *
 * Cost: a changed key is hashed and looked up, whatever is watched; while nothing is watched nothing
 * is heard of. Emptying or swapping databases costs a look at each watched key.
 * Source: https://redis.io/docs/latest/develop/using-commands/transactions/; Redis src/multi.c
 */
import { equalBytes } from "../bytes/compare.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import type { Database } from "./database.ts";
import type { KeyChangeListener } from "./key_changes.ts";
import type { Keyspace } from "./keyspace.ts";

/** Memory of one watched key of one watcher beside the key's bytes, for accounting. */
const ENTRY_BYTES = 256;

/** Someone who watches keys. */
export class Watcher {
  /** Whether any of its keys changed since it began to watch. */
  isDirty = false;
  /** Memory of what it watches, in bytes. */
  sizeBytes = 0;
  readonly keys: Set<WatchedKey> = new Set();
}

/** A key that somebody watches, and for each of them whether it had expired when that began. */
interface WatchedKey {
  readonly db: Database;
  readonly hash: number;
  readonly region: Region;
  readonly length: number;
  readonly watchers: Map<Watcher, boolean>;
  /** Another key with the same hash. */
  next: WatchedKey | undefined;
}

export class WatchedKeys implements KeyChangeListener {
  readonly #keyspace: Keyspace;
  /** By hash. */
  readonly #keys = new Map<number, WatchedKey>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Begins to watch the key of an argument, if it is not watched yet. */
  watch(watcher: Watcher, db: Database, region: Region, offset: number, length: number): void {
    const hash = this.#keyspace.hash(region.view, offset, length);
    let key = this.#find(db, region, offset, length, hash);
    if (key === undefined) {
      if (this.#keys.size === 0) this.#keyspace.changes.add(this);
      key = createKey(db, region, offset, length, hash, this.#keys.get(hash));
      this.#keys.set(hash, key);
    } else if (key.watchers.has(watcher)) {
      return;
    }
    key.watchers.set(watcher, this.#isExpired(db, key));
    watcher.keys.add(key);
    watcher.sizeBytes += ENTRY_BYTES + length;
  }

  /** It watches nothing any more; what was found out stays. */
  unwatch(watcher: Watcher): void {
    for (const key of watcher.keys) {
      key.watchers.delete(watcher);
      if (key.watchers.size === 0) this.#forget(key);
    }
    watcher.keys.clear();
    watcher.sizeBytes = 0;
    if (this.#keys.size === 0) this.#keyspace.changes.remove(this);
  }

  /** Whether one of its keys has expired since it began to watch, even if nobody noticed yet. */
  hasExpired(watcher: Watcher): boolean {
    for (const key of watcher.keys) {
      if (key.watchers.get(watcher) === false && this.#isExpired(key.db, key)) return true;
    }
    return false;
  }

  // What the keyspace calls

  changed(db: Database, region: Region, keyOffset: number, keyLength: number): void {
    const hash = this.#keyspace.hash(region.view, keyOffset, keyLength);
    const key = this.#find(db, region, keyOffset, keyLength, hash);
    if (key === undefined) return;
    const isGone = !this.#isThere(db, key) || this.#isExpired(db, key);
    for (const [watcher, wasExpired] of key.watchers) {
      if (wasExpired && isGone) key.watchers.set(watcher, false);
      else this.#touch(watcher);
    }
  }

  flushed(db: Database): void {
    for (const key of this.#keysOf(db)) {
      if (!this.#isThere(db, key)) continue;
      for (const [watcher, wasExpired] of key.watchers) {
        if (wasExpired) key.watchers.set(watcher, false);
        else this.#touch(watcher);
      }
    }
  }

  swapping(a: Database, b: Database): void {
    this.#replaced(a, b);
    this.#replaced(b, a);
  }

  /** What `db` holds is about to become what `other` holds. */
  #replaced(db: Database, other: Database): void {
    for (const key of this.#keysOf(db)) {
      const isThere = this.#isThere(db, key), willBeThere = this.#isThere(other, key);
      if (!isThere && !willBeThere) continue;
      const willBeExpired = this.#isExpired(other, key);
      for (const [watcher, wasExpired] of key.watchers) {
        if (wasExpired && !willBeThere) key.watchers.set(watcher, false);
        else if (wasExpired && willBeExpired) continue;
        else if (!wasExpired && !isThere && willBeExpired) key.watchers.set(watcher, true);
        else this.#touch(watcher);
      }
    }
  }

  #touch(watcher: Watcher): void {
    watcher.isDirty = true;
    this.unwatch(watcher);
  }

  #keysOf(db: Database): WatchedKey[] {
    const found: WatchedKey[] = [];
    for (const first of this.#keys.values()) {
      for (let key: WatchedKey | undefined = first; key !== undefined; key = key.next) {
        if (key.db === db) found.push(key);
      }
    }
    return found;
  }

  #find(
    db: Database,
    region: Region,
    offset: number,
    length: number,
    hash: number,
  ): WatchedKey | undefined {
    let key = this.#keys.get(hash);
    while (key !== undefined) {
      const isSame = key.db === db && key.length === length &&
        equalBytes(key.region, 0, region, offset, length);
      if (isSame) return key;
      key = key.next;
    }
    return undefined;
  }

  #forget(key: WatchedKey): void {
    const first = this.#keys.get(key.hash);
    if (first === key) {
      if (key.next === undefined) this.#keys.delete(key.hash);
      else this.#keys.set(key.hash, key.next);
      return;
    }
    let before = first!;
    while (before.next !== key) before = before.next!;
    before.next = key.next;
  }

  /** Whether a database has a record of this key, expired or not. */
  #isThere(db: Database, key: WatchedKey): boolean {
    const index = db.indexes[this.#keyspace.shardOf(key.hash)];
    return index.find(key.region.view, 0, key.length, key.hash) !== 0;
  }

  /** Whether it has one whose time is over. */
  #isExpired(db: Database, key: WatchedKey): boolean {
    const shard = this.#keyspace.shardOf(key.hash);
    const slot = db.indexes[shard].find(key.region.view, 0, key.length, key.hash);
    return slot !== 0 && this.#keyspace.isExpired(this.#keyspace.refAt(db, shard, slot));
  }
}

function createKey(
  db: Database,
  region: Region,
  offset: number,
  length: number,
  hash: number,
  next: WatchedKey | undefined,
): WatchedKey {
  const own = makeRegion(length);
  own.bytes.set(region.bytes.subarray(offset, offset + length));
  return { db, hash, region: own, length, watchers: new Map(), next };
}
