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

// By prefix, with an ordered index.

test("with an ordered index a prefix is scanned in order, at the cost of what it has", () => {
  const runner = createRunner({ keyIndex: "radix" });
  fill(runner, 0, 3000);
  runner.run("MSET user:1 v user:2 v user:3 v user v");
  assert.deepEqual(runner.run("SCAN 0 MATCH user:*"), ["0", ["user:1", "user:2", "user:3"]]);
  assert.deepEqual(runner.run("SCAN 0 MATCH user:?3"), ["0", []]);
  assert.deepEqual(runner.run("SCAN 0 MATCH user"), ["0", ["user"]]);
  for (const count of [1, 7, 1000]) {
    const { found, calls } = scanAll(runner, ["MATCH", "key:1*", "COUNT", String(count)]);
    assert.equal(found.length, 1111);
    assert.deepEqual(found, found.toSorted());
    assert.equal(calls, Math.ceil(1111 / count), `COUNT ${count}`);
  }
  const all = scanAll(runner, ["MATCH", "*3"]);
  assert.equal(all.found.length, 301, "a pattern without a prefix goes by the hash index");
});

test("with an ordered index keys that stay are answered whatever else happens", () => {
  const runner = createRunner({ keyIndex: "radix" });
  const names = fill(runner, 0, 1000);
  const { found } = scanAll(runner, ["MATCH", "key:*", "COUNT", "20"], (call) => {
    if (call < 25) fill(runner, call * 1000 + 2000, call * 1000 + 2100);
    else if (call < 40) {
      for (let i = 0; i < 100; i++) runner.run("DEL", `key:${(call - 24) * 1000 + 2000 + i}`);
    }
  });
  assert.equal(new Set(found).size, found.length, "none twice");
  const seen = new Set(found);
  assert.deepEqual(names.filter((name) => !seen.has(name)), []);
});

test("what a scan answered may be removed before the next call", () => {
  const runner = createRunner({ keyIndex: "radix" });
  fill(runner, 0, 500);
  let cursor = "0", removed = 0;
  do {
    const [next, keys] = runner.run("SCAN", cursor, "MATCH", "key:*") as [string, string[]];
    if (keys.length > 0) runner.run("DEL", ...keys);
    removed += keys.length;
    cursor = next;
  } while (cursor !== "0");
  assert.equal(removed, 500);
});

test("a cursor may be used again, and with another pattern all keys are scanned", () => {
  const runner = createRunner({ keyIndex: "radix" });
  const names = fill(runner, 0, 200);
  const [cursor] = runner.run("SCAN 0 MATCH key:1*") as [string, string[]];
  assert.ok(BigInt(cursor) < 2n ** 53n, "clients may read it as a double");
  const [, first] = runner.run("SCAN", cursor, "MATCH", "key:1*") as [string, string[]];
  const [, again] = runner.run("SCAN", cursor, "MATCH", "key:1*") as [string, string[]];
  assert.deepEqual(again, first);
  for (const pattern of ["key:*", "*", "key:1?"]) {
    let next = cursor;
    const found = new Set<string>();
    do {
      const reply = runner.run("SCAN", next, "MATCH", pattern) as [string, string[]];
      reply[1].forEach((key) => found.add(key));
      [next] = reply;
    } while (next !== "0");
    if (pattern !== "key:1?") assert.equal(found.size, names.length, pattern);
    else assert.ok(found.size >= 9, "what is behind the cursor");
  }
});

test("a cursor that is not known any more still comes to an end, with every key", () => {
  const runner = createRunner({ keyIndex: "radix" });
  const names = fill(runner, 0, 500);
  const [cursor, first] = runner.run("SCAN 0 MATCH key:* COUNT 5") as [string, string[]];
  for (let i = 0; i < 1100; i++) runner.run("SCAN 0 MATCH key:1*");
  const found = new Set(first);
  let next = cursor, calls = 0;
  do {
    const reply = runner.run("SCAN", next, "MATCH", "key:*") as [string, string[]];
    reply[1].forEach((key) => found.add(key));
    [next] = reply;
    assert.ok(++calls < 1000);
  } while (next !== "0");
  assert.equal(found.size, names.length);
  assert.ok(runner.engine.scanCursors.sizeBytes < 1024 * 1024);
});
