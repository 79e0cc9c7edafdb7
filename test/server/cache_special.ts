/** What is asserted of a cache's methods on streams, bitmaps, HyperLogLogs and places. */
import assert from "node:assert/strict";
import type {
  BitmapMethods,
  GeoMethods,
  HyperLogLogMethods,
  StreamMethods,
} from "../../src/methods/special.ts";
import type { Cache } from "../../src/server/cache.ts";
import { type Checks, utf8 } from "./cache_support.ts";

/** Entries 1-1 and 2-1. */
function fill(cache: Cache): void {
  cache.xadd("k", "1-1", "f", "a");
  cache.xadd("k", "2-1", { f: "b", g: 1 });
}

const FIRST = ["1-1", ["f", "a"]];
const SECOND = ["2-1", ["f", "b", "g", "1"]];

/** A group that has read both entries. */
function fillGroup(cache: Cache): void {
  fill(cache);
  cache.xgroup("CREATE", "k", "g", 0);
  cache.xreadgroup("GROUP", "g", "c", { streams: { k: ">" } });
}

export const STREAMS: Checks<StreamMethods<string>> = {
  xadd(cache) {
    assert.equal(cache.xadd("k", { nomkstream: true }, "*", { f: 1 }), null);
    assert.equal(cache.xadd("k", { maxlen: ["~", 9], limit: 5 }, "5-1", { f: 1 }), "5-1");
    assert.equal(cache.xadd("k", { maxlen: 1 }, "6-*", "f", 1), "6-0");
    assert.deepEqual(cache.bytes.xadd("k", "7-1", new Map([[utf8("f"), 1]])), utf8("7-1"));
    assert.equal(cache.xlen("k"), 2);
  },
  xlen(cache) {
    fill(cache);
    assert.equal(cache.xlen("k"), 2);
  },
  xrange(cache) {
    fill(cache);
    assert.deepEqual(cache.xrange("k", "-", "+"), [FIRST, SECOND]);
    assert.deepEqual(cache.xrange("k", "-", "+", { count: 1 }), [FIRST]);
  },
  xrevrange(cache) {
    fill(cache);
    assert.deepEqual(cache.xrevrange("k", "+", "-", { count: 1 }), [SECOND]);
  },
  xread(cache) {
    fill(cache);
    assert.deepEqual(cache.xread({ count: 5, streams: { k: "1-1" } }), new Map([["k", [SECOND]]]));
    assert.equal(cache.xread({ streams: { k: "$", none: 0 } }), null);
  },
  xreadgroup(cache) {
    fill(cache);
    cache.xgroup("CREATE", "k", "g", 0);
    const read = cache.xreadgroup("GROUP", "g", "c", { count: 1, streams: { k: ">" } });
    assert.deepEqual(read, new Map([["k", [FIRST]]]));
  },
  xdel(cache) {
    fill(cache);
    assert.equal(cache.xdel("k", "1-1", "9-9"), 1);
  },
  xtrim(cache) {
    fill(cache);
    assert.equal(cache.xtrim("k", { minid: ["=", "2"] }), 1);
  },
  xack(cache) {
    fillGroup(cache);
    assert.deepEqual([cache.xack("k", "g", "1-1"), cache.xack("k", "g", "1-1")], [1, 0]);
  },
  xclaim(cache) {
    fillGroup(cache);
    assert.deepEqual(cache.xclaim("k", "g", "d", 0, "1-1"), [FIRST]);
    assert.deepEqual(cache.xclaim("k", "g", "d", 0, "2-1", "JUSTID"), ["2-1"]);
  },
  xautoclaim(cache) {
    fillGroup(cache);
    assert.deepEqual(cache.xautoclaim("k", "g", "d", 0, 0, { count: 1, justid: true }), [
      "2-1",
      ["1-1"],
      [],
    ]);
  },
  xpending(cache) {
    fillGroup(cache);
    assert.deepEqual(cache.xpending("k", "g"), [2, "1-1", "2-1", [["c", "2"]]]);
    assert.equal(cache.xpending("k", "g", "-", "+", 1).length, 1);
  },
  xinfo(cache) {
    fill(cache);
    const info = cache.xinfo("STREAM", "k");
    assert.ok(info instanceof Map);
    assert.equal(info.get("length"), 2);
  },
  xgroup(cache) {
    fill(cache);
    assert.equal(cache.xgroup("CREATE", "k", "g", "$"), "OK");
    assert.equal(cache.xgroup("CREATECONSUMER", "k", "g", "c"), 1);
    assert.equal(cache.xgroup("DESTROY", "k", "g"), 1);
  },
  xsetid(cache) {
    fill(cache);
    assert.equal(cache.xsetid("k", "9-9"), "OK");
    assert.throws(() => cache.xadd("k", "3-1", "f", "c"), /equal or smaller/);
  },
  xackdel(cache) {
    fillGroup(cache);
    assert.deepEqual(cache.xackdel("k", "g", "IDS", 2, "1-1", "9-9"), [1, -1]);
  },
  xdelex(cache) {
    fill(cache);
    assert.deepEqual(cache.xdelex("k", "KEEPREF", "IDS", 2, "1-1", "9-9"), [1, -1]);
  },
};

export const BITMAPS: Checks<BitmapMethods> = {
  setbit(cache) {
    assert.deepEqual([cache.setbit("k", 7, 1), cache.setbit("k", 7, 0)], [0, 1]);
  },
  getbit(cache) {
    cache.set("k", "a");
    assert.deepEqual([cache.getbit("k", 1), cache.getbit("k", 0), cache.getbit("k", 99)], [
      1,
      0,
      0,
    ]);
  },
  bitcount(cache) {
    cache.set("k", "foobar");
    assert.deepEqual([cache.bitcount("k"), cache.bitcount("k", 1, 1)], [26, 6]);
    assert.equal(cache.bitcount("k", 5, 30, "BIT"), 17);
  },
  bitpos(cache) {
    cache.set("k", "\0a");
    assert.deepEqual([cache.bitpos("k", 1), cache.bitpos("k", 1, 0, 5, "BIT")], [9, -1]);
  },
  bitop(cache) {
    cache.mset({ a: "a", b: "b" });
    assert.deepEqual([cache.bitop("AND", "d", "a", "b"), cache.get("d")], [1, "`"]);
  },
  bitfield(cache) {
    const operations = ["SET", "u8", 0, 255, "INCRBY", "u8", 0, 1, "GET", "u4", 0];
    assert.deepEqual(cache.bitfield("k", ...operations), [0, 0, 0]);
    assert.deepEqual(cache.bitfield("k", "OVERFLOW", "FAIL", "INCRBY", "u2", 0, 4), [null]);
  },
  bitfield_ro(cache) {
    cache.set("k", "a");
    assert.deepEqual(cache.bitfield_ro("k", "GET", "u8", 0), [97]);
  },
};

export const HYPERLOGLOGS: Checks<HyperLogLogMethods> = {
  pfadd(cache) {
    assert.deepEqual([cache.pfadd("k", "a", "b"), cache.pfadd("k", ["a"])], [1, 0]);
  },
  pfcount(cache) {
    cache.pfadd("a", 1, 2);
    cache.pfadd("b", 2, 3);
    assert.deepEqual([cache.pfcount("a"), cache.pfcount("a", "b")], [2, 3]);
  },
  pfmerge(cache) {
    cache.pfadd("a", 1, 2);
    assert.deepEqual([cache.pfmerge("d", "a"), cache.pfcount("d")], ["OK", 2]);
  },
};

function fillPlaces(cache: Cache): void {
  cache.geoadd("k", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania");
}

export const PLACES: Checks<GeoMethods<string>> = {
  geoadd(cache) {
    assert.equal(cache.geoadd("k", 13.361389, 38.115556, "Palermo"), 1);
    assert.throws(() => cache.geoadd("k", 200, 0, "x"), /invalid longitude,latitude pair/);
  },
  geodist(cache) {
    fillPlaces(cache);
    assert.equal(cache.geodist("k", "Palermo", "Catania", "km"), "166.2742");
    assert.equal(cache.geodist("k", "Palermo", "Rome"), null);
  },
  geohash(cache) {
    fillPlaces(cache);
    assert.deepEqual(cache.geohash("k", "Palermo", "Rome"), ["sqc8b49rny0", null]);
  },
  geopos(cache) {
    fillPlaces(cache);
    const [palermo, rome] = cache.geopos("k", "Palermo", "Rome");
    assert.deepEqual([palermo?.map(Math.floor), rome], [[13, 38], null]);
  },
  geosearch(cache) {
    fillPlaces(cache);
    const options = { fromlonlat: [15, 37], byradius: [200, "km"], asc: true } as const;
    assert.deepEqual(cache.geosearch("k", options), ["Catania", "Palermo"]);
    assert.deepEqual(cache.geosearch("k", { ...options, count: [1, "ANY"] }).length, 1);
    const words = ["FROMMEMBER", "Palermo", "BYBOX", 1, 1, "km", "WITHDIST"];
    assert.deepEqual(cache.geosearch("k", ...words), [["Palermo", "0.0000"]]);
  },
  geosearchstore(cache) {
    fillPlaces(cache);
    const options = { frommember: "Palermo", bybox: [1, 1, "km"] } as const;
    assert.deepEqual([cache.geosearchstore("d", "k", options), cache.zcard("d")], [1, 1]);
  },
  georadius(cache) {
    fillPlaces(cache);
    assert.deepEqual(cache.georadius("k", 15, 37, 100, "km"), ["Catania"]);
    assert.equal(cache.georadius("k", 15, 37, 100, "km", "STORE", "d"), 1);
  },
  georadius_ro(cache) {
    fillPlaces(cache);
    assert.deepEqual(cache.georadius_ro("k", 15, 37, 100, "km"), ["Catania"]);
  },
  georadiusbymember(cache) {
    fillPlaces(cache);
    assert.deepEqual(cache.georadiusbymember("k", "Palermo", 1, "m"), ["Palermo"]);
  },
  georadiusbymember_ro(cache) {
    fillPlaces(cache);
    assert.deepEqual(cache.georadiusbymember_ro("k", "Palermo", 1, "m"), ["Palermo"]);
  },
};
