/** HSCAN: the fields of a hash, a few at a time. */
import { HashReader } from "../../engine/hash_reader.ts";
import type { CommandSpec } from "../spec.ts";
import { INVALID_CURSOR, readCursor, readScanOptions } from "../scan_options.ts";
import { hashOf } from "./arguments.ts";

const FIRST_OPTION_ARG = 3;

export const HSCAN = {
  name: "hscan",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.8.0",
  group: "hash",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls " +
    "for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over fields and values of a hash.",
  syntax: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
  history: [["7.4.0", "Added the `NOVALUES` option."]],
  run(call, reply) {
    const cursor = readCursor(call, 2);
    if (cursor === undefined) return reply.error(INVALID_CURSOR);
    const ref = hashOf(call, call.lookupRead(1), reply);
    if (ref === undefined) return;
    if (ref === 0) {
      reply.array(2);
      reply.text("0");
      return reply.array(0);
    }
    const options = readScanOptions(call, FIRST_OPTION_ARG, reply, "NOVALUES");
    if (options === undefined) return;
    const { count, hasFlag, pattern } = options;
    const reader = new HashReader(call.engine.keyspace, ref);
    const fields: number[] = [];
    const next = reader.scan(cursor, count, (field) => {
      if (pattern === undefined || reader.matches(pattern, field)) fields.push(field);
    });
    reply.array(2);
    reply.text(String(next));
    reply.array(hasFlag ? fields.length : 2 * fields.length);
    for (const field of fields) {
      reader.replyField(field, reply);
      if (!hasFlag) reader.replyValue(field, reply);
    }
  },
} as const satisfies CommandSpec;
