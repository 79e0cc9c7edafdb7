import { after, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Hono } from "hono";
import { createCache, createFetchHandler } from "../../../mod.ts";
import { startHttpServer } from "./http_server.ts";

const http = await startHttpServer({ httpMaxBody: "1mb", maxmemory: "64mb" });
after(() => http.server.close());

const VALUES = "/v1/values/";

async function ask(
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; headers: Headers; bytes: Uint8Array; text: string; error: string }> {
  const response = await fetch(http.url + path, {
    method,
    headers: headers ?? {},
    ...body === undefined ? {} : { body },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const isJson = response.headers.get("content-type") === "application/json" && text !== "";
  const error = isJson ? JSON.parse(text).error ?? "" : "";
  return { status: response.status, headers: response.headers, bytes, text, error };
}

async function run(...words: unknown[]): Promise<unknown> {
  const { json } = await http.ask("/", words);
  return json.result ?? json.error ?? null;
}

/** The tag that GET answers, with its quotes. */
async function tagOf(key: string): Promise<string> {
  return (await ask("GET", VALUES + key)).headers.get("etag") ?? "";
}

test("a value is put, got, replaced and removed, with its media type", async () => {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  const put = await ask("PUT", `${VALUES}a`, headers, "crab");
  assert.equal(put.status, 201);
  assert.equal(put.text, "");
  const got = await ask("GET", `${VALUES}a`);
  assert.equal(got.status, 200);
  assert.equal(got.text, "crab");
  assert.equal(got.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(got.headers.get("cache-control"), "no-cache, no-transform");
  assert.equal(got.headers.get("age"), null);
  assert.equal(got.headers.get("etag"), put.headers.get("etag"));
  assert.match(got.headers.get("etag") ?? "", /^"[\w-]{22}\.[\w-]{8}"$/);
  assert.equal((await ask("PUT", `${VALUES}a`, {}, "lobster")).status, 204);
  assert.equal(await run("GET", "a"), "lobster");
  assert.equal((await ask("DELETE", `${VALUES}a`)).status, 204);
  const gone = await ask("GET", `${VALUES}a`);
  assert.equal(gone.status, 404);
  assert.equal(gone.error, "there is no value under this key");
  assert.equal((await ask("DELETE", `${VALUES}a`)).status, 404);
});

test("any bytes may be a key and a value", async () => {
  const value = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (
    const key of ["%00%ff%0a%0D%E2%80%A8", "a%2Fb", "a/b", "", "caf%C3%A9", "%25", "a+b", "%3F"]
  ) {
    assert.equal((await ask("PUT", VALUES + key, {}, value)).status, 201, key);
    assert.deepEqual((await ask("GET", VALUES + key)).bytes, value, key);
    assert.equal((await ask("DELETE", VALUES + key)).status, 204, key);
    if (key === "a%2Fb") assert.equal((await ask("DELETE", `${VALUES}a/b`)).status, 404);
  }
  await ask("PUT", `${VALUES}n%0Al`, {}, "line break");
  assert.equal(await run("GET", "n\nl"), "line break");
  await run("DEL", "n\nl");
  assert.equal((await ask("GET", `${VALUES}%zz`)).status, 400);
  assert.equal((await ask("GET", `${VALUES}%a`)).status, 400);
  assert.equal((await ask("GET", "/v1/values")).status, 404);
});

test("what a command sets has no media type", async () => {
  await ask("PUT", `${VALUES}t`, { "content-type": "text/html" }, "<p>");
  await run("SET", "t", "plain");
  const got = await ask("GET", `${VALUES}t`);
  assert.equal(got.headers.get("content-type"), "application/octet-stream");
  assert.equal(got.text, "plain");
  await run("SET", "n", 42);
  assert.equal((await ask("GET", `${VALUES}n`)).text, "42");
});

test("the media type goes with the value: changes, names, databases, times to live", async () => {
  const headers = { "content-type": "application/xml" };
  const typeOf = async (key: string, query = ""): Promise<string | null> =>
    (await ask("GET", VALUES + key + query)).headers.get("content-type");
  await ask("PUT", `${VALUES}m`, headers, "<a>");
  await run("APPEND", "m", "b".repeat(200));
  assert.equal(await typeOf("m"), "application/xml");
  await run("EXPIRE", "m", 1000);
  assert.equal(await typeOf("m"), "application/xml");
  await run("PERSIST", "m");
  await run("RENAME", "m", "m2");
  assert.equal(await typeOf("m2"), "application/xml");
  await run("COPY", "m2", "m3");
  assert.equal(await typeOf("m3"), "application/xml");
  await run("MOVE", "m3", 1);
  assert.equal(await typeOf("m3", "?db=1"), "application/xml");
  assert.equal((await ask("GET", `${VALUES}m3`)).status, 404);
  await run("DEL", "m2");
  await run("SET", "m2", "new");
  assert.equal(await typeOf("m2"), "application/octet-stream");
});

test("max-age is the time to live; with Age it tells what is left", async () => {
  const headers = { "cache-control": "public, max-age=100", "content-type": "text/css" };
  await ask("PUT", `${VALUES}c`, headers, "a{}");
  const ttl = Number(await run("TTL", "c"));
  assert.ok(ttl === 100 || ttl === 99, `${ttl}`);
  const got = await ask("GET", `${VALUES}c`);
  assert.equal(got.headers.get("cache-control"), "max-age=100, no-transform");
  assert.match(got.headers.get("age") ?? "", /^[01]$/);
  await run("EXPIRE", "c", 500);
  assert.match(
    (await ask("GET", `${VALUES}c`)).headers.get("cache-control") ?? "",
    /^max-age=(499|500|501), /,
  );
  await run("SETEX", "plain", 50, "x");
  const plain = (await ask("GET", `${VALUES}plain`)).headers;
  assert.match(plain.get("cache-control") ?? "", /^max-age=(4[5-9]|50), /, "as what is left");
  assert.equal(plain.get("age"), "0");
  await ask("PUT", `${VALUES}c`, {}, "b{}");
  assert.equal(await run("TTL", "c"), -1);
  for (const wrong of ["max-age=0", "max-age=x", "max-age", "max-age=1, max-age=2", "max-age=-1"]) {
    const refused = await ask("PUT", `${VALUES}c`, { "cache-control": wrong }, "c{}");
    assert.equal(refused.status, 400, wrong);
  }
  assert.equal(await run("GET", "c"), "b{}");
});

test("Age counts from when the value was put", async () => {
  await ask("PUT", `${VALUES}old`, { "cache-control": "max-age=100" }, "x");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const { headers } = await ask("GET", `${VALUES}old`);
  const age = Number(headers.get("age"));
  assert.ok(age >= 1 && age < 30, `${age} s`);
  assert.equal(headers.get("cache-control"), "max-age=100, no-transform");
});

test("a value that is known is not sent again", async () => {
  await ask("PUT", `${VALUES}e`, { "content-type": "text/plain" }, "x");
  const tag = await tagOf("e");
  for (const list of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const got = await ask("GET", `${VALUES}e`, { "if-none-match": list });
    assert.equal(got.status, 304, list);
    assert.equal(got.headers.get("etag"), tag);
    assert.equal(got.text, "");
  }
  assert.equal((await ask("HEAD", `${VALUES}e`, { "if-none-match": tag })).status, 304);
  assert.equal((await ask("GET", `${VALUES}e`, { "if-none-match": '"other"' })).status, 200);
  assert.equal((await ask("GET", `${VALUES}e`, { "if-match": '"other"' })).status, 412);
  assert.equal((await ask("GET", `${VALUES}none`, { "if-match": "*" })).status, 412);
  assert.equal((await ask("GET", `${VALUES}e`, { "if-match": tag })).status, 200);
  assert.equal((await ask("GET", `${VALUES}e`, { "if-match": "unquoted" })).status, 400);
  await ask("PUT", `${VALUES}e`, { "content-type": "text/html" }, "x");
  assert.notEqual(await tagOf("e"), tag, "the type is part of the tag");
});

test("a value is replaced only if it is the one that was seen", async () => {
  const key = `${VALUES}cas`;
  const fresh = { "if-none-match": "*" };
  assert.equal((await ask("PUT", key, { "if-match": "*" }, "0")).status, 412);
  assert.equal((await ask("PUT", key, fresh, "1")).status, 201);
  assert.equal((await ask("PUT", key, fresh, "2")).status, 412);
  const first = await tagOf("cas");
  assert.equal((await ask("PUT", key, { "if-match": `W/${first}` }, "2")).status, 412);
  const second = await ask("PUT", key, { "if-match": first }, "2");
  assert.equal(second.status, 204);
  assert.equal((await ask("PUT", key, { "if-match": first }, "3")).status, 412);
  assert.equal(await run("GET", "cas"), "2");
  assert.equal((await ask("DELETE", key, { "if-match": first })).status, 412);
  assert.equal(await run("EXISTS", "cas"), 1);
  const tag = second.headers.get("etag") ?? "";
  assert.equal((await ask("DELETE", key, { "if-match": tag })).status, 204);
  assert.equal(await run("EXISTS", "cas"), 0);
  assert.equal((await ask("DELETE", key, { "if-match": tag })).status, 412);
});

test("of many who count at the same time, each counts once", async () => {
  await ask("PUT", `${VALUES}count`, {}, "0");
  const add = async (): Promise<void> => {
    for (;;) {
      const got = await ask("GET", `${VALUES}count`);
      const put = await ask(
        "PUT",
        `${VALUES}count`,
        { "if-match": got.headers.get("etag") ?? "" },
        `${Number(got.text) + 1}`,
      );
      if (put.status === 204) return;
      assert.equal(put.status, 412);
    }
  };
  await Promise.all(Array.from({ length: 8 }, add));
  assert.equal(await run("GET", "count"), "8");
});

test("ranges of bytes", async () => {
  await ask("PUT", `${VALUES}r`, { "content-type": "text/plain" }, "0123456789");
  const range = (text: string, more: Record<string, string> = {}): ReturnType<typeof ask> =>
    ask("GET", `${VALUES}r`, { range: text, ...more });
  const parts: readonly (readonly [string, string, string])[] = [
    ["bytes=0-0", "0", "bytes 0-0/10"],
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-99", "0123456789", "bytes 0-9/10"],
    ["bytes=5-99", "56789", "bytes 5-9/10"],
  ];
  for (const [header, text, says] of parts) {
    const got = await range(header);
    assert.equal(got.status, 206, header);
    assert.equal(got.text, text);
    assert.equal(got.headers.get("content-range"), says);
    assert.equal(got.headers.get("content-type"), "text/plain");
  }
  for (const header of ["bytes=10-", "bytes=-0"]) {
    const got = await range(header);
    assert.equal(got.status, 416, header);
    assert.equal(got.headers.get("content-range"), "bytes */10");
    assert.equal(got.error, "the value has 10 bytes");
  }
  for (const header of ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=a-b"]) {
    assert.equal((await range(header)).status, 200, header);
  }
  const tag = await tagOf("r");
  assert.equal((await range("bytes=0-0", { "if-range": tag })).status, 206);
  assert.equal((await range("bytes=0-0", { "if-range": '"other"' })).status, 200);
});

test("HEAD tells all but the value", async () => {
  await ask("PUT", `${VALUES}h`, { "content-type": "text/plain" }, "x".repeat(1000));
  const got = await ask("HEAD", `${VALUES}h`);
  assert.equal(got.status, 200);
  assert.equal(got.text, "");
  assert.equal(got.headers.get("content-length"), "1000");
  assert.equal(got.headers.get("content-type"), "text/plain");
  assert.equal(got.headers.get("etag"), await tagOf("h"));
  assert.equal((await ask("HEAD", `${VALUES}nothing`)).status, 404);
});

test("large values, texts that could be compressed included, come back as they went", async () => {
  const value = new TextEncoder().encode("crab ".repeat(150_000));
  const put = await ask("PUT", `${VALUES}large`, { "content-type": "text/plain" }, value);
  assert.equal(put.status, 201);
  const got = await ask("GET", `${VALUES}large`, { "accept-encoding": "gzip, br" });
  assert.deepEqual(got.bytes, value);
  assert.equal(got.headers.get("etag"), put.headers.get("etag"));
  assert.equal(got.headers.get("content-encoding"), null);
  await run("RENAME", "large", "large2");
  await run("EXPIRE", "large2", 100);
  const moved = await ask("GET", `${VALUES}large2`);
  assert.equal(moved.headers.get("content-type"), "text/plain");
  assert.equal(moved.headers.get("etag"), put.headers.get("etag"));
  const tooLarge = await ask("PUT", `${VALUES}large`, {}, new Uint8Array(1024 * 1024 + 1));
  assert.equal(tooLarge.status, 413);
});

test("a key that holds something else is refused, and left alone", async () => {
  await run("RPUSH", "list", "a");
  for (const method of ["GET", "PUT", "DELETE"]) {
    const got = await ask(method, `${VALUES}list`, {}, method === "PUT" ? "x" : undefined);
    assert.equal(got.status, 409, method);
    assert.match(got.error, /^WRONGTYPE /);
  }
  assert.equal((await ask("HEAD", `${VALUES}list`)).status, 409);
  assert.equal(await run("LLEN", "list"), 1);
});

test("what cannot be kept is refused", async () => {
  const key = `${VALUES}bad`;
  assert.equal((await ask("PUT", key, { "content-encoding": "gzip" }, "x")).status, 415);
  assert.equal((await ask("PUT", key, { "content-range": "bytes 0-0/9" }, "x")).status, 400);
  const long = `text/plain; x=${"y".repeat(300)}`;
  assert.equal((await ask("PUT", key, { "content-type": long }, "x")).status, 400);
  assert.equal(await run("EXISTS", "bad"), 0);
  const longKey = await ask("PUT", `${VALUES}${"k".repeat(40_000)}`, {}, "x");
  assert.equal(longKey.status >= 400 && longKey.status < 500, true);
  const post = await ask("POST", key, {}, "x");
  assert.equal(post.status, 405);
  assert.equal(post.headers.get("allow"), "GET, HEAD, PUT, DELETE");
});

test("no request is a mistake of the server", async () => {
  const word = fc.oneof(
    fc.constantFrom(...[
      '"a"',
      "*",
      "W/",
      ",",
      "bytes=",
      "0-",
      "-5",
      "max-age=",
      "1",
      "9".repeat(20),
    ]),
    fc.constantFrom(...[
      " ",
      '"',
      "gzip",
      "text/plain",
      ";",
      "=",
      "\u00e9",
      "no-cache",
      "identity",
    ]),
  );
  const header = fc.oneof(
    fc.constantFrom('"a"', "*", "bytes=1-2", "bytes=9-", "max-age=5"),
    fc.array(word, { maxLength: 5 }).map((words) => words.join("").trim()),
  );
  const names = ["if-match", "if-none-match", "if-range", "range", "cache-control"];
  const request = fc.record({
    method: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "PATCH"),
    headers: fc.dictionary(
      fc.constantFrom(...names, "content-type", "content-encoding", "content-range"),
      header,
      { noNullPrototype: true },
    ),
    key: fc.constantFrom("f", "g", "list", "%", "%00", "a/b", "%C3"),
    query: fc.constantFrom("", "?db=1", "?db=", "?db=16", "?x", "?db=0&db=1"),
    body: fc.constantFrom("", "x", "y".repeat(5000)),
  });
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ method, headers, key, query, body }) => {
      const got = await ask(
        method,
        VALUES + key + query,
        headers,
        method === "PUT" || method === "PATCH" ? body : undefined,
      );
      assert.ok(got.status < 500, `${got.status}`);
      if (got.status >= 400 && method !== "HEAD") assert.notEqual(got.error, "");
      seen.add(got.status);
    }),
    { numRuns: 600 },
  );
  for (const status of [200, 201, 204, 400, 404, 405, 409, 412]) {
    assert.ok(seen.has(status), `${status}`);
  }
});

test("each database has its own values", async () => {
  await ask("PUT", `${VALUES}d?db=3`, {}, "three");
  assert.equal((await ask("GET", `${VALUES}d?db=3`)).text, "three");
  assert.equal((await ask("GET", `${VALUES}d`)).status, 404);
  for (const db of ["16", "-1", "x", "1.5", "99999999999"]) {
    assert.equal((await ask("GET", `${VALUES}d?db=${db}`)).status, 400, db);
  }
});

test("pages of a value run nothing in this server's name", async () => {
  await ask("PUT", `${VALUES}page`, { "content-type": "text/html" }, "<script>alert(1)</script>");
  const { headers } = await ask("GET", `${VALUES}page`);
  assert.equal(headers.get("content-security-policy"), "default-src 'none'; sandbox");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

test("a user may do what the commands' permissions say", async () => {
  const server = await startHttpServer({ httpToken: "all", httpReadonlyToken: "reader" });
  try {
    const admin = { authorization: "Bearer all" };
    const request = async (
      method: string,
      path: string,
      headers: Record<string, string>,
      body?: string,
    ): Promise<number> => {
      const response = await fetch(server.url + VALUES + path, {
        method,
        headers,
        ...body === undefined ? {} : { body },
      });
      await response.arrayBuffer();
      return response.status;
    };
    const reader = { authorization: "Bearer reader" };
    assert.equal(await request("PUT", "k", {}, "x"), 401);
    assert.equal(await request("PUT", "k", admin, "x"), 201);
    assert.equal(await request("GET", "k", reader), 200);
    assert.equal(await request("PUT", "k", reader, "y"), 403);
    assert.equal(await request("DELETE", "k", reader), 403);
    await server.ask("/", ["ACL", "SETUSER", "ann", "on", ">pw", "~ann:*", "+get", "+set"], {
      headers: admin,
    });
    const ann = { authorization: `Basic ${btoa("ann:pw")}` };
    assert.equal(await request("PUT", "ann:1", ann, "x"), 201);
    assert.equal(await request("GET", "ann:1", ann), 200);
    assert.equal(await request("GET", "k", ann), 403);
    assert.equal(await request("PUT", "k", ann, "y"), 403);
    assert.equal(await request("DELETE", "ann:1", ann), 403);
    assert.equal(await request("GET", "ann:1?db=1", ann), 403);
  } finally {
    await server.server.close();
  }
});

test("values are there where the door is mounted in another program", async () => {
  using cache = createCache();
  const app = new Hono().mount("/cache", createFetchHandler(cache, { token: "t" }));
  const request = (init: RequestInit): Response | Promise<Response> =>
    app.request("http://localhost/cache/v1/values/a%2Fb", {
      ...init,
      headers: { authorization: "Bearer t", "content-type": "text/css" },
    });
  assert.equal((await request({ method: "PUT", body: "a{}" })).status, 201);
  assert.equal(cache.get("a/b"), "a{}");
  const got = await request({});
  assert.equal(got.headers.get("content-type"), "text/css");
  assert.equal(await got.text(), "a{}");
});

test("a value that is longer than one may be is refused", async () => {
  const server = await startHttpServer({ protoMaxBulkLen: "1mb", httpMaxBody: "2mb" });
  try {
    const put = (length: number): Promise<Response> =>
      fetch(`${server.url}${VALUES}k`, { method: "PUT", body: new Uint8Array(length) });
    assert.equal((await put(1024 * 1024)).status, 201);
    const refused = await put(1024 * 1024 + 1);
    assert.equal(refused.status, 413);
    assert.match((await refused.json() as { error: string }).error, /proto-max-bulk-len/);
  } finally {
    await server.server.close();
  }
});

test("a value for which there is no memory is refused with 503", async () => {
  const server = await startHttpServer({ maxmemory: "8mb", maxmemoryPolicy: "noeviction" });
  try {
    const body = new Uint8Array(1024 * 1024);
    let status = 0;
    for (let i = 0; i < 20 && (status === 0 || status === 201); i++) {
      const response = await fetch(`${server.url}${VALUES}k${i}`, {
        method: "PUT",
        headers: { "content-type": "image/png" },
        body,
      });
      status = response.status;
      if (status !== 201) assert.match((await response.json() as { error: string }).error, /^OOM /);
    }
    assert.equal(status, 503);
  } finally {
    await server.server.close();
  }
});
