// The client against a real redis-server: it gives the same values there as here.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { connect } from "../../src/adapters/connect.ts";
import type { Client } from "../../src/client/commands.ts";
import { killProcesses } from "../support/test_server.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { until, within } from "../support/wait.ts";
import { type ClientServer, startClientServer } from "./servers.ts";

const skip = missingProgram("redis-server") ?? false;

let server: ClientServer;
let here: Client;
let there: Client;

before(async () => {
  if (skip) return;
  server = await startClientServer();
  here = await server.open("resp");
  there = await connect((await startRedis()).address);
});

after(async () => {
  if (skip) return;
  await here.close();
  await there.close();
  await server.close();
  await killProcesses();
});

/** What each of them asks. */
const SAMPLES: Readonly<Record<string, (client: Client) => Promise<unknown>[]>> = {
  strings: (c) => [
    c.set("k", "é"),
    c.get("k"),
    c.bytes.get("k"),
    c.set("k", 1, { get: true, ex: 100 }),
    c.set("k", 2, { nx: true }),
    c.incrby("k", 2n ** 62n),
    c.incrbyfloat("f", "1.5"),
    c.mset({ a: 1, b: 2 }),
    c.mget("a", "none", "b"),
    c.lcs("a", "b", { idx: true }),
    c.bytes.lcs("a", "b", { idx: true }),
    c.ttl("k"),
    c.getex("k", { persist: true }),
  ],
  keys: (c) => [
    c.mset({ a: 1, b: 2 }),
    c.exists("a", "b", "none"),
    c.type("a"),
    c.rename("none", "x"),
    c.copy("a", "c", { replace: true }),
    c.scan(0, { match: "a*", count: 1000, type: "string" }),
    c.bytes.scan(0, { match: "a*", count: 1000 }),
    c.object("ENCODING", "a"),
    c.sort("none", { alpha: true }),
    c.dbsize(),
  ],
  lists: (c) => [
    c.rpush("l", "a", ["b", "c"], "a"),
    c.lrange("l", 0, -1),
    c.lpos("l", "a", { count: 0 }),
    c.lmpop(["none", "l"], "LEFT", { count: 2 }),
    c.lpop("none", 3),
    c.incr("l"),
  ],
  hashes: (c) => [
    c.hset("h", { a: 1, b: "2" }),
    c.hgetall("h"),
    c.bytes.hgetall("none"),
    c.hrandfield("h", 9, { withvalues: true }),
    c.hscan("h", 0),
    c.hmget("h", ["a", "none"]),
  ],
  sets: (c) => [
    c.sadd("s", 1, 2, 3),
    c.smembers("s"),
    c.sadd("t", 2, 3, 4),
    c.sinter("s", "t"),
    c.sintercard(["s", "t"], { limit: 1 }),
    c.smismember("s", 1, 9),
  ],
  sortedSets: (c) => [
    c.zadd("z", [[1, "a"], [2.5, "b"], ["inf", "c"]]),
    c.zrange("z", 0, -1, { withscores: true }),
    c.zscore("z", "c"),
    c.zmscore("z", "a", "none"),
    c.zrank("z", "b"),
    c.zadd("z", { incr: true }, 1, "a"),
    c.zpopmin("z"),
    c.zpopmax("z", 2),
    c.zscan("z", 0),
  ],
  streams: (c) => [
    c.xadd("x", "1-1", { f: "a" }),
    c.xadd("x", "2-1", { f: "b" }),
    c.xrange("x", "-", "+", { count: 1 }),
    c.xread({ streams: { x: "1-1" } }),
    c.xread({ block: 1, streams: { x: "2-1" } }),
    c.xgroup("CREATE", "x", "g", 0),
    c.xreadgroup("GROUP", "g", "c", { streams: { x: ">" } }),
    c.xpending("x", "g"),
    c.xautoclaim("x", "g", "d", 0, 0, { count: 1 }),
  ],
  places: (c) => [
    c.geoadd("p", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"),
    c.geodist("p", "Palermo", "Catania", "km"),
    c.geopos("p", "Palermo", "none"),
    c.geosearch("p", { fromlonlat: [15, 37], byradius: [200, "km"], asc: true }),
  ],
  others: (c) => [
    c.setbit("b", 7, 1),
    c.bitfield("b", "INCRBY", "u8", 0, 1, "OVERFLOW", "FAIL", "INCRBY", "u2", 0, 3),
    c.pfadd("hll", "a", "b"),
    c.pfcount("hll"),
    c.ping("é"),
    c.bytes.echo("é"),
    c.config("GET", "maxmemory-samples"),
    c.command("NOSUCH", "a"),
    c.wait(0, 1),
  ],
};

for (const [family, ask] of Object.entries(SAMPLES)) {
  test(`${family}: redis-server's replies are read as this server's`, { skip }, async () => {
    const answers = [];
    for (const client of [here, there]) {
      await client.flushall();
      const settled = await Promise.allSettled(ask(client));
      answers.push(
        settled.map((each) => each.status === "fulfilled" ? each.value : String(each.reason)),
      );
    }
    assert.deepEqual(answers[0], answers[1]);
  });
}

test(
  "transactions, watched keys, messages and waiting work with redis-server",
  { skip },
  async () => {
    await there.flushall();
    assert.deepEqual(await there.multi().set("k", 1).incr("k").exec(), ["OK", 2]);
    await assert.rejects(there.multi().command("NOSUCH").exec(), { code: "EXECABORT" });
    const changed = await there.watch("k", async (session) => {
      await there.set("k", 9);
      return await session.multi().incr("k").exec();
    });
    assert.equal(changed, null);
    const got: string[] = [];
    await using _ = await there.psubscribe("n*", (message, channel) => got.push(channel, message));
    await there.publish("news", "hello");
    await until("the message", () => got.length > 0);
    assert.deepEqual(got, ["news", "hello"]);
    const popped = there.blpop("q", 0);
    await until("the wait", async () => /^blocked_clients:1/m.test(await there.info("clients")));
    await there.rpush("q", "job");
    assert.deepEqual(await within("the element", popped), ["q", "job"]);
  },
);
