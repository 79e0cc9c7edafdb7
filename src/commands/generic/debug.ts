/** DEBUG SLEEP, OBJECT, SET-ACTIVE-EXPIRE and HELP. */
import { dumpValue } from "../../engine/dump.ts";
import { type Keyspace, type RecordRef, TYPE_LIST } from "../../engine/keyspace.ts";
import { arenaOfList, isQuicklist, quicklistOf } from "../../engine/list_shape.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { blobLength } from "../../structs/blob.ts";
import { EMPTY_BYTES, sizeOfText } from "../../structs/listpack.ts";
import { depthOf, fillOf, headOf, lengthOf, nodesOf } from "../../structs/quicklist_header.ts";
import { isLong, nextNode, nodeBytes, nodeData } from "../../structs/quicklist_node.ts";
import { FOOTER_BYTES } from "../../structs/rdb_format.ts";
import { RdbWriter } from "../../structs/rdb_writer.ts";
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
const TYPE_BYTES = 1;

const writer = new RdbWriter();

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
  // The spec declares no keys, as Redis's does not, so nobody hashed this one.
  const ref = keyspace.findKey(call.db, call.batch.input, call.offset(2), call.length(2));
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
      `lru_seconds_idle:${idleSeconds}${quicklistFields(keyspace, ref)}`,
  );
}

/** What a long list adds. */
function quicklistFields(keyspace: Keyspace, ref: RecordRef): string {
  if (keyspace.typeOf(ref) !== TYPE_LIST || !isQuicklist(keyspace, ref)) return "";
  const arena = arenaOfList(keyspace, ref);
  const list = quicklistOf(keyspace, ref);
  let bytes = 0;
  for (let node = headOf(arena, list); node !== 0; node = nextNode(arena, node)) {
    // A node of one long element counts as the listpack that it would be.
    bytes += isLong(arena, node)
      ? EMPTY_BYTES + sizeOfText(blobLength(arena, nodeData(arena, node)))
      : nodeBytes(arena, node);
  }
  const nodes = nodesOf(arena, list);
  return ` ql_nodes:${nodes} ql_avg_node:${(lengthOf(arena, list) / nodes).toFixed(2)}` +
    ` ql_listpack_max:${fillOf(arena, list)} ql_compressed:${depthOf(arena, list) === 0 ? 0 : 1}` +
    ` ql_uncompressed_size:${bytes}`;
}

/** Bytes that a value takes in a Redis dump, without its type and what stands behind it. */
function serializedLength(keyspace: Keyspace, ref: RecordRef): number {
  dumpValue(keyspace, ref, writer);
  const { length } = writer;
  writer.begin();
  return length - TYPE_BYTES - FOOTER_BYTES;
}
