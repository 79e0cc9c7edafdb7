/** XDEL and XDELEX: delete entries. XACK and XACKDEL: acknowledge that they were dealt with. */
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  DELETE_REFERENCES,
  deleteEntry,
  isReferenced,
  KEEP_REFERENCES,
  ONLY_ACKNOWLEDGED,
  removeReferences,
} from "../../structs/stream_delete.ts";
import { ID_WORDS } from "../../structs/stream_id.ts";
import { findPending, removePending } from "../../structs/stream_pending.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { groupOf, IdList, isStream, readIds } from "./arguments.ts";
import { referencesOption } from "./trim_options.ts";

/** Replies of XDELEX and XACKDEL for each id. */
const NO_SUCH_ID = -1;
const DELETED = 1;
const STILL_REFERENCED = 2;

const ids = new IdList();

export const XDEL = {
  name: "xdel",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
  summary: "Returns the number of messages after removing them from a stream.",
  syntax: "key id [id ...]",
  argumentTypes: { id: "string" },
  run(call, reply) {
    const ref = call.lookupWrite(1);
    if (ref === 0) return reply.integer(0);
    if (!isStream(call, ref, reply)) return;
    if (!readIds(call, 2, call.argc, reply, ids)) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    let deleted = 0;
    for (let i = 0; i < ids.count; i++) {
      if (deleteEntry(arena, stream, ids.words, i * ID_WORDS)) deleted++;
    }
    stats.dirty += deleted;
    if (deleted > 0) call.changed(1, EVENT_STREAM, "xdel");
    reply.integer(deleted);
  },
} as const satisfies CommandSpec;

export const XACK = {
  name: "xack",
  arity: -4,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1) for each message ID processed.",
  summary: "Returns the number of messages that were successfully acknowledged by the consumer " +
    "group member of a stream.",
  syntax: "key group id [id ...]",
  argumentTypes: { id: "string" },
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.integer(0);
    if (!isStream(call, ref, reply)) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, 2, arena, stream);
    if (group === 0) return reply.integer(0);
    if (!readIds(call, 3, call.argc, reply, ids)) return;
    let acknowledged = 0;
    for (let i = 0; i < ids.count; i++) {
      const pending = findPending(arena, group, ids.words, i * ID_WORDS);
      if (pending === 0) continue;
      removePending(arena, stream, group, pending);
      acknowledged++;
    }
    stats.dirty += acknowledged;
    reply.integer(acknowledged);
  },
} as const satisfies CommandSpec;

const DELETE_COMPLEXITY =
  "O(1) for each single item to delete in the stream, regardless of the stream size.";

export const XDELEX = {
  name: "xdelex",
  arity: -5,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "8.2.0",
  group: "stream",
  complexity: DELETE_COMPLEXITY,
  summary: "Deletes one or multiple entries from the stream.",
  syntax: "key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]",
  argumentTypes: { id: "string", numids: "integer" },
  run(call, reply) {
    const ref = call.lookupWrite(1);
    if (ref !== 0 && !isStream(call, ref, reply)) return;
    const references = readOptions(call, 2, reply);
    if (references < 0) return;
    if (ref === 0) return replyNoIds(reply, idEnd - idStart);
    if (!readIds(call, idStart, idEnd, reply, ids)) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    let deleted = 0;
    reply.array(ids.count);
    for (let i = 0; i < ids.count; i++) {
      const at = i * ID_WORDS;
      if (references === ONLY_ACKNOWLEDGED && isReferenced(arena, stream, ids.words, at)) {
        reply.integer(STILL_REFERENCED);
        continue;
      }
      if (references === DELETE_REFERENCES) removeReferences(arena, stream, ids.words, at);
      const isDeleted = deleteEntry(arena, stream, ids.words, at);
      if (isDeleted) deleted++;
      reply.integer(isDeleted ? DELETED : NO_SUCH_ID);
    }
    stats.dirty += deleted;
    if (deleted > 0) call.changed(1, EVENT_STREAM, "xdel");
  },
} as const satisfies CommandSpec;

export const XACKDEL = {
  name: "xackdel",
  arity: -6,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "8.2.0",
  group: "stream",
  complexity: "O(1) for each message ID processed.",
  summary: "Acknowledges and deletes one or multiple messages for a stream consumer group.",
  syntax: "key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]",
  argumentTypes: { id: "string", numids: "integer" },
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (ref !== 0 && !isStream(call, ref, reply)) return;
    const references = readOptions(call, 3, reply);
    if (references < 0) return;
    if (ref === 0) return replyNoIds(reply, idEnd - idStart);
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, 2, arena, stream);
    if (group === 0) return replyNoIds(reply, idEnd - idStart);
    if (!readIds(call, idStart, idEnd, reply, ids)) return;
    let deleted = 0;
    reply.array(ids.count);
    for (let i = 0; i < ids.count; i++) {
      const at = i * ID_WORDS;
      const pending = findPending(arena, group, ids.words, at);
      if (pending === 0) {
        reply.integer(NO_SUCH_ID);
        continue;
      }
      removePending(arena, stream, group, pending);
      stats.dirty++;
      if (references === ONLY_ACKNOWLEDGED && isReferenced(arena, stream, ids.words, at)) {
        reply.integer(STILL_REFERENCED);
        continue;
      }
      if (references === DELETE_REFERENCES) removeReferences(arena, stream, ids.words, at);
      if (deleteEntry(arena, stream, ids.words, at)) deleted++;
      reply.integer(DELETED);
    }
    if (deleted > 0) call.changed(1, EVENT_STREAM, "xdel");
  },
} as const satisfies CommandSpec;

/** Where `readOptions` found the ids. */
let idStart = 0;
let idEnd = 0;

/** Reads KEEPREF, DELREF, ACKED and IDS. @returns what of these, -1 = an error was replied */
function readOptions(call: Call, first: number, reply: ReplyWriter): number {
  let references = -1;
  idStart = 0;
  for (let i = first; i < call.argc;) {
    const option = referencesOption(call, i);
    if (option >= 0 && references < 0) {
      references = option;
      i++;
    } else if (call.is(i, "IDS") && i + 1 < call.argc) {
      const count = call.integer(i + 1);
      if (count === undefined || count < 1) {
        reply.error("ERR Number of IDs must be a positive integer");
        return -1;
      }
      if (count > call.argc - i - 2) {
        reply.error("ERR The `numids` parameter must match the number of arguments");
        return -1;
      }
      idStart = i + 2;
      i = idEnd = idStart + count;
    } else {
      reply.error(SYNTAX_ERROR);
      return -1;
    }
  }
  if (idStart === 0) {
    reply.error("ERR IDS option is required");
    return -1;
  }
  return references < 0 ? KEEP_REFERENCES : references;
}

function replyNoIds(reply: ReplyWriter, count: number): void {
  reply.array(count);
  for (let i = 0; i < count; i++) reply.integer(NO_SUCH_ID);
}
