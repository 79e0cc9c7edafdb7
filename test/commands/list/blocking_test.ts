import assert from "node:assert/strict";
import { test } from "node:test";
import { LIST_COMMANDS } from "../../../src/commands/list/mod.ts";
import { SORTED_SET_COMMANDS } from "../../../src/commands/sorted_set/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

function create(): Fixture {
  return createFixture({ families: [LIST_COMMANDS, SORTED_SET_COMMANDS, STRING_COMMANDS] });
}

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
const SYNTAX = "-ERR syntax error\r\n";

test("blocking commands pop at once what is there, in the shapes of both protocols", () => {
  const { line, run2 } = create();
  line("RPUSH l a b c d e f g");
  assert.equal(line("BLPOP nosuch l 0"), "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  assert.equal(line("BRPOP l 1.5"), "*2\r\n$1\r\nl\r\n$1\r\ng\r\n");
  assert.equal(
    line("BLMPOP 0 2 nosuch l RIGHT COUNT 2"),
    "*2\r\n$1\r\nl\r\n*2\r\n$1\r\nf\r\n$1\r\ne\r\n",
  );
  assert.equal(line("BLMOVE l m LEFT RIGHT 0"), "$1\r\nb\r\n");
  assert.equal(line("BRPOPLPUSH l m 0"), "$1\r\nd\r\n");
  assert.equal(line("LRANGE m 0 -1"), "*2\r\n$1\r\nd\r\n$1\r\nb\r\n");
  assert.equal(line("LRANGE l 0 -1"), "*1\r\n$1\r\nc\r\n");
  line("ZADD z 1.5 a 2 b 3 c 4 d 5 e");
  assert.equal(line("BZPOPMIN nosuch z 0"), "*3\r\n$1\r\nz\r\n$1\r\na\r\n,1.5\r\n");
  assert.equal(run2("BZPOPMAX", "z", "0"), "*3\r\n$1\r\nz\r\n$1\r\ne\r\n$1\r\n5\r\n");
  assert.equal(line("BZMPOP 0 1 z MIN"), "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nb\r\n,2\r\n");
  assert.equal(
    run2("BZMPOP", "0", "1", "z", "MAX", "COUNT", "9"),
    "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nd\r\n$1\r\n4\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n",
  );
  assert.equal(line("ZCARD z"), ":0\r\n");
});

test("in process nothing waits: they answer as in a transaction", () => {
  const { line, run2, engine } = create();
  const nothing = [
    ...["BLPOP a b 0", "BRPOP a 0", "BLMPOP 0 1 a LEFT", "BZPOPMIN a 0", "BZPOPMAX a 0"],
    "BZMPOP 0 1 a MIN",
  ];
  for (const each of nothing) {
    assert.equal(line(each), "_\r\n", each);
    assert.equal(run2(...each.split(" ")), "*-1\r\n", each);
  }
  for (const each of ["BLMOVE a b LEFT LEFT 0", "BRPOPLPUSH a b 0"]) {
    assert.equal(run2(...each.split(" ")), "$-1\r\n", each);
  }
  assert.equal(engine.blocking.clientCount, 0);
});

test("a timeout is a number of seconds of at least 0 that ends within 64 bits", () => {
  const { line } = create();
  const cases: Record<string, string> = {
    "x": "timeout is not a float or out of range",
    "nan": "timeout is not a float or out of range",
    "1.5x": "timeout is not a float or out of range",
    "-1": "timeout is negative",
    "-0.001": "timeout is negative",
    "-inf": "timeout is negative",
    "inf": "timeout is out of range",
    "1e300": "timeout is out of range",
    "9223372036854775807": "timeout is out of range",
    "9223372036854775": "timeout is out of range",
  };
  for (const [timeout, error] of Object.entries(cases)) {
    const lines = [
      ...[`BLPOP k ${timeout}`, `BRPOP k ${timeout}`, `BLMOVE k l LEFT LEFT ${timeout}`],
      ...[`BRPOPLPUSH k l ${timeout}`, `BLMPOP ${timeout} 1 k LEFT`, `BZPOPMIN k ${timeout}`],
      ...[`BZPOPMAX k ${timeout}`, `BZMPOP ${timeout} 1 k MIN`],
    ];
    for (const each of lines) assert.equal(line(each), `-ERR ${error}\r\n`, each);
  }
  for (const good of ["0", "-0.0001", "1e-3", ".5", "0x10", "+1", "9223370000000000"]) {
    assert.equal(line(`BLPOP k ${good}`), "_\r\n", good);
  }
});

test("wrong options are refused before anything is popped", () => {
  const { line } = create();
  line("RPUSH l a");
  line("ZADD z 1 a");
  const numkeys = "-ERR numkeys should be greater than 0\r\n";
  const count = "-ERR count should be greater than 0\r\n";
  const cases: Record<string, string> = {
    "BLMPOP 0 0 l LEFT": numkeys,
    "BLMPOP 0 x l LEFT": numkeys,
    "BLMPOP 0 2 l LEFT": SYNTAX,
    "BLMPOP 0 1 l UP": SYNTAX,
    "BLMPOP 0 1 l LEFT COUNT": SYNTAX,
    "BLMPOP 0 1 l LEFT COUNT 1 COUNT 1": SYNTAX,
    "BLMPOP 0 1 l LEFT COUNT 0": count,
    "BLMPOP x 1 l LEFT COUNT x": count,
    "BLMOVE l m UP LEFT 0": SYNTAX,
    "BLMOVE l m LEFT UP x": SYNTAX,
    "BZMPOP 0 0 z MIN": numkeys,
    "BZMPOP 0 1 z LEFT": SYNTAX,
    "BZMPOP 0 1 z MIN COUNT -1": count,
    "BZMPOP 0 1 z MIN NO 1": SYNTAX,
  };
  for (const [each, error] of Object.entries(cases)) assert.equal(line(each), error, each);
  assert.equal(line("LLEN l"), ":1\r\n");
  assert.equal(line("ZCARD z"), ":1\r\n");
});

test("a key of another type is an error when it is reached", () => {
  const { line } = create();
  line("SET s x");
  line("RPUSH l a");
  line("ZADD z 1 a");
  const wrong = [
    ...["BLPOP nosuch s l 0", "BRPOP s 0", "BLMPOP 0 2 s l LEFT", "BLMOVE s l LEFT LEFT 0"],
    ...["BLMOVE l s LEFT LEFT 0", "BRPOPLPUSH l z 0", "BZPOPMIN s z 0", "BZPOPMAX l 0"],
    "BZMPOP 0 2 nosuch l MAX",
  ];
  for (const each of wrong) assert.equal(line(each), WRONG_TYPE, each);
  assert.equal(line("BLPOP l s 0"), "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  assert.equal(line("BLMOVE nosuch s LEFT LEFT 0"), "_\r\n");
});
