/** APPEND, SETRANGE, GETRANGE and SUBSTR: parts of values. */
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import { replyRange, setString, stringLength, writeRange } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, STRING_TOO_LONG, WRONG_TYPE } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const NOTHING = new Uint8Array(0);

export const APPEND = {
  name: "append",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "insert"],
  since: "2.0.0",
  group: "string",
  complexity: "O(1). The amortized time complexity is O(1) assuming the appended value is small " +
    "and the already present value is of any size, since the dynamic string library used by " +
    "Redis will double the free space available on every reallocation.",
  summary: "Appends a string to the value of a key. Creates the key if it doesn't exist.",
  syntax: "key value",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupWrite(1);
    const added = call.length(2);
    if (ref === 0) {
      const { batch } = call;
      setString(
        keyspace,
        call.db,
        batch,
        call.first + 1,
        batch.input,
        call.offset(2),
        added,
        0,
      );
      call.changed(1, EVENT_STRING, "append");
      reply.integer(added);
      return;
    }
    if (keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    const length = stringLength(keyspace, ref);
    if (length + added > call.engine.settings.protoMaxBulkLen) {
      reply.error(STRING_TOO_LONG);
      return;
    }
    overwrite(call, ref, length, 2);
    call.changed(1, EVENT_STRING, "append");
    reply.integer(length + added);
  },
} as const satisfies CommandSpec;

export const SETRANGE = {
  name: "setrange",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "2.2.0",
  group: "string",
  complexity: "O(1), not counting the time taken to copy the new string in place. Usually, this " +
    "string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) " +
    "with M being the length of the value argument.",
  summary: "Overwrites a part of a string value with another by an offset. " +
    "Creates the key if it doesn't exist.",
  syntax: "key offset value",
  run(call, reply) {
    const offset = call.integer(2);
    if (offset === undefined) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
    if (offset < 0) {
      reply.error("ERR offset is out of range");
      return;
    }
    const keyspace = call.engine.keyspace;
    const ref = call.lookupWrite(1);
    if (ref !== 0 && keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    const length = ref === 0 ? 0 : stringLength(keyspace, ref);
    const end = offset + call.length(3);
    if (end === offset) {
      reply.integer(length);
      return;
    }
    if (end > call.engine.settings.protoMaxBulkLen) {
      reply.error(STRING_TOO_LONG);
      return;
    }
    if (ref === 0) createPadded(call, offset, 3);
    else overwrite(call, ref, offset, 3);
    call.changed(1, EVENT_STRING, "setrange");
    reply.integer(Math.max(length, end));
  },
} as const satisfies CommandSpec;

export const GETRANGE = {
  name: "getrange",
  arity: 4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.4.0",
  group: "string",
  complexity: "O(N) where N is the length of the returned string. The complexity is ultimately " +
    "determined by the returned length, but because creating a substring from an existing " +
    "string is very cheap, it can be considered O(1) for small strings.",
  summary: "Returns a substring of the string stored at a key.",
  syntax: "key start end",
  run(call, reply) {
    replySubstring(call, reply);
  },
} as const satisfies CommandSpec;

export const SUBSTR = {
  name: "substr",
  arity: 4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "string",
  complexity: "O(N) where N is the length of the returned string. The complexity is ultimately " +
    "determined by the returned length, but because creating a substring from an existing " +
    "string is very cheap, it can be considered O(1) for small strings.",
  summary: "Returns a substring from a string value.",
  syntax: "key start end",
  deprecated: { since: "2.0.0", replacedBy: "`GETRANGE`" },
  run(call, reply) {
    replySubstring(call, reply);
  },
} as const satisfies CommandSpec;

/** Makes a key of zero bytes up to `start` and the argument behind them; like Redis, never an integer. */
function createPadded(call: Call, start: number, valueArg: number): void {
  const { batch } = call;
  const keyspace = call.engine.keyspace;
  const empty = setString(keyspace, call.db, batch, call.first + 1, batch.input, 0, 0, 0);
  try {
    overwrite(call, empty, start, valueArg);
  } catch (error) {
    call.remove(1);
    throw error;
  }
}

/** Writes the argument into the record's value. */
function overwrite(call: Call, ref: RecordRef, start: number, valueArg: number): void {
  const { batch } = call;
  writeRange(
    call.engine.keyspace,
    call.db,
    batch,
    call.first + 1,
    ref,
    start,
    batch.input,
    call.offset(valueArg),
    call.length(valueArg),
  );
}

function replySubstring(call: Call, reply: ReplyWriter): void {
  const exactStart = call.int64(2);
  const exactEnd = call.int64(3);
  if (exactStart === undefined || exactEnd === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const keyspace = call.engine.keyspace;
  const ref = call.lookupRead(1);
  if (ref === 0) {
    reply.bytes(NOTHING);
    return;
  }
  if (keyspace.typeOf(ref) !== TYPE_STRING) {
    reply.error(WRONG_TYPE);
    return;
  }
  const length = stringLength(keyspace, ref);
  // Two ends before the string's start both become 0 below, which must not make them a range.
  const isBackward = exactStart < 0 && exactEnd < 0 && exactStart > exactEnd;
  const startArg = Number(exactStart);
  const endArg = Number(exactEnd);
  const start = Math.max(startArg < 0 ? startArg + length : startArg, 0);
  const end = Math.min(Math.max(endArg < 0 ? endArg + length : endArg, 0), length - 1);
  if (isBackward || start > end) reply.bytes(NOTHING);
  else replyRange(keyspace, ref, start, end - start + 1, reply);
}
