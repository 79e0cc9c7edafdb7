/** POST /batch with frames of the binary protocol. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import {
  type Command,
  encodeHello,
  encodeRequest,
  type Frame,
  FrameReader,
  type RequestOptions,
} from "../../protocol/binary/frames_support.ts";
import { told } from "../../session/binary_harness.ts";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const TYPE = "application/vnd.crabcache.batch";
let http: HttpTestServer;

before(async () => void (http = await startHttpServer({ httpMaxWait: 1 })));
after(() => http.server.close());

function post(
  body: Uint8Array | string,
  headers: Record<string, string> = {},
  query = "",
): Promise<Response> {
  return fetch(`${http.url}/batch${query}`, {
    method: "POST",
    body: body as Uint8Array<ArrayBuffer>,
    headers: { "content-type": TYPE, ...headers },
  });
}

async function frameOf(response: Response): Promise<Frame> {
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), TYPE);
  const reader = new FrameReader();
  const frames = reader.push(new Uint8Array(await response.arrayBuffer()));
  assert.deepEqual([frames.length, reader.restLength], [1, 0]);
  return frames[0];
}

async function ask(
  commands: readonly Command[],
  options: RequestOptions,
  query = "",
): Promise<unknown> {
  return told([await frameOf(await post(encodeRequest(commands, options), {}, query))])[0];
}

async function refused(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json() as { error: string }).error];
}

test("one frame in, one frame out", async () => {
  const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("latin1");
  const commands = [["SET", "k", value], ["GET", "k"], ["INCR", "k"], ["HGETALL", "h"], [
    "GET",
    "no",
  ]];
  assert.deepEqual(await ask(commands, { id: 77 }), [
    "77",
    "OK",
    value,
    "-ERR value is not an integer or out of range",
    [],
    null,
  ]);
  assert.deepEqual(await ask([], { id: 1 }), ["1"]);
});

test("all or none, by the flag of the frame or by the query", async () => {
  const commands = [["SET", "n", "1"], ["INCR", "n"]];
  assert.deepEqual(await ask(commands, { id: 2, isAtomic: true }), ["2", "OK", 2]);
  assert.deepEqual(await ask(commands, { id: 3 }, "?atomic=true"), ["3", "OK", 2]);
  const bad = encodeRequest([["SET", "n", "9"], ["NOPE"]], { isAtomic: true });
  const [status, error] = await refused(await post(bad));
  assert.equal(status, 400);
  assert.match(error, /^EXECABORT Transaction discarded because of: unknown command/);
  assert.deepEqual(await ask([["GET", "n"]], { id: 4 }), ["4", "2"]);
});

test("other types are accepted, and asked for, as with RESP", async () => {
  const request = encodeRequest([["SET", "a", "b"], ["GET", "a"]], { id: 9 });
  const json = await post(request, { accept: "application/json" });
  assert.deepEqual(await json.json(), [{ result: "OK" }, { result: "b" }]);
  const resp = await post(request, { accept: "application/x-resp;version=3" });
  assert.equal(await resp.text(), "+OK\r\n$1\r\nb\r\n");
  const fromJson = await post('[["GET","a"],["PING"]]', {
    "content-type": "application/json",
    accept: TYPE,
  });
  assert.deepEqual(told([await frameOf(fromJson)]), [["0", "b", "PONG"]]);
  assert.deepEqual(told([await frameOf(await post(request, { accept: "*/*" }))]), [[
    "9",
    "OK",
    "b",
  ]]);
});

test("a command that waits delays the one answer", async () => {
  const waiting = ask([["BLPOP", "l", "0.9"], ["PING"]], { id: 5 });
  await http.ask("/batch", [["RPUSH", "l", "x"]]);
  assert.deepEqual(await waiting, ["5", ["l", "x"], "PONG"]);
});

test("bodies that are not one request frame are refused, and nothing of them runs", async () => {
  const frame = encodeRequest([["SET", "whole", "1"]]);
  const cases: [Uint8Array, string][] = [
    [frame.subarray(0, frame.length - 1), "ERR the frame is not whole"],
    [new Uint8Array(0), "ERR the frame is not whole"],
    [Buffer.concat([frame, frame]), "ERR the body must be one request frame"],
    [encodeHello([]), "ERR the body must be one request frame"],
    [Buffer.from('[["SET","whole","1"]]'), "ERR Protocol error: expected a frame"],
    [encodeRequest([["GET", "k"]], { count: 2 }), "ERR Protocol error: run beyond its frame"],
  ];
  for (const [body, error] of cases) {
    assert.deepEqual(await refused(await post(body)), [400, error]);
  }
  assert.deepEqual(await ask([["EXISTS", "whole"]], { id: 1 }), ["1", 0]);
});

test("only JSON, RESP and frames are taken", async () => {
  const [status, error] = await refused(await post("x", { "content-type": "image/png" }));
  assert.equal(status, 415);
  assert.match(error, /application\/vnd\.crabcache\.batch, not image\/png$/);
});
