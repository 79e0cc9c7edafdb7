// The client against this server: batches, transactions, waiting, messages, endings, over every door.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { connect } from "../../src/adapters/connect.ts";
import { ClientError } from "../../src/client/client_error.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { until, within } from "../support/wait.ts";
import { type ClientServer, DOORS, isHttp, startClientServer } from "./servers.ts";

let server: ClientServer;

before(async () => {
  server = await startClientServer();
});

after(() => server.close());

for (const door of DOORS) {
  test(`commands of one tick leave together over ${door} and are answered in order`, async () => {
    await using client = await server.open(door);
    await client.flushall();
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, i) => i % 2 === 0 ? client.incr("n") : client.get("n")),
    );
    assert.deepEqual(
      replies,
      Array.from({ length: 200 }, (_, i) => i % 2 === 0 ? i / 2 + 1 : `${(i + 1) / 2}`),
    );
  });

  test(`batches, pipelines and transactions over ${door}`, async () => {
    await using client = await server.open(door);
    await client.flushall();
    const [stored, failed, value] = await client.batch([["SET", "k", "é"], ["INCR", "k"], [
      "GET",
      "k",
    ]]);
    assert.deepEqual([stored, value], ["OK", "é"]);
    assert.ok(failed instanceof ReplyError);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const queued = client.bytes.pipeline().set("b", bytes).get("b").hset("h", { f: 1 }).hgetall(
      "h",
    );
    const [, same, , hash] = await queued.exec();
    assert.deepEqual(same, bytes);
    assert.deepEqual(hash, new Map([[new Uint8Array([102]), new Uint8Array([49])]]));
    assert.deepEqual(await client.multi().set("n", 1).incr("n").exec(), ["OK", 2]);
    const refused = client.multi().set("n", 9).command("NOSUCH").exec();
    await assert.rejects(
      refused,
      (error) => error instanceof ReplyError && error.code === "EXECABORT",
    );
    assert.equal(await client.get("n"), "2");
  });

  test(`a command that waits over ${door} lets all others pass`, async () => {
    await using client = await server.open(door);
    await client.flushall();
    const popped = client.blpop(["none", "queue"], 0);
    const read = client.xread({ block: 0, streams: { s: "$" } });
    assert.equal(await client.ping(), "PONG");
    assert.equal(await client.blpop("none", 0.001), null);
    await until(
      "both to wait",
      async () => /^blocked_clients:2\r$/m.test(await client.info("clients")),
    );
    await client.rpush("queue", "job");
    await client.xadd("s", "1-1", { f: 1 });
    assert.deepEqual(await within("the element", popped), ["queue", "job"]);
    assert.deepEqual(await read, new Map([["s", [["1-1", ["f", "1"]]]]]));
  });

  test(`a call over ${door} gives up when it is aborted, or late`, async () => {
    await using client = await server.open(door);
    const controller = new AbortController();
    const aborted = client.with({ signal: controller.signal }).blpop("none", 0);
    const late = client.with({ timeoutMs: 20 }).blpop("none", 0);
    await assert.rejects(late, (error) => error instanceof ClientError && error.code === "TIMEOUT");
    controller.abort();
    await assert.rejects(aborted, { code: "ABORTED" });
    await assert.rejects(client.with({ signal: controller.signal }).get("k"), { code: "ABORTED" });
    assert.equal(await client.ping(), "PONG");
  });

  test(`a client that is closed over ${door} answers what was sent, and no more`, async () => {
    const client = await server.open(door);
    const reply = client.set("k", "v");
    const waiting = client.blpop("none", 0);
    waiting.catch(() => {});
    await client.close();
    assert.equal(await reply, "OK");
    await assert.rejects(waiting, { code: "CLOSED" });
    await assert.rejects(client.get("k"), { code: "CLOSED" });
  });
}

for (const door of DOORS.filter((each) => !isHttp(each))) {
  test(`messages over ${door}`, async () => {
    await using client = await server.open(door);
    const got: unknown[] = [];
    const news = await client.subscribe("news", (message, channel) => got.push([channel, message]));
    await client.bytes.psubscribe("n*", (message) => got.push(message));
    await client.ssubscribe("shard", (message) => got.push(message));
    assert.equal(await client.publish("news", "a"), 2);
    assert.equal(await client.spublish("shard", "b"), 1);
    await until("the messages", () => got.length === 3);
    await news.unsubscribe();
    assert.equal(await client.publish("news", "c"), 1);
    await until("the message", () => got.length === 4);
    assert.deepEqual(got, [["news", "a"], new Uint8Array([97]), "b", new Uint8Array([99])]);
  });

  test(`subscriptions over ${door} come back with their connection`, async () => {
    await using client = await server.open(door, { reconnect: { minDelayMs: 1 } });
    const got: string[] = [];
    await client.subscribe("news", (message) => got.push(message));
    assert.equal(await client.command("CLIENT", "KILL", "TYPE", "pubsub"), 1);
    await until("the subscription", async () => await client.publish("news", "again") === 1);
    await until("the message", () => got.length > 0);
    assert.equal(got[0], "again");
  });

  test(`watched keys over ${door}: a transaction happens only if nobody changed them`, async () => {
    await using client = await server.open(door);
    await client.set("k", 1);
    const attempt = (meddle: boolean) =>
      client.watch(["k"], async (session) => {
        const value = Number(await session.get("k"));
        if (meddle) await client.set("k", 10);
        return await session.multi().set("k", value + 1).exec();
      });
    assert.deepEqual(await attempt(false), ["OK"]);
    assert.equal(await attempt(true), null);
    assert.equal(await client.get("k"), "10");
    await client.watch("k", (session) => session.get("k"));
    // The same connection watches nothing now.
    assert.deepEqual(await client.watch("other", (session) => session.multi().get("k").exec()), [
      "10",
    ]);
    assert.match(await client.info("clients"), /^connected_clients:[23]\r$/m);
  });

  test(`only so many connections of their own over ${door}`, async () => {
    await using client = await server.open(door, { maxOwnConnections: 2 });
    const waiting = [client.blpop("none", 0), client.blpop("none", 0)];
    for (const each of waiting) each.catch(() => {});
    await assert.rejects(client.blpop("none", 0), { code: "QUEUE_FULL" });
    client.destroy();
    for (const each of waiting) await assert.rejects(each, { code: "CLOSED" });
  });

  test(`options of the connection over ${door}`, async () => {
    let connected = 0;
    await using client = await server.open(door, {
      name: "me",
      database: 3,
      onConnect: () => connected++,
    });
    assert.equal(connected, 1);
    assert.match(String(await client.client("INFO")), / name=me .* db=3 /);
  });
}

test("over HTTP there is no watch and there are no messages", async () => {
  await using client = await server.open("http");
  await assert.rejects(client.watch("k", () => Promise.resolve()), /watch\(\) needs a connection/);
  await assert.rejects(client.subscribe("c", () => {}), /messages need a connection/);
});

test("a wrong password, and a port where nobody is, are told when connecting", async () => {
  await assert.rejects(connect({ port: server.port, username: "nobody", password: "wrong" }), {
    code: "REFUSED",
  });
  await assert.rejects(connect({ port: 1, connectTimeoutMs: 2000 }), { code: "CONNECT_FAILED" });
  await using client = await connect(server.httpUrl.replace("secret", "wrong"));
  await assert.rejects(
    client.get("k"),
    (error) =>
      error instanceof ClientError && error.code === "REFUSED" &&
      /401: WRONGPASS/.test(error.message),
  );
});
