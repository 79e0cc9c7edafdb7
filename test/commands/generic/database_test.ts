import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

const SYNTAX_ERROR = "-ERR syntax error";
const BAD_INDEX = "-ERR DB index is out of range";

test("DBSIZE counts the keys of the database", () => {
  const { run, session } = createRunner();
  assert.equal(run("DBSIZE"), 0);
  run("MSET a 1 b 2");
  assert.equal(run("DBSIZE"), 2);
  session.dbIndex = 1;
  assert.equal(run("DBSIZE"), 0);
  assert.equal(run("DBSIZE x"), "-ERR wrong number of arguments for 'dbsize' command");
});

for (const mode of ["", " SYNC", " async"]) {
  test(`FLUSHDB${mode} empties one database, FLUSHALL${mode} all`, () => {
    const { run, session, engine } = createRunner();
    const fill = (): void => {
      for (const index of [0, 1]) {
        session.dbIndex = index;
        for (let i = 0; i < 500; i++) run(`SET key:${i} v EX 100`);
        run("SET", "long", "x".repeat(200_000));
      }
    };
    fill();
    assert.equal(run(`FLUSHDB${mode}`), "+OK");
    assert.equal(run("DBSIZE"), 0);
    assert.equal(run("GET long"), null);
    assert.equal(engine.keyspace.hasDiscarded, mode !== " SYNC");
    session.dbIndex = 0;
    assert.equal(run("DBSIZE"), 501);
    assert.equal(run("STRLEN long"), 200_000);
    fill();
    assert.equal(run(`FLUSHALL${mode}`), "+OK");
    for (const index of [0, 1]) {
      session.dbIndex = index;
      assert.equal(run("DBSIZE"), 0);
      assert.deepEqual(run("KEYS *"), []);
    }
    run("SET again 1");
    assert.equal(run("GET again"), "1");
  });
}

test("FLUSHDB and FLUSHALL take one mode at most", () => {
  const { run } = createRunner();
  run("SET a 1");
  for (const name of ["FLUSHDB", "FLUSHALL"]) {
    for (const tail of ["foo", "ASYNC SYNC", "SYNC SYNC"]) {
      assert.equal(run(`${name} ${tail}`), SYNTAX_ERROR);
    }
  }
  assert.equal(run("DBSIZE"), 1);
});

test("SWAPDB exchanges two databases, for those who use them already", () => {
  const runner = createRunner();
  const { run, session } = runner;
  run("SET a zero PX 1000");
  session.dbIndex = 5;
  run("SET a five");
  run("SET b five");
  assert.equal(run("SWAPDB 0 5"), "+OK");
  assert.equal(run("GET a"), "zero");
  assert.equal(run("PTTL a"), 1000);
  assert.equal(run("DBSIZE"), 1);
  session.dbIndex = 0;
  assert.deepEqual(run("MGET a b"), ["five", "five"]);
  assert.equal(run("SWAPDB 0 0"), "+OK");
  assert.equal(run("GET a"), "five");
  session.dbIndex = 5;
  runner.nowMs += 1000;
  assert.equal(run("GET a"), null);
});

test("SWAPDB says which index is wrong", () => {
  const { run } = createRunner();
  assert.equal(run("SWAPDB x y"), "-ERR invalid first DB index");
  assert.equal(run("SWAPDB 0 y"), "-ERR invalid second DB index");
  assert.equal(run("SWAPDB 0 99999999999"), "-ERR invalid second DB index");
  assert.equal(run("SWAPDB -99999999999 0"), "-ERR invalid first DB index");
  for (const pair of ["0 16", "16 0", "-1 0", "0 -1"]) {
    assert.equal(run(`SWAPDB ${pair}`), BAD_INDEX);
  }
});
