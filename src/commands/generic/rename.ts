/** RENAME and RENAMENX: giving a key another name. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import type { Call } from "../call.ts";
import { NO_SUCH_KEY } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { areSameArguments } from "./arguments.ts";

export const RENAME = {
  name: "rename",
  arity: 3,
  flags: ["write"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["OW", "update"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Renames a key and overwrites the destination.",
  syntax: "key newkey",
  run(call, reply) {
    if (call.lookupWrite(1) === 0) {
      reply.error(NO_SUCH_KEY);
      return;
    }
    if (!areSameArguments(call, 1, 2)) rename(call);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const RENAMENX = {
  name: "renamenx",
  arity: 3,
  flags: ["write", "fast"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["OW", "insert"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Renames a key only when the target key name doesn't exist.",
  syntax: "key newkey",
  history: [[
    "3.2.0",
    "The command no longer returns an error when source and destination names are the same.",
  ]],
  run(call, reply) {
    if (call.lookupWrite(1) === 0) {
      reply.error(NO_SUCH_KEY);
      return;
    }
    // The same name is taken, too.
    const isTaken = call.lookupWrite(2) !== 0;
    if (!isTaken) rename(call);
    reply.integer(isTaken ? 0 : 1);
  },
} as const satisfies CommandSpec;

function rename(call: Call): void {
  call.engine.keyspace.rename(call.db, call.batch, call.first + 1, call.first + 2);
  call.touched(1);
  call.touched(2);
  call.notify(1, EVENT_GENERIC, "rename_from");
  call.notify(2, EVENT_GENERIC, "rename_to");
}
