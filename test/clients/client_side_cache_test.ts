/** Client-side caching as client libraries have it: node-redis in RESP3, ioredis redirected to a subscriber. */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { BasicClientSideCache, createClient } from "redis";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

let server: TestServer;
let url: string;
let other: WireClient;

before(async () => {
  server = await startTestServer();
  const { address } = server;
  assert.ok(address.kind === "tcp");
  url = `redis://${address.host}:${address.port}`;
  other = await connect(address);
});
after(async () => {
  closeClients();
  await server.close();
});

test("node-redis answers from its cache, and reads anew what others changed", async () => {
  const cache = new BasicClientSideCache({ maxEntries: 1000, ttl: 0 });
  const client = createClient({ url, RESP: 3, clientSideCache: cache });
  const told: (string | null)[] = [];
  cache.on("invalidate", (key: Buffer | null) => told.push(key === null ? null : String(key)));
  await client.connect();
  try {
    const keys = Array.from({ length: 20 }, (_, i) => `key:${i}`);
    await other.call("MSET", ...keys.flatMap((key) => [key, "old"]));
    const before = server.server.engine.stats.keyspaceHits;
    for (let round = 0; round < 5; round++) {
      for (const key of keys) assert.equal(await client.get(key), "old");
      assert.deepEqual(await client.mGet(keys), keys.map(() => "old"));
    }
    assert.equal(server.server.engine.stats.keyspaceHits, before + 2 * keys.length);
    assert.equal(cache.stats().hitCount, 4 * (keys.length + 1));

    // Half of them change in one batch, so there is one message about ten keys.
    other.sendCommands(keys.slice(0, 10).map((key) => ["SET", key, "new"]));
    await other.readAll(10);
    await until("all ten are told", () => told.length >= 10);
    assert.deepEqual([...told].sort(), keys.slice(0, 10).sort());
    for (const [i, key] of keys.entries()) {
      assert.equal(await client.get(key), i < 10 ? "new" : "old");
    }

    // Its own changes are told to it, too.
    told.length = 0;
    await client.set("key:15", "mine");
    await until("its own change is told", () => told.length > 0);
    assert.deepEqual([...told], ["key:15"]);
    assert.equal(await client.get("key:15"), "mine");

    // A key that expires, and then everything.
    told.length = 0;
    await other.call("SET", "brief", "1", "PX", "30");
    assert.equal(await client.get("brief"), "1");
    await until("the key expired", () => told.length > 0);
    assert.equal(await client.get("brief"), null);
    await other.call("FLUSHALL");
    await until("everything is told", () => told.includes(null));
    assert.deepEqual(await client.mGet(keys), keys.map(() => null));
  } finally {
    await client.close();
  }
  await until("nobody tracks any more", async () => {
    return (await other.call("INFO", "clients")).includes("tracking_clients:0");
  });
});

test("a subscriber of ioredis gets the keys that its other connection read, as text, one by one", async () => {
  const subscriber = new Redis(url, { lazyConnect: true, protocol: 2 });
  const client = new Redis(url, { lazyConnect: true, protocol: 2 });
  await subscriber.connect();
  await client.connect();
  try {
    const told: string[] = [];
    subscriber.on("message", (channel, message) => told.push(`${channel} ${message}`));
    const id = await subscriber.client("ID");
    await subscriber.subscribe("__redis__:invalidate");
    await client.call("CLIENT", "TRACKING", "ON", "REDIRECT", String(id));
    await client.mget("a", "b", "c");
    other.sendCommands([["SET", "a", "1"], ["SET", "b", "1"]]);
    await other.readAll(2);
    await until("both are told", () => told.length >= 2);
    assert.deepEqual(told, ["__redis__:invalidate a", "__redis__:invalidate b"]);
    await other.call("FLUSHALL");
    await until("everything is told", () => told.length >= 3);
    assert.equal(told[2], "__redis__:invalidate ");
  } finally {
    subscriber.disconnect();
    client.disconnect();
  }
});
