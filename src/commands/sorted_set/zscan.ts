/** ZSCAN: the members of a sorted set and their scores, a few at a time. */
import { formatDouble } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { ENCODING_SKIPLIST, LOCAL_MASK } from "../../engine/record_kinds.ts";
import { SortedSetCursor } from "../../engine/sorted_set_cursor.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { scanMembers } from "../../structs/sorted_set.ts";
import type { Call } from "../call.ts";
import { INVALID_CURSOR, readCursor, readScanOptions, type ScanOptions } from "../scan_options.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet } from "./arguments.ts";

const FIRST_OPTION_ARG = 3;
/** Empty buckets that are looked at for each member asked for. */
const BUCKETS_PER_MEMBER = 10;

const cursor = new SortedSetCursor();
/** Ranks or nodes of what is replied; a handler fills it and clears it. */
const found: number[] = [];

export const ZSCAN = {
  name: "zscan",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.8.0",
  group: "sorted-set",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls " +
    "for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over members and scores of a sorted set.",
  syntax: "key cursor [MATCH pattern] [COUNT count]",
  run(call, reply) {
    const from = readCursor(call, 2);
    if (from === undefined) return reply.error(INVALID_CURSOR);
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    if (ref === 0) {
      reply.array(2);
      reply.text("0");
      return reply.array(0);
    }
    const options = readScanOptions(call, FIRST_OPTION_ARG, reply);
    if (options === undefined) return;
    if (call.engine.keyspace.encodingOf(ref) === ENCODING_SKIPLIST) {
      scanLarge(call, ref, from, options, reply);
    } else {
      scanCompact(call, ref, options, reply);
    }
    found.length = 0;
  },
} as const satisfies CommandSpec;

function isWanted({ pattern }: ScanOptions): boolean {
  const { memory, offset, length } = cursor;
  return pattern === undefined || globMatch(pattern, memory.bytes, offset, length);
}

function replyHeader(next: number, reply: ReplyWriter): void {
  reply.array(2);
  reply.text(String(next));
  reply.array(2 * found.length);
}

function replyCurrent(reply: ReplyWriter): void {
  reply.bulk(cursor.memory, cursor.offset, cursor.length);
  reply.text(formatDouble(cursor.score));
}

/** All at once. */
function scanCompact(call: Call, ref: RecordRef, options: ScanOptions, reply: ReplyWriter): void {
  const { keyspace } = call.engine;
  cursor.open(keyspace, ref, 0, false);
  for (let rank = 0; cursor.isThere; rank++, cursor.next()) {
    if (isWanted(options)) found.push(rank);
  }
  replyHeader(0, reply);
  cursor.open(keyspace, ref, 0, false);
  for (let rank = 0, i = 0; i < found.length; rank++, cursor.next()) {
    if (rank !== found[i]) continue;
    replyCurrent(reply);
    i++;
  }
}

function scanLarge(
  call: Call,
  ref: RecordRef,
  from: number,
  options: ScanOptions,
  reply: ReplyWriter,
): void {
  const { keyspace } = call.engine;
  const structure = keyspace.structureRef(ref);
  const arena = keyspace.outside.arenaOf(structure);
  const set = structure & LOCAL_MASK;
  let visited = 0, next = from >>> 0;
  let bucketsLeft = options.count * BUCKETS_PER_MEMBER;
  do {
    next = scanMembers(arena, set, next, (node) => {
      visited++;
      cursor.openNode(arena, node);
      if (isWanted(options)) found.push(node);
    });
  } while (next !== 0 && visited < options.count && --bucketsLeft > 0);
  replyHeader(next, reply);
  for (const node of found) {
    cursor.openNode(arena, node);
    replyCurrent(reply);
  }
}
