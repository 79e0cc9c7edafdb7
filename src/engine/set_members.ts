/**
 * The members of a set one after the other, and some at random.
 *
 * A member is shown as bytes in one piece, whatever the encoding: digits of integers, and members
 * in several pieces, are put together in memory that the next one takes again.
 */
import type { Arena } from "../memory/arena.ts";
import type { Random } from "../ports/random.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { tableRandom, tableScan, tableSome } from "../structs/byte_table_walk.ts";
import * as intset from "../structs/intset.ts";
import * as listpack from "../structs/listpack.ts";
import type { Unit } from "../structs/structure.ts";
import { keyBlobOf, keyLengthOf, keyOffsetOf } from "../structs/table_entry.ts";
import type { Keyspace, RecordRef } from "./keyspace.ts";
import { ENCODING_HASHTABLE, ENCODING_LISTPACK, LOCAL_MASK } from "./record_kinds.ts";
import { ShownBytes } from "./shown_bytes.ts";

/**
 * A member: `length` bytes at `offset` of a region. There is one object, that shows one after the
 * other.
 */
export interface Member {
  readonly region: Region;
  readonly offset: number;
  readonly length: number;
  /** Whether the bytes stay there until the set is changed; if not, until the next member. */
  readonly isLasting: boolean;
  /** Where it is in the set: rank in an intset, distance in a listpack, entry of a table. */
  readonly place: number;
}

class CurrentMember extends ShownBytes implements Member {
  isLasting = false;
  place = 0;
}

const current = new CurrentMember();

/**
 * Visits all members; the set must not be changed meanwhile.
 * @param visit returns whether to go on
 * @returns whether all were visited
 */
export function forEachMember(
  ks: Keyspace,
  ref: RecordRef,
  visit: (member: Member) => boolean,
): boolean {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_HASHTABLE) {
    const table = ks.structureRef(ref);
    const arena = ks.outside.arenaOf(table);
    return !tableSome(arena, table & LOCAL_MASK, (entry) => !visit(showEntry(arena, entry)));
  }
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  if (encoding === ENCODING_LISTPACK) {
    const { bytes } = region;
    for (let p = listpack.first(bytes, at); p !== 0; p = listpack.next(bytes, p)) {
      if (!visit(showElement(region, at, p))) return false;
    }
    return true;
  }
  const count = intset.length(region, at);
  for (let i = 0; i < count; i++) if (!visit(showInteger(region, at, i))) return false;
  return true;
}

/** A member picked at random, each with the same probability. */
export function pickMember(ks: Keyspace, ref: RecordRef, random: Random): Member {
  const encoding = ks.encodingOf(ref);
  if (encoding === ENCODING_HASHTABLE) {
    const table = ks.structureRef(ref);
    const arena = ks.outside.arenaOf(table);
    return showEntry(arena, tableRandom(arena, table & LOCAL_MASK, random));
  }
  const region = ks.regionOf(ref), at = ks.valueOffset(ref);
  if (encoding === ENCODING_LISTPACK) {
    const { bytes } = region;
    const nth = random.below(listpack.length(bytes, at));
    return showElement(region, at, listpack.seek(bytes, at, nth));
  }
  return showInteger(region, at, random.below(intset.length(region, at)));
}

/**
 * Visits some of the members of a table.
 * @param cursor 0 to begin, else what the former call returned
 * @param count about how many
 * @returns the next cursor, 0 at the end
 */
export function scanMembers(
  ks: Keyspace,
  ref: RecordRef,
  cursor: number,
  count: number,
  visit: (member: Member) => boolean,
): number {
  if (ks.encodingOf(ref) !== ENCODING_HASHTABLE) {
    forEachMember(ks, ref, visit);
    return 0;
  }
  const table = ks.structureRef(ref);
  const arena = ks.outside.arenaOf(table);
  // Buckets may be empty: those are not more than ten times as many as entries asked for.
  let bucketsLeft = count * 10;
  let entriesLeft = count;
  let next = cursor >>> 0;
  do {
    next = tableScan(arena, table & LOCAL_MASK, next, (entry) => {
      visit(showEntry(arena, entry));
      entriesLeft--;
    });
  } while (next !== 0 && entriesLeft > 0 && --bucketsLeft > 0);
  return next;
}

/** Replies all members as bulk strings; the header is the caller's. */
export function replyMembers(ks: Keyspace, ref: RecordRef, reply: ReplyWriter): void {
  forEachMember(ks, ref, ({ region, offset, length }) => {
    reply.bulk(region, offset, length);
    return true;
  });
}

function showInteger(region: Region, at: number, rank: number): Member {
  current.showInteger(intset.get(region, at, rank));
  current.isLasting = false;
  current.place = rank;
  return current;
}

function showElement(region: Region, lp: number, p: listpack.Position): Member {
  current.showElement(region, p);
  current.isLasting = current.region === region;
  current.place = p - lp;
  return current;
}

function showEntry(arena: Arena, entry: Unit): Member {
  const blob = keyBlobOf(arena.words, entry);
  if (blob !== 0) current.showBlob(arena, blob);
  else current.show(arena, keyOffsetOf(arena, entry), keyLengthOf(arena, entry));
  current.isLasting = current.region === arena;
  current.place = entry;
  return current;
}
