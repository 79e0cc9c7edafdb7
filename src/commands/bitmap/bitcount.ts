/** BITCOUNT: how many bits of a string are set. */
import type { RecordRef } from "../../engine/keyspace.ts";
import { makeStretch, stretchAt } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import { countBits } from "../../structs/bitmap.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import {
  bitRange,
  BITS_PER_BYTE,
  byteAt,
  isStringOrReply,
  type RangeArguments,
  readInt64,
  readUnit,
} from "./arguments.ts";

const WHOLE: RangeArguments = { start: 0, end: -1, isInBits: false };

const stretch = makeStretch();
const edge = new DataView(new ArrayBuffer(1));

export const BITCOUNT = {
  name: "bitcount",
  arity: -2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.6.0",
  group: "bitmap",
  complexity: "O(N)",
  summary: "Counts the number of set bits (population counting) in a string.",
  syntax: "key [start end [BYTE | BIT]]",
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  run(call, reply) {
    const ref = call.lookupRead(1);
    if (!isStringOrReply(call, ref, reply)) return;
    if (ref === 0) {
      reply.integer(0);
      return;
    }
    let args = WHOLE;
    if (call.argc === 4 || call.argc === 5) {
      const start = readInt64(call, 2, reply);
      const end = start === undefined ? undefined : readInt64(call, 3, reply);
      if (start === undefined || end === undefined) return;
      if (start < 0 && end < 0 && start > end) {
        reply.integer(0);
        return;
      }
      const isInBits = call.argc === 5 ? readUnit(call, 4, reply) : false;
      if (isInBits === undefined) return;
      args = { start, end, isInBits };
    } else if (call.argc !== 2) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const { first, last } = bitRange(args, stringLength(call.engine.keyspace, ref));
    reply.integer(first > last ? 0 : countRange(call, ref, first, last));
  },
} as const satisfies CommandSpec;

/** @param first @param last position of a bit of the string, counted with those between */
function countRange(call: Call, ref: RecordRef, first: number, last: number): number {
  const { keyspace } = call.engine;
  const firstByte = Math.floor(first / BITS_PER_BYTE);
  const end = Math.floor(last / BITS_PER_BYTE) + 1;
  let count = 0;
  for (let at = firstByte; at < end;) {
    stretchAt(keyspace, ref, at, stretch);
    const length = Math.min(stretch.length, end - at);
    count += countBits(stretch.region.view, stretch.offset, length);
    at += length;
  }
  const before = byteAt(call, ref, firstByte) & ~(0xff >> first % BITS_PER_BYTE);
  const behind = byteAt(call, ref, end - 1) & (0x7f >> last % BITS_PER_BYTE);
  return count - countByte(before) - countByte(behind);
}

function countByte(byte: number): number {
  edge.setUint8(0, byte);
  return countBits(edge, 0, 1);
}
