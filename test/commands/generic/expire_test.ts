import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner, START_MS } from "./runner.ts";

const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const NX_EXCLUDES = "-ERR NX and XX, GT or LT options at the same time are not compatible";
const GT_EXCLUDES_LT = "-ERR GT and LT options at the same time are not compatible";

test("the four commands set the moment at which a key goes", () => {
  const { run } = createRunner();
  run("SET a 1");
  assert.equal(run("EXPIRE a 10"), 1);
  assert.equal(run("PEXPIRETIME a"), START_MS + 10_000);
  assert.equal(run("PEXPIRE a 1234"), 1);
  assert.equal(run("PEXPIRETIME a"), START_MS + 1234);
  assert.equal(run("EXPIREAT a 1700000100"), 1);
  assert.equal(run("PEXPIRETIME a"), 1_700_000_100_000);
  assert.equal(run("PEXPIREAT a 1700000100001"), 1);
  assert.equal(run("PEXPIRETIME a"), 1_700_000_100_001);
  assert.equal(run("GET a"), "1");
});

test("a key goes when its time has come, and not before", () => {
  const runner = createRunner();
  runner.run("SET a value");
  runner.run("PEXPIRE a 100");
  runner.nowMs += 99;
  assert.equal(runner.run("GET a"), "value");
  runner.nowMs += 1;
  assert.equal(runner.run("GET a"), null);
});

test("a moment that is now or in the past removes the key", () => {
  const { run } = createRunner();
  const ways = [
    "EXPIRE a 0",
    "EXPIRE a -1",
    "PEXPIRE a 0",
    "PEXPIRE a -9223372036854775808",
    "EXPIREAT a 0",
    "EXPIREAT a 1700000000",
    "PEXPIREAT a -5",
  ];
  for (const way of ways) {
    run("SET a 1");
    assert.equal(run(way), 1, way);
    assert.equal(run("EXISTS a"), 0, way);
  }
});

test("an absent key is answered 0", () => {
  const { run } = createRunner();
  assert.equal(run("EXPIRE nokey 10"), 0);
  assert.equal(run("PEXPIREAT nokey -1"), 0);
});

test("NX, XX, GT and LT decide by the expiry that the key has", () => {
  const { run } = createRunner();
  // Option, span given, and the reply where the key has no expiry, 50 s, 100 s and 200 s left.
  const cases: [option: string, replies: number[]][] = [
    ["NX", [1, 0, 0, 0]],
    ["XX", [0, 1, 1, 1]],
    ["GT", [0, 1, 0, 0]],
    ["LT", [1, 0, 0, 1]],
    ["xx gt", [0, 1, 0, 0]],
    ["XX LT", [0, 0, 0, 1]],
    ["LT LT", [1, 0, 0, 1]],
  ];
  for (const [option, replies] of cases) {
    [0, 50, 100, 200].forEach((seconds, i) => {
      run(seconds === 0 ? "SET a 1" : `SET a 1 EX ${seconds}`);
      assert.equal(run(`EXPIRE a 100 ${option}`), replies[i], `${option} at ${seconds}`);
      const expected = replies[i] === 1 ? 100 : seconds === 0 ? -1 : seconds;
      assert.equal(run("TTL a"), expected, `${option} at ${seconds}`);
    });
  }
});

test("an option that is not met saves a key from a moment in the past", () => {
  const { run } = createRunner();
  run("SET a 1");
  assert.equal(run("EXPIRE a -1 XX"), 0);
  assert.equal(run("EXPIRE a -1 GT"), 0);
  assert.equal(run("EXISTS a"), 1);
  assert.equal(run("EXPIRE a -1 LT"), 1);
  assert.equal(run("EXISTS a"), 0);
});

test("options are checked before the number, the number before the key", () => {
  const { run } = createRunner();
  assert.equal(run("EXPIRE nokey 10 foo"), "-ERR Unsupported option foo");
  assert.equal(run("EXPIRE nokey x foo"), "-ERR Unsupported option foo");
  assert.equal(run("EXPIRE nokey 10 NX GT foo"), "-ERR Unsupported option foo");
  assert.equal(run("EXPIRE", "k", "1", "a\r\nb\0c"), "-ERR Unsupported option a  b");
  assert.equal(run("EXPIRE", "k", "1", "\xc3\xa9\xff"), "-ERR Unsupported option \xc3\xa9\xff");
  for (const other of ["XX", "GT", "LT", "XX GT", "GT LT"]) {
    assert.equal(run(`EXPIRE nokey 10 NX ${other}`), NX_EXCLUDES);
  }
  assert.equal(run("EXPIRE nokey 10 GT LT"), GT_EXCLUDES_LT);
  assert.equal(run("EXPIRE nokey 10 XX GT LT"), GT_EXCLUDES_LT);
  for (const text of ["x", "", "1.5", " 1", "9223372036854775808"]) {
    assert.equal(run("EXPIRE", "nokey", text), NOT_AN_INTEGER, text);
  }
});

test("a moment beyond 64 bits of milliseconds is invalid", () => {
  const { run } = createRunner();
  run("SET a 1");
  const max = "9223372036854775807";
  const invalid: [command: string, values: string[]][] = [
    ["expire", [max, "9223372036854775", "-9223372036854776", "-9223372036854775808"]],
    ["pexpire", [max, "9223370336854775808"]],
    ["expireat", [max, "9223372036854776", "-9223372036854776"]],
  ];
  for (const [command, values] of invalid) {
    for (const value of values) {
      const expected = `-ERR invalid expire time in '${command}' command`;
      assert.equal(run(`${command} a ${value}`), expected, `${command} ${value}`);
    }
  }
  assert.equal(
    run("EXPIRE nokey 9223372036854775"),
    "-ERR invalid expire time in 'expire' command",
  );
  assert.equal(run("TTL a"), -1);
});

test("a moment beyond 2⁵³ milliseconds is held there", () => {
  const { run } = createRunner();
  run("SET a 1");
  const ways = [
    "EXPIREAT a 9223372036854775",
    "EXPIRE a 9007199254740",
    "PEXPIRE a 9223370336854775807",
    "PEXPIREAT a 9223372036854775807",
  ];
  for (const way of ways) {
    run("PERSIST a");
    assert.equal(run(way), 1, way);
    assert.equal(run("PEXPIRETIME a"), Number.MAX_SAFE_INTEGER, way);
  }
});

test("setting an expiry is an access", () => {
  const runner = createRunner();
  runner.run("SET a 1");
  runner.nowMs += 5000;
  runner.run("EXPIRE a 100");
  assert.equal(runner.run("OBJECT IDLETIME a"), 0);
});

test("long values keep their content when they get and lose an expiry", () => {
  const { run } = createRunner();
  const value = "0123456789".repeat(20_000);
  run("SET", "a", value);
  run("EXPIRE a 100");
  assert.equal(run("GET a"), value);
  run("PERSIST a");
  assert.equal(run("GET a"), value);
});
