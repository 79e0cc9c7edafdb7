/** Publishers and subscribers that take turns, at a real redis-server and at this one. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect } from "../support/wire_client.ts";
import { Interleaved, type InterleavedKind } from "./interleaved.ts";
import { PUBSUB_KINDS, QUEUED_PUBSUB_KINDS } from "./pubsub.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 800);

const missing = missingProgram("redis-server");
const servers: TestServer[] = [];
after(async () => {
  closeClients();
  await killProcesses();
  for (const each of servers) await each.close();
});

async function startBoth(): Promise<{ real: ListenAddress; ours: ListenAddress }> {
  const redis = await startRedis();
  const server = await startTestServer();
  servers.push(server);
  return { real: redis.address, ours: server.address };
}

async function compare(kinds: readonly InterleavedKind[]): Promise<Interleaved[]> {
  const { real, ours } = await startBoth();
  const runs: Interleaved[] = [];
  for (const versions of [["3", "2"], ["3", "2", "3"], ["3", "3", "3"]] as const) {
    const interleaved = new Interleaved({ seed: SEED, real, ours, versions, kinds });
    await interleaved.begin();
    await interleaved.run(STEPS);
    runs.push(interleaved);
  }
  return runs;
}

test("messages and confirmations are those of redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const { seen } of await compare(PUBSUB_KINDS)) {
    assert.ok((seen.get("message") ?? 0) > STEPS / 10, "messages came");
    assert.ok((seen.get("-ERR") ?? 0) > STEPS / 50, "some commands were refused");
  }
});

test("subscribing and publishing within transactions does what it does at redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const { seen } of await compare(QUEUED_PUBSUB_KINDS)) {
    assert.ok((seen.get("message") ?? 0) > STEPS / 20, "messages came");
  }
});

/** What one connection sends, and where it waits for everything that comes back. */
const SCRIPTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "the last subscription that goes ends the mode": [
    ...[["SUBSCRIBE", "a"], ["PSUBSCRIBE", "b"], ["SSUBSCRIBE", "c"], ["GET", "k"], [
      "UNSUBSCRIBE",
    ]],
    ...[["GET", "k"], ["PUNSUBSCRIBE"], ["GET", "k"], ["SUNSUBSCRIBE"], ["GET", "k"]],
  ],
  "nothing to give up is confirmed, too": [["UNSUBSCRIBE"], ["PUNSUBSCRIBE"], ["SUNSUBSCRIBE"]],
  "CLIENT REPLY hides no confirmation": [
    ...[["CLIENT", "REPLY", "OFF"], ["SUBSCRIBE", "a"], ["PSUBSCRIBE", "\xff*"]],
    ...[["UNSUBSCRIBE"], ["UNSUBSCRIBE", "x"], ["CLIENT", "REPLY", "ON"], ["PUNSUBSCRIBE"]],
    ...[["CLIENT", "REPLY", "SKIP"], ["SUNSUBSCRIBE"], ["PING"]],
  ],
  "the empty name": [
    ["SUBSCRIBE", ""],
    ["PSUBSCRIBE", "", "*"],
    ["UNSUBSCRIBE", ""],
    ["PUNSUBSCRIBE", "*", ""],
    ["PUBLISH", "", ""],
  ],
  "RESET gives all up and says nothing": [["SUBSCRIBE", "a", "b"], ["RESET"], [
    "PUBSUB",
    "CHANNELS",
  ]],
  "QUIT is answered": [["PSUBSCRIBE", "a"], ["QUIT"], ["PING"]],
};

for (const version of ["2", "3"]) {
  test(`what subscribers are told in RESP${version} is what redis-server tells them`, async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const { real, ours } = await startBoth();
    const ask = async (address: ListenAddress, script: readonly (readonly string[])[]) => {
      const client = await connect(address);
      await client.call("HELLO", version);
      client.sendCommands([...script, ["QUIT"]]);
      return await client.readToEnd();
    };
    for (const [name, script] of Object.entries(SCRIPTS)) {
      assert.equal(await ask(ours, script), await ask(real, script), name);
    }
  });
}

test("notify-keyspace-events reads, shows and refuses what redis-server does", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const { real, ours } = await startBoth();
  const [one, other] = [await connect(real), await connect(ours)];
  const values = [
    "AKE",
    "AKEn",
    "KEAmn",
    "A",
    "K",
    "g$lshzxet",
    "g$lshzxetd",
    "tezxhsl$gd",
    "KE$x",
  ];
  for (const value of [...values, "nE", "m", "KK", "", "Kxq", "k", "K E", "Kα"]) {
    for (const command of [["SET", value], ["GET"]]) {
      const [verb, ...rest] = command;
      const words = ["CONFIG", verb, "notify-keyspace-events", ...rest];
      assert.equal(await other.call(...words), await one.call(...words), `${verb} ${value}`);
    }
  }
});
