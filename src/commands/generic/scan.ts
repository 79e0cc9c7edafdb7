/** SCAN: the names of all keys, a few at a time. */
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { readPrintable } from "./arguments.ts";
import { foundRecords } from "./record_list.ts";

const DEFAULT_COUNT = 10;
const FIRST_OPTION_ARG = 2;
const INVALID_CURSOR = "ERR invalid cursor";
const UINT64_MAX = (1n << 64n) - 1n;
/** Cursors that were given out are whole numbers of so many bits. */
const CURSOR_BITS = 53;
const CURSOR = /^([+-]?)0*(\d*)$/;
const MAX_CURSOR_DIGITS = 20;

export const SCAN = {
  name: "scan",
  arity: -2,
  flags: ["readonly"],
  since: "2.8.0",
  group: "generic",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls " +
    "for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over the key names in the database.",
  syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]",
  history: [["6.0.0", "Added the `TYPE` subcommand."]],
  run(call, reply) {
    const cursor = readCursor(call, 1);
    if (cursor === undefined) {
      reply.error(INVALID_CURSOR);
      return;
    }
    let count = DEFAULT_COUNT;
    let pattern: Uint8Array | undefined;
    let type: string | undefined;
    for (let i = FIRST_OPTION_ARG; i < call.argc; i += 2) {
      const hasValue = i + 1 < call.argc;
      if (hasValue && call.is(i, "COUNT")) {
        const value = call.integer(i + 1);
        if (value === undefined || value < 1) {
          reply.error(value === undefined ? NOT_AN_INTEGER : SYNTAX_ERROR);
          return;
        }
        count = value;
      } else if (hasValue && call.is(i, "MATCH")) {
        pattern = call.is(i + 1, "*") ? undefined : call.bytes(i + 1);
      } else if (hasValue && call.is(i, "TYPE")) {
        type = call.keyword(i + 1);
      } else {
        reply.error(SYNTAX_ERROR);
        return;
      }
    }
    const keyspace = call.engine.keyspace;
    foundRecords.clear();
    const next = keyspace.scan(call.db, cursor, count, (ref) => {
      if (pattern !== undefined && !keyspace.matchesKey(ref, pattern)) return;
      if (type !== undefined && keyspace.typeName(ref) !== type) return;
      foundRecords.add(ref);
    });
    reply.array(2);
    reply.text(String(next));
    foundRecords.replyKeys(keyspace, reply);
    foundRecords.clear();
  },
} as const satisfies CommandSpec;

/**
 * Reads an unsigned 64-bit integer as C's `strtoul` does: a sign and leading zeros are fine, a
 * negative one counts from the top, and no digits at all are 0 where there is nothing else either.
 * @returns its low 53 bits; undefined if it is none
 */
function readCursor(call: Call, i: number): number | undefined {
  const plain = call.int64(i);
  if (typeof plain === "number" && plain >= 0) return plain;
  const text = readPrintable(call, i);
  const match = CURSOR.exec(text);
  if (match === null || text === "+" || text === "-" || match[2].length > MAX_CURSOR_DIGITS) {
    return undefined;
  }
  const size = BigInt(match[2]);
  if (size > UINT64_MAX) return undefined;
  return Number(BigInt.asUintN(CURSOR_BITS, match[1] === "-" ? -size : size));
}
