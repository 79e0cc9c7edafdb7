import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner, START_MS } from "./runner.ts";

const ALL = ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"];

test("an absent key is answered -2, one without expiry -1", () => {
  const { run } = createRunner();
  run("SET a 1");
  for (const name of ALL) {
    assert.equal(run(`${name} nokey`), -2);
    assert.equal(run(`${name} a`), -1);
  }
});

test("PTTL and PEXPIRETIME tell milliseconds", () => {
  const runner = createRunner();
  runner.run("SET a 1 PX 2500");
  runner.nowMs += 400;
  assert.equal(runner.run("PTTL a"), 2100);
  assert.equal(runner.run("PEXPIRETIME a"), START_MS + 2500);
});

test("TTL and EXPIRETIME tell the nearest second", () => {
  const { run } = createRunner();
  const seconds = START_MS / 1000;
  for (const [ms, rounded] of [[1499, 1], [1500, 2], [499, 0], [500, 1]]) {
    run(`SET a 1 PX ${ms}`);
    assert.equal(run("TTL a"), rounded);
    assert.equal(run("EXPIRETIME a"), seconds + rounded);
  }
});

test("a key whose time has come is answered -2 and is gone", () => {
  for (const name of ALL) {
    const runner = createRunner();
    runner.run("SET a 1 PX 100");
    runner.nowMs += 100;
    assert.equal(runner.run(`${name} a`), -2);
    assert.equal(runner.run("DBSIZE"), 0);
  }
});

test("asking counts as hit or miss, and is no access", () => {
  const runner = createRunner();
  runner.run("SET a 1 EX 1000");
  const { stats } = runner.engine;
  stats.reset();
  runner.nowMs += 7000;
  for (const name of ALL) {
    runner.run(`${name} a`);
    runner.run(`${name} nokey`);
  }
  assert.deepEqual([stats.keyspaceHits, stats.keyspaceMisses], [4, 4]);
  assert.equal(runner.run("OBJECT IDLETIME a"), 7);
});

test("PERSIST takes the expiry off", () => {
  const runner = createRunner();
  runner.run("SET a value EX 10");
  assert.equal(runner.run("PERSIST a"), 1);
  assert.equal(runner.run("PERSIST a"), 0);
  assert.equal(runner.run("PERSIST nokey"), 0);
  runner.nowMs += 20_000;
  assert.equal(runner.run("GET a"), "value");
});
