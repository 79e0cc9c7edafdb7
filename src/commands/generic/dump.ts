/** DUMP and RESTORE: values as bytes that other servers understand, and back. */
import { dumpValue } from "../../engine/dump.ts";
import { EVENT_GENERIC, EVENT_NEW } from "../../engine/key_changes.ts";
import { NO_EXPIRY, type RecordRef } from "../../engine/keyspace.ts";
import { restoreValue } from "../../engine/restore.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { FOOTER_BYTES } from "../../structs/rdb_format.ts";
import { BadPayload, isSoundPayload } from "../../structs/rdb_reader.ts";
import { RdbWriter } from "../../structs/rdb_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const BUSY_KEY = "BUSYKEY Target key name already exists.";
const BAD_TTL = "ERR Invalid TTL value, must be >= 0";
const BAD_IDLE_TIME = "ERR Invalid IDLETIME value, must be >= 0";
const BAD_FREQUENCY = "ERR Invalid FREQ value, must be >= 0 and <= 255";
const BAD_CHECKSUM = "ERR DUMP payload version or checksum are wrong";
const BAD_FORMAT = "ERR Bad data format";

const PAYLOAD_ARG = 3;
const FIRST_OPTION_ARG = 4;
const MAX_FREQUENCY = 255;
const UNKNOWN = -1;

const writer = new RdbWriter();

export const DUMP = {
  name: "dump",
  arity: 2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.6.0",
  group: "generic",
  complexity: "O(1) to access the key and additional O(N*M) to serialize it, where N is the " +
    "number of Redis objects composing the value and M their average size. For small string " +
    "values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
  summary: "Returns a serialized representation of the value stored at a key.",
  syntax: "key",
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (ref === 0) {
      reply.nil();
      return;
    }
    dumpValue(call.engine.keyspace, ref, writer);
    reply.bulk(writer.memory, 0, writer.length);
  },
} as const satisfies CommandSpec;

export const RESTORE = {
  name: "restore",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["OW", "update"],
  categories: ["dangerous"],
  since: "2.6.0",
  group: "generic",
  complexity: "O(1) to create the new key and additional O(N*M) to reconstruct the serialized " +
    "value, where N is the number of Redis objects composing the value and M their average " +
    "size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, " +
    "so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because " +
    "inserting values into sorted sets is O(log(N)).",
  summary: "Creates a key from the serialized representation of a value.",
  syntax: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
  argumentTypes: { ttl: "integer", frequency: "integer" },
  history: [
    ["3.0.0", "Added the `REPLACE` modifier."],
    ["5.0.0", "Added the `ABSTTL` modifier."],
    ["5.0.0", "Added the `IDLETIME` and `FREQ` options."],
  ],
  run(call, reply) {
    const options = readOptions(call, reply);
    if (options === undefined) return;
    if (!options.replaces && call.lookupWrite(1) !== 0) {
      reply.error(BUSY_KEY);
      return;
    }
    const ttl = call.int64(2);
    if (ttl === undefined || ttl < 0) {
      reply.error(ttl === undefined ? NOT_AN_INTEGER : BAD_TTL);
      return;
    }
    const { input } = call.batch;
    if (!isSoundPayload(input, call.offset(PAYLOAD_ARG), call.length(PAYLOAD_ARG))) {
      reply.error(BAD_CHECKSUM);
      return;
    }
    restore(call, reply, options, ttl);
  },
} as const satisfies CommandSpec;

interface RestoreOptions {
  replaces: boolean;
  isAbsolute: boolean;
  /** Seconds, or UNKNOWN. */
  idleTime: number;
  /** Access counter, or UNKNOWN. */
  frequency: number;
}

/** @returns undefined after an error was replied */
function readOptions(call: Call, reply: ReplyWriter): RestoreOptions | undefined {
  const options = { replaces: false, isAbsolute: false, idleTime: UNKNOWN, frequency: UNKNOWN };
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    const hasMore = i + 1 < call.argc;
    if (call.is(i, "REPLACE")) {
      options.replaces = true;
    } else if (call.is(i, "ABSTTL")) {
      options.isAbsolute = true;
    } else if (call.is(i, "IDLETIME") && hasMore && options.frequency === UNKNOWN) {
      const seconds = readNumber(call, ++i, Infinity, BAD_IDLE_TIME, reply);
      if (seconds === undefined) return undefined;
      options.idleTime = seconds;
    } else if (call.is(i, "FREQ") && hasMore && options.idleTime === UNKNOWN) {
      const frequency = readNumber(call, ++i, MAX_FREQUENCY, BAD_FREQUENCY, reply);
      if (frequency === undefined) return undefined;
      options.frequency = frequency;
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

/** @returns undefined after an error was replied */
function readNumber(
  call: Call,
  i: number,
  most: number,
  error: string,
  reply: ReplyWriter,
): number | undefined {
  const value = call.integer(i);
  if (value !== undefined && value >= 0 && value <= most) return value;
  reply.error(value === undefined ? NOT_AN_INTEGER : error);
  return undefined;
}

function restore(
  call: Call,
  reply: ReplyWriter,
  options: RestoreOptions,
  ttl: number | bigint,
): void {
  const { engine, db, batch } = call;
  const { keyspace } = engine;
  const { dirty } = keyspace.stats;
  const arg = call.first + 1;
  const moment = momentOf(ttl, options.isAbsolute ? 0 : call.nowMs);
  const isPast = moment !== NO_EXPIRY && moment <= call.nowMs;
  // A value whose time is over is read nonetheless: it may be none.
  const expiresAtMs = isPast ? NO_EXPIRY : moment;
  const offset = call.offset(PAYLOAD_ARG);
  const length = call.length(PAYLOAD_ARG) - FOOTER_BYTES;
  const wasThere = call.peek(1) !== 0;
  let ref: RecordRef;
  // Nobody hears of keys that are there for a moment only, as the value is made.
  keyspace.changes.mute();
  try {
    ref = restoreValue({ engine, db, batch, arg, expiresAtMs }, batch.input, offset, length);
  } catch (error) {
    keyspace.stats.dirty = dirty;
    if (!(error instanceof BadPayload)) throw error;
    reply.error(BAD_FORMAT);
    return;
  } finally {
    keyspace.changes.unmute();
  }
  if (isPast || ref === 0) {
    call.remove(1);
    keyspace.stats.dirty = dirty + (wasThere ? 1 : 0);
    if (wasThere) call.changed(1, EVENT_GENERIC, "del");
  } else {
    const words = keyspace.wordsOf(ref);
    keyspace.access.restored(words, keyspace.localOf(ref), options.idleTime, options.frequency);
    keyspace.stats.dirty = dirty + 1;
    // Also where a value was replaced: as if it had been removed first.
    call.notify(1, EVENT_NEW, "new");
    call.changed(1, EVENT_GENERIC, "restore");
    engine.blocking.signal(db, batch, arg);
  }
  reply.ok();
}

/** The moment that a time to live leads to, as 64-bit integers add up; held at ±(2⁵³-1). */
function momentOf(ttl: number | bigint, baseMs: number): number {
  if (ttl === 0) return NO_EXPIRY;
  const sum = Number(BigInt.asIntN(64, BigInt(ttl) + BigInt(baseMs)));
  const limit = Number.MAX_SAFE_INTEGER;
  return Math.max(-limit, Math.min(limit, sum));
}
