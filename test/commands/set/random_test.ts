import assert from "node:assert/strict";
import { test } from "node:test";
import { bulks, createSetFixture, sortedBulks } from "./conversation.ts";

const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
/** One of each encoding. */
const SETS: readonly (readonly string[])[] = [
  ["1", "2", "3", "4", "5", "6"],
  ["a", "b", "c", "d", "5", "6"],
  Array.from({ length: 600 }, (_, i) => `member${i}`),
];

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const all = new Set(whole);
  return part.every((each) => all.has(each));
}

test("SPOP takes members until there are none", () => {
  const { run, line, engine } = createSetFixture();
  assert.equal(line("spop nothing"), "_\r\n");
  for (const members of SETS) {
    run("sadd", "s", ...members);
    const popped = members.map(() => bulks(run("spop", "s"))[0]);
    assert.deepEqual(popped.sort(), [...members].sort());
    assert.equal(line("exists s"), ":0\r\n");
    engine.keyspace.checkInvariants();
  }
  line("set x 1");
  assert.equal(line("spop x"), WRONG);
  assert.equal(line("spop x 1"), WRONG);
});

test("SPOP with a count takes different members", () => {
  const { run, line, engine } = createSetFixture();
  for (const members of SETS) {
    const size = members.length;
    for (const count of [0, 1, 2, size >> 1, size - 2, size - 1, size, size + 1]) {
      line("del s");
      run("sadd", "s", ...members);
      line("expire s 100");
      const reply = run("spop", "s", String(count));
      const popped = bulks(reply);
      assert.ok(reply.startsWith(`~${Math.min(count, size)}\r\n`));
      assert.equal(new Set(popped).size, Math.min(count, size));
      assert.deepEqual([...popped, ...bulks(line("smembers s"))].sort(), [...members].sort());
      assert.equal(line("ttl s"), count < size ? ":100\r\n" : ":-2\r\n");
      engine.keyspace.checkInvariants();
    }
  }
});

test("a table of which SPOP leaves little is a listpack again", () => {
  const { run, line } = createSetFixture();
  run("sadd", "s", ...SETS[2]);
  line("spop s 499");
  assert.equal(line("object encoding s"), "$9\r\nhashtable\r\n");
  line("spop s 85");
  assert.equal(line("object encoding s"), "$8\r\nlistpack\r\n");
  assert.equal(line("scard s"), ":16\r\n");
});

test("SPOP and SRANDMEMBER refuse counts in the words of Redis", () => {
  const { line } = createSetFixture();
  const positive = "-ERR value is out of range, must be positive\r\n";
  for (const count of ["-1", "x", "1.5", "99999999999999999999"]) {
    assert.equal(line(`spop s ${count}`), positive);
  }
  assert.equal(line("spop s 1 1"), "-ERR syntax error\r\n");
  assert.equal(line("srandmember s 1 1"), "-ERR syntax error\r\n");
  assert.equal(
    line("srandmember s -9223372036854775808"),
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n",
  );
  const notInteger = "-ERR value is not an integer or out of range\r\n";
  assert.equal(line("srandmember s x"), notInteger);
  assert.equal(line("srandmember s 9223372036854775808"), notInteger);
  assert.equal(line("srandmember s -9223372036854775807"), "*0\r\n");
  line("sadd s a");
  assert.match(line("srandmember s -9223372036854775807"), /^-ERR value is out of range, /);
  assert.equal(line("spop nothing 5"), "~0\r\n");
  assert.equal(line("srandmember nothing"), "_\r\n");
  assert.equal(line("srandmember nothing 5"), "*0\r\n");
  assert.equal(line("srandmember s 0"), "*0\r\n");
  line("set x 1");
  assert.equal(line("srandmember x"), WRONG);
  assert.equal(line("srandmember x 3"), WRONG);
});

test("SRANDMEMBER with a count gives different members, with a negative one any", () => {
  const { run, line, engine } = createSetFixture();
  for (const members of SETS) {
    line("del s");
    run("sadd", "s", ...members);
    assert.ok(isSubset(bulks(run("srandmember", "s")), members));
    const size = members.length;
    for (const count of [1, 2, size >> 2, size >> 1, size - 1, size, size + 1]) {
      const drawn = bulks(run("srandmember", "s", String(count)));
      assert.equal(drawn.length, Math.min(count, size));
      assert.equal(new Set(drawn).size, drawn.length);
      assert.ok(isSubset(drawn, members));
      const any = bulks(run("srandmember", "s", String(-count)));
      assert.equal(any.length, count);
      assert.ok(isSubset(any, members));
    }
    assert.equal(line("scard s"), `:${size}\r\n`);
    engine.keyspace.checkInvariants();
  }
});

test("every member is drawn about as often as any other", () => {
  const { run, line } = createSetFixture();
  for (const members of SETS) {
    line("del s");
    run("sadd", "s", ...members);
    const times = new Map<string, number>();
    const draws = 200;
    const rounds = Math.ceil(draws * members.length / 1000);
    for (let i = 0; i < rounds; i++) {
      for (const each of bulks(run("srandmember", "s", "-1000"))) {
        times.set(each, (times.get(each) ?? 0) + 1);
      }
    }
    assert.equal(times.size, members.length);
    const expected = rounds * 1000 / members.length;
    for (const [member, count] of times) {
      assert.ok(Math.abs(count - expected) < 6 * Math.sqrt(expected), `${member}: ${count}`);
    }
  }
});

test("SSCAN gives every member of a set that changes meanwhile", () => {
  const { run, line, engine } = createSetFixture();
  assert.equal(line("sscan nothing 0"), "*2\r\n$1\r\n0\r\n*0\r\n");
  assert.equal(line("sscan nothing 0 NOSUCH"), "*2\r\n$1\r\n0\r\n*0\r\n");
  assert.equal(line("sscan nothing x"), "-ERR invalid cursor\r\n");
  line("sadd i 1 2 3");
  assert.equal(
    line("sscan i 0 COUNT 1"),
    "*2\r\n$1\r\n0\r\n*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n",
  );
  assert.equal(line("sscan i 0 MATCH [12]"), "*2\r\n$1\r\n0\r\n*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
  const lasting = Array.from({ length: 1000 }, (_, i) => `stay${i}`);
  run("sadd", "s", ...lasting);
  const seen = new Set<string>();
  let cursor = "0";
  let step = 0;
  do {
    const [next, ...found] = bulks(run("sscan", "s", cursor, "COUNT", "7"));
    for (const each of found) seen.add(each);
    cursor = next;
    for (let i = 0; i < 40; i++) run(step < 60 ? "sadd" : "srem", "s", `go${(step % 60) * 40 + i}`);
    step++;
  } while (cursor !== "0");
  assert.ok(isSubset(lasting, [...seen]));
  assert.deepEqual(sortedBulks(line("sscan s 0 COUNT 100000 MATCH stay99?")).slice(1), [
    ...Array.from({ length: 10 }, (_, i) => `stay99${i}`),
  ]);
  assert.equal(line("sscan s 0 COUNT 0"), "-ERR syntax error\r\n");
  assert.equal(line("sscan s 0 COUNT x"), "-ERR value is not an integer or out of range\r\n");
  assert.equal(line("sscan s 0 TYPE set"), "-ERR syntax error\r\n");
  assert.equal(line("sscan s 0 MATCH"), "-ERR syntax error\r\n");
  line("set x 1");
  assert.equal(line("sscan x 0"), WRONG);
  engine.keyspace.checkInvariants();
});

test("SISMEMBER and SMISMEMBER ask every encoding", () => {
  const { run, line } = createSetFixture();
  assert.equal(line("sismember nothing a"), ":0\r\n");
  assert.equal(line("smismember nothing a b"), "*2\r\n:0\r\n:0\r\n");
  for (const members of SETS) {
    line("del s");
    run("sadd", "s", ...members);
    assert.equal(
      run("smismember", "s", members[5], "nosuch", members[1]),
      "*3\r\n:1\r\n:0\r\n:1\r\n",
    );
    for (const each of members) assert.equal(run("sismember", "s", each), ":1\r\n");
    assert.equal(line("sismember s nosuch"), ":0\r\n");
    assert.equal(line("sismember s 99"), ":0\r\n");
  }
  line("set x 1");
  assert.equal(line("sismember x a"), WRONG);
  assert.equal(line("smismember x a"), WRONG);
  assert.equal(line("scard x"), WRONG);
  assert.equal(line("smembers x"), WRONG);
  assert.equal(line("scard nothing"), ":0\r\n");
  assert.equal(line("smembers nothing"), "~0\r\n");
});
