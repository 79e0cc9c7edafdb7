/**
 * Makes whole lists, element by element, for commands that store their results.
 *
 *     const builder = new ListBuilder(keyspace, settings, hashOfTheKey);
 *     try {
 *       builder.add(region, offset, length);
 *       builder.place(db, batch, keyArgument, NO_EXPIRY);
 *     } finally {
 *       builder.discard();
 *     }
 */
import type { Arena } from "../memory/arena.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Settings } from "../ports/settings.ts";
import { push } from "../structs/quicklist.ts";
import { lengthOf } from "../structs/quicklist_header.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { createQuicklist, discardQuicklist, KIND_QUICKLIST, shrink } from "./list_shape.ts";
import type { StructureRef } from "./outside_values.ts";
import { LOCAL_MASK, OutOfMemory, type RecordRef } from "./record_kinds.ts";

export class ListBuilder {
  readonly #keyspace: Keyspace;
  readonly #settings: Settings;
  readonly #arena: Arena;
  #structure: StructureRef;

  /** @param hash of the key that is to have the list @throws OutOfMemory */
  constructor(keyspace: Keyspace, settings: Settings, hash: number) {
    this.#keyspace = keyspace;
    this.#settings = settings;
    this.#structure = createQuicklist(keyspace, settings, hash);
    this.#arena = keyspace.outside.arenaOf(this.#structure);
  }

  /** Number of elements until now. */
  get length(): number {
    return lengthOf(this.#arena, this.#structure & LOCAL_MASK);
  }

  /** Appends a string of any length. @param source not the memory of the keyspace @throws OutOfMemory */
  add(source: Region, offset: number, length: number): void {
    if (!push(this.#arena, this.#structure & LOCAL_MASK, source, offset, length, false)) {
      throw new OutOfMemory();
    }
  }

  /**
   * Makes it the value of a key, whatever that held; a short list becomes one listpack. It must not be
   * empty. Afterwards the builder is of no use. @throws OutOfMemory; the key is as it was
   */
  place(db: Database, batch: CommandBatch, arg: number, expiresAtMs: number): RecordRef {
    const keyspace = this.#keyspace;
    const structure = this.#structure;
    const ref = keyspace.placeStructure(db, batch, arg, KIND_QUICKLIST, structure, expiresAtMs);
    this.#structure = 0;
    return shrink(keyspace, this.#settings, db, batch, arg, ref, false);
  }

  /** Frees what was not placed. */
  discard(): void {
    if (this.#structure !== 0) discardQuicklist(this.#keyspace, this.#structure);
    this.#structure = 0;
  }
}
