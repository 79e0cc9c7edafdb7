/** A keyspace that is driven by keys and values as bytes, for tests. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { type Database, Keyspace, OutOfMemory, type RecordRef } from "../../src/engine/keyspace.ts";
import { forEachWithPrefix } from "../../src/engine/prefix_scan.ts";
import { Stats } from "../../src/engine/stats.ts";
import {
  integerOf,
  readAll,
  setInteger,
  setString,
  stringLength,
  writeRange,
} from "../../src/engine/strings.ts";
import type { Region } from "../../src/ports/region.ts";
import { GrowableBatch } from "../../src/protocol/resp/batch.ts";

export const MIB = 1024 * 1024;
export const START_MS = 1_700_000_000_000;
export const DATABASES = 3;

export interface StoreOptions {
  readonly capacityBytes?: number;
  readonly seed?: number;
  readonly shardBits?: number;
  readonly isOrdered?: boolean;
}

export class Store {
  readonly keyspace: Keyspace;
  readonly stats: Stats;
  readonly batch: GrowableBatch = new GrowableBatch();
  /** Holds two keys. */
  readonly #keys: Region = makeRegion(128 * 1024);

  constructor(options: StoreOptions = {}) {
    const { capacityBytes = 64 * MIB, seed = 1, shardBits = 0, isOrdered = false } = options;
    this.stats = new Stats(1);
    this.keyspace = new Keyspace({
      databases: DATABASES,
      capacityBytes,
      shardBits,
      isOrdered,
      random: createRandom([seed, 2, 3, 4]),
      stats: this.stats,
    });
    this.keyspace.nowMs = START_MS;
    this.batch.input = this.#keys;
    this.batch.reserveArgs(2);
  }

  db(index: number): Database {
    return this.keyspace.databases[index];
  }

  /** Makes a key the argument `arg`, 0 or 1. */
  use(key: string, arg = 0): void {
    const offset = arg * 64 * 1024 + 1;
    const { bytes, view } = this.#keys;
    for (let i = 0; i < key.length; i++) bytes[offset + i] = key.charCodeAt(i);
    // What stands behind a key is not zero.
    bytes.fill(0xa5, offset + key.length, offset + key.length + 4);
    this.batch.argOffsets[arg] = offset;
    this.batch.argLengths[arg] = key.length;
    this.batch.argHashes[arg] = this.keyspace.hash(view, offset, key.length);
  }

  /** The key's record, 0 if there is none; no access. */
  find(db: number, key: string): RecordRef {
    this.use(key);
    return this.keyspace.find(this.db(db), this.batch, 0);
  }

  set(db: number, key: string, value: Uint8Array, expiresAtMs = 0): RecordRef {
    this.use(key);
    const source = asSource(value);
    const { keyspace, batch } = this;
    return setString(keyspace, this.db(db), batch, 0, source, 3, value.length, expiresAtMs);
  }

  setInteger(db: number, key: string, value: number | bigint, expiresAtMs = 0): RecordRef {
    this.use(key);
    return setInteger(this.keyspace, this.db(db), this.batch, 0, value, expiresAtMs);
  }

  get(db: number, key: string): Uint8Array | undefined {
    const ref = this.find(db, key);
    return ref === 0 ? undefined : readAll(this.keyspace, ref);
  }

  integer(db: number, key: string): number | bigint | undefined {
    return integerOf(this.keyspace, this.find(db, key));
  }

  /** Overwrites part of the value of a key that is there. */
  write(db: number, key: string, start: number, value: Uint8Array): RecordRef {
    const ref = this.find(db, key);
    const { keyspace, batch } = this;
    const source = asSource(value);
    return writeRange(keyspace, this.db(db), batch, 0, ref, start, source, 3, value.length);
  }

  append(db: number, key: string, value: Uint8Array): RecordRef {
    return this.write(db, key, stringLength(this.keyspace, this.find(db, key)), value);
  }

  remove(db: number, key: string): boolean {
    this.use(key);
    return this.keyspace.remove(this.db(db), this.batch, 0);
  }

  expire(db: number, key: string, expiresAtMs: number): RecordRef {
    const ref = this.find(db, key);
    return this.keyspace.setExpiresAt(this.db(db), this.batch, 0, ref, expiresAtMs);
  }

  persist(db: number, key: string): boolean {
    const ref = this.find(db, key);
    return this.keyspace.persist(this.db(db), this.batch, 0, ref);
  }

  rename(db: number, from: string, to: string): void {
    this.use(from, 0);
    this.use(to, 1);
    this.keyspace.rename(this.db(db), this.batch, 0, 1);
  }

  copy(db: number, from: string, targetDb: number, to: string): void {
    this.use(from, 0);
    this.use(to, 1);
    this.keyspace.copy(this.db(db), this.batch, 0, this.db(targetDb), 1);
  }

  /** A record's key as Latin-1. */
  keyOf(ref: RecordRef): string {
    const { keyspace } = this;
    const start = keyspace.keyOffset(ref);
    const bytes = keyspace.regionOf(ref).bytes.subarray(start, start + keyspace.keyLength(ref));
    return latin1(bytes);
  }

  /** All live keys of a database, in order. */
  keys(db: number): string[] {
    const keys: string[] = [];
    this.keyspace.forEach(this.db(db), (ref) => keys.push(this.keyOf(ref)));
    return keys.sort();
  }

  /** All live keys of a database that begin with a prefix, in order. */
  keysWithPrefix(db: number, prefix: string): string[] {
    const keys: string[] = [];
    forEachWithPrefix(this.keyspace, this.db(db), fromLatin1(prefix), (ref) => {
      keys.push(this.keyOf(ref));
    });
    return keys.sort();
  }

  /** Everything that can be read of all databases, as text. */
  dump(): string {
    const lines: string[] = [];
    for (const db of this.keyspace.databases) {
      this.keyspace.forEach(db, (ref) => {
        const { keyspace } = this;
        const value = createHash("sha1").update(readAll(keyspace, ref)).digest("hex");
        const fields = [db.index, this.keyOf(ref), value, keyspace.expiresAt(ref)];
        lines.push([...fields, keyspace.encodingName(ref)].join("\0"));
      });
    }
    return lines.sort().join("\n");
  }

  /** Runs something that may find no memory. @returns whether there was enough */
  attempt(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof OutOfMemory) return false;
      throw error;
    }
  }
}

function asSource(value: Uint8Array): Region {
  const region = makeRegion(value.length + 3);
  region.bytes.fill(0x39);
  region.bytes.set(value, 3);
  return region;
}

/** Bytes as a string of one character each. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return text;
}

export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const PATTERN_BYTES = 4 * MIB;
const PATTERN_MARKS = 1021;
const pattern = Uint8Array.from({ length: PATTERN_BYTES + PATTERN_MARKS }, (_, i) => {
  return (i * 167 + (i >>> 8) + 65) & 255;
});

/** A value of this length that differs from others by its mark. */
export function valueOf(length: number, mark: number): Uint8Array<ArrayBuffer> {
  const start = mark % PATTERN_MARKS;
  return pattern.slice(start, start + length);
}

export function areSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
