/** Limits and memory of client-side caching, in a server of this process. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { elementsOf, valueOf } from "../support/frames.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

let server: TestServer;

afterEach(async () => {
  closeClients();
  await server.close();
});

async function tracker(...options: string[]): Promise<WireClient> {
  const client = await connect(server.address);
  await client.call("HELLO", "3");
  assert.equal(await client.call("CLIENT", "TRACKING", "ON", ...options), "+OK\r\n");
  return client;
}

/** Takes the keys that messages name out of a cache, up to the reply to a PING sent now. */
async function forgetTold(client: WireClient, cache: Set<string>): Promise<void> {
  client.sendCommands([["PING", "end"]]);
  for (;;) {
    const frame = await client.read();
    if (frame[0] !== 62) return;
    for (const key of elementsOf(elementsOf(frame)[1])) cache.delete(String(valueOf(key)));
  }
}

async function info(client: WireClient, field: string): Promise<number> {
  const text = await client.call("INFO");
  return Number(new RegExp(`\r\n${field}:(\\d+)\r\n`).exec(text)?.[1]);
}

test("beyond tracking-table-max-keys, keys picked at random are told and forgotten", async () => {
  server = await startTestServer("--tracking-table-max-keys", "100");
  const client = await tracker();
  const other = await connect(server.address);
  const cache = new Set(Array.from({ length: 3_000 }, (_, i) => `key:${i}`));
  await client.call("MGET", ...cache);
  assert.equal(await info(other, "tracking_total_keys"), 100);
  await forgetTold(client, cache);
  assert.equal(cache.size, 100, "what was not told is what is tracked");
  const late = [...cache].filter((key) => Number(key.slice(4)) >= 2_900).length;
  assert.ok(late < 95, `not only the last ones stay: ${late}`);

  await other.call("CONFIG", "SET", "tracking-table-max-keys", "7");
  await until("the rest is told", async () => (await info(other, "tracking_total_keys")) === 7);
  await forgetTold(client, cache);
  assert.equal(cache.size, 7);
  await other.call("MSET", ...[...cache].flatMap((key) => [key, "v"]));
  await forgetTold(client, cache);
  assert.equal(cache.size, 0);
});

test("the table stays within its share of the store, whatever is read", async () => {
  server = await startTestServer("--maxmemory", "16mb", "--tracking-table-max-keys", "0");
  const client = await tracker();
  const cache = new Set<string>();
  const long = "x".repeat(200);
  for (let batch = 0; batch < 40; batch++) {
    const keys = Array.from({ length: 1_000 }, (_, i) => `${long}${batch}:${i}`);
    for (const key of keys) cache.add(key);
    client.sendCommands([["MGET", ...keys]]);
    // The reply is an array of nulls.
    for (let frame = await client.read(); frame[0] === 62; frame = await client.read()) {
      for (const key of elementsOf(elementsOf(frame)[1])) cache.delete(String(valueOf(key)));
    }
  }
  await forgetTold(client, cache);
  const other = await connect(server.address);
  const count = await info(other, "tracking_total_keys");
  assert.equal(cache.size, count, "what was not told is what is tracked");
  assert.ok(count > 5_000 && count < 25_000, `${count} keys in 4 MiB`);
  assert.ok(await info(other, "used_memory") < 16 * 1024 * 1024);
});

test("keys that are evicted are told", async () => {
  server = await startTestServer("--maxmemory", "8mb", "--maxmemory-policy", "allkeys-random");
  const client = await tracker("NOLOOP");
  const value = "v".repeat(1_000);
  const keys = Array.from({ length: 1_000 }, (_, i) => `key:${i}`);
  for (const key of keys) await client.call("SET", key, value);
  await client.call("MGET", ...keys);
  const cache = new Set(keys);
  // It makes room itself, and is told all the same.
  for (let i = 0; i < 10_000; i += 100) {
    client.sendCommands(Array.from({ length: 100 }, (_, j) => ["SET", `more:${i + j}`, value]));
    for (let replies = 0; replies < 100;) {
      const frame = await client.read();
      if (frame[0] === 43) replies++;
      else for (const key of elementsOf(elementsOf(frame)[1])) cache.delete(String(valueOf(key)));
    }
  }
  const other = await connect(server.address);
  assert.ok(await info(other, "evicted_keys") > 2_000);
  // A connection more takes memory, for which one more may have to go.
  await until("the others are there", async () => {
    await forgetTold(client, cache);
    return cache.size === 0 || await other.call("EXISTS", ...cache) === `:${cache.size}\r\n`;
  });
  assert.ok(cache.size < 900, `${keys.length - cache.size} keys were evicted`);
});

test("what would be too many keys in one message is told as everything", async () => {
  server = await startTestServer("--proto-max-bulk-len", "1mb");
  const { engine } = server.server;
  const other = await connect(server.address);
  const clients = [await tracker(), await tracker("BCAST"), await tracker("BCAST", "NOLOOP")];
  const long = "k".repeat(30_000);
  const keys = Array.from({ length: 700 }, (_, i) => `${long}${i}`);
  await clients[0].call("MGET", ...keys);
  const before = engine.bufferBytes;
  await other.call("MSET", ...keys.flatMap((key) => [key, "v"]));
  for (const client of clients) {
    assert.equal(await client.readText(), ">2\r\n$10\r\ninvalidate\r\n_\r\n");
    assert.equal(await client.call("PING"), "+PONG\r\n", "that was all");
  }
  assert.equal(await info(other, "tracking_total_keys"), 0);
  assert.ok(engine.bufferBytes < before, "nothing is left of it");
  await clients[0].call("GET", "k");
  await other.call("SET", "k", "v");
  for (const client of clients) {
    assert.equal(await client.readText(), ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
  }
});

test("a client that does not read its messages is cut off, and leaves nothing behind", async () => {
  server = await startTestServer("--client-output-buffer-limit", "normal 1mb 0 0");
  const { engine } = server.server;
  const other = await connect(server.address);
  await other.call("SET", "k", "v");
  // A small table stays for the next client.
  const first = await tracker();
  await first.call("GET", "k");
  first.close();
  await until("it is gone", async () => (await info(other, "tracking_clients")) === 0);
  const before = engine.bufferBytes;
  const client = await tracker("BCAST");
  const reader = await tracker();
  client.pause();
  const key = "k".repeat(20_000);
  await until("it is cut off", async () => {
    other.sendCommands(Array.from({ length: 50 }, (_, i) => ["SET", `${key}${i}`, "v"]));
    await other.readAll(50);
    return server.lines.some((line) => line.includes("output buffer limits"));
  });
  assert.equal(await reader.call("GET", "k"), "$1\r\nv\r\n");
  await other.call("DEL", "k");
  assert.match(await reader.readText(), /invalidate/);
  assert.equal(await info(other, "tracking_total_prefixes"), 0);
  assert.equal(await info(other, "tracking_clients"), 1);
  reader.close();
  client.close();
  await until("memory is what it was", () => engine.bufferBytes === before);
  assert.equal(engine.keyspace.changes.isHeard, false, "nobody is told of changes any more");
});

test("numbers of clients that left are used again, and never tell them of others' keys", async () => {
  server = await startTestServer();
  const other = await connect(server.address);
  const stay = await tracker();
  await stay.call("GET", "stay");
  for (let round = 0; round < 5; round++) {
    const clients = await Promise.all(Array.from({ length: 40 }, () => tracker()));
    for (const [i, client] of clients.entries()) await client.call("MGET", `own:${i}`, "shared");
    assert.equal(await info(other, "tracking_total_items"), 81);
    // Those that come now must not get what belonged to those that go.
    for (const client of clients.slice(0, 20)) client.close();
    await until("half are gone", async () => (await info(other, "tracking_clients")) === 21);
    const late = await Promise.all(Array.from({ length: 20 }, () => tracker()));
    for (const client of late) await client.call("GET", "late");
    await other.call("MSET", "own:1", "v", "shared", "v");
    for (const client of late) assert.equal(await client.call("PING"), "+PONG\r\n");
    for (const client of [...clients, ...late]) client.close();
    await until("they are forgotten", async () => {
      return (await info(other, "tracking_total_items")) === 1;
    });
  }
  await other.call("SET", "stay", "v");
  assert.match(await stay.readText(), /stay/);
});
