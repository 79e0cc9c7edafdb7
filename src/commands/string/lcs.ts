/** LCS: what two values have in common. */
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import { readAll } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import {
  type CommonSubsequence,
  commonSubsequenceLength,
  longestCommonSubsequence,
} from "./common_subsequence.ts";

const FIRST_OPTION_ARG = 3;
const MAX_LENGTH = 2 ** 32 - 2;
/** What a cell of the table takes in Redis, whose limit on the table's size is kept. */
const CELL_BYTES = 4;
const NUMBERS_PER_RANGE = 4;

export const LCS = {
  name: "lcs",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 2, 1],
  keyFlags: ["RO", "access"],
  since: "7.0.0",
  group: "string",
  complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
  summary: "Finds the longest common substring.",
  syntax: "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
  run(call, reply) {
    const a = call.lookupRead(1);
    const b = call.lookupRead(2);
    if (!isStringOrAbsent(call, a) || !isStringOrAbsent(call, b)) {
      reply.error("ERR The specified keys must contain string values");
      return;
    }
    let wantsLength = false;
    let wantsRanges = false;
    let withLengths = false;
    let minLength = 0;
    for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
      if (call.is(i, "IDX")) wantsRanges = true;
      else if (call.is(i, "LEN")) wantsLength = true;
      else if (call.is(i, "WITHMATCHLEN")) withLengths = true;
      else if (call.is(i, "MINMATCHLEN") && i + 1 < call.argc) {
        const value = call.integer(++i);
        if (value === undefined) {
          reply.error(NOT_AN_INTEGER);
          return;
        }
        minLength = value;
      } else {
        reply.error(SYNTAX_ERROR);
        return;
      }
    }
    if (wantsLength && wantsRanges) {
      reply.error("ERR If you want both the length and indexes, please just use IDX.");
      return;
    }
    const aBytes = bytesOf(call, a);
    const bBytes = bytesOf(call, b);
    const problem = sizeProblem(call, aBytes.length, bBytes.length);
    if (problem !== undefined) {
      reply.error(problem);
      return;
    }
    if (wantsLength) {
      reply.integer(commonSubsequenceLength(aBytes, bBytes));
      return;
    }
    const found = find(aBytes, bBytes);
    if (found === undefined) {
      reply.error("ERR Insufficient memory, failed allocating transient memory for LCS");
    } else if (wantsRanges) replyRanges(reply, found, minLength, withLengths);
    else reply.bytes(found.bytes);
  },
} as const satisfies CommandSpec;

function isStringOrAbsent(call: Call, ref: RecordRef): boolean {
  return ref === 0 || call.engine.keyspace.typeOf(ref) === TYPE_STRING;
}

function bytesOf(call: Call, ref: RecordRef): Uint8Array {
  return ref === 0 ? new Uint8Array(0) : readAll(call.engine.keyspace, ref);
}

/** @returns the error's text if the strings are too long for each other */
function sizeProblem(call: Call, aLength: number, bLength: number): string | undefined {
  if (aLength >= MAX_LENGTH || bLength >= MAX_LENGTH) return "ERR String too long for LCS";
  if ((aLength + 1) * (bLength + 1) * CELL_BYTES > call.engine.settings.protoMaxBulkLen) {
    return "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
  }
  return undefined;
}

function find(a: Uint8Array, b: Uint8Array): CommonSubsequence | undefined {
  try {
    return longestCommonSubsequence(a, b);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function replyRanges(
  reply: ReplyWriter,
  found: CommonSubsequence,
  minLength: number,
  withLengths: boolean,
): void {
  const ranges = found.ranges;
  let count = 0;
  for (let at = 0; at < ranges.length; at += NUMBERS_PER_RANGE) {
    if (ranges[at + 1] - ranges[at] + 1 >= minLength) count++;
  }
  reply.map(2);
  reply.text("matches");
  reply.array(count);
  for (let at = 0; at < ranges.length; at += NUMBERS_PER_RANGE) {
    const length = ranges[at + 1] - ranges[at] + 1;
    if (length < minLength) continue;
    reply.array(withLengths ? 3 : 2);
    reply.array(2);
    reply.integer(ranges[at]);
    reply.integer(ranges[at + 1]);
    reply.array(2);
    reply.integer(ranges[at + 2]);
    reply.integer(ranges[at + 3]);
    if (withLengths) reply.integer(length);
  }
  reply.text("len");
  reply.integer(found.bytes.length);
}
