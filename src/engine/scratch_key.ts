/**
 * A key that nobody knows of, under which a value is made before it goes where it belongs: until
 * then the value that was there stays, and what was made in vain is gone at once.
 */
import { makeRegion } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import { moveValue } from "./record_copies.ts";
import { NO_EXPIRY, type RecordRef } from "./record_kinds.ts";

const NAME_WORDS = 4;
const NAME_BYTES = NAME_WORDS * 4;

/** Its only argument, 0, is the key. */
export class ScratchKey implements CommandBatch {
  input: Region = makeRegion(NAME_BYTES);
  commandCount = 0;
  argCount = 1;
  firstArgs: Int32Array = new Int32Array(1);
  frameEnds: Int32Array = new Int32Array(1);
  argOffsets: Int32Array = new Int32Array(1);
  argLengths: Int32Array = Int32Array.of(NAME_BYTES);
  argHashes: Int32Array = new Int32Array(1);
  readonly rewrittenLines: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  readonly #ks: Keyspace;
  readonly #db: Database;

  /** Draws a name that no key of the database has. */
  constructor(ks: Keyspace, db: Database) {
    this.#ks = ks;
    this.#db = db;
    const { view } = this.input;
    do {
      for (let i = 0; i < NAME_WORDS; i++) view.setInt32(4 * i, ks.random.int32());
      this.argHashes[0] = ks.hash(view, 0, NAME_BYTES);
    } while (ks.find(db, this, 0) !== 0);
  }

  /** There is only ever one. */
  reserveArgs(count: number): void {
    throw new RangeError(`a scratch key has one argument, not ${count} more`);
  }

  /** There are none. */
  reserveCommands(count: number): void {
    throw new RangeError(`a scratch key has no commands, not ${count}`);
  }

  /** The record, 0 = there is none yet. */
  find(): RecordRef {
    return this.#ks.find(this.#db, this, 0);
  }

  /**
   * Makes the value that of another key, in place of the one there.
   * @param expiresAtMs NO_EXPIRY or milliseconds since 1970, later than now
   * @returns the other key's record
   * @throws OutOfMemory; the other key is as it was
   */
  moveTo(batch: CommandBatch, arg: number, expiresAtMs: number): RecordRef {
    const ks = this.#ks, db = this.#db;
    if (expiresAtMs !== NO_EXPIRY) ks.setExpiresAt(db, this, 0, this.find(), expiresAtMs);
    const moved = moveValue(ks, this.find(), db, batch, arg);
    ks.remove(db, this, 0);
    return moved;
  }

  /** Removes the key, if it is there. */
  drop(): void {
    this.#ks.remove(this.#db, this, 0);
  }
}
