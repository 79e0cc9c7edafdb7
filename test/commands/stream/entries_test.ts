import { test } from "node:test";
import assert from "node:assert/strict";
import { at, createStreamFixture } from "./conversation.ts";

const MAX = "18446744073709551615";
const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const SYNTAX = "-ERR syntax error";
const NO_INTEGER = "-ERR value is not an integer or out of range";
const INVALID_ID = "-ERR Invalid stream ID specified as stream command argument";

test("XADD takes whole ids, the time alone, or chooses", () => {
  const { ask, clock } = createStreamFixture();
  assert.equal(ask("XADD s 5-1 a b"), "5-1");
  assert.equal(ask("XADD s 5-* a b"), "5-2");
  assert.equal(ask("XADD s 6-* a b"), "6-0");
  assert.equal(ask("XADD s 7 a b"), "7-0");
  assert.equal(ask("XADD s * a b"), "1700000000000-0");
  assert.equal(ask("XADD s * a b"), "1700000000000-1");
  clock.advance(1);
  assert.equal(ask("XADD s * a b"), "1700000000001-0");
  assert.equal(ask("XADD ahead 1700000000005-7 a b"), "1700000000005-7");
  assert.equal(ask("XADD ahead * a b"), "1700000000005-8");
  assert.equal(ask("XADD new 0-* a b"), "0-1");
  assert.equal(ask("XLEN s"), "7");
  assert.equal(ask("TYPE s"), "stream");
  assert.equal(ask("OBJECT ENCODING s"), "stream");
});

test("XADD refuses ids that are not greater, and those behind the last", () => {
  const { ask } = createStreamFixture();
  const small = "-ERR The ID specified in XADD is equal or smaller than the target stream top item";
  assert.equal(ask("XADD s 5-5 a b"), "5-5");
  assert.equal(ask("XADD s 5-5 a b"), small);
  assert.equal(ask("XADD s 4-9 a b"), small);
  assert.equal(ask("XADD s 4-* a b"), small);
  assert.equal(ask("XADD s 0-0 a b"), "-ERR The ID specified in XADD must be greater than 0-0");
  assert.equal(ask("XADD none 0 a b"), "-ERR The ID specified in XADD must be greater than 0-0");
  assert.equal(ask("EXISTS none"), "0");
  assert.equal(ask(`XADD s 6-${MAX} a b`), `6-${MAX}`);
  assert.equal(ask("XADD s 6-* a b"), small);
  assert.equal(ask(`XADD s ${MAX}-${MAX} a b`), `${MAX}-${MAX}`);
  const end = "-ERR The stream has exhausted the last possible ID, unable to add more items";
  for (const id of ["*", "5-5", `${MAX}-*`]) assert.equal(ask(`XADD s ${id} a b`), end);
});

test("XADD and XTRIM refuse options that make no sense", () => {
  const { ask } = createStreamFixture();
  const arity = "-ERR wrong number of arguments for 'xadd' command";
  ask("XADD s 1-1 a b");
  const both = "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
  const errors: Record<string, string> = {
    "XADD s 1-1 a": arity,
    "XADD s 2-1 a b c": arity,
    "XADD s MAXLEN 5 * a": arity,
    "XADD s MAXLEN x * a b": NO_INTEGER,
    "XADD s MAXLEN -1 * a b": "-ERR The MAXLEN argument must be >= 0.",
    "XADD s MAXLEN 5 MINID 5 * a b": both,
    "XADD s MINID 5 MINID 5 * a b": both,
    "XADD s MINID x * a b": INVALID_ID,
    "XADD s MAXLEN ~ 5 LIMIT -1 * a b": "-ERR The LIMIT argument must be >= 0.",
    "XADD s MAXLEN ~ 5 LIMIT x * a b": NO_INTEGER,
    "XADD s LIMIT 5 * a b":
      "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
    "XADD s MAXLEN = 5 LIMIT 5 * a b":
      "-ERR syntax error, LIMIT cannot be used without the special ~ option",
    "XADD s NOSUCH a b": INVALID_ID,
    "XADD s KEEPREF ACKED * a b": INVALID_ID,
    "XADD s - a b": INVALID_ID,
    "XTRIM s NOSUCH 5": SYNTAX,
    "XTRIM s LIMIT 0": "-ERR syntax error, XTRIM must be called with a trimming strategy",
    "XTRIM s MAXLEN 1 NOMKSTREAM": SYNTAX,
    "XTRIM s MAXLEN 1 KEEPREF DELREF": SYNTAX,
    "XTRIM s MAXLEN ~": NO_INTEGER,
  };
  for (const [line, error] of Object.entries(errors)) assert.equal(ask(line), error, line);
  assert.equal(ask("XADD none NOMKSTREAM * a b"), null);
  assert.equal(ask("EXISTS none"), "0");
  assert.equal(ask("XLEN s"), "1");
  ask("SET text x");
  const keyed = ["XADD text * a b", "XLEN text", "XRANGE text - +", "XDEL text 1-1"]
    .concat(["XTRIM text MAXLEN 5", "XSETID text 1-1", "XREAD STREAMS text 0", "XACK text g 1-1"])
    .concat(["XDELEX text IDS 1 1-1", "XACKDEL text g IDS 1 1-1", "XINFO STREAM text"])
    .concat(["XGROUP CREATE text g 0", "XGROUP DESTROY text g", "XPENDING text g"])
    .concat([
      "XCLAIM text g c 0 1-1",
      "XAUTOCLAIM text g c 0 0",
      "XREADGROUP GROUP g c STREAMS text >",
    ]);
  for (const line of keyed) assert.equal(ask(line), WRONG, line);
});

test("XRANGE and XREVRANGE take bounds of every form", () => {
  const { ask, all, run2 } = createStreamFixture();
  all("XADD s 1-1 a 1", "XADD s 1-2 a 2 b x", "XADD s 2-0 c 3", "XADD s 3-0 a 4");
  const ids = (line: string): string[] => (ask(line) as string[][]).map(([id]) => id);
  assert.deepEqual(ask("XRANGE s 1-2 2"), [["1-2", ["a", "2", "b", "x"]], ["2-0", ["c", "3"]]]);
  assert.deepEqual(ids("XRANGE s - +"), ["1-1", "1-2", "2-0", "3-0"]);
  assert.deepEqual(ids("XREVRANGE s + -"), ["3-0", "2-0", "1-2", "1-1"]);
  assert.deepEqual(ids("XRANGE s 1 1"), ["1-1", "1-2"]);
  assert.deepEqual(ids("XRANGE s (1-1 (3"), ["1-2", "2-0", "3-0"]);
  assert.deepEqual(ids("XRANGE s (1-1 (3-0"), ["1-2", "2-0"]);
  assert.deepEqual(ids("XRANGE s - + COUNT 2"), ["1-1", "1-2"]);
  assert.deepEqual(ids("XREVRANGE s + - COUNT 2 COUNT 1"), ["3-0"]);
  assert.deepEqual(ids("XRANGE s 5 +"), []);
  assert.equal(ask("XRANGE s - + COUNT 0"), null);
  assert.equal(run2("XRANGE", "s", "-", "+", "COUNT", "-3"), "*-1\r\n");
  assert.deepEqual(ask("XRANGE none - + COUNT 0"), []);
  assert.equal(ask(`XRANGE s (${MAX}-${MAX} +`), "-ERR invalid start ID for the interval");
  assert.equal(ask("XRANGE s - (0-0"), "-ERR invalid end ID for the interval");
  assert.equal(ask("XRANGE s (- +"), INVALID_ID);
  assert.equal(ask("XRANGE s x +"), INVALID_ID);
  assert.equal(ask("XRANGE s - + COUNT"), SYNTAX);
  assert.equal(ask("XRANGE s - + COUNT x"), NO_INTEGER);
  assert.equal(ask("XRANGE s - + LIMIT 1"), SYNTAX);
});

test("MAXLEN and MINID delete exactly, or whole nodes when ~ is given", () => {
  const { ask, all, settings, engine } = createStreamFixture();
  settings.streamNodeMaxEntries = 10;
  const fill = (key: string): void => {
    all(`DEL ${key}`);
    for (let i = 1; i <= 35; i++) all(`XADD ${key} ${i}-0 n ${i}`);
  };
  fill("s");
  assert.equal(ask("XTRIM s MAXLEN ~ 12"), "20");
  assert.equal(ask("XTRIM s MAXLEN = 12"), "3");
  assert.equal(ask("XTRIM s MAXLEN 100"), "0");
  assert.equal(at(ask("XINFO STREAM s"), "recorded-first-entry-id"), "24-0");
  fill("s");
  assert.equal(ask("XTRIM s MINID ~ 25"), "20");
  assert.equal(ask("XTRIM s MINID 25"), "4");
  assert.equal(at(ask("XINFO STREAM s"), "first-entry")![0], "25-0");
  fill("s");
  assert.equal(ask("XTRIM s MAXLEN ~ 0 LIMIT 15"), "10");
  assert.equal(ask("XTRIM s MAXLEN ~ 0 LIMIT 0"), "25");
  assert.equal(ask("XLEN s"), "0");
  assert.equal(ask("EXISTS s"), "1");
  fill("s");
  assert.equal(ask("XADD s MAXLEN 3 36-0 n 36"), "36-0");
  assert.equal(ask("XLEN s"), "3");
  assert.equal(ask("XADD s MINID = 36 37-0 n 37"), "37-0");
  assert.equal(ask("XLEN s"), "2");
  assert.equal(ask("XADD s MAXLEN 0 38-0 n 38"), "38-0");
  assert.equal(ask("XADD new MAXLEN 0 38-0 n 38"), "38-0");
  assert.equal(ask("XLEN new"), "0");
  assert.equal(ask("XTRIM none MAXLEN 0"), "0");
  engine.keyspace.checkInvariants();
});

test("XDEL deletes what is there, and only when all ids are ids", () => {
  const { ask, all } = createStreamFixture();
  all("XADD s 1-1 a 1", "XADD s 1-2 a 2", "XADD s 2-0 a 3");
  assert.equal(ask("XDEL s 1-2 x"), INVALID_ID);
  assert.equal(ask("XDEL s 1-2 1-2 9"), "1");
  assert.equal(ask("XDEL none x"), "0");
  const info = ask("XINFO STREAM s");
  assert.equal(at(info, "length"), "2");
  assert.equal(at(info, "max-deleted-entry-id"), "1-2");
  assert.equal(ask("XDEL s 1-1 2-0"), "2");
  assert.equal(ask("EXISTS s"), "1");
  assert.equal(at(ask("XINFO STREAM s"), "first-entry"), null);
  assert.equal(ask("XADD s 2-0 a b")?.[0], "-");
  assert.equal(ask("XADD s 2-1 a b"), "2-1");
});

test("XSETID changes what a stream knows of its past, within reason", () => {
  const { ask, all } = createStreamFixture();
  all("XADD s 1-1 a 1", "XADD s 2-0 a 2", "XADD s 3-0 a 3", "XDEL s 3-0");
  assert.equal(ask("XSETID none 1-1"), "-ERR no such key");
  const errors: Record<string, string> = {
    "XSETID s x": INVALID_ID,
    "XSETID s 5-0 ENTRIESADDED x": NO_INTEGER,
    "XSETID s 5-0 ENTRIESADDED -1": "-ERR entries_added must be positive",
    "XSETID s 5-0 ENTRIESADDED": SYNTAX,
    "XSETID s 5-0 MAXDELETEDID 6-0":
      "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
    "XSETID s 2-5": "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
    "XSETID s 5-0 ENTRIESADDED 1":
      "-ERR The entries_added specified in XSETID is smaller than the target stream length",
  };
  for (const [line, error] of Object.entries(errors)) assert.equal(ask(line), error, line);
  all("XADD t 5-0 a b");
  assert.equal(
    ask("XSETID t 4-0"),
    "-ERR The ID specified in XSETID is smaller than the target stream top item",
  );
  assert.equal(ask("XSETID s 9-1 ENTRIESADDED 9223372036854775807 MAXDELETEDID 7-7"), "OK");
  const info = ask("XINFO STREAM s");
  assert.equal(at(info, "last-generated-id"), "9-1");
  assert.equal(at(info, "entries-added"), "9223372036854775807");
  assert.equal(at(info, "max-deleted-entry-id"), "7-7");
});

test("XINFO STREAM tells what Redis's radix tree would look like", () => {
  const { ask, settings } = createStreamFixture();
  settings.streamNodeMaxEntries = 1;
  const shape = (...ids: string[]): string => {
    ask("DEL s");
    for (const id of ids) ask(`XADD s ${id} a b`);
    const info = ask("XINFO STREAM s");
    return `${at(info, "radix-tree-keys")} ${at(info, "radix-tree-nodes")}`;
  };
  // As redis-server 7.0.15 answers.
  assert.equal(shape("1-1"), "1 2");
  assert.equal(shape("1-1", "1-2"), "2 4");
  assert.equal(shape("1-1", "1-2", "1-3"), "3 5");
  assert.equal(shape("1-1", "2-1"), "2 6");
  assert.equal(shape("1-1", "2-1", "2-2", "300-0"), "4 11");
  assert.equal(shape("1-1", `${MAX}-0`), "2 5");
  ask("DEL s");
  ask("XADD s MAXLEN 0 1-1 a b");
  assert.equal(at(ask("XINFO STREAM s"), "radix-tree-nodes"), "1");
});

test("entries may be longer than any block, or have more fields", () => {
  const { run, ask, engine } = createStreamFixture();
  const value = "v".repeat(200_000);
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
  const many = Array.from({ length: 9000 }, (_, i) => i % 3 === 0 ? "" : String(i));
  assert.equal(run("XADD", "s", "1-1", "f", value), bulk("1-1"));
  assert.equal(run("XADD", "s", "1-2", ...many, ...many), bulk("1-2"));
  assert.equal(run("XADD", "s", "1-3", "f", "short"), bulk("1-3"));
  const first = `*2\r\n${bulk("1-1")}*2\r\n${bulk("f")}${bulk(value)}`;
  assert.equal(run("XRANGE", "s", "1-1", "1-1"), `*1\r\n${first}`);
  const fields = [...many, ...many].map(bulk).join("");
  assert.equal(
    run("XREVRANGE", "s", "1-2", "1-2"),
    `*1\r\n*2\r\n${bulk("1-2")}*18000\r\n${fields}`,
  );
  engine.keyspace.checkInvariants();
  assert.equal(ask("XDEL s 1-2"), "1");
  assert.equal(ask("XTRIM s MAXLEN 1"), "1");
  assert.deepEqual(ask("XRANGE s - +"), [["1-3", ["f", "short"]]]);
  engine.keyspace.checkInvariants();
});
