/** XGROUP: makes, changes and removes consumer groups and consumers. */
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import { OutOfMemory } from "../../engine/keyspace.ts";
import { addStream, destroyGroup, streamArena, streamUnit } from "../../engine/streams.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  createConsumer,
  createGroup,
  groupLastIdAt,
  pendingCount,
  setEntriesRead,
  UNKNOWN_ENTRIES_READ,
} from "../../structs/stream_group.ts";
import { LAST_ID_WORD } from "../../structs/stream_header.ts";
import { copyId, ID_WORDS, setZeroId } from "../../structs/stream_id.ts";
import { deleteConsumer } from "../../structs/stream_pending.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import {
  consumerNamed,
  groupOf,
  isByte,
  isName,
  isStream,
  readId,
  readIdOrEdge,
  textOf,
} from "./arguments.ts";

const KEY_ARG = 2;
const GROUP_ARG = 3;
const ID_ARG = 4;
const CONSUMER_ARG = 4;
const FIRST_OPTION_ARG = 5;
const MAX_CREATE_ARGS = 8;
const NO_KEY =
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may " +
  "want to use the MKSTREAM option to create an empty stream automatically.";
const BUSY_GROUP = "BUSYGROUP Consumer Group name already exists";

const id = new Int32Array(ID_WORDS);
let makesStream = false;
let entriesRead: number | bigint = UNKNOWN_ENTRIES_READ;

function noGroup(call: Call): string {
  return `NOGROUP No such consumer group '${textOf(call, GROUP_ARG)}' for key name ` +
    `'${textOf(call, KEY_ARG)}'`;
}

function syntaxError(call: Call): string {
  return `ERR unknown subcommand or wrong number of arguments for ` +
    `'${textOf(call, 1).slice(0, 128)}'. Try XGROUP HELP.`;
}

/** Reads MKSTREAM and ENTRIESREAD. @returns false = an error was replied */
function readOptions(call: Call, reply: ReplyWriter, withStream: boolean): boolean {
  makesStream = false;
  entriesRead = UNKNOWN_ENTRIES_READ;
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    if (withStream && call.is(i, "MKSTREAM")) {
      makesStream = true;
    } else if (call.is(i, "ENTRIESREAD") && i + 1 < call.argc) {
      const value = call.int64(++i);
      if (value === undefined) {
        reply.error(NOT_AN_INTEGER);
        return false;
      }
      if (value < 0 && value !== UNKNOWN_ENTRIES_READ) {
        reply.error("ERR value for ENTRIESREAD must be positive or -1");
        return false;
      }
      entriesRead = value;
    } else {
      reply.error(syntaxError(call));
      return false;
    }
  }
  return true;
}

/** The record of the stream that a subcommand is about, 0 after an error was replied. */
function lookupStream(call: Call, reply: ReplyWriter): RecordRef {
  const ref = call.lookupWrite(KEY_ARG);
  if (ref !== 0) return isStream(call, ref, reply) ? ref : 0;
  reply.error(NO_KEY);
  return 0;
}

const XGROUP_CREATE = {
  name: "create",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "insert"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Creates a consumer group.",
  syntax: "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]",
  argumentTypes: { id: "string", "entries-read": "integer" },
  history: [["7.0.0", "Added the `entries_read` named argument."]],
  run(call, reply) {
    if (!readOptions(call, reply, true)) return;
    let ref = call.lookupWrite(KEY_ARG);
    if (ref !== 0 && !isStream(call, ref, reply)) return;
    if (ref === 0 && !makesStream) return reply.error(NO_KEY);
    if (call.argc > MAX_CREATE_ARGS) return reply.error(syntaxError(call));
    if (!isName(call, GROUP_ARG, reply)) return;
    const { keyspace, stats } = call.engine;
    const { batch, db, first } = call;
    if (!isByte(call, ID_ARG, "$")) {
      if (!readId(call, ID_ARG, reply, id)) return;
    } else if (ref === 0) {
      setZeroId(id, 0);
    } else {
      const head = streamUnit(keyspace, ref) << 1;
      copyId(streamArena(keyspace, ref).words, head + LAST_ID_WORD, id, 0);
    }
    if (ref === 0) {
      ref = addStream(keyspace, db, batch, first + KEY_ARG);
      call.touched(KEY_ARG);
    }
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    if (groupOf(call, GROUP_ARG, arena, stream) !== 0) return reply.error(BUSY_GROUP);
    const group = createGroup(
      arena,
      stream,
      batch.input,
      call.offset(GROUP_ARG),
      call.length(GROUP_ARG),
      id,
      0,
      entriesRead,
    );
    if (group === 0) throw new OutOfMemory();
    stats.dirty++;
    call.notify(KEY_ARG, EVENT_STREAM, "xgroup-create");
    reply.ok();
  },
} as const satisfies CommandSpec;

const XGROUP_SETID = {
  name: "setid",
  arity: -5,
  flags: ["write"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "update"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Sets the last-delivered ID of a consumer group.",
  syntax: "key group <id | $> [ENTRIESREAD entries-read]",
  argumentTypes: { id: "string", "entries-read": "integer" },
  history: [["7.0.0", "Added the optional `entries_read` argument."]],
  run(call, reply) {
    if (!readOptions(call, reply, false)) return;
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.error(noGroup(call));
    if (call.argc !== 5 && call.argc !== 7) return reply.error(syntaxError(call));
    if (isByte(call, ID_ARG, "$")) {
      copyId(arena.words, (stream << 1) + LAST_ID_WORD, id, 0);
    } else if (!readIdOrEdge(call, ID_ARG, reply, id)) {
      return;
    }
    copyId(id, 0, arena.words, groupLastIdAt(group));
    setEntriesRead(arena, group, entriesRead);
    stats.dirty++;
    call.notify(KEY_ARG, EVENT_STREAM, "xgroup-setid");
    reply.ok();
  },
} as const satisfies CommandSpec;

const XGROUP_DESTROY = {
  name: "destroy",
  arity: 4,
  flags: ["write"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "delete"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
  summary: "Destroys a consumer group.",
  syntax: "key group",
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace, stats, blocking } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.integer(0);
    destroyGroup(keyspace, ref, group);
    stats.dirty++;
    call.notify(KEY_ARG, EVENT_STREAM, "xgroup-destroy");
    reply.integer(1);
    // Who waits for the group is told that it is gone.
    blocking.signal(call.db, call.batch, call.first + KEY_ARG);
  },
} as const satisfies CommandSpec;

const XGROUP_CREATECONSUMER = {
  name: "createconsumer",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "insert"],
  since: "6.2.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Creates a consumer in a consumer group.",
  syntax: "key group consumer",
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.error(noGroup(call));
    if (consumerNamed(call, CONSUMER_ARG, arena, group) !== 0) return reply.integer(0);
    if (!isName(call, CONSUMER_ARG, reply)) return;
    const offset = call.offset(CONSUMER_ARG), length = call.length(CONSUMER_ARG);
    const { input } = call.batch;
    const made = createConsumer(arena, stream, group, input, offset, length, call.nowMs);
    if (made === 0) throw new OutOfMemory();
    stats.dirty++;
    call.notify(KEY_ARG, EVENT_STREAM, "xgroup-createconsumer");
    reply.integer(1);
  },
} as const satisfies CommandSpec;

const XGROUP_DELCONSUMER = {
  name: "delconsumer",
  arity: 5,
  flags: ["write"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "delete"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Deletes a consumer from a consumer group.",
  syntax: "key group consumer",
  run(call, reply) {
    const ref = lookupStream(call, reply);
    if (ref === 0) return;
    const { keyspace, stats } = call.engine;
    const arena = streamArena(keyspace, ref), stream = streamUnit(keyspace, ref);
    const group = groupOf(call, GROUP_ARG, arena, stream);
    if (group === 0) return reply.error(noGroup(call));
    const consumer = consumerNamed(call, CONSUMER_ARG, arena, group);
    if (consumer === 0) return reply.integer(0);
    reply.integer(pendingCount(arena, consumer));
    deleteConsumer(arena, stream, group, consumer);
    stats.dirty++;
    call.notify(KEY_ARG, EVENT_STREAM, "xgroup-delconsumer");
  },
} as const satisfies CommandSpec;

const XGROUP_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "XGROUP", [
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a new consumer group. Options are:",
      "    * MKSTREAM",
      "      Create the empty stream if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Set the group's entries_read counter (internal use).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a new consumer in the specified group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove the specified consumer.",
      "DESTROY <key> <groupname>",
      "    Remove the specified group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set the current group ID and entries_read counter.",
    ]);
  },
} as const satisfies CommandSpec;

export const XGROUP = {
  name: "xgroup",
  arity: -2,
  flags: [],
  since: "5.0.0",
  group: "stream",
  complexity: "Depends on subcommand.",
  summary: "A container for consumer groups commands.",
  syntax: "",
  subcommands: [
    XGROUP_CREATE,
    XGROUP_CREATECONSUMER,
    XGROUP_DELCONSUMER,
    XGROUP_DESTROY,
    XGROUP_HELP,
    XGROUP_SETID,
  ],
} as const satisfies CommandSpec;
