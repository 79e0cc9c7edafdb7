/** XTRIM: deletes the oldest entries. XSETID: sets what a stream knows of its past. */
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import { lastEntryId, trimStream } from "../../structs/stream_delete.ts";
import {
  ENTRIES_ADDED_WORD,
  LAST_ID_WORD,
  MAX_DELETED_ID_WORD,
  streamLength,
  writeInt64,
} from "../../structs/stream_header.ts";
import { compareIds, copyId, ID_WORDS, isZeroId, setZeroId } from "../../structs/stream_id.ts";
import { NO_SUCH_KEY, NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { isStream, readId } from "./arguments.ts";
import { TrimOptions } from "./trim_options.ts";

const options = new TrimOptions();

export const XTRIM = {
  name: "xtrim",
  arity: -4,
  flags: ["write"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "5.0.0",
  group: "stream",
  complexity:
    "O(N), with N being the number of evicted entries. Constant times are very small however, " +
    "since entries are organized in macro nodes containing multiple entries that can be released " +
    "with a single deallocation.",
  summary: "Deletes messages from the beginning of a stream.",
  syntax: "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]",
  history: [
    ["6.2.0", "Added the `MINID` trimming strategy and the `LIMIT` option."],
    ["8.2.0", "Added the `KEEPREF`, `DELREF` and `ACKED` options."],
  ],
  run(call, reply) {
    if (options.read(call, reply, false) === 0) return;
    const ref = call.lookupWrite(1);
    if (ref === 0) return reply.integer(0);
    if (!isStream(call, ref, reply)) return;
    const { keyspace, stats } = call.engine;
    const deleted = trimStream(streamArena(keyspace, ref), streamUnit(keyspace, ref), options);
    stats.dirty += deleted;
    if (deleted > 0) popped(call, 1, EVENT_STREAM, "xtrim", false);
    reply.integer(deleted);
  },
} as const satisfies CommandSpec;

const LAST_ID_ARG = 2;
const lastId = new Int32Array(ID_WORDS);
const maxDeletedId = new Int32Array(ID_WORDS);
const topId = new Int32Array(ID_WORDS);

export const XSETID = {
  name: "xsetid",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "An internal command for replicating stream values.",
  syntax: "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
  argumentTypes: { "entries-added": "integer" },
  history: [["7.0.0", "Added the `entries_added` and `max_deleted_entry_id` arguments."]],
  run(call, reply) {
    if (!readId(call, LAST_ID_ARG, reply, lastId)) return;
    let entriesAdded: number | bigint = -1;
    setZeroId(maxDeletedId, 0);
    for (let i = LAST_ID_ARG + 1; i < call.argc; i += 2) {
      const hasValue = i + 1 < call.argc;
      if (hasValue && call.is(i, "ENTRIESADDED")) {
        const value = call.int64(i + 1);
        if (value === undefined) return reply.error(NOT_AN_INTEGER);
        if (value < 0) return reply.error("ERR entries_added must be positive");
        entriesAdded = value;
      } else if (hasValue && call.is(i, "MAXDELETEDID")) {
        if (!readId(call, i + 1, reply, maxDeletedId)) return;
        if (compareIds(lastId, 0, maxDeletedId, 0) < 0) {
          return reply.error(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
          );
        }
      } else {
        return reply.error(SYNTAX_ERROR);
      }
    }
    const ref = call.lookupWrite(1);
    if (ref === 0) return reply.error(NO_SUCH_KEY);
    if (!isStream(call, ref, reply)) return;
    const { keyspace } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const { words } = arena;
    const head = stream << 1;
    if (compareIds(lastId, 0, words, head + MAX_DELETED_ID_WORD) < 0) {
      return reply.error(
        "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
      );
    }
    if (lastEntryId(arena, stream, topId, 0)) {
      if (compareIds(lastId, 0, topId, 0) < 0) {
        return reply.error(
          "ERR The ID specified in XSETID is smaller than the target stream top item",
        );
      }
      if (entriesAdded !== -1 && streamLength(arena, stream) > entriesAdded) {
        return reply.error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length",
        );
      }
    }
    copyId(lastId, 0, words, head + LAST_ID_WORD);
    if (entriesAdded !== -1) writeInt64(words, head + ENTRIES_ADDED_WORD, entriesAdded);
    if (!isZeroId(maxDeletedId, 0)) copyId(maxDeletedId, 0, words, head + MAX_DELETED_ID_WORD);
    call.engine.stats.dirty++;
    call.notify(1, EVENT_STREAM, "xsetid");
    reply.ok();
  },
} as const satisfies CommandSpec;
