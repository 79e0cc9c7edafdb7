/**
 * A sorted set while it is made, before any key has it: what the STORE commands and those that combine
 * sorted sets fill, in order to walk over it or to give it to a key.
 */
import { MAX_COMPACT_BYTES } from "../memory/record.ts";
import type { Memory } from "../bytes/copy.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Settings } from "../ports/settings.ts";
import * as listpack from "../structs/listpack.ts";
import { updateScore } from "../structs/skip_list.ts";
import { scoreOf } from "../structs/skip_list_node.ts";
import { addMember, countMembers, findMember, hashMember } from "../structs/sorted_set.ts";
import type { Unit } from "../structs/structure.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import type { StructureRef } from "./outside_values.ts";
import { LOCAL_MASK, NO_EXPIRY, OutOfMemory, type RecordRef } from "./record_kinds.ts";
import { SortedSetCursor } from "./sorted_set_cursor.ts";
import { appendMember, sizeOfMember } from "./sorted_set_listpack.ts";
import { createStructure, KIND_LISTPACK, KIND_SKIPLIST } from "./sorted_sets.ts";

export class SortedSetBuilder {
  readonly #ks: Keyspace;
  #structure: StructureRef;
  /** Of the longest member, in bytes. */
  #longest = 0;
  readonly #cursor = new SortedSetCursor();

  /** @param hash of the key that it may be for @throws OutOfMemory */
  constructor(ks: Keyspace, hash: number) {
    this.#ks = ks;
    this.#structure = createStructure(ks, hash);
  }

  /** Number of members. */
  get length(): number {
    const { outside } = this.#ks;
    return countMembers(outside.arenaOf(this.#structure), this.#structure & LOCAL_MASK);
  }

  /** The node of a member, 0 = none. */
  find(source: Memory, offset: number, length: number): Unit {
    const arena = this.#ks.outside.arenaOf(this.#structure);
    const set = this.#structure & LOCAL_MASK;
    const hash = hashMember(arena, set, source, offset, length);
    return findMember(arena, set, hash, source, offset, length);
  }

  scoreOf(node: Unit): number {
    return scoreOf(this.#ks.outside.arenaOf(this.#structure), node);
  }

  setScore(node: Unit, score: number): void {
    const arena = this.#ks.outside.arenaOf(this.#structure);
    updateScore(arena, this.#structure & LOCAL_MASK, node, score);
  }

  /**
   * Adds a member that is not there yet.
   * @param score not NaN @param source with 8 readable bytes behind the member
   * @throws OutOfMemory; `release` is the caller's
   */
  add(score: number, source: Memory, offset: number, length: number): void {
    const ks = this.#ks;
    const arena = ks.outside.arenaOf(this.#structure), set = this.#structure & LOCAL_MASK;
    const hash = hashMember(arena, set, source, offset, length);
    const random = ks.random.int32();
    if (addMember(arena, set, hash, score, source, offset, length, random) === 0) {
      throw new OutOfMemory();
    }
    if (length > this.#longest) this.#longest = length;
  }

  /** Walks over all members from a rank on; nothing may be added meanwhile. */
  open(rank: number, isReverse: boolean): SortedSetCursor {
    const arena = this.#ks.outside.arenaOf(this.#structure);
    this.#cursor.openSet(arena, this.#structure & LOCAL_MASK, rank, isReverse);
    return this.#cursor;
  }

  /**
   * Gives the sorted set to a key, in the encoding that fits; an empty one removes the key. The
   * builder is done then.
   * @returns the record, 0 when there is none
   * @throws OutOfMemory; the key is as it was
   */
  store(
    db: Database,
    batch: CommandBatch,
    arg: number,
    settings: Settings,
    expiresAtMs: number = NO_EXPIRY,
  ): RecordRef {
    const ks = this.#ks;
    if (this.length === 0) {
      this.release();
      ks.remove(db, batch, arg);
      return 0;
    }
    const bytes = this.#listpackBytes(settings);
    if (bytes > MAX_COMPACT_BYTES) {
      const structure = this.#structure;
      const ref = ks.placeStructure(db, batch, arg, KIND_SKIPLIST, structure, expiresAtMs);
      this.#structure = 0;
      return ref;
    }
    const ref = ks.place(db, batch, arg, KIND_LISTPACK, bytes, expiresAtMs);
    const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
    listpack.writeEmpty(region.bytes, lp);
    for (const cursor = this.open(0, false); cursor.isThere; cursor.next()) {
      appendMember(region, lp, cursor.memory, cursor.offset, cursor.length, cursor.score);
    }
    this.release();
    return ref;
  }

  /** Bytes as a listpack, Infinity when it may be none. */
  #listpackBytes({ zsetMaxListpackEntries, zsetMaxListpackValue }: Settings): number {
    if (this.length > zsetMaxListpackEntries || this.#longest > zsetMaxListpackValue) {
      return Infinity;
    }
    let bytes = listpack.EMPTY_BYTES;
    const cursor = this.open(0, false);
    for (; cursor.isThere && bytes <= MAX_COMPACT_BYTES; cursor.next()) {
      bytes += sizeOfMember(cursor.memory, cursor.offset, cursor.length, cursor.score);
    }
    return bytes;
  }

  /** Frees what no key has. */
  release(): void {
    if (this.#structure !== 0) this.#ks.outside.release(KIND_SKIPLIST, this.#structure);
    this.#structure = 0;
  }
}
