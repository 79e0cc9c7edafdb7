import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { HASH_COMMANDS } from "../../../src/commands/hash/mod.ts";
import { LIST_COMMANDS } from "../../../src/commands/list/mod.ts";
import { SET_COMMANDS } from "../../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../../src/commands/sorted_set/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

const SYNTAX = "-ERR syntax error\r\n";

function create(): Fixture {
  return createFixture({
    families: [
      LIST_COMMANDS,
      SET_COMMANDS,
      SORTED_SET_COMMANDS,
      HASH_COMMANDS,
      STRING_COMMANDS,
      GENERIC_COMMANDS,
    ],
  });
}

/** The elements of a reply as one text; "nil" for null. */
function elements(reply: string): string {
  assert.match(reply, /^\*/, reply);
  const lines = reply.split("\r\n");
  return lines.flatMap((line, i) => {
    if (line === "_") return ["nil"];
    return i > 0 && lines[i - 1].startsWith("$") ? [line] : [];
  }).join(" ");
}

test("SORT sorts lists, sets and sorted sets by number", () => {
  const { line } = create();
  line("rpush l 3 -1 10 2.5 1e1");
  line("sadd s 3 -1 10 2.5");
  line("zadd z 5 3 1 -1 7 10");
  assert.equal(elements(line("sort l")), "-1 2.5 3 10 1e1");
  assert.equal(elements(line("sort l DESC")), "1e1 10 3 2.5 -1");
  assert.equal(elements(line("sort l desc asc")), "-1 2.5 3 10 1e1");
  assert.equal(elements(line("sort s")), "-1 2.5 3 10");
  assert.equal(elements(line("sort z desc")), "10 3 -1");
  assert.equal(elements(line("sort_ro z")), "-1 3 10");
  assert.equal(elements(line("sort nothing")), "");
});

test("SORT ALPHA sorts by bytes", () => {
  const { line, run } = create();
  line("rpush l b a B aa 10 9");
  assert.equal(elements(line("sort l ALPHA")), "10 9 B a aa b");
  assert.equal(elements(line("sort l alpha desc")), "b aa a B 9 10");
  assert.equal(line("sort l"), "-ERR One or more scores can't be converted into double\r\n");
  run("rpush", "zero", "x\0b", "x\0a", "w");
  assert.equal(run("sort", "zero", "alpha"), "*3\r\n$1\r\nw\r\n$3\r\nx\0b\r\n$3\r\nx\0a\r\n");
  run("sort", "zero", "alpha", "store", "stored");
  assert.equal(
    run("lrange", "stored", "0", "-1"),
    "*3\r\n$1\r\nw\r\n$3\r\nx\0a\r\n$3\r\nx\0b\r\n",
  );
});

test("SORT LIMIT takes a part, and refuses what is no number", () => {
  const { line } = create();
  line("rpush l 5 4 3 2 1");
  assert.equal(elements(line("sort l LIMIT 1 2")), "2 3");
  assert.equal(elements(line("sort l LIMIT -5 2")), "1 2");
  assert.equal(elements(line("sort l LIMIT 3 -1")), "4 5");
  assert.equal(elements(line("sort l LIMIT 9 2")), "");
  assert.equal(elements(line("sort l LIMIT 0 0")), "");
  assert.equal(elements(line("sort l limit 0 9223372036854775807 desc")), "5 4 3 2 1");
  const notInteger = "-ERR value is not an integer or out of range\r\n";
  assert.equal(line("sort l LIMIT x 1"), notInteger);
  assert.equal(line("sort l LIMIT 1 99999999999999999999"), notInteger);
  assert.equal(line("sort l LIMIT 1"), SYNTAX);
});

test("SORT BY sorts by other keys and by fields of hashes", () => {
  const { line, run } = create();
  line("rpush l a b c d");
  line("mset w_a 3 w_b 1 w_c 2");
  assert.equal(elements(line("sort l BY w_*")), "d b c a");
  assert.equal(elements(line("sort l BY w_* DESC")), "a c b d");
  line("hset o_a f x n 5");
  line("hset o_b f y n 4");
  line("hset o_c f w n 6");
  assert.equal(elements(line("sort l BY o_*->n")), "d b a c");
  assert.equal(elements(line("sort l BY o_*->f ALPHA")), "d c a b");
  assert.equal(elements(line("sort l BY o_*->nosuch")), "a b c d");
  assert.equal(elements(line("sort l BY w_*->f")), "a b c d");
  assert.equal(elements(line("sort l BY o_*")), "a b c d");
  line("set w_a x");
  assert.equal(line("sort l BY w_*"), "-ERR One or more scores can't be converted into double\r\n");
  line("set w_a inf");
  assert.equal(elements(line("sort l BY w_*")), "d b c a");
  run("set", "w_a", " 0x10");
  assert.equal(elements(line("sort l BY w_*")), "d b c a");
  // A large hash, a large field and a large string.
  const long = "z".repeat(200_000);
  run(
    "hset",
    "o_a",
    ...Array.from({ length: 300 }, (_, i) => [`f${i}`, `${i}`]).flat(),
    "big",
    long,
  );
  run("set", "w_b", long);
  assert.equal(elements(line("sort l BY o_*->f7 LIMIT 3 1")), "a");
  assert.equal(elements(line("sort l BY nosort GET o_*->big LIMIT 0 1")), long);
  assert.equal(elements(line("sort l BY nosort GET w_* LIMIT 1 1")), long);
});

test("SORT GET replies what the patterns lead to", () => {
  const { line, run } = create();
  line("sadd s 1 2 3");
  line("mset v_1 one v_2 2");
  line("hset h_3 f three");
  assert.equal(elements(line("sort s GET v_*")), "one 2 nil");
  assert.equal(
    elements(line("sort s GET # GET v_* GET h_*->f GET nostar GET h_*->")),
    "1 one nil nil nil 2 2 nil nil nil 3 nil three nil nil",
  );
  assert.equal(elements(line("sort s GET #->x")), "nil nil nil");
  run("set", "a1->", "arrow");
  assert.equal(elements(line("sort s LIMIT 0 1 GET a*->")), "arrow");
});

test("BY a constant leaves lists and sorted sets in their order", () => {
  const { line } = create();
  line("rpush l b d a c");
  line("zadd z 1 x 2 y 3 w");
  assert.equal(elements(line("sort l BY nosort")), "b d a c");
  assert.equal(elements(line("sort l BY nosort DESC")), "c a d b");
  assert.equal(elements(line("sort l BY nosort LIMIT 1 2")), "d a");
  assert.equal(elements(line("sort l BY nosort DESC LIMIT 1 2")), "a d");
  assert.equal(elements(line("sort z BY nosort DESC LIMIT 0 2")), "w y");
  assert.equal(elements(line("sort z BY nosort LIMIT 5 2")), "");
  assert.equal(elements(line("sort z BY nosort BY nosort_*")), "x y w");
  line("sadd s b a c 1");
  assert.equal(line("sort s BY nosort STORE t"), ":4\r\n");
  assert.equal(elements(line("lrange t 0 -1")), "1 a b c");
});

test("SORT STORE makes a list, also of its own source", () => {
  const { line, run, engine } = create();
  line("rpush l 3 1 2");
  line("expire l 100");
  assert.equal(line("sort l STORE l"), ":3\r\n");
  assert.equal(elements(line("lrange l 0 -1")), "1 2 3");
  assert.equal(line("ttl l"), ":-1\r\n");
  assert.equal(line("object encoding l"), "$8\r\nlistpack\r\n");
  assert.equal(line("sort l STORE t GET # GET nosuch_*"), ":6\r\n");
  assert.equal(elements(line("lrange t 0 -1")), "1  2  3 ");
  assert.equal(line("sort nothing STORE t"), ":0\r\n");
  assert.equal(line("exists t"), ":0\r\n");
  line("set t x");
  assert.equal(line("sort l LIMIT 0 2 STORE x STORE t"), ":2\r\n");
  assert.equal(line("type t"), "+list\r\n");
  assert.equal(line("exists x"), ":0\r\n");
  run("rpush", "large", ...Array.from({ length: 3000 }, (_, i) => `${(i * 7919) % 3000}:${i}`));
  assert.equal(line("sort large ALPHA STORE large"), ":3000\r\n");
  assert.equal(line("object encoding large"), "$9\r\nquicklist\r\n");
  assert.equal(elements(line("lrange large 0 1")), "0:0 1000:2000");
  engine.keyspace.checkInvariants();
});

test("SORT refuses in the words of Redis", () => {
  const { line } = create();
  line("set x 1");
  line("hset h f v");
  const wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  assert.equal(line("sort x"), wrong);
  assert.equal(line("sort h"), wrong);
  for (const options of ["NOSUCH", "BY", "GET", "STORE", "LIMIT 1"]) {
    assert.equal(line(`sort nothing ${options}`), SYNTAX);
  }
  assert.equal(line("sort_ro nothing STORE t"), SYNTAX);
  assert.equal(line("sort"), "-ERR wrong number of arguments for 'sort' command\r\n");
});

test("what numbers look like to strtod is what SORT takes for numbers", () => {
  const { line, run } = create();
  run("rpush", "l", "", "-1", " 2", "3\0x", "0x2", "1e-1");
  assert.equal(
    run("sort", "l"),
    "*6\r\n$2\r\n-1\r\n$0\r\n\r\n$4\r\n1e-1\r\n$2\r\n 2\r\n$3\r\n0x2\r\n$3\r\n3\0x\r\n",
  );
  for (const wrong of ["x", "1x", "1 ", " ", "nan", "1e999", "--1"]) {
    run("del", "w");
    run("rpush", "w", wrong);
    assert.match(line("sort w"), /^-ERR One or more scores/, wrong);
  }
});
