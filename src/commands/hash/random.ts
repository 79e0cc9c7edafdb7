/** HRANDFIELD: fields picked at random. */
import { HashReader } from "../../engine/hash_reader.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, OUT_OF_RANGE, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf } from "./arguments.ts";

const NOT_AN_INT64 = "ERR value is out of range, value must between -9223372036854775807 " +
  "and 9223372036854775807";
const INT64_MIN = -(1n << 63n);
const HALF_INT64_MAX = (1n << 62n) - 1n;
/** More fields would not make a reply that anybody can hold. */
const MAX_REPLY_FIELDS = 2 ** 24;
const REPLY_TOO_LARGE = "ERR value is out of range, the reply would be too large";
/** When more than a third is asked for, all fields are gone through instead of drawing some. */
const MANY_PART = 3;

export const HRANDFIELD = {
  name: "hrandfield",
  arity: -2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "hash",
  complexity: "O(N) where N is the number of fields returned",
  summary: "Returns one or more random fields from a hash.",
  syntax: "key [count [WITHVALUES]]",
  run(call, reply) {
    if (call.argc > 2) return drawSeveral(call, reply);
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    if (ref === 0) return reply.nil();
    const reader = new HashReader(call.engine.keyspace, ref);
    reader.replyField(reader.random(call.engine.random), reply);
  },
} as const satisfies CommandSpec;

function drawSeveral(call: Call, reply: ReplyWriter): void {
  const exact = call.int64(2);
  if (exact === undefined) return reply.error(NOT_AN_INTEGER);
  if (exact === INT64_MIN) return reply.error(NOT_AN_INT64);
  const hasValues = call.argc === 4;
  if (call.argc > 4 || (hasValues && !call.is(3, "WITHVALUES"))) return reply.error(SYNTAX_ERROR);
  if (hasValues && (exact > HALF_INT64_MAX || exact < -HALF_INT64_MAX)) {
    return reply.error(OUT_OF_RANGE);
  }
  const count = Number(exact);
  const ref = hashOf(call, call.lookupRead(1), reply);
  if (ref === undefined) return;
  if (ref === 0 || count === 0) return reply.array(0);
  const reader = new HashReader(call.engine.keyspace, ref);
  if (-count > MAX_REPLY_FIELDS) return reply.error(REPLY_TOO_LARGE);
  const wanted = count < 0 ? -count : Math.min(count, reader.length);
  const arePairs = hasValues && reply.version > 2;
  reply.array(hasValues && !arePairs ? 2 * wanted : wanted);
  const answer = (field: number): void => {
    if (arePairs) reply.array(2);
    reader.replyField(field, reply);
    if (hasValues) reader.replyValue(field, reply);
  };
  const { random } = call.engine;
  if (count < 0) {
    for (let i = 0; i < wanted; i++) answer(reader.random(random));
  } else if (wanted * MANY_PART > reader.length) {
    let left = reader.length, missing = wanted;
    reader.forEach((field) => {
      // Every subset of that size is as probable as any other.
      if (random.below(left--) >= missing) return;
      missing--;
      answer(field);
    });
  } else {
    const drawn = new Set<number>();
    while (drawn.size < wanted) {
      const field = reader.random(random);
      if (drawn.has(field)) continue;
      drawn.add(field);
      answer(field);
    }
  }
}
