/** Blocking commands over real sockets, on the runtime that the test runs on. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { quickly, until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

let running: TestServer;
before(async () => {
  running = await startTestServer();
});
after(async () => {
  closeClients();
  await running.close();
});

const client = (): Promise<WireClient> => connect(running.address);

async function blocked(count: number): Promise<void> {
  await until(`${count} blocked clients`, () => {
    return running.server.engine.blocking.clientCount === count;
  });
}

test("one client waits until another one pushes, and goes on with its pipeline", async () => {
  const [waits, pushes] = [await client(), await client()];
  waits.sendCommands([["ECHO", "before"], ["BLPOP", "k", "10"], ["ECHO", "after"]]);
  assert.equal(await waits.readText(), "$6\r\nbefore\r\n");
  await blocked(1);
  assert.equal(await pushes.call("RPUSH", "k", "v", "w"), ":2\r\n");
  assert.equal(await waits.readText(), "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
  assert.equal(await waits.readText(), "$5\r\nafter\r\n");
  assert.equal(await pushes.call("DEL", "k"), ":1\r\n");
});

test("a timeout of a fraction of a second ends when it should", async () => {
  const waits = await client();
  const startMs = performance.now();
  assert.equal(await waits.call("BLMPOP", "0.08", "1", "k", "LEFT"), "*-1\r\n");
  const elapsedMs = performance.now() - startMs;
  assert.ok(elapsedMs >= 78 && elapsedMs < 30_000, `${elapsedMs} ms`);
  assert.equal(await waits.call("PING"), "+PONG\r\n");
});

test("a hundred clients are served in the order in which they came", async () => {
  const waiting: WireClient[] = [];
  for (let i = 0; i < 100; i++) {
    const each = await client();
    each.sendCommands([["BLPOP", "many", "0"]]);
    await blocked(i + 1);
    waiting.push(each);
  }
  const pushes = await client();
  const values = waiting.map((_, i) => String(i));
  assert.equal(await pushes.call("RPUSH", "many", ...values), ":100\r\n");
  for (const [i, each] of waiting.entries()) {
    assert.equal(await each.readText(), `*2\r\n$4\r\nmany\r\n$${values[i].length}\r\n${i}\r\n`);
  }
  assert.equal(await pushes.call("EXISTS", "many"), ":0\r\n");
  await blocked(0);
});

test("what a lost connection waited for goes to the next one", async () => {
  const [lost, half, stays, pushes] = [
    await client(),
    await client(),
    await client(),
    await client(),
  ];
  for (const [i, each] of [lost, half, stays].entries()) {
    each.sendCommands([["BRPOP", "lost", "0"]]);
    await blocked(i + 1);
  }
  lost.close();
  half.endSending();
  await blocked(1);
  assert.equal(await pushes.call("RPUSH", "lost", "v"), ":1\r\n");
  assert.equal(await stays.readText(), "*2\r\n$4\r\nlost\r\n$1\r\nv\r\n");
});

test("nothing goes to a client that was killed a moment before", async () => {
  const [waits, other] = [await client(), await client()];
  const id = (await waits.call("CLIENT", "ID")).slice(1, -2);
  waits.sendCommands([["BLPOP", "killed", "0"]]);
  await blocked(1);
  other.sendCommands([["CLIENT", "KILL", "ID", id], ["RPUSH", "killed", "v"], ["LLEN", "killed"]]);
  assert.deepEqual((await other.readAll(3)).map(String), [":1\r\n", ":1\r\n", ":1\r\n"]);
  assert.equal(await waits.readToEnd(), "");
});

test("a blocked client does not keep the server from closing", async () => {
  await quickly("to close without waiting for the client", 900, async () => {
    const server = await startTestServer();
    const waits = await connect(server.address);
    waits.sendCommands([["BLPOP", "k", "0"]]);
    await until("a blocked client", () => server.server.engine.blocking.clientCount === 1);
    await server.close();
    assert.equal(await waits.readToEnd(), "");
  });
});
