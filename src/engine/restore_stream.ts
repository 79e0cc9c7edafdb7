/** Makes streams of the RDB format: nodes, then consumer groups with what is pending of them. */
import type { Arena } from "../memory/arena.ts";
import * as rdb from "../structs/rdb_format.ts";
import { BadPayload, type RdbReader, RdbString } from "../structs/rdb_reader.ts";
import { addNode, finishStream } from "../structs/stream_build.ts";
import {
  createConsumer,
  createGroup,
  findConsumer,
  findGroup,
  MAX_NAME_BYTES,
  pendingCount,
  setActiveTime,
  UNKNOWN_ENTRIES_READ,
} from "../structs/stream_group.ts";
import {
  createStream,
  ENTRIES_ADDED_WORD,
  LAST_ID_WORD,
  MAX_DELETED_ID_WORD,
  readInt64,
  streamLength,
} from "../structs/stream_header.ts";
import { compareIds, decodeId, ID_BYTES, ID_WORDS } from "../structs/stream_id.ts";
import { distanceFromFirst } from "../structs/stream_lag.ts";
import { isStreamListpack } from "../structs/stream_listpack_check.ts";
import { assignPending, consumerOf, findPending, makePending } from "../structs/stream_pending.ts";
import type { Unit } from "../structs/structure.ts";
import { OutOfMemory, type RecordRef, SHARD_SHIFT } from "./record_kinds.ts";
import type { RestoreTarget } from "./restore.ts";
import { KIND_STREAM } from "./streams.ts";

/** Bytes that the shortest of these take. */
const MIN_NODE_BYTES = 2;
const MIN_GROUP_BYTES = 5;
const MIN_PENDING_BYTES = ID_BYTES + 8 + 1;
const MIN_CONSUMER_BYTES = 1 + 8 + 1;

const text = new RdbString();
const id = new Int32Array(ID_WORDS);
const halves = new Int32Array(2);
const lastId = new Int32Array(ID_WORDS);

/** As `restoreValue`. */
export function restoreStream(target: RestoreTarget, reader: RdbReader, type: number): RecordRef {
  const { engine, db, batch, arg, expiresAtMs } = target;
  const ks = engine.keyspace;
  const shard = ks.outside.shardWithRoom(ks.shardOf(batch.argHashes[arg]));
  const arena = ks.arenas[shard];
  const stream = createStream(arena);
  if (stream === 0) throw new OutOfMemory();
  const structure = (shard << SHARD_SHIFT) | stream;
  try {
    readEntries(arena, stream, reader, type);
    const groupCount = reader.count(MIN_GROUP_BYTES);
    for (let i = 0; i < groupCount; i++) readGroup(arena, stream, reader, type);
    return ks.placeStructure(db, batch, arg, KIND_STREAM, structure, expiresAtMs);
  } catch (error) {
    ks.outside.release(KIND_STREAM, structure);
    throw error;
  }
}

function readEntries(arena: Arena, stream: Unit, reader: RdbReader, type: number): void {
  const { words } = arena;
  const head = stream << 1;
  const nodeCount = reader.count(MIN_NODE_BYTES);
  for (let i = 0; i < nodeCount; i++) {
    reader.string(text);
    if (text.length !== ID_BYTES) throw new BadPayload("no id of a node");
    decodeId(text.region.view, text.offset, id, 0);
    if (i > 0 && compareIds(id, 0, lastId, 0) <= 0) throw new BadPayload("ids descend");
    reader.string(text);
    if (!isStreamListpack(text.region, text.offset, text.length, id, 0, lastId)) {
      throw new BadPayload("no node of a stream");
    }
    const { region, offset, length } = text;
    if (!addNode(arena, stream, id, 0, region, offset, length)) throw new OutOfMemory();
  }
  finishStream(arena, stream);
  const length = streamLength(arena, stream);
  if (reader.lengthOf() !== length) throw new BadPayload("another number of entries");
  readId(reader, words, head + LAST_ID_WORD);
  if (nodeCount > 0 && compareIds(words, head + LAST_ID_WORD, lastId, 0) < 0) {
    throw new BadPayload("an entry behind the last id");
  }
  if (type === rdb.TYPE_STREAM_LISTPACKS) {
    words[head + ENTRIES_ADDED_WORD] = length;
    return;
  }
  // The first id; that of the first entry is known.
  readId(reader, id, 0);
  readId(reader, words, head + MAX_DELETED_ID_WORD);
  reader.length64(words, head + ENTRIES_ADDED_WORD);
  if (words[head + ENTRIES_ADDED_WORD + 1] < 0) throw new BadPayload("more entries than can be");
}

/** Reads an id that is written as two lengths. */
function readId(reader: RdbReader, into: Int32Array, at: number): void {
  for (let i = 0; i < ID_WORDS; i += 2) {
    reader.length64(halves, 0);
    into[at + i] = halves[1];
    into[at + i + 1] = halves[0];
  }
}

/** Reads an id that is written as its bytes. */
function readKey(reader: RdbReader): void {
  reader.raw(ID_BYTES, text);
  decodeId(text.region.view, text.offset, id, 0);
}

function readName(reader: RdbReader): void {
  reader.string(text);
  if (text.length > MAX_NAME_BYTES) throw new BadPayload("too long a name");
}

function readGroup(arena: Arena, stream: Unit, reader: RdbReader, type: number): void {
  readName(reader);
  const { region, offset, length } = text;
  readId(reader, id, 0);
  const entriesRead = readEntriesRead(arena, stream, reader, type);
  if (findGroup(arena, stream, region, offset, length) !== 0) {
    throw new BadPayload("a group twice");
  }
  const group = createGroup(arena, stream, region, offset, length, id, 0, entriesRead);
  if (group === 0) throw new OutOfMemory();
  const pending = reader.count(MIN_PENDING_BYTES);
  for (let i = 0; i < pending; i++) {
    readKey(reader);
    const ms = reader.time();
    reader.length64(halves, 0);
    if (findPending(arena, group, id, 0) !== 0) throw new BadPayload("pending twice");
    if (makePending(arena, stream, group, id, 0, ms, readInt64(halves, 0)) === 0) {
      throw new OutOfMemory();
    }
  }
  const consumers = reader.count(MIN_CONSUMER_BYTES);
  let assigned = 0;
  for (let i = 0; i < consumers; i++) assigned += readConsumer(arena, stream, group, reader, type);
  if (assigned !== pendingCount(arena, group)) throw new BadPayload("pending of no consumer");
}

/** Reads, or in an old stream reckons, how many entries the group of last id `id` has read. */
function readEntriesRead(
  arena: Arena,
  stream: Unit,
  reader: RdbReader,
  type: number,
): number | bigint {
  if (type === rdb.TYPE_STREAM_LISTPACKS) return distanceFromFirst(arena, stream, id, 0);
  reader.length64(halves, 0);
  const count = readInt64(halves, 0);
  if (count < UNKNOWN_ENTRIES_READ) throw new BadPayload("more entries than can be");
  return count;
}

/** @returns how many entries are pending of the consumer */
function readConsumer(
  arena: Arena,
  stream: Unit,
  group: Unit,
  reader: RdbReader,
  type: number,
): number {
  readName(reader);
  const { region, offset, length } = text;
  const seenMs = reader.time();
  const activeMs = type === rdb.TYPE_STREAM_LISTPACKS_3 ? reader.time() : seenMs;
  if (findConsumer(arena, group, region, offset, length) !== 0) {
    throw new BadPayload("a consumer twice");
  }
  const consumer = createConsumer(arena, stream, group, region, offset, length, seenMs);
  if (consumer === 0) throw new OutOfMemory();
  setActiveTime(arena, consumer, activeMs);
  const count = reader.count(ID_BYTES);
  for (let i = 0; i < count; i++) {
    readKey(reader);
    const pending = findPending(arena, group, id, 0);
    if (pending === 0 || consumerOf(arena, pending) !== 0) {
      throw new BadPayload("pending of nobody else");
    }
    if (!assignPending(arena, stream, pending, consumer)) throw new OutOfMemory();
  }
  return count;
}
