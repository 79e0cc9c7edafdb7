/**
 * How far consumer groups have come, as far as that can be known: entries deleted one by one may
 * have been read or not.
 *
 * Source: Redis src/t_stream.c, streamEstimateDistanceFromFirstEverEntry and streamReplyWithCGLag.
 */
import type { Arena } from "../memory/arena.ts";
import {
  entriesReadOf,
  groupLastIdAt,
  setEntriesRead,
  UNKNOWN_ENTRIES_READ,
} from "./stream_group.ts";
import {
  ENTRIES_ADDED_WORD,
  FIRST_ID_WORD,
  LAST_ID_WORD,
  MAX_DELETED_ID_WORD,
  readInt64,
  streamLength,
} from "./stream_header.ts";
import { compareIds, copyId, isZeroId } from "./stream_id.ts";
import type { Unit } from "./structure.ts";

/** Adds two signed 64-bit numbers, and wraps around as they do. */
function add(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt.asIntN(64, BigInt(a) + BigInt(b));
}

/** How many entries were ever added up to the one of this id, or UNKNOWN_ENTRIES_READ. */
export function distanceFromFirst(
  arena: Arena,
  stream: Unit,
  id: Int32Array,
  idAt: number,
): number | bigint {
  const { words } = arena;
  const head = stream << 1;
  const added = readInt64(words, head + ENTRIES_ADDED_WORD);
  if (added === 0) return 0;
  const length = streamLength(arena, stream);
  const toLast = compareIds(id, idAt, words, head + LAST_ID_WORD);
  if (length === 0 && toLast <= 0) return added;
  if (toLast === 0) return added;
  if (toLast > 0) return UNKNOWN_ENTRIES_READ;
  const maxDeleted = head + MAX_DELETED_ID_WORD;
  if (
    !isZeroId(words, maxDeleted) && compareIds(words, maxDeleted, words, head + FIRST_ID_WORD) >= 0
  ) {
    return UNKNOWN_ENTRIES_READ;
  }
  const toFirst = compareIds(id, idAt, words, head + FIRST_ID_WORD);
  if (toFirst > 0) return UNKNOWN_ENTRIES_READ;
  return add(added, toFirst < 0 ? -length : 1 - length);
}

/** Whether an entry behind the first was deleted one by one whose id is this one or greater. */
function hasDeletedFrom(arena: Arena, stream: Unit, id: Int32Array, idAt: number): boolean {
  const { words } = arena;
  const maxDeleted = (stream << 1) + MAX_DELETED_ID_WORD;
  if (streamLength(arena, stream) === 0 || isZeroId(words, maxDeleted)) return false;
  if (compareIds(words, (stream << 1) + FIRST_ID_WORD, words, maxDeleted) > 0) return false;
  return compareIds(id, idAt, words, maxDeleted) <= 0;
}

/** Notes that a group got an entry behind those it had. */
export function advanceGroup(
  arena: Arena,
  stream: Unit,
  group: Unit,
  id: Int32Array,
  idAt: number,
): void {
  const { words } = arena;
  const read = entriesReadOf(arena, group);
  if (read !== UNKNOWN_ENTRIES_READ && !hasDeletedFrom(arena, stream, id, idAt)) {
    setEntriesRead(arena, group, add(read, 1));
  } else if (readInt64(words, (stream << 1) + ENTRIES_ADDED_WORD) !== 0) {
    setEntriesRead(arena, group, distanceFromFirst(arena, stream, id, idAt));
  }
  copyId(id, idAt, words, groupLastIdAt(group));
}

/** How many entries a group has still to get; undefined if nobody knows. */
export function lagOf(arena: Arena, stream: Unit, group: Unit): number | bigint | undefined {
  const { words } = arena;
  const added = readInt64(words, (stream << 1) + ENTRIES_ADDED_WORD);
  if (added === 0) return 0;
  const lastId = groupLastIdAt(group);
  let read = entriesReadOf(arena, group);
  if (read === UNKNOWN_ENTRIES_READ || hasDeletedFrom(arena, stream, words, lastId)) {
    read = distanceFromFirst(arena, stream, words, lastId);
    if (read === UNKNOWN_ENTRIES_READ) return undefined;
  }
  return add(added, typeof read === "number" ? -read : BigInt.asIntN(64, -read));
}
