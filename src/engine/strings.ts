/**
 * String values: integers as 64-bit numbers, short strings in their record, long ones in pages.
 *
 *   encoding   value part of the record              OBJECT ENCODING
 *   INT        8 bytes, low word first               int
 *   EMBSTR     the bytes, at most 44, never changed  embstr
 *   RAW        the bytes, at most INLINE_LIMIT       raw
 *   PAGED      table of pages (paged_value.ts)       raw
 *
 * Source of the thresholds: Redis src/object.c (20 digits, OBJ_ENCODING_EMBSTR_SIZE_LIMIT 44).
 */
import { formatInteger, parseInteger, writeAscii } from "../bytes/ascii.ts";
import { copyExact, copyPadded } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import { kindOf, valueLengthOf, valueOffsetOf } from "../memory/record.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import {
  forEachChunk,
  giveBack,
  grow,
  NO_CHUNKS,
  pagedLength,
  readTable,
  tableBytes,
  takeOver,
  writeTable,
} from "./paged_value.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_PAGED,
  ENCODING_RAW,
  KEEP_TTL,
  makeKind,
  OutOfMemory,
  type RecordRef,
  TYPE_STRING,
} from "./record_kinds.ts";

export { KEEP_TTL, NO_EXPIRY } from "./record_kinds.ts";

const MAX_INTEGER_DIGITS = 20;
const EMBSTR_LIMIT = 44;
/** Longest string in its record; longer ones take pages. */
export const INLINE_LIMIT = 31 * 1024;
const INTEGER_BYTES = 8;
const TWO_POW_32 = 4_294_967_296;

const KIND_INT = makeKind(TYPE_STRING, ENCODING_INT);
const KIND_EMBSTR = makeKind(TYPE_STRING, ENCODING_EMBSTR);
const KIND_RAW = makeKind(TYPE_STRING, ENCODING_RAW);
const KIND_PAGED = makeKind(TYPE_STRING, ENCODING_PAGED);

/** Digits of an integer value while it is replied, read or converted. */
export const digits: Region = makeRegion(32);

/**
 * Sets a key to a string, whatever it held.
 * @param source holds the value, with 8 readable bytes behind it; never the record's own memory
 * @param expiresAtMs NO_EXPIRY, KEEP_TTL or milliseconds since 1970
 * @throws OutOfMemory; the key is as it was
 */
export function setString(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  source: Region,
  offset: number,
  length: number,
  expiresAtMs: number,
): RecordRef {
  if (length <= MAX_INTEGER_DIGITS) {
    const value = parseInteger(source.bytes, offset, length);
    if (value !== undefined) return setInteger(ks, db, batch, arg, value, expiresAtMs);
  } else if (length > INLINE_LIMIT) {
    return setPaged(ks, db, batch, arg, source, offset, length, expiresAtMs);
  }
  const kind = length <= EMBSTR_LIMIT ? KIND_EMBSTR : KIND_RAW;
  const ref = ks.place(db, batch, arg, kind, length, expiresAtMs);
  copyPadded(source, offset, ks.regionOf(ref), ks.valueOffset(ref), length);
  return ref;
}

/** As `setString`, but digits stay text, as INCRBYFLOAT leaves them. */
export function setText(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  source: Region,
  offset: number,
  length: number,
  expiresAtMs: number,
): RecordRef {
  if (length > INLINE_LIMIT) {
    return setPaged(ks, db, batch, arg, source, offset, length, expiresAtMs);
  }
  const kind = length <= EMBSTR_LIMIT ? KIND_EMBSTR : KIND_RAW;
  const ref = ks.place(db, batch, arg, kind, length, expiresAtMs);
  copyPadded(source, offset, ks.regionOf(ref), ks.valueOffset(ref), length);
  return ref;
}

/** As `setString`. @param value an integer within 64 bits */
export function setInteger(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  value: number | bigint,
  expiresAtMs: number,
): RecordRef {
  const ref = ks.place(db, batch, arg, KIND_INT, INTEGER_BYTES, expiresAtMs);
  writeInteger(ks, ref, value);
  return ref;
}

/**
 * Gives an existing string that holds a number another one; its expiry stays.
 * @param ref the record of the key in argument `arg`
 * @throws OutOfMemory
 */
export function replaceInteger(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  value: number | bigint,
): void {
  if (ks.encodingOf(ref) === ENCODING_INT) {
    writeInteger(ks, ref, value);
    ks.stats.dirty++;
  } else {
    setInteger(ks, db, batch, arg, value, KEEP_TTL);
  }
}

function writeInteger(ks: Keyspace, ref: RecordRef, value: number | bigint): void {
  const words = ks.wordsOf(ref);
  const at = ks.valueOffset(ref) >> 2;
  if (typeof value === "number") {
    words[at] = value | 0;
    words[at + 1] = Math.floor(value / TWO_POW_32);
  } else {
    words[at] = Number(BigInt.asIntN(32, value));
    words[at + 1] = Number(value >> 32n);
  }
}

function setPaged(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  source: Region,
  offset: number,
  length: number,
  expiresAtMs: number,
): RecordRef {
  const arena = ks.arenas[ks.shardOf(batch.argHashes[arg])];
  const chunks = grow(arena, NO_CHUNKS, length);
  if (chunks === undefined) throw new OutOfMemory();
  let from = offset;
  forEachChunk(chunks, 0, length, (at, bytes) => {
    copyExact(source, from, arena, at, bytes);
    from += bytes;
  });
  try {
    const ref = ks.place(db, batch, arg, KIND_PAGED, tableBytes(chunks), expiresAtMs);
    writeTable(arena, ks.localOf(ref), chunks);
    return ref;
  } catch (error) {
    giveBack(arena, NO_CHUNKS, chunks);
    throw error;
  }
}

/** Length in bytes. */
export function stringLength(ks: Keyspace, ref: RecordRef): number {
  switch (ks.encodingOf(ref)) {
    case ENCODING_INT:
      return formatValue(ks, ref);
    case ENCODING_PAGED:
      return pagedLength(ks.regionOf(ref), ks.localOf(ref));
    default:
      return ks.valueLength(ref);
  }
}

/** Writes the digits of an INT value to `digits`. @returns their number */
export function formatValue(ks: Keyspace, ref: RecordRef): number {
  const value = integerOf(ks, ref) as number | bigint;
  return typeof value === "number"
    ? formatInteger(value, digits.bytes, 0)
    : writeAscii(value.toString(), digits.bytes, 0);
}

/** @returns the value, if the string is an integer within 64 bits; a bigint only beyond ±(2⁵³-1) */
export function integerOf(ks: Keyspace, ref: RecordRef): number | bigint | undefined {
  const encoding = ks.encodingOf(ref);
  const offset = ks.valueOffset(ref);
  if (encoding === ENCODING_INT) {
    const words = ks.wordsOf(ref);
    const low = words[offset >> 2] >>> 0;
    const high = words[(offset >> 2) + 1];
    const value = high * TWO_POW_32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }
  if (encoding === ENCODING_PAGED) return undefined;
  const length = ks.valueLength(ref);
  if (length > MAX_INTEGER_DIGITS) return undefined;
  return parseInteger(ks.regionOf(ref).bytes, offset, length);
}

/** The value as a bulk string. */
export function replyString(ks: Keyspace, ref: RecordRef, reply: ReplyWriter): void {
  const arena = ks.regionOf(ref);
  const local = ks.localOf(ref);
  const encoding = kindOf(arena.words, local) >>> 4;
  if (encoding === ENCODING_INT) {
    reply.bulk(digits, 0, formatValue(ks, ref));
  } else if (encoding === ENCODING_PAGED) {
    replyRange(ks, ref, 0, pagedLength(arena, local), reply);
  } else {
    reply.bulk(arena, valueOffsetOf(arena.words, local), valueLengthOf(arena.words, local));
  }
}

/** Part of the value as a bulk string; the range lies within it. */
export function replyRange(
  ks: Keyspace,
  ref: RecordRef,
  start: number,
  length: number,
  reply: ReplyWriter,
): void {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_PAGED) {
    const arena = ks.regionOf(ref);
    reply.beginBulk(length);
    forEachChunk(readTable(arena, ks.localOf(ref)), start, length, (at, bytes) => {
      reply.part(arena, at, bytes);
    });
    reply.endBulk();
  } else if (encoding === ENCODING_INT) {
    formatValue(ks, ref);
    reply.bulk(digits, start, length);
  } else {
    reply.bulk(ks.regionOf(ref), ks.valueOffset(ref) + start, length);
  }
}

/** A copy of part of the value; the range lies within it. */
export function readRange(
  ks: Keyspace,
  ref: RecordRef,
  start: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_PAGED) {
    const arena = ks.regionOf(ref);
    const copy = new Uint8Array(length);
    let to = 0;
    forEachChunk(readTable(arena, ks.localOf(ref)), start, length, (at, bytes) => {
      copy.set(arena.bytes.subarray(at, at + bytes), to);
      to += bytes;
    });
    return copy;
  }
  if (encoding === ENCODING_INT) {
    formatValue(ks, ref);
    return digits.bytes.slice(start, start + length);
  }
  const at = ks.valueOffset(ref) + start;
  return ks.regionOf(ref).bytes.slice(at, at + length);
}

/** A copy of the value. */
export function readAll(ks: Keyspace, ref: RecordRef): Uint8Array<ArrayBuffer> {
  return readRange(ks, ref, 0, stringLength(ks, ref));
}

/**
 * Overwrites part of an existing string; one that is too short grows, with zero bytes up to
 * `start`.
 * @param source never the record's own memory
 * @returns the record, which may have moved; its encoding is raw
 * @throws OutOfMemory; the value is as it was
 */
export function writeRange(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  start: number,
  source: Region,
  offset: number,
  length: number,
): RecordRef {
  const oldLength = stringLength(ks, ref);
  const newLength = Math.max(oldLength, start + length);
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_PAGED || newLength > INLINE_LIMIT) {
    return writePaged(ks, db, batch, arg, ref, start, source, offset, length, newLength);
  }
  const moved = ks.resize(db, batch, arg, ref, KIND_RAW, newLength);
  const region = ks.regionOf(moved);
  const value = ks.valueOffset(moved);
  if (encoding === ENCODING_INT) copyExact(digits, 0, region, value, oldLength);
  if (start > oldLength) region.bytes.fill(0, value + oldLength, value + start);
  copyExact(source, offset, region, value + start, length);
  return moved;
}

function writePaged(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  ref: RecordRef,
  start: number,
  source: Region,
  offset: number,
  length: number,
  newLength: number,
): RecordRef {
  const arena = ks.regionOf(ref);
  const isPaged = ks.encodingOf(ref) === ENCODING_PAGED;
  const inline = isPaged ? undefined : readAll(ks, ref);
  const oldLength = stringLength(ks, ref);
  const old = isPaged ? readTable(arena, ks.localOf(ref)) : NO_CHUNKS;
  const chunks = grow(arena, old, newLength);
  if (chunks === undefined) throw new OutOfMemory();
  let moved: RecordRef;
  try {
    moved = ks.resize(db, batch, arg, ref, KIND_PAGED, tableBytes(chunks));
  } catch (error) {
    giveBack(arena, old, chunks);
    throw error;
  }
  takeOver(arena, old, chunks);
  writeTable(arena, ks.localOf(moved), chunks);
  if (inline !== undefined) {
    let from = 0;
    forEachChunk(chunks, 0, inline.length, (at, bytes) => {
      arena.bytes.set(inline.subarray(from, from + bytes), at);
      from += bytes;
    });
  }
  if (start > oldLength) {
    forEachChunk(chunks, oldLength, start - oldLength, (at, bytes) => {
      arena.bytes.fill(0, at, at + bytes);
    });
  }
  let from = offset;
  forEachChunk(chunks, start, length, (at, bytes) => {
    copyExact(source, from, arena, at, bytes);
    from += bytes;
  });
  return moved;
}
