import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, pairs, WRONG } from "./conversation.ts";

const NOT_POSITIVE = "-ERR value is out of range, must be positive\r\n";

test("ZPOPMIN and ZPOPMAX reply flat in RESP2, and in RESP3 pairs when there is a count", () => {
  for (const count of [10, 300]) {
    const { says, run2, line, engine } = converse();
    line(`ZADD z ${pairs(count)}`);
    says("ZPOPMIN z", "*2\r\n$2\r\nm0\r\n,0\r\n");
    says("ZPOPMIN z 2", "*2\r\n*2\r\n$2\r\nm1\r\n,1\r\n*2\r\n$2\r\nm2\r\n,2\r\n");
    assert.equal(run2("ZPOPMIN", "z", "1"), "*2\r\n$2\r\nm3\r\n$1\r\n3\r\n");
    const last = String(count - 1), before = String(count - 2);
    says("ZPOPMAX z", `*2\r\n$${1 + last.length}\r\nm${last}\r\n,${last}\r\n`);
    assert.ok(run2("ZPOPMAX", "z", "2").includes(`m${before}\r\n`));
    says("ZCARD z", `:${count - 7}\r\n`);
    engine.keyspace.checkInvariants();
    assert.ok(line("ZPOPMAX z 1000").startsWith(`*${count - 7}\r\n`));
    says("EXISTS z", ":0\r\n");
    says("ZPOPMIN z", "*0\r\n");
    engine.keyspace.checkInvariants();
  }
});

test("ZPOPMIN refuses counts that are none", () => {
  const { says } = converse();
  says("ZADD z 1 a", ":1\r\n");
  says("ZPOPMIN z 0", "*0\r\n");
  for (const bad of ["-1", "x", "1.5", "9223372036854775808"]) {
    says(`ZPOPMIN z ${bad}`, NOT_POSITIVE);
  }
  says("ZPOPMAX z 1 1", "-ERR syntax error\r\n");
  says("SET s x", "+OK\r\n");
  says("ZPOPMIN s", WRONG);
  says("ZMPOP 2 nosuch s MIN", WRONG);
});

test("ZMPOP pops from the first sorted set that is there", () => {
  const { says, run2 } = converse();
  says("ZADD b 1 x 2 y 3 z", ":3\r\n");
  says("ZADD c 1 x", ":1\r\n");
  says("ZMPOP 3 a b c MAX", "*2\r\n$1\r\nb\r\n*1\r\n*2\r\n$1\r\nz\r\n,3\r\n");
  assert.equal(
    run2("ZMPOP", "2", "a", "b", "min", "count", "5"),
    "*2\r\n$1\r\nb\r\n*2\r\n*2\r\n$1\r\nx\r\n$1\r\n1\r\n*2\r\n$1\r\ny\r\n$1\r\n2\r\n",
  );
  says("EXISTS b", ":0\r\n");
  says("ZMPOP 2 a b MIN", "_\r\n");
  assert.equal(run2("ZMPOP", "2", "a", "b", "MIN"), "*-1\r\n");
  says("ZMPOP 0 a MIN", "-ERR numkeys should be greater than 0\r\n");
  says("ZMPOP x a MIN", "-ERR numkeys should be greater than 0\r\n");
  says("ZMPOP 1 c MIN COUNT 0", "-ERR count should be greater than 0\r\n");
  for (
    const bad of ["2 c MIN", "1 c MID", "1 c MIN COUNT", "1 c MIN COUNT 1 COUNT 1", "1 c MIN x"]
  ) {
    says(`ZMPOP ${bad}`, "-ERR syntax error\r\n");
  }
});

test("ZREM and the ranges remove the key with its last member", () => {
  for (const count of [10, 300]) {
    const { says, line, engine } = converse();
    line(`ZADD z ${pairs(count)}`);
    says("ZREM z m1 m2 nosuch m1", ":2\r\n");
    says("ZREMRANGEBYSCORE z (3 (6", ":2\r\n");
    says("ZREMRANGEBYRANK z 0 1", ":2\r\n");
    says("ZREMRANGEBYRANK z 5 3", ":0\r\n");
    says("ZCARD z", `:${count - 6}\r\n`);
    engine.keyspace.checkInvariants();
    says("ZREMRANGEBYSCORE z -inf +inf", `:${count - 6}\r\n`);
    says("EXISTS z", ":0\r\n");
    says("ZREMRANGEBYRANK z 0 -1", ":0\r\n");
    says("ZREMRANGEBYRANK z x 1", "-ERR value is not an integer or out of range\r\n");
    says("ZREMRANGEBYSCORE z x 1", "-ERR min or max is not a float\r\n");
    says("ZREMRANGEBYLEX z x 1", "-ERR min or max not valid string range item\r\n");
    line("ZADD y 1 a 2 b");
    says("ZREM y a b c", ":2\r\n");
    says("EXISTS y", ":0\r\n");
  }
});
