/** Transactions as client libraries make them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { createClient, WatchError } from "redis";
import { startTestServer, type TestServer } from "../support/test_server.ts";

let server: TestServer;
let url = "";
before(async () => {
  server = await startTestServer();
  const { address } = server;
  assert.ok(address.kind === "tcp");
  url = `redis://127.0.0.1:${address.port}`;
});
after(() => server.close());

test("ioredis: multi() in a pipeline, one command at a time, and with an error", async () => {
  const redis = new Redis(url);
  await redis.del("i");
  const results = await redis.multi().set("i", "1").incr("i").get("i").lpush("i", "x").exec();
  assert.deepEqual(results!.slice(0, 3), [[null, "OK"], [null, 2], [null, "2"]]);
  assert.match(String(results![3][0]), /WRONGTYPE/);

  await redis.multi({ pipeline: false });
  assert.equal(await redis.set("i", "5"), "QUEUED");
  assert.equal(await redis.incr("i"), "QUEUED");
  assert.deepEqual(await redis.exec(), [[null, "OK"], [null, 6]]);

  const mixed = await redis.pipeline().get("i").call("MULTI").incr("i").call("EXEC").get("i")
    .exec();
  assert.deepEqual(mixed!.map(([, value]) => value), ["6", "OK", "QUEUED", [7], "7"]);

  const broken = redis.multi().set("i", "9").call("NOSUCH").exec();
  await assert.rejects(broken, /EXECABORT Transaction discarded because of previous errors/);
  assert.equal(await redis.get("i"), "7");
  redis.disconnect();
});

test("ioredis: watch", async () => {
  const [first, second] = [new Redis(url), new Redis(url)];
  await first.set("w", "1");
  await first.watch("w");
  assert.deepEqual(await first.multi().incr("w").exec(), [[null, 2]]);
  await first.watch("w", "other");
  await second.set("other", "x");
  assert.equal(await first.multi().incr("w").exec(), null);
  await first.watch("w");
  await second.incr("w");
  await first.unwatch();
  assert.deepEqual(await first.multi().incr("w").exec(), [[null, 4]]);
  first.disconnect();
  second.disconnect();
});

for (const RESP of [2, 3] as const) {
  test(`node-redis in RESP${RESP}: multi() and watch()`, async () => {
    const client = createClient({ url, RESP });
    await client.connect();
    const other = client.duplicate();
    await other.connect();
    await client.del(["n", "h"]);
    const replies = await client.multi().set("n", "1").incr("n").hSet("h", { a: "1" }).hGetAll("h")
      .exec();
    assert.deepEqual(replies.slice(0, 3), ["OK", 2, 1]);
    assert.deepEqual({ ...replies[3] as object }, { a: "1" });

    await client.watch("n");
    const value = Number(await client.get("n"));
    assert.deepEqual(await client.multi().set("n", String(value + 1)).exec(), ["OK"]);
    await client.watch(["n", "m"]);
    await other.incr("n");
    await assert.rejects(client.multi().set("n", "0").exec(), WatchError);
    assert.equal(await client.get("n"), "4");

    // Each on a connection of its own, so that only one of them wins each round.
    const increment = async (): Promise<void> => {
      const own = await client.duplicate().connect();
      for (let done = 0; done < 20;) {
        await own.watch("counter");
        const before = Number(await own.get("counter") ?? 0);
        try {
          await own.multi().set("counter", String(before + 1)).exec();
          done++;
        } catch (error) {
          if (!(error instanceof WatchError)) throw error;
        }
      }
      own.destroy();
    };
    await client.del("counter");
    await Promise.all([increment(), increment(), increment()]);
    assert.equal(await client.get("counter"), "60");
    client.destroy();
    other.destroy();
  });
}

/** What is used of Bun.RedisClient. */
interface BunRedisClient {
  send(command: string, args: string[]): Promise<unknown>;
  close(): void;
}

if ("Bun" in globalThis) {
  test("Bun.RedisClient: transactions by their commands", async () => {
    const { Bun } = globalThis as unknown as {
      Bun: { RedisClient: new (url: string) => BunRedisClient };
    };
    const [first, second] = [new Bun.RedisClient(url), new Bun.RedisClient(url)];
    await first.send("SET", ["b", "1"]);
    const sent = [["MULTI"], ["INCR", "b"], ["GET", "b"], ["EXEC"]].map(([name, ...args]) => {
      return first.send(name, args);
    });
    assert.deepEqual(await Promise.all(sent), ["OK", "QUEUED", "QUEUED", [2, "2"]]);
    await first.send("WATCH", ["b"]);
    await second.send("INCR", ["b"]);
    await first.send("MULTI", []);
    await first.send("SET", ["b", "0"]);
    assert.equal(await first.send("EXEC", []), null);
    assert.equal(await second.send("GET", ["b"]), "3");
    first.close();
    second.close();
  });
}
