/** Sessions that wait in the middle of a pipeline: paused, or parked while a file is written. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { sleep } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
const configFile = join(folder, "cache.conf");
let running: TestServer;
before(async () => {
  writeFileSync(configFile, "maxmemory-samples 5\n");
  running = await startTestServer("--config", configFile);
});
after(async () => {
  closeClients();
  await running.close();
  rmSync(folder, { recursive: true });
});

async function client(): Promise<WireClient> {
  return await connect(running.address);
}

async function texts(from: WireClient, count: number): Promise<string> {
  return (await from.readAll(count)).map(String).join("");
}

/** Long enough for whatever is not held to be answered. */
const GRACE_MS = 150;

test("CLIENT PAUSE holds the rest of every pipeline until its time is over, in order", async () => {
  const [pauses, waits] = [await client(), await client()];
  await waits.call("DEL", "m", "n");
  const startMs = Date.now();
  pauses.send("INCR m\r\nCLIENT PAUSE 400\r\nINCR m\r\nGET m\r\n");
  assert.equal(await texts(pauses, 2), ":1\r\n+OK\r\n");
  waits.send("INCR n\r\nINCR n\r\nECHO done\r\n");
  await sleep(GRACE_MS);
  const early = pauses.frameCount + waits.frameCount;
  assert.ok(early === 0 || Date.now() - startMs >= 395, `${early} replies too early`);
  waits.send("PING\r\n");
  assert.equal(await texts(waits, 4), ":1\r\n:2\r\n$4\r\ndone\r\n+PONG\r\n");
  assert.equal(await texts(pauses, 2), ":2\r\n$1\r\n2\r\n");
  assert.ok(Date.now() - startMs >= 395, "it was over too early");
});

test("CLIENT PAUSE WRITE lets reading commands pass and holds what is behind a write", async () => {
  const [pauses, waits, reads] = [await client(), await client(), await client()];
  await pauses.call("SET", "k", "old");
  assert.equal(await pauses.call("CLIENT", "PAUSE", "100000", "WRITE"), "+OK\r\n");
  waits.send("GET k\r\nSET k new\r\nGET k\r\n");
  assert.equal(await waits.readText(), "$3\r\nold\r\n");
  assert.equal(await reads.call("GET", "k"), "$3\r\nold\r\n");
  await sleep(GRACE_MS);
  assert.equal(waits.frameCount, 0);
  waits.send("ECHO last\r\n");
  assert.equal(await reads.call("CLIENT", "UNPAUSE"), "+OK\r\n");
  assert.equal(await texts(waits, 3), "+OK\r\n$3\r\nnew\r\n$4\r\nlast\r\n");
});

test("CLIENT UNPAUSE in a pipeline too large for the common buffer frees the others at once", async () => {
  const [pauses, waits] = [await client(), await client()];
  assert.equal(await pauses.call("CLIENT", "PAUSE", "100000", "WRITE"), "+OK\r\n");
  waits.send("SET k v\r\nGET k\r\n");
  await sleep(GRACE_MS);
  assert.equal(waits.frameCount, 0);
  pauses.sendCommands([["ECHO", "x".repeat(1_000_000)], ["CLIENT", "UNPAUSE"]]);
  assert.equal((await pauses.read()).length, 1_000_000 + 12);
  assert.equal(await pauses.readText(), "+OK\r\n");
  assert.equal(await texts(waits, 2), "+OK\r\n$1\r\nv\r\n");
});

test("a paused client's pipeline may be larger than every buffer", async () => {
  const [pauses, waits] = [await client(), await client()];
  await pauses.call("DEL", "n");
  assert.equal(await pauses.call("CLIENT", "PAUSE", "100000", "WRITE"), "+OK\r\n");
  const count = 20_000;
  waits.sendCommands(
    Array.from(
      { length: count },
      (_, i) => i % 2 === 0 ? ["INCR", "n"] : ["ECHO", "x".repeat(200)],
    ),
  );
  await sleep(GRACE_MS);
  assert.equal(waits.frameCount, 0);
  assert.equal(await pauses.call("CLIENT", "UNPAUSE"), "+OK\r\n");
  const replies = await waits.readAll(count);
  assert.equal(replies[count - 2].toString(), `:${count / 2}\r\n`);
  assert.ok(replies.every((each, i) => i % 2 === 1 || each.toString() === `:${i / 2 + 1}\r\n`));
});

test("a paused client that is gone leaves nothing behind", async () => {
  const [pauses, goes] = [await client(), await client()];
  await pauses.call("DEL", "ghost");
  assert.equal(await pauses.call("CLIENT", "PAUSE", "100000", "WRITE"), "+OK\r\n");
  goes.send("SET ghost v\r\n");
  await sleep(GRACE_MS);
  goes.close();
  await sleep(GRACE_MS);
  assert.equal(await pauses.call("CLIENT", "UNPAUSE"), "+OK\r\n");
  assert.equal(await pauses.call("GET", "ghost"), "$-1\r\n");
});

test("CONFIG REWRITE in the middle of a pipeline keeps its place", async () => {
  const [one, other] = [await client(), await client()];
  for (let round = 1; round <= 20; round++) {
    one.send(
      `SET k ${round}\r\nCONFIG SET maxmemory-samples ${round}\r\nCONFIG REWRITE\r\nGET k\r\nPING\r\n`,
    );
    other.send("PING\r\n");
    assert.equal(await other.readText(), "+PONG\r\n");
    const value = `$${String(round).length}\r\n${round}\r\n`;
    assert.equal(await texts(one, 5), `+OK\r\n+OK\r\n+OK\r\n${value}+PONG\r\n`);
    assert.match(readFileSync(configFile, "utf8"), new RegExp(`^maxmemory-samples ${round}$`, "m"));
  }
});

test("what is parked says nothing when replies are off or skipped", async () => {
  const one = await client();
  one.send("CLIENT REPLY SKIP\r\nCONFIG REWRITE\r\nECHO a\r\n");
  assert.equal(await one.readText(), "$1\r\na\r\n");
  one.send("CLIENT REPLY OFF\r\nCONFIG REWRITE\r\nPING\r\nCLIENT REPLY ON\r\nECHO b\r\n");
  assert.equal(await texts(one, 2), "+OK\r\n$1\r\nb\r\n");
});

test("a client that goes while it is parked harms nobody", async () => {
  const [goes, stays] = [await client(), await client()];
  goes.send("CONFIG REWRITE\r\nPING\r\n");
  goes.close();
  assert.equal(await stays.call("PING"), "+PONG\r\n");
});

test("CLIENT KILL of a client with a pipeline in the same moment ends it", async () => {
  const [killer, victim] = [await client(), await client()];
  const id = (await victim.call("CLIENT", "ID")).slice(1).trim();
  killer.send(`CLIENT KILL ID ${id}\r\nPING\r\n`);
  victim.send("PING\r\n".repeat(10));
  assert.equal(await texts(killer, 2), ":1\r\n+PONG\r\n");
  await victim.readToEnd();
  assert.equal(await killer.call("CLIENT", "KILL", "ID", id), ":0\r\n");
});
