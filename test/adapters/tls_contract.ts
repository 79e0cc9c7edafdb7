/** What listeners that speak TLS promise: all that other ones do, and what handshakes and certificates are about. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type {
  ClientCertificates,
  HandshakeFailure,
  TlsIdentity,
  TlsOptions,
} from "../../src/ports/tls.ts";
import type { ListenAddress, TransportServer } from "../../src/ports/transport.ts";
import { Authority, type Certificate, missingOpenssl } from "../support/certificates.ts";
import { transportContract } from "./transport_contract.ts";
import { sleep, until } from "../support/wait.ts";
import { connectTlsSocket, record } from "./transport_harness.ts";
import type { Recorder, Recording, TransportHarness } from "./transport_harness.ts";

const TIMEOUT_MS = 150;

/** One runtime, and certificates to try it with. */
interface Bench {
  readonly transports: TransportServer;
  readonly authority: Authority;
  readonly server: Certificate;
}

/** Declares the tests of one runtime. */
export function tlsContract(name: string, transports: TransportServer): void {
  const skip = missingOpenssl();
  if (skip !== undefined) return void test(`${name} tls`, { skip }, () => {});
  const authority = new Authority();
  const server = authority.sign("server");
  const bench = { transports, authority, server };
  transportContract({
    name: `${name} tls`,
    transports,
    tls: {
      identity: identityOf(server),
      handshakes: { begin: () => true, end: () => {} },
      handshakeTimeoutMs: 10_000,
    },
    address,
    connect: (address) => connectTlsSocket(address, { ca: authority.ca }),
  });
  test(`${name} tls: counts every handshake once`, () => countsHandshakes(bench));
  test(`${name} tls: plain bytes harm nobody`, () => survivesPlainBytes(bench));
  test(`${name} tls: closes who does not finish the handshake`, () => endsSilentPeers(bench));
  test(`${name} tls: closes whose handshake may not begin`, () => refusesToBegin(bench));
  test(`${name} tls: a listener that closes ends its handshakes`, () => endsWithListener(bench));
  test(`${name} tls: renew() changes what new connections see`, () => renews(bench));
  test(`${name} tls: checkIdentity() says what is wrong`, () => checks(bench));
  test(`${name} tls: takes an encrypted key`, () => decrypts(bench));
  test(`${name} tls: certificates of clients`, () => asksClients(bench));
}

function address(): ListenAddress {
  return { kind: "tcp", host: "127.0.0.1", port: 0 };
}

function identityOf(
  { cert, key }: Certificate,
  more: Partial<TlsIdentity> = {},
): TlsIdentity {
  return { certificate: cert, key, passphrase: "", authorities: "", clients: "no", ...more };
}

interface Watched extends Recording {
  /** How the handshakes ended, in their order. */
  readonly ends: (HandshakeFailure | "done")[];
  readonly begun: () => number;
  readonly port: number;
}

/** Listens, and writes down what becomes of handshakes. */
async function watch(
  { transports, server }: Bench,
  identity: TlsIdentity = identityOf(server),
  mayBegin = true,
): Promise<Watched> {
  const ends: (HandshakeFailure | "done")[] = [];
  let begun = 0;
  const tls: TlsOptions = {
    identity,
    handshakeTimeoutMs: TIMEOUT_MS,
    handshakes: {
      begin() {
        begun++;
        return mayBegin;
      },
      end(failure, remoteAddress) {
        assert.match(remoteAddress, /^127\.0\.0\.1:\d+$/);
        ends.push(failure ?? "done");
      },
    },
  };
  const harness: TransportHarness = {
    name: "tls",
    transports,
    tls,
    address,
    connect: () => assert.fail("not used"),
  };
  const recording = await record(harness, (recorder) => {
    recorder.react = (chunk) => void recorder.transport.write(chunk, 0, chunk.length);
  });
  assert.ok(recording.listener.address.kind === "tcp");
  const { port } = recording.listener.address;
  return Object.assign(recording, { ends, begun: () => begun, port });
}

/** @returns a connection whose handshake is done, or why there is none */
function shake(
  { authority }: Bench,
  port: number,
  more: ConnectionOptions = {},
): Promise<TLSSocket | string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: "127.0.0.1", port, ca: authority.ca, ...more });
    socket.once("secureConnect", () => resolve(socket));
    socket.on("error", (error) => resolve(String(error)));
    socket.on("close", () => resolve("closed"));
  });
}

async function connected(...args: Parameters<typeof shake>): Promise<TLSSocket> {
  const socket = await shake(...args);
  assert.ok(typeof socket !== "string", String(socket));
  return socket;
}

/** Sends something. @returns whether it came back */
function echoes(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(false));
    socket.write("PING\r\n");
  });
}

/** Connects without TLS. @returns what came back until the connection was closed */
function plain(port: number, bytes: string): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    const socket = connectTcp({ host: "127.0.0.1", port });
    socket.on("data", (chunk: Uint8Array) => received += chunk.length);
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
    if (bytes !== "") socket.write(bytes);
  });
}

/** Ends the connections of peers that went away. */
async function allGone({ recorders }: Watched): Promise<void> {
  const isGone = ({ events }: Recorder): boolean =>
    events.includes("ended") || events.includes("closed");
  await until("all gone", () => recorders.every(isGone));
  for (const { transport } of recorders) transport.destroy();
  await until("all closed", () => recorders.every(({ closedCount }) => closedCount === 1));
}

async function countsHandshakes(bench: Bench): Promise<void> {
  const watched = await watch(bench);
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = await connected(bench, watched.port, {
      minVersion: version,
      maxVersion: version,
    });
    assert.equal(socket.getProtocol(), version);
    assert.equal(await echoes(socket), true);
    socket.destroy();
  }
  await allGone(watched);
  assert.deepEqual(watched.ends, ["done", "done"]);
  assert.equal(watched.begun(), 2);
  const stranger = await shake(bench, watched.port, { ca: new Authority("another").ca });
  assert.equal(typeof stranger, "string");
  await until("its failure", () => watched.ends.length === 3);
  assert.notEqual(watched.ends[2], "unknown reason");
  watched.listener.close();
  assert.deepEqual(watched.failures, []);
}

async function survivesPlainBytes(bench: Bench): Promise<void> {
  const watched = await watch(bench);
  const friend = await connected(bench, watched.port);
  for (const bytes of ["PING\r\n", "*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n\r\n"]) {
    assert.ok(await plain(watched.port, bytes) < 100, "an alert at most");
  }
  await until("their ends", () => watched.ends.length === 4);
  assert.deepEqual(watched.ends.slice(1), Array(3).fill("bytes that are not TLS"));
  assert.equal(watched.recorders.length, 1, "no session came of them");
  assert.equal(await echoes(friend), true);
  friend.destroy();
  await allGone(watched);
  watched.listener.close();
  assert.deepEqual(watched.failures, []);
}

/** Number of files and sockets that this process has open; 0 where the system does not tell. */
function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

async function endsSilentPeers(bench: Bench): Promise<void> {
  const watched = await watch(bench);
  // The first bytes of a ClientHello that never goes on.
  const halves = [plain(watched.port, ""), plain(watched.port, "\x16\x03\x01\x02\x00\x01")];
  const friend = await connected(bench, watched.port);
  await Promise.all(halves);
  assert.deepEqual(watched.ends, ["done", "not finished in time", "not finished in time"]);
  const before = openFiles();
  await Promise.all(Array.from({ length: 50 }, () => plain(watched.port, "")));
  assert.equal(watched.ends.length, 53);
  await until("their files to be closed", () => openFiles() <= before);
  assert.equal(await echoes(friend), true, "who finished in time stays");
  const gone = connectTcp({ host: "127.0.0.1", port: watched.port });
  await until("one more", () => watched.begun() === 54);
  gone.destroy();
  await until("its end", () => watched.ends.length === 54);
  assert.notEqual(watched.ends[53], "done", "whoever notices first");
  friend.destroy();
  await allGone(watched);
  watched.listener.close();
}

async function refusesToBegin(bench: Bench): Promise<void> {
  const watched = await watch(bench, undefined, false);
  assert.equal(typeof await shake(bench, watched.port), "string");
  assert.equal(await plain(watched.port, ""), 0);
  await sleep(20);
  assert.equal(watched.begun(), 2);
  assert.deepEqual(watched.ends, []);
  assert.equal(watched.recorders.length, 0);
  watched.listener.close();
}

async function endsWithListener(bench: Bench): Promise<void> {
  const watched = await watch(bench);
  const silent = plain(watched.port, "");
  await until("it", () => watched.begun() === 1);
  const startMs = Date.now();
  watched.listener.close();
  await silent;
  assert.ok(Date.now() - startMs < TIMEOUT_MS, "at once");
  assert.equal(watched.ends.length, 1);
}

/** @returns the common name that new connections see; for a moment none may be had */
async function nameShown(bench: Bench, port: number): Promise<string> {
  let socket: TLSSocket | string = "";
  for (let tries = 0; tries < 50; tries++) {
    socket = await shake(bench, port);
    if (typeof socket !== "string") break;
    await sleep(5);
  }
  assert.ok(typeof socket !== "string", String(socket));
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

async function renews(bench: Bench): Promise<void> {
  const watched = await watch(bench);
  const { listener, port } = watched;
  const old = await connected(bench, port);
  assert.equal(await nameShown(bench, port), "server");
  const next = identityOf(bench.authority.sign("next"));
  bench.transports.checkIdentity(next);
  listener.renew!(next);
  assert.equal(await nameShown(bench, port), "next");
  assert.equal(await echoes(old), true, "existing connections go on");
  for (const name of ["third", "fourth", "fifth"]) {
    listener.renew!(identityOf(bench.authority.sign(name)));
  }
  assert.equal(await nameShown(bench, port), "fifth", "the last one wins");
  assert.equal(await echoes(old), true);
  old.destroy();
  listener.close();
  listener.renew!(next);
  await sleep(20);
  assert.equal(typeof await shake(bench, port), "string", "a closed listener stays closed");
  assert.deepEqual(watched.failures, []);
}

function checks({ transports, authority, server }: Bench): void {
  const other = authority.sign("other");
  const encrypted = authority.encrypt("server");
  const cases: [Partial<TlsIdentity>, RegExp][] = [
    [{ certificate: "" }, /^the certificate holds no certificate in PEM$/],
    [{ certificate: server.key }, /^the certificate holds no certificate in PEM$/],
    [{ certificate: damaged(server.cert) }, /^the certificate is damaged$/],
    [{ key: server.cert }, /^the key's file holds no key in PEM$/],
    [{ key: damaged(server.key) }, /^the key is damaged$/],
    [{ key: other.key }, /^the key is not that of the certificate$/],
    [{ key: encrypted.key }, /^the key is encrypted, and there is no tls-key-file-pass$/],
    [
      { key: encrypted.key, passphrase: "wrong" },
      /^the key is encrypted, with another passphrase$/,
    ],
    [{ authorities: "nothing" }, /^the authorities' file holds no certificate in PEM$/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => transports.checkIdentity(identityOf(server, change)), { message });
  }
  transports.checkIdentity(identityOf(server, { authorities: authority.ca }));
}

/** PEM whose contents are others. */
function damaged(pem: string): string {
  const lines = pem.split("\n");
  lines[1] = lines[1].slice(0, 8) + "AAAA" + lines[1].slice(12);
  lines.splice(2, 1);
  return lines.join("\n");
}

async function decrypts(bench: Bench): Promise<void> {
  const { key, passphrase } = bench.authority.encrypt("server");
  const watched = await watch(bench, identityOf(bench.server, { key, passphrase }));
  const socket = await connected(bench, watched.port);
  assert.equal(await echoes(socket), true);
  socket.destroy();
  watched.listener.close();
}

async function asksClients(bench: Bench): Promise<void> {
  const { authority, server, transports } = bench;
  const asking = (clients: ClientCertificates, authorities = authority.ca): TlsIdentity =>
    identityOf(server, { clients, authorities });
  assert.throws(() => transports.checkIdentity(asking("yes", "")), {
    message: "tls-auth-clients needs a tls-ca-cert-file to check certificates against",
  });
  const good = authority.sign("client");
  const foreign = new Authority("another").sign("client");
  const expired = authority.signExpired("late");
  const forged = authority.signBy("client", "forged");
  const outcomes: Record<string, string[]> = {};
  for (const clients of ["yes", "optional"] as const) {
    const watched = await watch(bench, asking(clients));
    for (const shown of [{}, good, foreign, expired, forged]) {
      const socket = await shake(bench, watched.port, shown);
      const isIn = typeof socket !== "string" && await echoes(socket);
      const count = watched.ends.length;
      outcomes[clients] = [...outcomes[clients] ?? [], `${isIn}: ${watched.ends[count - 1]}`];
      if (typeof socket !== "string") socket.destroy();
    }
    watched.listener.close();
  }
  const wrong = Array(3).fill("false: client certificate not accepted");
  assert.deepEqual(outcomes, {
    yes: ["false: no client certificate", "true: done", ...wrong],
    optional: ["true: done", "true: done", ...wrong],
  });
}
