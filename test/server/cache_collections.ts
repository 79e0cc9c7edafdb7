/** What is asserted of a cache's methods on lists, sets and hashes. */
import assert from "node:assert/strict";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import type { Cache } from "../../src/server/cache.ts";
import type { HashMethods, ListMethods, SetMethods } from "../../src/methods/collections.ts";
import { type Checks, utf8 } from "./cache_support.ts";

export const LISTS: Checks<ListMethods<string>> = {
  lpush(cache) {
    assert.deepEqual([cache.lpush("k", "a", 2), cache.lpush("k", ["x", "y"])], [2, 4]);
    assert.deepEqual(cache.lrange("k", 0, -1), ["y", "x", "2", "a"]);
    cache.set("s", "v");
    assert.throws(() => cache.lpush("s", "a"), ReplyError);
  },
  rpush(cache) {
    assert.deepEqual([cache.rpush("k", "a", "b"), cache.lrange("k", 0, -1)], [2, ["a", "b"]]);
    assert.deepEqual(cache.bytes.lrange("k", 0, 0), [utf8("a")]);
  },
  lpushx(cache) {
    assert.equal(cache.lpushx("k", "a"), 0);
    cache.rpush("k", "a");
    assert.equal(cache.lpushx("k", "b"), 2);
  },
  rpushx(cache) {
    assert.equal(cache.rpushx("k", "a"), 0);
    cache.rpush("k", "a");
    assert.deepEqual([cache.rpushx("k", "b"), cache.lindex("k", 1)], [2, "b"]);
  },
  lpop(cache) {
    assert.deepEqual([cache.lpop("k"), cache.lpop("k", 2)], [null, null]);
    cache.rpush("k", "a", "b", "c");
    assert.deepEqual([cache.lpop("k"), cache.lpop("k", 5)], ["a", ["b", "c"]]);
  },
  rpop(cache) {
    cache.rpush("k", "a", "b", "c");
    assert.deepEqual([cache.rpop("k"), cache.rpop("k", 2)], ["c", ["b", "a"]]);
  },
  llen(cache) {
    cache.rpush("k", "a");
    assert.deepEqual([cache.llen("k"), cache.llen("none")], [1, 0]);
  },
  lrange(cache) {
    cache.rpush("k", "a", "b", "c");
    assert.deepEqual([cache.lrange("k", 1, -1), cache.lrange("k", 5, 9)], [["b", "c"], []]);
  },
  lindex(cache) {
    cache.rpush("k", "a", "b");
    assert.deepEqual([cache.lindex("k", -1), cache.lindex("k", 7)], ["b", null]);
  },
  lset(cache) {
    cache.rpush("k", "a", "b");
    assert.deepEqual([cache.lset("k", 0, "x"), cache.lindex("k", 0)], ["OK", "x"]);
    assert.throws(() => cache.lset("k", 9, "x"), { message: "ERR index out of range" });
  },
  linsert(cache) {
    cache.rpush("k", "a");
    assert.deepEqual(
      [cache.linsert("k", "BEFORE", "a", "x"), cache.linsert("k", "AFTER", "?", 1)],
      [
        2,
        -1,
      ],
    );
  },
  lrem(cache) {
    cache.rpush("k", "a", "b", "a");
    assert.deepEqual([cache.lrem("k", 0, "a"), cache.llen("k")], [2, 1]);
  },
  ltrim(cache) {
    cache.rpush("k", "a", "b", "c");
    assert.deepEqual([cache.ltrim("k", 1, 1), cache.lrange("k", 0, -1)], ["OK", ["b"]]);
  },
  lpos(cache) {
    cache.rpush("k", "a", "b", "a");
    assert.deepEqual([cache.lpos("k", "a"), cache.lpos("k", "x")], [0, null]);
    assert.equal(cache.lpos("k", "a", { rank: -1, maxlen: 3 }), 2);
    assert.deepEqual(cache.lpos("k", "a", { count: 0 }), [0, 2]);
  },
  lmove(cache) {
    cache.rpush("k", "a", "b");
    assert.deepEqual([cache.lmove("k", "d", "LEFT", "RIGHT"), cache.lrange("d", 0, -1)], ["a", [
      "a",
    ]]);
  },
  rpoplpush(cache) {
    cache.rpush("k", "a", "b");
    assert.deepEqual([cache.rpoplpush("k", "d"), cache.rpoplpush("none", "d")], ["b", null]);
  },
  lmpop(cache) {
    cache.rpush("k", "a", "b", "c");
    assert.deepEqual(cache.lmpop(["none", "k"], "LEFT", { count: 2 }), ["k", ["a", "b"]]);
    assert.deepEqual(cache.lmpop(["k"], "RIGHT"), ["k", ["c"]]);
    assert.equal(cache.lmpop(["k"], "LEFT"), null);
  },
};

export const SETS: Checks<SetMethods<string>> = {
  sadd(cache) {
    assert.deepEqual([cache.sadd("k", "a", "b"), cache.sadd("k", ["b", "c"])], [2, 1]);
  },
  srem(cache) {
    cache.sadd("k", 1, 2);
    assert.deepEqual([cache.srem("k", 1, 3), cache.scard("k")], [1, 1]);
  },
  sismember(cache) {
    cache.sadd("k", 1);
    assert.deepEqual([cache.sismember("k", 1), cache.sismember("k", 2)], [1, 0]);
  },
  smismember(cache) {
    cache.sadd("k", 1);
    assert.deepEqual(cache.smismember("k", 1, 2), [1, 0]);
  },
  scard(cache) {
    assert.equal(cache.scard("k"), 0);
  },
  smembers(cache) {
    cache.sadd("k", "a", "b");
    assert.deepEqual(cache.smembers("k"), new Set(["a", "b"]));
  },
  spop(cache) {
    cache.sadd("k", "a", "b");
    const first = cache.spop("k");
    assert.ok(first === "a" || first === "b");
    assert.deepEqual([cache.spop("k", 5), cache.spop("k")], [
      new Set([first === "a" ? "b" : "a"]),
      null,
    ]);
  },
  srandmember(cache) {
    cache.sadd("k", "a");
    assert.deepEqual([cache.srandmember("k"), cache.srandmember("k", -2)], ["a", ["a", "a"]]);
  },
  smove(cache) {
    cache.sadd("k", "a");
    assert.deepEqual([cache.smove("k", "d", "a"), cache.smove("k", "d", "a")], [1, 0]);
  },
  sinter(cache) {
    fillSets(cache);
    assert.deepEqual(cache.sinter("a", "b"), new Set(["2"]));
  },
  sinterstore(cache) {
    fillSets(cache);
    assert.deepEqual([cache.sinterstore("d", "a", "b"), cache.smembers("d")], [1, new Set(["2"])]);
  },
  sintercard(cache) {
    fillSets(cache);
    assert.deepEqual([cache.sintercard(["a", "b"]), cache.sintercard(["a"], { limit: 1 })], [1, 1]);
  },
  sunion(cache) {
    fillSets(cache);
    assert.deepEqual(cache.sunion("a", "b"), new Set(["1", "2", "3"]));
  },
  sunionstore(cache) {
    fillSets(cache);
    assert.equal(cache.sunionstore("d", ["a", "b"]), 3);
  },
  sdiff(cache) {
    fillSets(cache);
    assert.deepEqual(cache.sdiff("a", "b"), new Set(["1"]));
  },
  sdiffstore(cache) {
    fillSets(cache);
    assert.equal(cache.sdiffstore("d", "b", "a"), 1);
  },
  sscan(cache) {
    cache.sadd("k", "a", "b");
    assert.deepEqual(cache.sscan("k", 0, { match: "a", count: 100 }), ["0", ["a"]]);
  },
};

function fillSets(cache: Cache): void {
  cache.sadd("a", 1, 2);
  cache.sadd("b", 2, 3);
}

export const HASHES: Checks<HashMethods<string>> = {
  hset(cache) {
    assert.deepEqual([cache.hset("k", { a: 1, b: "2" }), cache.hset("k", "b", 3, "c", 4)], [2, 1]);
    assert.equal(cache.hset("k", new Map([[utf8("d"), 1]])), 1);
    assert.deepEqual(cache.hmget("k", "a", "b", "c", "d"), ["1", "3", "4", "1"]);
  },
  hsetnx(cache) {
    assert.deepEqual([cache.hsetnx("k", "f", 1), cache.hsetnx("k", "f", 2)], [1, 0]);
  },
  hmset(cache) {
    assert.deepEqual([cache.hmset("k", { a: 1 }), cache.hget("k", "a")], ["OK", "1"]);
  },
  hget(cache) {
    cache.hset("k", { a: "é" });
    assert.deepEqual([cache.hget("k", "a"), cache.hget("k", "b")], ["é", null]);
  },
  hmget(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual([cache.hmget("k", "a", "b"), cache.hmget("k", ["a"])], [["1", null], ["1"]]);
  },
  hgetall(cache) {
    cache.hset("k", { a: 1, b: 2 });
    assert.deepEqual(cache.hgetall("k"), new Map([["a", "1"], ["b", "2"]]));
  },
  hdel(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual([cache.hdel("k", "a", "b"), cache.exists("k")], [1, 0]);
  },
  hexists(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual([cache.hexists("k", "a"), cache.hexists("k", "b")], [1, 0]);
  },
  hlen(cache) {
    cache.hset("k", { a: 1 });
    assert.equal(cache.hlen("k"), 1);
  },
  hstrlen(cache) {
    cache.hset("k", { a: "é" });
    assert.equal(cache.hstrlen("k", "a"), 2);
  },
  hkeys(cache) {
    cache.hset("k", { a: 1, b: 2 });
    assert.deepEqual(cache.hkeys("k"), ["a", "b"]);
  },
  hvals(cache) {
    cache.hset("k", { a: 1, b: 2 });
    assert.deepEqual(cache.hvals("k"), ["1", "2"]);
  },
  hincrby(cache) {
    assert.deepEqual([cache.hincrby("k", "a", 2), cache.hincrby("k", "a", -3)], [2, -1]);
  },
  hincrbyfloat(cache) {
    assert.equal(cache.hincrbyfloat("k", "a", 1.5), "1.5");
  },
  hrandfield(cache) {
    assert.equal(cache.hrandfield("k"), null);
    cache.hset("k", { a: 1 });
    assert.deepEqual([cache.hrandfield("k"), cache.hrandfield("k", -2)], ["a", ["a", "a"]]);
    assert.deepEqual(cache.hrandfield("k", 1, { withvalues: true }), [["a", "1"]]);
  },
  hscan(cache) {
    cache.hset("k", { a: 1, b: 2 });
    assert.deepEqual(cache.hscan("k", 0, { match: "b" }), ["0", ["b", "2"]]);
    assert.deepEqual(cache.hscan("k", 0, { novalues: true }), ["0", ["a", "b"]]);
  },
  hexpire(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hexpire("k", 10, { fields: ["a", "b"] }), [1, -2]);
    assert.deepEqual(cache.hexpire("k", 10, { nx: true, fields: ["a"] }), [0]);
  },
  hpexpire(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hpexpire("k", 1500, { fields: ["a"] }), [1]);
    assert.deepEqual(cache.hpttl("k", { fields: ["a"] }), [1500]);
  },
  hexpireat(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hexpireat("k", 2_000_000_000, { fields: ["a"] }), [1]);
    assert.deepEqual(cache.hexpiretime("k", { fields: ["a"] }), [2_000_000_000]);
  },
  hpexpireat(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hpexpireat("k", 2_000_000_000_500, { gt: false, fields: ["a"] }), [1]);
    assert.deepEqual(cache.hpexpiretime("k", { fields: ["a"] }), [2_000_000_000_500]);
  },
  httl(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.httl("k", { fields: ["a", "b"] }), [-1, -2]);
  },
  hpttl(cache) {
    assert.deepEqual(cache.hpttl("none", { fields: ["a"] }), [-2]);
  },
  hexpiretime(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hexpiretime("k", { fields: ["a"] }), [-1]);
  },
  hpexpiretime(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hpexpiretime("k", { fields: ["a"] }), [-1]);
  },
  hpersist(cache) {
    cache.hset("k", { a: 1 });
    cache.hexpire("k", 9, { fields: ["a"] });
    assert.deepEqual(cache.hpersist("k", { fields: ["a", "b"] }), [1, -2]);
  },
  hgetex(cache) {
    cache.hset("k", { a: 1 });
    assert.deepEqual(cache.hgetex("k", { ex: 7, fields: ["a", "b"] }), ["1", null]);
    assert.deepEqual(cache.httl("k", { fields: ["a"] }), [7]);
    assert.deepEqual(cache.hgetex("k", { persist: true, fields: ["a"] }), ["1"]);
  },
  hsetex(cache) {
    assert.equal(cache.hsetex("k", { fnx: true, ex: 7, fields: { a: 1, b: 2 } }), 1);
    assert.deepEqual([cache.httl("k", { fields: ["b"] }), cache.hget("k", "a")], [[7], "1"]);
    assert.equal(cache.hsetex("k", { fnx: true, fields: [["a", 1]] }), 0);
  },
  hgetdel(cache) {
    cache.hset("k", { a: 1, b: 2 });
    assert.deepEqual([cache.hgetdel("k", { fields: ["a", "x"] }), cache.hlen("k")], [
      ["1", null],
      1,
    ]);
  },
};
