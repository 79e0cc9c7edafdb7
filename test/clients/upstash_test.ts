// @upstash/redis against the HTTP door, with base64 on and off.

import { Redis } from "@upstash/redis";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { type HttpTestServer, startHttpServer } from "../adapters/http/http_server.ts";

const TOKEN = "a-secret-token";
const READONLY = "a-readonly-token";
let http: HttpTestServer;

before(async () => {
  http = await startHttpServer({ httpToken: TOKEN, httpReadonlyToken: READONLY });
});
after(() => http.server.close());

function client(responseEncoding: false | "base64", enableAutoPipelining = false): Redis {
  return new Redis({
    url: http.url,
    token: TOKEN,
    responseEncoding,
    enableAutoPipelining,
    enableTelemetry: false,
    retry: false,
  });
}

for (const encoding of ["base64", false] as const) {
  const name = `upstash, ${encoding === false ? "plain" : encoding}`;

  test(`${name}: strings and keys`, async () => {
    const redis = client(encoding);
    await redis.flushall();
    assert.equal(await redis.set("k", "v"), "OK");
    assert.equal(await redis.get("k"), "v");
    assert.equal(await redis.set("k", "w", { nx: true }), null);
    assert.equal(await redis.set("k", "w", { get: true, ex: 100 }), "v");
    assert.equal(await redis.ttl("k"), 100);
    assert.equal(await redis.set("emoji", "\u{1f980} caf\u00e9"), "OK");
    assert.equal(await redis.get("emoji"), "\u{1f980} caf\u00e9");
    assert.deepEqual(await redis.set("object", { a: [1, "two", null], b: true }), "OK");
    assert.deepEqual(await redis.get("object"), { a: [1, "two", null], b: true });
    assert.equal(await redis.mset({ a: 1, b: "two" }), "OK");
    assert.deepEqual(await redis.mget("a", "b", "none"), [1, "two", null]);
    assert.equal(await redis.incrby("a", 41), 42);
    assert.equal(await redis.incrbyfloat("a", 0.5), 42.5);
    assert.equal(await redis.append("b", "!"), 4);
    assert.equal(await redis.getrange("b", 0, 2), "two");
    assert.equal(await redis.exists("a", "b", "none"), 2);
    assert.equal(await redis.type("a"), "string");
    assert.deepEqual((await redis.keys("*")).sort(), ["a", "b", "emoji", "k", "object"]);
    assert.equal(await redis.del("a", "b"), 2);
    assert.equal(await redis.get("a"), null);
    assert.equal(await redis.ping(), "PONG");
    assert.equal(await redis.echo("hi"), "hi");
    assert.equal(await redis.dbsize(), 3);
    assert.equal(await redis.setbit("bits", 7, 1), 0);
    assert.equal(await redis.bitcount("bits", 0, -1), 1);
    assert.equal(await redis.set("8", "8"), "OK");
    assert.equal(await redis.get("8"), 8);
  });

  test(`${name}: hashes, lists, sets`, async () => {
    const redis = client(encoding);
    await redis.flushall();
    assert.equal(await redis.hset("h", { f: "v", n: 7 }), 2);
    assert.deepEqual(await redis.hgetall("h"), { f: "v", n: 7 });
    assert.deepEqual(await redis.hmget("h", "f", "none"), { f: "v", none: null });
    assert.equal(await redis.hgetall("none"), null);
    assert.equal(await redis.hincrby("h", "n", 3), 10);
    assert.deepEqual(await redis.hscan("h", 0), ["0", ["f", "v", "n", 10]]);
    assert.equal(await redis.rpush<unknown>("l", "a", "b", { c: 1 }), 3);
    assert.deepEqual(await redis.lrange("l", 0, -1), ["a", "b", { c: 1 }]);
    assert.equal(await redis.lpop("l"), "a");
    assert.equal(await redis.lmove("l", "m", "left", "right"), "b");
    assert.equal(await redis.sadd("s", "x", "y"), 2);
    assert.deepEqual((await redis.smembers("s")).sort(), ["x", "y"]);
    assert.equal(await redis.sismember("s", "x"), 1);
    assert.equal(await redis.scard("s"), 2);
  });

  test(`${name}: sorted sets, streams, geo, HyperLogLog`, async () => {
    const redis = client(encoding);
    await redis.flushall();
    assert.equal(await redis.zadd("z", { score: 1.5, member: "a" }, { score: 2, member: "b" }), 2);
    assert.deepEqual(await redis.zrange("z", 0, -1, { withScores: true }), ["a", 1.5, "b", 2]);
    assert.equal(await redis.zscore("z", "a"), 1.5);
    assert.equal(await redis.zrank("z", "b"), 1);
    assert.deepEqual(await redis.zpopmin("z", 1), ["a", 1.5]);
    const id = await redis.xadd("x", "*", { field: "value", n: 1 });
    assert.match(id, /^\d+-\d+$/);
    assert.deepEqual(await redis.xrange("x", "-", "+"), { [id]: { field: "value", n: 1 } });
    assert.equal(await redis.xlen("x"), 1);
    assert.equal(
      await redis.geoadd("g", { longitude: 13.361389, latitude: 38.115556, member: "P" }),
      1,
    );
    assert.deepEqual(await redis.geohash("g", "P"), ["sqc8b49rny0"]);
    assert.equal(await redis.pfadd("p", "a", "b"), 1);
    assert.equal(await redis.pfcount("p"), 2);
  });

  test(`${name}: pipelines and transactions`, async () => {
    const redis = client(encoding);
    await redis.flushall();
    const pipeline = redis.pipeline();
    pipeline.set("k", "OK");
    pipeline.get("k");
    pipeline.incr("n");
    pipeline.hset("h", { f: 1 });
    pipeline.hgetall("h");
    assert.deepEqual(await pipeline.exec(), ["OK", "OK", 1, 1, { f: 1 }]);
    const multi = redis.multi();
    multi.set("k", "v");
    multi.get("k");
    multi.lpush("list", "a");
    assert.deepEqual(await multi.exec(), ["OK", "v", 1]);
    const failing = redis.multi();
    failing.set("k", "not");
    failing.incr("list");
    await assert.rejects(failing.exec(), /WRONGTYPE/);
    const kept = redis.pipeline();
    kept.incr("list");
    kept.get("k");
    const [first, second] = await kept.exec({ keepErrors: true });
    assert.match(String(first.error), /WRONGTYPE/);
    assert.equal(second.result, "not");
  });

  test(`${name}: automatic pipelines`, async () => {
    const redis = client(encoding, true);
    await redis.flushall();
    const written = await Promise.all(Array.from({ length: 50 }, (_, i) => redis.set(`k${i}`, i)));
    assert.deepEqual(written, new Array(50).fill("OK"));
    const read = await Promise.all(Array.from({ length: 50 }, (_, i) => redis.get(`k${i}`)));
    assert.deepEqual(read, Array.from({ length: 50 }, (_, i) => i));
  });

  test(`${name}: errors are told as the service tells them`, async () => {
    const redis = client(encoding);
    await redis.set("k", "v");
    await assert.rejects(redis.lpush("k", "a"), {
      name: "UpstashError",
      message: /WRONGTYPE Operation against a key holding the wrong kind of value, command was: /,
    });
    const stranger = new Redis({
      url: http.url,
      token: "wrong",
      enableTelemetry: false,
      retry: false,
    });
    await assert.rejects(stranger.get("k"), /WRONGPASS/);
  });

  test(`${name}: the read-only token reads and writes nothing`, async () => {
    await client(encoding).set("k", "v");
    const reader = new Redis({
      url: http.url,
      token: READONLY,
      responseEncoding: encoding,
      enableTelemetry: false,
      retry: false,
    });
    assert.equal(await reader.get("k"), "v");
    await assert.rejects(reader.set("k", "w"), /NOPERM/);
    await assert.rejects(reader.keys("*"), /NOPERM/);
    await assert.rejects(reader.scan(0), /NOPERM/);
  });
}

async function ask(path: string, init: RequestInit = {}): Promise<[number, unknown]> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...init.headers };
  const response = await fetch(http.url + path, { ...init, headers });
  const text = await response.text();
  return [response.status, text === "" ? "" : JSON.parse(text)];
}

test("habits that are Upstash's own, and nobody else's", async () => {
  const redis = client(false);
  await redis.flushall();
  await redis.set("k", "v");
  assert.equal(await redis.copy("k", "k"), "NOT_COPIED");
  assert.deepEqual(await redis.scan(0, { withType: true }), ["0", [{ key: "k", type: "string" }]]);
  for (let i = 1; i <= 20; i++) await redis.xadd("s", `${i}-0`, { f: i });
  assert.equal(
    await redis.xtrim("s", { strategy: "MAXLEN", exactness: "~", threshold: 5 }),
    15,
  );
  const answer = await fetch(`${http.url}/batch`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify([["COPY", "k", "k"], ["SCAN", 0, "WITHTYPE"]]),
  });
  assert.deepEqual(await answer.json(), [
    { error: "ERR source and destination objects are the same" },
    { error: "ERR syntax error" },
  ]);
});

test("commands in the path", async () => {
  assert.deepEqual(await ask("/set/path/value/EX/100"), [200, { result: "OK" }]);
  assert.deepEqual(await ask("/GET/path"), [200, { result: "value" }]);
  assert.deepEqual(await ask("/set/a%2Fb/%F0%9F%A6%80"), [200, { result: "OK" }]);
  assert.deepEqual(await ask("/get/a%2Fb"), [200, { result: "\u{1f980}" }]);
  const body = { method: "POST", body: "raw / value" };
  assert.deepEqual(await ask("/set/raw?EX=100&NX=", body), [200, { result: "OK" }]);
  assert.deepEqual(await ask("/set/raw?NX", { ...body, method: "PUT" }), [200, { result: null }]);
  assert.deepEqual(await ask("/get/raw"), [200, { result: "raw / value" }]);
  assert.deepEqual(await ask("/ttl/raw"), [200, { result: 100 }]);
  assert.deepEqual(await ask("/get/raw", { method: "HEAD" }), [200, ""]);
  assert.equal((await ask("/incr/raw"))[0], 400);
  assert.equal((await ask("/get/%ff"))[0], 400);
  assert.equal((await ask("/get/raw", { method: "DELETE" }))[0], 405);
});

test("the token may stand in the query", async () => {
  const response = await fetch(`${http.url}/set/q/v?_token=${TOKEN}&EX=10`);
  assert.deepEqual(await response.json(), { result: "OK" });
  assert.deepEqual(await ask("/get/q"), [200, { result: "v" }]);
});

test("replies come in RESP2 where that is asked for", async () => {
  const headers = { authorization: `Bearer ${TOKEN}`, "upstash-response-format": "resp2" };
  const body = '[["SET","k","v"],["GET","k"]]';
  const response = await fetch(`${http.url}/pipeline`, { method: "POST", body, headers });
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.equal(await response.text(), "+OK\r\n$1\r\nv\r\n");
  const both = { ...headers, "upstash-encoding": "base64" };
  assert.equal(
    (await fetch(`${http.url}/pipeline`, { method: "POST", body, headers: both })).status,
    400,
  );
});

test("the sync token changes with every write, and with none else", async () => {
  const token = async (command: string): Promise<string | null> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${http.url}${command}`, { headers });
    await response.text();
    return response.headers.get("upstash-sync-token");
  };
  const first = await token("/set/t/1");
  assert.notEqual(first, null);
  assert.equal(await token("/get/t"), first);
  assert.notEqual(await token("/set/t/2"), first);
});

test("messages are heard by subscribe and psubscribe", async () => {
  const redis = client("base64");
  const heard: unknown[] = [];
  const subscription = redis.subscribe<{ n: number }>("sdk-channel");
  const pattern = redis.psubscribe<string>("sdk-*");
  const counts = [
    new Promise<number>((resolve) => subscription.on("subscribe", resolve)),
    new Promise<number>((resolve) => pattern.on("psubscribe", resolve)),
  ];
  subscription.on("message", ({ channel, message }) => void heard.push([channel, message]));
  pattern.on(
    "pmessage",
    ({ pattern: glob, channel, message }) => void heard.push([glob, channel, message]),
  );
  assert.deepEqual(await Promise.all(counts), [1, 1]);
  assert.equal(await redis.publish("sdk-channel", { n: 7 }), 2);
  while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(heard.sort(), [["sdk-*", "sdk-channel", { n: 7 }], ["sdk-channel", { n: 7 }]]);
  await Promise.all([subscription.unsubscribe(), pattern.unsubscribe()]);
});
