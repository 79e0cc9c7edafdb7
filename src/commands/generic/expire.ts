/** EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT: when a key goes. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { invalidExpire, NOT_AN_INTEGER } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { readPrintable } from "./arguments.ts";

const MS_PER_SECOND = 1000;
const MS_PER_MS = 1;
/** Of commands that name a moment, not a span from now. */
const EPOCH = 0;
const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

const FIRST_OPTION_ARG = 3;
const NX = 1 << 0;
const XX = 1 << 1;
const GT = 1 << 2;
const LT = 1 << 3;
const INVALID_OPTIONS = -1;

const NX_EXCLUDES = "ERR NX and XX, GT or LT options at the same time are not compatible";
const GT_EXCLUDES_LT = "ERR GT and LT options at the same time are not compatible";

const SYNTAX_TAIL = "[NX | XX | GT | LT]";
const HISTORY = [["7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."]] as const;

export const EXPIRE = {
  name: "expire",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Sets the expiration time of a key in seconds.",
  syntax: `key seconds ${SYNTAX_TAIL}`,
  history: HISTORY,
  run(call, reply) {
    expire(call, reply, MS_PER_SECOND, call.nowMs);
  },
} as const satisfies CommandSpec;

export const PEXPIRE = {
  name: "pexpire",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Sets the expiration time of a key in milliseconds.",
  syntax: `key milliseconds ${SYNTAX_TAIL}`,
  history: HISTORY,
  run(call, reply) {
    expire(call, reply, MS_PER_MS, call.nowMs);
  },
} as const satisfies CommandSpec;

export const EXPIREAT = {
  name: "expireat",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "1.2.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Sets the expiration time of a key to a Unix timestamp.",
  syntax: `key unix-time-seconds ${SYNTAX_TAIL}`,
  history: HISTORY,
  run(call, reply) {
    expire(call, reply, MS_PER_SECOND, EPOCH);
  },
} as const satisfies CommandSpec;

export const PEXPIREAT = {
  name: "pexpireat",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Sets the expiration time of a key to a Unix milliseconds timestamp.",
  syntax: `key unix-time-milliseconds ${SYNTAX_TAIL}`,
  history: HISTORY,
  run(call, reply) {
    expire(call, reply, MS_PER_MS, EPOCH);
  },
} as const satisfies CommandSpec;

/** @param baseMs what the number given counts from, milliseconds since the epoch */
function expire(call: Call, reply: ReplyWriter, unitMs: number, baseMs: number): void {
  const options = call.argc > FIRST_OPTION_ARG ? readOptions(call, reply) : 0;
  if (options === INVALID_OPTIONS) return;
  const value = call.int64(2);
  if (value === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const moment = typeof value === "number"
    // 2⁵³ seconds from now are still less than 2⁶³ milliseconds: nothing overflows here.
    ? Math.min(value * unitMs + baseMs, Number.MAX_SAFE_INTEGER)
    : momentOfBigint(value, unitMs, baseMs);
  if (Number.isNaN(moment)) {
    reply.error(invalidExpire(call.name));
    return;
  }
  const ref = call.lookupWrite(1);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  const keyspace = call.engine.keyspace;
  if (options !== 0 && !isAllowed(options, moment, keyspace.expiresAt(ref))) {
    reply.integer(0);
    return;
  }
  const isPast = moment <= call.nowMs;
  if (isPast) call.remove(1);
  else keyspace.setExpiresAt(call.db, call.batch, call.first + 1, ref, moment);
  call.changed(1, EVENT_GENERIC, isPast ? "del" : "expire");
  reply.integer(1);
}

/** @returns the options as bits; INVALID_OPTIONS after an error was replied */
function readOptions(call: Call, reply: ReplyWriter): number {
  let options = 0;
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    if (call.is(i, "NX")) options |= NX;
    else if (call.is(i, "XX")) options |= XX;
    else if (call.is(i, "GT")) options |= GT;
    else if (call.is(i, "LT")) options |= LT;
    else {
      reply.error(`ERR Unsupported option ${readPrintable(call, i)}`);
      return INVALID_OPTIONS;
    }
  }
  if ((options & NX) !== 0 && options !== NX) {
    reply.error(NX_EXCLUDES);
    return INVALID_OPTIONS;
  }
  if ((options & GT) !== 0 && (options & LT) !== 0) {
    reply.error(GT_EXCLUDES_LT);
    return INVALID_OPTIONS;
  }
  return options;
}

/**
 * Whether the options let a key expire at the moment given. None counts as one that never comes.
 * @param current milliseconds since the epoch, 0 = none
 */
function isAllowed(options: number, moment: number, current: number): boolean {
  if ((options & NX) !== 0 && current !== 0) return false;
  if ((options & XX) !== 0 && current === 0) return false;
  if ((options & GT) !== 0 && (current === 0 || moment <= current)) return false;
  return (options & LT) === 0 || current === 0 || moment < current;
}

/**
 * The moment as milliseconds since the epoch, held at ±(2⁵³-1).
 * @returns NaN if it, or the number of milliseconds on the way to it, is beyond 64 bits
 */
function momentOfBigint(value: bigint, unitMs: number, baseMs: number): number {
  const spanMs = value * BigInt(unitMs);
  if (spanMs < INT64_MIN || spanMs + BigInt(baseMs) > INT64_MAX) return NaN;
  return value > 0n ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER;
}
