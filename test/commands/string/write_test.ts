// The commands that change values: counters, APPEND, SETRANGE, MSET and its relatives, DELEX.

import { test } from "node:test";
import assert from "node:assert/strict";
import { converse, createStringFixture, makeList } from "./conversation.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const NOT_A_FLOAT = "-ERR value is not a valid float";
const OVERFLOW = "-ERR increment or decrement would overflow";
const NO_NUMBER = "-ERR increment would produce NaN or Infinity";
const SYNTAX_ERROR = "-ERR syntax error";
const TOO_LONG = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";

test("INCR, DECR, INCRBY and DECRBY count, and keep the expiry", () => {
  converse(createStringFixture(), [
    ["INCR k", ":1"],
    ["TTL k", ":-1"],
    ["DECR n", ":-1"],
    ["INCRBY k 41", ":42"],
    ["DECRBY k 50", ":-8"],
    ["DECRBY k 0", ":-8"],
    ["GET k", '"-8"'],
    ["OBJECT ENCODING k", '"int"'],
    ["SET k 5 EX 10", "+OK"],
    ["INCR k", ":6"],
    ["TTL k", ":10"],
  ]);
});

test("counters are exact over all 64 bits and stop at their ends", () => {
  converse(createStringFixture(), [
    ["SET k 9007199254740991", "+OK"],
    ["INCR k", ":9007199254740992"],
    ["INCR k", ":9007199254740993"],
    ["DECRBY k 3", ":9007199254740990"],
    ["SET k 9223372036854775806", "+OK"],
    ["INCR k", ":9223372036854775807"],
    ["INCR k", OVERFLOW],
    ["INCRBY k 9223372036854775807", OVERFLOW],
    ["GET k", '"9223372036854775807"'],
    ["INCRBY k -9223372036854775808", ":-1"],
    ["DECRBY k 9223372036854775807", ":-9223372036854775808"],
    ["DECR k", OVERFLOW],
    ["DECRBY k 1", OVERFLOW],
    ["DECRBY k -9223372036854775808", "-ERR decrement would overflow"],
    ["GET k", '"-9223372036854775808"'],
    ["OBJECT ENCODING k", '"int"'],
  ]);
});

test("counters refuse what is no integer, the increment before the key", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [["INCR l", WRONG_TYPE], ["DECRBY l 1", WRONG_TYPE]]);
  converse(fixture, [
    ["INCRBY l abc", NOT_AN_INTEGER],
    ["DECRBY l abc", NOT_AN_INTEGER],
    ["DECRBY l -9223372036854775808", "-ERR decrement would overflow"],
  ]);
  for (const value of ["", "abc", "1.5", " 1", "1 ", "+1", "-0", "01", "9223372036854775808"]) {
    converse(fixture, [
      [["SET", "k", value], "+OK"],
      ["INCR k", NOT_AN_INTEGER],
      ["GET k", JSON.stringify(value)],
      [["INCRBY", "n", value], NOT_AN_INTEGER],
    ]);
  }
});

test("counters read integers that are stored as text", () => {
  converse(createStringFixture(), [
    ["SET k 1", "+OK"],
    ["APPEND k 2", ":2"],
    ["OBJECT ENCODING k", '"raw"'],
    ["INCR k", ":13"],
    ["OBJECT ENCODING k", '"int"'],
  ]);
});

test("INCRBYFLOAT adds in extended precision and keeps the expiry", () => {
  converse(createStringFixture(), [
    ["INCRBYFLOAT k 0.1", '"0.1"'],
    ["INCRBYFLOAT k 0.2", '"0.3"'],
    ["SET k 10.5 EX 10", "+OK"],
    ["INCRBYFLOAT k 0.1", '"10.6"'],
    ["TTL k", ":10"],
    ["SET k 5.0e3", "+OK"],
    ["INCRBYFLOAT k 200", '"5200"'],
    ["OBJECT ENCODING k", '"embstr"'],
    ["INCR k", ":5201"],
    ["INCRBYFLOAT k -5201", '"0"'],
    ["INCRBYFLOAT k 1e20", '"100000000000000000000"'],
    ["GET k", '"100000000000000000000"'],
  ]);
});

test("INCRBYFLOAT refuses what is no number, and sums that are none", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [["INCRBYFLOAT l abc", WRONG_TYPE], ["SET k 1", "+OK"]]);
  for (const value of ["", "abc", "nan", "1e5000", " 1", "1 "]) {
    converse(fixture, [
      [["INCRBYFLOAT", "k", value], NOT_A_FLOAT],
      [["SET", "n", value], "+OK"],
      ["INCRBYFLOAT n 1", NOT_A_FLOAT],
    ]);
  }
  converse(fixture, [
    ["INCRBYFLOAT k inf", NO_NUMBER],
    ["INCRBYFLOAT k -infinity", NO_NUMBER],
    ["SET n inf", "+OK"],
    ["INCRBYFLOAT n -inf", NO_NUMBER],
    ["GET k", '"1"'],
  ]);
});

test("APPEND makes a key or adds to its value, and keeps the expiry", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["APPEND k 12", ":2"],
    ["OBJECT ENCODING k", '"int"'],
    ["APPEND k abc", ":5"],
    ["GET k", '"12abc"'],
    ["OBJECT ENCODING k", '"raw"'],
    ["EXPIRE k 10", ":1"],
    [["APPEND", "k", ""], ":5"],
    [["APPEND", "k", "x".repeat(40_000)], ":40005"],
    ["TTL k", ":10"],
    ["GET k", JSON.stringify("12abc" + "x".repeat(40_000))],
    [["APPEND", "n", ""], ":0"],
    ["EXISTS n", ":1"],
    ["APPEND l x", WRONG_TYPE],
  ]);
});

test("APPEND and SETRANGE stop at proto-max-bulk-len", () => {
  const fixture = createStringFixture({ protoMaxBulkLen: 10 });
  converse(fixture, [
    ["SET k 12345678", "+OK"],
    ["APPEND k abc", TOO_LONG],
    ["APPEND k ab", ":10"],
    ["SETRANGE k 9 ab", TOO_LONG],
    ["SETRANGE n 10 a", TOO_LONG],
    ["SETRANGE n 9223372036854775807 a", TOO_LONG],
    ["EXISTS n", ":0"],
    ["SETRANGE k 9 c", ":10"],
    ["SETRANGE n 9 c", ":10"],
    ["GET k", '"12345678ac"'],
  ]);
});

test("SETRANGE overwrites, and fills with zero bytes", () => {
  converse(createStringFixture(), [
    ["SETRANGE k 0 foo", ":3"],
    ["GET k", '"foo"'],
    ["SETRANGE k 1 1", ":3"],
    ["GET k", '"f1o"'],
    ["SETRANGE k 5 bar", ":8"],
    ["GET k", JSON.stringify("f1o\0\0bar")],
    ["SETRANGE n 2 12", ":4"],
    ["GET n", JSON.stringify("\0\x0012")],
    ["SETRANGE m 0 12", ":2"],
    ["OBJECT ENCODING m", '"raw"'],
    ["SET i 1234 EX 10", "+OK"],
    ["SETRANGE i 1 3", ":4"],
    ["GET i", '"1334"'],
    ["OBJECT ENCODING i", '"raw"'],
    ["TTL i", ":10"],
  ]);
});

test("SETRANGE grows a value into pieces and writes across them", () => {
  const fixture = createStringFixture();
  converse(fixture, [
    ["SET k ab", "+OK"],
    ["SETRANGE k 50000 cd", ":50002"],
    ["GETRANGE k 0 3", JSON.stringify("ab\0\0")],
    ["GETRANGE k 49998 -1", JSON.stringify("\0\0cd")],
    [["SETRANGE", "k", "10", "z".repeat(45_000)], ":50002"],
    ["GETRANGE k 9 12", JSON.stringify("\0zzz")],
    ["GETRANGE k 45008 45011", JSON.stringify("zz\0\0")],
    ["SETRANGE n 60000 x", ":60001"],
    ["GETRANGE n 59999 -1", JSON.stringify("\0x")],
  ]);
});

test("SETRANGE of nothing changes nothing", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    [["SETRANGE", "k", "5", ""], ":0"],
    ["EXISTS k", ":0"],
    ["SET k 1234", "+OK"],
    [["SETRANGE", "k", "9223372036854775807", ""], ":4"],
    ["OBJECT ENCODING k", '"int"'],
    [["SETRANGE", "l", "0", ""], WRONG_TYPE],
    [["SETRANGE", "k", "-1", ""], "-ERR offset is out of range"],
    ["SETRANGE l -1 x", "-ERR offset is out of range"],
    ["SETRANGE l abc x", NOT_AN_INTEGER],
    ["SETRANGE l 0 x", WRONG_TYPE],
  ]);
});

test("SETRANGE that runs out of memory leaves no new key behind", () => {
  const fixture = createStringFixture();
  converse(fixture, [
    ["SETRANGE n 500000000 x", "-OOM command not allowed when used memory > 'maxmemory'."],
    ["EXISTS n", ":0"],
    ["DBSIZE", ":0"],
    ["SETRANGE n 5 x", ":6"],
  ]);
  fixture.engine.keyspace.checkInvariants();
});

test("MSET sets pairs, the last one of a key wins", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET a v EX 10", "+OK"],
    ["MSET a 1 b two l x a 3", "+OK"],
    ["MGET a b l", '["3", "two", "x"]'],
    ["TTL a", ":-1"],
    ["MSET a 1 b", "-ERR wrong number of arguments for 'mset' command"],
    ["MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command"],
  ]);
});

test("MSETNX sets all pairs or none", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["MSETNX a 1 b 2", ":1"],
    ["MSETNX c 1 b 3", ":0"],
    ["MSETNX c 1 l 3", ":0"],
    ["MGET a b c", '["1", "2", nil]'],
    ["MSETNX c 1 c 2", ":1"],
    ["GET c", '"2"'],
  ]);
});

test("MSETEX sets pairs with one expiry", () => {
  converse(createStringFixture(), [
    ["MSETEX 2 a 1 b two EX 10", ":1"],
    ["MGET a b", '["1", "two"]'],
    ["TTL a", ":10"],
    ["TTL b", ":10"],
    ["MSETEX 1 a 2 KEEPTTL", ":1"],
    ["TTL a", ":10"],
    ["MSETEX 1 a 3", ":1"],
    ["TTL a", ":-1"],
    ["MSETEX 2 a 4 c 5 NX PX 20", ":0"],
    ["MGET a c", '["3", nil]'],
    ["MSETEX 2 a 4 c 5 PXAT 1700000000030 XX", ":0"],
    ["MSETEX 2 a 4 b 5 PXAT 1700000000030 XX", ":1"],
    ["PTTL b", ":30"],
    ["MSETEX 2 c 4 d 5 nx", ":1"],
    ["MGET c d", '["4", "5"]'],
    ["MSETEX 1 EX 10 EX 20", ":1"],
    ["GET EX", '"10"'],
  ]);
});

test("MSETEX refuses a wrong count, wrong options and wrong times", () => {
  const count = "-ERR invalid numkeys value";
  const pairs = "-ERR wrong number of key-value pairs";
  const expire = "-ERR invalid expire time in 'msetex' command";
  converse(createStringFixture(), [
    ["MSETEX 0 a 1", count],
    ["MSETEX -1 a 1", count],
    ["MSETEX abc a 1", count],
    ["MSETEX 2147483648 a 1", count],
    ["MSETEX 9223372036854775807 a 1", count],
    ["MSETEX 2147483647 a 1", pairs],
    ["MSETEX 2 a 1 b", pairs],
    ["MSETEX 2 a 1", pairs],
    ["MSETEX 1 a 1 b 2", SYNTAX_ERROR],
    ["MSETEX 1 a 1 NX XX", SYNTAX_ERROR],
    ["MSETEX 1 a 1 EX 10 PX 10", SYNTAX_ERROR],
    ["MSETEX 1 a 1 EX 10 KEEPTTL", SYNTAX_ERROR],
    ["MSETEX 1 a 1 EX", SYNTAX_ERROR],
    ["MSETEX 1 a 1 GET", SYNTAX_ERROR],
    ["MSETEX 1 a 1 IFEQ 1", SYNTAX_ERROR],
    ["MSETEX 1 a 1 EX 0", expire],
    ["MSETEX 1 a 1 EX abc", NOT_AN_INTEGER],
    ["MSETEX 1 a 1 EX 9223372036854775807", expire],
    ["DBSIZE", ":0"],
  ]);
});

test("DELEX removes a key, on a condition if one is given", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["DELEX k", ":0"],
    ["SET k v", "+OK"],
    ["DELEX k", ":1"],
    ["EXISTS k", ":0"],
    ["DELEX k IFEQ v", ":0"],
    ["DELEX k IFNE v", ":0"],
    ["SET k 12", "+OK"],
    ["DELEX k IFEQ 13", ":0"],
    ["DELEX k IFNE 12", ":0"],
    ["DELEX k ifeq 12", ":1"],
    ["SET k v", "+OK"],
    ["DELEX k IFNE w", ":1"],
    [["SET", "k", "Hello world"], "+OK"],
    ["DELEX k IFDEQ 0123456789abcdef", ":0"],
    ["DELEX k IFDNE b6acb9d84a38ff74", ":0"],
    ["DELEX k IFDEQ b6acb9d84a38ff7", "-ERR must be exactly 16 hexadecimal characters"],
    ["DELEX k IFDEQ B6ACB9D84A38FF74", ":1"],
    ["SET k v", "+OK"],
    ["DELEX k IFDNE b6acb9d84a38ff74", ":1"],
    ["EXISTS k", ":0"],
  ]);
});

test("DELEX refuses conditions it does not know, and keys that are no strings", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  const arity = "-ERR wrong number of arguments for 'delex' command";
  const type = "-ERR Key should be of string type if conditions are specified";
  const condition = "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE";
  converse(fixture, [
    ["SET k v", "+OK"],
    ["DELEX k IFEQ", arity],
    ["DELEX k IFEQ v x", arity],
    ["DELEX k NX v", condition],
    ["DELEX k BAD v", condition],
    ["DELEX l BAD v", type],
    ["DELEX missing BAD v", ":0"],
    ["DELEX l", ":1"],
    ["GET k", '"v"'],
  ]);
});

test("a command that was refused changes nothing, one that was run counts as a change", () => {
  const fixture = createStringFixture();
  const { stats } = fixture.engine;
  converse(fixture, [["SET k v", "+OK"]]);
  const before = stats.dirty;
  converse(fixture, [
    ["SET k w NX", "nil"],
    ["SET k w EX 0", "-ERR invalid expire time in 'set' command"],
    ["INCR k", NOT_AN_INTEGER],
    ["GETEX k", '"v"'],
    ["MSETNX a 1 k 2", ":0"],
  ]);
  assert.equal(stats.dirty, before);
  converse(fixture, [["APPEND k x", ":2"], ["MSET a 1 b 2", "+OK"]]);
  assert.equal(stats.dirty, before + 3);
});
