/** XPENDING: what was delivered to consumers and not acknowledged. */
import type { Arena } from "../../engine/streams.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import { replyId } from "../../engine/stream_replies.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  consumerNameLength,
  consumerNameOffset,
  consumersOf,
  pendingCount,
  pendingOf,
  unitsOf,
} from "../../structs/stream_group.ts";
import { firstValue, lastValue, valueAfter, valueFrom } from "../../structs/stream_header.ts";
import { compareIds, ID_WORDS } from "../../structs/stream_id.ts";
import {
  consumerOf,
  deliveryCountOf,
  deliveryTimeOf,
  pendingIdAt,
} from "../../structs/stream_pending.ts";
import type { Unit } from "../../structs/structure.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { consumerNamed, groupOf, isStream, noSuchGroup, readEnd, readStart } from "./arguments.ts";

const FIRST_OPTION_ARG = 3;

const start = new Int32Array(ID_WORDS);
const end = new Int32Array(ID_WORDS);

export const XPENDING = {
  name: "xpending",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity:
    "O(N) with N being the number of elements returned, so asking for a small fixed number of " +
    "entries per call is O(1). O(M), where M is the total number of entries scanned when used with " +
    "the IDLE filter. When the command returns just the summary and the list of consumers is " +
    "small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
  summary:
    "Returns the information and entries from a stream consumer group's pending entries list.",
  syntax: "key group [[IDLE min-idle-time] start end count [consumer]]",
  argumentTypes: { start: "string", end: "string", "min-idle-time": "integer" },
  history: [["6.2.0", "Added the `IDLE` option and exclusive range intervals."]],
  run(call, reply) {
    const { argc } = call;
    if (argc !== 3 && (argc < 6 || argc > 9)) return reply.error(SYNTAX_ERROR);
    let rangeArg = FIRST_OPTION_ARG;
    let minIdleMs = 0, limit = 0;
    if (argc >= 6) {
      if (call.is(FIRST_OPTION_ARG, "IDLE")) {
        const idle = call.integer(FIRST_OPTION_ARG + 1);
        if (idle === undefined) return reply.error(NOT_AN_INTEGER);
        if (argc < 8) return reply.error(SYNTAX_ERROR);
        minIdleMs = idle;
        rangeArg += 2;
      }
      const count = call.integer(rangeArg + 2);
      if (count === undefined) return reply.error(NOT_AN_INTEGER);
      limit = Math.max(0, count);
      if (!readStart(call, rangeArg, reply, start)) return;
      if (!readEnd(call, rangeArg + 1, reply, end)) return;
    }
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.error(noSuchGroup(call));
    if (!isStream(call, ref, reply)) return;
    const { keyspace } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, 2, arena, stream);
    if (group === 0) return reply.error(noSuchGroup(call));
    if (argc === 3) return replySummary(reply, arena, group);
    let owner = group;
    const consumerArg = rangeArg + 3;
    if (consumerArg < argc) {
      owner = consumerNamed(call, consumerArg, arena, group);
      if (owner === 0) return reply.array(0);
    }
    replyPending(call, reply, arena, owner, limit, minIdleMs);
  },
} as const satisfies CommandSpec;

function replySummary(reply: ReplyWriter, arena: Arena, group: Unit): void {
  const count = pendingCount(arena, group);
  reply.array(4);
  reply.integer(count);
  if (count === 0) {
    reply.nil();
    reply.nil();
    reply.nilArray();
    return;
  }
  replyId(reply, arena.words, pendingIdAt(firstValue(arena, pendingOf(group))));
  replyId(reply, arena.words, pendingIdAt(lastValue(arena, pendingOf(group))));
  let busy = 0;
  for (const consumer of unitsOf(arena, consumersOf(group))) {
    if (pendingCount(arena, consumer) > 0) busy++;
  }
  reply.array(busy);
  for (const consumer of unitsOf(arena, consumersOf(group))) {
    const pending = pendingCount(arena, consumer);
    if (pending === 0) continue;
    reply.array(2);
    reply.bulk(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
    reply.text(String(pending));
  }
}

/** Replies what is pending between `start` and `end` for at least so long. */
function replyPending(
  call: Call,
  reply: ReplyWriter,
  arena: Arena,
  owner: Unit,
  limit: number,
  minIdleMs: number,
): void {
  const { words } = arena;
  const tree = pendingOf(owner);
  const { nowMs } = call;
  const isWanted = (pending: Unit): boolean =>
    minIdleMs === 0 || nowMs - deliveryTimeOf(arena, pending) >= minIdleMs;
  const isInRange = (pending: Unit): boolean =>
    pending !== 0 && compareIds(words, pendingIdAt(pending), end, 0) <= 0;
  const nextOf = (pending: Unit): Unit => valueAfter(arena, tree, words, pendingIdAt(pending));
  const first = limit > 0 ? valueFrom(arena, tree, start, 0) : 0;
  let count = 0;
  for (let each = first; count < limit && isInRange(each); each = nextOf(each)) {
    if (isWanted(each)) count++;
  }
  reply.array(count);
  for (let each = first; count > 0; each = nextOf(each)) {
    if (!isWanted(each)) continue;
    count--;
    const consumer = consumerOf(arena, each);
    reply.array(4);
    replyId(reply, words, pendingIdAt(each));
    reply.bulk(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
    reply.integer(Math.max(0, nowMs - deliveryTimeOf(arena, each)));
    reply.integer(deliveryCountOf(arena, each));
  }
}
