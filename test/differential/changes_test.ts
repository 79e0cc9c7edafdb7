/**
 * Whoever waits for changes hears of each: random commands, and after each of them a look at the keys
 * that it names.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import { dumpValue } from "../../src/engine/dump.ts";
import { HashReader } from "../../src/engine/hash_reader.ts";
import type { KeyChangeListener } from "../../src/engine/key_changes.ts";
import { type Keyspace, type RecordRef, TYPE_HASH } from "../../src/engine/keyspace.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { DATA_FAMILIES } from "../../src/server/command_families.ts";
import { RdbWriter } from "../../src/structs/rdb_writer.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect } from "../support/wire_client.ts";
import { randomCommands } from "./commands.ts";
import { isAboutKeys, stopActiveExpiry } from "./events.ts";
import { newerCommand } from "./newer_commands.ts";
import { Chooser, type Text } from "./pools.ts";

const COMMANDS = Number(process.env.CRABCACHE_DIFF_COMMANDS ?? 3000);
const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Commands that change no value, but perhaps how it is kept, or what is known about it. */
const REMEMBERING = /^(?:pfcount|pfdebug|sort|sort_ro)$/;
/** As in Redis, what consumers do to a stream's groups is no change to those who watch it. */
const OF_CONSUMERS = /^(?:xack|xautoclaim|xclaim|xgroup|xreadgroup|xsetid)$/;
/** They exchange or empty whole databases, which is told in other ways. */
const WHOLE = /^(?:flushall|flushdb|swapdb)$/;
/** What makes a bitmap so large that looking at it takes long. */
const LARGEST_VALUE = 1 << 20;
const LONGEST_KEY = 30_000;
const NEWER_PERCENT = 15;
/** Commands between two looks at everything that is stored. */
const LOOK_EVERY = 100;

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await server?.close();
});

/** What a key of a database holds, and when it expires; by the database's number and the key. */
type States = Map<string, string>;

const writer = new RdbWriter();

function idOf(db: number, key: Uint8Array): string {
  return `${db} ${Buffer.from(key).toString("latin1")}`;
}

function keyOf(ks: Keyspace, ref: RecordRef): Uint8Array {
  const { bytes } = ks.regionOf(ref);
  const offset = ks.keyOffset(ref);
  return bytes.subarray(offset, offset + ks.keyLength(ref));
}

function stateOf(ks: Keyspace, ref: RecordRef): string {
  if (ks.typeOf(ref) === TYPE_HASH) return `${ks.expiresAt(ref)} ${fieldsOf(ks, ref)}`;
  dumpValue(ks, ref, writer);
  const { view } = writer.memory;
  return `${ks.expiresAt(ref)} ${writer.length} ${ks.hash(view, 0, writer.length)}`;
}

/** A hash without the order that its fields have, which changes with the way it is kept. */
function fieldsOf(ks: Keyspace, ref: RecordRef): string {
  const reader = new HashReader(ks, ref);
  const fields: string[] = [];
  reader.forEach((field) => {
    const text = new RespWriter();
    reader.replyField(field, text);
    reader.replyValue(field, text);
    const { output } = text;
    const pair = Buffer.from(output.bytes.subarray(0, output.length)).toString("latin1");
    fields.push(`${pair} ${reader.expiryOf(field)}`);
  });
  return fields.sort().join("\n");
}

/** Everything that is stored. */
function statesOf(ks: Keyspace): States {
  const found: States = new Map();
  for (const db of ks.databases) {
    ks.forEach(db, (ref) => void found.set(idOf(db.index, keyOf(ks, ref)), stateOf(ks, ref)));
  }
  return found;
}

/**
 * Keys that are named among the arguments and are not what they were, in whatever database.
 * @param states from before; brought up to date
 */
function changedAmong(args: readonly Text[], ks: Keyspace, states: States): Set<string> {
  const changed = new Set<string>();
  for (const arg of args) {
    const key = Buffer.from(arg as string);
    if (key.length > LONGEST_KEY) continue;
    const region = makeRegion(key.length);
    region.bytes.set(key);
    for (const db of ks.databases) {
      const id = idOf(db.index, key);
      const ref = ks.findKey(db, region, 0, key.length);
      const state = ref === 0 ? undefined : stateOf(ks, ref);
      if (states.get(id) === state) continue;
      changed.add(id);
      if (state === undefined) states.delete(id);
      else states.set(id, state);
    }
  }
  return changed;
}

/** Whether the command only reads, by its spec. */
function readers(): Set<string> {
  const names = new Set<string>();
  for (const spec of DATA_FAMILIES.flat() as readonly CommandSpec[]) {
    const parts = spec.subcommands ?? [spec];
    if (parts.every(({ flags }) => flags.includes("readonly"))) names.add(spec.name);
  }
  return names;
}

test("every change of a key is told, and none where a command only reads", async () => {
  server = await startTestServer("--maxmemory", "0", "--enable-debug-command", "yes");
  const { engine } = server.server;
  const client = await connect(server.address);
  await stopActiveExpiry(client);
  const told = new Set<string>();
  const listener: KeyChangeListener = {
    changed: (db, { bytes }, offset, length) =>
      void told.add(idOf(db.index, bytes.subarray(offset, offset + length))),
    flushed: () => {},
    swapping: () => {},
  };
  engine.keyspace.changes.add(listener);
  const reading = readers();
  const choose = new Chooser(SEED);
  let states: States = new Map();
  let changes = 0;
  for (let i = 0; i < COMMANDS;) {
    const commands = choose.chance(NEWER_PERCENT)
      ? [newerCommand(choose)]
      : randomCommands(choose).map(({ args }) => args);
    for (const args of commands) {
      if (!isAboutKeys(args) || makesLargeValue(args)) continue;
      const name = String(args[0]).toLowerCase();
      const about = `seed ${SEED}, command ${++i}: ${args.map(String).join(" ").slice(0, 200)}`;
      told.clear();
      const expired = engine.stats.expiredKeys;
      await client.call(...args);
      const tells = told.size > 0 && engine.stats.expiredKeys === expired;
      if (WHOLE.test(name)) {
        states = statesOf(engine.keyspace);
        continue;
      }
      const changed = changedAmong(args, engine.keyspace, states);
      changes += changed.size;
      if (REMEMBERING.test(name) || OF_CONSUMERS.test(name)) continue;
      for (const id of changed) assert.ok(told.has(id), `${about} changed ${id} and told nobody`);
      if (reading.has(name)) assert.ok(!tells, `${about} only reads`);
    }
    if (i % LOOK_EVERY === 0) assert.deepEqual(statesOf(engine.keyspace), states, `seed ${SEED}`);
  }
  assert.ok(changes > COMMANDS / 10, `${changes} changes by ${COMMANDS} commands`);
});

function makesLargeValue(args: readonly Text[]): boolean {
  const isOffset = /^(?:setbit|setrange|bitfield)$/i.test(String(args[0]));
  return isOffset && args.some((each) => Number(String(each).replace("#", "")) > LARGEST_VALUE);
}
