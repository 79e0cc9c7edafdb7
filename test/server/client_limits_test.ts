/** What all clients together may take, and how fast one may be: over real connections. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { sleep, until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const MIB = 1024 * 1024;
const RATE_REFUSAL = "-RATELIMIT too many commands, a connection may send 5 per second\r\n";

const servers: TestServer[] = [];
after(async () => {
  closeClients();
  for (const each of servers) await each.close();
});

async function start(...flags: string[]): Promise<TestServer> {
  const server = await startTestServer(...flags);
  servers.push(server);
  return server;
}

/** Connects with a name. */
async function named({ address }: TestServer, name: string): Promise<WireClient> {
  const client = await connect(address);
  assert.equal(await client.call("CLIENT", "SETNAME", name), "+OK\r\n");
  return client;
}

/** @returns a field of a connection's line in CLIENT LIST, "" if it is gone */
async function fieldOf(admin: WireClient, name: string, field: string): Promise<string> {
  const lines = (await admin.call("CLIENT", "LIST")).split("\n");
  const line = lines.find((each) => each.includes(` name=${name} `)) ?? "";
  return new RegExp(` ${field}=(\\S*)`).exec(line)?.[1] ?? "";
}

async function totalMemory(admin: WireClient, name: string): Promise<number> {
  return Number(await fieldOf(admin, name, "tot-mem"));
}

test("maxmemory-clients closes the client that takes most, and nobody else", async () => {
  const server = await start();
  const [admin, slow, half] = [
    await named(server, "admin"),
    await named(server, "slow"),
    await named(server, "half"),
  ];
  await admin.call("SET", "large", Buffer.alloc(24 * MIB));
  slow.pause();
  slow.send("GET large\r\n");
  half.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${4 * MIB}\r\n${"x".repeat(3 * MIB)}`);
  await until(
    "both to be large",
    async () =>
      await totalMemory(admin, "slow") > 12 * MIB && await totalMemory(admin, "half") > 3 * MIB,
  );
  assert.ok(await totalMemory(admin, "half") < 9 * MIB);
  assert.equal(await admin.call("CONFIG", "SET", "maxmemory-clients", "12mb"), "+OK\r\n");
  await until("the slow one to go", async () => await fieldOf(admin, "slow", "addr") === "");
  assert.notEqual(await fieldOf(admin, "half", "addr"), "", "the other one stays");
  const stats = await admin.call("INFO", "stats");
  assert.match(stats, /\nevicted_clients:1\r/);
  assert.match(stats, /client_output_buffer_limit_disconnections:0\r/);
  assert.match(server.lines.join("\n"), /Evicting client: id=\d+ .* name=slow /);
  half.send("x".repeat(MIB) + "\r\n");
  assert.equal(await half.readText(), "+OK\r\n");
  assert.match(await admin.call("INFO", "memory"), /mem_clients_normal:\d{4,6}\r/);
});

test("maxmemory-clients counts what waits for EXEC", async () => {
  const server = await start("--maxmemory-clients", "1mb");
  const [admin, queueing] = [await named(server, "admin"), await named(server, "queueing")];
  assert.equal(await queueing.call("MULTI"), "+OK\r\n");
  let sent = 0;
  while (!queueing.isOver && sent < 100) {
    queueing.sendCommands([["SET", `k${sent++}`, Buffer.alloc(20_000, "x")]]);
    await sleep(1);
  }
  assert.match(await queueing.readToEnd(), /^(?:\+QUEUED\r\n)*$/);
  assert.ok(sent >= 20 && sent < 100, `${sent} commands`);
  assert.match(await admin.call("INFO", "stats"), /\nevicted_clients:1\r/);
  assert.equal(await admin.call("DBSIZE"), ":0\r\n");
});

test("CLIENT NO-EVICT keeps a client that takes too much", async () => {
  const server = await start();
  const [admin, large] = [await named(server, "admin"), await named(server, "large")];
  assert.equal(await large.call("CLIENT", "NO-EVICT", "ON"), "+OK\r\n");
  assert.equal(await admin.call("CLIENT", "NO-EVICT", "ON"), "+OK\r\n");
  assert.match(await fieldOf(admin, "large", "flags"), /e/);
  large.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${3 * MIB}\r\n${"x".repeat(2 * MIB)}`);
  await until("it to be large", async () => await totalMemory(admin, "large") > 2 * MIB);
  assert.equal(await admin.call("CONFIG", "SET", "maxmemory-clients", "1mb"), "+OK\r\n");
  const victim = await connect(server.address);
  victim.send("PING\r\n");
  await until("another one to go", () => victim.isOver);
  large.send("x".repeat(MIB) + "\r\n");
  assert.equal(await large.readText(), "+OK\r\n");
  assert.equal(await admin.call("PING"), "+PONG\r\n");
});

test("client-query-buffer-limit closes one past it, and counts", async () => {
  const server = await start("--client-query-buffer-limit", "1mb");
  const [admin, within, past] = [
    await named(server, "admin"),
    await named(server, "within"),
    await named(server, "past"),
  ];
  const head = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${2 * MIB}\r\n`;
  within.send(head + "x".repeat(MIB - head.length));
  past.send(head + "x".repeat(MIB - head.length + 1));
  await until("it to be closed", () => past.isOver);
  await until(
    "all to be there",
    async () => Number(await fieldOf(admin, "within", "qbuf")) === MIB,
  );
  assert.ok(!within.isOver);
  const stats = await admin.call("INFO", "stats");
  assert.match(stats, /client_query_buffer_limit_disconnections:1\r/);
  assert.match(stats, /\nevicted_clients:0\r/);
  assert.match(server.lines.join("\n"), /Closing client that reached max query buffer length/);
});

test("client-command-rate-limit refuses what is too fast, in MULTI too", async () => {
  const server = await start("--client-command-rate-limit", "5");
  const client = await connect(server.address);
  client.send("PING\r\n".repeat(6));
  const replies = (await client.readAll(6)).map(String);
  assert.deepEqual(replies, [...Array(5).fill("+PONG\r\n"), RATE_REFUSAL]);
  const other = await connect(server.address);
  other.send("MULTI\r\n" + "INCR n\r\n".repeat(5));
  assert.deepEqual((await other.readAll(6)).map(String), [
    "+OK\r\n",
    ...Array(4).fill("+QUEUED\r\n"),
    RATE_REFUSAL,
  ]);
  await sleep(450);
  const aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
  assert.equal(await other.call("EXEC"), aborted);
  const third = await connect(server.address);
  third.send("MULTI\r\n" + "INCR n\r\n".repeat(3) + "EXEC\r\n");
  assert.equal((await third.readAll(5)).at(-1)!.toString(), "*3\r\n:1\r\n:2\r\n:3\r\n");
  assert.match(await statsOf(server), /client_command_rate_limited:2\r/);
});

/** INFO stats, over a connection of its own. */
async function statsOf({ address }: TestServer): Promise<string> {
  const client = await connect(address);
  const stats = await client.call("INFO", "stats");
  client.close();
  return stats;
}

test("client-command-rate-limit can be changed, and RESET does not lift it", async () => {
  const server = await start();
  const client = await connect(server.address);
  client.send("PING\r\n".repeat(100));
  assert.ok((await client.readAll(100)).every((reply) => String(reply) === "+PONG\r\n"));
  const set = (value: string) => client.call("CONFIG", "SET", "client-command-rate-limit", value);
  assert.equal(await set("5"), "+OK\r\n");
  assert.equal(await client.call("RESET"), "+RESET\r\n");
  client.send("PING\r\n".repeat(10));
  const refused = (await client.readAll(10)).filter((reply) => String(reply) === RATE_REFUSAL);
  assert.ok(refused.length >= 5, `${refused.length} refused`);
  await sleep(250);
  assert.equal(await set("0"), "+OK\r\n");
  client.send("PING\r\n".repeat(100));
  assert.ok((await client.readAll(100)).every((reply) => String(reply) === "+PONG\r\n"));
});
