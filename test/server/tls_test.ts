import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import process from "node:process";
import { after, before, test } from "node:test";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { Authority, type Certificate, missingOpenssl } from "../support/certificates.ts";
import {
  freePort,
  killProcesses,
  spawnMain,
  startTestServer,
  type TestServer,
} from "../support/test_server.ts";
import { connectTls, shownName } from "../support/tls_client.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const skip = missingOpenssl();
const options = skip === undefined ? {} : { skip };
const NOT_UPDATED = "Unable to update TLS configuration. Check server logs.";

let authority: Authority;
let first: Certificate;
let second: Certificate;

before(() => {
  if (skip !== undefined) return;
  authority = new Authority();
  first = authority.sign("first");
  second = authority.sign("second");
});

after(async () => {
  closeClients();
  await killProcesses();
});

/** A server with a TLS port. */
interface TlsServer extends TestServer {
  readonly tls: ListenAddress;
}

async function start(...flags: string[]): Promise<TlsServer> {
  const server = await startTestServer(
    ...["--tls-port", String(await freePort()), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", first.certFile, "--tls-key-file", first.keyFile],
    ...flags,
  );
  const tls = server.server.addresses.find((address) => address.kind === "tcp" && address.isTls);
  assert.ok(tls !== undefined);
  return { ...server, tls };
}

function secure(server: TlsServer, more: object = {}): Promise<WireClient> {
  return connectTls(server.tls, { ca: authority.ca, ...more });
}

/** @returns the name that new connections are shown */
async function nameShown(server: TlsServer): Promise<string> {
  let name = "";
  await until("a connection", async () => {
    try {
      const client = await secure(server);
      name = shownName(client);
      client.close();
    } catch {
      return false;
    }
    return true;
  });
  return name;
}

function configSet(...pairs: string[]): string[] {
  return ["CONFIG", "SET", ...pairs];
}

test("TLS: serves beside TCP, and alone", options, async () => {
  const both = await start();
  const client = await secure(both);
  assert.equal(await client.call("SET", "k", "v"), "+OK\r\n");
  const plain = await connect(both.address);
  assert.equal(await plain.call("GET", "k"), "$1\r\nv\r\n");
  assert.match(await plain.call("CLIENT", "LIST"), /laddr=127\.0\.0\.1:\d+ .*\n.*cmd=client\|list/);
  await both.close();

  const alone = await start("--port", "0");
  assert.equal(alone.server.addresses.length, 1);
  const other = await secure(alone);
  const { port } = alone.tls as { port: number };
  assert.match(await other.call("INFO", "server"), new RegExp(`tcp_port:${port}\\r`));
  assert.match(await other.call("CONFIG", "GET", "port"), /\$1\r\n0\r\n$/);
  const listener = new RegExp(`listener0:name=tls,bind=127\\.0\\.0\\.1,port=${port}\\r`);
  assert.match(await other.call("INFO", "server"), listener);
  const large = "x".repeat(3_000_000);
  assert.equal(await other.call("SET", "large", large), "+OK\r\n");
  assert.equal((await other.call("GET", "large")).length, large.length + 12);
  await alone.close();
});

test("TLS: CONFIG SET shows new connections another certificate", options, async () => {
  const server = await start();
  const old = await secure(server);
  const admin = await connect(server.address);
  const files = ["tls-cert-file", second.certFile, "tls-key-file", second.keyFile];
  assert.equal(await admin.call(...configSet(...files)), "+OK\r\n");
  assert.equal(await nameShown(server), "second");
  assert.equal(await old.call("PING"), "+PONG\r\n");
  assert.equal(shownName(old), "first");
  await server.close();
});

test("TLS: the same path is read again, a broken file changes nothing", options, async () => {
  const certFile = authority.write("live.crt", first.cert);
  const keyFile = authority.write("live.key", first.key);
  const server = await start("--tls-cert-file", certFile, "--tls-key-file", keyFile);
  const admin = await connect(server.address);
  writeFileSync(certFile, second.cert);
  const refused = (name: string) =>
    `-ERR CONFIG SET failed (possibly related to argument '${name}') - ${NOT_UPDATED}\r\n`;
  const again = configSet("tls-cert-file", certFile);
  assert.equal(await admin.call(...again), refused("tls-cert-file"), "the key is another one's");
  assert.match(server.lines.at(-1)!, /stays as it was: TLS \(.*\): the key is not that of/);
  assert.equal(await nameShown(server), "first");
  assert.equal(server.server.reloadTls(), false);
  writeFileSync(keyFile, second.key);
  assert.equal(await admin.call(...again), "+OK\r\n");
  assert.equal(await nameShown(server), "second");

  const missing = configSet("hz", "50", "tls-key-file", `${keyFile}.none`);
  assert.equal(await admin.call(...missing), refused("tls-key-file"));
  assert.match(server.lines.at(-1)!, /tls-key-file .*\.none: no such file/);
  assert.match(await admin.call("CONFIG", "GET", "hz"), /\$2\r\n10\r\n$/, "all or nothing");
  assert.ok((await admin.call("CONFIG", "GET", "tls-key-file")).endsWith(`${keyFile}\r\n`));
  const asking = configSet("tls-auth-clients", "yes");
  assert.equal(await admin.call(...asking), refused("tls-auth-clients"), "no authority");
  assert.equal(
    await admin.call(...configSet("tls-port", "1")),
    "-ERR CONFIG SET failed (possibly related to argument 'tls-port') - can't set immutable config\r\n",
  );
  assert.equal(await nameShown(server), "second");
  await server.close();
});

test("TLS: clients without certificate stay out from CONFIG SET on", options, async () => {
  const server = await start();
  const admin = await connect(server.address);
  const ask = configSet("tls-auth-clients", "yes", "tls-ca-cert-file", authority.caFile);
  assert.equal(await admin.call(...ask), "+OK\r\n");
  const { cert, key } = authority.sign("client");
  const good = await secure(server, { cert, key });
  assert.equal(await good.call("PING"), "+PONG\r\n");
  await assert.rejects(async () => {
    const bad = await secure(server);
    await bad.call("PING");
  });
  await until("the count", () => server.server.engine.stats.tlsHandshakeFailures === 1);
  await server.close();
});

test("TLS: failures are logged once for each kind, and counted", options, async () => {
  const server = await start();
  const friend = await secure(server);
  const { port } = server.tls as { port: number };
  const lines = () => server.lines.filter((line) => line.includes("TLS handshake"));
  for (let i = 1; i <= 5; i++) {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    socket.write("*1\r\n$4\r\nPING\r\n");
    await until("its count", () => server.server.engine.stats.tlsHandshakeFailures === i);
    socket.destroy();
  }
  assert.equal(lines().length, 1);
  assert.match(lines()[0], /127\.0\.0\.1:\d+ failed: bytes that are not TLS\. /);
  assert.match(await friend.call("INFO", "stats"), /tls_handshake_failures:5\r/);
  assert.match(await friend.call("INFO", "clients"), /connected_clients:1\r/);
  assert.equal(await friend.call("CONFIG", "RESETSTAT"), "+OK\r\n");
  assert.match(await friend.call("INFO", "stats"), /tls_handshake_failures:0\r/);
  await server.close();
});

test("TLS: unfinished handshakes count as clients", options, async () => {
  const server = await start("--maxclients", "3");
  const { port } = server.tls as { port: number };
  const silent = [1, 2].map(() => createConnection({ host: "127.0.0.1", port }));
  await Promise.all(silent.map((each) => new Promise((done) => each.once("connect", done))));
  const { stats } = server.server.engine;
  await until("their handshakes", async () => {
    const probe = await secure(server).catch(() => undefined);
    const isIn = probe !== undefined && await probe.call("PING").catch(() => "") !== "";
    const another = await secure(server).catch(() => undefined);
    probe?.close();
    another?.close();
    return isIn && another === undefined;
  });
  assert.ok(stats.rejectedConnections > 0);
  for (const socket of silent) socket.destroy();
  await server.close();
});

test("TLS: SIGHUP reads the files again", options, async () => {
  const certFile = authority.write("hup.crt", first.cert);
  const keyFile = authority.write("hup.key", first.key);
  const port = await freePort();
  const child = spawnMain([
    ...["--port", "0", "--bind", "127.0.0.1", "--tls-port", String(port)],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no"],
    ...["--maxmemory", "64mb"],
  ]);
  await child.seen(`ready on 127.0.0.1:${port} (TLS)`);
  const address = { kind: "tcp", host: "127.0.0.1", port } as const;
  const before = await connectTls(address, { ca: authority.ca });
  assert.equal(shownName(before), "first");
  writeFileSync(certFile, second.cert);
  process.kill(child.pid, "SIGHUP");
  await child.seen("stays as it was");
  writeFileSync(keyFile, second.key);
  process.kill(child.pid, "SIGHUP");
  await child.seen("was read again");
  const later = await connectTls(address, { ca: authority.ca });
  assert.equal(shownName(later), "second");
  assert.equal(await before.call("PING"), "+PONG\r\n");
  for (const client of [before, later]) client.close();
  await child.kill();
});

test("TLS: what cannot work is said at the start", options, async () => {
  const wrong = async (flags: string[], message: RegExp): Promise<void> => {
    const port = String(await freePort());
    await assert.rejects(startTestServer("--tls-port", port, ...flags), { message });
  };
  const cert = ["--tls-cert-file", first.certFile];
  const key = ["--tls-key-file", first.keyFile];
  const no = ["--tls-auth-clients", "no"];
  await wrong(
    [],
    /tls-cert-file is missing\n.*tls-key-file is missing\n.*tls-ca-cert-file is miss/,
  );
  await wrong([...cert, ...no], /tls-key-file is missing$/);
  await wrong([...cert, ...key], /to check the certificates of clients \(tls-auth-clients yes\)/);
  await wrong(
    [...cert, "--tls-key-file", second.keyFile, ...no],
    /the key is not that of the cert/,
  );
  await wrong([...cert, "--tls-key-file", first.certFile, ...no], /holds no key in PEM/);
  await wrong([...key, "--tls-cert-file", "/no/such.crt", ...no], /\/no\/such\.crt: no such file/);
});
