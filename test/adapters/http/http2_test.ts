// HTTP/2 as clients speak it: many streams on one connection, resets, flow control; and curl in all versions.

import { execFile, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { type ClientHttp2Session, connect } from "node:http2";
import process from "node:process";
import { Authority, missingOpenssl } from "../../support/certificates.ts";
import { until, within } from "../../support/wait.ts";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const STREAMS = 100;
const VALUE_BYTES = 100_000;
const NO_ERROR = 0;
const CANCEL = 8;
const MAX_BODY = 2 * 1024 * 1024;

let http: HttpTestServer;
const sessions: ClientHttp2Session[] = [];

before(async () => {
  http = await startHttpServer({ httpMaxBody: MAX_BODY, httpMaxWait: 5 });
  await http.ask("/batch", [["SET", "large", "v".repeat(VALUE_BYTES)]]);
});
after(async () => {
  for (const session of sessions) session.destroy();
  await http.server.close();
});

function open(
  settings: { initialWindowSize?: number } = {},
  url = http.url,
): Promise<ClientHttp2Session> {
  const opened = new Promise<ClientHttp2Session>((resolve, reject) => {
    const session = connect(url, { settings });
    sessions.push(session);
    session.once("error", reject);
    session.once("connect", () => resolve(session));
  });
  return within("an HTTP/2 connection", opened);
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One stream. @param parts of the body, sent as several frames */
function ask(session: ClientHttp2Session, path: string, ...parts: string[]): Promise<Reply> {
  const reply = new Promise<Reply>((resolve, reject) => {
    const headers = { ":method": "POST", ":path": path, "content-type": "application/json" };
    const stream = session.request(headers);
    let status = 0, text = "";
    stream.on("response", (given) => status = Number(given[":status"]));
    stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    stream.on("end", () => resolve({ status, text }));
    stream.on("error", reject);
    for (const part of parts) stream.write(part);
    stream.end();
  });
  return within(`${path} over HTTP/2`, reply);
}

test("a hundred streams at once get each its own answer", async () => {
  const session = await open();
  const replies = await Promise.all(Array.from({ length: STREAMS }, (_, i) => {
    return ask(session, "/batch", '[["ECHO",', `"stream ${i}"],`, '["GET","large"]]');
  }));
  replies.forEach(({ status, text }, i) => {
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), [
      { result: `stream ${i}` },
      { result: "v".repeat(VALUE_BYTES) },
    ]);
  });
  session.close();
});

test("streams that are reset do not disturb those beside them", async () => {
  const session = await open();
  const others = Array.from({ length: STREAMS / 2 }, (_, i) => {
    const stream = session.request({ ":method": "POST", ":path": "/batch" });
    stream.on("error", () => {});
    // Some have sent half of a body, some wait for an answer that does not come.
    if (i % 2 === 0) stream.write('[["SET","reset","1"],');
    else stream.end('[["BLPOP","nothing",0]]');
    return stream;
  });
  // Servers end connections whose streams are reset before they were looked at.
  await ask(session, "/batch", '[["PING"]]');
  const replies = others.map((stream, i) => {
    stream.close(CANCEL);
    return ask(session, "/batch", `[["ECHO","${i}"]]`);
  });
  const answers = await Promise.all(replies);
  assert.deepEqual(
    answers.map(({ text }) => JSON.parse(text)[0].result),
    others.map((_, i) => `${i}`),
  );
  assert.equal((await ask(session, "/batch", '[["EXISTS","reset"]]')).text, '[{"result":0}]');
  await until("those who waited to be gone", async () => {
    await http.ask("/batch", [["RPUSH", "nothing", "x"]]);
    return (await http.ask("/batch", [["LPOP", "nothing"]])).json[0].result === "x";
  });
  session.close();
});

test("a reader with a tiny window gets all of a large answer", async () => {
  const session = await open({ initialWindowSize: 100 });
  const small = Promise.all([1, 2, 3].map(() => ask(session, "/batch", '[["PING"]]')));
  const { status, text } = await ask(session, "/batch", '[["GET","large"]]');
  assert.equal(status, 200);
  assert.equal(JSON.parse(text)[0].result.length, VALUE_BYTES);
  for (const each of await small) assert.equal(each.text, '[{"result":"PONG"}]');
  session.close();
});

test("a large body comes in by way of the server's window, a larger one is refused", async () => {
  const session = await open();
  const value = "w".repeat(MAX_BODY / 2);
  const { text } = await ask(
    session,
    "/batch",
    `[["SET","sent","${value}"],`,
    '["STRLEN","sent"]]',
  );
  assert.equal(text, `[{"result":"OK"},{"result":${value.length}}]`);
  const stream = session.request({ ":method": "POST", ":path": "/batch" });
  const outcome = new Promise<number>((resolve) => {
    stream.on("response", (headers) => resolve(Number(headers[":status"])));
    stream.on("error", () => resolve(413));
    stream.on("close", () => resolve(413));
  });
  for (let sent = 0; sent <= MAX_BODY; sent += value.length) stream.write(value);
  assert.equal(await within("the refusal", outcome), 413);
  stream.close(NO_ERROR);
  assert.equal((await ask(session, "/batch", '[["PING"]]')).status, 200);
  session.close();
});

test("a server that closes answers what runs, and ends the connection", async () => {
  const other = await startHttpServer({ httpMaxWait: 5 });
  const session = await open({}, other.url);
  const ended = new Promise<void>((resolve) => {
    session.on("close", resolve);
    session.on("goaway", () => resolve());
  });
  session.on("error", () => {});
  const waiting = ask(session, "/batch", '[["BLPOP","later",0.2],["ECHO","answered"]]');
  await until("the command to wait", async () => {
    const { text } = await ask(session, "/info/clients");
    return /blocked_clients:1/.test(text);
  });
  const closed = other.server.close();
  assert.match((await waiting).text, /"answered"/);
  await within("the end of the server", closed);
  await within("the end of the connection", ended);
});

const hasCurl = spawnSync("curl", ["--version"]).stdout?.includes("HTTP2") === true;
if (!hasCurl && process.env.CI === "true") throw new Error("there is no curl that knows HTTP/2");
const curlOptions = hasCurl ? {} : { skip: "there is no curl that knows HTTP/2" };

function curl(...args: string[]): Promise<string> {
  const common = [
    "--silent",
    "--show-error",
    "--max-time",
    "20",
    "--write-out",
    "\n%{http_version}",
  ];
  return new Promise((resolve, reject) => {
    execFile("curl", [...common, ...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr));
    });
  });
}

const DATA = ["--data", '[["ECHO","curl"],["NOPE"]]'];
const ANSWER =
  '[{"result":"curl"},{"error":"ERR unknown command \'NOPE\', with args beginning with: "}]';

test("curl asks over HTTP/1.1 and over HTTP/2 in clear text", curlOptions, async () => {
  const url = `${http.url}/batch`;
  assert.equal(await curl("--http1.1", ...DATA, url), `${ANSWER}\n1.1`);
  assert.equal(await curl("--http2-prior-knowledge", ...DATA, url), `${ANSWER}\n2`);
});

test("curl asks over HTTP/1.1 and over HTTP/2 over TLS", curlOptions, async (t) => {
  const missing = missingOpenssl();
  if (missing !== undefined) return t.skip(missing);
  const authority = new Authority();
  const { certFile, keyFile } = authority.sign("server");
  const secure = await startHttpServer({
    httpPort: 0,
    httpTlsPort: "free",
    tlsCertFile: certFile,
    tlsKeyFile: keyFile,
  });
  try {
    const args = ["--cacert", authority.caFile, ...DATA, `${secure.url}/batch`];
    assert.equal(await curl("--http1.1", ...args), `${ANSWER}\n1.1`);
    assert.equal(await curl("--http2", ...args), `${ANSWER}\n2`);
  } finally {
    await secure.server.close();
  }
});
