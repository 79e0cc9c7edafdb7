// SETBIT, GETBIT, BITCOUNT, BITPOS and BITOP.

import { test } from "node:test";
import assert from "node:assert/strict";
import { BITMAP_COMMANDS } from "../../../src/commands/bitmap/mod.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { INTROSPECTION_COMMANDS } from "../../../src/commands/introspection/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createRandom } from "../../../src/bytes/prng.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";
import { converse, makeList } from "../string/conversation.ts";
import type { Settings } from "../../../src/ports/settings.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const BAD_OFFSET = "-ERR bit offset is not an integer or out of range";
const BAD_BIT = "-ERR bit is not an integer or out of range";
const SYNTAX_ERROR = "-ERR syntax error";

function createBitFixture(settings: Partial<Settings> = {}): Fixture {
  return createFixture({
    families: [STRING_COMMANDS, BITMAP_COMMANDS, GENERIC_COMMANDS],
    settings,
  });
}

test("SETBIT sets and clears bits and grows the value; GETBIT reads them", () => {
  const fixture = createBitFixture();
  converse(fixture, [
    ["SETBIT k 7 1", ":0"],
    ["GET k", '"\\u0001"'],
    ["OBJECT ENCODING k", '"raw"'],
    ["SETBIT k 7 0", ":1"],
    ["SETBIT k 17 1", ":0"],
    ["STRLEN k", ":3"],
    ["GETBIT k 17", ":1"],
    ["GETBIT k 16", ":0"],
    ["GETBIT k 4294967295", ":0"],
    ["GETBIT none 0", ":0"],
    ["SET n 12", "+OK"],
    ["EXPIRE n 10", ":1"],
    ["GETBIT n 3", ":1"],
    ["SETBIT n 7 0", ":1"],
    ["GET n", '"02"'],
    ["TTL n", ":10"],
    ["OBJECT ENCODING n", '"raw"'],
    ["SET e embedded", "+OK"],
    ["SETBIT e 0 0", ":0"],
    ["OBJECT ENCODING e", '"raw"'],
    ["SETBIT far 1000000 1", ":0"],
    ["SETBIT far 1000000 1", ":1"],
    ["STRLEN far", ":125001"],
    ["BITCOUNT far", ":1"],
    ["BITPOS far 1", ":1000000"],
  ]);
  fixture.engine.keyspace.checkInvariants();
});

test("SETBIT counts a change only where there is one", () => {
  const fixture = createBitFixture();
  const { stats } = fixture.engine;
  const changes = (line: string): number => {
    const before = stats.dirty;
    fixture.line(line);
    return stats.dirty - before;
  };
  assert.equal(changes("SETBIT k 9 0"), 1);
  assert.equal(changes("SETBIT k 9 0"), 0);
  assert.equal(changes("SETBIT k 9 1"), 1);
  assert.equal(changes("SETBIT k 9 1"), 0);
  assert.equal(changes("SETBIT k 19 0"), 1);
  assert.equal(changes("BITFIELD k GET u8 0"), 0);
  assert.equal(changes("BITFIELD k SET u8 0 1 SET u8 0 1 INCRBY u4 4 3"), 2);
});

test("SETBIT and GETBIT refuse offsets, bits and keys, in this order", () => {
  const fixture = createBitFixture();
  makeList(fixture, "l");
  for (const offset of ["-1", "x", "", "1.5", "01", "4294967296", "9223372036854775808", "#1"]) {
    converse(fixture, [
      [["SETBIT", "l", offset, "2"], BAD_OFFSET],
      [["GETBIT", "l", offset], BAD_OFFSET],
    ]);
  }
  for (const bit of ["2", "-1", "x", "", "9223372036854775807"]) {
    converse(fixture, [[["SETBIT", "l", "0", bit], BAD_BIT]]);
  }
  converse(fixture, [["SETBIT l 0 1", WRONG_TYPE], ["GETBIT l 0", WRONG_TYPE]]);
  const small = createBitFixture({ protoMaxBulkLen: 10 });
  converse(small, [["SETBIT k 80 1", BAD_OFFSET], ["SETBIT k 79 1", ":0"], ["STRLEN k", ":10"]]);
});

test("a bit that finds no memory is refused, and the key stays as it was", () => {
  const fixture = createFixture({
    families: [STRING_COMMANDS, BITMAP_COMMANDS],
    capacityBytes: 4 * 1024 * 1024,
  });
  const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";
  converse(fixture, [
    ["SETBIT k 4294967295 1", OOM],
    ["STRLEN k", ":0"],
    ["SET k abc", "+OK"],
    ["SETBIT k 4294967295 1", OOM],
    ["BITFIELD k SET u8 4294967288 1", OOM],
    ["GET k", '"abc"'],
  ]);
  fixture.engine.keyspace.checkInvariants();
});

test("BITCOUNT counts bytes or bits of a range", () => {
  converse(createBitFixture(), [
    ["SET k foobar", "+OK"],
    ["BITCOUNT k", ":26"],
    ["BITCOUNT k 0 0", ":4"],
    ["BITCOUNT k 1 1", ":6"],
    ["BITCOUNT k 0 -5", ":10"],
    ["BITCOUNT k 1 1 BYTE", ":6"],
    ["BITCOUNT k 5 30 bit", ":17"],
    ["BITCOUNT k 5 5 BIT", ":1"],
    ["BITCOUNT k -4 -2 BIT", ":1"],
    ["BITCOUNT k 3 2", ":0"],
    ["BITCOUNT k -1 -3 NEITHER", ":0"],
    ["BITCOUNT k 100 200", ":0"],
    ["BITCOUNT k -9223372036854775808 9223372036854775807", ":26"],
    ["BITCOUNT none", ":0"],
    ["BITCOUNT none 1 2 NEITHER", ":0"],
    ["SET i 123", "+OK"],
    ["BITCOUNT i", ":10"],
  ]);
});

test("BITCOUNT and BITPOS refuse arguments of a key that is there", () => {
  const fixture = createBitFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET k foobar", "+OK"],
    ["BITCOUNT k 1", SYNTAX_ERROR],
    ["BITCOUNT k 1 2 BITS", SYNTAX_ERROR],
    ["BITCOUNT k 1 2 BIT 3", SYNTAX_ERROR],
    ["BITCOUNT k x 2", NOT_AN_INTEGER],
    ["BITCOUNT k 1 9223372036854775808", NOT_AN_INTEGER],
    ["BITCOUNT l", WRONG_TYPE],
    ["BITCOUNT l x y", WRONG_TYPE],
    ["BITPOS l 2", "-ERR The bit argument must be 1 or 0."],
    ["BITPOS l x", NOT_AN_INTEGER],
    ["BITPOS l 1 x", WRONG_TYPE],
    ["BITPOS k 1 x", NOT_AN_INTEGER],
    ["BITPOS k 1 1 x", NOT_AN_INTEGER],
    ["BITPOS k 1 1 x BITS", SYNTAX_ERROR],
    ["BITPOS k 1 1 2 BIT 3", SYNTAX_ERROR],
  ]);
});

test("BITPOS finds the first bit of a range; zero bits follow a string without an end", () => {
  converse(createBitFixture(), [
    [["SET", "k", new Uint8Array([255, 240, 0])], "+OK"],
    ["BITPOS k 0", ":12"],
    ["BITPOS k 1", ":0"],
    ["BITPOS k 1 2", ":-1"],
    ["BITPOS k 0 0 0", ":-1"],
    ["BITPOS k 0 4 12 BIT", ":12"],
    ["BITPOS k 0 4 11 BIT", ":-1"],
    ["BITPOS k 1 9 11 BIT", ":9"],
    ["BITPOS k 1 12 -1 BIT", ":-1"],
    ["BITPOS k 1 5 3", ":-1"],
    [["SET", "ones", new Uint8Array([255, 255, 255])], "+OK"],
    ["BITPOS ones 0", ":24"],
    ["BITPOS ones 0 1", ":24"],
    ["BITPOS ones 0 0 -1", ":-1"],
    ["BITPOS ones 0 5", ":-1"],
    ["BITPOS none 0", ":0"],
    ["BITPOS none 1", ":-1"],
    ["BITPOS none 1 x", ":-1"],
    [["SET", "empty", ""], "+OK"],
    ["BITPOS empty 0", ":-1"],
    ["BITPOS empty 1", ":-1"],
  ]);
});

/** What BITOP is to store, bit by bit. */
function expectedOf(operation: string, sources: readonly Uint8Array[]): Uint8Array {
  const length = Math.max(...sources.map((each) => each.length));
  const result = new Uint8Array(length);
  for (let at = 0; at < length * 8; at++) {
    const bits = sources.map((each) => (each[at >> 3] >> (7 - (at & 7))) & 1);
    const count = bits.filter((bit) => bit === 1).length;
    const others = count > bits[0];
    const isSet = operation === "AND"
      ? count === bits.length
      : operation === "OR"
      ? count > 0
      : operation === "XOR"
      ? count % 2 === 1
      : operation === "NOT"
      ? count === 0
      : operation === "DIFF"
      ? bits[0] === 1 && !others
      : operation === "DIFF1"
      ? bits[0] !== 1 && others
      : operation === "ANDOR"
      ? bits[0] === 1 && others
      : count === 1;
    if (isSet) result[at >> 3] |= 0x80 >> (at & 7);
  }
  return result;
}

test("BITOP computes each operation over strings of any length", () => {
  const fixture = createBitFixture();
  const random = createRandom([3, 1, 4, 1]);
  const lengths = [0, 1, 3, 4, 9, 45, 300, 33_000, 70_001];
  for (const operation of ["AND", "OR", "XOR", "NOT", "DIFF", "DIFF1", "ANDOR", "ONE"]) {
    for (let round = 0; round < 6; round++) {
      const count = operation === "NOT" ? 1 : 2 + random.below(3);
      const sources = Array.from({ length: count }, () => {
        const length = lengths[random.below(round < 4 ? 7 : lengths.length)];
        return Uint8Array.from({ length }, () => random.int32() & 255);
      });
      sources.forEach((each, i) => fixture.run("SET", `s${i}`, each));
      const names = sources.map((_, i) => `s${i}`);
      const destination = random.below(3) === 0 ? "s0" : "d";
      const expected = expectedOf(operation, sources);
      const reply = fixture.run("BITOP", operation, destination, ...names);
      assert.equal(reply, `:${expected.length}\r\n`);
      fixture.run("SET", "expected", expected);
      const result = fixture.run("GET", destination);
      if (expected.length > 0) assert.equal(result, fixture.run("GET", "expected"));
      else assert.equal(result, "_\r\n");
    }
  }
  fixture.engine.keyspace.checkInvariants();
});

test("BITOP drops the destination's expiry, and the destination where nothing comes out", () => {
  const fixture = createBitFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET d old EX 100", "+OK"],
    ["SET a 12", "+OK"],
    ["BITOP or d a none", ":2"],
    ["TTL d", ":-1"],
    ["GET d", '"12"'],
    ["OBJECT ENCODING d", '"raw"'],
    ["BITOP AND l a none", ":2"],
    ["GET l", '"\\u0000\\u0000"'],
    ["BITOP XOR d none", ":0"],
    ["EXISTS d", ":0"],
  ]);
});

test("BITOP refuses operations, numbers of keys and types", () => {
  const fixture = createBitFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["BITOP NAND d a", SYNTAX_ERROR],
    ["BITOP NOT d a b", "-ERR BITOP NOT must be called with a single source key."],
    ["BITOP diff d a", "-ERR BITOP DIFF must be called with at least two source keys."],
    ["BITOP Diff1 d a", "-ERR BITOP DIFF1 must be called with at least two source keys."],
    ["BITOP ANDOR d a", "-ERR BITOP ANDOR must be called with at least two source keys."],
    ["BITOP ONE d a", ":0"],
    ["BITOP OR d a l", WRONG_TYPE],
  ]);
});

test("COMMAND tells BITOP's destination from its sources", () => {
  const fixture = createFixture({ families: [BITMAP_COMMANDS, INTROSPECTION_COMMANDS] });
  const keys = fixture.run2("COMMAND", "GETKEYSANDFLAGS", "BITOP", "AND", "d", "a", "b");
  const source = "*2\r\n+RO\r\n+access\r\n";
  const expected = `*2\r\n$1\r\nd\r\n*2\r\n+OW\r\n+update\r\n*2\r\n$1\r\na\r\n${source}`;
  assert.equal(keys, `*3\r\n${expected}*2\r\n$1\r\nb\r\n${source}`);
  const specs = fixture.line("COMMAND INFO bitop");
  assert.equal(specs.split("begin_search").length, 3);
});
