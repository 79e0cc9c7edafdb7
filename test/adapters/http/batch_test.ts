import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const encoder = new TextEncoder();
let http: HttpTestServer;

before(async () => void (http = await startHttpServer({ httpMaxBody: 64 * 1024, httpMaxWait: 1 })));
after(() => http.server.close());

test("POST /batch answers each command in its place, and an error stops nothing", async () => {
  const { status, headers, json } = await http.ask("/batch", [
    ["SET", "k", 'v"\n\u00e9'],
    ["GET", "k"],
    ["INCR", "k"],
    ["HSET", "h", "f", 1.5, "g", true],
    ["HGETALL", "h"],
    ["ZADD", "z", 2.5, "m"],
    ["ZSCORE", "z", "m"],
    ["LRANGE", "none", 0, -1],
    ["GET", "none"],
  ]);
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "application/json");
  assert.deepEqual(json, [
    { result: "OK" },
    { result: 'v"\n\u00e9' },
    { error: "ERR value is not an integer or out of range" },
    { result: 2 },
    { result: { f: "1.5", g: "true" } },
    { result: 1 },
    { result: 2.5 },
    { result: [] },
    { result: null },
  ]);
  assert.deepEqual((await http.ask("/batch", [])).json, []);
});

test("a body that cannot be read is refused whole", async () => {
  const { status, json } = await http.ask("/batch", '[["SET","whole","1"],["GET",null]]');
  assert.equal(status, 400);
  assert.deepEqual(json, {
    error: "ERR command 1, element 1 must be a string, a number or a boolean, not null",
  });
  assert.deepEqual((await http.ask("/batch", [["EXISTS", "whole"]])).json, [{ result: 0 }]);
});

test("?atomic=true runs all or none", async () => {
  const good = await http.ask("/batch?atomic=true", [["SET", "n", "x"], ["INCR", "n"], [
    "GET",
    "n",
  ]]);
  assert.deepEqual(good.json, [
    { result: "OK" },
    { error: "ERR value is not an integer or out of range" },
    { result: "x" },
  ]);
  const unknown = await http.ask("/batch?atomic=true", [["SET", "n", "y"], ["NOPE"]]);
  assert.equal(unknown.status, 400);
  assert.match(unknown.json.error, /^EXECABORT Transaction discarded because of: unknown command/);
  const ending = await http.ask("/batch?atomic=true", [["SET", "n", "y"], ["exec"]]);
  assert.deepEqual(ending.json, { error: "ERR 'exec' is not allowed in an atomic batch" });
  assert.deepEqual((await http.ask("/batch", [["GET", "n"]])).json, [{ result: "x" }]);
  assert.deepEqual((await http.ask("/batch?atomic=true", [])).json, []);
  assert.equal((await http.ask("/batch?atomic=perhaps", [])).status, 400);
});

test("RESP goes in and comes out, byte for byte", async () => {
  const value = Uint8Array.from({ length: 256 }, (_, i) => i);
  const head = encoder.encode("*3\r\n$3\r\nSET\r\n$3\r\nbin\r\n$256\r\n");
  const tail = encoder.encode(
    "\r\n*2\r\n$3\r\nGET\r\n$3\r\nbin\r\n*2\r\n$4\r\nHLEN\r\n$3\r\nbin\r\n",
  );
  const body = new Uint8Array([...head, ...value, ...tail]);
  const answer = await fetch(`${http.url}/batch`, {
    method: "POST",
    body,
    headers: { "content-type": "application/x-resp", accept: "application/x-resp" },
  });
  assert.equal(answer.headers.get("content-type"), "application/x-resp;version=2");
  const expected = [
    ...encoder.encode("+OK\r\n$256\r\n"),
    ...value,
    ...encoder.encode(
      "\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
    ),
  ];
  assert.deepEqual([...new Uint8Array(await answer.arrayBuffer())], expected);
});

test("RESP3 is answered where it is accepted, also of an atomic batch", async () => {
  const init = {
    headers: { "content-type": "application/json", accept: "application/x-resp; version=3" },
  };
  const commands = JSON.stringify([["HSET", "h3", "f", "v"], ["HGETALL", "h3"]]);
  const { text } = await http.ask("/batch?atomic=true", commands, init).then(async () =>
    await http.ask("/batch?atomic=true", commands, { method: "POST", body: commands, ...init })
  );
  assert.equal(text, ":0\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n");
});

test("frames that are not whole or no arrays are refused", async () => {
  const headers = { "content-type": "application/x-resp" };
  for (
    const [body, error] of [
      ["*1\r\n$4\r\nPI", "ERR the frame at offset 0 is not whole"],
      ["PING\r\n", "ERR expected an array of bulk strings at offset 0"],
      ["*1\r\n:4\r\n", "ERR Protocol error: expected '$', got ':'"],
    ]
  ) {
    const { status, json } = await http.ask("/batch", body, { method: "POST", body, headers });
    assert.equal(status, 400);
    assert.deepEqual(json, { error });
  }
});

test("lines are answered where they are accepted", async () => {
  const body = JSON.stringify([["ECHO", "a\nb"], ["NOPE"]]);
  const headers = { accept: "application/x-ndjson" };
  const { text, headers: answered } = await http.ask("/batch", body, {
    method: "POST",
    body,
    headers,
  });
  assert.equal(answered.get("content-type"), "application/x-ndjson");
  const [first, second, rest] = text.split("\n");
  assert.deepEqual(JSON.parse(first), { result: "a\nb" });
  assert.match(JSON.parse(second).error, /^ERR unknown command 'NOPE'/);
  assert.equal(rest, "");
});

test("a blocking command waits for what it waits for, and for no longer than the door allows", async () => {
  const waiting = http.ask("/batch", [["BLPOP", "list", 0], ["PING"]]);
  await http.ask("/batch", [["RPUSH", "list", "a"]]);
  assert.deepEqual((await waiting).json, [{ result: ["list", "a"] }, { result: "PONG" }]);
  const startMs = Date.now();
  const late = await http.ask("/batch", [["BLPOP", "list", 60], ["PING"]]);
  assert.deepEqual(late.json, [{ result: null }, { result: "PONG" }]);
  const elapsedMs = Date.now() - startMs;
  assert.ok(elapsedMs >= 900 && elapsedMs < 10_000, `${elapsedMs} ms`);
});

test("lines come as their commands are done", async () => {
  const body = JSON.stringify([["PING"], ["BLPOP", "slow", 0], ["ECHO", "x"], [
    "BLPOP",
    "slow",
    0,
  ]]);
  const headers = { accept: "application/x-ndjson" };
  const response = await fetch(`${http.url}/batch`, { method: "POST", body, headers });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value = "", done } = await reader.read();
      if (value !== "" || done) return value;
    }
  };
  assert.equal(await next(), '{"result":"PONG"}\n');
  await http.ask("/rpush/slow/a");
  assert.equal(await next(), '{"result":["slow","a"]}\n{"result":"x"}\n');
  await http.ask("/rpush/slow/b");
  assert.equal(await next(), '{"result":["slow","b"]}\n');
  assert.equal(await next(), "");
});

test("whoever goes away takes nothing from those who wait", async () => {
  const aborter = new AbortController();
  const gone = http.ask("/batch", [["BLPOP", "left", 60]], {
    method: "POST",
    body: '[["BLPOP","left",60]]',
    signal: aborter.signal,
  });
  const clients = async (): Promise<string> => (await http.ask("/info/clients")).json.result;
  while (!/blocked_clients:1\r/.test(await clients()));
  aborter.abort();
  await assert.rejects(gone);
  while (!/blocked_clients:0\r/.test(await clients()));
  await http.ask("/batch", [["RPUSH", "left", "a"]]);
  assert.deepEqual((await http.ask("/batch", [["LLEN", "left"]])).json, [{ result: 1 }]);
});

test("bodies and answers of other kinds are refused", async () => {
  const body = "[]";
  const xml = await http.ask("/batch", body, {
    method: "POST",
    body,
    headers: { "content-type": "text/xml" },
  });
  assert.equal(xml.status, 415);
  const picture = await http.ask("/batch", body, {
    method: "POST",
    body,
    headers: { accept: "image/png" },
  });
  assert.equal(picture.status, 406);
  assert.ok("error" in xml.json && "error" in picture.json);
  assert.equal((await http.ask("/batch", undefined, { method: "DELETE" })).status, 405);
});

test("a body may be as large as the limit says, and no larger", async () => {
  const fill = (size: number): string => {
    const frame = '[["ECHO",""]]';
    return frame.replace('""', `"${"x".repeat(size - frame.length)}"`);
  };
  assert.equal((await http.ask("/batch", fill(64 * 1024))).status, 200);
  const large = await http.ask("/batch", fill(64 * 1024 + 1));
  assert.equal(large.status, 413);
  assert.match(large.json.error, /larger than 65536 bytes/);
});

test("a session is over with its request", async () => {
  await http.ask("/batch", [["SELECT", 3], ["SET", "there", "1"], ["MULTI"], ["GET", "there"]]);
  assert.deepEqual((await http.ask("/batch", [["EXISTS", "there"], ["EXEC"]])).json, [
    { result: 0 },
    { error: "ERR EXEC without MULTI" },
  ]);
});
