// The console's pages: who sees them, what they show of hostile keys and values, what they weigh.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Hono } from "hono";
import { createCache, createFetchHandler } from "../../../mod.ts";
import { quickly } from "../../support/wait.ts";
import { type Answer, type HttpTestServer, startHttpServer } from "./http_server.ts";

const TOKEN = "a-secret-token";
const READONLY = "a-readonly-token";
const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
const BINARY = Uint8Array.of(0xff, 0, 0x0a, 0x3c, 0x22, 0xe2, 0x80, 0xae);
/** What a visit may load: page, style, script, charts. */
const MAX_VISIT_BYTES = 100_000;

let open: HttpTestServer;
let closed: HttpTestServer;

before(async () => {
  open = await startHttpServer();
  closed = await startHttpServer({ httpToken: TOKEN, httpReadonlyToken: READONLY });
});
after(async () => {
  await open.server.close();
  await closed.server.close();
});

function base64Url(key: string | Uint8Array): string {
  return Buffer.from(key).toString("base64url");
}

async function get(path: string, init: RequestInit = {}, http = open): Promise<Answer> {
  return await http.ask(`/console${path}`, undefined, {
    redirect: "manual",
    ...init,
    headers: { accept: "text/html", ...init.headers as Record<string, string> },
  });
}

async function post(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
  http = open,
): Promise<Answer> {
  return await http.ask(`/console${path}`, undefined, {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
}

async function run(...commands: (string | number)[][]): Promise<void> {
  const { json } = await open.ask("/batch", commands);
  for (const each of json) assert.ok("result" in each, JSON.stringify(each));
}

/** Commands whose words are bytes. */
async function runBytes(...words: Uint8Array[]): Promise<void> {
  const parts = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    parts.push(Buffer.from(`$${word.length}\r\n`), Buffer.from(word), Buffer.from("\r\n"));
  }
  const { status } = await open.ask("/batch", undefined, {
    method: "POST",
    body: new Uint8Array(Buffer.concat(parts)),
    headers: { "content-type": "application/x-resp" },
  });
  assert.equal(status, 200);
}

/** Nothing of a page may run that did not come from the console's own files. */
function assertHarmless(html: string): void {
  assert.ok(!/<script(?! src="assets\/)/.test(html), "a script of its own");
  assert.ok(!/<img/.test(html), "a foreign element");
  const names = html.replace(/"[^"]*"/g, '""');
  assert.ok(!/<[^>]* (?:on\w+|style)=/.test(names), "a handler or a style in the markup");
  assert.ok(!/"[^\s/>?]/.test(names.replaceAll('""', "")), "a quote that is not escaped");
}

test("pages come with a strict policy, and keep to it", async () => {
  for (const path of ["/", "/keys", "/prompt", "/key?name=none", "/delete-key?key=AA"]) {
    const { status, headers, text } = await get(path);
    assert.equal(status, path === "/key?name=none" ? 404 : 200, path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"), policy);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "same-origin");
    assert.equal(headers.get("cache-control"), "no-store");
    assertHarmless(text);
    assert.match(text, /^<!doctype html><html lang="en">/);
    assert.match(text, /<a class="skip" href="#main">/);
  }
});

test("the console is found without its slash, and where it is mounted", async () => {
  const plain = await get("");
  assert.equal(plain.status, 302);
  assert.equal(plain.headers.get("location"), "console/");
  using cache = createCache({ maxmemory: "16mb" });
  const app = new Hono().mount("/cache", createFetchHandler(cache, { token: TOKEN }));
  const ask = (path: string, headers = {}): Promise<Response> =>
    Promise.resolve(app.request(`http://localhost${path}`, { headers }));
  const headers = { accept: "text/html" };
  assert.equal((await ask("/cache/console")).headers.get("location"), "console/");
  assert.match(
    (await ask("/cache/console/", headers)).headers.get("location")!,
    /^sign-in\?next=$/,
  );
  const page = await ask("/cache/console/", { ...headers, authorization: `Bearer ${TOKEN}` });
  const html = await page.text();
  assert.equal(page.status, 200);
  assert.ok(!/(?:href|src|action)="\//.test(html), "an address that begins at the root");
  const asset = /src="(assets\/app[^"]+)"/.exec(html)![1].replaceAll("&amp;", "&");
  assert.equal((await ask(`/cache/console/${asset}`)).status, 200);
});

test("a visit loads less than 100 kB, from here only", async () => {
  const { text } = await get("/");
  let size = Buffer.byteLength(text);
  const files = [...text.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, url]) => url);
  assert.equal(files.length, 5);
  assert.ok(!/(?:src|href)="(?:https?:)?\/\//.test(text), "a file from elsewhere");
  for (const file of files) {
    const answer = await open.ask(`/console/${file}`, undefined, {
      headers: { "accept-encoding": "identity" },
    });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
    size += Buffer.byteLength(answer.text);
  }
  assert.ok(size < MAX_VISIT_BYTES, `${size} bytes`);
});

test("files are known by what is in them, and zipped where that is taken", async () => {
  const zipped = await open.ask("/console/assets/app.js", undefined, {
    headers: { "accept-encoding": "gzip" },
  });
  assert.match(zipped.text, /EventSource/);
  assert.equal(zipped.headers.get("vary"), "accept-encoding");
  assert.equal(zipped.headers.get("cache-control"), "no-cache");
  assert.equal((await open.ask("/console/assets/none.js")).status, 404);
});

test("where a token is set, nothing is shown without it", async () => {
  const page = await get("/keys?db=1", {}, closed);
  assert.equal(page.status, 303);
  assert.equal(page.headers.get("location"), "sign-in?next=keys%3Fdb%3D1");
  for (const path of ["/tables", "/events"]) {
    const answer = await closed.ask(`/console${path}`);
    assert.equal(answer.status, 401, path);
    assert.ok("error" in answer.json);
  }
  assert.equal((await post("/prompt", { line: "PING" }, {}, closed)).status, 401);
  assert.equal((await post("/delete-key?key=AA", {}, {}, closed)).status, 401);
  const form = await get("/sign-in", {}, closed);
  assert.equal(form.status, 200);
  assert.match(form.text, /type="password" name="secret"/);
  assertHarmless(form.text);
  assert.equal(
    (await get("/?_token=a-secret-token", {}, closed)).status,
    303,
    "tokens in addresses",
  );
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.equal((await get("/", { headers }, closed)).status, 200);
});

test("signing in sets a cookie that scripts and other sites do not get, and signing out takes it", async () => {
  const failed = await post("/sign-in", { secret: "wrong", next: `"><script>` }, {}, closed);
  assert.equal(failed.status, 401);
  assert.equal(failed.headers.get("set-cookie"), null);
  assertHarmless(failed.text);
  const done = await post("/sign-in", { secret: TOKEN, next: "keys?db=2" }, {}, closed);
  assert.equal(done.status, 303);
  assert.equal(done.headers.get("location"), "keys?db=2");
  const set = done.headers.get("set-cookie") ?? "";
  assert.match(set, /^crabcache_console=[\w-]+; HttpOnly; SameSite=Strict$/);
  const cookie = set.split(";")[0];
  assert.equal((await get("/keys", { headers: { cookie } }, closed)).status, 200);
  assert.equal((await get("/sign-in", { headers: { cookie } }, closed)).status, 303);
  const batch = await closed.ask("/batch", [["PING"]], {
    method: "POST",
    body: '[["PING"]]',
    headers: { cookie },
  });
  assert.equal(batch.status, 401, "the cookie opens the console only");
  const out = await post("/sign-out", {}, { cookie }, closed);
  assert.match(out.headers.get("set-cookie") ?? "", /^crabcache_console=; Max-Age=0;/);
  const secure = await post(
    "/sign-in",
    { secret: TOKEN },
    { "x-forwarded-proto": "https" },
    closed,
  );
  assert.match(secure.headers.get("set-cookie") ?? "", /; Secure;/);
});

test("signing in leads to the console and nowhere else", async () => {
  for (const next of ["https://example.org/", "//example.org", "/batch", "keysx", "key\\..", ""]) {
    const done = await post("/sign-in", { secret: TOKEN, next }, {}, closed);
    assert.equal(done.headers.get("location"), "./", next);
  }
});

test("users sign in by name and password, until they are no more", async () => {
  const auth = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const command = (words: string[]): Promise<Answer> =>
    closed.ask("/", undefined, { method: "POST", body: JSON.stringify(words), headers: auth });
  await command(["ACL", "SETUSER", "ada", "on", ">pass:word", "~*", "+@all"]);
  const done = await post("/sign-in", { name: "ada", secret: "pass:word" }, {}, closed);
  assert.equal(done.status, 303);
  const cookie = (done.headers.get("set-cookie") ?? "").split(";")[0];
  const page = await get("/", { headers: { cookie } }, closed);
  assert.match(page.text, /Signed in as ada/);
  await command(["ACL", "DELUSER", "ada"]);
  assert.equal((await get("/", { headers: { cookie } }, closed)).status, 303);
});

test("whoever may only read sees what they may see, and errors for the rest", async () => {
  const headers = { authorization: `Bearer ${READONLY}` };
  const overview = await get("/", { headers }, closed);
  assert.equal(overview.status, 200);
  assert.match(overview.text, /NOPERM/);
  assert.match((await get("/keys", { headers }, closed)).text, /The keys cannot be listed/);
  assert.equal((await get("/events", { headers }, closed)).status, 403);
  const deleted = await post("/delete-key?key=AA", {}, headers, closed);
  assert.equal(deleted.status, 403);
  assert.match(deleted.text, /NOPERM/);
});

test("other sites' pages change nothing", async () => {
  await run(["SET", "kept", "1"]);
  const path = `/delete-key?key=${base64Url("kept")}`;
  for (
    const headers of [
      { origin: "http://example.org" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]
  ) {
    assert.equal((await post(path, {}, headers)).status, 403, JSON.stringify(headers));
  }
  const { json } = await open.ask("/batch", [["EXISTS", "kept"]]);
  assert.deepEqual(json, [{ result: 1 }]);
});

test("hostile keys, values and names are text wherever they are shown", async () => {
  const large = "x".repeat(5000);
  await run(
    ["FLUSHALL"],
    ["SET", HOSTILE, HOSTILE],
    ["HSET", `h${HOSTILE}`, HOSTILE, HOSTILE],
    ["RPUSH", `l${HOSTILE}`, HOSTILE, large],
    ["SADD", `s${HOSTILE}`, HOSTILE],
    ["ZADD", `z${HOSTILE}`, 1, HOSTILE],
    ["XADD", `x${HOSTILE}`, "*", HOSTILE, HOSTILE],
    ["CONFIG", "SET", "slowlog-log-slower-than", 0],
    ["GET", HOSTILE],
    ["CONFIG", "SET", "slowlog-log-slower-than", 10000],
  );
  for (let i = 0; i < 200; i++) await run(...Array.from({ length: 50 }, () => ["GET", HOSTILE]));
  const shown = "&lt;script&gt;alert(1)&lt;/script&gt;";
  const pages = ["/", "/tables", "/keys", `/keys?pattern=${encodeURIComponent(`*${HOSTILE}`)}`];
  for (const type of ["", "h", "l", "s", "z", "x"]) {
    pages.push(`/key?key=${base64Url(type + HOSTILE)}`);
    pages.push(`/delete-key?key=${base64Url(type + HOSTILE)}`);
    pages.push(`/keys?deleted=${base64Url(type + HOSTILE)}`);
  }
  for (const path of pages) {
    const { text, status } = await get(path);
    assert.equal(status, 200, path);
    assertHarmless(text);
    assert.ok(text.includes(shown), path);
  }
  const asked = await post("/prompt", { line: `ECHO '${HOSTILE.replaceAll("'", "\\'")}'` });
  assertHarmless(asked.text);
  assert.ok(asked.text.includes(shown));
});

test("keys that are no text are listed, shown and deleted byte for byte", async () => {
  await run(["FLUSHALL"]);
  await runBytes(Buffer.from("SET"), BINARY, Uint8Array.from({ length: 40 }, (_, i) => 255 - i));
  const list = await get("/keys");
  assert.ok(list.text.includes("\\xff\\x00\\n&lt;\\&quot;\\xe2\\x80\\xae"));
  const href = `key?db=0&amp;key=${base64Url(BINARY)}`;
  assert.ok(list.text.includes(`href="${href}"`), list.text);
  const page = await get(`/key?key=${base64Url(BINARY)}`);
  assert.match(page.text, /00000000 {2}ff fe fd fc/);
  const done = await post(`/delete-key?key=${base64Url(BINARY)}`, {}, {
    "sec-fetch-site": "same-origin",
  });
  assert.equal(done.status, 303);
  assert.deepEqual((await open.ask("/batch", [["DBSIZE"]])).json, [{ result: 0 }]);
  assert.match((await get("/keys")).text, /Database 0 is empty/);
  assert.equal((await get("/key?key=***")).status, 400);
});

test("text that misleads the eye is shown by its bytes", async () => {
  await run(["FLUSHALL"], ["SET", "a\u202etxt.exe", "\u200bb"], [
    "SET",
    "Gr\u00fc\u00dfe \u{1f980}",
    "\u00e9\nz",
  ]);
  const { text } = await get("/keys");
  assert.ok(text.includes("a\\xe2\\x80\\xaetxt.exe"));
  assert.ok(text.includes("Gr\u00fc\u00dfe \u{1f980}"));
  assert.match((await get("/key?name=Gr%C3%BC%C3%9Fe%20%F0%9F%A6%80")).text, />\u00e9\nz<\/pre>/);
});

test("keys are found by pattern, type and database, page by page", async () => {
  const keys = Array.from({ length: 180 }, (_, i) => ["SET", `k:${i}`, i]);
  await run(["FLUSHALL"], ...keys, ["HSET", "h:1", "f", "v"], ["SELECT", 3], [
    "SET",
    "there",
    1,
    "EX",
    90,
  ]);
  const seen = new Set<string>();
  let path: string | undefined = "/keys?db=0";
  for (let pages = 0; path !== undefined; pages++) {
    assert.ok(pages < 10);
    const { text }: Answer = await get(path);
    for (const [, key] of text.matchAll(/<bdi class="bytes">([^<]+)</g)) seen.add(key);
    path = /rel="next" href="([^"]+)"/.exec(text)?.[1].replaceAll("&amp;", "&").replace(/^/, "/");
  }
  assert.equal(seen.size, 181);
  const hashes = await get("/keys?type=hash");
  assert.deepEqual(
    [...hashes.text.matchAll(/<bdi class="bytes">([^<]+)</g)].map(([, key]) => key),
    ["h:1"],
  );
  const some = await get("/keys?pattern=k:17*");
  assert.equal([...some.text.matchAll(/<bdi class="bytes">/g)].length, 11);
  assert.match((await get("/keys?pattern=none:*")).text, /No key matches/);
  const other = await get("/keys?db=3");
  assert.match(other.text, /there<\/bdi>.*string.*1 min 30 s|1 min 29 s/s);
  assert.match((await get("/keys?db=99999")).text, /ERR DB index is out of range/);
});

test("a value of each type is shown, and large ones page by page", async () => {
  const many = (count: number, of: (i: number) => (string | number)[]): (string | number)[] =>
    Array.from({ length: count }, (_, i) => of(i)).flat();
  await run(
    ["FLUSHALL"],
    ["SET", "string", `${"a".repeat(8191)}\u00e9${"b".repeat(100)}`],
    ["RPUSH", "list", ...many(250, (i) => [`e${i}`])],
    ["HSET", "hash", ...many(1000, (i) => [`f${i}`, `v${i}`])],
    ["SADD", "set", ...many(1000, (i) => [`m${i}`])],
    ["ZADD", "zset", ...many(250, (i) => [i + 0.5, `m${i}`])],
    ...Array.from({ length: 120 }, (_, i) => ["XADD", "stream", `${i + 1}-1`, "f", `v${i}`]),
    ["SET", "empty", ""],
  );
  const cells = { string: 0, list: 250, hash: 2000, set: 1000, zset: 500, stream: 240 };
  for (const [key, expected] of Object.entries(cells)) {
    const seen = new Set<string>();
    let path: string | undefined = `/key?key=${base64Url(key)}`;
    let pages = 0;
    for (; path !== undefined; pages++) {
      assert.ok(pages < 40, key);
      const { text, status }: Answer = await get(path);
      assert.equal(status, 200);
      for (const [, row] of text.matchAll(/<tr>(<td.*?)<\/tr>/g)) {
        seen.add(row.replace(/<td class="num"><bdi class="bytes">\d+<\/bdi><\/td>/, ""));
      }
      path = /rel="next" href="([^"]+)"/.exec(text)?.[1].replaceAll("&amp;", "&").replace(/^/, "/");
    }
    assert.ok(pages > 1, key);
    const width = key === "hash" || key === "zset" || key === "stream" ? 2 : 1;
    assert.equal(seen.size, expected / width, key);
  }
  const first = await get(`/key?key=${base64Url("string")}`);
  assert.match(first.text, /bytes 0 \u2013 8,191 of 8,293/);
  assert.match(first.text, />a{8191}\u00e9<\/pre>/);
  const second = await get(`/key?key=${base64Url("string")}&at=8192`);
  assert.match(second.text, />b{100}<\/pre>/);
  await run(["SET", "plain", "c".repeat(8192 + 5)]);
  assert.match((await get("/key?name=plain")).text, />c{8192}<\/pre>/);
  assert.match((await get("/key?name=plain&at=8192")).text, />c{5}<\/pre>/);
  assert.match((await get("/key?name=empty")).text, /An empty string/);
  const missing = await get("/key?name=nothing");
  assert.equal(missing.status, 404);
  assert.match(missing.text, /There is no such key/);
});

test("looking at keys is no use of them", async () => {
  await run(["FLUSHALL"], ["SET", "seen", "1"], ["HOTKEYS", "RESET"]);
  const idle = async (): Promise<number> =>
    (await open.ask("/batch", [["OBJECT", "FREQ", "seen"]])).json[0].result;
  const before = await idle();
  for (let i = 0; i < 30; i++) await get(`/key?key=${base64Url("seen")}`);
  assert.equal(await idle(), before);
});

test("the prompt runs a line, says what is wrong, and keeps the database", async () => {
  const ask = (line: string, db = "0"): Promise<Answer> =>
    post("/prompt", { line, db }, { "x-fragment": "1" });
  assert.match((await ask(`SET "a b" 'c d'`)).text, /<pre class="answer">OK<\/pre>/);
  assert.match((await ask(`GET "a b"`)).text, /&quot;c d&quot;/);
  assert.match(
    (await ask(`INCR "a b"`)).text,
    /class="answer error">\(error\) ERR value is not an int/,
  );
  assert.match((await ask(`GET "a`)).text, /quotes are not balanced/);
  assert.match((await ask("NOPE")).text, /unknown command &#39;NOPE&#39;/);
  assert.match((await ask("HSET h f v")).text, /\(integer\) 1/);
  assert.match((await ask("HGETALL h")).text, /1# &quot;f&quot; =&gt; &quot;v&quot;/);
  assert.match((await ask("EXISTS none", "99999")).text, /ERR DB index is out of range/);
  const selected = await ask("SELECT 5");
  assert.match(selected.text, /data-db="5"/);
  assert.match((await ask("SET five 5", "5")).text, /data-db="5"/);
  assert.match((await ask("GET five", "0")).text, /\(nil\)/);
  const whole = await post("/prompt", { line: "PING", db: "0" });
  assert.match(whole.text, /<!doctype html>.*PONG/s);
  assert.match((await ask("   ")).text, /<pre class="answer"><\/pre>/);
});

test("a command of the prompt may wait", async () => {
  await run(["DEL", "queue"]);
  const waiting = post("/prompt", { line: "BLPOP queue 20", db: "0" }, { "x-fragment": "1" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await run(["RPUSH", "queue", "job"]);
  assert.match((await waiting).text, /2\) &quot;job&quot;/);
});

test("live figures come every second, and say what happened", async () => {
  const aborter = new AbortController();
  const answer = await fetch(`${open.url}/console/events`, { signal: aborter.signal });
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const samples = (): number[][] =>
    [...text.matchAll(/event: sample\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data));
  while (samples().length < 3) {
    const { value, done } = await reader.read();
    assert.ok(!done);
    text += value;
    await run(...Array.from({ length: 100 }, () => ["GET", "missing"]), ["SET", "hit", 1], [
      "GET",
      "hit",
    ]);
  }
  aborter.abort();
  const { fields } = JSON.parse(/event: history\ndata: (.*)\n/.exec(text)![1]);
  const of = (row: number[], name: string): number => row[fields.indexOf(name)];
  const busy = samples().filter((row) => of(row, "commands") >= 90);
  assert.ok(busy.length > 0, text);
  assert.ok(of(busy[0], "hitRatio") > 0 && of(busy[0], "hitRatio") < 0.5);
  assert.ok(of(busy[0], "p50Us") > 0 && of(busy[0], "p99Us") >= of(busy[0], "p50Us"));
  assert.ok(of(busy[0], "usedBytes") > 0 && of(busy[0], "budgetBytes") === 64 * 1024 * 1024);
  // The first may be late, and the second is then in time.
  const [first, , third] = samples();
  const elapsedMs = of(third, "atMs") - of(first, "atMs");
  assert.ok(elapsedMs > 900 && elapsedMs < 30_000, `${elapsedMs} ms`);
});

test("a server that shuts down ends the streams of its consoles", async () => {
  await quickly("to close without waiting for the stream", 900, async () => {
    const http = await startHttpServer();
    const answer = await fetch(`${http.url}/console/events`);
    const body = answer.text().catch(() => "cut");
    await http.server.close();
    await body;
  });
});

test("the console is bound by the limit of requests, as all of the door is", async () => {
  const http = await startHttpServer({ httpRateLimit: 3 });
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) {
    statuses.push((await post("/prompt", { line: "PING" }, {}, http)).status);
  }
  await http.server.close();
  assert.equal(statuses[0], 200);
  assert.ok(statuses.includes(429), statuses.join());
});

test("methods and paths that there are none of are refused", async () => {
  assert.equal((await get("/nothing")).status, 404);
  const put = await open.ask("/console/keys", undefined, { method: "PUT", body: "x" });
  assert.equal(put.status, 404);
});
