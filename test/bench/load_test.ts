// The load generator at a tiny size: every protocol and every workload against this server.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import assert from "node:assert/strict";
import { main } from "../../bench/load/main.ts";
import { loadKeyspace, type LoadResult, runLoad } from "../../bench/load/mod.ts";
import type { BodyFormat, LoadOptions, LoadReport } from "../../bench/load/result.ts";
import { openSocket, socketKindFor } from "../../bench/load/socket.ts";
import { LOAD_TESTS } from "../../bench/load/tests.ts";
import { YCSB_NAMES } from "../../bench/load/ycsb.ts";
import { PipelineClient } from "../../bench/wire/client.ts";
import { type ClientServer, startClientServer } from "../client/servers.ts";
import { Authority, missingOpenssl } from "../support/certificates.ts";
import { freePort, startTestServer, type TestServer } from "../support/test_server.ts";

const KEYS = 200;
const skip = missingOpenssl();
const folder = mkdtempSync(join(tmpdir(), "crabcache-load-"));
const path = join(folder, "cache.sock");
const tlsPort = await freePort();

let server: ClientServer;
let httpPort = 0;
/** With a password, a unix socket, and TLS where there are certificates. */
let guarded: TestServer;
let caFile = "";

before(async () => {
  server = await startClientServer();
  httpPort = Number(new URL(server.httpUrl).port);
  const tls: string[] = [];
  if (skip === undefined) {
    const authority = new Authority();
    const { certFile, keyFile } = authority.sign("cache");
    caFile = authority.caFile;
    tls.push("--tls-port", String(tlsPort), "--tls-auth-clients", "no");
    tls.push("--tls-cert-file", certFile, "--tls-key-file", keyFile);
  }
  guarded = await startTestServer("--unixsocket", path, "--requirepass", "secret", ...tls);
});
after(async () => {
  await server.close();
  await guarded.close();
  rmSync(folder, { recursive: true });
});

function load(options: Partial<LoadOptions>): Promise<LoadResult> {
  const { protocol = "resp" } = options;
  const isHttp = protocol === "http" || protocol === "http2";
  return runLoad({
    address: { host: "127.0.0.1", port: isHttp ? httpPort : server.port },
    work: { kind: "test", name: "get" },
    connections: 3,
    pipeline: 8,
    requests: 240,
    keyspace: KEYS,
    valueBytes: 20,
    serverPid: 0,
    ...isHttp ? { password: "secret" } : {},
    ...options,
  });
}

async function ask(...words: string[]): Promise<string> {
  const client = await PipelineClient.connect(server.port);
  const reply = await client.request(...words);
  client.close();
  return reply;
}

function assertGood(result: LoadResult, what: string): void {
  assert.equal(result.errors, 0, `${what}: ${result.firstError}`);
  assert.equal(result.histogram.count, result.requests, what);
  assert.ok(result.requests > 0 && result.requestsPerSecond > 0, what);
  assert.ok(result.bytesSent > 0 && result.bytesReceived > 0, what);
  const { minUs, p50Us, p90Us, p99Us, p999Us, p9999Us, maxUs } = result.latency;
  const ascending = [0, minUs, p50Us, p90Us, p99Us, p999Us, p9999Us, maxUs];
  for (let i = 1; i < ascending.length; i++) assert.ok(ascending[i - 1] <= ascending[i], what);
}

test("every test of redis-benchmark runs without an error", async () => {
  for (const { name } of LOAD_TESTS) {
    assertGood(await load({ work: { kind: "test", name } }), name);
  }
  assert.equal(await ask("FLUSHALL"), "+OK\r\n");
});

test("every protocol sets and finds the same keys", async () => {
  const doors: readonly [LoadOptions["protocol"], BodyFormat?][] = [
    ["resp"],
    ["binary"],
    ["http", "json"],
    ["http", "resp"],
    ["http", "binary"],
    ["http2", "json"],
    ["http2", "binary"],
  ];
  for (const [protocol, body] of doors) {
    const door = { protocol, ...body === undefined ? {} : { body } } as Partial<LoadOptions>;
    const what = `${protocol} ${body}`;
    assert.equal(await ask("FLUSHALL"), "+OK\r\n");
    const missing = await load(door);
    assertGood(missing, what);
    assert.equal(missing.requests, 240, what);
    assert.equal(missing.nulls, 240, what);
    const loaded = await loadKeyspace({
      ...door,
      address: { host: "127.0.0.1", port: protocol?.startsWith("http") ? httpPort : server.port },
      work: { kind: "mix" },
      keyspace: KEYS,
      valueBytes: 20,
      password: protocol?.startsWith("http") ? "secret" : undefined,
    } as LoadOptions);
    assertGood(loaded, what);
    assert.equal(loaded.requests, KEYS, what);
    assert.equal(await ask("DBSIZE"), `:${KEYS}\r\n`, what);
    assert.equal(await ask("STRLEN", "key:000000000199"), ":20\r\n", what);
    const found = await load(door);
    assert.equal(found.nulls, 0, what);
    const failing = await load({ ...door, work: { kind: "command", words: ["INCRBY", "a", "b"] } });
    assert.equal(failing.errors, failing.requests, what);
    assert.match(failing.firstError, /^ERR value is not an integer/, what);
  }
});

test("the RESP3 session, another database, and one key without a keyspace", async () => {
  assert.equal(await ask("FLUSHALL"), "+OK\r\n");
  const set = await load({
    work: { kind: "test", name: "set" },
    resp3: true,
    database: 2,
    keyspace: 0,
    requests: 10,
  });
  assertGood(set, "set");
  // Whole pipelines, as redis-benchmark.
  assert.equal(set.requests, 16);
  assert.match(await ask("INFO", "keyspace"), /db2:keys=1,/);
  assert.equal(await ask("FLUSHALL"), "+OK\r\n");
});

test("every YCSB workload finds its records", async () => {
  const common = { address: { host: "127.0.0.1", port: server.port }, keyspace: KEYS };
  for (const protocol of ["resp", "binary"] as const) {
    for (const name of YCSB_NAMES) {
      assert.equal(await ask("FLUSHALL"), "+OK\r\n");
      await loadKeyspace({ ...common, protocol, work: { kind: "ycsb", name } });
      const result = await load({ protocol, work: { kind: "ycsb", name }, pipeline: 5 });
      assertGood(result, name);
      assert.equal(result.test, `ycsb ${name}`);
      const records = Number((await ask("DBSIZE")).slice(1));
      if (name === "d" || name === "e") assert.ok(records > KEYS, `${name}: ${records}`);
      else {
        assert.equal(records, KEYS, name);
        assert.equal(result.nulls, 0, name);
      }
    }
  }
});

test("equal seeds send the same, other seeds something else", async () => {
  const sent = async (seed: number): Promise<number[]> => {
    const work = { kind: "mix" } as const;
    const sizes = [{ bytes: 10, weight: 1 }, { bytes: 100, weight: 1 }, { bytes: 5000, weight: 1 }];
    const { bytesSent, nulls } = await load({ work, sizes, seed, connections: 1 });
    return [bytesSent, nulls];
  };
  assert.deepEqual(await sent(5), await sent(5));
  assert.notEqual((await sent(5))[0], (await sent(6))[0]);
});

test("values have the lengths of the mix, and expire when they are to", async () => {
  assert.equal(await ask("FLUSHALL"), "+OK\r\n");
  const sizes = [{ bytes: 7, weight: 1 }, { bytes: 70_000, weight: 1 }];
  const ttl = { leastMs: 60_000, mostMs: 90_000 };
  for (const protocol of ["resp", "binary", "http"] as const) {
    assertGood(await load({ work: { kind: "mix" }, protocol, sizes, ttl, keyspace: 9 }), protocol);
  }
  const lengths = new Set<string>();
  for (let key = 0; key < 9; key++) {
    const name = `key:${String(key).padStart(12, "0")}`;
    lengths.add(await ask("STRLEN", name));
    const left = Number((await ask("PTTL", name)).slice(1));
    assert.ok(left > 30_000 && left <= 90_000, `${left}`);
  }
  assert.deepEqual([...lengths].sort(), [":7\r\n", ":70000\r\n"]);
  assertGood(await load({ work: { kind: "test", name: "set" }, ttl, keyspace: 9 }), "set");
});

test("a trace is replayed: each key is asked for, and set when it was not there", async () => {
  const file = join(folder, "tiny.trace.gz");
  writeFileSync(file, gzipSync("1\n2\n*\n1\n3\n2\n1\n4\n"));
  for (const protocol of ["resp", "binary", "http"] as const) {
    assert.equal(await ask("FLUSHALL"), "+OK\r\n");
    const work = { kind: "trace", path: file } as const;
    const { requests: _none, ...result } = await load({
      work,
      protocol,
      connections: 1,
      pipeline: 1,
    });
    // Seven GETs, of which four miss, and as many SETs.
    assert.equal(result.histogram.count, 11, protocol);
    assert.equal(result.nulls, 4, protocol);
    assert.equal(await ask("DBSIZE"), ":4\r\n");
    assert.equal(result.test, "trace tiny");
  }
  assert.equal(await ask("FLUSHALL"), "+OK\r\n");
  writeFileSync(join(folder, "plain.trace"), "9 1 100\n9 2 300\n");
  const plain = await load({
    work: { kind: "trace", path: join(folder, "plain.trace") },
    connections: 2,
    pipeline: 3,
  });
  assertGood(plain, "plain");
  assert.equal(await ask("STRLEN", "key:000000000001"), ":300\r\n");
});

test("unix sockets, passwords and TLS", async (t) => {
  const address = { path } as const;
  assertGood(await load({ address, password: "secret" }), "unix");
  assertGood(await load({ address, password: "secret", user: "default", protocol: "binary" }), "");
  await assert.rejects(load({ address, password: "wrong" }), /not let in: WRONGPASS/);
  await assert.rejects(load({ address, password: "wrong", protocol: "binary" }), /WRONGPASS/);
  const refused = await load({ address });
  assert.equal(refused.errors, refused.requests);
  assert.match(refused.firstError, /^NOAUTH/);
  if (skip !== undefined) return t.diagnostic(skip);
  const secured = { address: { host: "127.0.0.1", port: tlsPort }, password: "secret" };
  assertGood(await load({ ...secured, tls: { caFile, serverName: "localhost" } }), "TLS");
  assertGood(await load({ ...secured, tls: { insecure: true }, protocol: "binary" }), "TLS");
  await assert.rejects(load({ ...secured, tls: {} }), /certificate|self.signed|unable/i);
});

test("every kind of connection sends all, and says when there is none", async () => {
  const address = { host: "127.0.0.1", port: server.port };
  assert.equal(socketKindFor({ address, tls: {} }), "node");
  for (const kind of [socketKindFor({ address }), "node"] as const) {
    // More than the kernel takes at once.
    const value = "x".repeat(8_000_000);
    const bytes = new TextEncoder().encode(`*2\r\n$4\r\nECHO\r\n$${value.length}\r\n${value}\r\n`);
    const expected = `$${value.length}\r\n`.length + value.length + 2;
    let received = 0;
    let done: () => void = () => {};
    const finished = new Promise<void>((resolve) => done = resolve);
    const socket = await openSocket({ address }, {
      data(chunk) {
        received += chunk.length;
        if (received >= 2 * expected) done();
      },
      failed: assert.fail,
    }, kind);
    socket.write(bytes);
    socket.write(bytes);
    await finished;
    assert.equal(received, 2 * expected, kind);
    socket.close();
    assertGood(await load({ sockets: kind }), kind);
    const nowhere = { host: "127.0.0.1", port: await freePort() };
    const handlers = { data() {}, failed() {} };
    await assert.rejects(openSocket({ address: nowhere }, handlers, kind), Error);
    const message = new RegExp(`^no connection to 127.0.0.1:${nowhere.port}: .`);
    await assert.rejects(load({ address: nowhere, sockets: kind }), { message });
  }
});

/** What memcached answers to get and set. */
function startMemcache(): Promise<{ server: Server; sockets: Set<Socket>; port: number }> {
  const values = new Map<string, string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("data", (chunk: Uint8Array) => {
      text += new TextDecoder("latin1").decode(chunk);
      for (;;) {
        const line = /^(.*)\r\n/.exec(text);
        if (line === null) return;
        const [name, ...args] = line[1].split(" ");
        let end = line[0].length;
        if (name === "set") {
          const bytes = Number(args[3]);
          if (text.length < end + bytes + 2) return;
          values.set(args[0], text.slice(end, end + bytes));
          end += bytes + 2;
          socket.write("STORED\r\n");
        } else if (name === "get") {
          const found = args.filter((key) => values.has(key)).map((key) =>
            `VALUE ${key} 0 ${values.get(key)?.length}\r\n${values.get(key)}\r\n`
          );
          socket.write(`${found.join("")}END\r\n`);
        } else socket.write(`STAT pid ${process.pid}\r\nEND\r\n`);
        text = text.slice(end);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      resolve({ server, sockets, port });
    });
  });
}

test("memcache's protocol gets and sets, and the server's CPU time is found", async () => {
  const { server: memcache, sockets, port } = await startMemcache();
  try {
    const common = { address: { host: "127.0.0.1", port }, protocol: "memcache" } as const;
    const missing = await load(common);
    assert.equal(missing.nulls, 240);
    await loadKeyspace({ ...common, work: { kind: "mix" }, keyspace: KEYS, valueBytes: 20 });
    const { serverPid: _found, ...options } = { ...common, serverPid: 0 };
    const result = await runLoad({
      ...options,
      work: { kind: "ycsb", name: "e" },
      keyspace: KEYS,
      requests: 100,
      connections: 2,
    });
    assertGood(result, "memcache");
    if (process.platform !== "linux") return;
    assert.equal(result.serverPid, process.pid);
    assert.ok(result.serverCpuUs !== null && result.serverCpuUs >= 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    memcache.close();
  }
});

test("the server's process is found by INFO", async () => {
  const { serverPid: _none, ...found } = { serverPid: 0 };
  const result = await runLoad({
    ...found,
    address: { host: "127.0.0.1", port: server.port },
    work: { kind: "test", name: "ping_mbulk" },
    requests: 20,
    connections: 2,
  });
  assert.equal(result.serverPid, process.platform === "linux" ? process.pid : null);
});

test("the command line shows a table, writes JSON, and its shape is fixed", async () => {
  const file = join(folder, "out.json");
  const out: string[] = [], log: string[] = [];
  const output = { out: (text: string) => out.push(text), log: (text: string) => log.push(text) };
  const flags = `-p ${server.port} -c 2 -n 40 -P 4 -r 50 --pid ${process.pid}`.split(" ");
  await main([...flags, "-t", "set,get", "--json", file], output);
  assert.match(out.join("\n"), /\| test .*ops\/s .*P99\.99 .*max .*errors/);
  assert.match(out.join("\n"), /^\| set .*\n\| get /m);
  assert.match(log.join("\n"), /generator on (?:bun|deno) \d/);
  const report: LoadReport = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(Object.keys(report), [
    ...["version", "machine", "generator", "server", "seed", "results", "searches"],
  ]);
  assert.equal(report.version, 1);
  assert.deepEqual(Object.keys(report.results[0]), [
    ...["test", "protocol", "connections", "pipeline", "requests", "seconds"],
    ...["requestsPerSecond", "latency", "histogram", "errors", "firstError", "nulls"],
    ...["bytesSent", "bytesReceived", "ownCpuUs", "serverCpuUs", "serverPid", "rate"],
  ]);
  assert.deepEqual(Object.keys(report.results[0].latency), [
    ...["meanUs", "minUs", "p50Us", "p90Us", "p99Us", "p999Us", "p9999Us", "maxUs"],
  ]);
  assert.deepEqual(Object.keys(report.results[0].histogram), [
    ...["unit", "count", "maxNs", "valuesNs", "counts", "hdr"],
  ]);
  assert.equal(report.results[0].ownCpuUs > 0, true);

  out.length = 0;
  await main([...flags, "-t", "get", "--rate", "2000", "--warmup", "0.01", "--json", "-"], output);
  const timed: LoadReport = JSON.parse(out.join(""));
  assert.deepEqual(Object.keys(timed.results[0].rate ?? {}), [
    ...["wanted", "backlogMax", "backlogAtEnd", "unanswered", "ownLateness"],
  ]);
  assert.equal(timed.results[0].requests, 40);
  await main([...flags, "-t", "get", "--rate", "2000", "--warmup", "0.01"], output);
  assert.match(log.join("\n"), /get: 2,000 a second were due/);

  out.length = 0;
  await main([...flags, "-q", "-t", "get"], output);
  assert.match(out.join("\n"), /^GET: [\d.]+ requests per second, p50=[\d.]+ msec$/);
});

test("it starts the server itself, on this runtime", async () => {
  const out: string[] = [];
  const runtime = process.versions.bun === undefined ? "deno" : "bun";
  const output = { out: (text: string) => out.push(text), log() {} };
  const args = `--start ${runtime} --workload b -r 100 -n 60 -c 2 -P 3 --protocol http`;
  const report = await main(args.split(" "), output);
  assert.ok(report !== undefined);
  assert.match(report.server, new RegExp(`^${runtime} \\d`));
  assert.equal(report.results[0].nulls, 0);
  assert.equal(report.results[0].errors, 0);
  assert.ok((report.results[0].serverCpuUs ?? -1) >= 0);
  assert.match(out.join("\n"), /\| ycsb b /);
});
