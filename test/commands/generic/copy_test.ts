import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

const SAME_OBJECT = "-ERR source and destination objects are the same";
const BAD_INDEX = "-ERR DB index is out of range";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const NOT_32_BITS = "-ERR value is out of range, value must between -2147483648 and 2147483647";

test("COPY makes a second key, with its own value and expiry", () => {
  const { run } = createRunner();
  run("SET a value PX 5000");
  assert.equal(run("COPY a b"), 1);
  run("APPEND a !");
  run("PERSIST a");
  assert.deepEqual(run("MGET a b"), ["value!", "value"]);
  assert.equal(run("PTTL b"), 5000);
});

test("COPY overwrites only with REPLACE", () => {
  const { run } = createRunner();
  run("MSET a 1 b 2");
  run("EXPIRE b 100");
  assert.equal(run("COPY a b"), 0);
  assert.equal(run("GET b"), "2");
  assert.equal(run("COPY a b replace"), 1);
  assert.equal(run("GET b"), "1");
  assert.equal(run("TTL b"), -1);
});

test("COPY reaches into another database, under the same name too", () => {
  const { run, session } = createRunner();
  run("SET a value");
  assert.equal(run("COPY a a DB 1"), 1);
  assert.equal(run("COPY a b DB 1"), 1);
  assert.equal(run("COPY a b DB 1"), 0);
  assert.equal(run("COPY a b REPLACE DB 1"), 1);
  assert.equal(run("DBSIZE"), 1);
  session.dbIndex = 1;
  assert.deepEqual(run("MGET a b"), ["value", "value"]);
  assert.equal(run("COPY b c DB 5 DB 0"), 1);
  session.dbIndex = 0;
  assert.equal(run("GET c"), "value");
});

test("long values are copied whole", () => {
  const { run } = createRunner();
  const value = "abcdefghij".repeat(30_000);
  run("SET", "a", value);
  assert.equal(run("COPY a b"), 1);
  run("SETRANGE a 0 XXX");
  assert.equal(run("GET b"), value);
  assert.equal(run("COPY a b REPLACE"), 1);
  assert.equal(run("GET b"), `XXX${value.slice(3)}`);
});

test("COPY without a source answers 0, onto itself an error", () => {
  const { run } = createRunner();
  assert.equal(run("COPY nokey b"), 0);
  assert.equal(run("COPY nokey nokey"), SAME_OBJECT);
  run("SET a 1");
  assert.equal(run("COPY a a"), SAME_OBJECT);
  assert.equal(run("COPY a a DB 0 REPLACE"), SAME_OBJECT);
});

test("COPY checks its options first", () => {
  const { run } = createRunner();
  assert.equal(run("COPY nokey b DB 16"), BAD_INDEX);
  assert.equal(run("COPY nokey b DB -1"), BAD_INDEX);
  assert.equal(run("COPY nokey b DB x"), NOT_AN_INTEGER);
  assert.equal(run("COPY nokey b DB 99999999999"), NOT_32_BITS);
  assert.equal(run("COPY nokey b DB 99999999999999999999"), NOT_AN_INTEGER);
  assert.equal(run("COPY nokey b DB"), "-ERR syntax error");
  assert.equal(run("COPY nokey b foo"), "-ERR syntax error");
});

test("COPY counts its source as hit or miss", () => {
  const { run, engine } = createRunner();
  run("SET a 1");
  engine.stats.reset();
  run("COPY a b");
  run("COPY nokey c");
  assert.deepEqual([engine.stats.keyspaceHits, engine.stats.keyspaceMisses], [1, 1]);
});

test("MOVE takes a key to another database with its expiry", () => {
  const { run, session } = createRunner();
  run("SET a value PX 5000");
  assert.equal(run("MOVE a 3"), 1);
  assert.equal(run("EXISTS a"), 0);
  session.dbIndex = 3;
  assert.equal(run("GET a"), "value");
  assert.equal(run("PTTL a"), 5000);
});

test("MOVE leaves a key where its name is taken", () => {
  const { run, session } = createRunner();
  run("SET a 1");
  session.dbIndex = 1;
  run("SET a 2");
  assert.equal(run("MOVE a 0"), 0);
  assert.equal(run("GET a"), "2");
  session.dbIndex = 0;
  assert.equal(run("GET a"), "1");
  assert.equal(run("MOVE nokey 1"), 0);
});

test("MOVE checks the database before the key", () => {
  const { run } = createRunner();
  assert.equal(run("MOVE nokey 0"), SAME_OBJECT);
  assert.equal(run("MOVE nokey 16"), BAD_INDEX);
  assert.equal(run("MOVE nokey -1"), BAD_INDEX);
  assert.equal(run("MOVE nokey x"), NOT_AN_INTEGER);
  assert.equal(run("MOVE nokey 99999999999"), NOT_32_BITS);
});
