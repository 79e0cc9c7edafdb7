/** Makes a set of a list of members and gives it to a key. */
import { MAX_COMPACT_BYTES } from "../memory/record.ts";
import { copyExact } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import * as intset from "../structs/intset.ts";
import * as listpack from "../structs/listpack.ts";
import type { Database, Keyspace } from "./keyspace.ts";
import type { MemberList } from "./member_list.ts";
import { ENCODING_INTSET, ENCODING_LISTPACK } from "./record_kinds.ts";
import { addToTable, createTable } from "./set_table.ts";
import { KIND_INTSET, KIND_LISTPACK, KIND_TABLE } from "./sets.ts";

/** A compact set before it goes to its record. */
const scratch = makeRegion(MAX_COMPACT_BYTES);

/**
 * Makes the key hold the members of a list that were not dropped, at least one, each of them once.
 * The members may be those of the set that the key holds.
 * @param encoding one that they fit into
 * @param expiresAtMs NO_EXPIRY, KEEP_TTL or milliseconds since 1970
 * @throws OutOfMemory; the key is as it was
 */
export function storeMembers(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  list: MemberList,
  encoding: number,
  expiresAtMs: number,
): void {
  if (encoding === ENCODING_INTSET) {
    const bytes = writeIntset(list);
    storeCompact(ks, db, batch, arg, KIND_INTSET, bytes, expiresAtMs);
  } else if (encoding === ENCODING_LISTPACK) {
    const bytes = writeListpack(list);
    storeCompact(ks, db, batch, arg, KIND_LISTPACK, bytes, expiresAtMs);
  } else {
    storeTable(ks, db, batch, arg, list, expiresAtMs);
  }
}

function writeIntset(list: MemberList): number {
  intset.writeEmpty(scratch, 0);
  for (let at = 0; at < list.length; at++) {
    if (list.isDropped(at)) continue;
    const { bytes } = list.regionAt(at);
    intset.add(scratch, 0, listpack.asInteger(bytes, list.offsetAt(at), list.lengthAt(at))!);
  }
  return intset.totalBytes(scratch, 0);
}

function writeListpack(list: MemberList): number {
  listpack.writeEmpty(scratch.bytes, 0);
  for (let at = 0; at < list.length; at++) {
    if (list.isDropped(at)) continue;
    listpack.append(scratch, 0, list.regionAt(at), list.offsetAt(at), list.lengthAt(at));
  }
  return listpack.totalBytes(scratch.bytes, 0);
}

function storeCompact(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  kind: number,
  bytes: number,
  expiresAtMs: number,
): void {
  const ref = ks.place(db, batch, arg, kind, bytes, expiresAtMs);
  copyExact(scratch, 0, ks.regionOf(ref), ks.valueOffset(ref), bytes);
}

function storeTable(
  ks: Keyspace,
  db: Database,
  batch: CommandBatch,
  arg: number,
  list: MemberList,
  expiresAtMs: number,
): void {
  const table = createTable(ks, ks.shardOf(batch.argHashes[arg]));
  try {
    for (let at = 0; at < list.length; at++) {
      if (list.isDropped(at)) continue;
      addToTable(ks, table, list.regionAt(at), list.offsetAt(at), list.lengthAt(at));
    }
    ks.placeStructure(db, batch, arg, KIND_TABLE, table, expiresAtMs);
  } catch (error) {
    ks.outside.release(KIND_TABLE, table);
    throw error;
  }
}
