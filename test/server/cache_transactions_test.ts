/** Transactions in process. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { startCache, utf8 } from "./cache_support.ts";

test("command by command", () => {
  const { cache } = startCache();
  assert.equal(cache.command("MULTI"), "OK");
  assert.equal(cache.command("SET", "k", "1"), "QUEUED");
  assert.equal(cache.command("INCR", "k"), "QUEUED");
  assert.equal(cache.command("GET", "k"), "QUEUED");
  assert.deepEqual(cache.command("EXEC"), ["OK", 2, "2"]);
  assert.equal(cache.get("k"), "2");
  assert.throws(() => cache.command("EXEC"), /ERR EXEC without MULTI/);
});

test("as one batch, as text and as bytes", () => {
  const { cache } = startCache();
  const batch = [["MULTI"], ["SET", "k", "v"], ["GET", "k"], ["INCR", "k"], ["EXEC"]] as const;
  const [, , , , replies] = cache.batch(batch) as unknown[][];
  assert.deepEqual(replies.slice(0, 2), ["OK", "v"]);
  assert.ok(replies[2] instanceof ReplyError);
  assert.match(replies[2].message, /not an integer/);
  const [, , , , again] = cache.batch(batch, { as: "bytes" }) as unknown[][];
  assert.deepEqual(again[1], utf8("v"));
});

test("errors in the queue abort it, DISCARD and RESET drop it", () => {
  const { cache } = startCache();
  const results = cache.batch([["MULTI"], ["SET", "k", "1"], ["NOSUCH"], ["EXEC"], ["GET", "k"]]);
  assert.equal((results[3] as unknown as ReplyError).code, "EXECABORT");
  assert.equal(results[4], null);
  for (const end of ["DISCARD", "RESET"]) {
    cache.batch([["MULTI"], ["SET", "k", "1"], [end]]);
    assert.equal(cache.get("k"), null, end);
  }
});

test("WATCH, and a key that expires meanwhile", () => {
  const { cache, clock } = startCache();
  cache.set("k", "1", { ex: 10 });
  cache.command("WATCH", "k");
  assert.deepEqual(cache.batch([["MULTI"], ["INCR", "k"], ["EXEC"]])[2], [2]);
  cache.command("WATCH", "k");
  clock.advance(11_000);
  assert.equal(cache.batch([["MULTI"], ["INCR", "k"], ["EXEC"]])[2], null);
  assert.equal(cache.get("k"), null);
});

test("blocking commands answer that nothing is there", () => {
  const { cache } = startCache();
  cache.batch([["MULTI"], ["BLPOP", "l", 0], ["RPUSH", "l", "a"], ["BLPOP", "l", 0]]);
  assert.deepEqual(cache.command("EXEC"), [null, 1, ["l", "a"]]);
});

test("a command that finds no memory fails alone", () => {
  const { cache } = startCache({ maxmemory: "16mb" });
  const replies = cache.batch([
    ["MULTI"],
    ["SET", "a", "1"],
    ["SETRANGE", "big", 500_000_000, "x"],
    ["INCR", "a"],
    ["EXEC"],
    ["EXISTS", "a", "big"],
  ]) as unknown[];
  const [first, failed, last, ...more] = replies[4] as unknown[];
  assert.deepEqual([first, last, more, replies[5]], ["OK", 2, [], 1]);
  assert.equal((failed as ReplyError).code, "OOM");
});
