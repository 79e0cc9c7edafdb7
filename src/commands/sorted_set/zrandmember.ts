/** ZRANDMEMBER: members picked at random. */
import type { RecordRef } from "../../engine/keyspace.ts";
import { SortedSetCursor } from "../../engine/sorted_set_cursor.ts";
import { lengthOf } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, OUT_OF_RANGE, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { lookupSortedSet } from "./arguments.ts";

const NOT_AN_INT64 = "ERR value is out of range, value must between -9223372036854775807 " +
  "and 9223372036854775807";
const INT64_MIN = -(1n << 63n);
const HALF_INT64 = (1n << 62n) - 1n;
/** More members, or bytes of them, would not make a reply that anybody can hold. */
const MAX_REPLY_MEMBERS = 2 ** 24;
const MAX_REPLY_BYTES = 2 ** 29;
const REPLY_TOO_LARGE = "ERR value is out of range, the reply would be too large";
/** When more than a third is asked for, all are walked over instead of drawing some. */
const MANY_PART = 3;

const cursor = new SortedSetCursor();

export const ZRANDMEMBER = {
  name: "zrandmember",
  arity: -2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "sorted-set",
  complexity: "O(N) where N is the number of elements returned",
  summary: "Returns one or more random members from a sorted set.",
  syntax: "key [count [WITHSCORES]]",
  run(call, reply) {
    if (call.argc > 2) return drawSeveral(call, reply);
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    if (ref === 0) return reply.nil();
    const { keyspace, random } = call.engine;
    cursor.open(keyspace, ref, random.below(lengthOf(keyspace, ref)), false);
    replyCurrent(false, reply);
  },
} as const satisfies CommandSpec;

function drawSeveral(call: Call, reply: ReplyWriter): void {
  const asked = call.int64(2);
  if (asked === undefined) return reply.error(NOT_AN_INTEGER);
  if (asked === INT64_MIN) return reply.error(NOT_AN_INT64);
  const hasScores = call.argc === 4 && call.is(3, "WITHSCORES");
  if (call.argc > 3 && !hasScores) return reply.error(SYNTAX_ERROR);
  if (hasScores && (asked > HALF_INT64 || asked < -HALF_INT64)) return reply.error(OUT_OF_RANGE);
  const ref = lookupSortedSet(call, 1, reply, false);
  if (ref === undefined) return;
  const wanted = Number(asked);
  if (ref === 0 || wanted === 0) return reply.array(0);
  if (wanted < 0 && isTooLarge(call, ref, -wanted)) return reply.error(REPLY_TOO_LARGE);
  if (wanted < 0) drawRepeated(call, ref, -wanted, hasScores, reply);
  else drawDistinct(call, ref, wanted, hasScores, reply);
}

/** Whether so many members of average size are too much. */
function isTooLarge({ engine }: Call, ref: RecordRef, count: number): boolean {
  const { keyspace } = engine;
  const bytesPerMember = keyspace.recordBytes(ref) / lengthOf(keyspace, ref);
  return count > MAX_REPLY_MEMBERS || count * bytesPerMember > MAX_REPLY_BYTES;
}

function replyHeader(count: number, hasScores: boolean, reply: ReplyWriter): void {
  reply.array(hasScores && reply.version === 2 ? 2 * count : count);
}

function replyCurrent(hasScores: boolean, reply: ReplyWriter): void {
  if (hasScores && reply.version === 3) reply.array(2);
  reply.bulk(cursor.memory, cursor.offset, cursor.length);
  if (hasScores) reply.double(cursor.score);
}

function drawRepeated(
  call: Call,
  ref: RecordRef,
  count: number,
  hasScores: boolean,
  reply: ReplyWriter,
): void {
  const { keyspace, random } = call.engine;
  const length = lengthOf(keyspace, ref);
  replyHeader(count, hasScores, reply);
  for (let i = 0; i < count; i++) {
    cursor.open(keyspace, ref, random.below(length), false);
    replyCurrent(hasScores, reply);
  }
}

/** Every set of that many members is as likely as any other. */
function drawDistinct(
  call: Call,
  ref: RecordRef,
  wanted: number,
  hasScores: boolean,
  reply: ReplyWriter,
): void {
  const { keyspace, random } = call.engine;
  const length = lengthOf(keyspace, ref);
  const count = Math.min(wanted, length);
  replyHeader(count, hasScores, reply);
  if (count * MANY_PART > length) {
    cursor.open(keyspace, ref, 0, false);
    for (let i = 0, left = count; left > 0; i++, cursor.next()) {
      if (random.below(length - i) >= left) continue;
      replyCurrent(hasScores, reply);
      left--;
    }
    return;
  }
  const ranks = new Set<number>();
  while (ranks.size < count) ranks.add(random.below(length));
  for (const rank of ranks) {
    cursor.open(keyspace, ref, rank, false);
    replyCurrent(hasScores, reply);
  }
}
