/** Transactions over connections whose clock, turns and chunks are moved by hand. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeCommand } from "../support/frames.ts";
import { type Client, Server } from "./blocking_harness.ts";

function pair(): [Server, Client, Client] {
  const server = new Server();
  return [server, server.connect(), server.connect()];
}

test("commands are queued and run together", () => {
  const [, client] = pair();
  assert.equal(client.call("MULTI"), "+OK~");
  assert.equal(client.call("SET k 1", "INCR k"), "+QUEUED~+QUEUED~");
  assert.equal(client.call("GET k", "EXEC"), "+QUEUED~*3~+OK~:2~$1~2~");
  assert.equal(client.call("GET k"), "$1~2~");
});

test("nothing is run before EXEC, and nothing by DISCARD", () => {
  const [, client, other] = pair();
  client.call("MULTI", "SET k 1");
  assert.equal(other.call("GET k"), "$-1~");
  assert.equal(client.call("DISCARD", "GET k"), "+OK~$-1~");
  assert.equal(client.call("DISCARD"), "-ERR DISCARD without MULTI~");
  assert.equal(client.call("EXEC"), "-ERR EXEC without MULTI~");
});

test("an empty transaction, and one after the other", () => {
  const [, client] = pair();
  assert.equal(client.call("MULTI", "EXEC"), "+OK~*0~");
  assert.equal(
    client.call("MULTI", "INCR a", "EXEC", "MULTI", "INCR a", "INCR a", "EXEC"),
    "+OK~+QUEUED~*1~:1~+OK~+QUEUED~+QUEUED~*2~:2~:3~",
  );
});

test("an error when running stops nothing", () => {
  const [, client] = pair();
  client.call("MULTI", "SET k x", "INCR k", "LPUSH k 1", "APPEND k y");
  assert.equal(
    client.call("EXEC"),
    "*4~+OK~-ERR value is not an integer or out of range~" +
      "-WRONGTYPE Operation against a key holding the wrong kind of value~:2~",
  );
});

test("an error when queueing aborts", () => {
  for (const wrong of ["NOSUCH", "GET", "CLIENT NOSUCH", "SET k", "PURGE PREFIX a", "SHUTDOWN"]) {
    const [, client] = pair();
    client.call("MULTI", "SET k 1");
    assert.match(client.call(wrong), /^-ERR /, wrong);
    assert.equal(client.call("SET k 2"), "+QUEUED~");
    assert.equal(
      client.call("EXEC"),
      "-EXECABORT Transaction discarded because of previous errors.~",
    );
    assert.equal(client.call("GET k"), "$-1~");
  }
});

test("EXEC that is refused ends the transaction", () => {
  const [, client] = pair();
  const refusal = "-EXECABORT Transaction discarded because of: wrong number of arguments for " +
    "'exec' command~";
  assert.equal(client.call("MULTI", "EXEC x", "EXEC"), `+OK~${refusal}-ERR EXEC without MULTI~`);
  assert.equal(client.call("EXEC x"), refusal);
});

test("MULTI and WATCH inside of MULTI are errors that abort nothing", () => {
  const [, client] = pair();
  client.call("MULTI");
  assert.equal(client.call("MULTI"), "-ERR MULTI calls can not be nested~");
  assert.equal(client.call("WATCH k"), "-ERR WATCH inside MULTI is not allowed~");
  assert.equal(client.call("UNWATCH", "EXEC"), "+QUEUED~*1~+OK~");
});

test("SELECT, HELLO and CLIENT inside of a transaction", () => {
  const [, client] = pair();
  client.call("MULTI", "SELECT 3", "SET k v", "SELECT 0", "GET k", "SELECT 3");
  assert.equal(client.call("EXEC"), "*5~+OK~+OK~+OK~$-1~+OK~");
  assert.equal(client.call("GET k"), "$1~v~");
  client.call("MULTI", "HELLO 3", "GET nothing");
  const replies = client.call("EXEC", "GET nothing");
  assert.match(replies, /^\*2~%7~.*_~_~$/);
});

test("RESET and QUIT run at once and drop what was queued", () => {
  const [, client, other] = pair();
  assert.equal(
    client.call("MULTI", "SET k 1", "RESET", "EXEC"),
    [
      ...["+OK~", "+QUEUED~", "+RESET~", "-ERR EXEC without MULTI~"],
    ].join(""),
  );
  assert.equal(other.call("MULTI", "SET k 1", "QUIT"), "+OK~+QUEUED~+OK~");
  assert.equal(other.isOver, true);
  assert.equal(client.call("GET k"), "$-1~");
});

test("blocking commands do not wait inside of a transaction", () => {
  const [server, client] = pair();
  client.call("MULTI", "BLPOP l 0", "RPUSH l a b", "BLPOP l 0", "BZPOPMIN z 0");
  client.call("BLMOVE none l LEFT LEFT 0", "XREAD BLOCK 0 STREAMS s $");
  assert.equal(client.call("EXEC"), "*6~*-1~:2~*2~$1~l~$1~a~*-1~$-1~*-1~");
  assert.equal(server.blockedCount, 0);
});

test("clients that wait are served after the whole transaction", () => {
  const [, client, waiting] = pair();
  waiting.call("BLPOP l 0");
  client.call("MULTI", "RPUSH l a b", "LPOP l", "RPUSH l c");
  assert.equal(client.call("EXEC"), "*3~:2~$1~a~:2~");
  assert.equal(waiting.take(), "*2~$1~l~$1~b~");
  assert.equal(waiting.call("BLPOP l m 0"), "*2~$1~l~$1~c~");
  waiting.call("BLPOP l m 0");
  client.call("MULTI", "RPUSH l a", "DEL l", "RPUSH m x", "EXEC");
  assert.equal(waiting.take(), "*2~$1~m~$1~x~");
});

test("a queue that is sent in pieces keeps its own bytes", () => {
  const [, client, other] = pair();
  client.call("MULTI");
  for (let i = 0; i < 300; i++) {
    client.send(`SET key:${i} ${"v".repeat(i)}`);
    other.call(`ECHO ${"x".repeat(i)}`);
    assert.equal(client.take(), "+QUEUED~");
  }
  assert.equal(client.call("EXEC"), `*300~${"+OK~".repeat(300)}`);
  for (const i of [0, 1, 77, 299]) {
    assert.equal(client.call(`STRLEN key:${i}`), `:${i}~`);
  }
});

test("queues and watched keys are counted as memory, and given back", () => {
  const [server, client, other] = pair();
  const { engine } = server.core;
  const line = (): string => other.call("CLIENT LIST ID 1");
  const before = engine.bufferBytes;
  assert.match(line(), / multi=-1 .* multi-mem=0 /);
  client.call("WATCH a b", "MULTI");
  client.call(...Array.from({ length: 100 }, (_, i) => `SET k${i} ${"v".repeat(100)}`));
  assert.match(line(), / flags=x .* multi=100 /);
  const multiMem = Number(/multi-mem=(\d+)/.exec(line())![1]);
  assert.ok(multiMem > 10_000 && multiMem < 40_000, `${multiMem}`);
  assert.equal(engine.bufferBytes - before, multiMem);
  other.call("SET a 1");
  assert.match(line(), / flags=xd /);
  client.call("DISCARD");
  assert.equal(engine.bufferBytes, before);
  client.call("MULTI", "SET k v", "WATCH x");
  client.drop();
  assert.ok(engine.bufferBytes < before);
  assert.equal(engine.keyspace.changes.isHeard, false);
});

test("a queue longer than client-query-buffer-limit closes the connection", () => {
  const [server, client, other] = pair();
  server.core.engine.settings.clientQueryBufferLimit = 1024 * 1024;
  server.logged = "";
  client.call("MULTI");
  const value = "v".repeat(100_000);
  for (let i = 0; i < 10; i++) assert.equal(client.call(`SET k${i} ${value}`), "+QUEUED~");
  client.call(`SET k ${value}`);
  assert.equal(client.isOver, true);
  assert.match(server.logged as string, /max query buffer length/);
  assert.equal(other.call("EXISTS k0"), ":0~");
});

test("CLIENT PAUSE WRITE holds back a transaction that writes, and no other", () => {
  const [server, client, other] = pair();
  client.call("MULTI", "SET k 1", "GET k");
  const reader = server.connect();
  reader.call("MULTI", "GET k");
  other.call("CLIENT PAUSE 1000 WRITE");
  assert.equal(client.call("EXEC"), "");
  assert.equal(reader.call("EXEC"), "*1~$-1~");
  server.pass(2000);
  server.turn();
  assert.equal(client.take(), "*2~+OK~$1~1~");
});

test("CLIENT REPLY inside of a transaction works from there on, as in Redis", () => {
  const [, client] = pair();
  client.call("MULTI", "PING", "CLIENT REPLY OFF", "PING");
  assert.equal(client.call("EXEC", "PING"), "*3~+PONG~");
  assert.equal(client.call("MULTI", "PING", "CLIENT REPLY ON", "PING", "EXEC"), "+OK~+PONG~");
  client.call("MULTI", "CLIENT REPLY SKIP", "PING");
  assert.equal(client.call("EXEC", "ECHO a", "ECHO b"), "*2~+PONG~$1~b~");
  assert.equal(
    client.call("MULTI", "CLIENT REPLY SKIP", "PING", "EXEC"),
    "+OK~+QUEUED~+QUEUED~*2~+PONG~",
  );
});

test("commands count when they run", () => {
  const [server, client] = pair();
  const { stats } = server.core.engine;
  const start = stats.totalCommands;
  client.call("MULTI", "PING", "PING", "NOSUCH");
  assert.equal(stats.totalCommands - start, 1);
  client.call("DISCARD", "MULTI", "PING", "PING", "EXEC");
  assert.equal(stats.totalCommands - start, 1 + 1 + 1 + 2 + 1);
  assert.match(client.call("INFO commandstats"), /cmdstat_ping:calls=2,/);
});

test("without memory nothing is queued, and EXEC runs what needs none", () => {
  const [, client, other] = pair();
  const refusal = "-OOM command not allowed when used memory > 'maxmemory'.~";
  other.call("SET k v", "CONFIG SET maxmemory 1 maxmemory-policy noeviction");
  assert.equal(
    client.call("MULTI", "PING", "EXEC", "GET k"),
    [
      ...["+OK~", refusal, "-EXECABORT Transaction discarded because of previous errors.~$1~v~"],
    ].join(""),
  );
  assert.equal(client.call("MULTI", "DISCARD"), "+OK~+OK~");
  other.call("CONFIG SET maxmemory 0");
  client.call("MULTI", "GET k");
  other.call("CONFIG SET maxmemory 1");
  assert.equal(client.call("EXEC"), "*1~$1~v~");
  other.call("CONFIG SET maxmemory 0");
  client.call("MULTI", "GET k", "SET k w");
  other.call("CONFIG SET maxmemory 1");
  assert.equal(
    client.call("EXEC", "EXEC"),
    `-EXECABORT Transaction discarded because of: ${refusal.slice(1)}-ERR EXEC without MULTI~`,
  );
  assert.equal(client.call("GET k"), "$1~v~");
});

test("a connection that is killed by its own transaction runs it to the end", () => {
  const [server, client, other] = pair();
  client.call("MULTI", "SET k 1", "CLIENT KILL ID 1 SKIPME no", "SET k 2", "EXEC");
  assert.equal(client.isOver, true);
  assert.equal(other.call("GET k"), "$1~2~");
  assert.equal(server.core.clients.count, 1);
});

test("CONFIG REWRITE, which takes its time, is refused where every reply must be there", () => {
  const [, client] = pair();
  client.call("MULTI", "CONFIG REWRITE", "PING");
  assert.equal(
    client.call("EXEC"),
    "*2~-ERR CONFIG REWRITE is not allowed in a transaction~+PONG~",
  );
});

test("errors inside of a transaction are counted once, as those of their commands", () => {
  const [, client] = pair();
  client.call("SET s x", "MULTI", "INCR s", "LPUSH s 1", "EXEC", "EXEC");
  const stats = client.call("INFO commandstats errorstats");
  assert.match(stats, /cmdstat_incr:calls=1,.*?failed_calls=1~/);
  assert.match(stats, /cmdstat_exec:calls=2,.*?failed_calls=1~/);
  assert.match(stats, /errorstat_ERR:count=2~/);
  assert.match(stats, /errorstat_WRONGTYPE:count=1~/);
});

test("values of megabytes are queued, whether they come at once or in pieces", () => {
  const [, client] = pair();
  const value = "v".repeat(3_000_000);
  client.send("MULTI", `SET a ${value}`, "GET a", `APPEND a ${value}`, "EXEC");
  const frames = client.take();
  assert.equal(frames, `+OK~+QUEUED~+QUEUED~+QUEUED~*3~+OK~$3000000~${value}~:6000000~`);
  const bytes = Buffer.concat([
    ...["MULTI", `SET b ${value}`, "STRLEN b", "EXEC"].map((line) =>
      encodeCommand(line.split(" "))
    ),
  ]);
  for (let at = 0; at < bytes.length; at += 700_001) {
    client.sendBytes(bytes.subarray(at, at + 700_001));
  }
  assert.equal(client.call("PING"), "+OK~+QUEUED~+QUEUED~*2~+OK~:3000000~+PONG~");
});

test("in a full store a transaction pushes out other keys, not those that it just set", () => {
  const [server, client] = pair();
  const { stats } = server.core.engine;
  for (let i = 0; stats.evictedKeys === 0; i++) {
    client.call(...Array.from({ length: 1000 }, (_, k) => `SET old:${i}:${k} ${"v".repeat(2000)}`));
  }
  const names = Array.from({ length: 200 }, (_, i) => `new:${i}`);
  const evicted = stats.evictedKeys;
  client.call("MULTI", ...names.map((name) => `SET ${name} ${"w".repeat(2000)}`));
  client.call(`EXISTS ${names.join(" ")}`);
  assert.equal(client.call("EXEC"), `*201~${"+OK~".repeat(200)}:200~`);
  assert.ok(stats.evictedKeys > evicted);
});
