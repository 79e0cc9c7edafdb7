import { test } from "node:test";
import assert from "node:assert/strict";
import { TYPE_LIST, TYPE_STREAM, TYPE_ZSET } from "../../src/engine/keyspace.ts";
import { Counters } from "./blocking_harness.ts";

test("those who wait for a key are served in the order in which they came", () => {
  const keys = new Counters();
  for (const name of ["a", "b", "c"]) keys.wait(name, ["k"]);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 2)), ["a<k", "b<k"]);
  assert.equal(keys.count(0, "k"), 0);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 5)), ["c<k"]);
  assert.equal(keys.count(0, "k"), 4);
  assert.equal(keys.blocking.clientCount, 0);
});

test("a key of another type wakes nobody, and costs nobody its place", () => {
  const keys = new Counters();
  keys.wait("list1", ["k"]);
  keys.wait("zset", ["k"], { type: TYPE_ZSET });
  keys.wait("list2", ["k"]);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 3, TYPE_ZSET)), ["zset<k"]);
  keys.store.remove(0, "k");
  assert.deepEqual(keys.command(() => keys.add(0, "k", 1, TYPE_STREAM)), []);
  keys.store.remove(0, "k");
  assert.deepEqual(keys.command(() => keys.add(0, "k", 2)), ["list1<k", "list2<k"]);
});

test("who waits for several keys is served once, by the first of its keys that has something", () => {
  const keys = new Counters();
  keys.wait("both", ["x", "y"]);
  keys.wait("y", ["y"]);
  keys.wait("x", ["x"]);
  assert.equal(keys.blocking.keyCount, 2);
  const log = keys.command(() => {
    keys.add(0, "y", 1);
    keys.add(0, "x", 1);
  });
  // y is ready first, but its first waiter prefers x.
  assert.deepEqual(log, ["both<x", "y<y"]);
  assert.deepEqual([keys.blocking.clientCount, keys.blocking.keyCount], [1, 1]);
  assert.deepEqual(keys.command(() => keys.add(0, "x", 1)), ["x<x"]);
});

test("a key named twice counts once", () => {
  const keys = new Counters();
  keys.wait("twice", ["k", "k"]);
  assert.equal(keys.blocking.keyCount, 1);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 2)), ["twice<k"]);
  assert.deepEqual([keys.count(0, "k"), keys.blocking.keyCount], [1, 0]);
});

test("what serving makes ready is served before anything else, through whole chains", () => {
  const keys = new Counters();
  keys.wait("last", ["c"]);
  keys.wait("second", ["b"], { moveTo: "c" });
  keys.wait("first", ["a"], { moveTo: "b" });
  assert.deepEqual(keys.command(() => keys.add(0, "a", 1)), ["first<a", "second<b", "last<c"]);
  assert.equal(keys.store.db(0).size, 0);
});

test("a chain that comes back to its start ends when nobody waits any more", () => {
  const keys = new Counters();
  keys.wait("to b", ["a"], { moveTo: "b" });
  keys.wait("to a", ["b"], { moveTo: "a" });
  keys.wait("end", ["a"]);
  assert.deepEqual(keys.command(() => keys.add(0, "a", 1)), ["to b<a", "to a<b", "end<a"]);
});

test("databases are apart, and SWAPDB brings keys to those who wait", () => {
  const keys = new Counters();
  keys.wait("here", ["k"]);
  keys.wait("there", ["k"], { db: 1 });
  assert.deepEqual(keys.command(() => keys.add(1, "k", 3)), ["there<k"]);
  const swap = () => keys.store.keyspace.swap(keys.store.db(0), keys.store.db(1));
  assert.deepEqual(keys.command(swap), ["here<k"]);
  assert.equal(keys.count(0, "k"), 1);
});

test("RENAME, COPY and an overwritten value wake as well", () => {
  const keys = new Counters();
  keys.add(0, "from", 2);
  keys.wait("rename", ["to"]);
  assert.deepEqual(keys.command(() => keys.store.rename(0, "from", "to")), ["rename<to"]);
  keys.wait("copy", ["x"], { db: 2 });
  assert.deepEqual(keys.command(() => keys.store.copy(0, "to", 2, "x")), ["copy<x"]);
  keys.store.set(0, "text", new Uint8Array(3));
  keys.wait("over text", ["text"]);
  assert.deepEqual(keys.command(() => keys.store.rename(0, "to", "text")), ["over text<text"]);
});

test("a deadline ends a wait, an earlier service ends the deadline", () => {
  const keys = new Counters();
  keys.wait("slow", ["k"], { timeoutMs: 100 });
  keys.wait("fast", ["k", "other"], { timeoutMs: 50 });
  keys.wait("ever", ["k"]);
  keys.clock.advance(50);
  assert.deepEqual(keys.log.splice(0), ["fast timed out"]);
  assert.deepEqual([keys.blocking.clientCount, keys.blocking.keyCount], [2, 1]);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 1)), ["slow<k"]);
  assert.equal(keys.clock.timerCount, 0);
  keys.clock.advance(1000);
  assert.deepEqual(keys.log, []);
});

test("who leaves is not served any more", () => {
  const keys = new Counters();
  const client = keys.wait("gone", ["k", "l"], { timeoutMs: 10 });
  keys.wait("next", ["k"]);
  keys.blocking.leave(client);
  assert.equal(keys.clock.timerCount, 0);
  assert.deepEqual(keys.command(() => keys.add(0, "k", 1)), ["next<k"]);
  assert.equal(keys.blocking.keyCount, 0);
});

test("keys that go wake those who want to know, and only them", () => {
  const keys = new Counters();
  const { store, blocking } = keys;
  const watch = (key: string) =>
    keys.wait(key, [key], { type: TYPE_STREAM, wakesWithoutKey: true });
  for (const key of ["del", "set", "expire", "flush"]) {
    keys.add(0, key, 1, TYPE_LIST);
    watch(key);
  }
  keys.wait("list", ["del2"]);
  assert.deepEqual([blocking.keyCount, blocking.keyCountWithoutKey], [5, 4]);
  assert.deepEqual(keys.command(() => store.remove(0, "del")), ["del<gone"]);
  const overwrite = () => void store.set(0, "set", new Uint8Array(1));
  assert.deepEqual(keys.command(overwrite), ["set<gone"]);
  store.expire(0, "expire", store.keyspace.nowMs + 5);
  store.keyspace.nowMs += 5;
  assert.deepEqual(keys.command(() => store.find(0, "expire")), ["expire<gone"]);
  assert.deepEqual(keys.command(() => store.keyspace.flush(store.db(0))), ["flush<gone"]);
  assert.deepEqual([blocking.keyCount, blocking.keyCountWithoutKey], [1, 0]);
});

test("signal() wakes for what is added to a value that is there", () => {
  const keys = new Counters();
  keys.add(0, "k", 1, TYPE_STREAM);
  const client = keys.wait("reader", ["k"], { type: TYPE_STREAM });
  assert.deepEqual(keys.command(() => keys.add(0, "k", 1, TYPE_STREAM)), []);
  const signal = () => keys.blocking.signal(client.db, client.batch, client.keys[0]);
  assert.deepEqual(keys.command(signal), ["reader<k"]);
  assert.deepEqual(keys.command(signal), []);
});
