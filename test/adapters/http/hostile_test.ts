// What the HTTP door does with bodies and requests that are broken, slow, too large or meant to do harm.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";
import { encodeRequest, FrameReader } from "../../protocol/binary/frames_support.ts";
import { sendRaw } from "./raw_client.ts";

const MAX_BODY = 4 * 1024 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let http: HttpTestServer;

before(async () => {
  http = await startHttpServer({ httpMaxBody: MAX_BODY, httpBodyTimeout: 1, httpMaxWait: 1 });
});
after(() => http.server.close());

/** Everything that the commands of the fuzzed bodies could have written. */
async function keyCount(): Promise<number> {
  const { json } = await http.ask("/batch", [["DBSIZE"]]);
  return json[0].result;
}

async function post(path: string, body: Uint8Array, type: string): Promise<Response> {
  return await fetch(http.url + path, {
    method: "POST",
    body: body as string | Uint8Array<ArrayBuffer>,
    headers: { "content-type": type },
  });
}

/** A body whose every command writes a key, so that a single one that ran can be seen. */
const commands = fc.array(
  fc.tuple(fc.constant("APPEND"), fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 12 })),
  { minLength: 1, maxLength: 6 },
);

interface Change {
  readonly at: number;
  readonly drop: number;
  readonly insert: Uint8Array;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(400),
    drop: fc.nat(4),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom("[", "]", "{", "}", '"', ",", "null", "\\", "\\u12", "1e", "*", "$", "\r\n")
        .map((text) => encoder.encode(text)),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function changed(body: Uint8Array, list: readonly Change[]): Uint8Array {
  let bytes = [...body];
  for (const { at, drop, insert } of list) {
    const place = at % (bytes.length + 1);
    bytes = [...bytes.slice(0, place), ...insert, ...bytes.slice(place + drop)];
  }
  return Uint8Array.from(bytes);
}

function respBody(list: readonly (readonly string[])[]): Uint8Array {
  const bulk = (word: string): string => `$${encoder.encode(word).length}\r\n${word}\r\n`;
  return encoder.encode(
    list.map((each) => `*${each.length}\r\n${each.map(bulk).join("")}`).join(""),
  );
}

/** Nothing runs of what is refused, and what is not refused is answered command by command. */
async function isWholeOrNothing(path: string, body: Uint8Array, type: string): Promise<void> {
  await http.ask("/batch", [["FLUSHALL"]]);
  const answer = await post(path, body, type);
  const text = await answer.text();
  assert.ok(answer.status < 500, `${answer.status} ${text}`);
  if (answer.status === 200) return assert.ok(Array.isArray(JSON.parse(text)), text);
  assert.equal(typeof JSON.parse(text).error, "string", text);
  assert.equal(await keyCount(), 0, `${answer.status} ${text}: ${decoder.decode(body)}`);
}

test("of a JSON body that is damaged, all runs or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      commands,
      changes,
      fc.constantFrom("/batch", "/pipeline", "/multi-exec", "/batch?atomic=true"),
      async (list, damage, path) => {
        const body = changed(encoder.encode(JSON.stringify(list)), damage);
        await isWholeOrNothing(path, body, "application/json");
      },
    ),
    { numRuns: 300 },
  );
});

test("of a RESP body that is damaged, all runs or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(commands, changes, async (list, damage) => {
      await isWholeOrNothing("/batch", changed(respBody(list), damage), "application/x-resp");
    }),
    { numRuns: 200 },
  );
});

test("of a damaged frame of the binary protocol, all runs or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(commands, changes, async (list, damage) => {
      const body = changed(encodeRequest(list), damage);
      await http.ask("/batch", [["FLUSHALL"]]);
      const answer = await post("/batch", body, "application/vnd.crabcache.batch");
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (answer.status === 200) return assert.equal(new FrameReader().push(bytes).length, 1);
      assert.equal(answer.status, 400);
      assert.equal(typeof JSON.parse(decoder.decode(bytes)).error, "string");
      assert.equal(await keyCount(), 0);
    }),
    { numRuns: 100 },
  );
});

test("bytes of any kind are no reason for an error of the server", async () => {
  const types = fc.constantFrom("application/json", "application/x-resp", "text/plain", "a/b", ";");
  const paths = fc.constantFrom(
    "/batch",
    "/pipeline",
    "/multi-exec",
    "/",
    "/set/k",
    "/%ff",
    "/a//b",
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), types, paths, async (body, type, path) => {
      const answer = await post(path, body, type);
      assert.ok(answer.status < 500, `${path} ${type} ${answer.status}`);
      assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
      JSON.parse(await answer.text());
    }),
    { numRuns: 200 },
  );
});

test("values of any JSON type are refused where they are no arguments", async () => {
  const bodies = [
    ...["null", "{}", '"PING"', "1", "true", "", " ", "[[]]", '["PING"]', "[null]", "[[null]]"],
    ...['[["GET",{}]]', '[["GET",["k"]]]', '[{"0":"PING"}]', '[["PING"],]', "[[1e]]", "[[01]]"],
    ...["[[NaN]]", "[[Infinity]]", "[['PING']]", '[["\\ud800"', '[["PING"]] x', "\u0000[]"],
  ];
  for (const body of bodies) {
    const { status, json } = await http.ask("/batch", body);
    assert.equal(status, 400, body);
    assert.match(json.error, /^ERR /, body);
  }
  for (const bytes of [[0xff], [0x5b, 0x5b, 0x22, 0xc3, 0x22, 0x5d, 0x5d], [0xef, 0xbb, 0xbf]]) {
    assert.equal((await post("/batch", Uint8Array.from(bytes), "application/json")).status, 400);
  }
});

test("deep nesting is refused, and costs no stack", async () => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"], ['[["a",', "]]"]]) {
    const depth = 200_000;
    for (const path of ["/batch", "/pipeline", "/"]) {
      const { status } = await http.ask(path, open.repeat(depth) + close.repeat(depth));
      assert.equal(status, 400, `${open} at ${path}`);
    }
  }
});

test("a hundred thousand commands are one batch, each with its answer", async () => {
  const count = 100_000;
  const { status, json } = await http.ask(
    "/batch",
    Array.from({ length: count }, () => ["INCR", "n"]),
  );
  assert.equal(status, 200);
  assert.equal(json.length, count);
  assert.deepEqual([json[0], json[count - 1]], [{ result: 1 }, { result: count }]);
});

test("answers that are made at the same time are not mixed up", async () => {
  await http.ask(
    "/batch",
    Array.from({ length: 200 }, (_, i) => ["SET", `m${i}`, `${i}`.repeat(500)]),
  );
  const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const path = ["/batch", "/pipeline", `/get/m${i}`][i % 3];
    if (i % 3 === 2) return { i, result: (await http.ask(path)).json.result };
    return { i, result: (await http.ask(path, [["GET", `m${i}`]])).json[0].result };
  }));
  for (const { i, result } of answers) assert.equal(result, `${i}`.repeat(500), `m${i}`);
});

test("a body that drips is read, and given up when it takes too long", async () => {
  const head = (length: number): string =>
    `POST /batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;
  const body = '[["ECHO","dripped"]]';
  const read = await sendRaw(http.url, head(body.length), {
    drips: body.match(/.{1,4}/g)!,
    until: /\]$/,
  });
  assert.match(read.text, /^HTTP\/1\.1 200 [^]*\[{"result":"dripped"}\]$/);
  const slow = await sendRaw(http.url, head(400) + body, {
    drips: Array.from({ length: 400 }, () => " "),
    dripMs: 200,
    until: /}$/,
  });
  assert.match(slow.text, /^HTTP\/1\.1 408 [^]*{"error":"the body took too long"}$/);
});

test("a body that is too large is refused by its length, or as soon as it is", async () => {
  const known = `POST /batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${
    MAX_BODY + 1
  }\r\n\r\n`;
  const until = /larger than \d+ bytes"}$/;
  assert.match((await sendRaw(http.url, known, { until })).text, /^HTTP\/1\.1 413 /);
  const piece = `10000\r\n${" ".repeat(0x10000)}\r\n`;
  const chunked = "POST /batch HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const unknown = await sendRaw(http.url, chunked + piece.repeat(MAX_BODY / 0x10000 + 1), {
    until,
  });
  assert.match(unknown.text, /^HTTP\/1\.1 413 /);
});

const BODY = '[["SET","smuggled","1"]]';
const HEAD = "POST /batch HTTP/1.1\r\nHost: localhost\r\n";
const CHUNKED_BODY = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const SHAPES: readonly [name: string, request: string][] = [
  [
    "length before chunks",
    `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["chunks before length", `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n`],
  ["two lengths", `${HEAD}Content-Length: ${BODY.length}\r\nContent-Length: 2\r\n\r\n`],
  ["a negative length", `${HEAD}Content-Length: -1\r\n\r\n`],
  ["a length with a sign", `${HEAD}Content-Length: +${BODY.length}\r\n\r\n`],
  ["a length in other digits", `${HEAD}Content-Length: 0x18\r\n\r\n`],
  ["an unknown coding", `${HEAD}Transfer-Encoding: xchunked\r\n\r\n`],
  ["a coding behind chunked", `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: a\r\n\r\n`],
  ["a space before the colon", `${HEAD}Transfer-Encoding : chunked\r\n\r\n`],
  ["a folded line", `${HEAD}X: a\r\n b\r\nContent-Length: ${BODY.length}\r\n\r\n`],
  ["a size that is no number", `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ["bytes that are no HTTP", "\x00\x01\x02\r\n\r\n"],
];

for (const [name, request] of SHAPES) {
  test(`a request with ${name} ends its connection, and what is behind it does not run`, async () => {
    const hidden = `${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
    const { text, isClosed } = await sendRaw(http.url, request + CHUNKED_BODY + hidden);
    assert.ok(isClosed);
    assert.match(text, /^(HTTP\/1\.1 400 [^]*)?$/);
    assert.equal(text.split("HTTP/1.1").length - 1 <= 1, true, text);
    assert.deepEqual((await http.ask("/batch", [["EXISTS", "smuggled"]])).json, [{ result: 0 }]);
  });
}

test("floods of headers are refused", async () => {
  for (const headers of ["X-Flood: yyyyyyyy\r\n".repeat(5000), `X: ${"y".repeat(1_000_000)}\r\n`]) {
    const request = `GET /get/x HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
    const { text, isClosed } = await sendRaw(http.url, request);
    assert.ok(isClosed);
    assert.match(text, /^(HTTP\/1\.1 4(00|31) [^]*)?$/);
  }
});

test("requests that come in a row are answered in their order", async () => {
  const one = (i: number): string => {
    const body = `[["ECHO","row${i}"]]`;
    return `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
  const rows = Array.from({ length: 20 }, (_, i) => i);
  const { text } = await sendRaw(http.url, rows.map(one).join(""), { until: /row19"}\]$/ });
  assert.deepEqual([...text.matchAll(/row(\d+)/g)].map((found) => Number(found[1])), rows);
});

test("the server is as it was", async () => {
  assert.deepEqual((await http.ask("/batch", [["PING"]])).json, [{ result: "PONG" }]);
  assert.deepEqual(http.lines.filter((line) => /internal error/i.test(line)), []);
});
