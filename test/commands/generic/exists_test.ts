import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

test("EXISTS counts every mention of a key that is there", () => {
  const { run } = createRunner();
  run("SET a 1");
  assert.equal(run("EXISTS a"), 1);
  assert.equal(run("EXISTS a nokey a"), 2);
  assert.equal(run("EXISTS nokey"), 0);
});

test("EXISTS counts hits and misses", () => {
  const { run, engine } = createRunner();
  run("SET a 1");
  engine.stats.reset();
  run("EXISTS a a nokey");
  assert.deepEqual([engine.stats.keyspaceHits, engine.stats.keyspaceMisses], [2, 1]);
});

test("EXISTS and TYPE are no access, TOUCH is one", () => {
  const runner = createRunner();
  runner.run("SET a 1");
  runner.nowMs += 10_000;
  runner.run("EXISTS a");
  runner.run("TYPE a");
  assert.equal(runner.run("OBJECT IDLETIME a"), 10);
  assert.equal(runner.run("TOUCH a nokey a"), 2);
  assert.equal(runner.run("OBJECT IDLETIME a"), 0);
});

test("TOUCH touches under CLIENT NO-TOUCH, as nothing else does", () => {
  const runner = createRunner();
  runner.session.noTouch = true;
  runner.run("SET a 1");
  runner.nowMs += 10_000;
  runner.run("GET a");
  assert.equal(runner.run("OBJECT IDLETIME a"), 10);
  assert.equal(runner.run("TOUCH a"), 1);
  assert.equal(runner.run("OBJECT IDLETIME a"), 0);
});

test("TYPE names the type, or none", () => {
  const runner = createRunner();
  runner.run("SET a 1 PX 50");
  assert.equal(runner.run("TYPE a"), "+string");
  assert.equal(runner.run("TYPE nokey"), "+none");
  runner.nowMs += 50;
  assert.equal(runner.run("TYPE a"), "+none");
});
