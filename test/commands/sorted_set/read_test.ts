import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, pairs, WRONG } from "./conversation.ts";

const NOT_A_RANGE = "-ERR min or max is not a float\r\n";
const NOT_A_LEX_RANGE = "-ERR min or max not valid string range item\r\n";

test("ZRANK and ZREVRANK tell the score, too, when asked", () => {
  for (const count of [5, 300]) {
    const { says, run2, line } = converse();
    line(`ZADD z ${pairs(count)}`);
    says("ZRANK z m3", ":3\r\n");
    says("ZREVRANK z m3", `:${count - 4}\r\n`);
    says("ZRANK z m3 WITHSCORE", "*2\r\n:3\r\n,3\r\n");
    assert.equal(run2("ZREVRANK", "z", "m3", "withscore"), `*2\r\n:${count - 4}\r\n$1\r\n3\r\n`);
    says("ZRANK z nosuch", "_\r\n");
    assert.equal(run2("ZRANK", "z", "nosuch"), "$-1\r\n");
    assert.equal(run2("ZRANK", "z", "nosuch", "WITHSCORE"), "*-1\r\n");
    assert.equal(run2("ZRANK", "nosuch", "a", "WITHSCORE"), "*-1\r\n");
    says("ZRANK z m3 WITHSCORES", "-ERR syntax error\r\n");
    says("ZRANK z m3 WITHSCORE x", "-ERR wrong number of arguments for 'zrank' command\r\n");
    says("ZREVRANK z m3 WITHSCORE x", "-ERR wrong number of arguments for 'zrevrank' command\r\n");
  }
});

test("ZSCORE and ZMSCORE reply doubles, and nil for what is not there", () => {
  const { says, run2 } = converse();
  says("ZADD z 1.5 a -2 b", ":2\r\n");
  says("ZSCORE z a", ",1.5\r\n");
  says("ZSCORE z c", "_\r\n");
  says("ZMSCORE z a c b", "*3\r\n,1.5\r\n_\r\n,-2\r\n");
  assert.equal(run2("ZMSCORE", "z", "a", "c"), "*2\r\n$3\r\n1.5\r\n$-1\r\n");
  says("ZMSCORE nosuch a b", "*2\r\n_\r\n_\r\n");
});

test("ZCOUNT reads its bounds as strtod does", () => {
  const { says, run, words } = converse();
  says(`ZADD z ${pairs(200)}`, ":200\r\n");
  for (const key of ["z", "small"]) {
    if (key === "small") words("ZRANGESTORE small z 0 99");
    says(`ZCOUNT ${key} 10 20`, ":11\r\n");
    says(`ZCOUNT ${key} (10 (20`, ":9\r\n");
    says(`ZCOUNT ${key} (10 10`, ":0\r\n");
    says(`ZCOUNT ${key} 20 10`, ":0\r\n");
    says(`ZCOUNT ${key} -inf (3`, ":3\r\n");
    says(`ZCOUNT ${key} 0x2 1e1`, ":9\r\n");
    assert.equal(run("ZCOUNT", key, "", " 5"), ":6\r\n");
    assert.equal(run("ZCOUNT", key, "-1e999", "1e-999"), ":1\r\n");
    for (const bad of ["x", "(x", "1x", "nan", "((1", "1 "]) {
      assert.equal(run("ZCOUNT", key, bad, "5"), NOT_A_RANGE, bad);
      assert.equal(run("ZCOUNT", key, "5", bad), NOT_A_RANGE, bad);
    }
  }
  says("SET s x", "+OK\r\n");
  says("ZCOUNT s 1 2", WRONG);
});

test("ZLEXCOUNT counts members between bounds", () => {
  const { says } = converse();
  says("ZADD z 0 a 0 b 0 c 0 d", ":4\r\n");
  says("ZLEXCOUNT z - +", ":4\r\n");
  says("ZLEXCOUNT z [b (d", ":2\r\n");
  says("ZLEXCOUNT z (b +", ":2\r\n");
  says("ZLEXCOUNT z + -", ":0\r\n");
  says("ZLEXCOUNT z b +", NOT_A_LEX_RANGE);
  says("ZLEXCOUNT z - ++", NOT_A_LEX_RANGE);
  says("ZLEXCOUNT nosuch - +", ":0\r\n");
});

test("ZRANDMEMBER draws distinct members, or any, with their scores", () => {
  for (const count of [20, 400]) {
    const { says, words, line, run2 } = converse();
    line(`ZADD z ${pairs(count)}`);
    for (const wanted of [1, 5, 15, count, count + 7]) {
      const drawn = words(`ZRANDMEMBER z ${wanted}`).split(" ");
      assert.equal(drawn.length, Math.min(wanted, count));
      assert.equal(new Set(drawn).size, drawn.length);
    }
    const repeated = words(`ZRANDMEMBER z -${3 * count} WITHSCORES`).split(" ");
    assert.equal(repeated.length, 6 * count);
    for (let i = 0; i < repeated.length; i += 2) assert.equal(repeated[i], `m${repeated[i + 1]}`);
    assert.ok(line("ZRANDMEMBER z 2 WITHSCORES").startsWith("*2\r\n*2\r\n$"));
    assert.ok(run2("ZRANDMEMBER", "z", "2", "WITHSCORES").startsWith("*4\r\n$"));
    assert.match(line("ZRANDMEMBER z"), /^\$\d+\r\nm\d+\r\n$/);
    says("ZRANDMEMBER z 0", "*0\r\n");
    says("ZRANDMEMBER nosuch", "_\r\n");
    says("ZRANDMEMBER nosuch 3", "*0\r\n");
    says(
      "ZRANDMEMBER z -16777217",
      "-ERR value is out of range, the reply would be too large\r\n",
    );
    says("ZRANDMEMBER z x", "-ERR value is not an integer or out of range\r\n");
    says("ZRANDMEMBER z 1 WITHSCORE", "-ERR syntax error\r\n");
    says(
      "ZRANDMEMBER z 9223372036854775807 WITHSCORES",
      "-ERR value is out of range\r\n",
    );
    says(
      "ZRANDMEMBER z -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 and " +
        "9223372036854775807\r\n",
    );
  }
});

test("members too large for a reply are not drawn too often", () => {
  const { run, says } = converse();
  run("ZADD", "z", "1", "x".repeat(100_000));
  says("ZRANDMEMBER z -10000", "-ERR value is out of range, the reply would be too large\r\n");
  assert.ok(run("ZRANDMEMBER", "z", "-3").startsWith("*3\r\n"));
});

test("every member is drawn with the same probability", () => {
  const { words, line } = converse();
  line(`ZADD z ${pairs(200)}`);
  const counts = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    for (const member of words("ZRANDMEMBER z 50").split(" ")) {
      counts.set(member, (counts.get(member) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 200);
  for (const count of counts.values()) assert.ok(count > 50 && count < 160, String(count));
});

test("ZSCAN visits every member, in pages, with a pattern if there is one", () => {
  const { says, run2, line, words } = converse();
  line(`ZADD z ${pairs(1000)}`);
  const found = new Map<string, string>();
  let cursor = "0", pages = 0;
  do {
    const [next, ...members] = words(`ZSCAN z ${cursor} COUNT 20`).split(" ");
    for (let i = 0; i < members.length; i += 2) found.set(members[i], members[i + 1]);
    cursor = next;
    pages++;
  } while (cursor !== "0");
  assert.equal(found.size, 1000);
  assert.ok(pages > 20 && pages < 60, `${pages} pages`);
  for (const [member, score] of found) assert.equal(member, `m${score}`);
  line("ZADD small 1 a 2.5 b 3 ab");
  says(
    "ZSCAN small 0",
    "*2\r\n$1\r\n0\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n" +
      "$2\r\nab\r\n$1\r\n3\r\n",
  );
  assert.equal(
    run2("ZSCAN", "small", "0", "MATCH", "a*"),
    "*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n" +
      "$1\r\n1\r\n$2\r\nab\r\n$1\r\n3\r\n",
  );
  says("ZSCAN nosuch 0 WHATEVER", "*2\r\n$1\r\n0\r\n*0\r\n");
  says("ZSCAN small x", "-ERR invalid cursor\r\n");
  says("ZSCAN small 0 COUNT 0", "-ERR syntax error\r\n");
});
