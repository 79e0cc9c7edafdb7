/** Publish and subscribe over real sockets: everybody gets everything, but who does not read is cut off. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const MIB = 1024 * 1024;

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

async function subscribe(server: TestServer, version: string): Promise<WireClient> {
  const client = await connect(server.address);
  await client.call("HELLO", version);
  assert.match(await client.call("SUBSCRIBE", "c"), /subscribe/);
  return client;
}

test("three hundred subscribers get every message once and in order", async () => {
  const server = await start();
  const subscribers: WireClient[] = [];
  for (let i = 0; i < 300; i++) subscribers.push(await subscribe(server, i % 2 === 0 ? "2" : "3"));
  const [publisher, other] = [await connect(server.address), await connect(server.address)];
  const count = 100;
  publisher.sendCommands(Array.from({ length: count }, (_, i) => ["PUBLISH", "c", `message ${i}`]));
  assert.equal(await other.call("PING"), "+PONG\r\n");
  for (let i = 0; i < count; i++) assert.equal(await publisher.readText(), ":300\r\n");
  for (const [n, subscriber] of subscribers.entries()) {
    const type = n % 2 === 0 ? "*" : ">";
    for (let i = 0; i < count; i++) {
      const payload = `message ${i}`;
      assert.equal(
        await subscriber.readText(),
        `${type}3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${payload.length}\r\n${payload}\r\n`,
      );
    }
    assert.equal(subscriber.frameCount, 0);
  }
});

test("a subscriber that does not read is closed, one that reads gets everything", async () => {
  const server = await start("--client-output-buffer-limit", "pubsub 2mb 0 0");
  const [slow, quick] = [await subscribe(server, "2"), await subscribe(server, "3")];
  const publisher = await connect(server.address);
  slow.pause();
  const payload = "x".repeat(MIB / 4);
  const isOut = (): boolean => server.lines.some((line) => /output buffer limits/.test(line));
  let published = 0;
  // What the kernel takes for the slow one comes on top.
  while (!isOut() && published < 400) {
    assert.match(await publisher.call("PUBLISH", "c", payload), /^:[12]\r\n$/);
    published++;
    assert.ok((await quick.read()).includes(payload));
  }
  assert.ok(isOut(), `${published} messages were published`);
  assert.match(await publisher.call("PUBLISH", "c", "last"), /^:1\r\n$/);
  assert.match(await quick.readText(), /last/);
  assert.match(
    await publisher.call("INFO", "stats"),
    /evicted_clients:0\r\n(?:.*\r\n)*client_output_buffer_limit_disconnections:1\r\n/,
  );
  slow.resume();
  await until("the slow one to see it", () => slow.isOver);
  assert.ok(slow.receivedBytes < published * payload.length);
});

test("a subscriber that goes on reading after a pause gets all that waited", async () => {
  const server = await start();
  const [slow, publisher] = [await subscribe(server, "3"), await connect(server.address)];
  slow.pause();
  const payload = "x".repeat(100_000);
  const count = 150;
  for (let i = 0; i < count; i++) {
    assert.equal(await publisher.call("PUBLISH", "c", `${i} ${payload}`), ":1\r\n");
  }
  slow.resume();
  for (let i = 0; i < count; i++) {
    const text = await slow.readText();
    assert.ok(text.includes(`\r\n${i} x`), `message ${i}`);
  }
  assert.equal(await slow.call("PING"), "+PONG\r\n");
});
