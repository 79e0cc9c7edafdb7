import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, pairs, WRONG } from "./conversation.ts";

test("ZUNION, ZINTER and ZDIFF combine sorted sets and sets", () => {
  const { line, words } = converse();
  line("ZADD a 1 x 2 y 3 z");
  line("ZADD b 10 y 20 z 30 w");
  line("SADD s x z q");
  assert.equal(words("ZUNION 2 a b WITHSCORES"), "x 1 y 12 z 23 w 30");
  assert.equal(words("ZUNION 2 a b WEIGHTS 2 0.5 WITHSCORES"), "x 2 y 9 w 15 z 16");
  assert.equal(words("ZUNION 2 a b AGGREGATE MIN WITHSCORES"), "x 1 y 2 z 3 w 30");
  assert.equal(words("ZUNION 2 a b AGGREGATE max WITHSCORES"), "x 1 y 10 z 20 w 30");
  assert.equal(words("ZUNION 3 a s nosuch WITHSCORES"), "q 1 x 2 y 2 z 4");
  assert.equal(words("ZUNION 2 a a WITHSCORES"), "x 2 y 4 z 6");
  assert.equal(words("ZINTER 2 a b WITHSCORES"), "y 12 z 23");
  assert.equal(words("ZINTER 2 a s WITHSCORES"), "x 2 z 4");
  assert.equal(words("ZINTER 2 a a WEIGHTS 1 2 WITHSCORES"), "x 3 y 6 z 9");
  assert.equal(words("ZINTER 2 a nosuch"), "");
  assert.equal(words("ZDIFF 2 a b WITHSCORES"), "x 1");
  assert.equal(words("ZDIFF 3 a s b"), "");
  assert.equal(words("ZDIFF 2 a a"), "");
  assert.equal(words("ZDIFF 2 nosuch a"), "");
  assert.equal(words("ZINTERCARD 2 a b"), "2");
  assert.equal(words("ZINTERCARD 2 a b LIMIT 1"), "1");
  assert.equal(words("ZINTERCARD 2 a b LIMIT 0"), "2");
  assert.equal(words("ZINTERCARD 2 a nosuch"), "0");
});

test("infinities of both signs, and infinity times nothing, count as 0", () => {
  const { line, words } = converse();
  line("ZADD a inf x -inf y");
  line("ZADD b -inf x inf z");
  assert.equal(words("ZUNION 2 a b WITHSCORES"), "y -inf x 0 z inf");
  assert.equal(words("ZUNION 1 a WEIGHTS 0 WITHSCORES"), "x 0 y 0");
  assert.equal(words("ZINTER 2 a b WITHSCORES"), "x 0");
});

test("with scores, RESP3 has a pair for each member", () => {
  const { line, says } = converse();
  line("ZADD a 1 x");
  says("ZUNION 1 a WITHSCORES", "*1\r\n*2\r\n$1\r\nx\r\n,1\r\n");
  says("ZUNION 1 a", "*1\r\n$1\r\nx\r\n");
});

test("the STORE forms replace whatever the key held", () => {
  const { line, says, words, engine, run } = converse();
  line(`ZADD a ${pairs(200)}`);
  line(`ZADD b ${pairs(100)}`);
  line("SET d x");
  says("ZUNIONSTORE d 2 a b", ":200\r\n");
  says("OBJECT ENCODING d", "$8\r\nskiplist\r\n");
  says("ZINTERSTORE d 2 a b WEIGHTS 1 10", ":100\r\n");
  says("OBJECT ENCODING d", "$8\r\nlistpack\r\n");
  assert.equal(words("ZRANGE d 5 5 WITHSCORES"), "m5 55");
  says("ZDIFFSTORE a 2 a b", ":100\r\n");
  assert.equal(words("ZRANGE a 0 0"), "m100");
  says("ZINTERSTORE d 2 a b", ":0\r\n");
  says("EXISTS d", ":0\r\n");
  run("ZADD", "long", "1", "x".repeat(65));
  says("ZUNIONSTORE d 1 long", ":1\r\n");
  says("OBJECT ENCODING d", "$8\r\nskiplist\r\n");
  engine.keyspace.checkInvariants();
});

test("numbers of keys, options and types are checked", () => {
  const { line, says } = converse();
  line("SET s x");
  says("ZUNION 0 a", "-ERR at least 1 input key is needed for 'zunion' command\r\n");
  says("ZUNIONSTORE d 0 a", "-ERR at least 1 input key is needed for 'zunionstore' command\r\n");
  says("ZINTERCARD -1 a", "-ERR at least 1 input key is needed for 'zintercard' command\r\n");
  says("ZDIFF x a", "-ERR value is not an integer or out of range\r\n");
  says("ZUNION 2 a", "-ERR syntax error\r\n");
  says("ZUNION 1 s", WRONG);
  says("ZUNIONSTORE d 1 s", WRONG);
  says("ZUNION 1 a WEIGHTS x", "-ERR weight value is not a float\r\n");
  says("ZINTERCARD 1 a LIMIT -1", "-ERR LIMIT can't be negative\r\n");
  says("ZINTERCARD 1 a LIMIT x", "-ERR LIMIT can't be negative\r\n");
  for (
    const bad of [
      ...["ZUNION 1 a WEIGHTS", "ZUNION 1 a AGGREGATE AVG", "ZUNION 1 a AGGREGATE", "ZUNION 1 a x"],
      ...["ZDIFF 1 a WEIGHTS 1", "ZDIFF 1 a AGGREGATE SUM", "ZUNIONSTORE d 1 a WITHSCORES"],
      ...["ZINTERCARD 1 a WITHSCORES", "ZINTERCARD 1 a LIMIT", "ZDIFFSTORE d 1 a WITHSCORES"],
    ]
  ) says(bad, "-ERR syntax error\r\n");
});
