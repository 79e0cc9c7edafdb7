/** Writes streams in the RDB format: their nodes as they are, then their groups. */
import { makeRegion } from "../bytes/region.ts";
import * as listpack from "../structs/listpack.ts";
import * as rdb from "../structs/rdb_format.ts";
import type { RdbWriter } from "../structs/rdb_writer.ts";
import {
  consumerCount,
  consumerNameLength,
  consumerNameOffset,
  consumersOf,
  entriesReadOf,
  groupCount,
  groupLastIdAt,
  groupNameLength,
  groupNameOffset,
  pendingCount,
  pendingOf,
  seenTimeOf,
  unitsOf,
} from "../structs/stream_group.ts";
import {
  ENTRIES_ADDED_WORD,
  FIRST_ID_WORD,
  groupsOf,
  LAST_ID_WORD,
  MAX_DELETED_ID_WORD,
  nodesOf,
  streamLength,
} from "../structs/stream_header.ts";
import { encodeId, ID_BYTES } from "../structs/stream_id.ts";
import { type NodeListpack, openNode } from "../structs/stream_node.ts";
import { deliveryCountOf, deliveryTimeOf, pendingIdAt } from "../structs/stream_pending.ts";
import { radixCount } from "../structs/radix_tree.ts";
import type { Arena } from "../memory/arena.ts";
import type { Unit } from "../structs/structure.ts";
import type { Keyspace } from "./keyspace.ts";
import type { RecordRef } from "./record_kinds.ts";
import { streamArena, streamUnit } from "./streams.ts";

const key = makeRegion(ID_BYTES);

export function dumpStream(ks: Keyspace, ref: RecordRef, out: RdbWriter): void {
  const arena = streamArena(ks, ref), stream = streamUnit(ks, ref);
  const { words } = arena;
  const head = stream << 1;
  out.byte(rdb.TYPE_STREAM_LISTPACKS_2);
  out.lengthOf(radixCount(arena, nodesOf(stream)));
  const opened: NodeListpack = { region: arena, lp: 0 };
  for (const node of unitsOf(arena, nodesOf(stream))) {
    encodeId(words, node << 1, key.view, 0);
    out.string(key, 0, ID_BYTES);
    openNode(arena, node, opened);
    const { region, lp } = opened;
    out.string(region, lp, listpack.totalBytes(region.bytes, lp));
  }
  out.lengthOf(streamLength(arena, stream));
  writeId(out, words, head + LAST_ID_WORD);
  writeId(out, words, head + FIRST_ID_WORD);
  writeId(out, words, head + MAX_DELETED_ID_WORD);
  out.length64(words[head + ENTRIES_ADDED_WORD], words[head + ENTRIES_ADDED_WORD + 1]);
  out.lengthOf(groupCount(arena, stream));
  for (const group of unitsOf(arena, groupsOf(stream))) dumpGroup(arena, group, out);
}

/** An id as two lengths. */
function writeId(out: RdbWriter, words: Int32Array, at: number): void {
  out.length64(words[at + 1], words[at]);
  out.length64(words[at + 3], words[at + 2]);
}

function writeInt64(out: RdbWriter, value: number | bigint): void {
  const exact = BigInt(value);
  out.length64(Number(BigInt.asIntN(32, exact)), Number(BigInt.asIntN(32, exact >> 32n)));
}

/** An id as 16 bytes, with nothing before them. */
function writeKey(out: RdbWriter, words: Int32Array, at: number): void {
  encodeId(words, at, key.view, 0);
  out.raw(key, 0, ID_BYTES);
}

function dumpGroup(arena: Arena, group: Unit, out: RdbWriter): void {
  const { words } = arena;
  out.string(arena, groupNameOffset(group), groupNameLength(arena, group));
  writeId(out, words, groupLastIdAt(group));
  writeInt64(out, entriesReadOf(arena, group));
  out.lengthOf(pendingCount(arena, group));
  for (const pending of unitsOf(arena, pendingOf(group))) {
    writeKey(out, words, pendingIdAt(pending));
    out.time(deliveryTimeOf(arena, pending));
    writeInt64(out, deliveryCountOf(arena, pending));
  }
  out.lengthOf(consumerCount(arena, group));
  for (const consumer of unitsOf(arena, consumersOf(group))) {
    out.string(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
    out.time(seenTimeOf(arena, consumer));
    out.lengthOf(pendingCount(arena, consumer));
    for (const pending of unitsOf(arena, pendingOf(consumer))) {
      writeKey(out, words, pendingIdAt(pending));
    }
  }
}
