import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, pairs, WRONG } from "./conversation.ts";

const FLOAT = "-ERR value is not a valid float\r\n";
const SYNTAX = "-ERR syntax error\r\n";

test("ZADD adds, updates and counts what it was asked to count", () => {
  const { says, words } = converse();
  says("ZADD z 1 a 2 b", ":2\r\n");
  says("ZADD z 3 a 4 c", ":1\r\n");
  says("ZADD z CH 3 a 5 c 6 d", ":2\r\n");
  assert.equal(words("ZRANGE z 0 -1 WITHSCORES"), "b 2 a 3 c 5 d 6");
  says("ZADD z NX 9 a 1 e", ":1\r\n");
  says("ZADD z XX CH 9 a 1 f", ":1\r\n");
  says("ZADD z GT CH 8 a 7 d 1 g", ":2\r\n");
  says("ZADD z LT CH 10 a 6 d", ":1\r\n");
  assert.equal(words("ZRANGE z 0 -1 WITHSCORES"), "e 1 g 1 b 2 c 5 d 6 a 9");
  says("ZADD nosuch XX 1 a", ":0\r\n");
  says("EXISTS nosuch", ":0\r\n");
});

test("ZADD INCR and ZINCRBY reply the score, or nil when nothing was to be done", () => {
  const { says, run2 } = converse();
  says("ZADD z INCR 1.5 a", ",1.5\r\n");
  says("ZADD z INCR XX 1 nosuch", "_\r\n");
  says("ZADD nosuch INCR XX 1 a", "_\r\n");
  says("ZADD z INCR GT -1 a", "_\r\n");
  says("ZADD z INCR LT -1 a", ",0.5\r\n");
  says("ZINCRBY z 0.25 a", ",0.75\r\n");
  assert.equal(run2("ZINCRBY", "z", "-1", "b"), "$2\r\n-1\r\n");
  assert.equal(run2("ZADD", "z", "NX", "INCR", "1", "b"), "$-1\r\n");
  says("ZADD z inf a", ":0\r\n");
  says("ZINCRBY z -inf a", "-ERR resulting score is not a number (NaN)\r\n");
  says("ZSCORE z a", ",inf\r\n");
});

test("ZADD refuses what it must, and changes nothing then", () => {
  const { says } = converse();
  says("ZADD z 1", "-ERR wrong number of arguments for 'zadd' command\r\n");
  says("ZADD z 1 a 2", SYNTAX);
  says("ZADD z NX CH", SYNTAX);
  says("ZADD z 1 a x b", FLOAT);
  says("ZADD z nan a", FLOAT);
  says("ZADD z 1e400 a", FLOAT);
  says("ZINCRBY z x a", FLOAT);
  says("ZADD z NX XX 1 a", "-ERR XX and NX options at the same time are not compatible\r\n");
  for (const both of ["NX GT", "NX LT", "GT LT"]) {
    says(
      `ZADD z ${both} 1 a`,
      "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n",
    );
  }
  says("ZADD z INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair\r\n");
  says("EXISTS z", ":0\r\n");
  says("SET s x", "+OK\r\n");
  for (const command of ["ZADD s 1 a", "ZINCRBY s 1 a", "ZREM s a", "ZCARD s", "ZRANGE s 0 1"]) {
    says(command, WRONG);
  }
});

test("scores are written with the fewest digits that read back, and whole ones in full", () => {
  const { says, run2 } = converse();
  const scores: Record<string, string> = {
    "0.1": "0.1",
    "3.3000000000000003": "3.3000000000000003",
    "1e3": "1000",
    "1e20": "1e+20",
    "123e15": "123000000000000000",
    "-1e-7": "-1e-7",
    "1152921504606846976": "1152921504606846976",
    "-inf": "-inf",
    "0x10": "16",
  };
  for (const large of ["", "x".repeat(100)]) {
    for (const [given, shown] of Object.entries(scores)) {
      says(`DEL z`, large === "" && given === "0.1" ? ":0\r\n" : ":1\r\n");
      says(`ZADD z ${given} m${large}`, ":1\r\n");
      says(`ZSCORE z m${large}`, `,${shown}\r\n`);
      assert.equal(run2("ZSCORE", "z", `m${large}`), `$${shown.length}\r\n${shown}\r\n`);
    }
  }
});

test("a sorted set is a listpack until it has too many members, or one that is too long", () => {
  const { says, line, settings, engine } = converse();
  says(`ZADD z ${pairs(128)}`, ":128\r\n");
  says("OBJECT ENCODING z", "$8\r\nlistpack\r\n");
  says("ZADD z 1 m1", ":0\r\n");
  says("OBJECT ENCODING z", "$8\r\nlistpack\r\n");
  says("ZADD z 1 one-more", ":1\r\n");
  says("OBJECT ENCODING z", "$8\r\nskiplist\r\n");
  engine.keyspace.checkInvariants();
  says("ZREMRANGEBYRANK z 0 -2", ":128\r\n");
  says("OBJECT ENCODING z", "$8\r\nskiplist\r\n");
  says(`ZADD y 1 ${"x".repeat(64)}`, ":1\r\n");
  says("OBJECT ENCODING y", "$8\r\nlistpack\r\n");
  says(`ZADD y 1 ${"x".repeat(65)}`, ":1\r\n");
  says("OBJECT ENCODING y", "$8\r\nskiplist\r\n");
  says(`ZADD x ${pairs(129)}`, ":129\r\n");
  says("OBJECT ENCODING x", "$8\r\nskiplist\r\n");
  // So many arguments are taken for so many members.
  says("ZADD w 1 a", ":1\r\n");
  says(`ZADD w ${"1 a ".repeat(129).trim()}`, ":0\r\n");
  says("OBJECT ENCODING w", "$8\r\nskiplist\r\n");
  settings.zsetMaxListpackEntries = 0;
  says("ZADD v 1 a", ":1\r\n");
  says("OBJECT ENCODING v", "$8\r\nskiplist\r\n");
  engine.keyspace.checkInvariants();
  assert.equal(line("ZCARD x"), ":129\r\n");
});

test("a listpack never takes more than 32,000 bytes", () => {
  const { run, settings, engine, says } = converse();
  settings.zsetMaxListpackValue = 100_000;
  for (let i = 0; i < 40; i++) run("ZADD", "z", String(i), `${i}`.padEnd(1000, "x"));
  engine.keyspace.checkInvariants();
  says("OBJECT ENCODING z", "$8\r\nskiplist\r\n");
  run("ZADD", "y", "1", "y".repeat(31_900));
  says("OBJECT ENCODING y", "$8\r\nlistpack\r\n");
  run("ZADD", "y", "1", "z".repeat(200));
  says("OBJECT ENCODING y", "$8\r\nskiplist\r\n");
  run("ZADD", "x", "1", "x".repeat(40_000));
  says("OBJECT ENCODING x", "$8\r\nskiplist\r\n");
  engine.keyspace.checkInvariants();
});

test("members of any length and content are kept apart", () => {
  const { run, engine } = converse();
  const members = ["", "\0", "\0\0", "1", "01", "-1", "é".repeat(3), "x".repeat(70_000)];
  members.push("x".repeat(69_999) + "y", "x".repeat(4000), "x".repeat(4001), "9".repeat(30));
  for (const [i, member] of members.entries()) {
    assert.equal(run("ZADD", "z", String(i), member), ":1\r\n");
  }
  for (const [i, member] of members.entries()) {
    assert.equal(run("ZSCORE", "z", member), `,${i}\r\n`);
    assert.equal(run("ZRANK", "z", member), `:${i}\r\n`);
  }
  engine.keyspace.checkInvariants();
  for (const member of members) assert.equal(run("ZREM", "z", member), ":1\r\n");
  assert.equal(run("EXISTS", "z"), ":0\r\n");
  assert.equal(engine.keyspace.databases[0].size, 0);
  engine.keyspace.checkInvariants();
});
