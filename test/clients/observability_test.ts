/** What shows the work of the server, read by clients that parse it: ioredis and node-redis. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";

let server: TestServer | undefined;
const closing: (() => void)[] = [];

after(async () => {
  for (const close of closing) close();
  await server?.close();
});

async function address(): Promise<{ host: string; port: number }> {
  server ??= await startTestServer("--enable-debug-command", "yes");
  assert.ok(server.address.kind === "tcp");
  return server.address;
}

test("ioredis monitors and reads the parsed commands", async () => {
  const { host, port } = await address();
  const redis = new Redis({ host, port });
  closing.push(() => redis.disconnect());
  const monitor = await redis.monitor();
  closing.push(() => monitor.disconnect());
  const seen: { time: string; args: string[]; database: string }[] = [];
  monitor.on("monitor", (time: string, args: string[], _source: string, database: string) => {
    seen.push({ time, args, database });
  });
  await redis.set("ioredis", 'a "quoted"\r\nvalue \\ é');
  await until("the command is seen", () => seen.some(({ args }) => args[0] === "set"));
  const { time, args, database } = seen.find((each) => each.args[0] === "set")!;
  assert.equal(database, "0");
  assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60);
  assert.equal(args[1], "ioredis");
});

test("ioredis reads the slow log", async () => {
  const { host, port } = await address();
  const redis = new Redis({ host, port, connectionName: "slow-one" });
  closing.push(() => redis.disconnect());
  await redis.call("DEBUG", "SLEEP", "0.1");
  const [entry] = await redis.slowlog("GET", 1) as [
    number,
    number,
    number,
    string[],
    string,
    string,
  ][];
  assert.ok(entry[2] >= 100_000);
  assert.deepEqual(entry[3], ["DEBUG", "SLEEP", "0.1"]);
  assert.equal(entry[5], "slow-one");
});

for (const version of [2, 3] as const) {
  test(`node-redis over RESP${version} monitors and reads lists of clients and latencies`, async () => {
    const { host, port } = await address();
    const url = `redis://${host}:${port}`;
    const client = createClient({ url, RESP: version });
    const monitor = createClient({ url, RESP: version });
    closing.push(() => client.destroy(), () => monitor.destroy());
    await Promise.all([client.connect(), monitor.connect()]);
    const lines: string[] = [];
    await monitor.monitor((line) => lines.push(String(line)));
    await client.set("node", "redis");
    await until("the command is seen", () => lines.some((line) => line.includes('"SET" "node"')));
    const clients = await client.clientList();
    assert.ok(clients.some(({ flags }) => flags === "O"));
    const [own] = clients.filter(({ cmd }) => cmd === "client|list");
    assert.equal(own.resp, version);
    assert.ok(own.totMem! > 0 && own.omem === 0 && own.multi === -1);
    await client.configSet("latency-monitor-threshold", "50");
    await client.sendCommand(["DEBUG", "SLEEP", "0.08"]);
    const [event] = await client.latencyLatest();
    assert.equal(event[0], "command");
    assert.ok(Number(event[2]) >= 80);
    assert.match(await client.latencyGraph("command"), /^command - high \d+ ms/);
    const stats = await client.memoryStats();
    assert.ok(Number(stats["keys.count"]) > 0);
  });
}
