/** XREADGROUP: reads streams as a consumer of a group. */
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import { OutOfMemory, TYPE_STREAM } from "../../engine/keyspace.ts";
import { deliverNew, hasEntryBehind, redeliverPending } from "../../engine/stream_groups.ts";
import { replyEntryOrId, replyFirst } from "../../engine/stream_replies.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import type { Arena } from "../../engine/streams.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { createConsumer, groupLastIdAt, setSeenTime } from "../../structs/stream_group.ts";
import { copyId, ID_WORDS, incrementId, isMaxId, setMaxId } from "../../structs/stream_id.ts";
import type { Unit } from "../../structs/structure.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { waitForKeys } from "../waiting.ts";
import {
  consumerNamed,
  groupOf,
  IdList,
  isByte,
  isName,
  isStream,
  readId,
  textOf,
} from "./arguments.ts";
import { findStreamKeys, ReadOptions } from "./read_options.ts";
import { replyName, replyStreams } from "./xread.ts";

const options = new ReadOptions();
/** First id of each stream that is read. */
const starts = new IdList();
/** Entries of each stream that are replied; -1 = it is not. */
let counts = new Int32Array(16);
/** Whether new entries of a stream are wanted, else those that are pending. */
let isNew = new Uint8Array(16);
/** Ids of all that was pending and is replied, in the order of the streams. */
const history = new IdList();
let nextHistory = 0;
const remember = (words: Int32Array, idAt: number): void => history.push(words, idAt);
const id = new Int32Array(ID_WORDS);
const MAX_ID = new Int32Array(ID_WORDS).fill(-1);
const NOT_SERVED = -1;

function meaningless(symbol: string): string {
  return `ERR The ${symbol} ID is meaningless in the context of XREADGROUP: you want to read the ` +
    "history of this consumer by specifying a proper ID, or use the > ID to get new messages. " +
    `The ${symbol} ID would just return an empty result set.`;
}

export const XREADGROUP = {
  name: "xreadgroup",
  arity: -7,
  flags: ["write", "blocking", "movablekeys"],
  keyFlags: ["RO", "access"],
  keySpecs: [{ flags: ["RO", "access"], search: ["STREAMS", 4], range: [-1, 1, 2] }],
  findKeys: findStreamKeys,
  since: "5.0.0",
  group: "stream",
  complexity:
    "For each stream mentioned: O(M) with M being the number of elements returned. If M is " +
    "constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). " +
    "On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N " +
    "clients blocked on the stream getting new data.",
  summary: "Returns new or historical messages from a stream for a consumer in a group. Blocks " +
    "until a message is available otherwise.",
  syntax: "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] " +
    "id [id ...]",
  argumentTypes: { id: "string", milliseconds: "integer" },
  run(call, reply) {
    if (!options.read(call, reply, true) || !readIds(call, reply)) return;
    const { firstKey, keyCount } = options;
    let served = 0;
    history.clear();
    nextHistory = 0;
    for (let i = 0; i < keyCount; i++) {
      counts[i] = serve(call, i);
      if (counts[i] !== NOT_SERVED) served++;
    }
    if (served === 0) return waitOrGiveUp(call, reply);
    replyStreams(reply, served);
    for (let i = 0; i < keyCount; i++) {
      if (counts[i] === NOT_SERVED) continue;
      replyName(call, reply, firstKey + i);
      replyServed(call, reply, i);
    }
  },
} as const satisfies CommandSpec;

/** Checks all keys and groups, and reads all ids. @returns false = an error was replied */
function readIds(call: Call, reply: ReplyWriter): boolean {
  const { firstKey, keyCount, groupArg } = options;
  const { keyspace } = call.engine;
  starts.clear();
  if (counts.length < keyCount) {
    counts = new Int32Array(keyCount * 2);
    isNew = new Uint8Array(keyCount * 2);
  }
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const ref = call.lookupRead(i);
    if (ref !== 0 && !isStream(call, ref, reply)) return false;
    if (
      ref === 0 ||
      groupOf(call, groupArg, streamArena(keyspace, ref), streamUnit(keyspace, ref)) === 0
    ) {
      reply.error(
        `NOGROUP No such key '${textOf(call, i)}' or consumer group '${textOf(call, groupArg)}' ` +
          "in XREADGROUP with GROUP option",
      );
      return false;
    }
    if (isByte(call, i + keyCount, "$")) {
      reply.error(meaningless("$"));
      return false;
    }
    if (isByte(call, i + keyCount, "+")) {
      reply.error(meaningless("+"));
      return false;
    }
    if (isByte(call, i + keyCount, ">")) setMaxId(id, 0);
    else if (!readId(call, i + keyCount, reply, id)) return false;
    // The greatest id stands for new entries, too.
    isNew[i - firstKey] = isMaxId(id, 0) ? 1 : 0;
    starts.push(id, 0);
  }
  return isName(call, groupArg + 1, reply);
}

/**
 * Delivers what the i-th stream has for the consumer, which is made if it is not there.
 * @returns number of entries, NOT_SERVED if there is nothing new
 */
function serve(call: Call, i: number): number {
  const { keyspace, stats } = call.engine;
  const { groupArg, limit, isNoAck } = options;
  const ref = call.lookupRead(options.firstKey + i);
  const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
  const group = groupOf(call, groupArg, arena, stream);
  const consumer = consumerFor(call, i, arena, stream, group);
  const start = i * ID_WORDS;
  if (isNew[i] === 0) {
    incrementId(starts.words, start);
    const before = history.count;
    redeliverPending(arena, stream, consumer, starts.words, start, limit, call.nowMs, remember);
    return history.count - before;
  }
  if (!hasEntryBehind(arena, stream, arena.words, groupLastIdAt(group))) return NOT_SERVED;
  copyId(arena.words, groupLastIdAt(group), starts.words, start);
  incrementId(starts.words, start);
  stats.dirty++;
  return deliverNew(arena, stream, group, isNoAck ? 0 : consumer, limit, call.nowMs);
}

function consumerFor(call: Call, i: number, arena: Arena, stream: Unit, group: Unit): Unit {
  const consumerArg = options.groupArg + 1;
  let consumer = consumerNamed(call, consumerArg, arena, group);
  if (consumer === 0) {
    const { input } = call.batch;
    const offset = call.offset(consumerArg), length = call.length(consumerArg);
    consumer = createConsumer(arena, stream, group, input, offset, length, call.nowMs);
    if (consumer === 0) throw new OutOfMemory();
    call.engine.stats.dirty++;
    call.notify(options.firstKey + i, EVENT_STREAM, "xgroup-createconsumer");
  }
  setSeenTime(arena, consumer, call.nowMs);
  return consumer;
}

function replyServed(call: Call, reply: ReplyWriter, i: number): void {
  const { keyspace } = call.engine;
  const ref = call.peek(options.firstKey + i);
  const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
  const at = i * ID_WORDS;
  if (isNew[i] !== 0) {
    return replyFirst(reply, arena, stream, starts.words, at, MAX_ID, 0, counts[i], false);
  }
  reply.array(counts[i]);
  for (let n = 0; n < counts[i]; n++) {
    replyEntryOrId(reply, arena, stream, history.words, nextHistory++ * ID_WORDS);
  }
}

function waitOrGiveUp(call: Call, reply: ReplyWriter): void {
  const { deadlineMs } = options;
  const isWaiting = deadlineMs !== undefined &&
    waitForKeys(call, {
      type: TYPE_STREAM,
      keys: options.keys(),
      deadlineMs,
      wakesWithoutKey: true,
    });
  if (!isWaiting) reply.nilArray();
}
