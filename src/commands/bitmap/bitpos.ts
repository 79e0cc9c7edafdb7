/** BITPOS: the first bit of a string that is set, or clear. */
import type { RecordRef } from "../../engine/keyspace.ts";
import { makeStretch, stretchAt } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import { findBit } from "../../structs/bitmap.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  bitRange,
  BITS_PER_BYTE,
  byteAt,
  isStringOrReply,
  type RangeArguments,
  readInt64,
  readUnit,
} from "./arguments.ts";

const NOT_A_BIT = "ERR The bit argument must be 1 or 0.";
const END_ARG = 4;
const UNIT_ARG = 5;

const stretch = makeStretch();

export const BITPOS = {
  name: "bitpos",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.8.7",
  group: "bitmap",
  complexity: "O(N)",
  summary: "Finds the first set (1) or clear (0) bit in a string.",
  syntax: "key bit [start [end [BYTE | BIT]]]",
  argumentTypes: { bit: "integer" },
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  run(call, reply) {
    const bit = call.int64(2);
    if (bit !== 0 && bit !== 1) {
      reply.error(bit === undefined ? NOT_AN_INTEGER : NOT_A_BIT);
      return;
    }
    const ref = call.lookupRead(1);
    if (!isStringOrReply(call, ref, reply)) return;
    if (ref === 0) {
      reply.integer(bit === 1 ? -1 : 0);
      return;
    }
    const args = readRange(call, reply);
    if (args === undefined) return;
    const { first, last } = bitRange(args, stringLength(call.engine.keyspace, ref));
    if (first > last) {
      reply.integer(-1);
      return;
    }
    const position = findInRange(call, ref, first, last, bit);
    // A string ends in endless zero bits, unless the range has an end.
    const isBehind = position < 0 && bit === 0 && call.argc <= END_ARG;
    reply.integer(isBehind ? last + 1 : position);
  },
} as const satisfies CommandSpec;

/** @returns undefined after an error was replied */
function readRange(call: Call, reply: ReplyWriter): RangeArguments | undefined {
  if (call.argc === 3) return { start: 0, end: -1, isInBits: false };
  if (call.argc > UNIT_ARG + 1) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const start = readInt64(call, 3, reply);
  if (start === undefined) return undefined;
  const isInBits = call.argc > UNIT_ARG ? readUnit(call, UNIT_ARG, reply) : false;
  if (isInBits === undefined) return undefined;
  const end = call.argc > END_ARG ? readInt64(call, END_ARG, reply) : -1;
  return end === undefined ? undefined : { start, end, isInBits };
}

/** @returns the position of the first such bit from `first` to `last`, -1 where there is none */
function findInRange(
  call: Call,
  ref: RecordRef,
  first: number,
  last: number,
  bit: number,
): number {
  const { keyspace } = call.engine;
  let index = Math.floor(first / BITS_PER_BYTE);
  const within = first % BITS_PER_BYTE;
  if (within > 0) {
    const wanted = (byteAt(call, ref, index) ^ (bit === 1 ? 0 : 0xff)) & (0xff >> within);
    const position = index * BITS_PER_BYTE + Math.clz32(wanted) - 24;
    if (wanted !== 0) return position <= last ? position : -1;
    index++;
  }
  const end = Math.floor(last / BITS_PER_BYTE) + 1;
  while (index < end) {
    stretchAt(keyspace, ref, index, stretch);
    const length = Math.min(stretch.length, end - index);
    const found = findBit(stretch.region.view, stretch.offset, length, bit);
    if (found >= 0) {
      const position = index * BITS_PER_BYTE + found;
      return position <= last ? position : -1;
    }
    index += length;
  }
  return -1;
}
