// PFADD, PFCOUNT, PFMERGE, PFDEBUG and PFSELFTEST.

import { test } from "node:test";
import assert from "node:assert/strict";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { HYPERLOGLOG_COMMANDS } from "../../../src/commands/hyperloglog/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";
import { converse, makeList } from "../string/conversation.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_VALID = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
const CORRUPT = "-INVALIDOBJ Corrupted HLL object detected";

function createHllFixture(settings: Partial<Settings> = {}): Fixture {
  const families = [STRING_COMMANDS, HYPERLOGLOG_COMMANDS, GENERIC_COMMANDS];
  return createFixture({ families, settings });
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `element:${from + i}`);
}

/** A value whose header is followed by these runs. */
function sparse(...runs: number[]): Uint8Array {
  return Uint8Array.of(72, 89, 76, 76, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, ...runs);
}

test("PFADD makes the bytes that Redis makes", () => {
  converse(createHllFixture(), [
    ["PFADD k", ":1"],
    ["PFADD k", ":0"],
    ["GET k", JSON.stringify("HYLL\x01\0\0\0\0\0\0\0\0\0\0\u20ac\x7f\xff")],
    ["OBJECT ENCODING k", '"raw"'],
    ["PFADD k a b c", ":1"],
    ["PFADD k a", ":0"],
    ["PFDEBUG DECODE k", '"Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603"'],
    ["PFCOUNT k", ":3"],
    ["PFCOUNT k", ":3"],
    ["STRLEN k", ":27"],
  ]);
});

test("PFADD becomes dense where hll-sparse-max-bytes ends, and counts on", () => {
  const fixture = createHllFixture({ hllSparseMaxBytes: 200 });
  converse(fixture, [
    [["PFADD", "k", ...numbers(0, 60)], ":1"],
    ["PFDEBUG ENCODING k", "+sparse"],
    ["EXPIRE k 100", ":1"],
    [["PFADD", "k", ...numbers(0, 1000)], ":1"],
    ["PFDEBUG ENCODING k", "+dense"],
    ["STRLEN k", ":12304"],
    [["PFADD", "k", ...numbers(0, 1000)], ":0"],
    ["TTL k", ":100"],
    ["PFDEBUG DECODE k", "-ERR HLL encoding is not sparse"],
    ["PFDEBUG TODENSE k", ":0"],
  ]);
  const count = Number(fixture.line("PFCOUNT k").slice(1));
  assert.ok(Math.abs(count - 1000) < 30);
  fixture.engine.keyspace.checkInvariants();
});

test("PFCOUNT of several keys and PFMERGE count what any of them has", () => {
  const fixture = createHllFixture();
  converse(fixture, [
    [["PFADD", "a", ...numbers(0, 100)], ":1"],
    [["PFADD", "b", ...numbers(50, 150)], ":1"],
    [["PFADD", "all", ...numbers(0, 150)], ":1"],
    ["PFMERGE ab a none b", "+OK"],
    ["PFMERGE new", "+OK"],
    ["PFCOUNT new", ":0"],
    ["PFCOUNT none", ":0"],
    ["PFCOUNT none none", ":0"],
  ]);
  const expected = fixture.line("PFCOUNT all");
  assert.equal(fixture.line("PFCOUNT a b none"), expected);
  assert.equal(fixture.line("PFCOUNT ab"), expected);
  assert.equal(fixture.line("PFDEBUG ENCODING ab"), "+sparse\r\n");
  assert.equal(fixture.line("PFDEBUG TODENSE b"), ":1\r\n");
  assert.equal(fixture.line("PFCOUNT a b"), expected);
  assert.equal(fixture.line("PFMERGE a b"), "+OK\r\n");
  assert.equal(fixture.line("PFDEBUG ENCODING a"), "+dense\r\n");
  assert.equal(fixture.line("PFCOUNT a"), expected);
});

test("PFDEBUG GETREG makes the value dense and replies all registers", () => {
  const fixture = createHllFixture();
  fixture.line("PFADD k a");
  const reply = fixture.line("PFDEBUG GETREG k").split("\r\n");
  assert.equal(reply[0], "*16384");
  assert.equal(reply.filter((line) => line.startsWith(":") && line !== ":0").length, 1);
  assert.equal(fixture.line("PFDEBUG ENCODING k"), "+dense\r\n");
});

test("PFSELFTEST finds nothing wrong", () => {
  converse(createHllFixture(), [["PFSELFTEST", "+OK"]]);
});

test("commands refuse values that are no HyperLogLogs", () => {
  const fixture = createHllFixture();
  makeList(fixture, "list");
  const values: Record<string, string | Uint8Array> = {
    text: "some text that is long enough",
    integer: "1234567890123456789",
    short: "HYLL",
    encoding: sparse().fill(2, 4, 5),
    dense: sparse(0x7f, 0xff).fill(0, 4, 5),
  };
  for (const [key, value] of Object.entries(values)) fixture.run("SET", key, value);
  for (const key of ["list", ...Object.keys(values)]) {
    const reply = key === "list" ? WRONG_TYPE : NOT_VALID;
    converse(fixture, [
      [`PFADD ${key} a`, reply],
      [`PFCOUNT ${key}`, reply],
      [`PFCOUNT none ${key}`, reply],
      [`PFMERGE ${key}`, reply],
      [`PFMERGE none ${key}`, reply],
      [`PFDEBUG ENCODING ${key}`, reply],
    ]);
  }
  converse(fixture, [
    ["PFDEBUG ENCODING none", "-ERR The specified key does not exist"],
    ["PFADD k", ":1"],
    ["PFDEBUG WHAT k", "-ERR Unknown PFDEBUG subcommand 'WHAT'"],
    ["EXISTS none", ":0"],
  ]);
});

test("corrupt registers are refused, however long the value is", () => {
  const fixture = createHllFixture();
  const tooLong = new Uint8Array(40_000);
  tooLong.set(sparse(0x7f, 0xff));
  for (const value of [sparse(), sparse(0x7f, 0xfe), sparse(0x7f), tooLong]) {
    fixture.run("SET", "k", value);
    const before = fixture.run("GET", "k");
    converse(fixture, [
      ["PFCOUNT k", CORRUPT],
      ["PFCOUNT k none", CORRUPT],
      ["PFMERGE k", CORRUPT],
      ["PFMERGE none k", CORRUPT],
      ["PFDEBUG GETREG k", CORRUPT],
      ["PFDEBUG TODENSE k", CORRUPT],
      ["EXISTS none", ":0"],
    ]);
    assert.equal(fixture.run("GET", "k"), before);
  }
  fixture.run("SET", "k", sparse(0x00));
  converse(fixture, [[["PFADD", "k", ...numbers(0, 50)], CORRUPT]]);
  fixture.engine.keyspace.checkInvariants();
});

test("a cached cardinality beyond 2^53 is replied exactly", () => {
  const fixture = createHllFixture();
  const value = sparse(0x7f, 0xff).fill(255, 8, 15);
  value[15] = 127;
  fixture.run("SET", "k", value);
  converse(fixture, [["PFCOUNT k", ":9223372036854775807"]]);
});
