// The library as a program sees it: by its package name, on the runtime at hand.

import { after, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import process from "node:process";
import * as library from "crabcache";
import * as client from "crabcache/client";
import { importsOf, readSources, readText, ROOT } from "./support/sources.ts";
import { IS_DENO, killProcesses, TestProcess } from "./support/test_server.ts";
import { within } from "./support/wait.ts";

const PROGRAM = "test/support/embedding_program.ts";

after(killProcesses);

test("the library exports these names and no others", () => {
  assert.deepEqual(Object.keys(library).sort(), [
    "ClientError",
    "ReplyError",
    "connect",
    "createCache",
    "createFetchHandler",
    "startServer",
  ]);
  const blocks = readText("mod.ts").matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const names = [...blocks].flatMap(([, list]) => list.split(",").map((name) => name.trim()));
  assert.deepEqual(names.filter((name) => name !== "").sort(), [
    "BatchReplies",
    "BitmapMethods",
    "BlockOption",
    "Cache",
    "CacheCommands",
    "CacheOptions",
    "CallOptions",
    "Client",
    "ClientCommands",
    "ClientError",
    "ClientErrorCode",
    "ClientMethods",
    "ClientSubscription",
    "ClientTls",
    "Command",
    "CommandArgument",
    "CommandMethods",
    "CommandName",
    "ConditionOptions",
    "ConnectOptions",
    "CopyOptions",
    "CountOption",
    "DistanceUnit",
    "ElementScanOptions",
    "EmbeddedServer",
    "ExpireCondition",
    "ExpireConditionOptions",
    "ExpiryOptions",
    "FetchHandlerOptions",
    "FieldsOption",
    "FlushMode",
    "GeoMethods",
    "GeoSearchOptions",
    "GetExOptions",
    "HashGetExOptions",
    "HashMethods",
    "HashSetExOptions",
    "HyperLogLogMethods",
    "Integer",
    "Key",
    "KeyMethods",
    "Keys",
    "LcsOptions",
    "Limit",
    "ListEnd",
    "ListMethods",
    "ListPositionOptions",
    "ListenAddress",
    "LowerCommandName",
    "MaxmemoryPolicy",
    "MessageListener",
    "MethodAnswer",
    "MethodArguments",
    "MethodSignatures",
    "OwnName",
    "Pairs",
    "Pipeline",
    "Promised",
    "PromisedMethods",
    "Queue",
    "QueueKind",
    "QueueReplies",
    "Queued",
    "QueuedMethods",
    "RangeOptions",
    "ReconnectOptions",
    "Reply",
    "ReplyError",
    "ReplyValue",
    "RestoreOptions",
    "ScanOptions",
    "Scored",
    "ScoredMembers",
    "ServerMethods",
    "ServerOptions",
    "SessionCommands",
    "SetMethods",
    "SetOptions",
    "SortOptions",
    "SortedSetAddOptions",
    "SortedSetMergeOptions",
    "SortedSetMethods",
    "SortedSetRangeOptions",
    "StoreOptions",
    "StreamAddOptions",
    "StreamEntry",
    "StreamMethods",
    "StreamReadOptions",
    "StreamThreshold",
    "StreamTrimOptions",
    "StringMethods",
    "Subscription",
    "Transaction",
    "TypedMethods",
    "Value",
    "Values",
    "WaitingMethods",
    "WithScores",
    "WordMethods",
    "connect",
    "createCache",
    "createFetchHandler",
    "startServer",
  ]);
});

for (const path of ["mod.ts", "src/client.ts"]) {
  test(`${path} does nothing but re-export`, () => {
    const [source] = readSources(path);
    const statements = source.code.replace(/\s+/g, " ").trim().split(/(?<=;)/);
    assert.equal(statements.length, importsOf(source).length);
    for (const statement of statements) assert.match(statement, /^ ?export (type )?\{/);
  });
}

test("the client by itself exports what the library does of it", () => {
  const all = library as unknown as Record<string, unknown>;
  assert.deepEqual(Object.keys(client).sort(), ["ClientError", "ReplyError", "connect"]);
  for (const [name, value] of Object.entries(client)) assert.equal(value, all[name], name);
});

test("createCache() makes a cache on the runtime at hand", () => {
  using cache = library.createCache({ maxmemory: "16mb" });
  assert.equal(cache.set("k", "v"), "OK");
  assert.equal(cache.get("k"), "v");
  const info = String(cache.command("INFO", "server"));
  assert.match(info, IS_DENO ? /^runtime:deno \d/m : /^runtime:bun \d/m);
});

test("caches share nothing", () => {
  using one = library.createCache({ maxmemory: "16mb" });
  using other = library.createCache({ maxmemory: "16mb" });
  one.set("k", "v");
  assert.equal(other.get("k"), null);
  one.close();
  assert.equal(other.dbsize(), 0);
});

test("a cache that nobody closes does not keep the process alive", async () => {
  const before = IS_DENO ? ["run", "-A", "--no-check"] : [];
  const program = new TestProcess(process.execPath, [...before, PROGRAM]);
  assert.equal(await within("the end of the program", program.exited), 0, program.output);
  assert.equal(program.stdout, "OK v 100\n");
});

/** Node.js strips types by itself from 22.18 on. */
function hasNodeThatRunsTypeScript(): boolean {
  const { stdout, error } = spawnSync("node", ["--version"], { encoding: "utf8" });
  if (error !== undefined) return false;
  const [major, minor] = stdout.slice(1).split(".").map(Number);
  return major > 23 || (major === 22 && minor >= 18);
}

test("Node.js runs a cache in process too", { skip: !hasNodeThatRunsTypeScript() }, () => {
  const { stdout, stderr } = spawnSync("node", [PROGRAM], { cwd: ROOT, encoding: "utf8" });
  assert.equal(stdout, "OK v 100\n", stderr);
});

/** Sends a text and gives what comes back first. */
function ask(address: library.ListenAddress, text: string): Promise<string> {
  const target = address.kind === "tcp" ? address : { path: address.path };
  return new Promise((resolve, reject) => {
    const socket = connect(target, () => socket.write(text));
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(String(chunk));
    });
    socket.once("error", reject);
  });
}

test("startServer() listens on a free port until it is closed", async () => {
  const server = await library.startServer({
    port: "free",
    bind: "127.0.0.1",
    maxmemory: "16mb",
    requirepass: "secret",
  });
  const [address] = server.addresses;
  assert.ok(address.kind === "tcp" && address.host === "127.0.0.1" && address.port > 0);
  assert.match(await ask(address, "PING\r\n"), /^-NOAUTH/);
  const pair = await ask(address, "AUTH secret\r\nCONFIG GET port\r\n");
  assert.equal(
    pair,
    `+OK\r\n*2\r\n$4\r\nport\r\n$${`${address.port}`.length}\r\n${address.port}\r\n`,
  );
  await within("the end of the server", server.close());
  await within("the end of the server", server.closed);
  await assert.rejects(ask(address, "PING\r\n"));
});

test("a free port is the same one at each address", async () => {
  const options = { port: "free", bind: ["127.0.0.1", "127.0.0.2"], maxmemory: "16mb" } as const;
  const server = await library.startServer(options);
  const [first, second] = server.addresses;
  assert.ok(first.kind === "tcp" && second.kind === "tcp");
  assert.deepEqual([first.host, second.host], ["127.0.0.1", "127.0.0.2"]);
  assert.equal(first.port, second.port);
  assert.equal(await ask(second, "PING\r\n"), "+PONG\r\n");
  await within("the end of the server", server.close());
});

test("a client's SHUTDOWN ends the server, not the process", async () => {
  const lines: string[] = [];
  const server = await library.startServer({
    port: "free",
    bind: "127.0.0.1",
    maxmemory: "16mb",
    log: (line) => void lines.push(line),
  });
  const socket = connect({ ...server.addresses[0] as { port: number } });
  socket.on("error", () => {});
  socket.write("SHUTDOWN NOSAVE\r\n");
  await within("the end of the server", server.closed);
  socket.destroy();
  assert.deepEqual(lines, []);
});

test("a server that can't listen says where", async () => {
  const server = await library.startServer({
    port: "free",
    bind: "127.0.0.1",
    maxmemory: "16mb",
  });
  const { port } = server.addresses[0] as { port: number };
  await assert.rejects(
    library.startServer({ port, bind: "127.0.0.1", maxmemory: "16mb" }),
    new RegExp(`127\\.0\\.0\\.1:${port}`),
  );
  await within("the end of the server", server.close());
});
