/** What is asserted of a cache's methods on strings and keys. */
import assert from "node:assert/strict";
import type { KeyMethods, StringMethods } from "../../src/methods/commands.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { type Checks, START_MS, utf8 } from "./cache_support.ts";

const START_SECONDS = START_MS / 1000;

export const STRINGS_AND_KEYS: Checks<StringMethods<string> & KeyMethods<string>> = {
  get(cache) {
    assert.equal(cache.get("k"), null);
    cache.set("k", "é");
    assert.equal(cache.get("k"), "é");
    assert.equal(cache.get(utf8("k")), "é");
  },
  mget(cache) {
    cache.mset({ a: 1, c: "3" });
    assert.deepEqual(cache.mget("a", "b", "c"), ["1", null, "3"]);
  },
  getdel(cache) {
    cache.set("k", "v");
    assert.equal(cache.getdel("k"), "v");
    assert.equal(cache.getdel("k"), null);
  },
  getex(cache) {
    cache.set("k", "v");
    assert.equal(cache.getex("k", { ex: 10 }), "v");
    assert.equal(cache.ttl("k"), 10);
    assert.equal(cache.getex("k", { persist: true }), "v");
    assert.equal(cache.ttl("k"), -1);
    assert.equal(cache.getex("k", undefined), "v");
  },
  set(cache) {
    assert.equal(cache.set("k", "v"), "OK");
    assert.equal(cache.set("k", "w", { nx: true }), null);
    assert.equal(cache.set("k", 7, { get: true, keepttl: true }), "v");
    assert.equal(cache.set("k", "x", { ifeq: 7, px: 1500 }), "OK");
    assert.equal(cache.pttl("k"), 1500);
    assert.equal(cache.set("k", "y", { ifne: "x", nx: false, ex: undefined }), null);
    assert.equal(cache.set("k", "z", "XX", "EX", 9), "OK");
    assert.equal(cache.ttl("k"), 9);
    assert.equal(cache.set("k", true), "OK");
    assert.equal(cache.set("b", 2n ** 60n, { exat: START_SECONDS + 5 }), "OK");
    assert.deepEqual([cache.mget("k", "b"), cache.ttl("b")], [["true", `${2n ** 60n}`], 5]);
  },
  getset(cache) {
    assert.equal(cache.getset("k", "v"), null);
    assert.equal(cache.getset("k", "w"), "v");
  },
  setnx(cache) {
    assert.deepEqual([cache.setnx("k", "v"), cache.setnx("k", "w")], [1, 0]);
  },
  setex(cache) {
    assert.equal(cache.setex("k", 5, "v"), "OK");
    assert.equal(cache.ttl("k"), 5);
  },
  psetex(cache) {
    assert.equal(cache.psetex("k", 5000, "v"), "OK");
    assert.equal(cache.pttl("k"), 5000);
  },
  mset(cache) {
    assert.equal(cache.mset({ a: 1, b: "2", "": utf8("3") }), "OK");
    assert.equal(cache.mset(new Map([[utf8("c"), 4]])), "OK");
    assert.equal(cache.mset([["d", 5], ["d", 6]]), "OK");
    assert.deepEqual(cache.mget("a", "b", "", "c", "d"), ["1", "2", "3", "4", "6"]);
    assert.throws(() => cache.mset({}), ReplyError);
  },
  msetnx(cache) {
    assert.equal(cache.msetnx({ a: 1, b: 2 }), 1);
    assert.equal(cache.msetnx({ b: 1, c: 2 }), 0);
  },
  msetex(cache) {
    assert.equal(cache.msetex({ a: 1, b: 2 }, { ex: 10, nx: true }), 1);
    assert.equal(cache.msetex(new Map([["a", 1]]), { nx: true }), 0);
    assert.equal(cache.msetex({ a: 1 }, undefined), 1);
    assert.deepEqual([cache.ttl("a"), cache.ttl("b")], [-1, 10]);
  },
  append(cache) {
    assert.deepEqual([cache.append("k", "ab"), cache.append("k", "é"), cache.get("k")], [
      2,
      4,
      "abé",
    ]);
  },
  strlen(cache) {
    cache.set("k", "é");
    assert.deepEqual([cache.strlen("k"), cache.strlen("none")], [2, 0]);
  },
  getrange(cache) {
    cache.set("k", "Hello");
    assert.deepEqual([cache.getrange("k", 1, -2), cache.getrange("k", 9, 12)], ["ell", ""]);
    assert.deepEqual(cache.bytes.getrange("none", 0, 1), utf8(""));
  },
  substr(cache) {
    cache.set("k", "Hello");
    assert.equal(cache.substr("k", 1, 2), "el");
  },
  setrange(cache) {
    assert.deepEqual([cache.setrange("k", 1, "a"), cache.get("k")], [2, "\0a"]);
  },
  incr(cache) {
    assert.deepEqual([cache.incr("k"), cache.incr("k")], [1, 2]);
    cache.set("k", "9007199254740991");
    assert.equal(cache.incr("k"), 2n ** 53n);
    cache.set("k", "v");
    assert.throws(() => cache.incr("k"), {
      name: "ReplyError",
      code: "ERR",
      message: "ERR value is not an integer or out of range",
    });
  },
  decr(cache) {
    assert.equal(cache.decr("k"), -1);
  },
  incrby(cache) {
    assert.equal(cache.incrby("k", 10), 10);
    assert.equal(cache.incrby("k", 2n ** 62n), 2n ** 62n + 10n);
  },
  decrby(cache) {
    assert.equal(cache.decrby("k", 3), -3);
  },
  incrbyfloat(cache) {
    assert.equal(cache.incrbyfloat("k", 1.5), "1.5");
    assert.equal(cache.incrbyfloat("k", "-0.25"), "1.25");
  },
  digest(cache) {
    assert.equal(cache.digest("k"), null);
    cache.set("k", "v");
    const digest = cache.digest("k")!;
    assert.match(digest, /^[0-9a-f]{16}$/);
    assert.equal(cache.bytes.digest("k"), digest);
    assert.equal(cache.set("k", "w", { ifdeq: digest }), "OK");
  },
  delex(cache) {
    cache.set("k", "v");
    assert.equal(cache.delex("k", { ifeq: "w" }), 0);
    assert.equal(cache.delex("k", { ifne: "w" }), 1);
    assert.equal(cache.delex("k"), 0);
  },
  lcs(cache) {
    cache.mset({ a: "ohmytext", b: "mynewtext" });
    assert.equal(cache.lcs("a", "b"), "mytext");
    assert.deepEqual(cache.bytes.lcs("a", "b"), utf8("mytext"));
    assert.equal(cache.lcs("a", "b", { len: true }), 6);
    const found = cache.lcs("a", "b", { idx: true, minmatchlen: 4, withmatchlen: true });
    const matches = [[[4, 7], [5, 8], 4]];
    assert.deepEqual(found, new Map<string, unknown>([["matches", matches], ["len", 6]]));
    assert.equal(cache.lcs("a", "b", "LEN"), 6);
  },
  del(cache) {
    cache.mset({ a: 1, b: 2 });
    assert.equal(cache.del("a", "b", "c"), 2);
    assert.throws(
      () => cache.del(),
      /^ReplyError: ERR wrong number of arguments for 'del' command$/,
    );
  },
  unlink(cache) {
    cache.set("a", 1);
    assert.equal(cache.unlink("a", utf8("b")), 1);
  },
  exists(cache) {
    cache.set("a", 1);
    assert.equal(cache.exists("a", "a", "b"), 2);
  },
  touch(cache) {
    cache.set("a", 1);
    assert.equal(cache.touch("a", "b"), 1);
  },
  type(cache) {
    cache.set("a", 1);
    assert.deepEqual([cache.type("a"), cache.type("b")], ["string", "none"]);
    assert.equal(cache.bytes.type("a"), "string");
  },
  expire(cache) {
    cache.set("k", 1);
    assert.deepEqual([cache.expire("k", 10), cache.expire("k", 5, "GT")], [1, 0]);
    assert.equal(cache.expire("k", 20, undefined), 1);
    assert.equal(cache.ttl("k"), 20);
  },
  pexpire(cache) {
    cache.set("k", 1);
    assert.deepEqual([cache.pexpire("k", 1234, "NX"), cache.pttl("k")], [1, 1234]);
  },
  expireat(cache) {
    cache.set("k", 1);
    assert.deepEqual([cache.expireat("k", START_SECONDS + 7), cache.ttl("k")], [1, 7]);
  },
  pexpireat(cache) {
    cache.set("k", 1);
    assert.deepEqual([cache.pexpireat("k", START_MS + 7, "NX"), cache.pttl("k")], [1, 7]);
  },
  ttl(cache) {
    assert.equal(cache.ttl("k"), -2);
  },
  pttl(cache) {
    assert.equal(cache.pttl("k"), -2);
  },
  expiretime(cache) {
    cache.setex("k", 7, 1);
    assert.equal(cache.expiretime("k"), START_SECONDS + 7);
  },
  pexpiretime(cache) {
    cache.psetex("k", 7, 1);
    assert.equal(cache.pexpiretime("k"), START_MS + 7);
  },
  persist(cache) {
    cache.setex("k", 7, 1);
    assert.deepEqual([cache.persist("k"), cache.persist("k")], [1, 0]);
  },
  rename(cache) {
    cache.set("a", 1);
    assert.equal(cache.rename("a", "b"), "OK");
    assert.equal(cache.get("b"), "1");
    assert.throws(() => cache.rename("a", "b"), { message: "ERR no such key" });
  },
  renamenx(cache) {
    cache.mset({ a: 1, b: 2 });
    assert.deepEqual([cache.renamenx("a", "b"), cache.renamenx("a", "c")], [0, 1]);
  },
  copy(cache) {
    cache.mset({ a: 1, b: 2 });
    assert.deepEqual([cache.copy("a", "b"), cache.copy("a", "b", { replace: true })], [0, 1]);
    assert.equal(cache.copy("a", "a", { db: 1 }), 1);
  },
  move(cache) {
    cache.set("a", 1);
    assert.deepEqual([cache.move("a", 1), cache.exists("a")], [1, 0]);
  },
  randomkey(cache) {
    assert.equal(cache.randomkey(), null);
    cache.set("a", 1);
    assert.deepEqual(cache.bytes.randomkey(), utf8("a"));
  },
  scan(cache) {
    cache.mset({ a: 1, b: 2 });
    const [cursor, keys] = cache.scan(0, { match: "a*", count: 1000, type: "string" });
    assert.deepEqual([cursor, keys], ["0", ["a"]]);
    assert.deepEqual(cache.bytes.scan(0, { match: utf8("b") })[1], [utf8("b")]);
  },
  object(cache) {
    cache.set("k", 1);
    assert.equal(cache.object("ENCODING", "k"), "int");
    assert.throws(() => cache.object("COLOUR", "k"), /unknown subcommand 'COLOUR'/);
  },
  dbsize(cache) {
    cache.mset({ a: 1, b: 2 });
    assert.equal(cache.dbsize(), 2);
  },
  purge(cache) {
    cache.mset({ "a:1": 1, "a:2": 2, b: 3 });
    assert.deepEqual([cache.purge("PREFIX", "a:"), cache.purge("PREFIX", "b", "ASYNC")], [2, "OK"]);
    assert.equal(cache.dbsize(), 0);
  },
  flushdb(cache) {
    cache.set("a", 1);
    assert.deepEqual([cache.flushdb("ASYNC"), cache.flushdb(), cache.dbsize()], ["OK", "OK", 0]);
  },
  flushall(cache) {
    cache.set("a", 1);
    assert.deepEqual([cache.flushall(), cache.flushall("SYNC"), cache.dbsize()], ["OK", "OK", 0]);
  },
  dump(cache) {
    cache.set("k", "v");
    const payload = cache.bytes.dump("k");
    assert.ok(payload instanceof Uint8Array);
    assert.deepEqual([cache.restore("r", 0, payload), cache.get("r")], ["OK", "v"]);
    assert.equal(cache.bytes.dump("none"), null);
  },
  restore(cache) {
    cache.set("k", "v");
    const payload = cache.bytes.dump("k") as Uint8Array;
    assert.throws(() => cache.restore("k", 0, payload), { code: "BUSYKEY" });
    assert.equal(cache.restore("k", 5000, payload, { replace: true, idletime: 3 }), "OK");
    assert.equal(cache.pttl("k"), 5000);
  },
  sort(cache) {
    cache.rpush("k", 3, 1, 2);
    cache.mset({ w1: 9, w2: 8, w3: 7 });
    assert.deepEqual(cache.sort("k"), ["1", "2", "3"]);
    const options = { by: "w*", get: ["#", "w*"], limit: [0, 2] } as const;
    assert.deepEqual(cache.sort("k", options), ["3", "7", "2", "8"]);
    assert.equal(cache.sort("k", { desc: true, store: "d" }), 3);
  },
  sort_ro(cache) {
    cache.rpush("k", "b", "a");
    assert.deepEqual(cache.sort_ro("k", { alpha: true, get: "#" }), ["a", "b"]);
  },
  swapdb(cache) {
    cache.set("a", 1);
    assert.deepEqual([cache.swapdb(0, 1), cache.dbsize()], ["OK", 0]);
  },
};
