// The commands that read values: GET, MGET, GETDEL, GETEX, STRLEN, GETRANGE, SUBSTR, DIGEST, LCS.

import { test } from "node:test";
import assert from "node:assert/strict";
import { converse, createStringFixture, makeList, START_MS } from "./conversation.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const INVALID_EXPIRE = "-ERR invalid expire time in 'getex' command";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX_ERROR = "-ERR syntax error";

test("GET replies values of every encoding, bytes unchanged", () => {
  const fixture = createStringFixture();
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  const values = ["", "-12", "text", "x".repeat(45), "y".repeat(40_000)];
  for (const value of values) {
    converse(fixture, [[["SET", "k", value], "+OK"], ["GET k", JSON.stringify(value)]]);
  }
  converse(fixture, [
    [["SET", "k", every], "+OK"],
    ["GET k", JSON.stringify(new TextDecoder("latin1").decode(every))],
    ["GET missing", "nil"],
  ]);
});

test("GET counts hits and misses, and refuses another type", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [["SET k v", "+OK"], ["GET k", '"v"'], ["GET n", "nil"], [
    "GET l",
    WRONG_TYPE,
  ]]);
  assert.equal(fixture.engine.stats.keyspaceHits, 2);
  assert.equal(fixture.engine.stats.keyspaceMisses, 1);
});

test("MGET replies null for what is missing or no string", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["MSET a 1 b two", "+OK"],
    ["MGET a n l b a", '["1", nil, nil, "two", "1"]'],
  ]);
});

test("GETDEL replies a value and removes the key", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["GETDEL k", "nil"],
    ["SET k v EX 10", "+OK"],
    ["GETDEL k", '"v"'],
    ["EXISTS k", ":0"],
    ["GETDEL l", WRONG_TYPE],
    ["EXISTS l", ":1"],
  ]);
});

test("GETEX changes the expiry, or leaves it without options", () => {
  const fixture = createStringFixture();
  converse(fixture, [
    ["SET k v", "+OK"],
    ["GETEX k EX 10", '"v"'],
    ["PTTL k", ":10000"],
    ["GETEX k", '"v"'],
    ["PTTL k", ":10000"],
    ["GETEX k px 20", '"v"'],
    ["PTTL k", ":20"],
    ["GETEX k PERSIST", '"v"'],
    ["PTTL k", ":-1"],
    ["GETEX k PERSIST PERSIST", '"v"'],
    [`GETEX k EXAT ${START_MS / 1000 + 5}`, '"v"'],
    ["PTTL k", ":5000"],
    [`GETEX k PXAT ${START_MS + 7}`, '"v"'],
    ["PTTL k", ":7"],
    ["GETEX k EX 10 EX 20", '"v"'],
    ["TTL k", ":20"],
  ]);
});

test("GETEX with a moment in the past removes the key", () => {
  converse(createStringFixture(), [
    ["SET k v", "+OK"],
    [`GETEX k PXAT ${START_MS}`, '"v"'],
    ["DBSIZE", ":0"],
    ["SET k v EX 10", "+OK"],
    ["GETEX k EXAT 1", '"v"'],
    ["DBSIZE", ":0"],
  ]);
});

test("GETEX refuses wrong options before it looks at the key, wrong times after", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["GETEX n EX", SYNTAX_ERROR],
    ["GETEX n EX 10 PX 10", SYNTAX_ERROR],
    ["GETEX n EX 10 PERSIST", SYNTAX_ERROR],
    ["GETEX n PERSIST EX 10", SYNTAX_ERROR],
    ["GETEX n KEEPTTL", SYNTAX_ERROR],
    ["GETEX n NX", SYNTAX_ERROR],
    ["GETEX n EX 0", "nil"],
    ["GETEX l EX 0", WRONG_TYPE],
    ["SET k v", "+OK"],
    ["GETEX k EX 0", INVALID_EXPIRE],
    ["GETEX k PXAT -1", INVALID_EXPIRE],
    ["GETEX k EX 9223372036854775807", INVALID_EXPIRE],
    ["GETEX k EX abc", NOT_AN_INTEGER],
    ["TTL k", ":-1"],
  ]);
});

test("STRLEN counts bytes", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["STRLEN k", ":0"],
    [["SET", "k", "né"], "+OK"],
    ["STRLEN k", ":3"],
    ["SET k -9223372036854775808", "+OK"],
    ["STRLEN k", ":20"],
    [["SET", "k", "x".repeat(100_000)], "+OK"],
    ["STRLEN k", ":100000"],
    ["STRLEN l", WRONG_TYPE],
  ]);
});

test("GETRANGE and SUBSTR count from both ends, ends included", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [[["SET", "k", "Hello World"], "+OK"], ["SET i 1234", "+OK"]]);
  const ranges: [key: string, start: string, end: string, expected: string][] = [
    ["k", "0", "3", "Hell"],
    ["k", "0", "-1", "Hello World"],
    ["k", "-4", "-1", "orld"],
    ["k", "5", "3", ""],
    ["k", "5", "5000", " World"],
    ["k", "-5000", "10000", "Hello World"],
    ["k", "11", "11", ""],
    ["k", "-5000", "-4000", "H"],
    ["k", "-4000", "-5000", ""],
    ["k", "-9223372036854775808", "9223372036854775807", "Hello World"],
    ["i", "0", "2", "123"],
    ["i", "-3", "-1", "234"],
    ["i", "3", "5000", "4"],
    ["missing", "0", "-1", ""],
  ];
  for (const [key, start, end, expected] of ranges) {
    converse(fixture, [
      [["GETRANGE", key, start, end], JSON.stringify(expected)],
      [["SUBSTR", key, start, end], JSON.stringify(expected)],
    ]);
  }
  converse(fixture, [
    [["SET", "k", ""], "+OK"],
    ["GETRANGE k 0 -1", '""'],
    ["GETRANGE missing 0 x", NOT_AN_INTEGER],
    ["GETRANGE l 1.5 0", NOT_AN_INTEGER],
    ["GETRANGE l 0 1", WRONG_TYPE],
  ]);
});

test("GETRANGE reads across the pieces of a long value", () => {
  const fixture = createStringFixture();
  const value = Array.from({ length: 30_000 }, (_, i) => String(i % 10)).join("") +
    "abc".repeat(9999);
  converse(fixture, [
    [["SET", "k", value], "+OK"],
    ["GETRANGE k 29990 30005", JSON.stringify(value.slice(29990, 30006))],
    ["GETRANGE k 4090 4100", JSON.stringify(value.slice(4090, 4101))],
    ["GETRANGE k 1 -2", JSON.stringify(value.slice(1, -1))],
  ]);
});

test("DIGEST replies 16 hexadecimal digits of the value's text", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  const text =
    "v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kw" +
    "lj7626sd";
  converse(fixture, [
    ["DIGEST k", "nil"],
    [["SET", "k", "Hello world"], "+OK"],
    ["DIGEST k", '"b6acb9d84a38ff74"'],
    [["SET", "k", text], "+OK"],
    ["DIGEST k", '"00006c38adf31777"'],
    [["SET", "k", ""], "+OK"],
    ["DIGEST k", '"2d06800538d394c2"'],
    ["DIGEST l", WRONG_TYPE],
    ["SET a 1000", "+OK"],
    ["SET b 100", "+OK"],
    ["APPEND b 0", ":4"],
  ]);
  assert.equal(fixture.line("DIGEST a"), fixture.line("DIGEST b"));
});

test("LCS replies the text, its length, or the ranges", () => {
  converse(createStringFixture(), [
    ["MSET a ohmytext b mynewtext", "+OK"],
    ["LCS a b", '"mytext"'],
    ["LCS a b WITHMATCHLEN", '"mytext"'],
    ["LCS a b len", ":6"],
    ["LCS a b IDX", '{"matches", [[[:4, :7], [:5, :8]], [[:2, :3], [:0, :1]]], "len", :6}'],
    [
      "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
      '{"matches", [[[:4, :7], [:5, :8], :4]], "len", :6}',
    ],
    [
      "LCS a b IDX MINMATCHLEN -5 withmatchlen",
      '{"matches", [[[:4, :7], [:5, :8], :4], [[:2, :3], [:0, :1], :2]], "len", :6}',
    ],
    ["LCS a missing", '""'],
    ["LCS missing missing LEN", ":0"],
    ["LCS a missing IDX", '{"matches", [], "len", :0}'],
    ["SET n 12345", "+OK"],
    ["SET m 2045", "+OK"],
    ["LCS n m", '"245"'],
  ]);
});

test("LCS refuses other types first, then wrong options", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  const wrongType = "-ERR The specified keys must contain string values";
  converse(fixture, [
    ["MSET a ohmytext b mynewtext", "+OK"],
    ["LCS a l BAD", wrongType],
    ["LCS l missing", wrongType],
    ["LCS a b BAD", SYNTAX_ERROR],
    ["LCS a b MINMATCHLEN", SYNTAX_ERROR],
    ["LCS a b MINMATCHLEN x", NOT_AN_INTEGER],
    ["LCS a b IDX LEN", "-ERR If you want both the length and indexes, please just use IDX."],
  ]);
});

test("LCS refuses strings whose table would be larger than proto-max-bulk-len", () => {
  const fixture = createStringFixture({ protoMaxBulkLen: 404 });
  const tooLarge = "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
  converse(fixture, [
    [["SET", "a", "x".repeat(9)], "+OK"],
    [["SET", "b", "x".repeat(9)], "+OK"],
    ["LCS a b LEN", ":9"],
    [["SET", "b", "x".repeat(10)], "+OK"],
    ["LCS a b LEN", tooLarge],
    ["LCS a b", tooLarge],
  ]);
});
