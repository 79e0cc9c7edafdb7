/**
 * Records: the arenas of all shards, and what a record in them says of itself.
 *
 * Cost: every function reads a word or two of the record's header.
 */
import { globMatch } from "../bytes/glob.ts";
import { halfSipHash } from "../bytes/siphash.ts";
import type { Arena } from "../memory/arena.ts";
import {
  accessOf,
  expiryOf,
  hasExpiry,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  type LocalRef,
  valueLengthOf,
  valueOffsetOf,
} from "../memory/record.ts";
import type { Random } from "../ports/random.ts";
import type { Region } from "../ports/region.ts";
import { AccessClock, type AccessRecorder } from "./access.ts";
import { OutsideValues, type StructureRef } from "./outside_values.ts";
import {
  encodingNameOf,
  encodingOfKind,
  LOCAL_MASK,
  type RecordRef,
  SHARD_SHIFT,
  typeNameOf,
  typeOfKind,
} from "./record_kinds.ts";

/** Memory of a record's slot in the index, and of its place in the list of those that expire. */
const SLOT_BYTES = 12;
const LIST_ENTRY_BYTES = 4;

export class Records {
  /** By shard. */
  readonly arenas: readonly Arena[];
  readonly outside: OutsideValues;
  /** Draws the keys of hashes, and whatever is left to chance. */
  readonly random: Random;
  /** Wall clock of the running batch in ms. */
  nowMs = 0;
  access: AccessRecorder = new AccessClock();
  readonly #k0: number;
  readonly #k1: number;

  /** @param random draws the key of the hash */
  constructor(arenas: readonly Arena[], random: Random) {
    this.arenas = arenas;
    this.outside = new OutsideValues(arenas);
    this.random = random;
    this.#k0 = random.int32();
    this.#k1 = random.int32();
  }

  /** Keyed hash of a key, as in a batch's `argHashes`. */
  hash(view: DataView, offset: number, length: number): number {
    return halfSipHash(view, offset, length, this.#k0, this.#k1);
  }

  /** The key of that hash, for tables that are to have the same hashes. */
  get hashKey(): readonly [k0: number, k1: number] {
    return [this.#k0, this.#k1];
  }

  hashOfRecord(ref: RecordRef): number {
    return this.hash(this.regionOf(ref).view, this.keyOffset(ref), this.keyLength(ref));
  }

  refOf(shard: number, local: LocalRef): RecordRef {
    return (shard << SHARD_SHIFT) | local;
  }

  /** The part of a reference that holds within its shard. */
  localOf(ref: RecordRef): LocalRef {
    return ref & LOCAL_MASK;
  }

  /** The memory that holds the record, its key and its value. */
  regionOf(ref: RecordRef): Arena {
    return this.arenas[ref >>> SHARD_SHIFT];
  }

  /** Whether a region is one of the arenas, so that what is there stays until it is written to. */
  owns(region: Region): boolean {
    return (this.arenas as readonly Region[]).includes(region);
  }

  wordsOf(ref: RecordRef): Int32Array {
    return this.arenas[ref >>> SHARD_SHIFT].words;
  }

  typeOf(ref: RecordRef): number {
    return typeOfKind(kindOf(this.wordsOf(ref), ref & LOCAL_MASK));
  }

  /** As TYPE replies it. */
  typeName(ref: RecordRef): string {
    return typeNameOf(this.typeOf(ref));
  }

  encodingOf(ref: RecordRef): number {
    return encodingOfKind(kindOf(this.wordsOf(ref), ref & LOCAL_MASK));
  }

  /** As OBJECT ENCODING replies it. */
  encodingName(ref: RecordRef): string {
    return encodingNameOf(this.encodingOf(ref));
  }

  /** In bytes. */
  keyLength(ref: RecordRef): number {
    return keyLengthOf(this.wordsOf(ref), ref & LOCAL_MASK);
  }

  /** Offset of the key's bytes in `regionOf(ref)`. */
  keyOffset(ref: RecordRef): number {
    return keyOffsetOf(this.wordsOf(ref), ref & LOCAL_MASK);
  }

  /** Length of the value part in bytes. */
  valueLength(ref: RecordRef): number {
    return valueLengthOf(this.wordsOf(ref), ref & LOCAL_MASK);
  }

  /** Offset of the value part in `regionOf(ref)`, a multiple of 4. */
  valueOffset(ref: RecordRef): number {
    return valueOffsetOf(this.wordsOf(ref), ref & LOCAL_MASK);
  }

  /** What a record refers to whose value is a structure. */
  structureRef(ref: RecordRef): StructureRef {
    return this.outside.refOf(this.regionOf(ref), ref & LOCAL_MASK);
  }

  /** Whether the glob pattern matches the record's key. */
  matchesKey(ref: RecordRef, pattern: Uint8Array): boolean {
    return globMatch(pattern, this.regionOf(ref).bytes, this.keyOffset(ref), this.keyLength(ref));
  }

  /** Whether the record's key begins with these bytes. */
  hasPrefix(ref: RecordRef, prefix: Uint8Array): boolean {
    const { bytes } = this.regionOf(ref);
    const start = this.keyOffset(ref);
    if (this.keyLength(ref) < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
    return true;
  }

  /** Milliseconds since 1970; 0 = never expires. */
  expiresAt(ref: RecordRef): number {
    const words = this.wordsOf(ref);
    return hasExpiry(words, ref & LOCAL_MASK) ? expiryOf(words, ref & LOCAL_MASK) : 0;
  }

  isExpired(ref: RecordRef): boolean {
    const expiresAt = this.expiresAt(ref);
    return expiresAt !== 0 && expiresAt <= this.nowMs;
  }

  /** Notes an access. */
  touch(ref: RecordRef): void {
    this.access.accessed(this.wordsOf(ref), ref & LOCAL_MASK, this.hashOfRecord(ref));
  }

  /** Seconds since the last access. */
  idleSeconds(ref: RecordRef): number {
    return this.access.idleSeconds(accessOf(this.wordsOf(ref), ref & LOCAL_MASK));
  }

  /** Access counter as OBJECT FREQ shows it; 0 where the policy keeps none. */
  frequency(ref: RecordRef): number {
    return this.access.frequency(accessOf(this.wordsOf(ref), ref & LOCAL_MASK));
  }

  /** Memory of the record with all that belongs to it, in bytes. */
  recordBytes(ref: RecordRef): number {
    const arena = this.regionOf(ref);
    const local = ref & LOCAL_MASK;
    const listBytes = hasExpiry(arena.words, local) ? LIST_ENTRY_BYTES : 0;
    return arena.blockSize(local) + SLOT_BYTES + listBytes + this.outside.bytesOf(arena, local);
  }
}
