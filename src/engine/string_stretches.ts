/**
 * The bytes of a string where they lie, stretch by stretch: nothing is copied to read or change a
 * bit of a value, however long it is.
 */
import { makeRegion } from "../bytes/region.ts";
import { PAGE_BYTES } from "../memory/size_classes.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import {
  forEachChunk,
  giveBack,
  grow,
  NO_CHUNKS,
  pagedOffset,
  tableBytes,
  writeTable,
} from "./paged_value.ts";
import {
  ENCODING_INT,
  ENCODING_PAGED,
  ENCODING_RAW,
  makeKind,
  NO_EXPIRY,
  OutOfMemory,
  type RecordRef,
  TYPE_STRING,
} from "./record_kinds.ts";
import { digits, formatValue, INLINE_LIMIT, stringLength, writeRange } from "./strings.ts";

const KIND_RAW = makeKind(TYPE_STRING, ENCODING_RAW);
const KIND_PAGED = makeKind(TYPE_STRING, ENCODING_PAGED);
const EMPTY = makeRegion(0);
/** Holds a value while it is computed. */
const scratch = makeRegion(INLINE_LIMIT);

/** Some bytes of a string in memory, valid until its key is written to or another is looked at. */
export interface Stretch {
  region: Region;
  offset: number;
  length: number;
}

export function makeStretch(): Stretch {
  return { region: EMPTY, offset: 0, length: 0 };
}

/**
 * Points `into` at the bytes of a string from `at` on, as far as they lie side by side.
 * @param at 0 to the string's length; at its end, the stretch is empty
 */
export function stretchAt(ks: Keyspace, ref: RecordRef, at: number, into: Stretch): void {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_PAGED) {
    const arena = ks.regionOf(ref);
    into.region = arena;
    into.offset = pagedOffset(arena, ks.localOf(ref), at);
    into.length = Math.min(PAGE_BYTES - (at & (PAGE_BYTES - 1)), stringLength(ks, ref) - at);
  } else if (encoding === ENCODING_INT) {
    into.length = formatValue(ks, ref) - at;
    into.region = digits;
    into.offset = at;
  } else {
    into.region = ks.regionOf(ref);
    into.offset = ks.valueOffset(ref) + at;
    into.length = ks.valueLength(ref) - at;
  }
}

/**
 * Makes the string in argument `arg` one that may be changed in place, and at least `length` bytes
 * long: zero bytes are appended to it, or make it where it is absent.
 * @param ref 0 = absent @param length more than 0
 * @returns the record, which may have moved; its encoding is raw
 * @throws OutOfMemory; the key is as it was
 */
export function extendString(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  length: number,
): RecordRef {
  if (ref === 0) return setComputed(ks, db, batch, arg, length, fillWithZeros);
  const encoding = ks.encodingOf(ref);
  const isRaw = encoding === ENCODING_RAW || encoding === ENCODING_PAGED;
  if (isRaw && stringLength(ks, ref) >= length) return ref;
  return writeRange(ks, db, batch, arg, ref, length, EMPTY, 0, 0);
}

function fillWithZeros(region: Region, offset: number, length: number): void {
  region.bytes.fill(0, offset, offset + length);
}

/**
 * Sets a key to a string that `compute` makes stretch by stretch, whatever the key held; what it
 * held can still be read meanwhile.
 * @param length of the string, more than 0
 * @param compute fills `length` bytes at `offset`: those of the string from `start` on
 * @throws OutOfMemory; the key is as it was
 */
export function setComputed(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  length: number,
  compute: (region: Region, offset: number, length: number, start: number) => void,
): RecordRef {
  if (length <= INLINE_LIMIT) {
    compute(scratch, 0, length, 0);
    const ref = ks.place(db, batch, arg, KIND_RAW, length, NO_EXPIRY);
    ks.regionOf(ref).bytes.set(scratch.bytes.subarray(0, length), ks.valueOffset(ref));
    return ref;
  }
  const arena = ks.arenas[ks.shardOf(batch.argHashes[arg])];
  const chunks = grow(arena, NO_CHUNKS, length);
  if (chunks === undefined) throw new OutOfMemory();
  let start = 0;
  forEachChunk(chunks, 0, length, (at, bytes) => {
    compute(arena, at, bytes, start);
    start += bytes;
  });
  try {
    const ref = ks.place(db, batch, arg, KIND_PAGED, tableBytes(chunks), NO_EXPIRY);
    writeTable(arena, ks.localOf(ref), chunks);
    return ref;
  } catch (error) {
    giveBack(arena, NO_CHUNKS, chunks);
    throw error;
  }
}
