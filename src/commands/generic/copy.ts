/** COPY and MOVE: the same value under another name, or in another database. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { areSameArguments, readDatabaseIndex, SAME_OBJECT } from "./arguments.ts";

const FIRST_OPTION_ARG = 3;

export const COPY = {
  name: "copy",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [1, 2, 1],
  keyFlags: ["RO", "access"],
  lastKeyFlags: ["OW", "update"],
  since: "6.2.0",
  group: "generic",
  complexity: "O(N) worst case for collections, where N is the number of nested items. " +
    "O(1) for string values.",
  summary: "Copies the value of a key to a new key.",
  syntax: "source destination [DB destination-db] [REPLACE]",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    let target = call.db;
    let replaces = false;
    for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
      if (call.is(i, "REPLACE")) {
        replaces = true;
      } else if (call.is(i, "DB") && i + 1 < call.argc) {
        const index = readDatabaseIndex(call, ++i, reply);
        if (index < 0) return;
        target = keyspace.databases[index];
      } else {
        reply.error(SYNTAX_ERROR);
        return;
      }
    }
    if (target === call.db && areSameArguments(call, 1, 2)) {
      if (call.session.dialect === "upstash") reply.integer(0);
      else reply.error(SAME_OBJECT);
      return;
    }
    const source = call.first + 1;
    const destination = call.first + 2;
    if (
      call.lookupRead(1) === 0 ||
      (keyspace.lookupWrite(target, call.batch, destination) !== 0 && !replaces)
    ) {
      reply.integer(0);
      return;
    }
    // What is there is overwritten, not removed first: it survives when memory runs out.
    keyspace.copy(call.db, call.batch, source, target, destination);
    const { changes } = keyspace;
    if (changes.isHeard) {
      changes.touched(target, call.batch, destination);
      changes.notify(target, call.batch, destination, EVENT_GENERIC, "copy_to");
    }
    reply.integer(1);
  },
} as const satisfies CommandSpec;

export const MOVE = {
  name: "move",
  arity: 3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Moves a key to another database.",
  syntax: "key db",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const index = readDatabaseIndex(call, 2, reply);
    if (index < 0) return;
    const target = keyspace.databases[index];
    if (target === call.db) {
      reply.error(SAME_OBJECT);
      return;
    }
    const key = call.first + 1;
    if (call.lookupWrite(1) === 0 || keyspace.lookupWrite(target, call.batch, key) !== 0) {
      reply.integer(0);
      return;
    }
    keyspace.copy(call.db, call.batch, key, target, key);
    call.remove(1);
    const { changes } = keyspace;
    if (changes.isHeard) {
      call.touched(1);
      changes.touched(target, call.batch, key);
      call.notify(1, EVENT_GENERIC, "move_from");
      changes.notify(target, call.batch, key, EVENT_GENERIC, "move_to");
    }
    reply.integer(1);
  },
} as const satisfies CommandSpec;
