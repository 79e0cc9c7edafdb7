/** DEBUG SLEEP, OBJECT, SET-ACTIVE-EXPIRE and HELP. */
import type { Keyspace, RecordRef } from "../../engine/keyspace.ts";
import { integerOf, stringLength } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NO_SUCH_KEY } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import { readPrintable } from "./arguments.ts";

const NOT_ALLOWED = "ERR DEBUG command not allowed. If the enable-debug-command option is set to " +
  '"local", you can run it from a local connection, otherwise you need to set this option in the ' +
  "configuration file, and then restart the server.";
/** Of a subcommand that is not known, what the error repeats, in bytes. */
const QUOTED_LENGTH = 128;

const MS_PER_SECOND = 1000;
/** Redis keeps a value's clock in 24 bits of seconds. */
const LRU_CLOCK_SPAN = 2 ** 24;
const REF_UNIT_BYTES = 8;

/** The longest text that a 32-bit integer has. */
const INT32_DIGITS = 11;

export const DEBUG = {
  name: "debug",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  since: "1.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for debugging commands.",
  syntax: "",
  /** As in Redis, the words behind the name are arguments, not subcommands of their own. */
  run(call, reply) {
    if (!isAllowed(call)) reply.error(NOT_ALLOWED);
    else if (call.argc === 2 && call.is(1, "HELP")) replyHelp(reply, "DEBUG", HELP);
    else if (call.argc === 3 && call.is(1, "OBJECT")) describeObject(call, reply);
    else if (call.argc === 3 && call.is(1, "SLEEP")) sleep(call, reply);
    else if (call.argc === 3 && call.is(1, "SET-ACTIVE-EXPIRE")) setActiveExpire(call, reply);
    else {
      const word = readPrintable(call, 1).slice(0, QUOTED_LENGTH);
      reply.error(
        `ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`,
      );
    }
  },
} as const satisfies CommandSpec;

const HELP = [
  "OBJECT <key>",
  "    Show low level info about `key` and associated value.",
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Setting it to 0 disables expiring keys in background when they are not",
  "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
  "    default.",
  "SLEEP <seconds>",
  "    Stop the server for <seconds>. Decimals allowed.",
];

function isAllowed(call: Call): boolean {
  const setting = call.engine.settings.enableDebugCommand;
  return setting === "yes" || (setting === "local" && isLocal(call));
}

/** Whether the command comes from this machine: in process, by a unix socket, or by loopback. */
function isLocal({ session }: Call): boolean {
  const { remoteAddress } = session;
  return !session.isRemote || session.isUnix || remoteAddress.startsWith("127.") ||
    remoteAddress.startsWith("[::1]:");
}

/** What is no number counts as 0, as with C's `strtod`. */
function sleep(call: Call, reply: ReplyWriter): void {
  const seconds = Number.parseFloat(readPrintable(call, 2));
  if (seconds > 0 && Number.isFinite(seconds)) {
    call.engine.clock.sleepSync(seconds * MS_PER_SECOND);
  }
  reply.ok();
}

/** What is no number counts as 0, as with C's `atoi`. */
function setActiveExpire(call: Call, reply: ReplyWriter): void {
  const value = Number.parseInt(readPrintable(call, 2), 10);
  call.engine.settings.activeExpireEnabled = value !== 0 && !Number.isNaN(value);
  reply.ok();
}

function describeObject(call: Call, reply: ReplyWriter): void {
  const { keyspace } = call.engine;
  const { batch } = call;
  const arg = call.first + 2;
  // The spec declares no keys, as Redis's does not, so nobody hashed this one.
  batch.argHashes[arg] = keyspace.hash(batch.input.view, call.offset(2), call.length(2));
  const ref = call.peek(2);
  if (ref === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  const idleSeconds = keyspace.idleSeconds(ref);
  const lastAccess = Math.floor(call.nowMs / MS_PER_SECOND) - idleSeconds;
  const address = ((ref >>> 0) * REF_UNIT_BYTES).toString(16);
  reply.simple(
    `Value at:0x${address} refcount:1 encoding:${keyspace.encodingName(ref)} ` +
      `serializedlength:${serializedLength(keyspace, ref)} lru:${lastAccess % LRU_CLOCK_SPAN} ` +
      `lru_seconds_idle:${idleSeconds}`,
  );
}

/** Bytes that a string takes in a Redis dump when it is not compressed. */
function serializedLength(keyspace: Keyspace, ref: RecordRef): number {
  const length = stringLength(keyspace, ref);
  if (length <= INT32_DIGITS) {
    const value = integerOf(keyspace, ref);
    if (typeof value === "number") {
      if (value === value << 24 >> 24) return 2;
      if (value === value << 16 >> 16) return 3;
      if (value === (value | 0)) return 5;
    }
  }
  return length + (length < 2 ** 6 ? 1 : length < 2 ** 14 ? 2 : 5);
}
