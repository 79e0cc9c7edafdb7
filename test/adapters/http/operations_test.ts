import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { createCache, createFetchHandler } from "../../../mod.ts";
import { Hono } from "hono";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const encoder = new TextEncoder();
let http: HttpTestServer;

before(async () => {
  http = await startHttpServer({
    httpToken: "secret",
    httpCors: "https://app.example",
    httpBodyTimeout: 1,
    httpAccessLog: true,
  });
});
after(() => http.server.close());

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

/** What a server answers to bytes on a socket of their own, until it ends or `isEnough` says so. */
function rawAnswer(url: string, pieces: readonly string[], isEnough: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding("latin1");
    const over = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (text: string) => {
      answer += text;
      if (isEnough.test(answer)) over();
    });
    socket.on("end", over).on("error", reject);
  });
}

test("tokens are asked for, and health is told without", async () => {
  assert.equal((await http.ask("/get/k")).status, 401);
  assert.equal((await http.ask("/get/k", undefined, bearer("wrong"))).status, 401);
  assert.equal((await http.ask("/get/k", undefined, bearer("secret"))).status, 200);
  assert.equal((await http.ask("/get/k?_token=secret")).status, 200);
  const digest = { headers: { authorization: "Digest x" } };
  const refused = await http.ask("/get/k", undefined, digest);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
  assert.deepEqual((await http.ask("/healthz")).json, { status: "ok" });
  assert.deepEqual((await http.ask("/readyz")).json, { status: "ready" });
  assert.equal((await http.ask("/metrics")).status, 401);
});

test("users of the access control lists come with name and password", async () => {
  const rules = ["ACL", "SETUSER", "ada", "on", ">p:ss", "~a*", "+get", "+set"];
  await http.ask("/", rules, { method: "POST", body: JSON.stringify(rules), ...bearer("secret") });
  const credentials = btoa("ada:p:ss");
  for (const scheme of ["Basic", "Bearer"]) {
    const init = { headers: { authorization: `${scheme} ${credentials}` } };
    assert.deepEqual((await http.ask("/set/a1/v", undefined, init)).json, { result: "OK" });
    assert.match(
      (await http.ask("/get/b", undefined, init)).json.error,
      /^NOPERM No permissions to access a key/,
    );
    assert.match(
      (await http.ask("/del/a1", undefined, init)).json.error,
      /^NOPERM User ada has no permissions/,
    );
  }
  const wrong = { headers: { authorization: `Basic ${btoa("ada:pass")}` } };
  assert.equal((await http.ask("/get/a1", undefined, wrong)).status, 401);
});

test("ACL RESTTOKEN gives the token of a user", async () => {
  const run = async (...words: string[]): Promise<{ result?: string; error?: string }> => {
    const init = { method: "POST", body: JSON.stringify(words), ...bearer("secret") };
    return (await http.ask("/", undefined, init)).json;
  };
  await run("ACL", "SETUSER", "bob", "on", ">p\u00e4?>ss~", "~*", "+get");
  const { result } = await run("ACL", "RESTTOKEN", "bob", "p\u00e4?>ss~");
  assert.match(result ?? "", /^[\w-]+$/);
  assert.deepEqual((await http.ask("/get/none", undefined, bearer(result!))).json, {
    result: null,
  });
  assert.match((await run("ACL", "RESTTOKEN", "bob", "wrong")).error ?? "", /^WRONGPASS/);
  assert.match((await run("ACL", "RESTTOKEN", "nobody", "wrong")).error ?? "", /^WRONGPASS/);
});

test("figures are told as Prometheus reads them", async () => {
  await http.ask("/set/k/v", undefined, bearer("secret"));
  const { text, headers } = await http.ask("/metrics", undefined, bearer("secret"));
  assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const names = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const found =
      /^(?:# (?:HELP|TYPE) (\w+) .+|(\w+)(?:\{(?:\w+="[^"]*",?)+\})? (?:[\d.e+-]+|NaN))$/.exec(
        line,
      );
    assert.ok(found !== null, line);
    if (found[1] !== undefined) names.add(found[1]);
    else {assert.ok(
        names.has(found[2].replace(/_(bucket|sum|count)$/, "")) || names.has(found[2]),
        line,
      );}
  }
  assert.match(text, /^crabcache_keys\{db="db0"\} [1-9]/m);
  assert.match(text, /^crabcache_memory_used_bytes [1-9]\d+$/m);
  assert.match(text, /^crabcache_command_duration_seconds_count\{family="string"\} [1-9]/m);
  const buckets = [
    ...text.matchAll(
      /^crabcache_command_duration_seconds_bucket\{family="string",le="([^"]+)"\} (\d+)$/gm,
    ),
  ];
  const counts = buckets.map(([, , count]) => Number(count));
  assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
  assert.equal(buckets.at(-1)?.[1], "+Inf");
});

test("pages of other origins are let in as http-cors says", async () => {
  const origin = "https://app.example";
  const preflight = await http.ask("/batch", undefined, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
  const answer = await http.ask("/get/k", undefined, {
    headers: { origin, authorization: "Bearer secret" },
  });
  assert.equal(answer.headers.get("access-control-allow-origin"), origin);
  const other = await http.ask("/get/k", undefined, {
    headers: { origin: "https://evil.example", authorization: "Bearer secret" },
  });
  assert.equal(other.headers.get("access-control-allow-origin"), null);
});

test("without tokens pages of other origins and made-up host names are refused", async () => {
  const open = await startHttpServer();
  const evil = { headers: { origin: "http://evil.example" } };
  assert.equal((await open.ask("/get/k")).status, 200);
  assert.equal((await open.ask("/get/k", undefined, evil)).status, 403);
  const head = "GET /get/k HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
  assert.match(await rawAnswer(open.url, [head], /}$/), /^HTTP\/1\.1 403 /);
  await open.server.close();
});

test("what a page of another site has fetched without an origin is refused without tokens", async () => {
  const from = (site: string): RequestInit => ({ headers: { "sec-fetch-site": site } });
  const open = await startHttpServer();
  for (const site of ["cross-site", "same-site"]) {
    for (const path of ["/set/k/owned", "/flushall", "/v1/values/k", "/metrics"]) {
      assert.equal((await open.ask(path, undefined, from(site))).status, 403, `${path} ${site}`);
    }
    assert.equal((await open.ask("/docs", undefined, from(site))).status, 200);
  }
  assert.deepEqual((await open.ask("/get/k", undefined, from("none"))).json, { result: null });
  assert.equal((await open.ask("/get/k", undefined, from("same-origin"))).status, 200);
  await open.server.close();
  const known = await startHttpServer({ httpToken: "secret" });
  const withToken = { headers: { ...bearer("secret").headers, "sec-fetch-site": "cross-site" } };
  assert.equal((await known.ask("/get/k", undefined, withToken)).status, 200);
  await known.server.close();
  const forAll = await startHttpServer({ httpCors: "*" });
  assert.equal((await forAll.ask("/get/k", undefined, from("cross-site"))).status, 200);
  await forAll.server.close();
});

test("a password of the default user is a token, too", async () => {
  const open = await startHttpServer({ requirepass: "pass" });
  assert.equal((await open.ask("/get/k")).status, 401);
  assert.equal((await open.ask("/get/k", undefined, bearer("pass"))).status, 200);
  assert.equal((await open.ask("/get/k", undefined, bearer("other"))).status, 401);
  await open.server.close();
});

test("guesses are answered later and later, others at once", async () => {
  const guessed = await startHttpServer({ httpToken: "secret", authFailDelayMs: 200 });
  for (let i = 0; i < 5; i++) await guessed.ask("/ping", undefined, bearer(`guess${i}`));
  const startMs = performance.now();
  const guess = guessed.ask("/ping", undefined, bearer("another guess"));
  assert.equal((await guessed.ask("/ping", undefined, bearer("secret"))).status, 200);
  const rightMs = performance.now() - startMs;
  assert.equal((await guess).status, 401);
  const wrongMs = performance.now() - startMs;
  assert.ok(wrongMs >= 190 && rightMs < wrongMs, `${rightMs} ms, ${wrongMs} ms`);
  const stats = await guessed.ask("/info/stats", undefined, bearer("secret"));
  assert.match(stats.json.result, /acl_access_denied_auth:6\r/);
  await guessed.server.close();
});

test("a body that never comes is given up", async () => {
  const head = "POST /batch HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer secret\r\n";
  const slow = await rawAnswer(http.url, [`${head}content-length: 100\r\n\r\n[["GET"`], /}$/);
  assert.match(slow, /^HTTP\/1\.1 408 /);
  assert.match(slow, /the body took too long/);
});

test("a body in pieces is bounded, too", async () => {
  const small = await startHttpServer({ httpMaxBody: 1024 });
  const head =
    "POST /batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
  const piece = `200\r\n${" ".repeat(512)}\r\n`;
  const fits = await rawAnswer(
    small.url,
    [head, piece, "2\r\n[]\r\n", "0\r\n\r\n"],
    /\r\n\r\n.*\]/s,
  );
  assert.match(fits, /^HTTP\/1\.1 200 /);
  const large = await rawAnswer(small.url, [head, piece, piece, "1\r\n \r\n"], /}$/);
  assert.match(large, /^HTTP\/1\.1 413 /);
  await small.server.close();
});

test("more requests than the limit are put off", async () => {
  const limited = await startHttpServer({ httpRateLimit: 5 });
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) statuses.push((await limited.ask("/ping")).status);
  assert.deepEqual(statuses.slice(0, 5), [200, 200, 200, 200, 200]);
  assert.equal(statuses.at(-1), 429);
  const refused = await limited.ask("/ping");
  assert.equal(refused.headers.get("retry-after"), "1");
  await limited.server.close();
});

test("each request is logged, without its token", async () => {
  await http.ask("/get/logged?_token=secret");
  const line = http.lines.find((each) => each.includes("/get/logged"));
  assert.match(line ?? "", /127\.0\.0\.1:\d+ GET \/get\/logged 200 [\d.]+ ms [\w-]+/);
  assert.ok(!http.lines.some((each) => each.includes("secret")));
});

test("requests under way are answered while the server closes", async () => {
  const closing = await startHttpServer();
  const waiting = closing.ask("/batch", [["BLPOP", "q", 0.3]]);
  while (!/blocked_clients:1\r/.test((await closing.ask("/info/clients")).json.result));
  const closed = closing.server.close();
  assert.deepEqual((await waiting).json, [{ result: null }]);
  await closed;
  await assert.rejects(fetch(`${closing.url}/ping`));
});

test("a cache in process is served by a fetch handler, in Hono, too", async () => {
  using cache = createCache();
  const handle = createFetchHandler(cache, { token: "t", readonlyToken: "r", maxBody: 100 });
  cache.set("k", "v");
  const ask = async (path: string, init: RequestInit = {}): Promise<[number, unknown]> => {
    const response = await handle(new Request(`https://cache.example${path}`, init));
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ask("/get/k", bearer("t")), [200, { result: "v" }]);
  assert.equal((await ask("/get/k"))[0], 401);
  assert.equal((await ask("/set/k/w", bearer("r")))[0], 400);
  const large = { method: "POST", body: " ".repeat(101), ...bearer("t") };
  assert.equal((await ask("/batch", large))[0], 413);
  const app = new Hono().mount("/cache", handle);
  const response = await app.request("/cache/get/k", bearer("t"));
  assert.deepEqual(await response.json(), { result: "v" });
  assert.throws(() => createFetchHandler({} as typeof cache), TypeError);
  assert.throws(
    () => createFetchHandler(cache, { maxBody: 0 }),
    /^TypeError: createFetchHandler: maxBody: /,
  );
  assert.throws(() => createFetchHandler(cache, { tokn: "t" } as object), /tokn/);
  assert.equal(encoder.encode(cache.get("k") ?? "").length, 1);
});
