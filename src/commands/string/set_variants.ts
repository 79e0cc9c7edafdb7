/** SETNX, SETEX, PSETEX and GETSET: what SET could not do in its first versions. */
import { EVENT_GENERIC, EVENT_STRING } from "../../engine/key_changes.ts";
import { TYPE_STRING } from "../../engine/keyspace.ts";
import { readAll, setString } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";
import { EX, PX, readExpiry } from "../options.ts";
import type { CommandSpec } from "../spec.ts";

export const SETNX = {
  name: "setnx",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["OW", "insert"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Set the string value of a key only when the key doesn't exist.",
  syntax: "key value",
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `NX` argument" },
  run(call, reply) {
    if (call.lookupWrite(1) !== 0) {
      reply.integer(0);
      return;
    }
    store(call, 2, 0);
    reply.integer(1);
  },
} as const satisfies CommandSpec;

export const SETEX = {
  name: "setex",
  arity: 4,
  flags: ["write", "denyoom"],
  isShort: true,
  keys: [1, 1, 1],
  keyFlags: ["OW", "update"],
  since: "2.0.0",
  group: "string",
  complexity: "O(1)",
  summary:
    "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
  syntax: "key seconds value",
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `EX` argument" },
  run(call, reply) {
    setExpiring(call, reply, EX);
  },
} as const satisfies CommandSpec;

export const PSETEX = {
  name: "psetex",
  arity: 4,
  flags: ["write", "denyoom"],
  isShort: true,
  keys: [1, 1, 1],
  keyFlags: ["OW", "update"],
  since: "2.6.0",
  group: "string",
  complexity: "O(1)",
  summary: "Sets both string value and expiration time in milliseconds of a key. " +
    "The key is created if it doesn't exist.",
  syntax: "key milliseconds value",
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `PX` argument" },
  run(call, reply) {
    setExpiring(call, reply, PX);
  },
} as const satisfies CommandSpec;

export const GETSET = {
  name: "getset",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Returns the previous string value of a key after setting it to a new value.",
  syntax: "key value",
  deprecated: { since: "6.2.0", replacedBy: "`SET` with the `!GET` argument" },
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupRead(1);
    if (ref !== 0 && keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    // A copy, since the reply must not be begun before the store, which can run out of memory.
    const old = ref === 0 ? undefined : readAll(keyspace, ref);
    store(call, 2, 0);
    if (old === undefined) reply.nil();
    else reply.bytes(old);
  },
} as const satisfies CommandSpec;

function setExpiring(call: Call, reply: ReplyWriter, unit: number): void {
  const expiresAtMs = readExpiry(call, 2, unit, reply);
  if (expiresAtMs === 0) return;
  store(call, 3, expiresAtMs);
  reply.ok();
}

function store(call: Call, valueArg: number, expiresAtMs: number): void {
  const { batch } = call;
  setString(
    call.engine.keyspace,
    call.db,
    batch,
    call.first + 1,
    batch.input,
    call.offset(valueArg),
    call.length(valueArg),
    expiresAtMs,
  );
  call.changed(1, EVENT_STRING, "set");
  if (expiresAtMs > 0) call.notify(1, EVENT_GENERIC, "expire");
}
