/** What is answered without a router is answered as the app does. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createCache } from "../../../mod.ts";
import { createCryptography } from "../../../src/adapters/common/cryptography.ts";
import {
  createHttpApp,
  createHttpFetch,
  type HttpAppOptions,
} from "../../../src/adapters/http/app.ts";
import { BodyReader } from "../../../src/adapters/http/body.ts";
import { directAnswers } from "../../../src/adapters/http/direct_answers.ts";
import { EventStreams } from "../../../src/adapters/http/streams.ts";
import { UpstashContract } from "../../../src/adapters/http/upstash_contract.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { coreOf } from "../../../src/server/cache.ts";
import { CommandDoor } from "../../../src/server/command_door.ts";

const MAX_BYTES = 1000;
const cache = createCache();
const core = coreOf(cache);
const clock = createManualClock();
// The timers of a cache do not keep a process alive.
let awake: ReturnType<typeof setInterval>;
before(() => {
  awake = setInterval(() => {}, 1000);
});
after(() => {
  clearInterval(awake);
  cache.close();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function doorOf(token = ""): CommandDoor {
  const options = { httpToken: token, httpReadonlyToken: "", httpMaxWait: 1 };
  return new CommandDoor(core, createCryptography(), options);
}

function optionsOf(door: CommandDoor, changes: Partial<HttpAppOptions> = {}): HttpAppOptions {
  return {
    limits: { maxBytes: MAX_BYTES, timeoutMs: 1000 },
    rateLimit: 0,
    corsOrigins: [],
    isProtected: () => false,
    isOwnPort: true,
    logsAccess: false,
    health: { isReady: () => true, metrics: () => "" },
    streams: new EventStreams(door, clock, () => 1024),
    clock,
    log: () => {},
    ...changes,
  };
}

function makeRequest({ method = "POST", path = "/batch", headers = {}, body }: Sent): Request {
  const text = body ?? (method === "POST" ? '[["SET","k","v"],["GET","k"],["NO"]]' : undefined);
  const all: Record<string, string> = { host: "localhost:8079", ...headers };
  if (method === "POST" && all["content-type"] === undefined) {
    all["content-type"] = "application/json";
  }
  if (text !== undefined) all["content-length"] = String(new TextEncoder().encode(text).length);
  return new Request(`http://localhost:8079${path}`, { method, headers: all, body: text ?? null });
}

async function shown(response: Response): Promise<unknown[]> {
  const { status, headers } = response;
  const told = ["content-type", "allow", "upstash-sync-token"].map((name) => headers.get(name));
  return [status, ...told, await response.text()];
}

const REQUESTS: Record<string, Sent> = {
  "a batch": {},
  "an empty batch": { body: "[]" },
  "what is no JSON": { body: "[[" },
  "what is no batch": { body: '{"a":1}' },
  "a body that is too large": { body: JSON.stringify([["SET", "k", "x".repeat(MAX_BYTES)]]) },
  "a command that waits": { body: '[["BLPOP","none","0.01"],["PING"]]' },
  "an atomic batch": { path: "/batch?atomic=true" },
  "a query that means nothing": { path: "/batch?atomic=maybe" },
  "a path that begins alike": { path: "/batch/" },
  "a path that ends alike": { path: "/get/batch", body: "" },
  "one command": { path: "/", body: '["GET","k"]' },
  "one command that writes": { path: "/", body: '["SET","k","ü"]' },
  "one command that fails": { path: "/", body: '["INCR","k"]' },
  "one command that waits": { path: "/", body: '["BLPOP","none","0.01"]' },
  "one command that is none": { path: "/", body: "{}" },
  "a pipeline": { path: "/pipeline" },
  "a transaction": { path: "/multi-exec", body: '[["SET","k","w"],["GET","k"],["INCR","k"]]' },
  "a transaction that cannot be": { path: "/multi-exec", body: '[["SET","k","x"],["NO"]]' },
  "replies in base64": { path: "/pipeline", headers: { "upstash-encoding": "base64" } },
  "replies in RESP2": { path: "/pipeline", headers: { "upstash-response-format": "resp2" } },
  "replies in what is none": { path: "/", headers: { "upstash-response-format": "xml" } },
  "no body": { path: "/", body: "" },
  "another method": { method: "GET" },
  "a method that is never there": { method: "DELETE" },
  "a command in the path": { method: "GET", path: "/get/k" },
  "a command in the path that writes": { method: "GET", path: "/SET/k/%C3%BC" },
  "a command in the path that fails": { method: "GET", path: "/incr/k" },
  "a command in the path that waits": { method: "GET", path: "/blpop/none/0.01" },
  "a command in the path, in base64": {
    ...{ method: "GET", path: "/get/k", headers: { "upstash-encoding": "base64" } },
  },
  "a command in the path without arguments": { method: "GET", path: "/ping" },
  "a command in the path that there is not": { method: "GET", path: "/nowhere/else" },
  "an image of a page of another site": {
    ...{ method: "GET", path: "/set/k/owned", headers: { "sec-fetch-site": "cross-site" } },
  },
  "an address that was typed": {
    ...{ method: "GET", path: "/get/k", headers: { "sec-fetch-site": "none" } },
  },
  "a path that is no text": { method: "GET", path: "/get/%ff" },
  "a path that begins with nothing": { method: "GET", path: "//get/k" },
  "a path with a query": { method: "GET", path: "/set/k/v?ex=10" },
  "a path with an empty query": { method: "GET", path: "/get/k?" },
  "a token in the query": { method: "GET", path: "/get/k?_token=secret" },
  "a body behind a path": { path: "/set/k", body: "value" },
  "the head of an answer": { method: "HEAD", path: "/get/k" },
  "nothing": { method: "GET", path: "/" },
  "a route of the app": { method: "GET", path: "/healthz" },
  "a route below others": { method: "GET", path: "/v1/values/k" },
  "the figures": { method: "GET", path: "/metrics" },
  "lines": { headers: { accept: "application/x-ndjson" } },
  "what cannot be": { headers: { accept: "image/png" } },
  "whatever": { headers: { accept: "*/*" } },
  "a media type with a parameter": {
    headers: { "content-type": "application/json; charset=utf-8" },
  },
  "another media type": { headers: { "content-type": "text/html" } },
  "a page of another origin": { headers: { origin: "http://elsewhere.example" } },
  "a page of this origin": { headers: { origin: "http://localhost:8079" } },
  "a foreign name of this machine": { headers: { host: "elsewhere.example" } },
  "an address": { headers: { host: "127.0.0.1:8079" } },
  "the right token": { headers: { authorization: "Bearer secret" } },
  "a wrong token": { headers: { authorization: "Bearer wrong" } },
  "what is no token": { headers: { authorization: "secret" } },
};

for (const token of ["", "secret"]) {
  const door = doorOf(token);
  const variants: Record<string, Partial<HttpAppOptions>> = {
    "": {},
    ", in protected mode": { isProtected: () => true },
    ", shutting down": { health: { isReady: () => false, metrics: () => "" } },
    ", with a limit of rate": { rateLimit: 1000 },
    ", with an access log": { logsAccess: true },
  };
  for (const [variant, changes] of Object.entries(variants)) {
    const name = `${token === "" ? "without a token" : "with a token"}${variant}`;
    test(`answers as the app does, ${name}`, async () => {
      const app = createHttpApp(door, optionsOf(door, changes));
      const fetch = createHttpFetch(door, optionsOf(door, changes));
      for (const [what, sent] of Object.entries(REQUESTS)) {
        const headers = { authorization: "Bearer secret", ...sent.headers };
        for (const each of [sent, { ...sent, headers }]) {
          const expected = await shown(await app.fetch(makeRequest(each), {}));
          assert.deepEqual(await shown(await fetch(makeRequest(each), {})), expected, what);
        }
      }
    });
  }
}

test("only what is usual is answered directly", async () => {
  const door = doorOf();
  const reader = new BodyReader({ maxBytes: MAX_BYTES, timeoutMs: 1000 }, clock);
  const direct = directAnswers({
    ...{ door, reader, contract: new UpstashContract(door) },
    isReady: () => true,
    isProtected: () => false,
    isOwnPort: true,
    reserved: new Set(["", "healthz", "v1", "metrics"]),
    failed: () => assert.fail(),
  });
  const left: string[] = [];
  for (const [what, sent] of Object.entries(REQUESTS)) {
    const answer = direct(makeRequest(sent), undefined);
    if (answer === undefined) left.push(what);
    await (await answer)?.text();
  }
  assert.deepEqual(left, [
    ...["an atomic batch", "a query that means nothing", "a path that begins alike"],
    ...["a path that ends alike", "replies in what is none", "a method that is never there"],
    ...["an image of a page of another site", "a path that is no text"],
    ...["a path that begins with nothing", "a path with a query"],
    ...["a path with an empty query", "a token in the query", "a body behind a path"],
    ...["the head of an answer", "nothing", "a route of the app", "a route below others"],
    ...["the figures", "lines", "what cannot be", "a media type with a parameter"],
    ...["another media type", "a page of another origin", "a page of this origin"],
    ...["a foreign name of this machine", "what is no token"],
  ]);
});

test("a body that is too slow is given up, and not run when it comes", async () => {
  const door = doorOf();
  const fetch = createHttpFetch(door, optionsOf(door));
  let send!: (text: string) => void;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (text) => {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      };
    },
  });
  const headers = { host: "localhost", "content-type": "application/json" };
  const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
  const answer = fetch(new Request("http://localhost/batch", init), {});
  for (let i = 0; i < 4; i++) clock.advance(1000);
  const response = await answer;
  assert.equal(response.status, 408);
  assert.deepEqual(await response.json(), { error: "the body took too long" });
  send('[["SET","late","1"]]');
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await cache.get("late"), null);
});

test("a mistake of ours is told as one, and logged", async () => {
  const door = doorOf();
  const broken = (): never => {
    throw new Error("broken");
  };
  door.runJson = broken;
  door.runWords = broken;
  const lines: string[] = [];
  const fetch = createHttpFetch(door, optionsOf(door, { log: (line) => void lines.push(line) }));
  for (const sent of [{}, { path: "/pipeline" }, { method: "GET", path: "/get/k" }]) {
    assert.deepEqual(await shown(await fetch(makeRequest(sent), {})), [
      ...[500, "application/json", null, null, '{"error":"ERR internal error"}'],
    ]);
  }
  door.runWords = () => Promise.reject(new Error("broken later"));
  const later = await fetch(makeRequest({ method: "GET", path: "/get/k" }), {});
  assert.equal(later.status, 500);
  assert.deepEqual(lines.map((line) => line.split("\n")[0]), [
    "Internal error in POST /batch: Error: broken",
    "Internal error in POST /pipeline: Error: broken",
    "Internal error in GET /get/k: Error: broken",
    "Internal error in GET /get/k: Error: broken later",
  ]);
});
