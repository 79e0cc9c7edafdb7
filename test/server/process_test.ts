/** The server as a program: how it starts, ends, and works with Redis's own programs. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { VERSION } from "../../src/server/version.ts";
import { missingProgram } from "../support/real_redis.ts";
import {
  freePort,
  IS_DENO,
  killProcesses,
  spawnMain,
  spawnServer,
  TestProcess,
} from "../support/test_server.ts";
import { sleep, within } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
after(async () => {
  closeClients();
  await killProcesses();
  rmSync(folder, { recursive: true });
});

const SMALL = ["--maxmemory", "64mb"];

/** Runs the program to its end. */
async function run(...args: string[]): Promise<{ code: number | string; child: TestProcess }> {
  const child = spawnMain(args);
  return { code: await within("the program's end", child.exited), child };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends it with code 0 after everybody got their replies`, async () => {
    const socket = join(folder, `${signal}.sock`);
    const server = await spawnServer(...SMALL, "--unixsocket", socket);
    const [slow, fast] = [
      await connect(server.address),
      await connect({ kind: "unix", path: socket }),
    ];
    const value = Buffer.alloc(12 * 1024 * 1024, "x");
    assert.equal(await fast.call("SET", "k", value), "+OK\r\n");
    slow.pause();
    slow.sendCommands([["GET", "k"]]);
    assert.equal(await fast.call("PING"), "+PONG\r\n");
    await sleep(300);
    server.process.signal(signal);
    await server.process.seen(`Received ${signal}`);
    slow.resume();
    assert.equal((await slow.readToEnd()).length, value.length + 13);
    assert.equal(await within("the end", server.process.exited), 0);
    assert.equal(existsSync(socket), false, "the unix socket's file is gone");
    await assert.rejects(connect(server.address));
  });
}

test("a client that never reads does not stop it from ending", async () => {
  const server = await spawnServer(...SMALL);
  const [stuck, other] = [await connect(server.address), await connect(server.address)];
  await other.call("SET", "k", Buffer.alloc(30 * 1024 * 1024));
  stuck.pause();
  stuck.sendCommands([["GET", "k"]]);
  await sleep(300);
  server.process.signal("SIGTERM");
  assert.equal(await within("the end", server.process.exited), 0);
});

test("SHUTDOWN ends it after the replies of the same moment", async () => {
  const server = await spawnServer(...SMALL);
  const [ends, other] = [await connect(server.address), await connect(server.address)];
  await other.call("PING");
  // What reached the server before SHUTDOWN did, at the latest in the same turn, is answered.
  other.send("PING\r\n");
  ends.send("SET k v\r\nGET k\r\nSHUTDOWN NOSAVE\r\nGET k\r\n");
  assert.equal(await ends.readToEnd(), "+OK\r\n$1\r\nv\r\n");
  assert.equal(await other.readToEnd(), "+PONG\r\n");
  assert.equal(await within("the end", server.process.exited), 0);
});

test("SHUTDOWN SAVE is refused and everything goes on", async () => {
  const server = await spawnServer(...SMALL);
  const client = await connect(server.address);
  assert.match(await client.call("SHUTDOWN", "SAVE"), /^-ERR /);
  assert.equal(await client.call("SHUTDOWN", "LATER"), "-ERR syntax error\r\n");
  assert.equal(await client.call("PING"), "+PONG\r\n");
  client.send("SHUTDOWN SAVE FORCE\r\n");
  assert.equal(await within("the end", server.process.exited), 0);
});

test("the start-up line says where it listens, and with which budget and policy", async () => {
  const server = await spawnServer("--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru");
  const runtime = IS_DENO ? "deno" : "bun";
  const { port } = server.address;
  const { pid } = server.process;
  assert.match(
    server.process.stdout,
    new RegExp(
      `^${pid}:M [^*]+ \\* CrabCache ${VERSION} on ${runtime} [\\d.]+ ready on 127\\.0\\.0\\.1:${port}; ` +
        `maxmemory 32mb, allkeys-lru$`,
      "m",
    ),
  );
});

test("--version and --help answer and end", async () => {
  const version = await run("--version");
  assert.equal(version.code, 0);
  assert.match(
    version.child.stdout,
    new RegExp(`^crabcache ${VERSION} \\((?:bun|deno) [\\d.]+\\)\n$`),
  );
  const help = await run("--help");
  assert.equal(help.code, 0);
  for (const name of ["--port", "--bind", "--maxmemory-policy", "--requirepass", "--unixsocket"]) {
    assert.ok(help.child.stdout.includes(name), name);
  }
});

test("wrong options stop the start with code 1 and name themselves", async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--port", "abc"], /port abc \(.*\): .*\n {4}allowed: /],
    [["--port", "70000"], /port 70000 .*between 0 and 65535/],
    [["--maxmemroy", "1gb"], /maxmemroy 1gb .*unknown option; did you mean maxmemory\?/],
    [["--maxmemory-policy", "lru"], /maxmemory-policy lru .*volatile-lru/],
    [["--port", "abc", "--hz", "x"], /2 options are wrong/],
    [["--config", join(folder, "nosuch.conf")], /nosuch\.conf/],
    [["stray"], /stray/],
  ];
  for (const [args, message] of wrong) {
    const { code, child } = await run(...args);
    assert.equal(code, 1, args.join(" "));
    assert.match(child.stderr, message);
    assert.ok(!child.output.includes("ready on"), args.join(" "));
  }
});

test("an address that is taken stops the start with code 1 and is named", async () => {
  const server = await spawnServer(...SMALL);
  const port = String(server.address.port);
  const { code, child } = await run(...SMALL, "--port", port, "--bind", "127.0.0.1");
  assert.equal(code, 1);
  assert.match(
    child.stderr,
    new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: address already`),
  );
});

test("flags win over the environment, and that over the file", async () => {
  const file = join(folder, "order.conf");
  writeFileSync(file, "maxmemory 10mb\nmaxmemory-samples 7\ntimeout 70\n");
  const port = await freePort();
  const child = spawnMain(
    ["--config", file, "--timeout", "90", "--port", String(port), "--bind", "127.0.0.1"],
    { CRABCACHE_MAXMEMORY: "20mb", CRABCACHE_TIMEOUT: "80" },
  );
  await child.seen("ready on");
  const client = await connect({ kind: "tcp", host: "127.0.0.1", port });
  const value = async (name: string): Promise<string> =>
    (await client.call("CONFIG", "GET", name)).split("\r\n")[4];
  assert.equal(await value("maxmemory"), String(20 * 1024 * 1024));
  assert.equal(await value("maxmemory-samples"), "7");
  assert.equal(await value("timeout"), "90");
});

test("redis-cli works with it", async (t) => {
  const missing = missingProgram("redis-cli");
  if (missing !== undefined) return t.skip(missing);
  const { address } = await spawnServer(...SMALL);
  const cli = async (input: string, ...args: string[]): Promise<string> => {
    const child = new TestProcess("redis-cli", ["-p", String(address.port), ...args]);
    child.child.stdin!.end(input);
    assert.equal(await within("redis-cli", child.exited), 0, child.output);
    assert.equal(child.stderr, "");
    return child.stdout;
  };
  assert.equal(await cli("", "PING"), "PONG\n");
  assert.equal(await cli("", "SET", "greeting", "hello world"), "OK\n");
  assert.equal(await cli("", "-3", "GET", "greeting"), "hello world\n");
  assert.equal(await cli("piped", "-x", "SET", "stdin"), "OK\n");
  assert.equal(await cli("GET stdin\nINCR n\nMGET n nosuch\n"), "piped\n1\n1\n\n");
  assert.deepEqual((await cli("", "--scan")).trim().split("\n").sort(), ["greeting", "n", "stdin"]);
  assert.match(await cli("", "INFO", "server"), /crabcache_version:/);
  assert.match(await cli("", "--bigkeys"), /Sampled 3 keys in the keyspace!/);
  assert.match(await cli("", "--memkeys"), /Sampled 3 keys in the keyspace!/);
  const pipe = Array.from({ length: 5000 }, (_, i) => `SET pipe:${i} v\r\n`).join("");
  assert.match(await cli(pipe, "--pipe"), /errors: 0, replies: 5000/);
  assert.equal(await cli("", "-r", "3", "INCR", "n"), "2\n3\n4\n");
});

test("redis-benchmark works with it", async (t) => {
  const missing = missingProgram("redis-benchmark");
  if (missing !== undefined) return t.skip(missing);
  const { address } = await spawnServer(...SMALL);
  for (const pipeline of ["1", "16"]) {
    const child = new TestProcess("redis-benchmark", [
      ...["-p", String(address.port), "-q", "-n", "3000", "-c", "20", "-r", "1000", "-P", pipeline],
      ...["-t", "ping,set,get,incr,mset"],
    ]);
    assert.equal(await within("redis-benchmark", child.exited), 0, child.output);
    const results = child.output.match(/: \d+\.\d\d requests per second/g) ?? [];
    assert.equal(results.length, 6, child.output);
    assert.doesNotMatch(child.output, /error|warning/i);
  }
});
