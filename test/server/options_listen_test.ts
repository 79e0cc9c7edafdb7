import { test } from "node:test";
import assert from "node:assert/strict";
import { listenRequests } from "../../src/server/options_listen.ts";
import { loadGood } from "./options_harness.ts";

test("listenRequests() has the loopback addresses by default, IPv6 if possible", async () => {
  const { options } = await loadGood({});
  assert.deepEqual(listenRequests(options), [
    { address: { kind: "tcp", host: "127.0.0.1", port: 6379 }, isOptional: false },
    { address: { kind: "tcp", host: "::1", port: 6379 }, isOptional: true },
  ]);
});

test("listenRequests() knows * and ::*, and the unix socket", async () => {
  const args = ["--bind", "*", "-::*", "--unixsocket", "/run/c", "--unixsocketperm", "770"];
  const { options } = await loadGood({ args });
  assert.deepEqual(listenRequests(options), [
    { address: { kind: "tcp", host: "0.0.0.0", port: 6379 }, isOptional: false },
    { address: { kind: "tcp", host: "::", port: 6379 }, isOptional: true },
    { address: { kind: "unix", path: "/run/c", mode: 0o770 }, isOptional: false },
  ]);
});

test("listenRequests() leaves TCP out with port 0, and the mode to the umask with 0", async () => {
  const { options } = await loadGood({ args: ["--port", "0", "--unixsocket", "/run/c"] });
  assert.deepEqual(listenRequests(options), [
    { address: { kind: "unix", path: "/run/c" }, isOptional: false },
  ]);
});
