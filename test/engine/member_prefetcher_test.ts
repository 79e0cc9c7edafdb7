// The prefetcher of members: that it reads, how it goes on from window to window, and that nothing changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemberPrefetcher } from "../../src/engine/member_prefetcher.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { HASH_COMMANDS } from "../../src/commands/hash/mod.ts";
import { SET_COMMANDS } from "../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../src/commands/sorted_set/mod.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";

const MEMBERS = 6000;
const COMMANDS = 500;
/** Larger than the number of any command. */
const NEVER = 0x7fff_ffff;

function createFilled(): Fixture {
  const fixture = createFixture({ families: [SET_COMMANDS, HASH_COMMANDS, SORTED_SET_COMMANDS] });
  for (let i = 0; i < MEMBERS; i++) {
    fixture.run("SADD", "set", `m${i}`);
    fixture.run("HSET", "hash", `m${i}`, `v${i}`);
    fixture.run("ZADD", "zset", String(i), `m${i}`);
  }
  fixture.run("SADD", "small", "a", "b");
  return fixture;
}

/** Adds one member for each of so many commands on a key. @returns the windows that were run */
function prefetch(fixture: Fixture, prefetcher: MemberPrefetcher, key: string): number {
  const { engine } = fixture;
  const names = Array.from({ length: COMMANDS }, (_, i) => ["SISMEMBER", key, `m${i * 13}`]);
  const batch = new CommandEncoder().encode(names);
  for (let c = 0; c < COMMANDS; c++) {
    const arg = batch.firstArgs[c] + 1;
    const { view } = batch.input;
    batch.argHashes[arg] = engine.keyspace.hash(view, batch.argOffsets[arg], key.length);
    prefetcher.add(c, engine.keyspace.databases[0], arg, arg + 1, arg + 1, 1, false);
  }
  let runs = 0;
  for (let c = 0; c < COMMANDS; c++) {
    for (; c >= prefetcher.nextCommand; runs++) {
      prefetcher.run(batch);
      assert.ok(prefetcher.nextCommand > c, "each window goes beyond the command at hand");
    }
  }
  assert.equal(prefetcher.nextCommand, NEVER);
  return runs;
}

test("members of large sets, hashes and sorted sets are read, window by window", () => {
  const fixture = createFilled();
  for (const key of ["set", "hash", "zset"]) {
    const prefetcher = new MemberPrefetcher(fixture.engine.keyspace);
    const runs = prefetch(fixture, prefetcher, key);
    assert.ok(runs > 1 && runs < COMMANDS / 10, `${runs} windows`);
    assert.notEqual(prefetcher.sink, 0, `members of ${key} were read`);
    prefetcher.clear();
    assert.equal(prefetcher.nextCommand, NEVER);
  }
  fixture.engine.keyspace.checkInvariants();
});

test("a key that has no table, or does not exist, is passed over", () => {
  const fixture = createFilled();
  for (const key of ["small", "none"]) {
    const prefetcher = new MemberPrefetcher(fixture.engine.keyspace);
    prefetch(fixture, prefetcher, key);
    assert.equal(prefetcher.sink, 0);
  }
});

test("of a command with many members the first ones are fetched, and of a batch so many", () => {
  const { engine } = createFilled();
  const [db] = engine.keyspace.databases;
  const prefetcher = new MemberPrefetcher(engine.keyspace);
  const batch = new CommandEncoder().encode([["SADD", "set", ...Array(1000).fill("m1")]]);
  batch.argHashes[1] = engine.keyspace.hash(batch.input.view, batch.argOffsets[1], 3);
  for (let c = 0; c < COMMANDS; c++) prefetcher.add(c, db, 1, 2, 1001, 1, false);
  let runs = 0;
  for (; prefetcher.nextCommand !== NEVER; runs++) prefetcher.run(batch);
  assert.equal(runs, 4096 / 64);
});

test("a batch with members gives what the commands give one by one", () => {
  const fixture = createFilled();
  const scores = Array.from({ length: 300 }, (_, i) => ["ZSCORE", "zset", `m${i * 29}`]);
  const { executor, session } = fixture;
  const expected = scores.map((command) => fixture.run(...command)).join("");
  const batch = new CommandEncoder().encode(scores);
  const writer = new RespWriter();
  writer.version = 3;
  executor.executeLocal(batch, session, writer);
  const { bytes, length } = writer.output;
  assert.equal(new TextDecoder("latin1").decode(bytes.subarray(0, length)), expected);
});

test("new and old scores of a batch are looked for together, whatever the scores look like", () => {
  const one = createFilled(), together = createFilled();
  const commands = Array.from({ length: 400 }, (_, i) => {
    const score = i % 50 === 0 ? "wrong" : i % 7 === 0 ? "-inf" : String((i * 7919) % 9000 / 4);
    const key = i % 40 < 30 ? "zset" : i % 2 === 0 ? "none" : "other";
    return ["ZADD", key, score, `m${i * 31 % 7000}`];
  });
  const expected = commands.map((command) => one.run(...command)).join("");
  const writer = new RespWriter();
  writer.version = 3;
  together.executor.executeLocal(new CommandEncoder().encode(commands), together.session, writer);
  const { bytes, length } = writer.output;
  assert.equal(new TextDecoder("latin1").decode(bytes.subarray(0, length)), expected);
  const range = ["ZRANGE", "zset", "0", "-1", "WITHSCORES"];
  assert.equal(together.run(...range), one.run(...range));
  together.engine.keyspace.checkInvariants();
});
