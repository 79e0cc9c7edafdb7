/** XLEN, XRANGE and XREVRANGE: what is in a stream. */
import { streamArena, streamUnit } from "../../engine/streams.ts";
import { replyRange } from "../../engine/stream_replies.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { streamLength } from "../../structs/stream_header.ts";
import { ID_WORDS } from "../../structs/stream_id.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { isStream, readEnd, readStart } from "./arguments.ts";

const FIRST_OPTION_ARG = 4;

export const XLEN = {
  name: "xlen",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Return the number of messages in a stream.",
  syntax: "key",
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.integer(0);
    if (!isStream(call, ref, reply)) return;
    const { keyspace } = call.engine;
    reply.integer(streamLength(streamArena(keyspace, ref), streamUnit(keyspace, ref)));
  },
} as const satisfies CommandSpec;

const RANGE_COMPLEXITY =
  "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking " +
  "for the first 10 elements with COUNT), you can consider it O(1).";

export const XRANGE = {
  name: "xrange",
  arity: -4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity: RANGE_COMPLEXITY,
  summary: "Returns the messages from a stream within a range of IDs.",
  syntax: "key start end [COUNT count]",
  argumentTypes: { start: "string", end: "string" },
  history: [["6.2.0", "Added exclusive ranges."]],
  run(call, reply) {
    runRange(call, reply, false);
  },
} as const satisfies CommandSpec;

export const XREVRANGE = {
  name: "xrevrange",
  arity: -4,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "5.0.0",
  group: "stream",
  complexity: RANGE_COMPLEXITY,
  summary: "Returns the messages from a stream within a range of IDs in reverse order.",
  syntax: "key end start [COUNT count]",
  argumentTypes: { start: "string", end: "string" },
  history: [["6.2.0", "Added exclusive ranges."]],
  run(call, reply) {
    runRange(call, reply, true);
  },
} as const satisfies CommandSpec;

const start = new Int32Array(ID_WORDS);
const end = new Int32Array(ID_WORDS);

function runRange(call: Call, reply: ReplyWriter, isReverse: boolean): void {
  if (!readStart(call, isReverse ? 3 : 2, reply, start)) return;
  if (!readEnd(call, isReverse ? 2 : 3, reply, end)) return;
  let limit = Infinity;
  for (let i = FIRST_OPTION_ARG; i < call.argc; i += 2) {
    if (i + 1 === call.argc || !call.is(i, "COUNT")) return reply.error(SYNTAX_ERROR);
    const count = call.integer(i + 1);
    if (count === undefined) return reply.error(NOT_AN_INTEGER);
    limit = Math.max(0, count);
  }
  const ref = call.lookupRead(1);
  if (ref === 0) return reply.array(0);
  if (!isStream(call, ref, reply)) return;
  if (limit === 0) return reply.nilArray();
  const { keyspace } = call.engine;
  const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
  replyRange(reply, arena, stream, start, 0, end, 0, limit, isReverse);
}
