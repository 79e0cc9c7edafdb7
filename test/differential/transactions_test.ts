/** Transactions of two and three connections that get into each other's way, here and at redis-server. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Interleaved } from "./interleaved.ts";
import { areSameButGreetings, TRANSACTION_KINDS } from "./transactions.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 3000);
/** No message comes unasked. */
const FENCE_EVERY = 20;

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

test("transactions end as they do at redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer("--enable-debug-command", "yes");
  const { address } = server;
  for (const [i, versions] of ([["2", "3"], ["3", "2", "3"]] as const).entries()) {
    const interleaved = new Interleaved({
      ...{ seed: SEED + i, real: redis.address, ours: address, versions, kinds: TRANSACTION_KINDS },
      ...{ fenceEvery: FENCE_EVERY, mostCommands: 8, compareExec: areSameButGreetings },
    });
    await interleaved.begin();
    await interleaved.sendAlone(0, ["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
    await interleaved.run(STEPS);
    await interleaved.lookAtOthers();
    const { seen } = interleaved;
    const some = STEPS / 100;
    assert.ok((seen.get("*") ?? 0) > some, "transactions ran");
    assert.ok((seen.get("_") ?? 0) + (seen.get("null array") ?? 0) > some, "some were not run");
    assert.ok((seen.get("-EXECABORT") ?? 0) > some / 4, "some were aborted");
  }
});
