/** HGETALL, HKEYS and HVALS: everything in a hash. */
import { HashReader } from "../../engine/hash_reader.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { hashOf } from "./arguments.ts";

export const HGETALL = {
  name: "hgetall",
  arity: 2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the size of the hash.",
  summary: "Returns all fields and values in a hash.",
  syntax: "key",
  run(call, reply) {
    const reader = readerOf(call, reply);
    if (reader === undefined) return;
    reply.map(reader === null ? 0 : reader.length);
    reader?.forEach((field) => {
      reader.replyField(field, reply);
      reader.replyValue(field, reply);
    });
  },
} as const satisfies CommandSpec;

export const HKEYS = {
  name: "hkeys",
  arity: 2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the size of the hash.",
  summary: "Returns all fields in a hash.",
  syntax: "key",
  run(call, reply) {
    const reader = readerOf(call, reply);
    if (reader === undefined) return;
    reply.array(reader === null ? 0 : reader.length);
    reader?.forEach((field) => reader.replyField(field, reply));
  },
} as const satisfies CommandSpec;

export const HVALS = {
  name: "hvals",
  arity: 2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) where N is the size of the hash.",
  summary: "Returns all values in a hash.",
  syntax: "key",
  run(call, reply) {
    const reader = readerOf(call, reply);
    if (reader === undefined) return;
    reply.array(reader === null ? 0 : reader.length);
    reader?.forEach((field) => reader.replyValue(field, reply));
  },
} as const satisfies CommandSpec;

/** @returns null where there is no hash; undefined after an error was replied */
function readerOf(call: Call, reply: ReplyWriter): HashReader | null | undefined {
  const ref = hashOf(call, call.lookupRead(1), reply);
  if (ref === undefined) return undefined;
  return ref === 0 ? null : new HashReader(call.engine.keyspace, ref);
}
