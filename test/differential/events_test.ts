/** Random commands to a real redis-server and to this one: they tell of the same events, in the same order. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { sleep } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";
import { randomCommands } from "./commands.ts";
import { EVENT_EXCEPTIONS } from "./event_exceptions.ts";
import { EventDuel, isAboutKeys, stopActiveExpiry, subscribeToEvents } from "./events.ts";
import { Chooser } from "./pools.ts";

const COMMANDS = Number(process.env.CRABCACHE_DIFF_COMMANDS ?? 6_000);
const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const LONGEST_PIPELINE = 40;
const BRIEF_MS = 10;

const missing = missingProgram("redis-server");
let ours: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await ours?.close();
});

test("random commands cause the events that they cause at redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  ours = await startTestServer(
    ...["--maxmemory", "0", "--maxmemory-policy", "noeviction", "--enable-debug-command", "yes"],
  );
  const real = {
    client: await connect(redis.address),
    events: await subscribeToEvents(redis.address),
  };
  const own = {
    client: await connect(ours.address),
    events: await subscribeToEvents(ours.address),
  };
  for (const { client } of [real, own]) await stopActiveExpiry(client);
  const choose = new Chooser(SEED);
  const duel = new EventDuel(SEED, real, own, EVENT_EXCEPTIONS);
  // What is random expires seldom.
  await duel.exchange([["SET", "brief", "value", "PX", "1"]]);
  await sleep(BRIEF_MS);
  await duel.exchange([["GET", "brief"]]);
  while (duel.count < COMMANDS) {
    const commands = Array.from({ length: choose.between(1, LONGEST_PIPELINE) }, () => {
      return randomCommands(choose).map(({ args }) => args);
    });
    await duel.exchange(commands.filter(([first]) => isAboutKeys(first)).flat());
  }
  for (const event of ["new", "set", "del", "expire", "expired", "keymiss", "rename_to"]) {
    assert.ok(duel.seen.has(event), `"${event}" in ${duel.count} commands`);
  }
});
