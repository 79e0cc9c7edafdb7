/** MSETEX: stores several values at once, on a condition and for a time if asked to. */
import { parseInteger } from "../../bytes/ascii.ts";
import { EVENT_GENERIC, EVENT_STRING } from "../../engine/key_changes.ts";
import { KEEP_TTL, setString } from "../../engine/strings.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { EXPIRY, EXPIRY_WITH_ARGUMENT, expiryOption, KEEPTTL, readExpiry } from "../options.ts";
import type { CommandSpec } from "../spec.ts";
import { conditionOption, CONDITIONS, NX, XX } from "./conditions.ts";

const FIRST_KEY_ARG = 2;
const INT32_MAX = 2 ** 31 - 1;

export const MSETEX = {
  name: "msetex",
  arity: -4,
  flags: ["write", "denyoom", "movablekeys"],
  keyFlags: ["OW", "update"],
  findKeys: (batch, first, argc, found) => {
    const keyCount = readKeyCount(batch, first);
    for (let pair = 0; pair < keyCount; pair++) {
      const position = FIRST_KEY_ARG + 2 * pair;
      if (position >= argc) return;
      found(position);
    }
  },
  since: "8.4.0",
  group: "string",
  complexity: "O(N) where N is the number of keys to set.",
  summary: "Atomically sets multiple string keys with a shared expiration in a single operation.",
  syntax: "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | " +
    "EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
  run(call, reply) {
    const keyCount = readKeyCount(call.batch, call.first);
    if (keyCount === 0) {
      reply.error("ERR invalid numkeys value");
      return;
    }
    const firstOptionArg = FIRST_KEY_ARG + 2 * keyCount;
    if (firstOptionArg > call.argc) {
      reply.error("ERR wrong number of key-value pairs");
      return;
    }
    let options = 0;
    let expiryArg = 0;
    for (let i = firstOptionArg; i < call.argc; i++) {
      const option = msetexOption(call, i);
      const group = (option & EXPIRY) !== 0 ? EXPIRY : CONDITIONS;
      const hasArgument = (option & EXPIRY_WITH_ARGUMENT) !== 0;
      if (
        option === 0 || (options & group & ~option) !== 0 || (hasArgument && i + 1 === call.argc)
      ) {
        reply.error(SYNTAX_ERROR);
        return;
      }
      options |= option;
      if (hasArgument) expiryArg = ++i;
    }
    let expiresAtMs = (options & KEEPTTL) !== 0 ? KEEP_TTL : 0;
    if (expiryArg !== 0) {
      expiresAtMs = readExpiry(call, expiryArg, options & EXPIRY, reply);
      if (expiresAtMs === 0) return;
    }
    if (!holdsForAll(call, firstOptionArg, options & CONDITIONS)) {
      reply.integer(0);
      return;
    }
    storePairs(call, firstOptionArg, expiresAtMs);
    reply.integer(1);
  },
} as const satisfies CommandSpec;

/** @returns the number of keys that the command says it has, 0 if what it says is invalid */
function readKeyCount(batch: CommandBatch, first: number): number {
  const arg = first + 1;
  const count = parseInteger(batch.input.bytes, batch.argOffsets[arg], batch.argLengths[arg]);
  return typeof count === "number" && count >= 1 && count <= INT32_MAX ? count : 0;
}

/** @returns the option that argument `i` names, 0 if MSETEX has none of that name */
function msetexOption(call: Call, i: number): number {
  const condition = conditionOption(call, i) & (NX | XX);
  return condition !== 0 ? condition : expiryOption(call, i) & (EXPIRY_WITH_ARGUMENT | KEEPTTL);
}

/** @param condition NX, XX or 0 */
function holdsForAll(call: Call, end: number, condition: number): boolean {
  if (condition === 0) return true;
  for (let i = FIRST_KEY_ARG; i < end; i += 2) {
    if ((call.lookupWrite(i) === 0) !== (condition === NX)) return false;
  }
  return true;
}

function storePairs(call: Call, end: number, expiresAtMs: number): void {
  const { batch, db, first } = call;
  const keyspace = call.engine.keyspace;
  const input = batch.input;
  for (let i = FIRST_KEY_ARG; i < end; i += 2) {
    setString(
      keyspace,
      db,
      batch,
      first + i,
      input,
      call.offset(i + 1),
      call.length(i + 1),
      expiresAtMs,
    );
    call.changed(i, EVENT_STRING, "set");
    if (expiresAtMs > 0) call.notify(i, EVENT_GENERIC, "expire");
  }
}
