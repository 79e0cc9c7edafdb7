// Values of every type and encoding, exchanged with a real redis-server both ways.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";
import type { Argument } from "../support/frames.ts";
import { encodeCommand, valueOf } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { OLD_PAYLOADS } from "../support/rdb_payloads.ts";
import { killProcesses } from "../support/test_server.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { COMMAND_FAMILIES } from "../../src/server/command_families.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { DUMPED_VALUES } from "./dump_values.ts";

const missing = missingProgram("redis-server");

let real: WireClient;
before(async () => {
  if (missing !== undefined) return;
  real = await connect((await startRedis()).address);
});
after(async () => {
  closeClients();
  await killProcesses();
});

async function ask(...args: Argument[]): Promise<Buffer> {
  real.send(encodeCommand(args));
  return await real.read();
}

const encoder = new CommandEncoder();

/** As `Fixture.run`, with the reply as its bytes. */
function askOurs(fixture: Fixture, ...args: (string | Uint8Array)[]): Buffer {
  const writer = new RespWriter();
  fixture.executor.executeLocal(encoder.encode([args]), fixture.session, writer);
  return Buffer.from(writer.output.bytes.slice(0, writer.output.length));
}

function createOurs(): Fixture {
  return createFixture({ families: COMMAND_FAMILIES });
}

/** What redis-server's digest of a value does not tell: the groups of a stream. */
async function describe(key: string): Promise<string> {
  const parts = [await ask("DEBUG", "DIGEST-VALUE", key), await ask("TYPE", key)];
  if (String(parts[1]).startsWith("+stream")) {
    parts.push(await ask("XINFO", "STREAM", key, "FULL", "COUNT", "0"));
  }
  const text = parts.map((each) => each.toString("latin1")).join("");
  return text.replace(/(radix-tree-keys|radix-tree-nodes)\r\n:\d+/g, "$1");
}

test("what redis-server dumps is restored here, and what is dumped here, there", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const { name, commands } of DUMPED_VALUES) {
    await ask("FLUSHALL");
    for (const command of commands) {
      const reply = await ask(...command);
      assert.notEqual(String.fromCharCode(reply[0]), "-", `${name}: ${reply}`);
    }
    const theirs = valueOf(await ask("DUMP", "k"))!;
    const ours = createOurs();
    assert.equal(String(askOurs(ours, "RESTORE", "k", "0", theirs)), "+OK\r\n", name);
    ours.engine.keyspace.checkInvariants();
    const back = valueOf(askOurs(ours, "DUMP", "k"))!;
    assert.equal(String(await ask("RESTORE", "copy", 0, back)), "+OK\r\n", name);
    assert.equal(await describe("copy"), await describe("k"), name);
    // And once more, from what was restored there.
    const again = valueOf(await ask("DUMP", "copy"))!;
    assert.equal(String(askOurs(ours, "RESTORE", "k2", "0", again)), "+OK\r\n", name);
    ours.engine.keyspace.checkInvariants();
    ours.run("FLUSHALL");
    ours.engine.keyspace.checkInvariants();
  }
});

test("the bytes of a dump are those of redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const { name, commands } of DUMPED_VALUES) {
    // Tables have no order that could be the same.
    if (/many|texts|long|small set|^integers/.test(name)) continue;
    await ask("FLUSHALL");
    const ours = createOurs();
    for (const command of commands) {
      await ask(...command);
      ours.run(...command.map((each) => each instanceof Uint8Array ? each : String(each)));
    }
    if (name === "stream with groups") continue;
    const theirs = valueOf(await ask("DUMP", "k"))!;
    assert.deepEqual(valueOf(askOurs(ours, "DUMP", "k")), theirs, name);
  }
});

test("types of earlier versions mean the same to both", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const [name, bytes] of OLD_PAYLOADS) {
    await ask("FLUSHALL");
    const ours = createOurs();
    assert.equal(String(await ask("RESTORE", "k", 0, bytes)), "+OK\r\n", name);
    assert.equal(String(askOurs(ours, "RESTORE", "k", "0", bytes)), "+OK\r\n", name);
    ours.engine.keyspace.checkInvariants();
    const back = valueOf(askOurs(ours, "DUMP", "k"))!;
    assert.equal(String(await ask("RESTORE", "copy", 0, back)), "+OK\r\n", name);
    assert.equal(await describe("copy"), await describe("k"), name);
  }
});
