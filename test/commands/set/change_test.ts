import assert from "node:assert/strict";
import { test } from "node:test";
import { createSetFixture, sortedBulks } from "./conversation.ts";

const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

function numbers(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i)).join(" ");
}

test("SADD counts the members that were not there", () => {
  const { line, engine } = createSetFixture();
  assert.equal(line("sadd s a b a"), ":2\r\n");
  assert.equal(line("sadd s b c"), ":1\r\n");
  assert.equal(line("scard s"), ":3\r\n");
  assert.deepEqual(sortedBulks(line("smembers s")), ["a", "b", "c"]);
  assert.equal(line("set x 1"), "+OK\r\n");
  assert.equal(line("sadd x a"), WRONG);
  assert.equal(line("sadd s"), "-ERR wrong number of arguments for 'sadd' command\r\n");
  engine.keyspace.checkInvariants();
});

test("SADD converts at the points where Redis 7.2 does", () => {
  const { line, run, engine } = createSetFixture();
  const encoding = (key: string): string => line(`object encoding ${key}`).split("\r\n")[1];
  line("sadd i 3 1 2");
  assert.equal(encoding("i"), "intset");
  assert.deepEqual(line("smembers i"), "~3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  line("sadd i x");
  assert.equal(encoding("i"), "listpack");
  assert.deepEqual(line("smembers i"), "~4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\nx\r\n");
  line("srem i x");
  assert.equal(encoding("i"), "listpack");

  line(`sadd full ${numbers(1, 512)}`);
  assert.equal(encoding("full"), "intset");
  line("sadd full 512");
  assert.equal(encoding("full"), "intset");
  line("sadd full 513");
  assert.equal(encoding("full"), "hashtable");
  assert.equal(line("scard full"), ":513\r\n");

  line(`sadd many ${numbers(1, 200)}`);
  line("sadd many x");
  assert.equal(encoding("many"), "hashtable");
  assert.equal(line("scard many"), ":201\r\n");

  line(`sadd short ${Array.from({ length: 128 }, (_, i) => `m${i}`).join(" ")}`);
  assert.equal(encoding("short"), "listpack");
  line("sadd short m5");
  assert.equal(encoding("short"), "listpack");
  line("sadd short m128");
  assert.equal(encoding("short"), "hashtable");

  run("sadd", "long", "x".repeat(64));
  assert.equal(encoding("long"), "listpack");
  run("sadd", "long", "x".repeat(65));
  assert.equal(encoding("long"), "hashtable");
  run("sadd", "longer", "x".repeat(65));
  assert.equal(encoding("longer"), "hashtable");

  // So many arguments are taken for so many members.
  line(`sadd hint ${Array.from({ length: 129 }, () => "a").join(" ")}`);
  assert.equal(encoding("hint"), "hashtable");
  line("sadd hint2 a");
  line(`sadd hint2 ${Array.from({ length: 129 }, () => "a").join(" ")}`);
  assert.equal(encoding("hint2"), "hashtable");
  line(`sadd hint3 ${numbers(1, 513)}`);
  assert.equal(encoding("hint3"), "hashtable");
  engine.keyspace.checkInvariants();
});

test("the limits are those of the settings, and 32,000 bytes", () => {
  const { line, run, engine } = createSetFixture({
    settings: {
      setMaxIntsetEntries: 100_000,
      setMaxListpackEntries: 100_000,
      setMaxListpackValue: 5,
    },
  });
  const encoding = (key: string): string => line(`object encoding ${key}`).split("\r\n")[1];
  for (let i = 0; i < 3_998; i += 2) run("sadd", "i", String(2 ** 40 + i), String(2 ** 40 + i + 1));
  assert.equal(encoding("i"), "intset");
  run("sadd", "i", "1", "2");
  assert.equal(encoding("i"), "hashtable");
  assert.equal(line("scard i"), ":4000\r\n");
  run("sadd", "n", "123456");
  run("sadd", "n", "a");
  assert.equal(encoding("n"), "hashtable");
  run("sadd", "m", "12345");
  run("sadd", "m", "a");
  assert.equal(encoding("m"), "listpack");
  for (let i = 10000; i < 15000; i++) run("sadd", "l", `${i.toString(36)}x`);
  assert.equal(encoding("l"), "listpack");
  for (let i = 15000; i < 16000; i++) run("sadd", "l", `${i.toString(36)}x`);
  assert.equal(encoding("l"), "hashtable");
  assert.equal(line("scard l"), ":6000\r\n");
  engine.keyspace.checkInvariants();
});

test("integers of 64 bits are members like any other", () => {
  const { line } = createSetFixture();
  const extremes = ["-9223372036854775808", "9223372036854775807", "9007199254740993", "0", "-1"];
  assert.equal(line(`sadd s ${extremes.join(" ")}`), ":5\r\n");
  assert.equal(line("object encoding s"), "$6\r\nintset\r\n");
  assert.equal(line("sismember s 9223372036854775807"), ":1\r\n");
  assert.equal(line("sismember s 9223372036854775806"), ":0\r\n");
  assert.equal(line("sismember s -0"), ":0\r\n");
  assert.equal(line("sismember s 00"), ":0\r\n");
  assert.equal(line("sadd s 9223372036854775808"), ":1\r\n");
  assert.equal(line("object encoding s"), "$8\r\nlistpack\r\n");
  assert.deepEqual(sortedBulks(line("smembers s")), [...extremes, "9223372036854775808"].sort());
  assert.equal(line("srem s 9007199254740993 9007199254740992"), ":1\r\n");
});

test("SREM removes members, and the key with the last of them", () => {
  const { line, engine } = createSetFixture();
  assert.equal(line("srem nothing a"), ":0\r\n");
  for (const members of ["1 2 3", "a b c", numbers(1, 600)]) {
    line(`sadd s ${members}`);
    assert.equal(line(`srem s ${members} nosuch 77777`), `:${members.split(" ").length}\r\n`);
    assert.equal(line("exists s"), ":0\r\n");
    engine.keyspace.checkInvariants();
  }
  line("set x 1");
  assert.equal(line("srem x a"), WRONG);
});

test("SMOVE moves one member", () => {
  const { line, engine } = createSetFixture();
  line("sadd a 1 2 x");
  line("set str 1");
  assert.equal(line("smove nothing str 1"), ":0\r\n");
  assert.equal(line("smove a str 1"), WRONG);
  assert.equal(line("smove str a 1"), WRONG);
  assert.equal(line("smove a b nosuch"), ":0\r\n");
  assert.equal(line("exists b"), ":0\r\n");
  assert.equal(line("smove a a x"), ":1\r\n");
  assert.equal(line("smove a a y"), ":0\r\n");
  assert.equal(line("smove a b 1"), ":1\r\n");
  assert.equal(line("object encoding b"), "$6\r\nintset\r\n");
  assert.equal(line("smove a b x"), ":1\r\n");
  assert.equal(line("object encoding b"), "$8\r\nlistpack\r\n");
  line("sadd b 2");
  assert.equal(line("smove a b 2"), ":1\r\n");
  assert.equal(line("exists a"), ":0\r\n");
  assert.deepEqual(sortedBulks(line("smembers b")), ["1", "2", "x"]);
  engine.keyspace.checkInvariants();
});

test("an unchanged set does not count as changed", () => {
  const { line, engine } = createSetFixture();
  line("sadd s a b");
  line(`sadd big ${numbers(1, 600)}`);
  const { dirty } = engine.stats;
  line("sadd s a b");
  line("sadd big 7");
  line("srem s x");
  line("srem big x");
  assert.equal(engine.stats.dirty, dirty);
  line("sadd big x");
  line("srem big x");
  assert.equal(engine.stats.dirty, dirty + 2);
});

test("members of any length and content", () => {
  const { run, engine } = createSetFixture();
  const members = ["", "\0", "a\r\nb", "\xff\xfe", "y".repeat(4000), "z".repeat(5000)];
  members.push("p".repeat(65_528), "q".repeat(65_529), "r".repeat(200_000));
  for (const member of members) assert.equal(run("sadd", "s", bytes(member)), ":1\r\n");
  for (const member of members) {
    assert.equal(run("sadd", "s", bytes(member)), ":0\r\n");
    assert.equal(run("sismember", "s", bytes(member)), ":1\r\n");
  }
  const reply = run("smembers", "s");
  for (const member of members) assert.ok(reply.includes(`$${member.length}\r\n${member}\r\n`));
  run("sunionstore", "copy", "s");
  assert.equal(run("sdiff", "s", "copy"), "~0\r\n");
  for (const member of members) assert.equal(run("srem", "s", bytes(member)), ":1\r\n");
  assert.equal(run("exists", "s"), ":0\r\n");
  engine.keyspace.checkInvariants();
});

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

test("SADD without memory adds what it can, and the set is whole", () => {
  const { run, engine } = createSetFixture({
    capacityBytes: 2 * 1024 * 1024,
    settings: { maxmemory: 0, maxmemoryPolicy: "noeviction" },
  });
  let added = 0;
  let reply = "";
  while (!reply.startsWith("-") && added < 1_000_000) {
    reply = run("sadd", "s", `member:${added}`, `member:${added + 1}`);
    added += 2;
  }
  assert.match(reply, /^-OOM/);
  engine.keyspace.checkInvariants();
  assert.ok(Number(run("scard", "s").slice(1)) >= added - 2);
  assert.match(run("sunionstore", "t", "s"), /^-OOM/);
  assert.equal(run("exists", "t"), ":0\r\n");
  engine.keyspace.checkInvariants();
});
