/**
 * Writes values in the RDB format, as DUMP replies them: in types that every Redis 7 reads.
 *
 * Only hashes with fields that expire take a later version, as the earlier ones can't say so.
 */
import { makeRegion } from "../bytes/region.ts";
import type { Arena } from "../memory/arena.ts";
import { blobLength, blobOffset, blobRead, blobStretch } from "../structs/blob.ts";
import * as intset from "../structs/intset.ts";
import * as listpack from "../structs/listpack.ts";
import { headOf, nodesOf } from "../structs/quicklist_header.ts";
import {
  isLong,
  listpackIn,
  nextNode,
  nodeBytes,
  nodeData,
  readable,
} from "../structs/quicklist_node.ts";
import * as rdb from "../structs/rdb_format.ts";
import type { RdbWriter } from "../structs/rdb_writer.ts";
import type { Unit } from "../structs/structure.ts";
import { dumpStream } from "./dump_stream.ts";
import { HashReader } from "./hash_reader.ts";
import type { Keyspace } from "./keyspace.ts";
import { arenaOfList, quicklistOf } from "./list_shape.ts";
import {
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_PAGED,
  type RecordRef,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "./record_kinds.ts";
import { forEachMember } from "./set_members.ts";
import { setLength } from "./sets.ts";
import { SortedSetCursor } from "./sorted_set_cursor.ts";
import { lengthOf as sortedSetLength } from "./sorted_sets.ts";
import { makeStretch, stretchAt } from "./string_stretches.ts";
import { digits, formatValue, readAll, stringLength } from "./strings.ts";

/** Longer strings are not put together to be packed, but written piece by piece. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;

const stretch = makeStretch();
const members = new SortedSetCursor();

/** Writes the payload of DUMP for a key's value. */
export function dumpValue(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  out.begin();
  let version = rdb.VERSION;
  switch (ks.typeOf(ref)) {
    case TYPE_STRING:
      dumpString(ks, ref, out);
      break;
    case TYPE_LIST:
      dumpList(ks, ref, out);
      break;
    case TYPE_SET:
      dumpSet(ks, ref, out);
      break;
    case TYPE_ZSET:
      dumpSortedSet(ks, ref, out);
      break;
    case TYPE_HASH:
      version = dumpHash(ks, ref, out);
      break;
    default:
      dumpStream(ks, ref, out);
  }
  out.end(version);
}

function dumpString(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  out.byte(rdb.TYPE_STRING);
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_INT) {
    out.string(digits, 0, formatValue(ks, ref));
  } else if (encoding !== ENCODING_PAGED) {
    out.string(ks.regionOf(ref), ks.valueOffset(ref), ks.valueLength(ref));
  } else if (stringLength(ks, ref) <= MAX_WHOLE_BYTES) {
    const bytes = readAll(ks, ref);
    out.string({ bytes, view: new DataView(bytes.buffer) }, 0, bytes.length);
  } else {
    const length = stringLength(ks, ref);
    out.lengthOf(length);
    for (let at = 0; at < length; at += stretch.length) {
      stretchAt(ks, ref, at, stretch);
      out.raw(stretch.region, stretch.offset, stretch.length);
    }
  }
}

/** A compact value as it lies in its record. */
function dumpCompact(ks: Keyspace, ref: RecordRef, out: RdbWriter, type: number): void {
  out.byte(type);
  dumpListpack(ks, ref, out);
}

function dumpListpack(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  const region = ks.regionOf(ref), lp = ks.valueOffset(ref);
  out.string(region, lp, listpack.totalBytes(region.bytes, lp));
}

function dumpBlob(arena: Arena, blob: Unit, out: RdbWriter): void {
  const length = blobLength(arena, blob);
  if (blobStretch(arena, blob, 0) === length) {
    out.string(arena, blobOffset(arena, blob, 0), length);
  } else if (length <= MAX_WHOLE_BYTES) {
    const whole = makeRegion(length);
    blobRead(arena, blob, whole, 0);
    out.string(whole, 0, length);
  } else {
    out.lengthOf(length);
    for (let at = 0; at < length;) {
      const bytes = blobStretch(arena, blob, at);
      out.raw(arena, blobOffset(arena, blob, at), bytes);
      at += bytes;
    }
  }
}

function dumpList(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  out.byte(rdb.TYPE_LIST_QUICKLIST_2);
  if (ks.encodingOf(ref) === ENCODING_LISTPACK) {
    out.lengthOf(1);
    out.lengthOf(rdb.NODE_PACKED);
    return dumpListpack(ks, ref, out);
  }
  const arena = arenaOfList(ks, ref), list = quicklistOf(ks, ref);
  out.lengthOf(nodesOf(arena, list));
  for (let node = headOf(arena, list); node !== 0; node = nextNode(arena, node)) {
    if (isLong(arena, node)) {
      out.lengthOf(rdb.NODE_PLAIN);
      dumpBlob(arena, nodeData(arena, node), out);
    } else {
      out.lengthOf(rdb.NODE_PACKED);
      const memory = readable(arena, node);
      out.string(memory, listpackIn(memory, arena, node), nodeBytes(arena, node));
    }
  }
}

function dumpSet(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  if (ks.encodingOf(ref) === ENCODING_INTSET) {
    out.byte(rdb.TYPE_SET_INTSET);
    const at = ks.valueOffset(ref);
    out.string(ks.regionOf(ref), at, intset.totalBytes(ks.regionOf(ref), at));
    return;
  }
  out.byte(rdb.TYPE_SET);
  out.lengthOf(setLength(ks, ref));
  forEachMember(ks, ref, ({ region, offset, length }) => {
    out.string(region, offset, length);
    return true;
  });
}

/** From the last member on: so the one who reads adds each of them as the first. */
function dumpSortedSet(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  if (ks.encodingOf(ref) === ENCODING_LISTPACK) {
    return dumpCompact(ks, ref, out, rdb.TYPE_ZSET_LISTPACK);
  }
  const length = sortedSetLength(ks, ref);
  out.byte(rdb.TYPE_ZSET_2);
  out.lengthOf(length);
  for (members.open(ks, ref, length - 1, true); members.isThere; members.next()) {
    out.string(members.memory, members.offset, members.length);
    out.double(members.score);
  }
}

/** @returns the version of RDB that can say it */
function dumpHash(ks: Keyspace, ref: RecordRef, out: RdbWriter): number {
  if (ks.encodingOf(ref) === ENCODING_LISTPACK) {
    dumpCompact(ks, ref, out, rdb.TYPE_HASH_LISTPACK);
    return rdb.VERSION;
  }
  const reader = new HashReader(ks, ref);
  let firstMs = 0;
  reader.forEach((field) => {
    const expiresAtMs = reader.expiryOf(field);
    if (expiresAtMs !== 0 && (firstMs === 0 || expiresAtMs < firstMs)) firstMs = expiresAtMs;
  });
  out.byte(firstMs === 0 ? rdb.TYPE_HASH : rdb.TYPE_HASH_METADATA);
  if (firstMs !== 0) out.time(firstMs);
  out.lengthOf(reader.length);
  reader.forEach((field) => {
    if (firstMs !== 0) {
      const expiresAtMs = reader.expiryOf(field);
      out.lengthOf(expiresAtMs === 0 ? 0 : expiresAtMs - firstMs + 1);
    }
    const name = reader.fieldText(field);
    out.string(name.region, name.offset, name.length);
    const value = reader.valueText(field);
    out.string(value.region, value.offset, value.length);
  });
  return firstMs === 0 ? rdb.VERSION : rdb.VERSION_OF_FIELD_EXPIRY;
}
