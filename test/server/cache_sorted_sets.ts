/** What is asserted of a cache's methods on sorted sets. */
import assert from "node:assert/strict";
import type { Cache } from "../../src/server/cache.ts";
import type { SortedSetMethods } from "../../src/methods/collections.ts";
import type { Checks } from "./cache_support.ts";

/** a 1, b 2, c 3 */
function fill(cache: Cache): void {
  cache.zadd("k", [[1, "a"], [2, "b"], [3, "c"]]);
}

export const SORTED_SETS: Checks<SortedSetMethods<string>> = {
  zadd(cache) {
    assert.deepEqual([cache.zadd("k", 1, "a", "2.5", "b"), cache.zadd("k", [[1, "c"]])], [2, 1]);
    assert.equal(cache.zadd("k", { gt: true, ch: true }, [[3, "a"], [0, "b"]]), 1);
    assert.equal(cache.zadd("k", { incr: true, xx: true }, 1, "a"), 4);
    assert.equal(cache.zadd("k", { incr: true, nx: true }, 1, "a"), null);
  },
  zincrby(cache) {
    assert.deepEqual([cache.zincrby("k", 1.5, "a"), cache.zincrby("k", -1, "a")], [1.5, 0.5]);
  },
  zrem(cache) {
    fill(cache);
    assert.deepEqual([cache.zrem("k", "a", "x"), cache.zcard("k")], [1, 2]);
  },
  zcard(cache) {
    fill(cache);
    assert.deepEqual([cache.zcard("k"), cache.zcard("none")], [3, 0]);
  },
  zscore(cache) {
    fill(cache);
    cache.zadd("k", "-inf", "z");
    assert.deepEqual([cache.zscore("k", "b"), cache.zscore("k", "x")], [2, null]);
    assert.equal(cache.zscore("k", "z"), -Infinity);
  },
  zmscore(cache) {
    fill(cache);
    assert.deepEqual(cache.zmscore("k", "a", "x"), [1, null]);
  },
  zrank(cache) {
    fill(cache);
    assert.deepEqual([cache.zrank("k", "b"), cache.zrank("k", "x")], [1, null]);
    assert.deepEqual(cache.zrank("k", "c", { withscore: true }), [2, 3]);
  },
  zrevrank(cache) {
    fill(cache);
    assert.equal(cache.zrevrank("k", "c"), 0);
    assert.deepEqual(cache.zrevrank("k", "a", { withscore: true }), [2, 1]);
  },
  zcount(cache) {
    fill(cache);
    assert.equal(cache.zcount("k", "(1", "+inf"), 2);
  },
  zlexcount(cache) {
    cache.zadd("k", 0, "a", 0, "b");
    assert.equal(cache.zlexcount("k", "[a", "(b"), 1);
  },
  zrange(cache) {
    fill(cache);
    assert.deepEqual(cache.zrange("k", 0, -1), ["a", "b", "c"]);
    assert.deepEqual(cache.zrange("k", 0, 0, { withscores: true }), [["a", 1]]);
    const options = { byscore: true, rev: true, limit: [1, 1] } as const;
    assert.deepEqual(cache.zrange("k", "+inf", "-inf", options), ["b"]);
  },
  zrangestore(cache) {
    fill(cache);
    assert.deepEqual([cache.zrangestore("d", "k", 1, 2), cache.zrange("d", 0, -1)], [2, [
      "b",
      "c",
    ]]);
  },
  zrevrange(cache) {
    fill(cache);
    assert.deepEqual(cache.zrevrange("k", 0, 0), ["c"]);
    assert.deepEqual(cache.zrevrange("k", 0, 0, { withscores: true }), [["c", 3]]);
  },
  zrangebyscore(cache) {
    fill(cache);
    assert.deepEqual(cache.zrangebyscore("k", 2, 3), ["b", "c"]);
    const options = { withscores: true, limit: [0, 1] } as const;
    assert.deepEqual(cache.zrangebyscore("k", 2, 3, options), [["b", 2]]);
  },
  zrevrangebyscore(cache) {
    fill(cache);
    assert.deepEqual(cache.zrevrangebyscore("k", 3, 2), ["c", "b"]);
    assert.deepEqual(cache.zrevrangebyscore("k", 1, 1, { withscores: true }), [["a", 1]]);
  },
  zrangebylex(cache) {
    cache.zadd("k", 0, "a", 0, "b");
    assert.deepEqual(cache.zrangebylex("k", "-", "+", { limit: [1, 5] }), ["b"]);
  },
  zrevrangebylex(cache) {
    cache.zadd("k", 0, "a", 0, "b");
    assert.deepEqual(cache.zrevrangebylex("k", "+", "-"), ["b", "a"]);
  },
  zremrangebyrank(cache) {
    fill(cache);
    assert.equal(cache.zremrangebyrank("k", 0, 1), 2);
  },
  zremrangebyscore(cache) {
    fill(cache);
    assert.equal(cache.zremrangebyscore("k", 3, "inf"), 1);
  },
  zremrangebylex(cache) {
    cache.zadd("k", 0, "a", 0, "b");
    assert.equal(cache.zremrangebylex("k", "-", "(b"), 1);
  },
  zpopmin(cache) {
    fill(cache);
    assert.deepEqual([cache.zpopmin("k"), cache.zpopmin("k", 2)], [["a", 1], [["b", 2], ["c", 3]]]);
    assert.deepEqual(cache.zpopmin("k"), []);
  },
  zpopmax(cache) {
    fill(cache);
    assert.deepEqual([cache.zpopmax("k"), cache.zpopmax("k", 1)], [["c", 3], [["b", 2]]]);
  },
  zmpop(cache) {
    fill(cache);
    assert.deepEqual(cache.zmpop(["none", "k"], "MAX", { count: 2 }), ["k", [["c", 3], ["b", 2]]]);
    assert.equal(cache.zmpop(["none"], "MIN"), null);
  },
  zrandmember(cache) {
    cache.zadd("k", 1, "a");
    assert.deepEqual([cache.zrandmember("k"), cache.zrandmember("k", -2)], ["a", ["a", "a"]]);
    assert.deepEqual(cache.zrandmember("k", 1, { withscores: true }), [["a", 1]]);
  },
  zunion(cache) {
    fill(cache);
    cache.sadd("s", "c", "d");
    assert.deepEqual(cache.zunion(["k", "s"]), ["a", "d", "b", "c"]);
    const options = { weights: [10, 1], aggregate: "MAX", withscores: true } as const;
    assert.deepEqual(cache.zunion(["k", "s"], options)[0], ["d", 1]);
  },
  zinter(cache) {
    fill(cache);
    cache.sadd("s", "c", "d");
    assert.deepEqual(cache.zinter(["k", "s"]), ["c"]);
    assert.deepEqual(cache.zinter(["k", "s"], { withscores: true }), [["c", 4]]);
  },
  zdiff(cache) {
    fill(cache);
    cache.sadd("s", "c", "b");
    assert.deepEqual(cache.zdiff(["k", "s"]), ["a"]);
    assert.deepEqual(cache.zdiff(["k", "s"], { withscores: true }), [["a", 1]]);
  },
  zunionstore(cache) {
    fill(cache);
    assert.equal(cache.zunionstore("d", ["k", "k"], { weights: [1, 2] }), 3);
    assert.equal(cache.zscore("d", "c"), 9);
  },
  zinterstore(cache) {
    fill(cache);
    assert.equal(cache.zinterstore("d", ["k", "none"], { aggregate: "MIN" }), 0);
  },
  zdiffstore(cache) {
    fill(cache);
    assert.equal(cache.zdiffstore("d", ["k", "none"]), 3);
  },
  zintercard(cache) {
    fill(cache);
    assert.deepEqual([cache.zintercard(["k"]), cache.zintercard(["k"], { limit: 2 })], [3, 2]);
  },
  zscan(cache) {
    fill(cache);
    const [cursor, found] = cache.zscan("k", 0, { match: "b" });
    assert.deepEqual([cursor, found.map(String)], ["0", ["b", "2"]]);
  },
};
