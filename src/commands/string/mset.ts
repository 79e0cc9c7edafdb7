/** MSET and MSETNX: stores several values at once. */
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { setString } from "../../engine/strings.ts";
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

export const MSET = {
  name: "mset",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [1, -1, 2],
  keyFlags: ["OW", "update"],
  since: "1.0.1",
  group: "string",
  complexity: "O(N) where N is the number of keys to set.",
  summary: "Atomically creates or modifies the string values of one or more keys.",
  syntax: "key value [key value ...]",
  run(call, reply) {
    if (!hasWholePairs(call)) {
      reply.error(wrongArity(call.name));
      return;
    }
    storePairs(call);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const MSETNX = {
  name: "msetnx",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [1, -1, 2],
  keyFlags: ["OW", "insert"],
  since: "1.0.1",
  group: "string",
  complexity: "O(N) where N is the number of keys to set.",
  summary:
    "Atomically modifies the string values of one or more keys only when all keys don't exist.",
  syntax: "key value [key value ...]",
  run(call, reply) {
    if (!hasWholePairs(call)) {
      reply.error(wrongArity(call.name));
      return;
    }
    for (let i = 1; i < call.argc; i += 2) {
      if (call.lookupWrite(i) !== 0) {
        reply.integer(0);
        return;
      }
    }
    storePairs(call);
    reply.integer(1);
  },
} as const satisfies CommandSpec;

function hasWholePairs(call: Call): boolean {
  return call.argc % 2 === 1;
}

function storePairs(call: Call): void {
  const { batch, db, first, argc } = call;
  const keyspace = call.engine.keyspace;
  const input = batch.input;
  for (let i = 1; i < argc; i += 2) {
    setString(
      keyspace,
      db,
      batch,
      first + i,
      input,
      call.offset(i + 1),
      call.length(i + 1),
      0,
    );
    call.changed(i, EVENT_STRING, "set");
  }
}
