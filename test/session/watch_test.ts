/** What makes EXEC do nothing: every way in which a watched key changes, and those in which it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, Server } from "./blocking_harness.ts";

const OVER = `PXAT ${1_700_000_000_000 - 1}`;

interface Scene {
  readonly server: Server;
  readonly watching: Client;
  readonly other: Client;
}

/** @param before what happens before the key k is watched */
function scene(...before: string[]): Scene {
  const server = new Server();
  const [watching, other] = [server.connect(), server.connect()];
  other.call("DEBUG SET-ACTIVE-EXPIRE 0", ...before);
  assert.equal(watching.call("WATCH k", "MULTI", "PING"), "+OK~+OK~+QUEUED~");
  return { server, watching, other };
}

function assertDone(watching: Client, about: string): void {
  assert.equal(watching.call("EXEC"), "*1~+PONG~", about);
}

function assertUndone(watching: Client, about: string): void {
  assert.equal(watching.call("EXEC", "PING"), "*-1~+PONG~", about);
}

const CHANGES: readonly (readonly [before: string, change: string])[] = [
  ["PING", "SET k v"],
  ["SET k v", "SET k v"],
  ["SET k v", "DEL k"],
  ["SET k v", "UNLINK k"],
  ["SET k v", "EXPIRE k 100"],
  ["SET k v EX 100", "PERSIST k"],
  ["SET k v", "EXPIRE k -1"],
  ["SET k v", "RENAME k other"],
  ["SET other v", "RENAME other k"],
  ["SET other v", "COPY other k"],
  ["SET k v", "MOVE k 1"],
  ["SET k 1", "INCR k"],
  ["RPUSH k a", "LPOP k"],
  ["SET k v", "FLUSHDB"],
  ["SET k v", "FLUSHALL ASYNC"],
  ["SET k v", "SWAPDB 0 1"],
  ["PING", "MULTI~SET k v~EXEC"],
  [`SET k v ${OVER}`, "SET k v"],
  [`SET k v ${OVER}`, "DEL k~SET k v"],
];

test("a change of a watched key", () => {
  for (const [before, change] of CHANGES) {
    const { watching, other } = scene(before);
    other.call(...change.split("~"));
    assertUndone(watching, `${before}, ${change}`);
  }
});

const NO_CHANGES: readonly (readonly [before: string, change: string])[] = [
  ["SET k v", "GET k"],
  ["PING", "SET other v"],
  ["PING", "DEL k"],
  ["SET k v", "SETNX k w"],
  ["PING", "RPUSHX k a"],
  ["PING", "FLUSHDB"],
  ["SET other v", "FLUSHALL"],
  ["PING", "SWAPDB 0 1"],
  ["SET k v", "SWAPDB 0 0"],
  ["SET k v", "SWAPDB 2 1"],
  ["SET k v", "SELECT 1~SET k v~DEL k~FLUSHDB"],
  [`SET k v ${OVER}`, "GET k"],
  [`SET k v ${OVER}`, "DEL k"],
  [`SET k v ${OVER}`, "FLUSHDB"],
  [`SET k v ${OVER}`, "SWAPDB 0 1"],
  [`SELECT 1~SET k v ${OVER}~SELECT 0`, "SWAPDB 0 1~GET k"],
  [`SELECT 1~SET k v ${OVER}~SELECT 0~SET k v ${OVER}`, "SWAPDB 0 1~GET k"],
];

test("what is no change of it", () => {
  for (const [before, change] of NO_CHANGES) {
    const { watching, other } = scene(...before.split("~"));
    other.call(...change.split("~"));
    assertDone(watching, `${before}, ${change}`);
  }
});

test("an expired key that was removed unchanged is watched on", () => {
  const { watching, other } = scene(`SET k v ${OVER}`);
  assert.equal(other.call("GET k", "SET k v"), "$-1~+OK~");
  assertUndone(watching, "a new value");
});

test("a key that expires while it is watched, whether anybody noticed or not", () => {
  for (const look of ["PING", "GET k"]) {
    const { server, watching, other } = scene("SET k v PX 100");
    server.pass(101);
    other.call(look);
    assertUndone(watching, look);
  }
});

test("active expiry, eviction and purges are changes", () => {
  const expiring = scene("SET k v PX 100", "DEBUG SET-ACTIVE-EXPIRE 1");
  expiring.server.pass(101);
  while (expiring.server.core.engine.runSlice());
  assert.equal(expiring.server.core.engine.stats.expiredKeys, 1);
  assertUndone(expiring.watching, "active expiry");

  const evicting = scene("SET k v");
  assert.equal(evicting.server.core.engine.evictor.evictOne(), true);
  assertUndone(evicting.watching, "eviction");

  const purging = scene("SET k v");
  purging.other.send("PURGE PREFIX k");
  purging.server.turn();
  while (purging.server.core.engine.runSlice());
  assertUndone(purging.watching, "purge");
});

test("changes of one's own count, before MULTI and not inside of it", () => {
  const server = new Server();
  const client = server.connect();
  assert.equal(client.call("WATCH k", "SET k 1", "MULTI", "PING", "EXEC").slice(-5), "~*-1~");
  assert.equal(
    client.call("WATCH k", "MULTI", "SET k 2", "SET k 3", "EXEC").slice(-12),
    "~*2~+OK~+OK~",
  );
});

test("EXEC, DISCARD, UNWATCH and RESET end the watch, an error in the queue does not save it", () => {
  for (const end of ["MULTI~EXEC", "MULTI~DISCARD", "UNWATCH", "RESET", "MULTI~NOSUCH~EXEC"]) {
    const server = new Server();
    const [client, other] = [server.connect(), server.connect()];
    client.call("WATCH k");
    other.call("SET k 1");
    client.call(...end.split("~"));
    assert.equal(server.core.engine.keyspace.changes.isHeard, false, end);
    assert.equal(client.call("MULTI", "PING", "EXEC"), "+OK~+QUEUED~*1~+PONG~", end);
  }
  const { watching, other } = scene();
  other.call("SET k 1");
  assert.equal(
    watching.call("NOSUCH", "EXEC").split("~")[1],
    "-EXECABORT Transaction discarded because of previous errors.",
  );
});

test("watching more does not make a dirty watch clean", () => {
  const server = new Server();
  const [client, other] = [server.connect(), server.connect()];
  client.call("WATCH k");
  other.call("SET k 1");
  assert.equal(client.call("WATCH m", "MULTI", "PING", "EXEC"), "+OK~+OK~+QUEUED~*-1~");
});

test("a key of the same name in another database is another key", () => {
  const server = new Server();
  const [client, other] = [server.connect(), server.connect()];
  client.call("SELECT 1", "WATCH k", "SELECT 0", "WATCH k x");
  other.call("SELECT 2", "SET k v");
  assert.equal(client.call("MULTI", "PING", "EXEC"), "+OK~+QUEUED~*1~+PONG~");
  client.call("SELECT 1", "WATCH k", "SELECT 0");
  other.call("SELECT 1", "SET k v");
  assert.equal(client.call("MULTI", "PING", "EXEC"), "+OK~+QUEUED~*-1~");
});

test("many watchers of many keys: those of the changed key are told, and nothing is left of them", () => {
  const server = new Server();
  const { changes } = server.core.engine.keyspace;
  const clients = Array.from({ length: 20 }, () => server.connect());
  for (const [i, client] of clients.entries()) {
    const keys = Array.from({ length: 50 }, (_, k) => `key:${(i + k) % 60}`);
    client.call(`WATCH ${keys.join(" ")} ${keys[0]}`, "MULTI", "PING");
  }
  const other = server.connect();
  other.call("SET key:7 v");
  for (const [i, client] of clients.entries()) {
    const watches = Array.from({ length: 50 }, (_, k) => (i + k) % 60).includes(7);
    assert.equal(client.call("EXEC"), watches ? "*-1~" : "*1~+PONG~", `${i}`);
  }
  assert.equal(changes.isHeard, false);
  for (const client of clients) client.call("WATCH a b c");
  for (const client of clients) client.drop();
  assert.equal(changes.isHeard, false);
});
