import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import type { KeyIndexKind } from "../../../src/ports/settings.ts";
import { createFixture } from "../../support/engine_fixture.ts";
import { createRunner, type Runner } from "./runner.ts";

const KINDS: readonly KeyIndexKind[] = ["hash", "radix"];

function fill({ run }: Runner, prefix: string, count: number): void {
  for (let i = 0; i < count; i += 500) {
    const words = ["MSET"];
    for (let k = i; k < Math.min(count, i + 500); k++) words.push(`${prefix}${k}`, "v");
    run(...words);
  }
}

/** Lets promises settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Makes each look at the clock so expensive that a step of a job is a slice of its own. */
function slowDown({ engine }: Runner): void {
  let us = 0;
  Object.assign(engine.clock, { monotonicUs: () => us += 1000 });
}

for (const keyIndex of KINDS) {
  test(`PURGE PREFIX removes keys and tells how many, ${keyIndex}`, () => {
    const { engine, run } = createRunner({ keyIndex });
    run("MSET a:1 v a:2 v a;3 v b v");
    const dirty = engine.stats.dirty;
    assert.equal(run("PURGE PREFIX a:"), 2);
    assert.equal(engine.stats.dirty, dirty + 2);
    assert.equal(run("PURGE PREFIX a:"), 0);
    assert.deepEqual((run("KEYS *") as string[]).sort(), ["a;3", "b"]);
    assert.equal(run("purge prefix a ASYNC"), "+OK");
    assert.equal(run("PURGE PREFIX b sync"), 1);
    run("SET", "", "v");
    run("SET a*b v");
    assert.equal(run("PURGE", "PREFIX", "a*"), 1, "the prefix is no pattern");
    assert.equal(run("PURGE", "PREFIX", ""), 1, "the empty prefix is that of all keys");
    assert.equal(run("DBSIZE"), 0);
  });

  test(`PURGE leaves other databases alone, ${keyIndex}`, () => {
    const runner = createRunner({ keyIndex });
    runner.run("SET a 1");
    runner.session.dbIndex = 1;
    assert.equal(runner.run("PURGE PREFIX a"), 0);
    runner.session.dbIndex = 0;
    assert.equal(runner.run("PURGE PREFIX a"), 1);
  });

  test(`a long PURGE answers when its slices are done, ${keyIndex}`, async () => {
    const runner = createRunner({ keyIndex });
    fill(runner, "a:", 2000);
    fill(runner, "b:", 100);
    slowDown(runner);
    const { engine, session } = runner;
    let woken = 0;
    engine.hasWork = () => woken++;
    session.received(new TextEncoder().encode("PURGE PREFIX a:\r\nDBSIZE\r\n"));
    runner.flush();
    runner.engine.keyspace.checkInvariants();
    assert.equal(runner.later(), undefined, "what comes behind it waits, too");
    assert.equal(woken, 1);
    for (let slices = 0; engine.runSlice(); slices++) assert.ok(slices < 1000, "it ends");
    await settle();
    assert.throws(() => runner.later(), /more than one reply: ":2000\\r\\n:100\\r\\n"/);
    engine.keyspace.checkInvariants();
  });

  test(`PURGE ASYNC answers at once, ${keyIndex}`, () => {
    const runner = createRunner({ keyIndex });
    fill(runner, "a:", 2000);
    slowDown(runner);
    const { engine, run } = runner;
    assert.equal(run("PURGE PREFIX a: ASYNC"), "+OK");
    const left = run("DBSIZE") as number;
    assert.ok(left > 1000 && left < 2000, `${left} keys are left`);
    while (engine.runSlice()) engine.keyspace.checkInvariants();
    assert.equal(run("DBSIZE"), 0);
  });

  test(`in process a long PURGE is done at once, ${keyIndex}`, () => {
    const families = [GENERIC_COMMANDS, STRING_COMMANDS];
    const { engine, run } = createFixture({ families, settings: { keyIndex } });
    for (let i = 0; i < 3000; i++) run("SET", `a:${i}`, "v");
    let us = 0;
    Object.assign(engine.clock, { monotonicUs: () => us += 1000 });
    assert.equal(run("PURGE", "PREFIX", "a:"), ":3000\r\n");
    assert.equal(run("DBSIZE"), ":0\r\n");
  });
}

test("a purge and a flush share the slices", () => {
  const runner = createRunner({ keyIndex: "radix" });
  runner.session.dbIndex = 1;
  fill(runner, "x:", 5000);
  runner.session.dbIndex = 0;
  fill(runner, "a:", 1000);
  slowDown(runner);
  const { engine, run } = runner;
  run("PURGE PREFIX a: ASYNC");
  runner.session.dbIndex = 1;
  run("FLUSHDB ASYNC");
  engine.runSlice();
  engine.runSlice();
  engine.runSlice();
  assert.ok(engine.keyspace.databases[0].size < 1000 - 64, "the purge goes on");
  const before = engine.keyspace.account.liveBytes;
  while (engine.runSlice());
  assert.ok(engine.keyspace.account.liveBytes < before);
  assert.equal(engine.keyspace.databases[0].size, 0);
  engine.keyspace.checkInvariants();
});

test("PURGE knows no other words", () => {
  const { run } = createRunner();
  const error = "-ERR syntax error";
  assert.equal(run("PURGE x a"), "-ERR unknown subcommand 'x'. Try PURGE HELP.");
  assert.equal(run("PURGE PREFIX a LATER"), error);
  assert.equal(run("PURGE PREFIX a ASYNC SYNC"), error);
  assert.equal(run("PURGE PREFIX"), "-ERR wrong number of arguments for 'purge|prefix' command");
  assert.equal((run("PURGE HELP") as string[]).length, 7);
});
