/** XREAD: reads streams behind given ids, or waits until there is something. */
import { countEntries, replyRange } from "../../engine/stream_replies.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import { type RecordRef, TYPE_STREAM } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { lastEntryId } from "../../structs/stream_delete.ts";
import { LAST_ID_WORD } from "../../structs/stream_header.ts";
import {
  copyId,
  decrementId,
  formatId,
  ID_TEXT_BYTES,
  ID_WORDS,
  incrementId,
  setZeroId,
} from "../../structs/stream_id.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { waitForKeys } from "../waiting.ts";
import { IdList, isByte, isStream, readId } from "./arguments.ts";
import { findStreamKeys, ReadOptions } from "./read_options.ts";

const options = new ReadOptions();
/** The id behind which each stream is read. */
const behind = new IdList();
const id = new Int32Array(ID_WORDS);
const MAX_ID = new Int32Array(ID_WORDS).fill(-1);
const READS_GROUP_ID = "ERR The > ID can be specified only when calling XREADGROUP using the " +
  "GROUP <group> <consumer> option.";

export const XREAD = {
  name: "xread",
  arity: -4,
  flags: ["readonly", "blocking", "movablekeys"],
  keyFlags: ["RO", "access"],
  keySpecs: [{ flags: ["RO", "access"], search: ["STREAMS", 1], range: [-1, 1, 2] }],
  findKeys: findStreamKeys,
  since: "5.0.0",
  group: "stream",
  complexity:
    "For each stream mentioned: O(N) with N being the number of elements being returned, it means " +
    "that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will " +
    "pay O(M) time in order to serve the M clients blocked on the stream getting new data.",
  summary: "Returns messages from multiple streams with IDs greater than the ones requested. " +
    "Blocks until a message is available otherwise.",
  syntax: "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
  argumentTypes: { id: "string", milliseconds: "integer" },
  run(call, reply) {
    if (!options.read(call, reply, false)) return;
    const { keyspace } = call.engine;
    const { firstKey, keyCount, limit } = options;
    behind.clear();
    for (let i = firstKey; i < firstKey + keyCount; i++) {
      const ref = call.lookupRead(i);
      if (ref !== 0 && !isStream(call, ref, reply)) return;
      if (!readBehind(call, ref, i + keyCount, reply)) return;
      behind.push(id, 0);
    }
    let served = 0;
    // A second look counts, too, and tells of keys that are missing, as in Redis.
    for (let i = 0; i < keyCount; i++) {
      if (hasNews(call, i, call.lookupRead(firstKey + i))) served++;
    }
    if (served === 0) return waitOrGiveUp(call, reply);
    replyStreams(reply, served);
    for (let i = 0; i < keyCount; i++) {
      const ref = call.peek(firstKey + i);
      if (!hasNews(call, i, ref)) continue;
      const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
      replyName(call, reply, firstKey + i);
      startBehind(i);
      replyRange(reply, arena, stream, id, 0, MAX_ID, 0, limit, false);
    }
  },
} as const satisfies CommandSpec;

/** Reads the id behind which a stream is read into `id`. @returns false = an error was replied */
function readBehind(call: Call, ref: RecordRef, i: number, reply: ReplyWriter): boolean {
  const { keyspace } = call.engine;
  if (isByte(call, i, "$")) {
    if (ref === 0) setZeroId(id, 0);
    else {
      const head = streamUnit(keyspace, ref) << 1;
      copyId(streamArena(keyspace, ref).words, head + LAST_ID_WORD, id, 0);
    }
    return true;
  }
  if (isByte(call, i, "+")) {
    setZeroId(id, 0);
    if (ref !== 0 && lastEntryId(streamArena(keyspace, ref), streamUnit(keyspace, ref), id, 0)) {
      decrementId(id, 0);
    }
    return true;
  }
  if (!isByte(call, i, ">")) return readId(call, i, reply, id);
  reply.error(READS_GROUP_ID);
  return false;
}

/** Writes the first id that a stream is read from to `id`. @returns false if there is none */
function startBehind(i: number): boolean {
  copyId(behind.words, i * ID_WORDS, id, 0);
  return incrementId(id, 0);
}

/** Whether the i-th stream has an entry to read. */
function hasNews(call: Call, i: number, ref: RecordRef): boolean {
  if (ref === 0 || !startBehind(i)) return false;
  const { keyspace } = call.engine;
  const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
  return countEntries(arena, stream, id, 0, MAX_ID, 0, 1, true) > 0;
}

/** Opens the reply of several streams. */
export function replyStreams(reply: ReplyWriter, count: number): void {
  if (reply.version === 2) reply.array(count);
  else reply.map(count);
}

/** Begins the reply of one stream with its name. */
export function replyName(call: Call, reply: ReplyWriter, i: number): void {
  if (reply.version === 2) reply.array(2);
  reply.bulk(call.batch.input, call.offset(i), call.length(i));
}

/** There is nothing to read. */
function waitOrGiveUp(call: Call, reply: ReplyWriter): void {
  const { firstKey, keyCount, deadlineMs } = options;
  if (deadlineMs === undefined) return reply.nilArray();
  let replacements: Map<number, Uint8Array> | undefined;
  for (let i = 0; i < keyCount; i++) {
    const position = firstKey + keyCount + i;
    // What was added meanwhile must be found when the command runs again.
    if (!isByte(call, position, "$")) continue;
    const text = new Uint8Array(ID_TEXT_BYTES);
    const length = formatId(behind.words, i * ID_WORDS, text, 0);
    replacements ??= new Map();
    replacements.set(position, text.subarray(0, length));
  }
  const wait = { type: TYPE_STREAM, keys: options.keys(), deadlineMs };
  const isWaiting = waitForKeys(
    call,
    replacements === undefined ? wait : { ...wait, replacements },
  );
  if (!isWaiting) reply.nilArray();
}
