// What URLs and options of connect() mean, and which are refused.

import { test } from "node:test";
import assert from "node:assert/strict";
import { type ConnectOptions, readTarget } from "../../src/client/connect_options.ts";

function connection(given: string | ConnectOptions): Record<string, unknown> {
  const target = readTarget(given);
  assert.ok(target.kind === "connection");
  const known = Object.entries(target.options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known);
}

const LOCAL = { kind: "tcp", host: "127.0.0.1", port: 6379, tls: undefined };

test("a URL of redis:// says host, port, user, password and database", () => {
  assert.deepEqual(connection({}), { address: LOCAL, protocol: "resp3" });
  assert.deepEqual(connection("redis://localhost"), {
    address: { ...LOCAL, host: "localhost" },
    protocol: "resp3",
  });
  assert.deepEqual(connection("redis://ada:p%40ss@cache.example:7000/3"), {
    address: { ...LOCAL, host: "cache.example", port: 7000 },
    protocol: "resp3",
    user: "ada",
    password: "p@ss",
    database: 3,
  });
  assert.deepEqual(connection("redis://:secret@[::1]:7000/"), {
    address: { ...LOCAL, host: "::1", port: 7000 },
    protocol: "resp3",
    password: "secret",
  });
});

test("rediss:// speaks TLS, unix: names a socket", () => {
  assert.deepEqual(connection("rediss://h").address, { ...LOCAL, host: "h", tls: {} });
  const tls = { serverName: "other" };
  assert.deepEqual(connection({ url: "rediss://h", tls }).address, { ...LOCAL, host: "h", tls });
  assert.deepEqual(connection("unix:/run/c%20c.sock?db=2"), {
    address: { kind: "unix", path: "/run/c c.sock" },
    protocol: "resp3",
    database: 2,
  });
  assert.deepEqual(connection({ path: "/run/c.sock" }).address, {
    kind: "unix",
    path: "/run/c.sock",
  });
});

test("where a server listens is where one connects to", () => {
  const tcp = readTarget({ kind: "tcp", host: "::1", port: 5, isTls: true });
  assert.ok(tcp.kind === "connection");
  assert.deepEqual(tcp.options.address, { kind: "tcp", host: "::1", port: 5, tls: {} });
  const unix = readTarget({ kind: "unix", path: "/p", mode: 0o600 });
  assert.ok(unix.kind === "connection");
  assert.deepEqual(unix.options.address, { kind: "unix", path: "/p" });
});

test("options win over the URL, and what is undefined is not said", () => {
  const options = { url: "redis://a:b@h:1/2", port: 9, database: undefined, protocol: "binary" };
  assert.deepEqual(connection(options as ConnectOptions), {
    address: { ...LOCAL, host: "h", port: 9 },
    protocol: "binary",
    user: "a",
    password: "b",
    database: 2,
  });
  const target = readTarget("redis://h:1", { port: 2, protocol: "binary" });
  assert.ok(target.kind === "connection" && target.options.protocol === "binary");
  assert.deepEqual(target.options.address, { ...LOCAL, host: "h", port: 2 });
  assert.deepEqual(connection({ timeoutMs: 5, reconnect: false, name: "n" }), {
    address: LOCAL,
    protocol: "resp3",
    commandTimeoutMs: 5,
    reconnect: false,
    name: "n",
  });
});

function http(given: string | ConnectOptions): { url: string; authorization: string } {
  const target = readTarget(given);
  assert.ok(target.kind === "http");
  const { url, authorization } = target.options;
  return { url, authorization };
}

test("a URL of http:// or https:// holds a token, or a name and a password", () => {
  assert.deepEqual(http("https://host/"), { url: "https://host", authorization: "" });
  assert.deepEqual(http("https://secret@host:8079/cache/?x=1"), {
    url: "https://host:8079/cache",
    authorization: "Bearer secret",
  });
  assert.deepEqual(http("http://:secret@host").authorization, "Bearer secret");
  assert.deepEqual(http({ url: "http://host", token: "t" }).authorization, "Bearer t");
  assert.deepEqual(http("http://ada:p%C3%A4ss@host").authorization, `Basic ${btoa("ada:pÃ¤ss")}`);
});

test("what is wrong or of no use is refused, by its name", () => {
  const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    [5, TypeError, /expected a URL or options, got number/],
    ["localhost", TypeError, /"localhost" is no URL: use redis:/],
    ["redis//:secret@host", TypeError, /^(?!.*secret)/],
    ["ftp://host", TypeError, /ftp:.* of no known kind/],
    ["redis://host/abc", TypeError, /the database must be a number, got "abc"/],
    [{ hots: "h" }, TypeError, /unknown option hots: there are url, host, port/],
    [{ host: 5 }, RangeError, /host must be a string, got 5/],
    [{ port: 70000 }, RangeError, /port must be a port from 1 to 65535, got 70000/],
    [{ protocol: "http" }, TypeError, /protocol must be "resp" or "binary", got "http"/],
    [{ timeoutMs: -1 }, RangeError, /timeoutMs must be a whole number, 0 or more, got -1/],
    [{ onConnect: {} }, TypeError, /onConnect must be a function, got an object/],
    [{ token: "t" }, TypeError, /token needs a URL of http/],
    [{ url: "http://h", database: 1 }, TypeError, /database is of no use over HTTP/],
    [{ path: "/p", tls: true }, TypeError, /tls is of no use for a Unix socket/],
  ];
  for (const [given, type, message] of wrong) {
    assert.throws(() => readTarget(given as string), (error) => {
      assert.ok(error instanceof type, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});
