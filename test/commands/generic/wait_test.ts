import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner } from "./runner.ts";

test("WAIT answers at once that no replica has acknowledged anything", () => {
  const { run } = createRunner();
  for (const args of ["0 0", "1 0", "3 1000", "-1 0", "99999999999 9000000000000"]) {
    assert.equal(run(`WAIT ${args}`), 0, args);
  }
});

test("WAIT checks the number of replicas, then the timeout", () => {
  const { run } = createRunner();
  const number = "-ERR value is not an integer or out of range";
  const timeout = "-ERR timeout is not an integer or out of range";
  assert.equal(run("WAIT x x"), number);
  assert.equal(run("WAIT 99999999999999999999 0"), number);
  assert.equal(run("WAIT 0 x"), timeout);
  assert.equal(run("WAIT 0 99999999999999999999"), timeout);
  assert.equal(run("WAIT 0 -1"), "-ERR timeout is negative");
  assert.equal(run("WAIT 0 9223372036854775807"), "-ERR timeout is out of range");
  assert.equal(run("WAIT 0"), "-ERR wrong number of arguments for 'wait' command");
});
