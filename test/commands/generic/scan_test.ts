import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";
import type { Runner } from "./runner.ts";

const INVALID_CURSOR = "-ERR invalid cursor";
const SYNTAX_ERROR = "-ERR syntax error";

/** All that a whole iteration answers. @param between called between two calls */
function scanAll(runner: Runner, options: string[], between: (call: number) => void = () => {}) {
  const found: string[] = [];
  let cursor = "0", calls = 0;
  do {
    const reply = runner.run("SCAN", cursor, ...options) as [string, string[]];
    [cursor] = reply;
    found.push(...reply[1]);
    between(++calls);
    assert.ok(calls < 10_000, "it comes to an end");
  } while (cursor !== "0");
  return { found, calls };
}

function fill(runner: Runner, from: number, to: number): string[] {
  const names: string[] = [];
  for (let i = from; i < to; i += 100) {
    const words = ["MSET"];
    for (let k = i; k < Math.min(i + 100, to); k++) {
      words.push(`key:${k}`, "v");
      names.push(`key:${k}`);
    }
    runner.run(...words);
  }
  return names;
}

test("an empty database is scanned at once", () => {
  const { run } = createRunner();
  assert.deepEqual(run("SCAN 0"), ["0", []]);
});

test("a whole iteration answers every key, about COUNT at a time", () => {
  const runner = createRunner();
  const names = fill(runner, 0, 3000).sort();
  for (const count of [1, 10, 7, 1000]) {
    const { found, calls } = scanAll(runner, ["COUNT", String(count)]);
    assert.deepEqual([...new Set(found)].sort(), names, `COUNT ${count}`);
    assert.equal(found.length, names.length, `COUNT ${count}: nothing twice`);
    assert.ok(calls >= 3000 / (count + 64), `COUNT ${count}: ${calls} calls`);
  }
  const { calls } = scanAll(runner, ["COUNT", "9223372036854775807"]);
  assert.equal(calls, 1);
});

test("keys that are there all the time are answered while the database grows and shrinks", () => {
  const runner = createRunner();
  const names = fill(runner, 0, 2000);
  const { found } = scanAll(runner, ["COUNT", "20"], (call) => {
    if (call < 25) fill(runner, call * 1000 + 2000, call * 1000 + 3000);
    else if (call < 40) {
      for (let i = 0; i < 100; i++) runner.run("DEL", `key:${call * 500 + 2000 + i}`);
    }
  });
  const seen = new Set(found);
  assert.deepEqual(names.filter((name) => !seen.has(name)), []);
});

test("MATCH takes keys that match, and * takes all", () => {
  const runner = createRunner();
  runner.run("SET", "", "1");
  fill(runner, 0, 200);
  const matching = scanAll(runner, ["MATCH", "key:1?"]).found.sort();
  assert.deepEqual(matching, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((i) => `key:${i}`));
  assert.equal(scanAll(runner, ["match", "*"]).found.length, 201);
  assert.equal(scanAll(runner, ["MATCH", "key:1?", "MATCH", "key:*"]).found.length, 200);
});

test("TYPE takes keys of that type, in any case; none is of an unknown type", () => {
  const runner = createRunner();
  fill(runner, 0, 50);
  assert.equal(scanAll(runner, ["TYPE", "StrinG"]).found.length, 50);
  assert.equal(scanAll(runner, ["TYPE", "list"]).found.length, 0);
  assert.equal(scanAll(runner, ["TYPE", "nonsense"]).found.length, 0);
});

test("keys whose time has come are left out", () => {
  const runner = createRunner();
  runner.run("SET a 1 PX 10");
  runner.run("SET b 1");
  runner.nowMs += 10;
  assert.deepEqual(runner.run("SCAN 0"), ["0", ["b"]]);
});

test("a cursor is an unsigned 64-bit integer", () => {
  const { run } = createRunner();
  run("SET a 1");
  for (const cursor of ["x", "0x10", " 0", "0 ", "1.0", "-", "+", "18446744073709551616"]) {
    assert.equal(run("SCAN", cursor), INVALID_CURSOR, cursor);
  }
  const long = "1".repeat(100_000);
  assert.equal(run("SCAN", long), INVALID_CURSOR);
  assert.equal(run("SCAN", "-18446744073709551616"), INVALID_CURSOR);
  for (const cursor of ["", "0", "+0", "-0", "000", "0\0x"]) {
    assert.deepEqual(run("SCAN", cursor), ["0", ["a"]], cursor);
  }
  for (const cursor of ["18446744073709551615", "-1", "9007199254740992", "123456789012345"]) {
    const [next, keys] = run("SCAN", cursor) as [string, string[]];
    assert.match(next, /^\d+$/);
    assert.ok(keys.length <= 1);
  }
});

test("the cursor is checked first, then the options in their order", () => {
  const { run } = createRunner();
  assert.equal(run("SCAN x COUNT 0"), INVALID_CURSOR);
  assert.equal(run("SCAN 0 COUNT 0"), SYNTAX_ERROR);
  assert.equal(run("SCAN 0 COUNT -1"), SYNTAX_ERROR);
  assert.equal(run("SCAN 0 COUNT x foo"), "-ERR value is not an integer or out of range");
  for (const tail of ["COUNT", "MATCH", "TYPE", "foo", "foo bar", "COUNT 1 MATCH"]) {
    assert.equal(run(`SCAN 0 ${tail}`), SYNTAX_ERROR, tail);
  }
});
