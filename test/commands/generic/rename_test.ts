import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

test("RENAME gives a key another name, with its value and expiry", () => {
  const { run } = createRunner();
  run("SET a value PX 5000");
  assert.equal(run("RENAME a b"), "+OK");
  assert.equal(run("GET b"), "value");
  assert.equal(run("PTTL b"), 5000);
  assert.equal(run("EXISTS a"), 0);
  assert.equal(run("DBSIZE"), 1);
});

test("RENAME replaces what had the name, its expiry too", () => {
  const { run } = createRunner();
  run("SET a value");
  run("SET b", "x".repeat(100));
  run("EXPIRE b 100");
  assert.equal(run("RENAME a b"), "+OK");
  assert.equal(run("GET b"), "value");
  assert.equal(run("TTL b"), -1);
  assert.equal(run("DBSIZE"), 1);
});

test("values of every kind keep content and encoding under their new name", () => {
  const { run } = createRunner();
  const values = [
    "",
    "12345",
    "-9223372036854775808",
    "short",
    "r".repeat(45),
    "l".repeat(200_000),
  ];
  for (const value of values) {
    for (const old of ["", "7", "e".repeat(40), "o".repeat(100_000)]) {
      run("SET", "a", value);
      run("SET", "b", old);
      const encoding = run("OBJECT ENCODING a");
      assert.equal(run("RENAME a b"), "+OK");
      assert.equal(run("GET b"), value);
      assert.equal(run("OBJECT ENCODING b"), encoding);
    }
  }
});

test("RENAME to the same name does nothing, but the key must be there", () => {
  const { run } = createRunner();
  assert.equal(run("RENAME a a"), "-ERR no such key");
  run("SET a 1 EX 9");
  assert.equal(run("RENAME a a"), "+OK");
  assert.equal(run("GET a"), "1");
  assert.equal(run("TTL a"), 9);
});

test("RENAMENX leaves a name that is taken alone", () => {
  const { run } = createRunner();
  run("MSET a 1 b 2");
  assert.equal(run("RENAMENX a b"), 0);
  assert.deepEqual(run("MGET a b"), ["1", "2"]);
  assert.equal(run("RENAMENX a c"), 1);
  assert.deepEqual(run("MGET a b c"), [null, "2", "1"]);
  assert.equal(run("RENAMENX b b"), 0);
  assert.equal(run("RENAMENX nokey x"), "-ERR no such key");
  assert.equal(run("RENAMENX nokey b"), "-ERR no such key");
});

test("keys whose time has come neither can be renamed nor take a name", () => {
  const runner = createRunner();
  runner.run("SET a 1 PX 10");
  runner.run("SET b 2");
  runner.nowMs += 10;
  assert.equal(runner.run("RENAME a c"), "-ERR no such key");
  runner.run("SET a 1 PX 10");
  runner.nowMs += 10;
  assert.equal(runner.run("RENAMENX b a"), 1);
  assert.equal(runner.run("TTL a"), -1);
});
