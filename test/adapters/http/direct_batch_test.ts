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
import { directBatch } from "../../../src/adapters/http/direct_batch.ts";
import { EventStreams } from "../../../src/adapters/http/streams.ts";
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
  return [status, headers.get("content-type"), headers.get("allow"), await response.text()];
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
  "a pipeline": { path: "/pipeline" },
  "another method": { method: "GET" },
  "a method that is never there": { method: "DELETE" },
  "a command in the path": { method: "GET", path: "/get/k" },
  "nothing": { method: "GET", path: "/" },
  "a route of the app": { method: "GET", path: "/healthz" },
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
        const expected = await shown(await app.fetch(makeRequest(sent), {}));
        assert.deepEqual(await shown(await fetch(makeRequest(sent), {})), expected, what);
      }
    });
  }
}

test("only what is usual is answered directly", async () => {
  const door = doorOf();
  const reader = new BodyReader({ maxBytes: MAX_BYTES, timeoutMs: 1000 }, clock);
  const direct = directBatch(door, reader, {
    isReady: () => true,
    isProtected: () => false,
    isOwnPort: true,
    failed: () => assert.fail(),
  });
  const answered: string[] = [];
  for (const [what, sent] of Object.entries(REQUESTS)) {
    const answer = direct(makeRequest(sent), undefined);
    if (answer !== undefined) answered.push(what);
    await (await answer)?.text();
  }
  const usual = ["a batch", "an empty batch", "what is no JSON", "what is no batch"];
  const also = ["a body that is too large", "a command that waits", "whatever", "an address"];
  assert.deepEqual(answered, [...usual, ...also, "the right token", "a wrong token"]);
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
  door.runJson = () => {
    throw new Error("broken");
  };
  const lines: string[] = [];
  const fetch = createHttpFetch(door, optionsOf(door, { log: (line) => void lines.push(line) }));
  assert.deepEqual(await shown(await fetch(makeRequest({}), {})), [
    ...[500, "application/json", null, '{"error":"ERR internal error"}'],
  ]);
  assert.match(lines.join(), /^Internal error in POST \/batch: .*broken/);
});
