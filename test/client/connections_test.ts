// The sender over real connections of the runtime at hand: TCP, TLS, unix sockets; in both protocols.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectPlain, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClientHost } from "../../src/adapters/client_host.ts";
import { createNodeClientSockets } from "../../src/adapters/common/client_socket.ts";
import { ClientError } from "../../src/client/client_error.ts";
import type { ConnectionOptions } from "../../src/client/connection_options.ts";
import { ConnectionSender } from "../../src/client/connection_sender.ts";
import { SenderPool } from "../../src/client/sender_pool.ts";
import type { ClientAddress, ClientHost } from "../../src/ports/client_socket.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { Authority, missingOpenssl } from "../support/certificates.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import {
  freePort,
  killProcesses,
  startTestServer,
  type TestServer,
} from "../support/test_server.ts";
import { until, within } from "../support/wait.ts";

const TEXT = { as: "text" } as const;
const PROTOCOLS = ["resp3", "resp2", "binary"] as const;
const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
const path = join(folder, "s.sock");
const senders: ConnectionSender[] = [];
let open: TestServer;
let closed: TestServer;

function senderTo(
  address: ClientAddress,
  options: Partial<ConnectionOptions> = {},
  host: ClientHost = createClientHost(),
): ConnectionSender {
  const sender = new ConnectionSender(host, { address, ...options });
  senders.push(sender);
  return sender;
}

function addressOf({ address }: TestServer): ClientAddress {
  assert.ok(address.kind === "tcp");
  return { kind: "tcp", host: address.host, port: address.port };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await within("an error", promise.then(() => undefined, (thrown) => thrown));
  assert.ok(error instanceof ClientError, String(error));
  return error.code;
}

before(async () => {
  open = await startTestServer("--unixsocket", path, "--maxmemory", "64mb");
  closed = await startTestServer("--requirepass", "secret", "--auth-fail-delay-ms", "0");
});
after(async () => {
  for (const sender of senders) sender.destroy();
  await open.close();
  await closed.close();
  await killProcesses();
  rmSync(folder, { recursive: true });
});

/** What every connection must be able to do. */
async function exercise(sender: ConnectionSender): Promise<void> {
  await within("a connection", sender.connect());
  assert.equal(await sender.one(["SET", "k", "vé"], TEXT), "OK");
  assert.equal(await sender.one(["GET", "k"], TEXT), "vé");
  assert.deepEqual(await sender.one(["GET", "k"], { as: "bytes" }), Uint8Array.of(118, 0xc3, 0xa9));
  const large = new Uint8Array(3_000_000).map((_, i) => i * 7);
  const [set, ...copies] = await sender.all(
    [["SET", "large", large], ["GET", "large"], ["GET", "large"]],
    { as: "bytes" },
  );
  assert.equal(set, "OK");
  for (const copy of copies) assert.deepEqual(copy, large);
  await sender.one(["DEL", "n", "large"], TEXT);
  const counts = await Promise.all(
    Array.from({ length: 5000 }, () => sender.one(["INCR", "n"], TEXT)),
  );
  assert.deepEqual(counts, Array.from({ length: 5000 }, (_, i) => i + 1));
  const replies = await sender.atomic([["INCR", "n"], ["LPUSH", "n", "x"], ["GET", "n"]], TEXT);
  assert.ok(replies![1] instanceof ReplyError && replies![1].code === "WRONGTYPE");
  assert.deepEqual([replies![0], replies![2]], [5001, "5001"]);
  const refused = await sender.atomic([["INCR", "n"], ["NOSUCH"]], TEXT).catch((error) => error);
  assert.ok(refused instanceof ReplyError && refused.code === "EXECABORT", String(refused));
  await sender.one(["WATCH", "n"], TEXT);
  await sender.one(["INCR", "n"], TEXT);
  assert.equal(await sender.atomic([["SET", "n", "0"]], TEXT), null);
  assert.deepEqual(await sender.atomic([["GET", "n"]], TEXT), ["5002"]);
}

for (const protocol of PROTOCOLS) {
  test(`commands and transactions in ${protocol} over TCP, and a unix socket`, async () => {
    await exercise(senderTo(addressOf(open), { protocol }));
    await exercise(senderTo({ kind: "unix", path }, { protocol }));
  });

  test(`${protocol} with Node.js's sockets`, async () => {
    const host = { ...createClientHost(), sockets: createNodeClientSockets() };
    await exercise(senderTo(addressOf(open), { protocol }, host));
    await exercise(senderTo({ kind: "unix", path }, { protocol }, host));
  });

  test(`messages in ${protocol} come to their listener`, async () => {
    const pushes: unknown[] = [];
    const listening = senderTo(addressOf(open), {
      protocol,
      pushesAs: "bytes",
      onPush: (push) => void pushes.push(push),
    });
    await listening.one(["SUBSCRIBE", "a", "b"], TEXT);
    await listening.one(["PSUBSCRIBE", "p*"], TEXT);
    const sender = senderTo(addressOf(open), { protocol });
    const [one, two] = await sender.all([["PUBLISH", "b", "m"], ["PUBLISH", "px", "n"]], TEXT);
    assert.deepEqual([one, two], [1, 1]);
    await until("two messages", () => pushes.length === 2);
    const bytes = (...words: string[]) => words.map((word) => new TextEncoder().encode(word));
    assert.deepEqual(pushes, [bytes("message", "b", "m"), bytes("pmessage", "p*", "px", "n")]);
    await listening.one(["UNSUBSCRIBE", "a", "b"], TEXT);
    assert.equal(await sender.one(["PUBLISH", "b", "m"], TEXT), 0);
    await listening.one(["PUNSUBSCRIBE", "p*"], TEXT);
  });

  test(`users sign in in ${protocol}, and hear why they may not`, async () => {
    const right = { protocol, password: "secret", name: "me", database: 3 } as const;
    const sender = senderTo(addressOf(closed), right);
    const line = String(await sender.one(["CLIENT", "INFO"], TEXT));
    assert.match(line, / name=me .* db=3 /);
    const wrong = senderTo(addressOf(closed), { ...right, password: "wrong" });
    const error = await within("a refusal", wrong.connect().catch((thrown) => thrown));
    assert.equal(error.code, "REFUSED");
    assert.match(error.message, /WRONGPASS/);
    assert.equal(await codeOf(wrong.one(["PING"], TEXT)), "REFUSED");
    const none = senderTo(addressOf(closed), { protocol, reconnect: false });
    if (protocol === "resp2") {
      const reply = await none.one(["GET", "k"], TEXT);
      assert.ok(reply instanceof ReplyError && reply.code === "NOAUTH");
    } else assert.equal(await codeOf(none.connect()), "REFUSED");
  });

  test(`a server that is started again is found again in ${protocol}`, async () => {
    const port = await freePort();
    const flags = ["--port", String(port), "--maxmemory", "64mb"];
    const events: string[] = [];
    let server = await startTestServer(...flags);
    const sender = senderTo(addressOf(server), {
      protocol,
      reconnect: { minDelayMs: 5, maxDelayMs: 20, attempts: 10_000 },
      onConnect: () => void events.push("connect"),
      onDisconnect: (error) => void events.push(error.code),
    });
    assert.equal(await sender.one(["SELECT", "4"], TEXT), "OK");
    await server.close();
    await until("the loss", () => !sender.isReady);
    const waiting = sender.one(["SET", "k", "v"], TEXT);
    server = await startTestServer(...flags);
    assert.equal(await within("a reply", waiting), "OK");
    assert.match(String(await sender.one(["CLIENT", "INFO"], TEXT)), / db=4 /);
    assert.deepEqual(events, ["connect", "CONNECTION_LOST", "connect"]);
    await sender.close();
    await server.close();
  });
}

test("a refused connection says so", async () => {
  const port = await freePort();
  const error = await senderTo({ kind: "tcp", host: "127.0.0.1", port }).connect()
    .catch((thrown) => thrown);
  assert.equal(error.code, "CONNECT_FAILED");
  assert.match(error.message, new RegExp(`127.0.0.1:${port}`));
  assert.equal(
    await codeOf(senderTo({ kind: "unix", path: `${path}x` }).connect()),
    "CONNECT_FAILED",
  );
});

test("a server that says nothing is given up in time", async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const sender = senderTo({ kind: "tcp", host: "127.0.0.1", port }, { connectTimeoutMs: 30 });
  const error = await within("giving up", sender.connect().catch((thrown) => thrown));
  assert.match(error.message, /within 30 ms/);
  silent.close();
});

test("the binary protocol with a server that has none, and too many clients, are named", async () => {
  const { process, address } = await startRedisOr();
  const binary = senderTo(address, { protocol: "binary", connectTimeoutMs: 500, reconnect: false });
  assert.match(await codeOf(binary.connect()), /^(?:PROTOCOL|CONNECT_FAILED|CONNECTION_LOST)$/);
  await process?.kill();
  const tiny = await startTestServer("--maxclients", "1");
  const held = connectPlain(addressOf(tiny) as { host: string; port: number });
  held.on("error", () => {});
  await new Promise<void>((resolve) =>
    held.write("PING\r\n", () => held.once("data", () => resolve()))
  );
  for (const protocol of ["resp3", "binary"] as const) {
    const sender = senderTo(addressOf(tiny), { protocol, reconnect: false });
    assert.equal(await codeOf(sender.connect()), "CONNECT_FAILED");
  }
  held.destroy();
  await tiny.close();
});

/** A redis-server; where there is none, a port that nobody listens at. */
async function startRedisOr() {
  if (missingProgram("redis-server") === undefined) {
    const { process, address } = await startRedis();
    return { process, address: address as ClientAddress };
  }
  const address: ClientAddress = { kind: "tcp", host: "127.0.0.1", port: await freePort() };
  return { process: undefined, address };
}

test("redis-server is spoken to in RESP3 and RESP2", {
  skip: missingProgram("redis-server"),
}, async () => {
  const { process, address } = await startRedis("--databases", "16");
  for (const protocol of ["resp3", "resp2"] as const) {
    await exercise(senderTo(address as ClientAddress, { protocol }));
  }
  await process.kill();
});

test("TLS checks the server's certificate and name", { skip: missingOpenssl() }, async () => {
  const authority = new Authority();
  const { certFile, keyFile } = authority.sign("server");
  const tlsPort = await freePort();
  const server = await startTestServer(
    ...["--port", "0", "--tls-port", String(tlsPort), "--tls-cert-file", certFile],
    ...[
      "--tls-key-file",
      keyFile,
      "--tls-ca-cert-file",
      authority.caFile,
      "--tls-auth-clients",
      "no",
    ],
  );
  const to = (host: string, tls: object): ClientAddress => ({
    kind: "tcp",
    host,
    port: tlsPort,
    tls,
  });
  const { ca } = authority;
  for (const protocol of PROTOCOLS) {
    await exercise(senderTo(to("127.0.0.1", { authorities: ca }), { protocol }));
  }
  await exercise(senderTo(to("127.0.0.1", { authorities: ca, serverName: "localhost" })));
  await exercise(senderTo(to("127.0.0.1", { isChecked: false })));
  const other = { connectTimeoutMs: 2000 };
  assert.equal(await codeOf(senderTo(to("127.0.0.1", {}), other).connect()), "CONNECT_FAILED");
  const misnamed = to("127.0.0.1", { authorities: ca, serverName: "elsewhere" });
  assert.equal(await codeOf(senderTo(misnamed, other).connect()), "CONNECT_FAILED");
  for (const sender of senders) if (sender.options.address === misnamed) sender.destroy();
  await server.close();
});

test("a pool keeps what is free, and drops what waits for a reply", async () => {
  const shared = senderTo(addressOf(open), { protocol: "resp3" });
  await shared.connect();
  const pool = new SenderPool(() => shared.dedicated({ reconnect: false }), 1);
  const first = pool.take();
  assert.equal(await first.one(["PING"], TEXT), "PONG");
  pool.give(first);
  assert.equal(pool.take(), first);
  const controller = new AbortController();
  const popped = first.one(["BLPOP", "none", "0"], { ...TEXT, signal: controller.signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  assert.equal(await codeOf(popped), "ABORTED");
  pool.give(first);
  await until("its end", () => first.isOver);
  const second = pool.take();
  assert.notEqual(second, first);
  pool.destroy();
  assert.ok(second.isOver);
  assert.throws(() => pool.take(), ClientError);
});
