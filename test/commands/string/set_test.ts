// SET with all its options, and the older commands that do parts of its work.

import { test } from "node:test";
import assert from "node:assert/strict";
import { converse, createStringFixture, makeList, START_MS } from "./conversation.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const INVALID_EXPIRE = "-ERR invalid expire time in 'set' command";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX_ERROR = "-ERR syntax error";
const INVALID_DIGEST = "-ERR must be exactly 16 hexadecimal characters";
/** XXH3 of "Hello world". */
const DIGEST = "b6acb9d84a38ff74";
const OTHER_DIGEST = "0123456789abcdef";

test("SET replaces a value and its expiry", () => {
  converse(createStringFixture(), [
    ["SET k v EX 10", "+OK"],
    ["TTL k", ":10"],
    ["SET k w", "+OK"],
    ["GET k", '"w"'],
    ["TTL k", ":-1"],
    [["SET", "k", ""], "+OK"],
    ["GET k", '""'],
    [["SET", "", "empty key"], "+OK"],
    [["GET", ""], '"empty key"'],
  ]);
});

test("SET replaces a key of another type", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [["SET l v", "+OK"], ["GET l", '"v"']]);
});

test("SET keeps integers as integers, but only those in their usual form", () => {
  converse(createStringFixture(), [
    ["SET k 12", "+OK"],
    ["OBJECT ENCODING k", '"int"'],
    ["SET k 007", "+OK"],
    ["OBJECT ENCODING k", '"embstr"'],
    ["GET k", '"007"'],
    ["SET k -9223372036854775808", "+OK"],
    ["GET k", '"-9223372036854775808"'],
    ["OBJECT ENCODING k", '"int"'],
  ]);
});

test("SET takes a time in any of four units", () => {
  const fixture = createStringFixture();
  converse(fixture, [
    ["SET k v EX 10", "+OK"],
    ["PTTL k", ":10000"],
    ["SET k v px 15", "+OK"],
    ["PTTL k", ":15"],
    [`SET k v EXAT ${START_MS / 1000 + 20}`, "+OK"],
    ["PTTL k", ":20000"],
    [`SET k v PxAt ${START_MS + 25}`, "+OK"],
    ["PTTL k", ":25"],
    ["SET k v EX 10 EX 20", "+OK"],
    ["TTL k", ":20"],
  ]);
  fixture.clock.advance(20_000);
  converse(fixture, [["GET k", "nil"], ["DBSIZE", ":0"]]);
});

test("SET with a moment in the past leaves a key that is gone at the next look", () => {
  const fixture = createStringFixture();
  converse(fixture, [["SET k v", "+OK"], ["SET k v PXAT 1000", "+OK"], ["DBSIZE", ":1"]]);
  converse(fixture, [["GET k", "nil"], ["DBSIZE", ":0"]]);
  assert.equal(fixture.engine.stats.expiredKeys, 1);
});

test("SET refuses times that are no positive 64-bit number of milliseconds", () => {
  converse(createStringFixture(), [
    ["SET k v EX 0", INVALID_EXPIRE],
    ["SET k v PX -1", INVALID_EXPIRE],
    ["SET k v EX 9223372036854775807", INVALID_EXPIRE],
    ["SET k v EX 9223372036854775", INVALID_EXPIRE],
    ["SET k v EXAT 9223372036854776", INVALID_EXPIRE],
    ["SET k v PX 9223372036854775807", INVALID_EXPIRE],
    ["SET k v EX abc", NOT_AN_INTEGER],
    ["SET k v EX 1.5", NOT_AN_INTEGER],
    ["SET k v PXAT 9223372036854775808", NOT_AN_INTEGER],
    ["EXISTS k", ":0"],
    ["SET k v PXAT 9223372036854775807", "+OK"],
    ["GET k", '"v"'],
  ]);
});

test("SET KEEPTTL keeps the expiry", () => {
  converse(createStringFixture(), [
    ["SET k v EX 10", "+OK"],
    ["SET k w KEEPTTL", "+OK"],
    ["TTL k", ":10"],
    ["GET k", '"w"'],
    ["SET n v KEEPTTL", "+OK"],
    ["TTL n", ":-1"],
  ]);
});

test("SET NX and XX look at whether the key is there", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET k v XX", "nil"],
    ["EXISTS k", ":0"],
    ["SET k v NX EX 10", "+OK"],
    ["SET k w NX", "nil"],
    ["GET k", '"v"'],
    ["TTL k", ":10"],
    ["SET k w xx", "+OK"],
    ["GET k", '"w"'],
    ["SET l v NX", "nil"],
    ["SET l v XX", "+OK"],
  ]);
});

test("SET GET replies the old value, whether or not it sets a new one", () => {
  converse(createStringFixture(), [
    ["SET k v GET", "nil"],
    ["SET k 12 GET", '"v"'],
    ["SET k x GET NX", '"12"'],
    ["GET k", '"12"'],
    ["SET k x XX GET EX 10", '"12"'],
    ["TTL k", ":10"],
    ["SET n x XX GET", "nil"],
    ["EXISTS n", ":0"],
    ["SET n x NX GET", "nil"],
    ["GET n", '"x"'],
  ]);
});

test("SET GET refuses a key of another type and leaves it alone", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET l v GET", WRONG_TYPE],
    ["SET l v NX GET", WRONG_TYPE],
    ["GET l", WRONG_TYPE],
  ]);
});

test("SET GET replies a long old value whole", () => {
  const fixture = createStringFixture();
  const old = "abcdefghij".repeat(10_000);
  converse(fixture, [[["SET", "k", old], "+OK"], ["SET k v GET", JSON.stringify(old)]]);
});

test("SET refuses options that exclude each other, lack their argument, or are none", () => {
  const fixture = createStringFixture();
  const wrong = [
    "NX XX",
    "XX NX",
    "EX",
    "EX 10 PX",
    "EX 10 PX 10",
    "EX 10 KEEPTTL",
    "KEEPTTL PXAT 10",
    "EXAT 10 EX 10",
    "PERSIST",
    "IFEQ",
    "IFEQ a NX",
    "XX IFEQ a",
    "IFEQ a IFNE b",
    "IFDEQ a IFEQ b",
    "IFDNE",
    "BAD",
    "NXX",
    "10",
  ];
  for (const options of wrong) converse(fixture, [[`SET k v ${options}`, SYNTAX_ERROR]]);
  converse(fixture, [
    [["SET", "k", "v", ""], SYNTAX_ERROR],
    ["EXISTS k", ":0"],
    ["SET k v NX NX GET GET KEEPTTL KEEPTTL", "nil"],
    ["GET k", '"v"'],
  ]);
});

test("SET IFEQ and IFNE compare with the value", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SET k v IFEQ v", "nil"],
    ["EXISTS k", ":0"],
    ["SET k v IFNE v", "+OK"],
    ["SET k w IFEQ x", "nil"],
    ["SET k w IFEQ vv", "nil"],
    ["SET k w ifeq v EX 10", "+OK"],
    ["TTL k", ":10"],
    ["SET k x IFNE w", "nil"],
    ["GET k", '"w"'],
    ["SET k 12 IFNE x", "+OK"],
    ["SET k 13 IFEQ 12", "+OK"],
    ["SET k 14 IFEQ 13 GET", '"13"'],
    ["SET k 15 IFEQ 13 GET", '"14"'],
    ["GET k", '"14"'],
    ["SET k a IFEQ x IFEQ 14", "+OK"],
    ["SET l v IFEQ v", WRONG_TYPE],
    ["SET l v IFNE v", WRONG_TYPE],
    ["SET n v IFEQ v GET", "nil"],
    ["EXISTS n", ":0"],
  ]);
});

test("SET IFDEQ and IFDNE compare with the value's digest, in any case", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    [["SET", "k", "Hello world"], "+OK"],
    [`SET k a IFDEQ ${OTHER_DIGEST}`, "nil"],
    [`SET k a IFDNE ${DIGEST}`, "nil"],
    [`SET k a IFDEQ ${DIGEST.toUpperCase()} GET`, '"Hello world"'],
    ["GET k", '"a"'],
    [`SET k b IFDNE ${DIGEST}`, "+OK"],
    ["SET k c IFDEQ 123", INVALID_DIGEST],
    ["SET k c IFDNE 123 GET", INVALID_DIGEST],
    ["SET k c IFDEQ zzzzzzzzzzzzzzzz", "nil"],
    ["GET k", '"b"'],
    [`SET l c IFDEQ ${DIGEST}`, WRONG_TYPE],
    [`SET n c IFDEQ ${DIGEST}`, "nil"],
    ["SET n c IFDEQ 123", "nil"],
    [`SET n c IFDNE ${DIGEST}`, "+OK"],
  ]);
});

test("SETNX sets a key that is not there", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["SETNX k v", ":1"],
    ["SETNX k w", ":0"],
    ["GET k", '"v"'],
    ["SETNX l v", ":0"],
  ]);
});

test("SETEX and PSETEX set a value with its time", () => {
  converse(createStringFixture(), [
    ["SETEX k 10 v", "+OK"],
    ["PTTL k", ":10000"],
    ["PSETEX k 10 w", "+OK"],
    ["PTTL k", ":10"],
    ["GET k", '"w"'],
    ["SETEX k 0 v", "-ERR invalid expire time in 'setex' command"],
    ["PSETEX k -1 v", "-ERR invalid expire time in 'psetex' command"],
    ["SETEX k 9223372036854775807 v", "-ERR invalid expire time in 'setex' command"],
    ["SETEX k abc v", NOT_AN_INTEGER],
    ["GET k", '"w"'],
  ]);
});

test("GETSET replies the old value and drops the expiry", () => {
  const fixture = createStringFixture();
  makeList(fixture, "l");
  converse(fixture, [
    ["GETSET k v", "nil"],
    ["SET k 12 EX 10", "+OK"],
    ["GETSET k w", '"12"'],
    ["GET k", '"w"'],
    ["TTL k", ":-1"],
    ["GETSET l v", WRONG_TYPE],
    ["GET l", WRONG_TYPE],
  ]);
});
