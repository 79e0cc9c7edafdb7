import assert from "node:assert/strict";
import { test } from "node:test";
import { HASH_COMMANDS } from "../../../src/commands/hash/mod.ts";
import { ask, hashFixture, WRONG_TYPE } from "./support.ts";

test("HSET, HGET, HMGET, HEXISTS, HSTRLEN and HLEN", () => {
  const f = hashFixture();
  assert.equal(ask(f, "HSET h a 1 b two a 3"), "2");
  assert.equal(ask(f, "HSET h a 4"), "0");
  assert.equal(ask(f, "HGET h a"), "4");
  assert.equal(f.line("HGET h a"), "$1\r\n4\r\n");
  assert.equal(ask(f, "HGET h nosuch"), "nil");
  assert.equal(ask(f, "HGET nosuch a"), "nil");
  assert.equal(f.run2("HGET", "nosuch", "a"), "$-1\r\n");
  assert.equal(ask(f, "HMGET h b x a"), "#3 two nil 4");
  assert.equal(ask(f, "HMGET nosuch b x"), "#2 nil nil");
  assert.equal(ask(f, "HEXISTS h a"), "1");
  assert.equal(ask(f, "HEXISTS h x"), "0");
  assert.equal(ask(f, "HEXISTS nosuch x"), "0");
  assert.equal(ask(f, "HSTRLEN h b"), "3");
  assert.equal(ask(f, "HSTRLEN h x"), "0");
  assert.equal(ask(f, "HSTRLEN nosuch x"), "0");
  assert.equal(ask(f, "HLEN h"), "2");
  assert.equal(ask(f, "HLEN nosuch"), "0");
  assert.equal(f.line("HMSET h c 5"), "+OK\r\n");
  assert.equal(ask(f, "HSETNX h c 6"), "0");
  assert.equal(ask(f, "HSETNX h d 6"), "1");
  assert.equal(ask(f, "HGETALL h"), "#4 a 4 b two c 5 d 6");
  f.engine.keyspace.checkInvariants();
});

test("HGETALL, HKEYS and HVALS reply a map and arrays", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 22");
  assert.equal(f.line("HGETALL h"), "%2\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$2\r\n22\r\n");
  assert.equal(f.run2("HGETALL", "h"), "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$2\r\n22\r\n");
  assert.equal(f.line("HKEYS h"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  assert.equal(f.line("HVALS h"), "*2\r\n$1\r\n1\r\n$2\r\n22\r\n");
  assert.equal(f.line("HGETALL nosuch"), "%0\r\n");
  assert.equal(f.line("HKEYS nosuch"), "*0\r\n");
});

test("HDEL removes fields, and the key with the last one", () => {
  const f = hashFixture();
  f.line("HSET h a 1 b 2 c 3");
  assert.equal(ask(f, "HDEL h a x a"), "1");
  assert.equal(ask(f, "HDEL nosuch a"), "0");
  assert.equal(ask(f, "HDEL h b c d"), "2");
  assert.equal(ask(f, "EXISTS h"), "0");
  f.engine.keyspace.checkInvariants();
});

test("HINCRBY and HINCRBYFLOAT", () => {
  const f = hashFixture();
  assert.equal(ask(f, "HINCRBY h n 5"), "5");
  assert.equal(ask(f, "HINCRBY h n -7"), "-2");
  assert.equal(ask(f, "HINCRBY h n x"), "-ERR value is not an integer or out of range");
  f.line("HSET h text abc max 9223372036854775807 f 10.5");
  assert.equal(ask(f, "HINCRBY h text 1"), "-ERR hash value is not an integer");
  assert.equal(ask(f, "HINCRBY h max 1"), "-ERR increment or decrement would overflow");
  assert.equal(ask(f, "HINCRBY h max -1"), "9223372036854775806");
  assert.equal(ask(f, "HINCRBYFLOAT h f 0.1"), "10.6");
  assert.equal(ask(f, "HINCRBYFLOAT h new 3e3"), "3000");
  assert.equal(ask(f, "HINCRBYFLOAT h text 1"), "-ERR hash value is not a float");
  assert.equal(ask(f, "HINCRBYFLOAT h f x"), "-ERR value is not a valid float");
  assert.equal(ask(f, "HINCRBYFLOAT h f inf"), "-ERR value is NaN or Infinity");
  assert.equal(ask(f, "HINCRBYFLOAT h f nan"), "-ERR value is not a valid float");
});

test("every command on a hash refuses keys of other types", () => {
  const f = hashFixture();
  f.line("SET s 1");
  const fields = "FIELDS 1 f";
  const lines = [
    ...["HSET s f v", "HMSET s f v", "HSETNX s f v", "HGET s f", "HMGET s f", "HGETALL s"],
    ...["HKEYS s", "HVALS s", "HDEL s f", "HEXISTS s f", "HSTRLEN s f", "HLEN s"],
    ...["HINCRBY s f 1", "HINCRBYFLOAT s f 1", "HRANDFIELD s", "HRANDFIELD s 1", "HSCAN s 0"],
    ...[`HEXPIRE s 1 ${fields}`, `HPEXPIRE s 1 ${fields}`, `HEXPIREAT s 1 ${fields}`],
    ...[`HPEXPIREAT s 1 ${fields}`, `HTTL s ${fields}`, `HPTTL s ${fields}`],
    ...[`HEXPIRETIME s ${fields}`, `HPEXPIRETIME s ${fields}`, `HPERSIST s ${fields}`],
    ...[`HGETEX s ${fields}`, `HGETDEL s ${fields}`, `HSETEX s ${fields} v`],
  ];
  for (const line of lines) assert.equal(f.line(line), WRONG_TYPE, line);
  const tested = new Set(lines.map((line) => line.split(" ")[0].toLowerCase()));
  for (const { name } of HASH_COMMANDS) assert.ok(tested.has(name), name);
});

test("commands on hashes refuse wrong arguments in Redis's words", () => {
  const f = hashFixture();
  f.line("HSET h a 1");
  const arity = (name: string): string => `-ERR wrong number of arguments for '${name}' command`;
  assert.equal(ask(f, "HSET h a"), arity("hset"));
  assert.equal(ask(f, "HSET h a 1 b"), arity("hset"));
  assert.equal(ask(f, "HMSET h a 1 b"), arity("hmset"));
  assert.equal(ask(f, "HGET h"), arity("hget"));
  assert.equal(ask(f, "HRANDFIELD h x"), "-ERR value is not an integer or out of range");
  assert.equal(ask(f, "HRANDFIELD h 1 NOSUCH"), "-ERR syntax error");
  assert.equal(ask(f, "HRANDFIELD h 1 WITHVALUES x"), "-ERR syntax error");
  assert.equal(
    ask(f, "HRANDFIELD h -9223372036854775808"),
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
  );
  assert.equal(
    ask(f, "HRANDFIELD h -4611686018427387904 WITHVALUES"),
    "-ERR value is out of range",
  );
  assert.equal(ask(f, "HSCAN h x"), "-ERR invalid cursor");
  assert.equal(ask(f, "HSCAN h 0 COUNT 0"), "-ERR syntax error");
  assert.equal(ask(f, "HSCAN h 0 COUNT x"), "-ERR value is not an integer or out of range");
  assert.equal(ask(f, "HSCAN h 0 NOSUCH"), "-ERR syntax error");
});

test("HRANDFIELD picks fields of either encoding", () => {
  for (const entries of [2, 128]) {
    const f = hashFixture({ hashMaxListpackEntries: entries });
    for (let i = 0; i < 60; i++) f.line(`HSET h f${i} v${i}`);
    assert.match(ask(f, "HRANDFIELD h"), /^f\d+$/);
    for (const count of [1, 5, 19, 20, 21, 59, 60, 100]) {
      const picked = ask(f, `HRANDFIELD h ${count}`).split(" ");
      const wanted = Math.min(count, 60);
      assert.equal(picked[0], `#${wanted}`);
      assert.equal(new Set(picked).size, wanted + 1);
    }
    const repeated = ask(f, "HRANDFIELD h -200").split(" ");
    assert.equal(repeated.length, 201);
    assert.ok(new Set(repeated).size > 30);
    assert.match(
      f.line("HRANDFIELD h 1 WITHVALUES"),
      /^\*1\r\n\*2\r\n\$\d\r\nf(\d+)\r\n\$\d\r\nv\1/,
    );
    assert.match(
      f.run2("HRANDFIELD", "h", "-2", "WITHVALUES"),
      /^\*4\r\n\$\d\r\nf(\d+)\r\n\$\d\r\nv\1/,
    );
    assert.equal(f.line("HRANDFIELD h 0"), "*0\r\n");
    assert.equal(f.line("HRANDFIELD nosuch"), "_\r\n");
    assert.equal(f.line("HRANDFIELD nosuch 5"), "*0\r\n");
  }
});

test("HSCAN visits every field once while nothing changes, in either encoding", () => {
  for (const entries of [2, 512]) {
    const f = hashFixture({ hashMaxListpackEntries: entries });
    for (let i = 0; i < 300; i++) f.line(`HSET h f${i} v${i}`);
    const seen: string[] = [];
    let cursor = "0", calls = 0;
    do {
      const page = ask(f, `HSCAN h ${cursor} COUNT 20`).split(" ");
      cursor = page[1];
      for (let i = 3; i < page.length; i += 2) {
        seen.push(page[i]);
        assert.equal(page[i + 1], page[i].replace("f", "v"));
      }
      calls++;
    } while (cursor !== "0");
    assert.equal(calls > 5, entries === 2);
    assert.equal(seen.length, 300);
    assert.equal(new Set(seen).size, 300);
    assert.equal(ask(f, "HSCAN h 0 COUNT 1000 MATCH f29? NOVALUES").split(" ").length, 13);
    assert.equal(ask(f, "HSCAN h 0 MATCH nosuch COUNT 1000"), "#2 0 #0");
  }
  const f = hashFixture();
  assert.equal(ask(f, "HSCAN nosuch 0 NOSUCH"), "#2 0 #0");
  f.line("HSET h a 1 b 2");
  assert.equal(ask(f, "HSCAN h 77"), "#2 0 #4 a 1 b 2");
  assert.equal(ask(f, "HSCAN h 0 NOVALUES"), "#2 0 #2 a b");
});

test("a hash becomes large where Redis makes it so", () => {
  const f = hashFixture({ hashMaxListpackEntries: 3, hashMaxListpackValue: 5 });
  const encoding = (key: string): string => ask(f, `OBJECT ENCODING ${key}`);
  f.line("HSET h a 1 b 2 c 3");
  assert.equal(encoding("h"), "listpack");
  f.line("HSET h a 4");
  assert.equal(encoding("h"), "listpack");
  f.line("HSET h d 4");
  assert.equal(encoding("h"), "hashtable");
  assert.equal(ask(f, "HMGET h a b c d"), "#4 4 2 3 4");
  f.line("HDEL h a b c");
  assert.equal(encoding("h"), "hashtable");
  f.line("HSET v a 12345");
  assert.equal(encoding("v"), "listpack");
  f.line("HSET v a 123456");
  assert.equal(encoding("v"), "hashtable");
  f.line("HSET k 123456 a");
  assert.equal(encoding("k"), "hashtable");
  f.line("HSET i a 99999");
  f.line("HINCRBY i a 1");
  assert.equal(encoding("i"), "hashtable");
  f.line("HSET many a 1 a 1 a 1 a 1");
  assert.equal(encoding("many"), "hashtable");
  assert.equal(ask(f, "HLEN many"), "1");
  f.engine.keyspace.checkInvariants();
});

test("fields and values of any length go in and out", () => {
  const f = hashFixture();
  const keyspace = f.engine.keyspace;
  for (const length of [0, 1, 64, 65, 3999, 4000, 4001, 65_535, 65_536, 200_000]) {
    const field = "f".repeat(length), value = "v".repeat(length);
    assert.equal(f.run("HSET", "h", field, value), ":1\r\n");
    assert.equal(f.run("HGET", "h", field), `$${length}\r\n${value}\r\n`);
    assert.equal(f.run("HSTRLEN", "h", field), `:${length}\r\n`);
    assert.equal(f.run("HSET", "h", field, "short"), ":0\r\n");
    assert.equal(f.run("HGET", "h", field), "$5\r\nshort\r\n");
    assert.equal(f.run("HSET", "h", field, value), ":0\r\n");
  }
  keyspace.checkInvariants();
  assert.equal(f.run("HSCAN", "h", "0", "MATCH", "fff*", "COUNT", "100").length > 600_000, true);
  assert.equal(f.run("COPY", "h", "h2"), ":1\r\n");
  assert.equal(f.run("HGET", "h2", "f".repeat(200_000)), `$200000\r\n${"v".repeat(200_000)}\r\n`);
  keyspace.checkInvariants();
  for (const length of [200_000, 65_536, 4001, 0]) {
    assert.equal(f.run("HDEL", "h", "f".repeat(length)), ":1\r\n");
  }
  keyspace.checkInvariants();
  f.line("FLUSHALL");
  keyspace.checkInvariants();
});

test("a compact hash never outgrows its record", () => {
  const f = hashFixture({ hashMaxListpackEntries: 100_000, hashMaxListpackValue: 100_000 });
  for (let i = 0; i < 40; i++) f.run("HSET", "h", `field${i}`, "x".repeat(1000));
  assert.equal(ask(f, "OBJECT ENCODING h"), "hashtable");
  assert.equal(ask(f, "HLEN h"), "40");
  assert.equal(f.run("HSET", "one", "f", "x".repeat(40_000)), ":1\r\n");
  assert.equal(f.run("HSTRLEN", "one", "f"), ":40000\r\n");
  const pairs = Array.from({ length: 40 }, (_, i) => [`f${i}`, "y".repeat(1000)]).flat();
  assert.equal(f.run("HSET", "at once", ...pairs), ":40\r\n");
  assert.equal(ask(f, "OBJECT ENCODING h"), "hashtable");
  f.engine.keyspace.checkInvariants();
});

test("without memory HSET answers OOM, and what is there stays whole", () => {
  const f = hashFixture({ maxmemoryPolicy: "noeviction" }, 4 * 1024 * 1024);
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const reply = f.run("HSET", `h${i % 7}`, `field${i}`, "x".repeat((i * 37) % 700));
    if (reply.startsWith("-OOM")) refused++;
  }
  assert.ok(refused > 100);
  f.engine.keyspace.checkInvariants();
  assert.match(f.line("HLEN h1"), /^:[1-9]/);
});

test("an unchanged hash does not count as a change", () => {
  const f = hashFixture();
  f.line("HSET h a 1");
  const before = f.engine.stats.dirty;
  f.line("HSETNX h a 2");
  f.line("HDEL h nosuch");
  f.line("HGETALL h");
  assert.equal(f.engine.stats.dirty, before);
  f.line("HSET h a 1");
  assert.equal(f.engine.stats.dirty, before + 1);
});
