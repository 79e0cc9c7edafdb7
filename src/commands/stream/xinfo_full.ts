/** What XINFO STREAM key FULL adds: entries, and all of the groups. */
import type { Arena } from "../../engine/streams.ts";
import { replyId, replyRange } from "../../engine/stream_replies.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  activeTimeOf,
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
  UNKNOWN_ENTRIES_READ,
} from "../../structs/stream_group.ts";
import { groupsOf } from "../../structs/stream_header.ts";
import { ID_WORDS } from "../../structs/stream_id.ts";
import { lagOf } from "../../structs/stream_lag.ts";
import {
  consumerOf,
  deliveryCountOf,
  deliveryTimeOf,
  pendingIdAt,
} from "../../structs/stream_pending.ts";
import type { Unit } from "../../structs/structure.ts";

const MIN_ID = new Int32Array(ID_WORDS);
const MAX_ID = new Int32Array(ID_WORDS).fill(-1);

/** The pairs "entries" and "groups". @param limit most of each kind that are listed */
export function replyStreamDetails(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  limit: number,
): void {
  reply.text("entries");
  replyRange(reply, arena, stream, MIN_ID, 0, MAX_ID, 0, limit, false);
  reply.text("groups");
  reply.array(groupCount(arena, stream));
  for (const group of unitsOf(arena, groupsOf(stream))) {
    replyGroup(reply, arena, stream, group, limit);
  }
}

function replyGroup(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  group: Unit,
  limit: number,
): void {
  reply.map(7);
  reply.text("name");
  reply.bulk(arena, groupNameOffset(group), groupNameLength(arena, group));
  reply.text("last-delivered-id");
  replyId(reply, arena.words, groupLastIdAt(group));
  replyProgress(reply, arena, stream, group);
  reply.text("pel-count");
  reply.integer(pendingCount(arena, group));
  reply.text("pending");
  replyPending(reply, arena, group, limit, true);
  reply.text("consumers");
  reply.array(consumerCount(arena, group));
  for (const consumer of unitsOf(arena, consumersOf(group))) {
    reply.map(5);
    reply.text("name");
    reply.bulk(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
    reply.text("seen-time");
    reply.integer(seenTimeOf(arena, consumer));
    reply.text("active-time");
    reply.integer(activeTimeOf(arena, consumer));
    reply.text("pel-count");
    reply.integer(pendingCount(arena, consumer));
    reply.text("pending");
    replyPending(reply, arena, consumer, limit, false);
  }
}

/** The pairs that tell how far a group has come. */
export function replyProgress(
  reply: ReplyWriter,
  arena: Arena,
  stream: Unit,
  group: Unit,
): void {
  const read = entriesReadOf(arena, group);
  reply.text("entries-read");
  if (read === UNKNOWN_ENTRIES_READ) reply.nil();
  else reply.integer(read);
  const lag = lagOf(arena, stream, group);
  reply.text("lag");
  if (lag === undefined) reply.nil();
  else reply.integer(lag);
}

/** What is pending of a group or consumer. @param withConsumer whether the consumers are named */
function replyPending(
  reply: ReplyWriter,
  arena: Arena,
  owner: Unit,
  limit: number,
  withConsumer: boolean,
): void {
  let left = Math.min(limit, pendingCount(arena, owner));
  reply.array(left);
  for (const pending of unitsOf(arena, pendingOf(owner))) {
    if (left-- === 0) return;
    reply.array(withConsumer ? 4 : 3);
    replyId(reply, arena.words, pendingIdAt(pending));
    if (withConsumer) {
      const consumer = consumerOf(arena, pending);
      reply.bulk(arena, consumerNameOffset(consumer), consumerNameLength(arena, consumer));
    }
    reply.integer(deliveryTimeOf(arena, pending));
    reply.integer(deliveryCountOf(arena, pending));
  }
}
