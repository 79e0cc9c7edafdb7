/**
 * Watches the large hashes that have expiring fields: a heap per arena, ordered by when the first field
 * of each expires, so that only those are looked at whose time has come.
 *
 *   shard ─▶ heap ─▶ ticket of a hash (structs/hash_table.ts) ─▶ hash, and the hash of its key
 *
 * Invariant: a hash with an expiring field has a ticket, unless there was no memory for it when it was
 * copied; then its fields are still gone for everybody, but their memory is freed at the next access.
 */
import type { Arena } from "../memory/arena.ts";
import { kindOf } from "../memory/record.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import type { Clock } from "../ports/clock.ts";
import {
  expiryOf,
  HEAP_WORDS,
  heapCheck,
  heapCount,
  heapFirst,
  initHeap,
} from "../structs/expiry_heap.ts";
import {
  dropFirstDue,
  expiringCount,
  fieldCount,
  hashOfTicket,
  isWatched,
  keyHashOfTicket,
  watchHash,
} from "../structs/hash_table.ts";
import type { BlockOwner, Unit } from "../structs/structure.ts";
import { EVENT_GENERIC, EVENT_HASH } from "./key_changes.ts";
import type { Keyspace } from "./keyspace.ts";
import type { StructureRef } from "./outside_values.ts";
import { isOutside, LOCAL_MASK, SHARD_SHIFT, TYPE_HASH, typeOfKind } from "./record_kinds.ts";
import { isPaged } from "./record_writer.ts";

const SLICE_US = 400;
/** Fields between two looks at the clock. */
const FIELDS_PER_LOOK = 32;

export class ExpiringHashes {
  readonly #arenas: readonly Arena[];
  /** Header of the heap by shard, 0 = there was no need of one yet. */
  readonly #watches: Int32Array;

  /** @param arenas by shard */
  constructor(arenas: readonly Arena[]) {
    this.#arenas = arenas;
    this.#watches = new Int32Array(arenas.length);
  }

  /** Number of hashes that are watched. */
  get count(): number {
    let count = 0;
    this.#watches.forEach((watch, shard) => {
      if (watch !== 0) count += heapCount(this.#arenas[shard].words, watch << 1);
    });
    return count;
  }

  /**
   * Watches a hash that has, or is about to have, an expiring field.
   * @returns false when there is no memory
   */
  watch(hash: StructureRef, keyHash: number): boolean {
    const shard = hash >>> SHARD_SHIFT;
    const arena = this.#arenas[shard];
    let watch = this.#watches[shard];
    if (watch === 0) {
      watch = arena.allocate(pinnedClassOf(HEAP_WORDS * 4));
      if (watch === 0) return false;
      initHeap(arena.words, watch << 1);
      this.#watches[shard] = watch;
    }
    return watchHash(arena, hash & LOCAL_MASK, watch, keyHash);
  }

  /** A structure has come under a key, by being copied or renamed. */
  cameUnder(kind: number, structure: StructureRef, keyHash: number): void {
    if (!isOutside(kind) || typeOfKind(kind) !== TYPE_HASH) return;
    const { words } = this.#arenas[structure >>> SHARD_SHIFT];
    const header = structure & LOCAL_MASK;
    if (isWatched(words, header) || expiringCount(words, header) > 0) {
      this.watch(structure, keyHash);
    }
  }

  /** Drops everything, because the arenas were emptied as a whole. */
  forget(): void {
    this.#watches.fill(0);
  }

  /** Whether a field's time has come. */
  hasDue(nowMs: number): boolean {
    for (let shard = 0; shard < this.#watches.length; shard++) {
      if (this.#firstDue(shard, nowMs) !== 0) return true;
    }
    return false;
  }

  /** The ticket of a shard that is due first, 0 = none is. */
  #firstDue(shard: number, nowMs: number): Unit {
    const watch = this.#watches[shard];
    if (watch === 0) return 0;
    const { words } = this.#arenas[shard];
    const ticket = heapFirst(words, watch << 1);
    return ticket !== 0 && expiryOf(words, ticket) <= nowMs ? ticket : 0;
  }

  /** Removes fields whose time has come, for less than half a millisecond. */
  slice(ks: Keyspace, clock: Clock): void {
    const startUs = clock.monotonicUs();
    for (let shard = 0; shard < this.#watches.length; shard++) {
      for (let ticket; (ticket = this.#firstDue(shard, ks.nowMs)) !== 0;) {
        this.#expireSome(ks, shard, ticket);
        if (clock.monotonicUs() - startUs >= SLICE_US) return;
      }
    }
  }

  #expireSome(ks: Keyspace, shard: number, ticket: Unit): void {
    const arena = this.#arenas[shard];
    const header = hashOfTicket(arena.words, ticket);
    const keyHash = keyHashOfTicket(arena.words, ticket);
    let dropped = 0;
    while (dropped < FIELDS_PER_LOOK && dropFirstDue(arena, header, ks.nowMs)) dropped++;
    ks.stats.dirty += dropped;
    const isEmpty = fieldCount(arena.words, header) === 0;
    if (isEmpty || (dropped > 0 && ks.changes.isHeard)) {
      tellExpired(ks, keyHash, (shard << SHARD_SHIFT) | header, isEmpty);
    }
  }

  /** Names the heaps' blocks. @throws Error that names the first broken invariant */
  check(ownerOf: (shard: number) => BlockOwner): void {
    this.#watches.forEach((watch, shard) => {
      if (watch === 0) return;
      ownerOf(shard).ownsBlock(watch);
      heapCheck(this.#arenas[shard], watch << 1, ownerOf(shard));
    });
  }
}

/**
 * Tells of fields that expired, and removes the key of an empty hash. There is none if its database was
 * flushed.
 */
function tellExpired(
  ks: Keyspace,
  keyHash: number,
  structure: StructureRef,
  isEmpty: boolean,
): void {
  const shard = ks.shardOf(keyHash);
  for (const db of ks.databases) {
    const index = db.indexes[shard];
    const slot = index.findBy(keyHash, (local) => {
      return isOutside(kindOf(index.words, local)) && !isPaged(index.words, local) &&
        ks.outside.refOf(index.arena, local) === structure;
    });
    if (slot === 0) continue;
    const { arena, words } = index;
    if (ks.changes.isHeard) {
      ks.changes.recordChanged(db, arena, words[slot], EVENT_HASH, "hexpired");
      if (isEmpty) ks.changes.notifyRecord(db, arena, words[slot], EVENT_GENERIC, "del");
    }
    if (isEmpty) ks.removeSlot(db, shard, slot);
    return;
  }
}
