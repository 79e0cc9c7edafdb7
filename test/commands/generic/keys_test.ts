import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";
import type { Runner } from "./runner.ts";

/** The keys that match, in order. */
function keys({ run }: Runner, pattern: string): string[] {
  return (run("KEYS", pattern) as string[]).sort();
}

test("KEYS answers the keys that match a glob pattern", () => {
  const runner = createRunner();
  runner.run("MSET hello 1 hallo 2 hxllo 3 world 4 h*llo 5");
  assert.deepEqual(keys(runner, "h?llo"), ["h*llo", "hallo", "hello", "hxllo"]);
  assert.deepEqual(keys(runner, "h[ae]llo"), ["hallo", "hello"]);
  assert.deepEqual(keys(runner, "h\\*llo"), ["h*llo"]);
  assert.deepEqual(keys(runner, "world"), ["world"]);
  assert.deepEqual(keys(runner, "*o*"), ["h*llo", "hallo", "hello", "hxllo", "world"]);
  assert.deepEqual(keys(runner, "nokey"), []);
});

test("the pattern * takes everything, the empty key too; ** does not", () => {
  const runner = createRunner();
  runner.run("SET", "", "1");
  runner.run("SET b 2");
  assert.deepEqual(keys(runner, "*"), ["", "b"]);
  assert.deepEqual(keys(runner, "**"), ["b"]);
  assert.deepEqual(keys(runner, ""), [""]);
});

test("KEYS answers every key of a large database once, of its own database only", () => {
  const runner = createRunner();
  const expected: string[] = [];
  for (let i = 0; i < 20_000; i += 100) {
    const words = ["MSET"];
    for (let k = i; k < i + 100; k++) {
      words.push(`key:${k}`, "v");
      expected.push(`key:${k}`);
    }
    runner.run(...words);
  }
  runner.session.dbIndex = 1;
  runner.run("SET other 1");
  assert.deepEqual(keys(runner, "*"), ["other"]);
  runner.session.dbIndex = 0;
  assert.deepEqual(keys(runner, "*"), expected.sort());
  assert.deepEqual(keys(runner, "key:1999?"), expected.filter((key) => /^key:1999.$/.test(key)));
});

test("KEYS leaves out keys whose time has come, and counts no hits", () => {
  const runner = createRunner();
  runner.run("SET a 1 PX 10");
  runner.run("SET b 2");
  runner.nowMs += 10;
  runner.engine.stats.reset();
  assert.deepEqual(keys(runner, "*"), ["b"]);
  assert.equal(runner.engine.stats.keyspaceHits, 0);
});

test("RANDOMKEY picks any live key, and answers null when there is none", () => {
  const runner = createRunner();
  assert.equal(runner.run("RANDOMKEY"), null);
  runner.run("MSET a 1 b 2 c 3");
  runner.run("SET d 4 PX 10");
  runner.nowMs += 10;
  const seen = new Set<unknown>();
  for (let i = 0; i < 200; i++) seen.add(runner.run("RANDOMKEY"));
  assert.deepEqual([...seen].sort(), ["a", "b", "c"]);
  runner.run("DEL a b c");
  assert.equal(runner.run("RANDOMKEY"), null);
});

test("KEYS answers the same with an ordered index", () => {
  const plain = createRunner();
  const ordered = createRunner({ keyIndex: "radix" });
  const names = ["", "a", "ab", "abc", "a*c", "a\\c", "a[c", "b", "a\0", "\xff\xfe", "\xff", "aab"];
  for (const name of names) {
    plain.run("SET", name, "1");
    ordered.run("SET", name, "1");
  }
  plain.run("SET ax 1 PX 10");
  ordered.run("SET ax 1 PX 10");
  const patterns = [
    "*",
    "**",
    "",
    "a",
    "a*",
    "ab*",
    "a?",
    "a\\*c",
    "a\\*",
    "a[b*]c",
    "\xff*",
    "\0*",
    "b*",
    "c*",
  ];
  for (const wait of [0, 10]) {
    plain.nowMs += wait;
    ordered.nowMs += wait;
    for (const pattern of [...patterns, "a\0*", "a[", "a\\", "a*b", "?b*"]) {
      assert.deepEqual(keys(ordered, pattern), keys(plain, pattern), pattern);
    }
  }
});
