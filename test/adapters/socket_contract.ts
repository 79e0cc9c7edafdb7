/** What listeners of the operating system promise beyond the contract of transports. */
import assert from "node:assert/strict";
import { lstatSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ListenAddress, Listener, TransportServer } from "../../src/ports/transport.ts";
import { transportContract } from "./transport_contract.ts";
import { until } from "../support/wait.ts";
import { connectSocket, record } from "./transport_harness.ts";
import type { TransportHarness } from "./transport_harness.ts";

/** Declares the tests of one runtime's sockets. */
export function socketContract(name: string, transports: TransportServer): void {
  const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
  after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  const tcp: TransportHarness = {
    name: `${name} tcp`,
    transports,
    address: () => ({ kind: "tcp", host: "127.0.0.1", port: 0 }),
    connect: connectSocket,
  };
  const unix: TransportHarness = {
    name: `${name} unix`,
    transports,
    address: () => ({ kind: "unix", path: join(folder, `${count++}.sock`) }),
    connect: connectSocket,
  };
  transportContract(tcp);
  transportContract(unix);
  test(`${name}: serves IPv6 and names its ends`, () => servesIpv6(tcp));
  test(`${name}: names the address that cannot be had`, () => namesAddress(tcp, folder));
  test(`${name}: a socket file has its mode and goes with its listener`, () => setsMode(unix));
  test(`${name}: takes the place of a socket that was left behind`, () => replacesStale(unix));
  test(`${name}: leaves a file that is no socket alone`, () => leavesFile(unix));
}

function listenAt(harness: TransportHarness, address: ListenAddress): Promise<Listener> {
  return record({ ...harness, address: () => address }).then(({ listener }) => listener);
}

async function servesIpv6(harness: TransportHarness): Promise<void> {
  const address = { kind: "tcp", host: "::1", port: 0 } as const;
  const { listener, recorders } = await record({ ...harness, address: () => address });
  await connectSocket(listener.address);
  await until("a connection", () => recorders.length === 1);
  assert.ok(listener.address.kind === "tcp");
  const { transport } = recorders[0];
  assert.equal(transport.localAddress, `[::1]:${listener.address.port}`);
  assert.match(transport.remoteAddress, /^\[::1\]:\d+$/);
  assert.equal(transport.isLoopback, true);
  transport.destroy();
  await until("closed", () => recorders[0].closedCount === 1);
  listener.close();
}

async function namesAddress(harness: TransportHarness, folder: string): Promise<void> {
  const first = await listenAt(harness, { kind: "tcp", host: "127.0.0.1", port: 0 });
  assert.ok(first.address.kind === "tcp");
  const taken = `cannot listen on 127.0.0.1:${first.address.port}: address already in use`;
  await assert.rejects(listenAt(harness, first.address), { message: taken });
  first.close();
  const noHost = { kind: "tcp", host: "no.such.host.invalid", port: 6379 } as const;
  await assert.rejects(listenAt(harness, noHost), {
    message: "cannot listen on no.such.host.invalid:6379: the host name cannot be resolved",
  });
  const foreign = { kind: "tcp", host: "192.0.2.1", port: 6379 } as const;
  await assert.rejects(listenAt(harness, foreign), {
    message: "cannot listen on 192.0.2.1:6379: this machine has no such address",
  });
  const path = join(folder, "missing", "x.sock");
  await assert.rejects(listenAt(harness, { kind: "unix", path }), {
    message: `cannot listen on unix socket ${path}: no such folder`,
  });
}

async function setsMode(harness: TransportHarness): Promise<void> {
  const address = harness.address();
  assert.ok(address.kind === "unix");
  const listener = await listenAt(harness, { ...address, mode: 0o700 });
  assert.equal(statSync(address.path).mode & 0o777, 0o700);
  listener.close();
  assert.throws(() => lstatSync(address.path), { code: "ENOENT" });
  const open = await listenAt(harness, { ...address, mode: 0o777 });
  assert.equal(statSync(address.path).mode & 0o777, 0o777);
  open.close();
}

async function replacesStale(harness: TransportHarness): Promise<void> {
  const address = harness.address();
  assert.ok(address.kind === "unix");
  const { path } = address;
  const old = createServer();
  await new Promise<void>((resolve) => old.listen(path, resolve));
  const listener = await listenAt(harness, address);
  await connectSocket(address).then((peer) => peer.reset());
  listener.close();
  await new Promise<void>((resolve) => old.close(() => resolve()));
}

async function leavesFile(harness: TransportHarness): Promise<void> {
  const address = harness.address();
  assert.ok(address.kind === "unix");
  writeFileSync(address.path, "precious");
  await assert.rejects(listenAt(harness, address), {
    message: `cannot listen on unix socket ${address.path}: address already in use`,
  });
  assert.equal(statSync(address.path).size, 8);
}
