/** The binary protocol over TCP, TLS and a unix socket, beside RESP on the same ports. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import {
  encodeHello,
  encodeRequest,
  type Frame,
  FrameReader,
} from "../protocol/binary/frames_support.ts";
import { told } from "../session/binary_harness.ts";
import { Authority, missingOpenssl } from "../support/certificates.ts";
import { freePort, startTestServer, type TestServer } from "../support/test_server.ts";
import { within } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
const path = join(folder, "cache.sock");
const skip = missingOpenssl();
const authority = skip === undefined ? new Authority() : undefined;
let running: TestServer;

before(async () => {
  const tls = authority === undefined ? [] : await tlsFlags(authority);
  running = await startTestServer("--unixsocket", path, ...tls);
});
after(async () => {
  closeClients();
  await running.close();
  rmSync(folder, { recursive: true });
});

async function tlsFlags(from: Authority): Promise<string[]> {
  const { certFile, keyFile } = from.sign("cache");
  const port = String(await freePort());
  return [
    ...["--tls-port", port, "--tls-auth-clients", "no"],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile],
  ];
}

/** Sends bytes. @returns the first frames that come back, so many of them */
function converse(socket: Socket, bytes: Uint8Array, count: number): Promise<Frame[]> {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  return within(
    "frames",
    new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("data", (chunk: Uint8Array) => {
        frames.push(...reader.push(chunk));
        if (frames.length >= count) resolve(frames);
      });
      socket.write(bytes);
    }),
  ).finally(() => socket.destroy()) as Promise<Frame[]>;
}

const CONVERSATION = Buffer.concat([
  encodeHello(["HELLO", "4"], 1),
  encodeRequest([["SET", "k", "v".repeat(100_000)], ["STRLEN", "k"], ["GET", "k"]], { id: 2 }),
  encodeRequest([["BLPOP", "none", "0.01"], ["PING"]], { id: 3 }),
]);

async function check(socket: Socket): Promise<void> {
  const frames = told(await converse(socket, CONVERSATION, 4));
  assert.deepEqual(frames, [
    ["welcome 1", "-NOPROTO unsupported protocol version"],
    ["2", "OK", 100_000, "v".repeat(100_000)],
    ["3+", null],
    ["3", "PONG"],
  ]);
}

test("over TCP, while others speak RESP", async () => {
  const { address } = running;
  assert.ok(address.kind === "tcp");
  const resp = await connect(address);
  await check(createConnection({ host: address.host, port: address.port }));
  assert.equal(await resp.call("STRLEN", "k"), ":100000\r\n");
});

test("over a unix socket", async () => {
  await check(createConnection({ path }));
});

test("over TLS", { skip: skip ?? false }, async () => {
  const address = running.server.addresses.find((each) => each.kind === "tcp" && each.isTls);
  assert.ok(address?.kind === "tcp" && authority !== undefined);
  const { host, port } = address;
  await check(connectTls({ host, port, ca: authority.ca }));
});

test("an error ends the connection behind its frame", async () => {
  const { address } = running;
  assert.ok(address.kind === "tcp");
  const socket = createConnection({ host: address.host, port: address.port });
  const ended = new Promise((resolve) => socket.once("end", resolve));
  const [frame] = await Promise.all([
    new Promise<Frame[]>((resolve) => {
      const reader = new FrameReader();
      socket.on("data", (chunk: Uint8Array) => resolve(reader.push(chunk)));
      socket.write(encodeRequest([["PING"]], { id: 4, kind: 9 }));
    }),
    within("the end", ended),
  ]);
  socket.destroy();
  assert.deepEqual(told(frame), [["refused 4", "-ERR Protocol error: unknown kind of frame 9"]]);
});
