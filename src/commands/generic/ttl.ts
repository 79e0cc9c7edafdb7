/** TTL, PTTL, EXPIRETIME, PEXPIRETIME and PERSIST: asking for a key's expiry, and taking it off. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { inspect } from "./arguments.ts";

const NO_KEY = -2;
const NO_EXPIRY = -1;

export const TTL = {
  name: "ttl",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the expiration time in seconds of a key.",
  syntax: "key",
  history: [["2.8.0", "Added the -2 reply."]],
  run(call, reply) {
    reply.integer(toSeconds(remainingMs(call)));
  },
} as const satisfies CommandSpec;

export const PTTL = {
  name: "pttl",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the expiration time in milliseconds of a key.",
  syntax: "key",
  history: [["2.8.0", "Added the -2 reply."]],
  run(call, reply) {
    reply.integer(remainingMs(call));
  },
} as const satisfies CommandSpec;

export const EXPIRETIME = {
  name: "expiretime",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the expiration time of a key as a Unix timestamp.",
  syntax: "key",
  run(call, reply) {
    reply.integer(toSeconds(expiryMs(call)));
  },
} as const satisfies CommandSpec;

export const PEXPIRETIME = {
  name: "pexpiretime",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "7.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the expiration time of a key as a Unix milliseconds timestamp.",
  syntax: "key",
  run(call, reply) {
    reply.integer(expiryMs(call));
  },
} as const satisfies CommandSpec;

export const PERSIST = {
  name: "persist",
  arity: 2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "2.2.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Removes the expiration time of a key.",
  syntax: "key",
  run(call, reply) {
    const ref = call.lookupWrite(1);
    const had = ref !== 0 &&
      call.engine.keyspace.persist(call.db, call.batch, call.first + 1, ref);
    if (had) call.changed(1, EVENT_GENERIC, "persist");
    reply.integer(had ? 1 : 0);
  },
} as const satisfies CommandSpec;

/** Milliseconds since the epoch, NO_EXPIRY or NO_KEY. */
function expiryMs(call: Call): number {
  const ref = inspect(call, 1);
  if (ref === 0) return NO_KEY;
  const expiresAtMs = call.engine.keyspace.expiresAt(ref);
  return expiresAtMs === 0 ? NO_EXPIRY : expiresAtMs;
}

/** Milliseconds from now, NO_EXPIRY or NO_KEY. */
function remainingMs(call: Call): number {
  const expiresAtMs = expiryMs(call);
  return expiresAtMs < 0 ? expiresAtMs : expiresAtMs - call.nowMs;
}

/** Rounds to the nearest second; what is no time stays as it is. */
function toSeconds(ms: number): number {
  return ms < 0 ? ms : Math.floor((ms + 500) / 1000);
}
