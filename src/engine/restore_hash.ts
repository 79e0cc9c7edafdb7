/** Makes hashes of the RDB format, those included whose fields expire. */
import {
  type Elements,
  ListpackElements,
  ZiplistElements,
  ZipmapElements,
} from "../structs/packed_elements.ts";
import { parseInteger } from "../bytes/ascii.ts";
import * as rdb from "../structs/rdb_format.ts";
import { BadPayload, type RdbReader, RdbString } from "../structs/rdb_reader.ts";
import { beginExpiring, endExpiring, expireField } from "./hash_expiry.ts";
import { setField } from "./hashes.ts";
import { NO_EXPIRY } from "./record_kinds.ts";
import type { RestoreTarget } from "./restore.ts";
import type { ScratchKey } from "./scratch_key.ts";

const blob = new RdbString();
const field = new RdbString();
const value = new RdbString();
const expiry = new RdbString();

/** @throws BadPayload, also where the type is none of a hash */
export function restoreHash(
  target: RestoreTarget,
  scratch: ScratchKey,
  reader: RdbReader,
  type: number,
): void {
  switch (type) {
    case rdb.TYPE_HASH:
    case rdb.TYPE_HASH_METADATA:
    case rdb.TYPE_HASH_METADATA_PRE_GA:
      return restoreFields(target, scratch, reader, type);
    case rdb.TYPE_HASH_ZIPMAP:
    case rdb.TYPE_HASH_ZIPLIST:
    case rdb.TYPE_HASH_LISTPACK:
    case rdb.TYPE_HASH_LISTPACK_EX:
    case rdb.TYPE_HASH_LISTPACK_EX_PRE_GA:
      return restorePacked(target, scratch, reader, type);
    default:
      throw new BadPayload("no type of a value");
  }
}

function restoreFields(
  target: RestoreTarget,
  scratch: ScratchKey,
  reader: RdbReader,
  type: number,
): void {
  const firstMs = type === rdb.TYPE_HASH_METADATA ? reader.time() : 0;
  const count = reader.count(2);
  if (count === 0) throw new BadPayload("an empty hash");
  for (let i = 0; i < count; i++) {
    let expiresAtMs = type === rdb.TYPE_HASH ? NO_EXPIRY : reader.lengthOf();
    if (type === rdb.TYPE_HASH_METADATA && expiresAtMs !== NO_EXPIRY) expiresAtMs += firstMs - 1;
    reader.string(field);
    reader.string(value);
    add(target, scratch, expiresAtMs);
  }
}

function restorePacked(
  target: RestoreTarget,
  scratch: ScratchKey,
  reader: RdbReader,
  type: number,
): void {
  // The first expiry; it is among the fields as well.
  if (type === rdb.TYPE_HASH_LISTPACK_EX) reader.time();
  const expires = type === rdb.TYPE_HASH_LISTPACK_EX || type === rdb.TYPE_HASH_LISTPACK_EX_PRE_GA;
  reader.string(blob);
  const elements = elementsOf(type);
  if (elements.count === 0) throw new BadPayload("an empty hash");
  while (elements.next(field)) {
    if (!elements.next(value)) throw new BadPayload("a field without a value");
    let expiresAtMs: number | bigint | undefined = NO_EXPIRY;
    if (expires) {
      if (!elements.next(expiry)) throw new BadPayload("a field without its expiry");
      expiresAtMs = parseInteger(expiry.region.bytes, expiry.offset, expiry.length);
    }
    add(target, scratch, expiresAtMs);
  }
}

function elementsOf(type: number): Elements {
  if (type === rdb.TYPE_HASH_ZIPMAP) return new ZipmapElements(blob);
  return type === rdb.TYPE_HASH_ZIPLIST ? new ZiplistElements(blob) : new ListpackElements(blob);
}

/** Adds the field with its value. */
function add(
  { engine, db }: RestoreTarget,
  scratch: ScratchKey,
  expiresAtMs: number | bigint | undefined,
): void {
  if (typeof expiresAtMs !== "number" || !(expiresAtMs >= 0 && Number.isSafeInteger(expiresAtMs))) {
    throw new BadPayload("no time");
  }
  const isNew = setField(
    engine,
    db,
    scratch,
    0,
    scratch.find(),
    field.region,
    field.offset,
    field.length,
    value.region,
    value.offset,
    value.length,
    NO_EXPIRY,
  );
  if (!isNew) throw new BadPayload("a field twice");
  if (expiresAtMs === NO_EXPIRY) return;
  const ks = engine.keyspace;
  const ref = beginExpiring(ks, db, scratch, 0, scratch.find());
  try {
    expireField(ks, ref, field.region, field.offset, field.length, expiresAtMs);
  } finally {
    endExpiring(ks, db, scratch, 0, ref);
  }
}
