/** Clients that ask for much and do not read: they cost their buffers' limits, and nobody else notices. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { killProcesses, residentBytes, spawnServer } from "../support/test_server.ts";
import { sleep } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const MIB = 1024 * 1024;
const READERS = 8;
const REPLIES = 100;
/**
 * What a client that does not read may cost: one reply of 1 MiB in the output buffer and one on its
 * way, each in a buffer that grew by doubling, what was received, and what the collector left over.
 */
const PER_READER_BYTES = 8 * MIB;

after(async () => {
  closeClients();
  await killProcesses();
});

test(`${READERS} clients that read none of their 100 MB cost little and get all of it later`, async () => {
  const server = await spawnServer("--maxmemory", "64mb");
  const other = await connect(server.address);
  const value = Buffer.alloc(MIB);
  for (let at = 0; at < MIB; at += 4) value.writeUInt32LE(Math.imul(at, 0x9e3779b1) >>> 0, at);
  assert.equal(await other.call("SET", "k", value), "+OK\r\n");
  assert.equal((await other.call("GET", "k")).length, MIB + 12);
  await sleep(300);
  const before = residentBytes(server.process.pid);

  const readers: WireClient[] = [];
  for (let i = 0; i < READERS; i++) {
    const reader = await connect(server.address);
    reader.pause();
    reader.sendCommands(Array.from({ length: REPLIES }, () => ["GET", "k"]));
    readers.push(reader);
  }
  let most = 0;
  for (let i = 0; i < 30; i++) {
    assert.equal(await other.call("PING"), "+PONG\r\n");
    assert.equal((await other.call("GETRANGE", "k", "0", "9")).length, 5 + 10 + 2);
    most = Math.max(most, residentBytes(server.process.pid) - before);
    await sleep(20);
  }
  assert.ok(most < READERS * PER_READER_BYTES, `it took ${most} bytes more`);

  for (const reader of readers) {
    reader.resume();
    for (let i = 0; i < REPLIES; i++) {
      const reply = await reader.read();
      assert.equal(reply.length, MIB + 12);
      assert.ok(reply.subarray(10, 10 + MIB).equals(value), `reply ${i}`);
    }
    assert.equal(await reader.call("PING"), "+PONG\r\n");
    reader.close();
  }
});

test("a client that asks on and on without reading is no longer read itself", async () => {
  const server = await spawnServer("--maxmemory", "64mb");
  const other = await connect(server.address);
  assert.equal(await other.call("SET", "k", Buffer.alloc(100_000)), "+OK\r\n");
  await sleep(300);
  const before = residentBytes(server.process.pid);
  const greedy = await connect(server.address);
  greedy.pause();
  const question = Buffer.from("GET k\r\n".repeat(10_000));
  let sent = 0;
  // The socket stops taking when the server stops reading; what it takes is bounded by the kernel.
  while (sent < 200 && greedy.socket.writableLength < 8 * MIB) {
    greedy.send(question);
    sent++;
    await sleep(2);
  }
  assert.ok(sent < 200, "the server read everything");
  await sleep(200);
  const growth = residentBytes(server.process.pid) - before;
  assert.ok(growth < 32 * MIB, `it took ${growth} bytes more`);
  assert.equal(await other.call("PING"), "+PONG\r\n");
});
