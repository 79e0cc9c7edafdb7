// What a client makes of calls, over senders that a cache in this process stands behind.

import { test } from "node:test";
import assert from "node:assert/strict";
import { createClientOn } from "../../src/client/client.ts";
import { ClientError } from "../../src/client/client_error.ts";
import type { Client } from "../../src/client/commands.ts";
import { METHOD_SHAPES } from "../../src/client/method_names.ts";
import { COMMAND_SHAPES } from "../../src/methods/command_table.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { startCache } from "../server/cache_support.ts";
import { type FakeConnections, fakeConnections, FakeSender } from "./fake_connections.ts";
import { recordMethods, replay } from "./recording.ts";

interface Fake extends FakeConnections {
  readonly client: Client;
}

function startFake(): Fake {
  const connections = fakeConnections(startCache().cache);
  return { ...connections, client: createClientOn(connections) };
}

for (const [name, calls] of recordMethods()) {
  test(`client.${name}() answers what the cache's method does`, async () => {
    await replay(startFake().client, calls);
  });
}

test("all other commands that a client takes are methods, too, and take words", async () => {
  const { client, shared } = startFake();
  const methods = client as unknown as Record<string, (...args: unknown[]) => unknown>;
  const missing = Object.keys(COMMAND_SHAPES).filter((name) => typeof methods[name] !== "function");
  assert.deepEqual(missing, [
    ...["auth", "debug", "discard", "exec", "hello", "monitor", "pfdebug", "pfselftest"],
    ...["punsubscribe", "quit", "reset", "select", "sunsubscribe", "unsubscribe", "unwatch"],
  ]);
  assert.equal(METHOD_SHAPES.length, new Set(METHOD_SHAPES.map(([name]) => name)).size);
  assert.equal(await client.ping(), "PONG");
  assert.equal(await client.ping("hello"), "hello");
  assert.match(await client.info("server"), /redis_version/);
  assert.deepEqual(
    await client.config("GET", "maxmemory-samples"),
    new Map([["maxmemory-samples", "5"]]),
  );
  assert.deepEqual(shared.asked, ["one ping", "one ping", "one info", "one config"]);
});

test("client.command() runs any command by its name", async () => {
  const { client } = startFake();
  assert.equal(await client.command("SET", "k", "v", "EX", 10), "OK");
  assert.equal(await client.command("GETEX", "k", "PERSIST"), "v");
  assert.deepEqual(await client.bytes.command("get", "k"), new Uint8Array([118]));
  await assert.rejects(client.command("NOSUCH"), /^ReplyError: ERR unknown command 'NOSUCH'/);
  await assert.rejects(client.get(undefined as unknown as string), TypeError);
});

test("commands that would upset the connection are refused, and what to do instead is said", async () => {
  const { client, shared } = startFake();
  for (const name of ["SUBSCRIBE", "psubscribe", "Multi", "EXEC", "watch", "QUIT", "hello"]) {
    await assert.rejects(
      client.command(name),
      /^TypeError: \w+ can't be sent as a command: use|say/,
    );
    await assert.rejects(client.batch([[name]]), /can't be sent/);
    assert.throws(() => client.pipeline().command(name), /can't be sent/);
  }
  assert.deepEqual(shared.asked, []);
});

test("client.batch() sends commands together and gives errors as values", async () => {
  const { client, shared } = startFake();
  const replies = await client.batch([["SET", "k", "v"], ["INCR", "k"], ["GET", "k"]]);
  assert.deepEqual([replies[0], replies[2]], ["OK", "v"]);
  assert.ok(replies[1] instanceof ReplyError);
  assert.deepEqual(await client.bytes.batch([["GET", "k"], ["SCAN", 0]]), [
    new Uint8Array([118]),
    ["0", [new Uint8Array([107])]],
  ]);
  assert.deepEqual(await client.batch([]), []);
  assert.deepEqual(shared.asked, ["all 3", "all 2"]);
});

test("client.pipeline() collects commands until exec()", async () => {
  const { client, shared } = startFake();
  const pipeline = client.pipeline().set("k", 1, { ex: 10 }).incrby("k", 2).mget(["k", "none"]);
  assert.equal(pipeline.length, 3);
  assert.deepEqual(shared.asked, []);
  assert.deepEqual(await pipeline.command("TTL", "k").exec(), ["OK", 3, ["3", null], 10]);
  assert.deepEqual(shared.asked, ["all 4"]);
  await assert.rejects(pipeline.exec(), /sent already/);
  assert.throws(() => pipeline.get("k"), /sent already/);
  assert.deepEqual(await client.pipeline().exec(), []);
});

test("client.multi() is one transaction, null if it did not happen, an error if it was refused", async () => {
  const { client, shared } = startFake();
  assert.deepEqual(await client.multi().set("k", 1).incr("k").exec(), ["OK", 2]);
  const [ok, failed] = (await client.multi().set("k", "v").incr("k").exec())!;
  assert.equal(ok, "OK");
  assert.ok(failed instanceof ReplyError);
  assert.deepEqual(shared.asked, ["atomic 2", "atomic 2"]);
  shared.refusal = null;
  assert.equal(await client.multi().get("k").exec(), null);
  await assert.rejects(client.multi().command("NOSUCH").exec(), /^ReplyError: EXECABORT/);
});

test("client.keys() goes through all keys", async () => {
  const { client } = startFake();
  const wanted = Array.from({ length: 100 }, (_, i) => `key:${i}`);
  await client.mset(wanted.map((key) => [key, 1] as const));
  await client.set("other", 1);
  const found = new Set<string>();
  for await (const key of client.keys({ match: "key:*", count: 7 })) found.add(key);
  assert.deepEqual([...found].sort(), wanted.sort());
  let bytes = 0;
  for await (const key of client.bytes.keys({ match: "other" })) bytes += key.length;
  assert.equal(bytes, 5);
});

test("client.with() hands its options to all that is called on it", async () => {
  const { client, shared } = startFake();
  const { signal } = new AbortController();
  const patient = client.with({ timeoutMs: 50, signal });
  await patient.set("k", "v");
  await patient.bytes.get("k");
  await patient.pipeline().get("k").exec();
  await patient.with({ timeoutMs: 0 }).multi().get("k").exec();
  await client.get("k");
  assert.deepEqual(shared.options, [
    { as: "text", throwsErrors: true, timeoutMs: 50, signal },
    { as: "bytes", throwsErrors: true, timeoutMs: 50, signal },
    { as: "text", throwsErrors: true, timeoutMs: 50, signal },
    { as: "text", throwsErrors: true, timeoutMs: 0, signal },
    { as: "text", throwsErrors: true },
  ]);
  assert.throws(() => client.with({ timeout: 5 } as object), /unknown option timeout/);
  assert.throws(() => client.with({ timeoutMs: -5 }), RangeError);
});

test("commands that wait have a sender of their own, without the time limit of others", async () => {
  const { client, shared, own } = startFake();
  await client.rpush("k", "a", "b", "c", "d");
  assert.deepEqual(await client.blpop(["none", "k"], 0), ["k", "a"]);
  assert.deepEqual(await client.command("BrPop", "k", 0), ["k", "d"]);
  assert.deepEqual(await client.batch([["LLEN", "k"], ["BLPOP", "k", 0]]), [2, ["k", "b"]]);
  assert.deepEqual(await client.with({ timeoutMs: 9 }).blmpop(1, ["k"], "LEFT", { count: 5 }), [
    "k",
    ["c"],
  ]);
  await client.xadd("s", "1-1", { f: 1 });
  const entries = new Map([["s", [["1-1", ["f", "1"]]]]]);
  assert.deepEqual(await client.xread({ streams: { s: 0 }, block: 10 }), entries);
  assert.deepEqual(shared.asked, ["one rpush", "one xadd"]);
  assert.deepEqual(await client.xread({ streams: { s: 0 } }), entries);
  assert.equal(shared.asked.at(-1), "one xread");
  assert.deepEqual(own.made.flatMap((sender) => sender.options), [
    { as: "text", throwsErrors: true, timeoutMs: 0 },
    { as: "text", throwsErrors: true, timeoutMs: 0 },
    { as: "text", throwsErrors: true, timeoutMs: 0 },
    { as: "text", throwsErrors: true, timeoutMs: 9 },
    { as: "text", throwsErrors: true, timeoutMs: 0 },
  ]);
  assert.ok(own.given.length === 5 && own.given.every(({ isReusable }) => isReusable));
});

test("a sender whose command failed is not used again", async () => {
  const { client, own } = startFake();
  own.take = () => {
    const sender = new FakeSender(startCache().cache);
    sender.destroy();
    return sender;
  };
  await assert.rejects(client.blpop("k", 0), (error) => error instanceof ClientError);
  assert.deepEqual(own.given.map(({ isReusable }) => isReusable), [false]);
});

test("client.watch() has a sender to itself until its function is done", async () => {
  const { client, shared, own } = startFake();
  const seen: unknown[] = [];
  const result = await client.watch(["a", "b"], async (session) => {
    seen.push(await session.get("a"), await session.bytes.get("a"));
    return await session.multi().set("a", 1).exec();
  });
  assert.deepEqual(seen, [null, null]);
  assert.deepEqual(result, ["OK"]);
  assert.deepEqual(shared.asked, []);
  assert.deepEqual(own.made[0].asked, ["one WATCH", "one get", "one get", "atomic 1"]);
  assert.deepEqual(own.given, [{ sender: own.made[0], isReusable: true }]);
});

test("client.watch() gives up its sender when its function throws", async () => {
  const { client, own } = startFake();
  await assert.rejects(
    client.watch("a", () => Promise.reject(new Error("changed my mind"))),
    /changed my mind/,
  );
  assert.deepEqual(own.given, [{ sender: own.made[0], isReusable: false }]);
});

test("a session of client.watch() can't be used any more when it is over", async () => {
  const { client, own } = startFake();
  const session = await client.watch("a", (session) => Promise.resolve({ session }));
  await assert.rejects(session.session.get("a"), /the session is over/);
  assert.deepEqual(own.made[0].asked, ["one WATCH", "one UNWATCH"]);
});

test("client.close() closes every sender, and so does the end of an await using block", async () => {
  const { client, shared, own, messages } = startFake();
  await client.blpop("none", 1);
  await client.subscribe("news", () => {});
  {
    await using _ = client;
  }
  assert.deepEqual([shared.state, own.made[0].state, messages[0].state], [
    "closed",
    "destroyed",
    "closed",
  ]);
  await assert.rejects(client.get("k"), { code: "CLOSED" });
});

test("client.destroy() destroys every sender", async () => {
  const { client, shared, messages } = startFake();
  await client.subscribe("news", () => {});
  client.destroy();
  assert.deepEqual([shared.state, messages[0].state], ["destroyed", "destroyed"]);
});
