/** What clients may cost: limits of frames, buffers, connections and time, and who is let in. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { networkInterfaces } from "node:os";
import { after, test } from "node:test";
import type { Transport } from "../../src/ports/transport.ts";
import { PROTECTED_MODE } from "../../src/session/refusals.ts";
import { SessionDirectory } from "../../src/session/session_directory.ts";
import { createFixture } from "../support/engine_fixture.ts";
import { createTestUsers } from "../support/test_users.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import { encodeCommand } from "../support/frames.ts";
import {
  freePort,
  killProcesses,
  residentBytes,
  spawnServer,
  startTestServer,
  type TestServer,
} from "../support/test_server.ts";
import { sleep, until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const MIB = 1024 * 1024;

const servers: TestServer[] = [];
after(async () => {
  closeClients();
  await killProcesses();
  for (const each of servers) await each.close();
});

async function start(...flags: string[]): Promise<TestServer> {
  const server = await startTestServer(...flags);
  servers.push(server);
  return server;
}

function bulkHeader(length: number): string {
  return `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${length}\r\n`;
}

test("an argument of 512 MB and one byte is refused before it is sent", async () => {
  const { address } = await start();
  const client = await connect(address);
  client.send(bulkHeader(512 * MIB + 1));
  assert.equal(await client.readToEnd(), "-ERR Protocol error: invalid bulk length\r\n");
});

test("proto-max-bulk-len is the longest argument, to the byte", async () => {
  const { address } = await start("--proto-max-bulk-len", "1mb");
  const client = await connect(address);
  const longest = Buffer.alloc(MIB, "x");
  assert.equal(await client.call("SET", "k", longest), "+OK\r\n");
  assert.equal(await client.call("STRLEN", "k"), `:${MIB}\r\n`);
  const tooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
  assert.equal(await client.call("APPEND", "k", "x"), tooLong);
  assert.equal(await client.call("SETRANGE", "k", MIB, "x"), tooLong);
  client.send(bulkHeader(MIB + 1));
  assert.equal(await client.readToEnd(), "-ERR Protocol error: invalid bulk length\r\n");
  const other = await connect(address);
  assert.equal(await other.call("CONFIG", "SET", "proto-max-bulk-len", "2mb"), "+OK\r\n");
  assert.equal(await other.call("APPEND", "k", "x"), `:${MIB + 1}\r\n`);
  assert.equal(
    await other.call("ECHO", Buffer.alloc(2 * MIB)).then((each) => each.length),
    2 * MIB + 12,
  );
});

test("lengths that are declared and never sent cost nothing", async () => {
  const server = await spawnServer("--maxmemory", "64mb", "--proto-max-bulk-len", "1gb");
  const first = await connect(server.address);
  await first.call("PING");
  await sleep(300);
  const before = residentBytes(server.process.pid);
  const clients: WireClient[] = [];
  for (let i = 0; i < 20; i++) {
    const client = await connect(server.address);
    client.send(bulkHeader(1024 * MIB) + "x".repeat(1000));
    clients.push(client);
    const many = await connect(server.address);
    many.send("*1000000000\r\n$3\r\nDEL\r\n");
    clients.push(many);
  }
  await until("all bytes to be received", async () => {
    const list = await first.call("CLIENT", "LIST");
    return (list.match(/ qbuf=10\d\d /g) ?? []).length === 20;
  });
  const growth = residentBytes(server.process.pid) - before;
  assert.ok(growth < 32 * MIB, `20 GB were declared, ${growth} bytes taken`);
  for (const client of clients) client.close();
  assert.equal(await first.call("PING"), "+PONG\r\n");
});

test("an endless line ends at 64 KiB", async () => {
  const { address } = await start();
  const client = await connect(address);
  client.send("x".repeat(64 * 1024 + 1));
  assert.equal(await client.readToEnd(), "-ERR Protocol error: too big inline request\r\n");
});

test("client-query-buffer-limit closes who sends more without a whole command", async () => {
  const { address, lines } = await start("--client-query-buffer-limit", "2mb");
  const [greedy, modest] = [await connect(address), await connect(address)];
  modest.send(bulkHeader(MIB));
  modest.send(Buffer.alloc(MIB, "x"));
  greedy.send(bulkHeader(8 * MIB));
  for (let i = 0; i < 6 && !greedy.isOver; i++) {
    greedy.send(Buffer.alloc(MIB, "x"));
    await sleep(5);
  }
  assert.equal(await greedy.readToEnd(), "");
  modest.send("\r\n");
  assert.equal(await modest.readText(), "+OK\r\n");
  assert.ok(lines.some((line) => /max query buffer length/.test(line)), lines.join("\n"));
});

test("client-output-buffer-limit closes who asks for more than it reads", async () => {
  const { address, lines } = await start("--client-output-buffer-limit", "normal 4mb 0 0");
  const [greedy, other] = [await connect(address), await connect(address)];
  assert.equal(await other.call("SET", "k", Buffer.alloc(40 * MIB)), "+OK\r\n");
  greedy.pause();
  greedy.sendCommands([["GET", "k"]]);
  await until("the limit to be reached", () => lines.some((line) => /output buffer/.test(line)));
  assert.equal(await other.call("PING"), "+PONG\r\n");
  greedy.resume();
  await greedy.readToEnd();
  assert.ok(greedy.receivedBytes < 40 * MIB);
  assert.equal(await other.call("STRLEN", "k"), `:${40 * MIB}\r\n`);
});

test("the soft output limit closes who exceeds it too long", async () => {
  const { address, lines } = await start("--client-output-buffer-limit", "normal 0 1mb 1");
  const [slow, other] = [await connect(address), await connect(address)];
  assert.equal(await other.call("SET", "k", Buffer.alloc(40 * MIB)), "+OK\r\n");
  slow.pause();
  const startMs = Date.now();
  slow.sendCommands([["GET", "k"]]);
  await until("the time to be over", () => lines.some((line) => /output buffer/.test(line)));
  assert.ok(Date.now() - startMs > 900, "closed too early");
  assert.equal(await other.call("PING"), "+PONG\r\n");
});

test("maxclients lets so many in and not one more", async () => {
  const { address } = await start("--maxclients", "5");
  const clients: WireClient[] = [];
  for (let i = 0; i < 5; i++) {
    const client = await connect(address);
    assert.equal(await client.call("PING"), "+PONG\r\n");
    clients.push(client);
  }
  const refused = await connect(address);
  assert.equal(await refused.readToEnd(), "-ERR max number of clients reached\r\n");
  assert.match(await clients[0].call("INFO", "stats"), /rejected_connections:1\r\n/);
  clients[4].close();
  await until("a place to be free", async () => {
    const client = await connect(address);
    client.send(encodeCommand(["PING"]));
    return (await client.readText()) === "+PONG\r\n";
  });
});

test("timeout closes the idle and nobody else", async () => {
  const { address } = await start("--timeout", "2");
  const [idle, busy] = [await connect(address), await connect(address)];
  assert.equal(await idle.call("PING"), "+PONG\r\n");
  const startMs = Date.now();
  await until("the idle client to be closed", async () => {
    assert.equal(await busy.call("PING"), "+PONG\r\n");
    await sleep(100);
    return idle.isOver;
  });
  assert.ok(Date.now() - startMs > 1900, "closed too early");
  assert.equal(await busy.call("PING"), "+PONG\r\n");
});

test("a client that sends a large value slowly is not idle", async () => {
  const { address } = await start("--timeout", "1");
  for (let tries = 1;; tries++) {
    const slow = await connect(address);
    slow.send(bulkHeader(20 * 64 * 1024));
    let longestMs = 0;
    for (let i = 0; i < 20; i++) {
      slow.send(Buffer.alloc(64 * 1024, "x"));
      const sentMs = performance.now();
      await sleep(100);
      longestMs = Math.max(longestMs, performance.now() - sentMs);
    }
    slow.send("\r\n");
    // On a machine that others use a pause, here or of the server, may be longer than meant.
    if ((longestMs > 500 || slow.isOver) && tries < 5) continue;
    assert.equal(await slow.readText(), "+OK\r\n", `the longest pause was ${longestMs} ms`);
    return;
  }
});

const NOAUTH = "-NOAUTH Authentication required.\r\n";
const WRONGPASS = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

test("requirepass lets nobody do anything before AUTH", async () => {
  const { address } = await start("--requirepass", "secret");
  const client = await connect(address);
  for (const command of ["PING", "GET k", "SET k v", "SELECT 1", "CLIENT LIST", "SHUTDOWN"]) {
    assert.equal(await client.call(...command.split(" ")), NOAUTH, command);
  }
  assert.match(await client.call("HELLO", "3"), /^-NOAUTH HELLO must be called/);
  assert.equal(await client.call("AUTH", "wrong"), WRONGPASS);
  assert.equal(await client.call("AUTH", "somebody", "secret"), WRONGPASS);
  assert.equal(await client.call("GET", "k"), NOAUTH);
  assert.equal(await client.call("AUTH", "secret"), "+OK\r\n");
  assert.equal(await client.call("GET", "k"), "$-1\r\n");
  assert.equal(await client.call("RESET"), "+RESET\r\n");
  assert.equal(await client.call("GET", "k"), NOAUTH);
  assert.match(await client.call("HELLO", "3", "AUTH", "default", "secret"), /^%7\r\n/);
  assert.equal(await client.call("QUIT"), "+OK\r\n");
  await client.readToEnd();
});

test("before AUTH, only short commands with few arguments are taken", async () => {
  const { address } = await start("--requirepass", "secret");
  const [wide, long] = [await connect(address), await connect(address)];
  wide.send("*11\r\n$3\r\n");
  assert.equal(await wide.readToEnd(), "-ERR Protocol error: unauthenticated multibulk length\r\n");
  long.send("PING\r\n*2\r\n$4\r\nAUTH\r\n$16385\r\n");
  const expected = `${NOAUTH}-ERR Protocol error: unauthenticated bulk length\r\n`;
  assert.equal(await long.readToEnd(), expected);
});

test("AUTH at the head of a large pipeline opens the way for the rest of it", async () => {
  const { address } = await start("--requirepass", "secret");
  const client = await connect(address);
  const many = Array.from({ length: 30 }, (_, i) => [`k${i}`, "v".repeat(30_000)]).flat();
  client.sendCommands([
    ...Array.from({ length: 1000 }, () => ["PING"]),
    ["AUTH", "secret"],
    ["MSET", ...many],
    ...Array.from({ length: 1000 }, () => ["INCR", "n"]),
  ]);
  for (const reply of await client.readAll(1000)) assert.equal(reply.toString(), NOAUTH);
  assert.deepEqual((await client.readAll(2)).map(String), ["+OK\r\n", "+OK\r\n"]);
  assert.equal((await client.readAll(1000)).at(-1)!.toString(), ":1000\r\n");
});

test("CONFIG SET requirepass asks new connections, not those that are there", async () => {
  const { address } = await start();
  const old = await connect(address);
  assert.equal(await old.call("CONFIG", "SET", "requirepass", "secret"), "+OK\r\n");
  assert.equal(await old.call("PING"), "+PONG\r\n");
  const young = await connect(address);
  assert.equal(await young.call("PING"), NOAUTH);
});

/** An address of this machine that others could reach it at. */
const outer = Object.values(networkInterfaces()).flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

test("protected mode turns away who comes from outside", async (t) => {
  if (outer === undefined) return t.skip("this machine has loopback addresses only");
  const port = String(await freePort(outer));
  const { address } = await start("--bind", `${outer} 127.0.0.1`, "--port", port);
  const outside = await connect(address);
  assert.equal(await outside.readToEnd(), `-${PROTECTED_MODE}\r\n`);
  const inside = await connect({ kind: "tcp", host: "127.0.0.1", port: Number(port) });
  assert.equal(await inside.call("CONFIG", "SET", "requirepass", "secret"), "+OK\r\n");
  const known = await connect(address);
  assert.equal(await known.call("AUTH", "secret"), "+OK\r\n");
  await inside.call("CONFIG", "SET", "requirepass", "", "protected-mode", "no");
  const welcome = await connect(address);
  assert.equal(await welcome.call("PING"), "+PONG\r\n");
});

test("protected mode asks whether the peer is on this machine", () => {
  const { engine } = createFixture({ families: [] });
  const directory = new SessionDirectory(engine, () => {});
  const users = createTestUsers({ registry: createCommandTable([]), clock: engine.clock });
  directory.attach(undefined as never, undefined as never, users);
  const enter = (isLoopback: boolean): string => {
    let sent = "";
    directory.connected({
      ...{ remoteAddress: "1.2.3.4:5", localAddress: "1.2.3.5:6379", isUnix: false, isLoopback },
      write: (bytes: Uint8Array, start: number, end: number) => {
        sent += new TextDecoder().decode(bytes.subarray(start, end));
        return end - start;
      },
      pause: () => {},
      resume: () => {},
      end: () => sent += "END",
      destroy: () => {},
    } as Transport);
    return sent;
  };
  assert.equal(enter(true), "");
  assert.equal(enter(false), `-${PROTECTED_MODE}\r\nEND`);
  users.setDefaultPassword("secret");
  assert.equal(enter(false), "");
});
