/** Publish and subscribe as client libraries do it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";

let server: TestServer;
let url: string;
const closers: (() => unknown)[] = [];

before(async () => {
  server = await startTestServer("--notify-keyspace-events", "KEA");
  assert.ok(server.address.kind === "tcp");
  url = `redis://127.0.0.1:${server.address.port}`;
});

after(async () => {
  for (const close of closers) await close();
  await server.close();
});

async function openIoredis(): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on("error", () => {});
  await redis.connect();
  closers.push(() => redis.disconnect());
  return redis;
}

test("ioredis subscribes, gets messages, and goes on as before when it unsubscribed", async () => {
  const [subscriber, publisher] = [await openIoredis(), await openIoredis()];
  const received: string[] = [];
  subscriber.on("message", (channel, message) => received.push(`${channel} ${message}`));
  subscriber.on("pmessage", (...words) => received.push(words.join(" ")));
  subscriber.on("smessage", (channel, message) => received.push(`shard ${channel} ${message}`));
  subscriber.on("messageBuffer", (channel: Buffer, message: Buffer) => {
    if (message.includes(255)) received.push(`${channel} ${message.length} bytes`);
  });
  assert.equal(await subscriber.subscribe("io.a", "io.b"), 2);
  assert.equal(await subscriber.psubscribe("io.?"), 3);
  assert.equal(await subscriber.ssubscribe("io.a"), 1);
  assert.equal(await publisher.publish("io.a", "1"), 2);
  assert.equal(await publisher.spublish("io.a", "2"), 1);
  assert.equal(await publisher.publish("io.b", Buffer.of(255, 0, 13, 10)), 2);
  const pipelined = await publisher.pipeline().publish("io.c", "3").publish("io.d", "4").exec();
  assert.deepEqual(pipelined, [[null, 1], [null, 1]]);
  await until("all messages", () => received.length === 8);
  assert.deepEqual(received.filter((each) => !each.includes("\ufffd")), [
    ...["io.a 1", "io.? io.a 1", "shard io.a 2", "io.b 4 bytes", "io.? io.c 3", "io.? io.d 4"],
  ]);
  assert.equal(await subscriber.unsubscribe("io.a", "io.b"), 1);
  assert.equal(await subscriber.punsubscribe("io.?"), 0);
  assert.equal(await subscriber.sunsubscribe("io.a"), 0);
  assert.equal(await subscriber.set("io", "v"), "OK");
  assert.equal(await publisher.publish("io.a", "5"), 0);
});

for (const version of [2, 3] as const) {
  test(`node-redis in RESP${version} calls listeners`, async () => {
    const open = async () => {
      const client = createClient({ url, RESP: version, socket: { reconnectStrategy: false } });
      client.on("error", () => {});
      await client.connect();
      closers.push(() => client.isOpen && client.destroy());
      return client;
    };
    const [subscriber, publisher] = [await open(), await open()];
    const prefix = `nr${version}`;
    const received: string[] = [];
    const listener = (message: string, channel: string): void => {
      received.push(`${channel} ${message}`);
    };
    await subscriber.subscribe([`${prefix}.a`, `${prefix}.b`], listener);
    await subscriber.pSubscribe(`${prefix}.[c]`, listener);
    await subscriber.sSubscribe(`${prefix}.a`, listener);
    await subscriber.pSubscribe(`__keyspace@0__:${prefix}.*`, listener);
    for (const name of ["a", "b", "c", "d"]) await publisher.publish(`${prefix}.${name}`, name);
    await publisher.sPublish(`${prefix}.a`, "shard");
    await publisher.set(`${prefix}.k`, "v");
    await publisher.del(`${prefix}.k`);
    await until("all messages", () => received.length === 6);
    assert.deepEqual(received, [
      ...[`${prefix}.a a`, `${prefix}.b b`, `${prefix}.c c`, `${prefix}.a shard`],
      ...[`__keyspace@0__:${prefix}.k set`, `__keyspace@0__:${prefix}.k del`],
    ]);
    // What it makes of the two words that RESP2 answers to a subscriber.
    assert.equal(await subscriber.ping(), version === 2 ? "pong" : "PONG");
    if (version === 3) assert.equal(await subscriber.get(`${prefix}.k`), null);
    await subscriber.unsubscribe();
    await subscriber.pUnsubscribe();
    await subscriber.sUnsubscribe();
    assert.equal(await subscriber.get(`${prefix}.k`), null);
    assert.deepEqual(await publisher.pubSubChannels(`${prefix}.*`), []);
  });
}

interface BunRedisClient {
  connect(): Promise<void>;
  close(): void;
  duplicate(): Promise<BunRedisClient>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<number>;
  unsubscribe(channel?: string): Promise<void>;
  get(key: string): Promise<string | null>;
}

test("Bun.RedisClient subscribes", { skip: !("Bun" in globalThis) }, async () => {
  const { Bun } = globalThis as unknown as {
    Bun: { RedisClient: new (url: string) => BunRedisClient };
  };
  const open = async (): Promise<BunRedisClient> => {
    const client = new Bun.RedisClient(url);
    await client.connect();
    closers.push(() => client.close());
    return client;
  };
  const [subscriber, publisher] = [await open(), await open()];
  const received: string[] = [];
  await subscriber.subscribe("bun.a", (message, channel) => received.push(`${channel} ${message}`));
  for (let i = 0; i < 50; i++) assert.equal(await publisher.publish("bun.a", String(i)), 1);
  await until("all messages", () => received.length === 50);
  assert.deepEqual(received, Array.from({ length: 50 }, (_, i) => `bun.a ${i}`));
  await subscriber.unsubscribe("bun.a");
  assert.equal(await publisher.publish("bun.a", "x"), 0);
  assert.equal(await subscriber.get("bun"), null);
});
