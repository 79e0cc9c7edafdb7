import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, pairs } from "./conversation.ts";

/** The same small members, as a listpack and as a skip list. */
function both(run: (key: string, talk: ReturnType<typeof converse>) => void): void {
  const talk = converse();
  talk.line("ZADD small 1 a 2 b 3 c 4 d 5 e");
  talk.settings.zsetMaxListpackEntries = 0;
  talk.line("ZADD large 1 a 2 b 3 c 4 d 5 e");
  talk.settings.zsetMaxListpackEntries = 128;
  talk.says("OBJECT ENCODING small", "$8\r\nlistpack\r\n");
  talk.says("OBJECT ENCODING large", "$8\r\nskiplist\r\n");
  run("small", talk);
  run("large", talk);
}

test("ZRANGE takes ranks, scores and members, forwards and backwards", () => {
  both((key, { words }) => {
    const replies: Record<string, string> = {
      "0 -1": "a b c d e",
      "1 2": "b c",
      "-2 -1": "d e",
      "-100 100": "a b c d e",
      "3 1": "",
      "5 9": "",
      "0 -1 REV": "e d c b a",
      "0 1 REV": "e d",
      "0 1 WITHSCORES": "a 1 b 2",
      "2 4 BYSCORE": "b c d",
      "(2 4 BYSCORE WITHSCORES": "c 3 d 4",
      "4 2 BYSCORE REV": "d c b",
      "2 4 BYSCORE REV": "",
      "-inf +inf BYSCORE LIMIT 1 2": "b c",
      "+inf -inf BYSCORE REV LIMIT 1 2": "d c",
      "-inf +inf BYSCORE LIMIT 3 -1": "d e",
      "-inf +inf BYSCORE LIMIT -1 2": "",
      "-inf +inf BYSCORE LIMIT 9 2": "",
      "-inf +inf BYSCORE LIMIT 0 0": "",
    };
    for (const [range, expected] of Object.entries(replies)) {
      assert.equal(words(`ZRANGE ${key} ${range}`), expected, `${key} ${range}`);
    }
    assert.equal(words(`ZREVRANGE ${key} 0 1 WITHSCORES`), "e 5 d 4");
    assert.equal(words(`ZRANGEBYSCORE ${key} (1 3`), "b c");
    assert.equal(words(`ZREVRANGEBYSCORE ${key} 3 (1 LIMIT 1 5`), "b");
  });
});

test("ranges of members need members of one score", () => {
  for (const limit of [0, 128]) {
    const { words, line, settings } = converse();
    settings.zsetMaxListpackEntries = limit;
    line("ZADD z 0 a 0 aa 0 b 0 c 0 d");
    assert.equal(words("ZRANGE z - + BYLEX"), "a aa b c d");
    assert.equal(words("ZRANGE z [aa (c BYLEX"), "aa b");
    assert.equal(words("ZRANGE z (c [aa BYLEX REV"), "b aa");
    assert.equal(words("ZRANGEBYLEX z (a + LIMIT 1 2"), "b c");
    assert.equal(words("ZREVRANGEBYLEX z + (a LIMIT 1 2"), "c b");
    assert.equal(words("ZRANGEBYLEX z [aa [aa"), "aa");
    assert.equal(words("ZRANGEBYLEX z (aa [aa"), "");
    assert.equal(words("ZRANGEBYLEX z + -"), "");
    assert.equal(words("ZREMRANGEBYLEX z [aa (c"), "2");
    assert.equal(words("ZRANGE z 0 -1"), "a c d");
  }
});

test("with scores, RESP3 has a pair for each member", () => {
  both((key, { says, run2 }) => {
    says(`ZRANGE ${key} 0 1 WITHSCORES`, "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n");
    assert.equal(
      run2("ZRANGE", key, "0", "1", "WITHSCORES"),
      "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n",
    );
    says(`ZRANGE ${key} 7 9 WITHSCORES`, "*0\r\n");
  });
});

test("ZRANGE refuses options that don't go together", () => {
  const { says } = converse();
  const limit = "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE " +
    "or BYLEX\r\n";
  says("ZRANGE z 0 1 LIMIT 0 1", limit);
  says("ZREVRANGE z 0 1 LIMIT 0 1", limit);
  says("ZRANGE z 0 1 LIMIT 0 -1", "*0\r\n");
  const scores = "-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n";
  says("ZRANGE z - + BYLEX WITHSCORES", scores);
  says("ZRANGEBYLEX z - + WITHSCORES", scores);
  for (const line of ["ZRANGE z 0 1 REV REV", "ZREVRANGE z 0 1 REV", "ZRANGE z 0 1 BYLEX BYLEX"]) {
    says(line, "-ERR syntax error\r\n");
  }
  says("ZRANGE z 0 1 BYSCORE LIMIT 1", "-ERR syntax error\r\n");
  says("ZRANGESTORE d z 0 1 WITHSCORES", "-ERR syntax error\r\n");
  says("ZRANGE z x 1", "-ERR value is not an integer or out of range\r\n");
  says("ZRANGE z 0 1 BYSCORE LIMIT x 1", "-ERR value is not an integer or out of range\r\n");
  says("ZRANGE z x 1 BYSCORE", "-ERR min or max is not a float\r\n");
  says("ZRANGE z x + BYLEX", "-ERR min or max not valid string range item\r\n");
});

test("ZRANGESTORE stores a range, in the encoding that fits, or removes the key", () => {
  const { says, words, line, engine } = converse();
  line(`ZADD z ${pairs(300)}`);
  says("ZRANGESTORE d z 10 19", ":10\r\n");
  assert.equal(words("ZRANGE d 0 -1 WITHSCORES").split(" ").length, 20);
  says("OBJECT ENCODING d", "$8\r\nlistpack\r\n");
  says("ZRANGESTORE d z (250 -inf BYSCORE REV LIMIT 10 200", ":200\r\n");
  says("OBJECT ENCODING d", "$8\r\nskiplist\r\n");
  assert.equal(words("ZRANGE d 0 0 WITHSCORES"), "m40 40");
  says("ZRANGESTORE z z 0 1", ":2\r\n");
  assert.equal(words("ZRANGE z 0 -1"), "m0 m1");
  says("ZRANGESTORE d z 5 9", ":0\r\n");
  says("EXISTS d", ":0\r\n");
  line("SET d x");
  says("ZRANGESTORE d nosuch 0 -1", ":0\r\n");
  says("EXISTS d", ":0\r\n");
  engine.keyspace.checkInvariants();
});
