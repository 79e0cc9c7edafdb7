// How commands become HTTP requests, and what becomes of them when those fail.

import { test } from "node:test";
import assert from "node:assert/strict";
import { HttpSender } from "../../src/client/http_sender.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";

const TEXT = { as: "text" } as const;
const BYTES = { as: "bytes" } as const;

interface Request {
  readonly url: string;
  readonly body: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

interface Fake {
  readonly sender: HttpSender;
  readonly requests: Request[];
}

/** @param answer to each request; a string is the body of a good one */
function startFake(
  answer: (request: Request) => string | Response | Promise<Response>,
  protocol: "resp" | "binary" = "resp",
): Fake {
  const requests: Request[] = [];
  const sender = new HttpSender({
    url: "http://host/cache",
    authorization: "Bearer secret",
    timeoutMs: 0,
    protocol,
    fetch: async (input, init) => {
      const request = {
        url: String(input),
        body: new TextDecoder().decode(init!.body as Uint8Array),
        headers: new Headers(init!.headers),
        signal: init!.signal!,
      };
      requests.push(request);
      const given = await answer(request);
      if (typeof given !== "string") return given;
      return new Response(given, { headers: { "content-type": "application/x-resp;version=3" } });
    },
  });
  return { sender, requests };
}

/** Never answers, and fails as fetch does when it is aborted. */
function never({ signal }: Request): Promise<Response> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

test("the commands of one tick leave in one request", async () => {
  const { sender, requests } = startFake(({ body }) =>
    body.includes("$1\r\nd") ? ":4\r\n" : "+OK\r\n$1\r\nv\r\n:2\r\n_\r\n"
  );
  const replies = await Promise.all([
    sender.one(["SET", "a", 1], TEXT),
    sender.all([["GET", "b"], ["INCR", "c"]], BYTES),
    Promise.resolve().then(() => sender.one(["GET", "é"], TEXT)),
  ]);
  assert.deepEqual(replies, ["OK", [new Uint8Array([118]), 2], null]);
  assert.equal(requests.length, 1);
  const [{ url, body, headers }] = requests;
  assert.equal(url, "http://host/cache/batch");
  assert.equal(
    body,
    "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n" +
      "*2\r\n$4\r\nINCR\r\n$1\r\nc\r\n*2\r\n$3\r\nGET\r\n$2\r\né\r\n",
  );
  assert.equal(headers.get("content-type"), "application/x-resp");
  assert.equal(headers.get("accept"), "application/x-resp;version=3");
  assert.equal(headers.get("authorization"), "Bearer secret");
  assert.equal(await sender.one(["INCR", "d"], TEXT), 4);
  assert.equal(requests.length, 2);
});

test("a transaction is a request of its own", async () => {
  const { sender, requests } = startFake(({ url }) =>
    url.endsWith("?atomic=true") ? "+OK\r\n:2\r\n" : "+PONG\r\n"
  );
  const both = Promise.all([
    sender.one(["PING"], TEXT),
    sender.atomic([["SET", "k", 1], ["INCR", "k"]], TEXT),
  ]);
  assert.deepEqual(await both, ["PONG", ["OK", 2]]);
  assert.equal(requests.length, 2);
});

test("an error reply is a value, a refused transaction is thrown", async () => {
  const { sender } = startFake(({ url }) =>
    url.includes("atomic")
      ? Response.json({ error: "EXECABORT Transaction discarded" }, { status: 400 })
      : "-WRONGTYPE no\r\n"
  );
  const reply = await sender.one(["INCR", "k"], TEXT);
  assert.ok(reply instanceof ReplyError && reply.code === "WRONGTYPE");
  const thrown = sender.one(["INCR", "k"], { ...TEXT, throwsErrors: true });
  await assert.rejects(thrown, { name: "ReplyError", code: "WRONGTYPE" });
  await assert.rejects(sender.atomic([["X"]], TEXT), { name: "ReplyError", code: "EXECABORT" });
});

test("an argument of another type fails by itself", async () => {
  const { sender, requests } = startFake(() => "+OK\r\n");
  const wrong = sender.one(["SET", "k", null as unknown as string], TEXT);
  const right = sender.one(["SET", "k", 1], TEXT);
  await assert.rejects(wrong, TypeError);
  assert.equal(await right, "OK");
  assert.equal(requests.length, 1);
});

test("statuses become errors that say what they mean", async () => {
  const cases: [Response, RegExp, boolean][] = [
    [
      Response.json({ error: "WRONGPASS no" }, { status: 401 }),
      /cache answers 401: WRONGPASS no/,
      false,
    ],
    [new Response("<html>", { status: 413 }), /answers 413$/, false],
    [Response.json({ error: 5 }, { status: 503 }), /answers 503$/, true],
  ];
  for (const [response, message, mayHaveRun] of cases) {
    const { sender } = startFake(() => response);
    await assert.rejects(sender.one(["GET", "k"], TEXT), (error) => {
      assert.deepEqual(
        [(error as { code: string }).code, (error as { mayHaveRun: boolean }).mayHaveRun],
        ["REFUSED", mayHaveRun],
      );
      assert.match((error as Error).message, message);
      return true;
    });
  }
});

test("an answer that is cut off, or is no RESP, fails whatever it does not answer", async () => {
  const { sender } = startFake(() => "+OK\r\n$5\r\nab");
  const [first, second] = await Promise.allSettled([
    sender.one(["SET", "k", 1], TEXT),
    sender.one(["GET", "k"], TEXT),
  ]);
  assert.equal(first.status, "fulfilled");
  assert.ok(second.status === "rejected");
  assert.equal(second.reason.code, "PROTOCOL");
  const garbled = startFake(() => "hello\r\n").sender;
  await assert.rejects(garbled.one(["GET", "k"], TEXT), { code: "PROTOCOL" });
  const page =
    startFake(() => new Response("<p>", { headers: { "content-type": "text/html" } })).sender;
  await assert.rejects(page.one(["GET", "k"], TEXT), /cache\/batch answers with text\/html/);
});

test("where binary frames are not taken, RESP is spoken from then on", async () => {
  const { sender, requests } = startFake(
    ({ headers }) =>
      headers.get("content-type") === "application/x-resp"
        ? "+PONG\r\n"
        : Response.json({ error: "the body must be JSON" }, { status: 415 }),
    "binary",
  );
  assert.equal(await sender.one(["PING"], TEXT), "PONG");
  assert.equal(await sender.one(["PING"], TEXT), "PONG");
  assert.deepEqual(requests.map(({ headers }) => headers.get("accept")), [
    "application/vnd.crabcache.batch",
    "application/x-resp;version=3",
    "application/x-resp;version=3",
  ]);
});

test("a request that fails fails its commands, which may have run", async () => {
  const { sender } = startFake(() => Promise.reject(new TypeError("connection refused")));
  await assert.rejects(sender.one(["GET", "k"], TEXT), {
    code: "CONNECTION_LOST",
    mayHaveRun: true,
    message: "no answer of http://host/cache: connection refused",
  });
});

test("who is aborted leaves the others alone; the last one takes the request along", async () => {
  const { sender, requests } = startFake(never);
  const [one, other] = [new AbortController(), new AbortController()];
  const calls = [one, other].map(({ signal }) => sender.one(["GET", "k"], { ...TEXT, signal }));
  await Promise.resolve().then(() => {}).then(() => {});
  one.abort("enough");
  await assert.rejects(calls[0], { code: "ABORTED", cause: "enough" });
  assert.equal(requests[0].signal.aborted, false);
  other.abort();
  await assert.rejects(calls[1], { code: "ABORTED" });
  assert.equal(requests[0].signal.aborted, true);
});

test("who is aborted before is not sent", async () => {
  const { sender, requests } = startFake(() => "+OK\r\n");
  const signal = AbortSignal.abort();
  await assert.rejects(sender.one(["GET", "k"], { ...TEXT, signal }), { code: "ABORTED" });
  await assert.rejects(sender.atomic([["GET", "k"]], { ...TEXT, signal }), { code: "ABORTED" });
  const controller = new AbortController();
  const call = sender.one(["GET", "k"], { ...TEXT, signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { code: "ABORTED" });
  assert.deepEqual(requests, []);
});

test("there is no answer in time", async () => {
  const { sender, requests } = startFake(never);
  await assert.rejects(sender.one(["GET", "k"], { ...TEXT, timeoutMs: 5 }), { code: "TIMEOUT" });
  assert.equal(requests[0].signal.aborted, true);
});

test("closing waits for what is under way, destroying does not", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { sender } = startFake(() => promise);
  const call = sender.one(["PING"], TEXT);
  const closed = sender.close();
  await assert.rejects(sender.one(["PING"], TEXT), { code: "CLOSED" });
  resolve(new Response("+PONG\r\n", { headers: { "content-type": "application/x-resp" } }));
  assert.equal(await call, "PONG");
  await closed;
  const other = startFake(never).sender;
  const lost = other.one(["PING"], TEXT);
  other.destroy();
  await assert.rejects(lost, { code: "CLOSED" });
});
