import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

for (const name of ["DEL", "UNLINK"]) {
  test(`${name} removes keys and counts those that were there`, () => {
    const { run } = createRunner();
    run("MSET a 1 b 2 c 3");
    assert.equal(run(`${name} a b nokey`), 2);
    assert.equal(run("EXISTS a b c"), 1);
    assert.equal(run(`${name} a`), 0);
    assert.equal(run("DBSIZE"), 1);
  });

  test(`${name} counts a key that is named twice once`, () => {
    const { run } = createRunner();
    run("SET a 1");
    assert.equal(run(`${name} a a`), 1);
  });

  test(`${name} doesn't count a key whose time has come`, () => {
    const runner = createRunner();
    runner.run("SET a 1 PX 100");
    runner.nowMs += 100;
    assert.equal(runner.run(`${name} a`), 0);
    assert.equal(runner.run("DBSIZE"), 0);
    assert.equal(runner.engine.stats.expiredKeys, 1);
  });

  test(`${name} needs a key`, () => {
    const { run } = createRunner();
    const name2 = name.toLowerCase();
    assert.equal(run(name), `-ERR wrong number of arguments for '${name2}' command`);
  });
}

test("DEL takes long values, empty keys and keys with zero bytes", () => {
  const { run } = createRunner();
  run("SET", "", "x".repeat(100_000));
  run("SET", "a\0b", "y");
  assert.equal(run("DEL", "a"), 0);
  assert.equal(run("DEL", "", "a\0b"), 2);
  assert.equal(run("DBSIZE"), 0);
});
