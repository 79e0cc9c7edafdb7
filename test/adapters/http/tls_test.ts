import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { Agent, get } from "node:https";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import { startServer } from "../../../mod.ts";
import type { ServerOptions } from "../../../mod.ts";
import { Authority, type Certificate, missingOpenssl } from "../../support/certificates.ts";
import { isFree } from "../../../bench/support/free_port.ts";
import { freePort, IS_DENO, killProcesses, spawnMain } from "../../support/test_server.ts";
import { until } from "../../support/wait.ts";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

const skip = missingOpenssl();
const options = skip === undefined ? {} : { skip };

let authority: Authority;
let first: Certificate;
let second: Certificate;

before(() => {
  if (skip !== undefined) return;
  authority = new Authority();
  first = authority.sign("first");
  second = authority.sign("second");
});
after(killProcesses);

/** Where HTTPS is, and how to ask there. */
class SecureClient {
  readonly port: number;
  readonly agent: Agent;

  constructor(port: number) {
    this.port = port;
    this.agent = new Agent({ ca: authority.ca, keepAlive: true, maxSockets: 1 });
  }

  get(path: string): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const url = `https://127.0.0.1:${this.port}${path}`;
      get(url, { agent: this.agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => text += part);
        const { statusCode = 0, headers } = response;
        response.on("end", () => resolve({ status: statusCode, text, headers }));
      }).on("error", reject);
    });
  }

  /** The name of the certificate that a new connection is shown, "" where there is none yet. */
  shown(): Promise<string> {
    return new Promise((resolve) => {
      const socket = connectTls({ host: "127.0.0.1", port: this.port, ca: authority.ca });
      socket.on("error", () => resolve(""));
      socket.on("secureConnect", () => {
        const { CN } = socket.getPeerCertificate().subject;
        socket.destroy();
        resolve(String(CN));
      });
    });
  }

  /** Waits until new connections are shown a certificate. */
  shows(name: string): Promise<void> {
    return until(`the certificate ${name}`, async () => await this.shown() === name);
  }

  /** One request over HTTP/2. */
  http2(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const session = connectHttp2(`https://127.0.0.1:${this.port}`, { ca: authority.ca });
      session.on("error", reject);
      const stream = session.request({ ":path": path });
      let text = "";
      stream.setEncoding("utf8").on("data", (part: string) => text += part).on("end", () => {
        session.close();
        resolve(text);
      });
    });
  }
}

interface SecureServer extends HttpTestServer {
  readonly secure: SecureClient;
}

async function start(more: ServerOptions = {}, port = 0): Promise<SecureServer> {
  if (port === 0) port = await freePort();
  const server = await startHttpServer({
    httpTlsPort: port,
    tlsCertFile: first.certFile,
    tlsKeyFile: first.keyFile,
    ...more,
  });
  return { ...server, secure: new SecureClient(port) };
}

test("HTTPS answers over HTTP/1.1 and HTTP/2, with no authority for clients", options, async () => {
  const { server, secure } = await start();
  assert.equal((await secure.get("/healthz")).status, 200);
  assert.equal(await secure.http2("/readyz"), '{"status":"ready"}');
  await server.close();
});

test(
  "CONFIG SET shows new connections another certificate, and loses no request",
  options,
  async () => {
    const http = await start();
    const { secure } = http;
    const waiting = secure.get("/blpop/later/10");
    await until("the wait", async () =>
      /"blocked_clients:1|blocked_clients:1/.test(
        (await http.ask("/info/clients")).text,
      ));
    const files = ["tls-cert-file", second.certFile, "tls-key-file", second.keyFile];
    assert.deepEqual((await http.ask("/", ["CONFIG", "SET", ...files])).json, { result: "OK" });
    await secure.shows("second");
    await http.ask("/rpush/later/value");
    const answer = await waiting;
    assert.equal(answer.text, '{"result":["later","value"]}');
    assert.equal(answer.headers.connection, "close");
    assert.equal((await secure.get("/healthz")).status, 200);
    assert.equal(await secure.http2("/readyz"), '{"status":"ready"}');

    const back = ["tls-cert-file", first.certFile, "tls-key-file", first.keyFile];
    for (const each of [back, files, back]) await http.ask("/", ["CONFIG", "SET", ...each]);
    await secure.shows("first");
    const wrong = ["CONFIG", "SET", "tls-cert-file", second.certFile];
    assert.match((await http.ask("/", wrong)).json.error, /Unable to update TLS configuration/);
    assert.equal(await secure.shown(), "first");
    await http.server.close();
    assert.equal(await secure.shown(), "", "the address is free");
  },
);

test("closing right after a renewal frees the address", options, async () => {
  const http = await start();
  const files = ["tls-cert-file", second.certFile, "tls-key-file", second.keyFile];
  await http.ask("/", ["CONFIG", "SET", ...files]);
  await http.server.close();
  await until("the end", async () => await http.secure.shown() === "");
  const again = await start({}, http.secure.port);
  assert.equal(await again.secure.shown(), "first");
  await again.server.close();
});

test("SIGHUP reads the certificate of HTTPS again", options, async () => {
  const certFile = authority.write("https.crt", first.cert);
  const keyFile = authority.write("https.key", first.key);
  const port = await freePort();
  const child = spawnMain([
    ...["--port", "0", "--http-bind", "127.0.0.1", "--http-tls-port", String(port)],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--maxmemory", "64mb"],
  ]);
  await child.seen(`ready on https://127.0.0.1:${port}`);
  const secure = new SecureClient(port);
  assert.equal(await secure.shown(), "first");
  writeFileSync(certFile, second.cert);
  writeFileSync(keyFile, second.key);
  process.kill(child.pid, "SIGHUP");
  await secure.shows("second");
  await child.kill();
});

/** Whether somebody on this machine has bound a UDP port of 127.0.0.1. */
function isUdpBound(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/udp", "utf8").includes(address);
}

interface Http3Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- what a test expects it to be
  readonly json: any;
}

/** A request over HTTP/3 and nothing else, which Bun's fetch can send. */
async function http3(port: number, path: string, body?: unknown): Promise<Http3Answer> {
  const init = {
    protocol: "http3",
    // It takes no authority of its own there.
    tls: { rejectUnauthorized: false },
    ...body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
  };
  const response = await fetch(`https://127.0.0.1:${port}${path}`, init as RequestInit);
  return { status: response.status, json: await response.json() };
}

const onBun = { skip: skip ?? (IS_DENO ? "Deno has no HTTP/3" : false) };

test("HTTP/3 is served beside HTTP/1.1 and HTTP/2, through renewals", onBun, async () => {
  const http = await start({ http3: true });
  const { secure: { port }, secure } = http;
  assert.equal((await secure.get("/healthz")).headers["alt-svc"], `h3=":${port}"; ma=86400`);
  assert.equal(await secure.http2("/readyz"), '{"status":"ready"}');
  const large = "x".repeat(1_000_000);
  const batch = await http3(port, "/batch", [["SET", "k", large], ["GET", "k"], ["NOPE"]]);
  const [set, got, wrong] = batch.json;
  assert.deepEqual([set, got], [{ result: "OK" }, { result: large }]);
  assert.match(wrong.error, /^ERR unknown command 'NOPE'/);
  const counts = await Promise.all(
    Array.from({ length: 50 }, async () => (await http3(port, "/incr/n")).json.result as number),
  );
  assert.deepEqual(counts.sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i + 1));

  const waiting = http3(port, "/blpop/later/10");
  await until(
    "the wait",
    async () => /blocked_clients:1/.test((await http.ask("/info/clients")).text),
  );
  const files = ["tls-cert-file", second.certFile, "tls-key-file", second.keyFile];
  await http.ask("/", ["CONFIG", "SET", ...files]);
  await secure.shows("second");
  await http.ask("/rpush/later/value");
  assert.deepEqual((await waiting).json, { result: ["later", "value"] });
  assert.equal((await http3(port, "/readyz")).status, 200);
  await http.server.close();
});

test("HTTP/3 has the UDP port of HTTPS where it is asked for, and gives it back", {
  skip: onBun.skip || (process.platform === "linux" ? false : "needs /proc"),
}, async () => {
  const without = await start();
  assert.equal((await without.secure.get("/healthz")).headers["alt-svc"], undefined);
  assert.ok(!isUdpBound(without.secure.port));
  await without.server.close();
  const { server, secure } = await start({ http3: true });
  assert.ok(isUdpBound(secure.port));
  await server.close();
  await until("the port", () => !isUdpBound(secure.port));
});

test("HTTP/3 where it cannot be is an error at the start", options, async () => {
  await assert.rejects(startServer({ port: "free", http3: true }), {
    message: /http3 yes: http-tls-port is missing/,
  });
  if (!IS_DENO) return;
  const port = await freePort();
  await assert.rejects(start({ port, http3: true }), {
    message: /HTTP\/3 .*needs the Bun runtime/,
  });
  await until("its port", () => isFree(port));
});

test("free ports for HTTP and HTTPS are two, the same at every address", options, async () => {
  const server = await startHttpServer({
    httpBind: ["127.0.0.1", "127.0.0.2"],
    httpTlsPort: "free",
    tlsCertFile: first.certFile,
    tlsKeyFile: first.keyFile,
  });
  const urls = server.server.urls.map((url) => new URL(url));
  const ports = (protocol: string): Set<string> =>
    new Set(urls.filter((url) => url.protocol === protocol).map(({ port }) => port));
  const [plain, secure] = [ports("http:"), ports("https:")];
  assert.deepEqual([urls.length, plain.size, secure.size], [4, 1, 1]);
  assert.notDeepEqual(plain, secure);
  await server.server.close();
});
