import assert from "node:assert/strict";
import { test } from "node:test";
import { createSetFixture, sortedBulks } from "./conversation.ts";

const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

function members(prefix: string, from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`).join(" ");
}

test("SINTER, SUNION and SDIFF of every pair of encodings are those of JavaScript's sets", () => {
  const { line, run2, engine } = createSetFixture();
  const sources: Record<string, string[]> = {
    none: [],
    ints: ["1", "2", "3", "-9223372036854775808"],
    manyInts: members("", 3, 700).split(" "),
    words: ["1", "x", "yy", "3"],
    manyWords: [...members("w", 1, 300).split(" "), "x", "3", "699"],
  };
  for (const [key, list] of Object.entries(sources)) {
    if (list.length > 0) line(`sadd ${key} ${list.join(" ")}`);
  }
  const expected: Record<string, (a: string[], b: string[]) => string[]> = {
    sinter: (a, b) => a.filter((each) => b.includes(each)),
    sunion: (a, b) => [...new Set([...a, ...b])],
    sdiff: (a, b) => a.filter((each) => !b.includes(each)),
  };
  for (const [command, compute] of Object.entries(expected)) {
    for (const a of Object.keys(sources)) {
      for (const b of Object.keys(sources)) {
        const result = compute(sources[a], sources[b]).sort();
        const reply = line(`${command} ${a} ${b}`);
        assert.ok(reply.startsWith(`~${result.length}\r\n`), `${command} ${a} ${b}`);
        assert.deepEqual(sortedBulks(reply), result, `${command} ${a} ${b}`);
        assert.equal(line(`${command}store t ${a} ${b}`), `:${result.length}\r\n`);
        assert.equal(line("exists t"), result.length === 0 ? ":0\r\n" : ":1\r\n");
        assert.deepEqual(sortedBulks(line("smembers t")), result);
        engine.keyspace.checkInvariants();
      }
    }
  }
  assert.equal(run2("sinter", "ints", "words"), "*2\r\n$1\r\n1\r\n$1\r\n3\r\n");
});

test("results are stored in the encoding that Redis 7.2 gives them", () => {
  const { line } = createSetFixture();
  const encoding = (): string => line("object encoding t").split("\r\n")[1];
  line("sadd ints 1 2 3");
  line("sadd words a b 1");
  line(`sadd manyInts ${members("", 1, 700)}`);
  line(`sadd manyWords ${members("w", 1, 300)}`);
  line("sadd manyWords a 1");
  line("sinterstore t ints manyInts");
  assert.equal(encoding(), "intset");
  line("sinterstore t words manyWords");
  assert.equal(encoding(), "listpack");
  line(`sadd half ${members("", 1, 600)}`);
  line("sinterstore t half manyInts");
  assert.equal(encoding(), "hashtable");
  line("srem half 513");
  line(`srem half ${members("", 514, 600)}`);
  line("sinterstore t half manyInts");
  assert.equal(encoding(), "intset");
  line("sunionstore t ints words");
  assert.equal(encoding(), "listpack");
  line("sunionstore t ints half");
  assert.equal(encoding(), "intset");
  line("sunionstore t ints manyWords");
  assert.equal(encoding(), "hashtable");
  // One set to take off: asked about each member. Six large ones: all are added, then taken off.
  line("sdiffstore t manyWords words");
  assert.equal(encoding(), "hashtable");
  line("sdiffstore t words manyWords");
  assert.equal(encoding(), "listpack");
  assert.deepEqual(sortedBulks(line("smembers t")), ["b"]);
  for (let i = 0; i < 6; i++) line(`sadd small${i} w${i + 1}`);
  line(`sadd wide ${members("w", 1, 300)}`);
  line(`sadd near ${members("w", 7, 299)}`);
  line("sdiffstore t wide near small0 small1 small2 small3 small4 small5");
  assert.deepEqual(sortedBulks(line("smembers t")), ["w300"]);
  assert.equal(encoding(), "hashtable");
});

test("a destination may be a source, and loses its type and expiry", () => {
  const { line, engine } = createSetFixture();
  line("sadd a 1 2 3");
  line("sadd b 2 3 4");
  line("expire a 100");
  assert.equal(line("sunionstore a a b"), ":4\r\n");
  assert.equal(line("ttl a"), ":-1\r\n");
  assert.equal(line("sinterstore a a b"), ":3\r\n");
  assert.equal(line("sdiffstore a b a"), ":0\r\n");
  assert.equal(line("exists a"), ":0\r\n");
  line("set s x");
  assert.equal(line("sinterstore s b b"), ":3\r\n");
  assert.equal(line("type s"), "+set\r\n");
  line("set s x");
  assert.equal(line("sinterstore s b nothing"), ":0\r\n");
  assert.equal(line("exists s"), ":0\r\n");
  const large = members("w", 1, 1000);
  line(`sadd w ${large}`);
  assert.equal(line("sunionstore w w w"), ":1000\r\n");
  assert.deepEqual(sortedBulks(line("sinter w w")), large.split(" ").sort());
  assert.equal(line("sdiff w w"), "~0\r\n");
  assert.equal(line("sdiff w nothing b w"), "~0\r\n");
  engine.keyspace.checkInvariants();
});

test("wrong types are refused wherever they stand", () => {
  const { line } = createSetFixture();
  line("set x 1");
  line("sadd s a");
  for (const command of ["sinter", "sunion", "sdiff", "sinterstore t", "sunionstore t"]) {
    for (const keys of ["x", "s x", "nothing x", "x nothing"]) {
      assert.equal(line(`${command} ${keys}`), WRONG, `${command} ${keys}`);
    }
  }
  assert.equal(line("sdiffstore t s x"), WRONG);
  assert.equal(line("sintercard 2 s x"), WRONG);
  assert.equal(line("sintercard 2 nothing x"), WRONG);
  assert.equal(line("exists t"), ":0\r\n");
});

test("SINTERCARD counts up to its limit", () => {
  const { line } = createSetFixture();
  line("sadd a 1 2 3 4 x");
  line("sadd b 2 3 4 x y");
  assert.equal(line("sintercard 2 a b"), ":4\r\n");
  assert.equal(line("sintercard 2 a b LIMIT 0"), ":4\r\n");
  assert.equal(line("sintercard 2 a b limit 2"), ":2\r\n");
  assert.equal(line("sintercard 2 a b LIMIT 9 LIMIT 1"), ":1\r\n");
  assert.equal(line("sintercard 1 a"), ":5\r\n");
  assert.equal(line("sintercard 3 a b nothing"), ":0\r\n");
  const numkeys = "-ERR numkeys should be greater than 0\r\n";
  assert.equal(line("sintercard 0 a"), numkeys);
  assert.equal(line("sintercard -1 a"), numkeys);
  assert.equal(line("sintercard x a"), numkeys);
  const tooMany = "-ERR Number of keys can't be greater than number of args\r\n";
  assert.equal(line("sintercard 3 a b"), tooMany);
  assert.equal(line("sintercard 9223372036854775807 a b"), tooMany);
  assert.equal(line("sintercard 1 a LIMIT"), "-ERR syntax error\r\n");
  assert.equal(line("sintercard 1 a b"), "-ERR syntax error\r\n");
  assert.equal(line("sintercard 1 a LIMIT -1"), "-ERR LIMIT can't be negative\r\n");
  assert.equal(line("sintercard 1 a LIMIT x"), "-ERR LIMIT can't be negative\r\n");
});

test("the union of many sets costs what they hold", () => {
  const { run, engine } = createSetFixture();
  const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
  for (const [i, key] of keys.entries()) {
    run("sadd", key, ...Array.from({ length: 150 }, (_, m) => `m${(i * 7 + m) % 2000}`));
  }
  assert.ok(run("sunion", ...keys).startsWith("~2000\r\n"));
  assert.equal(run("sunionstore", "t", ...keys), ":2000\r\n");
  assert.equal(run("sdiffstore", "t", "t", ...keys), ":0\r\n");
  engine.keyspace.checkInvariants();
});
