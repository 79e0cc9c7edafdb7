/** Two and three connections that take turns, at a real redis-server and at this one. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Interleaved, turn } from "./interleaved.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 1000);
const KEYS = ["a", "b", "c"];

/** Each connection changes what the others see. */
const KINDS = [
  turn(10, (c) => ["SET", c.pick(KEYS), String(c.below(100))]),
  turn(10, (c) => ["GET", c.pick(KEYS)]),
  turn(5, (c) => ["INCR", c.pick(KEYS)]),
  turn(5, (c) => ["DEL", c.pick(KEYS)]),
  turn(5, (c) => ["RENAME", c.pick(KEYS), c.pick(KEYS)]),
  turn(2, (c) => ["SELECT", c.pick(["0", "0", "1"])]),
  turn(1, () => ["SWAPDB", "0", "1"]),
  turn(1, () => ["DBSIZE"]),
  turn(1, (_c, actor) => ["CLIENT", "NO-EVICT", actor.index === 0 ? "on" : "off"]),
  turn(1, (_c, actor) => ["CLIENT", "KILL", "ID", actor.id, "SKIPME", "yes"]),
];

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

test("connections that take turns get what they get from redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer();
  const { address } = server;
  for (const versions of [["2", "3"], ["3", "2", "3"]] as const) {
    const interleaved = new Interleaved({
      ...{ seed: SEED, real: redis.address, ours: address, versions, kinds: KINDS },
    });
    await interleaved.begin();
    await interleaved.run(STEPS);
    assert.ok(interleaved.count > STEPS, "pipelines were sent");
    assert.ok((interleaved.seen.get("-ERR") ?? 0) > STEPS / 50, "some commands failed");
  }
});
