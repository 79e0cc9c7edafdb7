/**
 * Keyspace: the databases, each an index per shard over records in the shards' arenas.
 *
 *   key ──hash──▶ shard (leading bits) ──▶ database's index there ──▶ record in the shard's arena
 *
 * A RecordRef names a record everywhere: the shard in its top five bits, the 8-byte unit in the
 * other 27. It stays valid until something is written to that key; allocation never moves a record.
 *
 * Invariants: the sum of all indexes' entries is the number of records in use; a record with an
 * expiry is in the volatile list of its database and shard. `checkInvariants` walks it all.
 */
import type { Arena } from "../memory/arena.ts";
import type { Slot } from "../memory/hash_index.ts";
import { MemoryAccount } from "../memory/memory_account.ts";
import {
  accessOf,
  beginValue,
  expiryOf,
  HAS_EXPIRY,
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  type LocalRef,
  recordSize,
  setKindAndLength,
  writeAccess,
  writeExpiry,
} from "../memory/record.ts";
import { noteSize } from "../memory/record_note.ts";
import { sizeClassOf } from "../memory/size_classes.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Random } from "../ports/random.ts";
import type { Region } from "../ports/region.ts";
import { Database, stopExpiring } from "./database.ts";
import { FlushedRecords } from "./flushed_records.ts";
import { EVENT_EXPIRED, EVENT_KEY_MISS, EVENT_NEW, KeyChanges } from "./key_changes.ts";
import { KeyWaiters } from "./key_waiters.ts";
import { checkKeyspace } from "./keyspace_check.ts";
import { STRUCTURE_REF_BYTES, type StructureRef } from "./outside_values.ts";
import { copyValue, moveValue } from "./record_copies.ts";
import {
  isOutside,
  KEEP_TTL,
  LOCAL_MASK,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  SHARD_SHIFT,
} from "./record_kinds.ts";
import {
  createRecord,
  DROP_VALUE,
  freeRecord,
  KEEP_VALUE,
  reshapeRecord,
  takeBackRecord,
} from "./record_writer.ts";
import { Records } from "./records.ts";
import { emptyPage } from "./relocation.ts";
import { scanIndexes } from "./scan.ts";
import type { LatencyMonitor } from "./latency_monitor.ts";
import { makeArenas, maxCapacityBytes, shardBitsFor } from "./shards.ts";
import type { Stats } from "./stats.ts";

export { Database } from "./database.ts";
export {
  KEEP_TTL,
  MAX_SHARDS,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "./record_kinds.ts";

export interface KeyspaceOptions {
  readonly databases: number;
  /** Bytes that the records, indexes and lists together may ever take. */
  readonly capacityBytes: number;
  /** log2 of the number of shards; as many as the capacity needs if it is not given. */
  readonly shardBits?: number;
  /** Whether each database has an ordered index of its keys, too. */
  readonly isOrdered?: boolean;
  readonly random: Random;
  /** Counts hits, misses, expired keys and changes. */
  readonly stats: Stats;
}

export class Keyspace extends Records {
  /** What loads ahead of time summed up to; kept so that they are not optimised away. */
  sink = 0;
  readonly databases: Database[] = [];
  readonly account: MemoryAccount;
  /** What was asked for, as far as there are shards for it. */
  readonly capacityBytes: number;
  readonly shardBits: number;
  /** Whether lookups count as accesses (CLIENT NO-TOUCH). */
  isTouching = true;
  /** Hash of the key that `find` found last; where it found none, another one. */
  foundHash = 0;
  readonly stats: Stats;
  /** Who waits for keys; told of those that come into being, change their type, or go. */
  readonly waiters: KeyWaiters = new KeyWaiters();
  /** Who wants to know of changes. */
  readonly changes: KeyChanges = new KeyChanges();
  /** Told how long removing takes. */
  latency: LatencyMonitor | undefined;
  readonly #shardShift: number;
  readonly #flushed: FlushedRecords;

  constructor(options: KeyspaceOptions) {
    const bits = options.shardBits ?? shardBitsFor(options.capacityBytes);
    const account = new MemoryAccount();
    const capacityBytes = Math.min(options.capacityBytes, maxCapacityBytes(bits));
    super(makeArenas(bits, capacityBytes, account), options.random);
    this.capacityBytes = capacityBytes;
    this.account = account;
    this.stats = options.stats;
    this.shardBits = bits;
    this.#shardShift = 31 - bits;
    this.#flushed = new FlushedRecords(bits, this.outside);
    for (let i = 0; i < options.databases; i++) {
      this.databases.push(new Database(i, this.arenas, bits, options.isOrdered ?? false));
    }
  }

  shardOf(hash: number): number {
    return (hash >>> 1) >>> this.#shardShift;
  }

  // Lookups

  /** The key's record, or 0; expires it when its time has come. Neither hit nor miss nor access. */
  find(db: Database, batch: CommandBatch, arg: number): RecordRef {
    const hash = batch.argHashes[arg];
    const shard = (hash >>> 1) >>> this.#shardShift, index = db.indexes[shard];
    const slot = index.find(batch.input.view, batch.argOffsets[arg], batch.argLengths[arg], hash);
    this.foundHash = slot === 0 ? ~hash : hash;
    if (slot === 0) return 0;
    const words = index.words, ref = words[slot];
    if ((words[(ref << 1) + 1] & HAS_EXPIRY) !== 0 && expiryOf(words, ref) <= this.nowMs) {
      this.foundHash = ~hash;
      this.expireSlot(db, shard, slot);
      return 0;
    }
    return (shard << SHARD_SHIFT) | ref;
  }

  /** As `find`; counts as hit or miss and as an access. */
  lookupRead(db: Database, batch: CommandBatch, arg: number): RecordRef {
    const ref = this.find(db, batch, arg);
    if (ref === 0) {
      this.#missed(db, batch.input, batch.argOffsets[arg], batch.argLengths[arg]);
      return 0;
    }
    this.stats.keyspaceHits++;
    if (this.isTouching) {
      const words = this.arenas[ref >>> SHARD_SHIFT].words;
      this.access.accessed(words, ref & LOCAL_MASK, batch.argHashes[arg]);
    }
    return ref;
  }

  /** As `find`; counts as an access. */
  lookupWrite(db: Database, batch: CommandBatch, arg: number): RecordRef {
    const ref = this.find(db, batch, arg);
    if (ref !== 0 && this.isTouching) {
      const words = this.arenas[ref >>> SHARD_SHIFT].words;
      this.access.accessed(words, ref & LOCAL_MASK, batch.argHashes[arg]);
    }
    return ref;
  }

  /** As `find`, for a key that is no argument: `length` bytes at `offset` of a region. */
  findKey(db: Database, region: Region, offset: number, length: number): RecordRef {
    const hash = this.hash(region.view, offset, length);
    const shard = this.shardOf(hash);
    const slot = db.indexes[shard].find(region.view, offset, length, hash);
    if (slot === 0) return 0;
    const ref = this.refAt(db, shard, slot);
    if (!this.isExpired(ref)) return ref;
    this.expireSlot(db, shard, slot);
    return 0;
  }

  /** As `lookupRead`, for a key that is no argument. */
  lookupKey(db: Database, region: Region, offset: number, length: number): RecordRef {
    const ref = this.findKey(db, region, offset, length);
    if (ref === 0) {
      this.#missed(db, region, offset, length);
      return 0;
    }
    this.stats.keyspaceHits++;
    if (this.isTouching) this.touch(ref);
    return ref;
  }

  #missed(db: Database, region: Region, offset: number, length: number): void {
    this.stats.keyspaceMisses++;
    if (!this.changes.isHeard) return;
    this.changes.notifyKey(db, EVENT_KEY_MISS, "keymiss", region, offset, length);
  }

  /** The record that a slot of a shard refers to. */
  refAt(db: Database, shard: number, slot: Slot): RecordRef {
    return (shard << SHARD_SHIFT) | db.indexes[shard].words[slot];
  }

  // Writing

  /**
   * Makes the key's record one of this kind, with a value part of so many bytes for the caller to
   * fill. An older value, of whatever type, is gone afterwards.
   * @param expiresAtMs NO_EXPIRY, KEEP_TTL or milliseconds since 1970
   * @throws OutOfMemory
   */
  place(
    db: Database,
    batch: CommandBatch,
    arg: number,
    kind: number,
    valueLength: number,
    expiresAtMs: number,
  ): RecordRef {
    const hash = batch.argHashes[arg];
    const shard = (hash >>> 1) >>> this.#shardShift;
    const index = db.indexes[shard];
    const { input } = batch;
    const offset = batch.argOffsets[arg], keyLength = batch.argLengths[arg];
    const slot = index.find(input.view, offset, keyLength, hash);
    let local: LocalRef;
    if (slot !== 0) {
      local = this.#overwrite(db, shard, slot, kind, valueLength, expiresAtMs);
      this.access.accessed(index.words, local, hash);
    } else {
      const list = db.volatile[shard];
      local = createRecord(
        index,
        list,
        hash,
        input,
        offset,
        keyLength,
        kind,
        valueLength,
        expiresAtMs,
      );
      if (db.keyIndex !== undefined && !db.keyIndex.add(shard, input, offset, keyLength)) {
        takeBackRecord(index, db.volatile[shard], hash, local);
        throw new OutOfMemory();
      }
      this.access.inserted(index.words, local, hash);
    }
    this.stats.dirty++;
    if (this.waiters.count !== 0) this.waiters.placed(db, batch, arg, kind, slot === 0);
    if (slot === 0 && this.changes.isHeard) this.changes.notify(db, batch, arg, EVENT_NEW, "new");
    return (shard << SHARD_SHIFT) | local;
  }

  #overwrite(
    db: Database,
    shard: number,
    slot: Slot,
    kind: number,
    valueLength: number,
    expiresAtMs: number,
  ): LocalRef {
    const index = db.indexes[shard];
    const words = index.words;
    let local = words[slot];
    const had = hasExpiry(words, local);
    const isDue = had && expiryOf(words, local) <= this.nowMs;
    if (expiresAtMs === KEEP_TTL) {
      expiresAtMs = had && !isDue ? expiryOf(words, local) : NO_EXPIRY;
    }
    const size = recordSize(keyLengthOf(words, local), valueLength, expiresAtMs > 0);
    if (had !== expiresAtMs > 0 || sizeClassOf(size) !== index.arena.sizeClassAt(local)) {
      const list = db.volatile[shard];
      const { outside } = this;
      local = reshapeRecord(index, list, outside, slot, expiresAtMs, valueLength, DROP_VALUE);
    } else {
      if (isOutside(kindOf(words, local))) this.outside.free(index.arena, local);
      if (had) writeExpiry(words, local, expiresAtMs);
    }
    if (isDue) this.#replacedExpired(db, index.arena, local);
    beginValue(words, local, kind, valueLength);
    return local;
  }

  /** What was overwritten had expired: the key counts as a new one. */
  #replacedExpired(db: Database, arena: Arena, local: LocalRef): void {
    this.stats.expiredKeys++;
    if (!this.changes.isHeard) return;
    this.changes.recordChanged(db, arena, local, EVENT_EXPIRED, "expired");
    this.changes.notifyRecord(db, arena, local, EVENT_NEW, "new");
  }

  /**
   * Changes the length of an existing record's value part, keeping what fits of its content;
   * another kind than before may be given. @throws OutOfMemory
   */
  resize(
    db: Database,
    batch: CommandBatch,
    arg: number,
    ref: RecordRef,
    kind: number,
    valueLength: number,
  ): RecordRef {
    const shard = ref >>> SHARD_SHIFT;
    const index = db.indexes[shard];
    let local = ref & LOCAL_MASK;
    const words = index.words;
    const size = recordSize(keyLengthOf(words, local), valueLength, hasExpiry(words, local));
    if (sizeClassOf(size + noteSize(index.arena, local)) !== index.arena.sizeClassAt(local)) {
      const slot = index.findRef(batch.argHashes[arg], local);
      const list = db.volatile[shard];
      const { outside } = this;
      const expiresAtMs = this.expiresAt(ref);
      local = reshapeRecord(index, list, outside, slot, expiresAtMs, valueLength, KEEP_VALUE);
    }
    setKindAndLength(words, local, kind, valueLength);
    this.stats.dirty++;
    return (shard << SHARD_SHIFT) | local;
  }

  /**
   * As `place`, for a structure, which the record owns from then on.
   * @throws OutOfMemory; the structure is still the caller's
   */
  placeStructure(
    db: Database,
    batch: CommandBatch,
    arg: number,
    kind: number,
    structure: StructureRef,
    expiresAtMs: number,
  ): RecordRef {
    const ref = this.place(db, batch, arg, kind, STRUCTURE_REF_BYTES, expiresAtMs);
    this.outside.setRef(this.regionOf(ref), ref & LOCAL_MASK, structure);
    return ref;
  }

  /**
   * As `resize`: makes a structure the value of an existing record. What the record had outside
   * is the caller's to release. @throws OutOfMemory; nothing was changed
   */
  becomeStructure(
    db: Database,
    batch: CommandBatch,
    arg: number,
    ref: RecordRef,
    kind: number,
    structure: StructureRef,
  ): RecordRef {
    const moved = this.resize(db, batch, arg, ref, kind, STRUCTURE_REF_BYTES);
    this.outside.setRef(this.regionOf(moved), moved & LOCAL_MASK, structure);
    return moved;
  }

  /**
   * @param expiresAtMs milliseconds since 1970, more than 0
   * @returns the record, which may have moved
   * @throws OutOfMemory
   */
  setExpiresAt(
    db: Database,
    batch: CommandBatch,
    arg: number,
    ref: RecordRef,
    expiresAtMs: number,
  ): RecordRef {
    const shard = ref >>> SHARD_SHIFT;
    const index = db.indexes[shard];
    let local = ref & LOCAL_MASK;
    if (hasExpiry(index.words, local)) {
      writeExpiry(index.words, local, expiresAtMs);
    } else {
      local = this.#reshape(db, batch, arg, ref, expiresAtMs);
    }
    this.stats.dirty++;
    return (shard << SHARD_SHIFT) | local;
  }

  /**
   * Takes the expiry off.
   * @returns whether there was one; the record may have moved
   * @throws OutOfMemory
   */
  persist(db: Database, batch: CommandBatch, arg: number, ref: RecordRef): boolean {
    if (!hasExpiry(this.wordsOf(ref), ref & LOCAL_MASK)) return false;
    this.#reshape(db, batch, arg, ref, NO_EXPIRY);
    this.stats.dirty++;
    return true;
  }

  /** Gives a record room for an expiry, or takes it away. */
  #reshape(
    db: Database,
    batch: CommandBatch,
    arg: number,
    ref: RecordRef,
    expiresAtMs: number,
  ): LocalRef {
    const shard = ref >>> SHARD_SHIFT;
    const index = db.indexes[shard];
    const slot = index.findRef(batch.argHashes[arg], ref & LOCAL_MASK);
    const list = db.volatile[shard];
    const length = this.valueLength(ref);
    return reshapeRecord(index, list, this.outside, slot, expiresAtMs, length, KEEP_VALUE);
  }

  /** @returns whether the key was there */
  remove(db: Database, batch: CommandBatch, arg: number): boolean {
    const ref = this.find(db, batch, arg);
    if (ref === 0) return false;
    const shard = ref >>> SHARD_SHIFT;
    this.stats.dirty++;
    this.removeSlot(db, shard, db.indexes[shard].findRef(batch.argHashes[arg], ref & LOCAL_MASK));
    return true;
  }

  /** Removes the record of a slot with everything that belongs to it. */
  removeSlot(db: Database, shard: number, slot: Slot): void {
    const index = db.indexes[shard];
    const local = index.words[slot];
    if (this.waiters.wakingWithoutKey !== 0) this.#tellRemoved(db, index.arena, local);
    if (hasExpiry(index.words, local)) stopExpiring(index.words, db.volatile[shard], local);
    if (db.keyIndex !== undefined) {
      const { arena, words } = index;
      db.keyIndex.remove(shard, arena, keyOffsetOf(words, local), keyLengthOf(words, local));
    }
    index.remove(slot);
    freeRecord(index.arena, this.outside, local);
  }

  #tellRemoved(db: Database, arena: Arena, local: LocalRef): void {
    const { words } = arena;
    this.waiters.removed(db, arena, keyOffsetOf(words, local), keyLengthOf(words, local));
  }

  expireSlot(db: Database, shard: number, slot: Slot): void {
    this.stats.expiredKeys++;
    this.stats.dirty++;
    if (this.changes.isHeard) {
      const { arena, words } = db.indexes[shard];
      this.changes.recordChanged(db, arena, words[slot], EVENT_EXPIRED, "expired");
    }
    const startUs = this.latency?.begin() ?? -1;
    this.removeSlot(db, shard, slot);
    this.latency?.end("expire-del", startUs);
  }

  /** Removes a record of the list of expiring ones if its time has come. */
  expireIfDue(db: Database, shard: number, local: LocalRef): boolean {
    const index = db.indexes[shard];
    if (expiryOf(index.words, local) > this.nowMs) return false;
    const hash = this.hashOfRecord(this.refOf(shard, local));
    this.expireSlot(db, shard, index.findRef(hash, local));
    return true;
  }

  /**
   * Gives another name to a key that is there; what had that name is gone.
   * @param from argument that holds the old name @param to argument that holds the new one
   * @throws OutOfMemory
   */
  rename(db: Database, batch: CommandBatch, from: number, to: number): void {
    const ref = this.find(db, batch, from);
    const replaced = this.find(db, batch, to);
    if (replaced === ref) return;
    const shard = ref >>> SHARD_SHIFT;
    const local = ref & LOCAL_MASK;
    const { words } = this.arenas[shard];
    const renamed = moveValue(this, ref, db, batch, to);
    if (replaced !== 0) this.#tellReplaced(db, batch, to);
    writeAccess(this.wordsOf(renamed), renamed & LOCAL_MASK, accessOf(words, local));
    this.removeSlot(db, shard, db.indexes[shard].findRef(batch.argHashes[from], local));
  }

  /** Copies a key that is there under another name, expiry included. @throws OutOfMemory */
  copy(db: Database, batch: CommandBatch, from: number, target: Database, to: number): void {
    const ref = this.find(db, batch, from);
    const replaced = this.find(target, batch, to);
    if (replaced === ref) return;
    copyValue(this, ref, target, batch, to);
    if (replaced !== 0) this.#tellReplaced(target, batch, to);
  }

  /** The key counts as a new one, as if what was there had been removed first. */
  #tellReplaced(db: Database, batch: CommandBatch, arg: number): void {
    if (this.changes.isHeard) this.changes.notify(db, batch, arg, EVENT_NEW, "new");
  }

  // Whole databases

  /** Empties a database. What can't be freed at once is freed by `freeDiscarded`. */
  flush(db: Database): void {
    this.stats.dirty += db.size;
    if (this.waiters.wakingWithoutKey !== 0) this.waiters.signalAll(db);
    this.changes.flushed(db);
    if (this.databases.every((other) => other === db || other.size === 0)) {
      this.#flushed.forget();
      this.outside.forget();
      for (const arena of this.arenas) arena.reset();
      for (const each of this.databases) each.renew(this.arenas, this.shardBits);
    } else if (db.size > 0) {
      const { indexes, volatile, keyIndex } = db;
      this.#flushed.add({ indexes, volatile, keyIndex });
      db.renew(this.arenas, this.shardBits);
    }
  }

  flushAll(): void {
    for (const db of this.databases) this.flush(db);
  }

  /** Exchanges what two databases hold. */
  swap(a: Database, b: Database): void {
    if (a !== b) this.changes.swapping(a, b);
    [a.indexes, b.indexes] = [b.indexes, a.indexes];
    [a.volatile, b.volatile] = [b.volatile, a.volatile];
    [a.keyIndex, b.keyIndex] = [b.keyIndex, a.keyIndex];
    this.stats.dirty++;
    this.waiters.signalAll(a);
    this.waiters.signalAll(b);
  }

  /** Whether flushed records or large values wait to be freed. */
  get hasDiscarded(): boolean {
    return this.outside.waiting.length > 0 || this.#flushed.holders.length > 0;
  }

  /** Flushed records and large values that wait to be freed, and those that were freed so. */
  get discarded(): { readonly waiting: number; readonly freed: number } {
    const { outside } = this;
    return {
      waiting: this.#flushed.waiting + outside.waiting.length,
      freed: this.#flushed.freed + outside.freedLater,
    };
  }

  /** Frees about `count` blocks of large values, or flushed records. */
  freeDiscarded(count: number): void {
    if (this.outside.waiting.length > 0) this.outside.freeWaiting(count);
    else this.#flushed.free(count);
  }

  /** Moves all records of a page to other pages of their class, which must have room for them. */
  emptyPage(shard: number, page: number): void {
    const holders = [...this.databases, ...this.#flushed.holders];
    this.sink ^= emptyPage(this.arenas[shard], shard, page, holders, (view, offset, length) => {
      return this.hash(view, offset, length);
    });
  }

  /** A live key picked at random; 0 when the database is empty. */
  randomKey(db: Database): RecordRef {
    while (true) {
      const size = db.size;
      if (size === 0) return 0;
      let nth = this.random.below(size), shard = 0;
      while (nth >= db.indexes[shard].count) nth -= db.indexes[shard++].count;
      const slot = db.indexes[shard].sample(this.random.int32());
      const ref = this.refAt(db, shard, slot);
      if (!this.isExpired(ref)) return ref;
      this.expireSlot(db, shard, slot);
    }
  }

  /**
   * Visits some of the live keys, from where a former call stopped.
   * @param cursor 0 to begin, else what the former call returned
   * @param count about how many keys to visit
   * @returns the next cursor, 0 at the end. Keys that are there all the time are visited, maybe twice
   */
  scan(db: Database, cursor: number, count: number, visit: (ref: RecordRef) => void): number {
    return scanIndexes(db.indexes, this.shardBits, cursor, count, (shard, slot) => {
      const ref = this.refAt(db, shard, slot);
      if (!this.isExpired(ref)) visit(ref);
    });
  }

  /** Visits all live keys; nothing may be changed meanwhile. */
  forEach(db: Database, visit: (ref: RecordRef) => void): void {
    for (let at = this.scan(db, 0, Infinity, visit); at !== 0;) {
      at = this.scan(db, at, Infinity, visit);
    }
  }

  /** Walks everything. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    checkKeyspace(this, [...this.databases, ...this.#flushed.holders]);
  }
}
