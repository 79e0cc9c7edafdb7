/** KEYS and RANDOMKEY: names of keys. */
import { globPrefixLength } from "../../bytes/glob.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { forEachWithPrefix } from "../../engine/prefix_scan.ts";
import type { CommandSpec } from "../spec.ts";
import { foundRecords, replyKey } from "./record_list.ts";

export const KEYS = {
  name: "keys",
  arity: 2,
  flags: ["readonly"],
  categories: ["dangerous"],
  since: "1.0.0",
  group: "generic",
  complexity:
    "O(N) with N being the number of keys in the database, under the assumption that the " +
    "key names in the database and the given pattern have limited length.",
  summary: "Returns all key names that match a pattern.",
  syntax: "pattern",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const pattern = call.bytes(1);
    const takesAll = call.is(1, "*");
    foundRecords.clear();
    const visit = (ref: RecordRef): void => {
      if (takesAll || keyspace.matchesKey(ref, pattern)) foundRecords.add(ref);
    };
    const prefixLength = globPrefixLength(pattern);
    if (prefixLength === 0) keyspace.forEach(call.db, visit);
    else forEachWithPrefix(keyspace, call.db, pattern.subarray(0, prefixLength), visit);
    foundRecords.replyKeys(keyspace, reply);
    foundRecords.clear();
  },
} as const satisfies CommandSpec;

export const RANDOMKEY = {
  name: "randomkey",
  arity: 1,
  flags: ["readonly"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns a random key name from the database.",
  syntax: "",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = keyspace.randomKey(call.db);
    if (ref === 0) reply.nil();
    else replyKey(keyspace, ref, reply);
  },
} as const satisfies CommandSpec;
