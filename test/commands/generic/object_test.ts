import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";
import type { MaxmemoryPolicy } from "../../../src/ports/settings.ts";

const NOTE = "Please note that when switching between policies at runtime LRU and LFU data will " +
  "take some time to adjust.";
const NO_FREQUENCY =
  `-ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${NOTE}`;
const NO_IDLE_TIME = `-ERR An LFU maxmemory policy is selected, idle time not tracked. ${NOTE}`;

test("OBJECT ENCODING tells how a string is kept", () => {
  const { run } = createRunner();
  const encodings: [value: string, encoding: string][] = [
    ["0", "int"],
    ["-9223372036854775808", "int"],
    ["9223372036854775808", "embstr"],
    ["01", "embstr"],
    ["", "embstr"],
    ["e".repeat(44), "embstr"],
    ["r".repeat(45), "raw"],
    ["l".repeat(100_000), "raw"],
  ];
  for (const [value, encoding] of encodings) {
    run("SET", "a", value);
    assert.equal(run("OBJECT ENCODING a"), encoding, value.slice(0, 20));
  }
  run("SET a 1");
  run("APPEND a 2");
  assert.equal(run("OBJECT ENCODING a"), "raw");
});

test("OBJECT REFCOUNT is 1: nobody else holds a record", () => {
  const { run } = createRunner();
  run("SET a 5");
  run("COPY a b");
  assert.equal(run("OBJECT REFCOUNT a"), 1);
});

test("OBJECT IDLETIME counts seconds since the last access, and is none itself", () => {
  const runner = createRunner();
  runner.run("SET a 1");
  assert.equal(runner.run("OBJECT IDLETIME a"), 0);
  runner.nowMs += 90_000;
  assert.equal(runner.run("OBJECT IDLETIME a"), 90);
  assert.equal(runner.run("OBJECT IDLETIME a"), 90);
  runner.run("GET a");
  assert.equal(runner.run("OBJECT IDLETIME a"), 0);
});

test("what a policy does not keep is answered with an error, but for an absent key", () => {
  const policies: [MaxmemoryPolicy, boolean][] = [
    ["noeviction", false],
    ["allkeys-lru", false],
    ["volatile-ttl", false],
    ["allkeys-lrfu", false],
    ["allkeys-lfu", true],
    ["volatile-lfu", true],
  ];
  for (const [maxmemoryPolicy, isLfu] of policies) {
    const runner = createRunner({ maxmemoryPolicy });
    runner.run("SET a 1");
    runner.nowMs += 3000;
    const frequency = runner.run("OBJECT FREQ a");
    const idle = runner.run("OBJECT IDLETIME a");
    if (isLfu) assert.ok(Number(frequency) > 0 && Number(frequency) < 256, maxmemoryPolicy);
    else assert.equal(frequency, NO_FREQUENCY, maxmemoryPolicy);
    assert.equal(idle, isLfu ? NO_IDLE_TIME : 3, maxmemoryPolicy);
    assert.equal(runner.run("OBJECT FREQ nokey"), null);
    assert.equal(runner.run("OBJECT IDLETIME nokey"), null);
  }
});

test("OBJECT FREQ grows with accesses", () => {
  const { run } = createRunner({ maxmemoryPolicy: "allkeys-lfu" });
  run("SET a 1");
  const before = Number(run("OBJECT FREQ a"));
  for (let i = 0; i < 100; i++) run("GET a");
  assert.ok(Number(run("OBJECT FREQ a")) > before);
});

test("an absent key is null for every subcommand, and hits and misses are counted", () => {
  const { run, engine } = createRunner();
  run("SET a 1");
  engine.stats.reset();
  for (const name of ["ENCODING", "IDLETIME", "REFCOUNT", "FREQ"]) {
    assert.equal(run(`OBJECT ${name} nokey`), null);
    run(`object ${name} a`);
  }
  assert.deepEqual([engine.stats.keyspaceHits, engine.stats.keyspaceMisses], [4, 4]);
});

test("OBJECT alone, unknown subcommands and wrong arity are refused", () => {
  const { run } = createRunner();
  assert.equal(run("OBJECT"), "-ERR wrong number of arguments for 'object' command");
  assert.equal(run("OBJECT foo"), "-ERR unknown subcommand 'foo'. Try OBJECT HELP.");
  assert.equal(run("OBJECT foo a"), "-ERR unknown subcommand 'foo'. Try OBJECT HELP.");
  assert.equal(run("OBJECT FREQ"), "-ERR wrong number of arguments for 'object|freq' command");
  assert.equal(run("OBJECT HELP x"), "-ERR wrong number of arguments for 'object|help' command");
});

test("OBJECT HELP lists the subcommands", () => {
  const { run } = createRunner();
  const lines = run("OBJECT HELP") as string[];
  assert.equal(lines.length, 15);
  assert.equal(lines[0], "+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  assert.equal(lines[1], "+ENCODING <key>");
  assert.equal(lines[14], "+    Prints this help.");
});
