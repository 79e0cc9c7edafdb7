/** XCLAIM and XAUTOCLAIM: take over what is pending of other consumers. */
import type { Arena } from "../../engine/streams.ts";
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import { OutOfMemory } from "../../engine/keyspace.ts";
import { streamArena, streamUnit } from "../../engine/streams.ts";
import { replyEntryOf, replyId } from "../../engine/stream_replies.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { hasEntry } from "../../structs/stream_delete.ts";
import {
  createConsumer,
  groupLastIdAt,
  pendingOf,
  setActiveTime,
  setSeenTime,
} from "../../structs/stream_group.ts";
import { valueAfter, valueFrom } from "../../structs/stream_header.ts";
import { compareIds, copyId, ID_WORDS, setZeroId } from "../../structs/stream_id.ts";
import {
  addPending,
  assignPending,
  deliveryTimeOf,
  findPending,
  pendingIdAt,
  redeliver,
  removePending,
  setDelivery,
} from "../../structs/stream_pending.ts";
import type { Unit } from "../../structs/structure.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import {
  collectIds,
  consumerNamed,
  groupOf,
  IdList,
  isName,
  isStream,
  noSuchGroup,
  readId,
  readStart,
  textOf,
} from "./arguments.ts";

const GROUP_ARG = 2;
const CONSUMER_ARG = 3;
const MIN_IDLE_ARG = 4;
const FIRST_ID_ARG = 5;
const START_ARG = 5;
const DEFAULT_COUNT = 100;
/** Entries that XAUTOCLAIM looks at for each that it may claim. */
const ATTEMPTS_FACTOR = 10;
/** LONG_MAX / 16, rounded down. */
const MAX_COUNT = 2n ** 59n - 1n;

/** Options of XCLAIM. */
const options = {
  isForced: false,
  justId: false,
  /** -1 = now. */
  deliveryTime: -1 as number,
  retryCount: -1 as number | bigint,
  lastId: new Int32Array(ID_WORDS),
};
const wanted = new IdList();
const claimed = new IdList();
const deleted = new IdList();
const start = new Int32Array(ID_WORDS);

export const XCLAIM = {
  name: "xclaim",
  arity: -6,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
  summary: "Changes, or acquires, ownership of a message in a consumer group, as if the message " +
    "was delivered a consumer group member.",
  syntax: "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] " +
    "[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
  argumentTypes: { "min-idle-time": "string", id: "string", ms: "integer", lastid: "string" },
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (ref !== 0 && !isStream(call, ref, reply)) return;
    const { keyspace, stats } = call.engine;
    const arena = ref === 0 ? keyspace.arenas[0] : streamArena(keyspace, ref);
    const stream = ref === 0 ? 0 : streamUnit(keyspace, ref);
    const group = ref === 0 ? 0 : groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.error(noSuchGroup(call));
    const minIdleMs = readMinIdle(call, reply, "XCLAIM");
    if (minIdleMs === undefined) return;
    const optionArg = collectIds(call, FIRST_ID_ARG, call.argc, wanted);
    if (!readOptions(call, optionArg, reply) || !isName(call, CONSUMER_ARG, reply)) return;
    const lastIdAt = groupLastIdAt(group);
    if (compareIds(options.lastId, 0, arena.words, lastIdAt) > 0) {
      copyId(options.lastId, 0, arena.words, lastIdAt);
      stats.dirty++;
    }
    const consumer = consumerFor(call, arena, stream, group);
    claimed.clear();
    for (let i = 0; i < wanted.count; i++) {
      const at = i * ID_WORDS;
      if (claimOne(call, arena, stream, group, consumer, at, minIdleMs)) {
        claimed.push(wanted.words, at);
        stats.dirty++;
      }
    }
    replyClaimed(reply, arena, stream, options.justId);
  },
} as const satisfies CommandSpec;

/** Claims one of the wanted ids. @returns whether it is the consumer's now */
function claimOne(
  call: Call,
  arena: Arena,
  stream: Unit,
  group: Unit,
  consumer: Unit,
  at: number,
  minIdleMs: number,
): boolean {
  const { words } = wanted;
  const { nowMs } = call;
  const time = options.deliveryTime < 0 ? nowMs : options.deliveryTime;
  let pending = findPending(arena, group, words, at);
  if (!hasEntry(arena, stream, words, at)) {
    if (pending !== 0) {
      removePending(arena, stream, group, pending);
      call.engine.stats.dirty++;
    }
    return false;
  }
  if (pending !== 0) {
    if (minIdleMs > 0 && nowMs - deliveryTimeOf(arena, pending) < minIdleMs) return false;
    if (!assignPending(arena, stream, pending, consumer)) throw new OutOfMemory();
  } else {
    if (!options.isForced) return false;
    pending = addPending(arena, stream, group, consumer, words, at, time, 1);
    if (pending === 0) throw new OutOfMemory();
  }
  if (options.retryCount >= 0) setDelivery(arena, pending, time, options.retryCount);
  else redeliver(arena, pending, time, !options.justId);
  setActiveTime(arena, consumer, nowMs);
  return true;
}

/** Reads the options of XCLAIM. @returns false = an error was replied */
function readOptions(call: Call, first: number, reply: ReplyWriter): boolean {
  const { nowMs } = call;
  options.isForced = options.justId = false;
  options.deliveryTime = options.retryCount = -1;
  setZeroId(options.lastId, 0);
  for (let i = first; i < call.argc; i++) {
    const hasValue = i + 1 < call.argc;
    if (call.is(i, "FORCE")) {
      options.isForced = true;
    } else if (call.is(i, "JUSTID")) {
      options.justId = true;
    } else if (hasValue && (call.is(i, "IDLE") || call.is(i, "TIME"))) {
      const isIdle = call.is(i, "IDLE");
      const value = call.integer(++i);
      if (value === undefined) {
        reply.error(`ERR Invalid ${isIdle ? "IDLE" : "TIME"} option argument for XCLAIM`);
        return false;
      }
      options.deliveryTime = isIdle ? nowMs - value : value;
    } else if (hasValue && call.is(i, "RETRYCOUNT")) {
      const value = call.int64(++i);
      if (value === undefined) {
        reply.error("ERR Invalid RETRYCOUNT option argument for XCLAIM");
        return false;
      }
      options.retryCount = value;
    } else if (hasValue && call.is(i, "LASTID")) {
      if (!readId(call, ++i, reply, options.lastId)) return false;
    } else {
      reply.error(`ERR Unrecognized XCLAIM option '${textOf(call, i)}'`);
      return false;
    }
  }
  // What lies in the future, or before all time, is taken for now.
  if (options.deliveryTime > nowMs) options.deliveryTime = -1;
  return true;
}

/** @returns 0 or more; undefined after an error was replied */
function readMinIdle(call: Call, reply: ReplyWriter, name: string): number | undefined {
  const idle = call.integer(MIN_IDLE_ARG);
  if (idle !== undefined) return Math.max(0, idle);
  reply.error(`ERR Invalid min-idle-time argument for ${name}`);
  return undefined;
}

/** The consumer that claims, which is made if it is not there. */
function consumerFor(call: Call, arena: Arena, stream: Unit, group: Unit): Unit {
  let consumer = consumerNamed(call, CONSUMER_ARG, arena, group);
  if (consumer === 0) {
    const { input } = call.batch;
    const offset = call.offset(CONSUMER_ARG), length = call.length(CONSUMER_ARG);
    consumer = createConsumer(arena, stream, group, input, offset, length, call.nowMs);
    if (consumer === 0) throw new OutOfMemory();
    call.engine.stats.dirty++;
    call.notify(1, EVENT_STREAM, "xgroup-createconsumer");
  }
  setSeenTime(arena, consumer, call.nowMs);
  return consumer;
}

function replyClaimed(reply: ReplyWriter, arena: Arena, stream: Unit, justId: boolean): void {
  reply.array(claimed.count);
  for (let i = 0; i < claimed.count; i++) {
    if (justId) replyId(reply, claimed.words, i * ID_WORDS);
    else replyEntryOf(reply, arena, stream, claimed.words, i * ID_WORDS);
  }
}

export const XAUTOCLAIM = {
  name: "xautoclaim",
  arity: -6,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete"],
  since: "6.2.0",
  group: "stream",
  complexity: "O(1) if COUNT is small.",
  summary: "Changes, or acquires, ownership of messages in a consumer group, as if the messages " +
    "were delivered to as consumer group member.",
  syntax: "key group consumer min-idle-time start [COUNT count] [JUSTID]",
  argumentTypes: { "min-idle-time": "string", start: "string" },
  history: [[
    "7.0.0",
    "Added an element to the reply array, containing deleted entries the command cleared from " +
    "the PEL",
  ]],
  run(call, reply) {
    const ref = call.lookupRead(1);
    const minIdleMs = readMinIdle(call, reply, "XAUTOCLAIM");
    if (minIdleMs === undefined || !readStart(call, START_ARG, reply, start)) return;
    let limit = DEFAULT_COUNT;
    let justId = false;
    for (let i = START_ARG + 1; i < call.argc; i++) {
      if (call.is(i, "COUNT") && i + 1 < call.argc) {
        const count = call.int64(++i);
        if (count === undefined || count < 1 || count > MAX_COUNT) {
          return reply.error("ERR COUNT must be > 0");
        }
        limit = Number(count);
      } else if (call.is(i, "JUSTID")) {
        justId = true;
      } else {
        return reply.error(SYNTAX_ERROR);
      }
    }
    if (ref !== 0 && !isStream(call, ref, reply)) return;
    const { keyspace } = call.engine;
    const arena = ref === 0 ? keyspace.arenas[0] : streamArena(keyspace, ref);
    const stream = ref === 0 ? 0 : streamUnit(keyspace, ref);
    const group = ref === 0 ? 0 : groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.error(noSuchGroup(call));
    if (!isName(call, CONSUMER_ARG, reply)) return;
    const consumer = consumerFor(call, arena, stream, group);
    const next = claimIdle(call, arena, stream, group, consumer, limit, minIdleMs, justId);
    reply.array(3);
    if (next === 0) setZeroId(start, 0);
    else copyId(arena.words, pendingIdAt(next), start, 0);
    replyId(reply, start, 0);
    replyClaimed(reply, arena, stream, justId);
    reply.array(deleted.count);
    for (let i = 0; i < deleted.count; i++) replyId(reply, deleted.words, i * ID_WORDS);
  },
} as const satisfies CommandSpec;

/** Claims what is pending from `start` on. @returns what is pending behind that, 0 = nothing */
function claimIdle(
  call: Call,
  arena: Arena,
  stream: Unit,
  group: Unit,
  consumer: Unit,
  limit: number,
  minIdleMs: number,
  justId: boolean,
): Unit {
  const { nowMs } = call;
  const { stats } = call.engine;
  const { words } = arena;
  const tree = pendingOf(group);
  claimed.clear();
  deleted.clear();
  let attempts = limit * ATTEMPTS_FACTOR;
  let pending = valueFrom(arena, tree, start, 0);
  for (let left = limit; attempts > 0 && left > 0 && pending !== 0; attempts--) {
    copyId(words, pendingIdAt(pending), start, 0);
    if (!hasEntry(arena, stream, start, 0)) {
      removePending(arena, stream, group, pending);
      deleted.push(start, 0);
      stats.dirty++;
      left--;
    } else if (minIdleMs === 0 || nowMs - deliveryTimeOf(arena, pending) >= minIdleMs) {
      if (!assignPending(arena, stream, pending, consumer)) throw new OutOfMemory();
      redeliver(arena, pending, nowMs, !justId);
      setActiveTime(arena, consumer, nowMs);
      claimed.push(start, 0);
      stats.dirty++;
      left--;
    }
    pending = valueAfter(arena, tree, start, 0);
  }
  return pending;
}
