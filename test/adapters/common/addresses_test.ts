import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatHostPort,
  isLoopbackHost,
  listenError,
} from "../../../src/adapters/common/addresses.ts";

test("formatHostPort() puts IPv6 in brackets and unwraps mapped IPv4", () => {
  assert.equal(formatHostPort("127.0.0.1", 6379), "127.0.0.1:6379");
  assert.equal(formatHostPort("::1", 6379), "[::1]:6379");
  assert.equal(formatHostPort("::ffff:10.0.0.1", 80), "10.0.0.1:80");
});

test("isLoopbackHost() knows this machine's addresses", () => {
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    assert.equal(isLoopbackHost(host), true, host);
  }
  for (const host of ["10.0.0.1", "::2", "::ffff:10.0.0.1", "0.0.0.0", ""]) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});

test("listenError() names the address, the reason and the cause", () => {
  const cause = Object.assign(new Error("listen"), { code: "EACCES" });
  const error = listenError({ kind: "tcp", host: "0.0.0.0", port: 80 }, cause);
  assert.equal(error.message, "cannot listen on 0.0.0.0:80: permission denied");
  assert.equal(error.cause, cause);
  const unknown = listenError({ kind: "unix", path: "/run/x" }, new Error("no luck"));
  assert.equal(unknown.message, "cannot listen on unix socket /run/x: no luck");
});
