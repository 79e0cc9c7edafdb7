/** DIGEST and DELEX: a short stand-in for a value, and removal on a condition. */
import { xxh3Hex } from "../../bytes/xxh3.ts";
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import { TYPE_STRING } from "../../engine/keyspace.ts";
import { readAll } from "../../engine/strings.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE, wrongArity } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import {
  COMPARISONS,
  conditionHolds,
  conditionOption,
  DIGEST_COMPARISONS,
  INVALID_DIGEST,
  isDigest,
} from "./conditions.ts";

const CONDITION_ARG = 2;
const COMPARED_ARG = 3;

export const DIGEST = {
  name: "digest",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "8.4.0",
  group: "string",
  complexity: "O(N) where N is the length of the string value.",
  summary: "Returns the XXH3 hash of a string value.",
  syntax: "key",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupRead(1);
    if (ref === 0) reply.nil();
    else if (keyspace.typeOf(ref) !== TYPE_STRING) reply.error(WRONG_TYPE);
    else reply.text(xxh3Hex(readAll(keyspace, ref)));
  },
} as const satisfies CommandSpec;

export const DELEX = {
  name: "delex",
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "delete", "variable_flags"],
  useOfKey: (_batch, _first, argc) =>
    argc > CONDITION_ARG ? ["RW", "access", "delete"] : ["RM", "delete"],
  since: "8.4.0",
  group: "string",
  complexity: "O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value.",
  summary: "Conditionally removes the specified key based on value or digest comparison.",
  syntax: "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]",
  run(call, reply) {
    if (call.argc === CONDITION_ARG) {
      reply.integer(remove(call) ? 1 : 0);
      return;
    }
    if (call.argc !== COMPARED_ARG + 1) {
      reply.error(wrongArity(call.name));
      return;
    }
    const ref = call.lookupRead(1);
    if (ref === 0) {
      reply.integer(0);
      return;
    }
    if (call.engine.keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error("ERR Key should be of string type if conditions are specified");
      return;
    }
    const condition = conditionOption(call, CONDITION_ARG) & COMPARISONS;
    if (condition === 0) {
      reply.error("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
      return;
    }
    if ((condition & DIGEST_COMPARISONS) !== 0 && !isDigest(call, COMPARED_ARG)) {
      reply.error(INVALID_DIGEST);
      return;
    }
    const holds = conditionHolds(call, ref, condition, COMPARED_ARG);
    reply.integer(holds && remove(call) ? 1 : 0);
  },
} as const satisfies CommandSpec;

/** Removes the key. @returns whether it was there */
function remove(call: Call): boolean {
  const wasThere = call.remove(1);
  if (wasThere) call.changed(1, EVENT_GENERIC, "del");
  return wasThere;
}
