/** SCAN: the names of all keys, a few at a time. */
import { globPrefixLength } from "../../bytes/glob.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { PREFIX_START, scanLivePrefix } from "../../engine/prefix_scan.ts";
import { ScanCursors } from "../../engine/scan_cursors.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { DEFAULT_SCAN_COUNT, INVALID_CURSOR, readCursor } from "../scan_options.ts";
import type { CommandSpec } from "../spec.ts";
import { foundRecords } from "./record_list.ts";

const FIRST_OPTION_ARG = 2;
const NO_PREFIX = new Uint8Array(0);

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
    let count = DEFAULT_SCAN_COUNT;
    let pattern: Uint8Array | undefined;
    let type: string | undefined;
    let withTypes = false;
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
      } else if (call.session.dialect === "upstash" && call.is(i, "WITHTYPE")) {
        withTypes = true;
        i--;
      } else {
        reply.error(SYNTAX_ERROR);
        return;
      }
    }
    const keyspace = call.engine.keyspace;
    foundRecords.clear();
    const next = scanKeys(call, cursor, count, pattern, (ref) => {
      if (pattern !== undefined && !keyspace.matchesKey(ref, pattern)) return;
      if (type !== undefined && keyspace.typeName(ref) !== type) return;
      foundRecords.add(ref);
    });
    reply.array(2);
    reply.text(String(next));
    if (withTypes) foundRecords.replyKeysAndTypes(keyspace, reply);
    else foundRecords.replyKeys(keyspace, reply);
    foundRecords.clear();
  },
} as const satisfies CommandSpec;

/**
 * Visits some keys: by the ordered index, if there is one, those that begin as the pattern does, else
 * any. A cursor of a place that is not known any more, or not one of the pattern's prefix, goes
 * through all keys from the beginning on, by the hash index: so nothing is passed over and the end is
 * reached in any case.
 * @returns the next cursor, 0 at the end
 */
function scanKeys(
  call: Call,
  cursor: number,
  count: number,
  pattern: Uint8Array | undefined,
  visit: (ref: RecordRef) => void,
): number {
  const { keyspace, scanCursors } = call.engine;
  const { keyIndex } = call.db;
  if (keyIndex === undefined) return keyspace.scan(call.db, cursor, count, visit);
  const prefix = pattern?.subarray(0, globPrefixLength(pattern)) ?? NO_PREFIX;
  const from = cursor === 0 && prefix.length > 0 ? PREFIX_START : scanCursors.find(cursor, prefix);
  if (from === undefined) {
    return keyspace.scan(call.db, ScanCursors.isPlace(cursor) ? 0 : cursor, count, visit);
  }
  const next = scanLivePrefix(keyspace, call.db, keyIndex, prefix, from, count, visit);
  return next === undefined ? 0 : scanCursors.add(prefix, next);
}
