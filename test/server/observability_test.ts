/** MONITOR, the slow log, INFO and the log of a server, seen by clients over sockets. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const servers: TestServer[] = [];
const folder = mkdtempSync(join(tmpdir(), "crabcache-log-"));

after(async () => {
  closeClients();
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});

async function start(...flags: string[]): Promise<TestServer> {
  const server = await startTestServer(...flags);
  servers.push(server);
  return server;
}

async function monitor(server: TestServer): Promise<WireClient> {
  const client = await connect(server.address);
  assert.equal(await client.call("MONITOR"), "+OK\r\n");
  return client;
}

/** The next line of a monitor without its time. */
async function nextLine(client: WireClient): Promise<string> {
  const line = await client.readText();
  const match = /^\+(\d+)\.(\d{6}) \[(\d+) ([^\]]+)\] (.*)\r\n$/.exec(line);
  assert.ok(match, line);
  assert.ok(Math.abs(Number(match[1]) - Date.now() / 1000) < 60);
  return `${match[3]} ${match[5]}`;
}

test("a monitor sees what others run once it has run, pipelines and transactions in order", async () => {
  const server = await start();
  const seeing = await monitor(server);
  const client = await connect(server.address);
  client.sendCommands([
    ["SET", "k", 'a "b"\n'],
    ["SELECT", "3"],
    ["GET"],
    ["nosuch"],
    ["MULTI"],
    ["INCR", "n"],
    ["CONFIG", "GET", "port"],
    ["EXEC"],
    ["HELLO", "3", "AUTH", "default", "secret"],
    ["auth", "secret"],
  ]);
  await client.readAll(10);
  const lines: string[] = [];
  for (let i = 0; i < 7; i++) lines.push(await nextLine(seeing));
  assert.deepEqual(lines, [
    '0 "SET" "k" "a \\"b\\"\\n"',
    '3 "SELECT" "3"',
    '3 "MULTI"',
    '3 "INCR" "n"',
    '3 "EXEC"',
    '3 "HELLO" "3" "AUTH" "(redacted)" "(redacted)"',
    '3 "auth" "(redacted)"',
  ]);
});

test("a monitor sees blocked commands when they come, and its own, but may not use keys", async () => {
  const server = await start();
  const seeing = await monitor(server);
  const client = await connect(server.address);
  client.sendCommands([["BLPOP", "list", "0"]]);
  assert.equal(await nextLine(seeing), '0 "BLPOP" "list" "0"');
  const other = await connect(server.address);
  await other.call("RPUSH", "list", "a");
  await client.readText();
  assert.equal(await nextLine(seeing), '0 "RPUSH" "list" "a"');
  assert.equal(await seeing.call("PING"), "+PONG\r\n");
  assert.equal(await nextLine(seeing), '0 "PING"');
  const refused = "-ERR Replica can't interact with the keyspace\r\n";
  assert.equal(await seeing.call("GET", "a"), refused);
  assert.equal(await seeing.call("PUBLISH", "a", "b"), refused);
});

test("monitoring ends with RESET, with QUIT, and with the connection", async () => {
  const server = await start();
  const resetting = await monitor(server);
  const quitting = await monitor(server);
  const leaving = await monitor(server);
  const client = await connect(server.address);
  await client.call("PING");
  for (const each of [resetting, quitting, leaving]) assert.equal(await nextLine(each), '0 "PING"');
  assert.match(await client.call("CLIENT", "LIST"), / flags=O /);
  assert.equal(await resetting.call("RESET"), "+RESET\r\n");
  assert.equal(await nextLine(quitting), '0 "RESET"');
  quitting.sendCommands([["QUIT"]]);
  assert.equal(await quitting.readToEnd(), "+OK\r\n");
  leaving.close();
  await until("nobody monitors any more", async () => {
    return !(await client.call("CLIENT", "LIST")).includes("flags=O");
  });
  assert.equal(await client.call("PING"), "+PONG\r\n");
  assert.equal(await resetting.call("GET", "a"), "$-1\r\n");
  assert.equal(resetting.frameCount, 0);
});

test("a monitor that does not read is cut off by the limit of its class", async () => {
  const server = await start("--client-output-buffer-limit", "normal 2mb 0 0");
  const seeing = await monitor(server);
  seeing.pause();
  const client = await connect(server.address);
  const value = "x".repeat(100_000);
  await until("the monitor is gone", async () => {
    for (let i = 0; i < 10; i++) await client.call("SET", "k", value);
    return !(await client.call("CLIENT", "LIST")).includes("flags=O");
  });
  const info = await client.call("INFO", "stats");
  assert.match(info, /client_output_buffer_limit_disconnections:1\r\n/);
  assert.match(info, /evicted_clients:0\r\n/);
});

test("the slow log and the latency monitor see a slow command of a named client", async () => {
  const server = await start(
    ...["--enable-debug-command", "yes", "--latency-monitor-threshold", "100"],
    ...["--slowlog-log-slower-than", "100000"],
  );
  const client = await connect(server.address);
  await client.call("CLIENT", "SETNAME", "sleeper");
  await client.call("DEBUG", "SLEEP", "0.15");
  await client.call("SET", "a", "1");
  const slow = await client.call("SLOWLOG", "GET");
  const match = /^\*1\r\n\*6\r\n:0\r\n:\d{10}\r\n:(\d+)\r\n\*3\r\n\$5\r\nDEBUG\r\n/.exec(slow);
  assert.ok(match, slow);
  assert.ok(Number(match[1]) >= 150_000);
  assert.match(slow, /\$7\r\nsleeper\r\n$/);
  assert.match(await client.call("LATENCY", "LATEST"), /^\*1\r\n\*4\r\n\$7\r\ncommand\r\n/);
  assert.match(await client.call("LATENCY", "DOCTOR"), /1\. command: 1 latency spikes/);
  await client.call("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "2");
  for (let i = 0; i < 5; i++) await client.call("GET", `k${i}`);
  assert.equal(await client.call("SLOWLOG", "LEN"), ":2\r\n");
  await client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  await client.call("SLOWLOG", "RESET");
  await client.call("GET", "a");
  assert.equal(await client.call("SLOWLOG", "LEN"), ":0\r\n");
});

test("HOTKEYS finds the key that everybody asks for", async () => {
  const server = await start();
  const client = await connect(server.address);
  for (let round = 0; round < 20; round++) {
    const commands = Array.from({ length: 100 }, (_, i) => ["GET", i % 2 === 0 ? "hot" : `k${i}`]);
    client.sendCommands(commands);
    await client.readAll(100);
  }
  assert.match(
    await client.call("HOTKEYS", "COUNT", "1"),
    /^\*1\r\n\*10\r\n\$3\r\nkey\r\n\$3\r\nhot/,
  );
});

test("HOTKEYS counts what a transaction does once", async () => {
  const server = await start();
  const client = await connect(server.address);
  const gets = (key: string): string[][] => Array.from({ length: 50 }, () => ["GET", key]);
  for (let round = 0; round < 60; round++) {
    client.sendCommands([...gets("plain"), ["MULTI"], ...gets("queued"), ["EXEC"]]);
    await client.readAll(102);
  }
  const reply = await client.call("HOTKEYS", "COUNT", "2");
  const shares = new Map(
    [...reply.matchAll(/\r\nkey\r\n\$\d+\r\n(\w+)[^]*?\r\nshare\r\n\S+?\r\n(\S+)/g)]
      .map(([, key, share]) => [key, Number(share)]),
  );
  const [plain, queued] = [shares.get("plain")!, shares.get("queued")!];
  assert.ok(queued > 0.7 * plain && queued < 1.4 * plain, `${queued} and ${plain}: ${reply}`);
});

test("INFO and CLIENT LIST tell what happens on other connections", async () => {
  const server = await start();
  const client = await connect(server.address);
  const waiting = await connect(server.address);
  const watching = await connect(server.address);
  waiting.sendCommands([["BLPOP", "list", "100"]]);
  await watching.call("WATCH", "k");
  await until(
    "it waits",
    async () => /blocked_clients:1/.test(await client.call("INFO", "clients")),
  );
  const info = await client.call("INFO", "clients", "stats", "server");
  assert.match(info, /connected_clients:3\r\n/);
  assert.match(info, /watching_clients:1\r\n/);
  assert.match(info, /clients_in_timeout_table:1\r\n/);
  assert.match(info, /total_blocking_keys:1\r\n/);
  assert.match(info, /total_reads_processed:[1-9]/);
  assert.match(info, /total_writes_processed:[1-9]/);
  const { address } = server;
  assert.ok(address.kind === "tcp");
  assert.ok(info.includes(`listener0:name=tcp,bind=127.0.0.1,port=${address.port}\r\n`));
});

test("the log goes to a file, as JSON where that is asked for, and levels can be changed", async () => {
  const logfile = join(folder, "crab.log");
  const server = await start("--logfile", logfile, "--log-format", "json", "--loglevel", "verbose");
  const client = await connect(server.address);
  assert.equal(
    await client.call("CONFIG", "GET", "logfile").then((it) => it.includes(logfile)),
    true,
  );
  assert.equal(
    await client.call("CONFIG", "SET", "loglevel", "loud"),
    "-ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must be one of " +
      "the following: debug, verbose, notice, warning, nothing\r\n",
  );
  await client.call("CONFIG", "SET", "loglevel", "warning");
  const other = await connect(server.address);
  await other.call("PING");
  await server.close();
  const lines = readFileSync(logfile, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const accepted = lines.filter(({ message }) => message.startsWith("Accepted 127.0.0.1:"));
  assert.equal(accepted.length, 1);
  assert.equal(accepted[0].level, "verbose");
  assert.ok(accepted[0].message.includes(accepted[0].address) && accepted[0].client > 0);
  assert.deepEqual(server.lines, []);
});

test("a log file whose folder is gone stops nobody", async () => {
  const logfolder = mkdtempSync(join(tmpdir(), "crabcache-gone-"));
  const server = await start("--logfile", join(logfolder, "a.log"), "--loglevel", "debug");
  const client = await connect(server.address);
  rmSync(logfolder, { recursive: true });
  for (let i = 0; i < 5; i++) {
    const other = await connect(server.address);
    assert.equal(await other.call("PING"), "+PONG\r\n");
    other.close();
  }
  assert.equal(await client.call("PING"), "+PONG\r\n");
});

test("used_memory_startup is what the empty server took, whoever connects", async () => {
  const server = await start();
  const client = await connect(server.address);
  const read = async (): Promise<number[]> => {
    const info = await client.call("INFO", "memory");
    return ["used_memory_startup", "used_memory"].map((name) =>
      Number(new RegExp(`\r\n${name}:(\\d+)\r\n`).exec(info)![1])
    );
  };
  const [startup, used] = await read();
  assert.ok(startup > 0 && used > startup);
  for (let i = 0; i < 10; i++) await connect(server.address);
  await client.call("SET", "k", "x".repeat(1e6));
  const [later, more] = await read();
  assert.equal(later, startup);
  assert.ok(more > used + 1e6);
});
