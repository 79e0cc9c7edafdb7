import assert from "node:assert/strict";
import { test } from "node:test";
import { LIST_COMMANDS } from "../../../src/commands/list/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range\r\n";
const SYNTAX = "-ERR syntax error\r\n";
const NIL = "_\r\n";

function createLists(settings: Partial<Settings> = {}): Fixture {
  return createFixture({ families: [LIST_COMMANDS, STRING_COMMANDS, GENERIC_COMMANDS], settings });
}

function array(...texts: string[]): string {
  return `*${texts.length}\r\n${texts.map((each) => `$${each.length}\r\n${each}\r\n`).join("")}`;
}

/** Each test runs on a short and on a long list of the same elements. */
function onBoth(name: string, run: (fixture: Fixture) => void): void {
  test(`${name}, short list`, () => run(createLists()));
  test(`${name}, long list`, () => run(createLists({ listMaxListpackSize: 2 })));
  test(`${name}, packed list`, () => {
    run(createLists({ listMaxListpackSize: 2, listCompressDepth: 1 }));
  });
}

onBoth("pushes go to the end they name, in the order of the arguments", ({ line }) => {
  assert.equal(line("RPUSH k a b c"), ":3\r\n");
  assert.equal(line("LPUSH k 1 2 3"), ":6\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("3", "2", "1", "a", "b", "c"));
  assert.equal(line("LPUSHX k x y"), ":8\r\n");
  assert.equal(line("RPUSHX k z"), ":9\r\n");
  assert.equal(line("LPUSHX nosuch x y"), ":0\r\n");
  assert.equal(line("RPUSHX nosuch x y"), ":0\r\n");
  assert.equal(line("EXISTS nosuch"), ":0\r\n");
  assert.equal(line("LLEN k"), ":9\r\n");
  assert.equal(line("LLEN nosuch"), ":0\r\n");
});

onBoth("pops take from the end they name", ({ line, run2 }) => {
  line("RPUSH k a b c d e f g");
  assert.equal(line("LPOP k"), "$1\r\na\r\n");
  assert.equal(line("RPOP k"), "$1\r\ng\r\n");
  assert.equal(line("LPOP k 2"), array("b", "c"));
  assert.equal(line("RPOP k 2"), array("f", "e"));
  assert.equal(line("LPOP k 0"), "*0\r\n");
  assert.equal(line("RPOP k 100"), array("d"));
  assert.equal(line("EXISTS k"), ":0\r\n");
  assert.equal(line("LPOP k"), NIL);
  assert.equal(line("LPOP k 0"), NIL);
  assert.equal(run2("LPOP", "k"), "$-1\r\n");
  assert.equal(run2("RPOP", "k", "3"), "*-1\r\n");
});

onBoth("LRANGE and LINDEX count from either end", ({ line }) => {
  line("RPUSH k a b c d e");
  assert.equal(line("LRANGE k 1 3"), array("b", "c", "d"));
  assert.equal(line("LRANGE k -2 -1"), array("d", "e"));
  assert.equal(line("LRANGE k -100 100"), array("a", "b", "c", "d", "e"));
  assert.equal(line("LRANGE k 3 1"), "*0\r\n");
  assert.equal(line("LRANGE k 5 9"), "*0\r\n");
  assert.equal(line("LRANGE k -9 -8"), "*0\r\n");
  assert.equal(line("LRANGE nosuch 0 -1"), "*0\r\n");
  assert.equal(line("LINDEX k 0"), "$1\r\na\r\n");
  assert.equal(line("LINDEX k -1"), "$1\r\ne\r\n");
  assert.equal(line("LINDEX k 5"), NIL);
  assert.equal(line("LINDEX k -6"), NIL);
  assert.equal(line("LINDEX nosuch x"), NIL);
  assert.equal(line("LRANGE k 0 99999999999999999999"), NOT_AN_INTEGER);
  assert.equal(line("LRANGE k 0 9223372036854775807"), array("a", "b", "c", "d", "e"));
});

onBoth("LSET and LINSERT", ({ line }) => {
  line("RPUSH k a b c");
  assert.equal(line("LSET k 1 x"), "+OK\r\n");
  assert.equal(line("LSET k -1 70000"), "+OK\r\n");
  assert.equal(line("LINSERT k BEFORE a 0"), ":4\r\n");
  assert.equal(line("LINSERT k after 70000 z"), ":5\r\n");
  assert.equal(line("LINSERT k AFTER x y"), ":6\r\n");
  assert.equal(line("LINSERT k BEFORE x w"), ":7\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("0", "a", "w", "x", "y", "70000", "z"));
  assert.equal(line("LINSERT k BEFORE nosuch x"), ":-1\r\n");
  assert.equal(line("LINSERT nosuch BEFORE a x"), ":0\r\n");
  assert.equal(line("LSET k 7 x"), "-ERR index out of range\r\n");
  assert.equal(line("LSET k -8 x"), "-ERR index out of range\r\n");
});

onBoth("LREM removes the first, the last or all", ({ line }) => {
  line("RPUSH k a b a c a 5 a 05 5");
  assert.equal(line("LREM k 1 a"), ":1\r\n");
  assert.equal(line("LREM k -2 a"), ":2\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("b", "a", "c", "5", "05", "5"));
  assert.equal(line("LREM k 0 5"), ":2\r\n");
  assert.equal(line("LREM k 0 nosuch"), ":0\r\n");
  assert.equal(line("LREM k -9223372036854775808 05"), ":1\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("b", "a", "c"));
  for (const each of ["a", "b", "c"]) assert.equal(line(`LREM k 0 ${each}`), ":1\r\n");
  assert.equal(line("EXISTS k"), ":0\r\n");
  assert.equal(line("LREM k 0 a"), ":0\r\n");
});

onBoth("LTRIM keeps a range", ({ line }) => {
  line("RPUSH k a b c d e f");
  assert.equal(line("LTRIM k 0 -1"), "+OK\r\n");
  assert.equal(line("LTRIM k 1 -2"), "+OK\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("b", "c", "d", "e"));
  assert.equal(line("LTRIM k -3 100"), "+OK\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("c", "d", "e"));
  assert.equal(line("LTRIM k 0 0"), "+OK\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("c"));
  assert.equal(line("LTRIM k 1 0"), "+OK\r\n");
  assert.equal(line("EXISTS k"), ":0\r\n");
  assert.equal(line("LTRIM k 0 0"), "+OK\r\n");
});

onBoth("LPOS finds by rank, count and length", ({ line }) => {
  line("RPUSH k a b c 1 2 3 c c");
  assert.equal(line("LPOS k c"), ":2\r\n");
  assert.equal(line("LPOS k 3"), ":5\r\n");
  assert.equal(line("LPOS k nosuch"), NIL);
  assert.equal(line("LPOS k c RANK 2"), ":6\r\n");
  assert.equal(line("LPOS k c RANK -1"), ":7\r\n");
  assert.equal(line("LPOS k c RANK 4"), NIL);
  assert.equal(line("LPOS k c COUNT 2"), "*2\r\n:2\r\n:6\r\n");
  assert.equal(line("LPOS k c COUNT 0"), "*3\r\n:2\r\n:6\r\n:7\r\n");
  assert.equal(line("LPOS k c RANK -1 COUNT 2"), "*2\r\n:7\r\n:6\r\n");
  assert.equal(line("LPOS k c RANK 2 COUNT 0 MAXLEN 7"), "*1\r\n:6\r\n");
  assert.equal(line("LPOS k c MAXLEN 2"), NIL);
  assert.equal(line("LPOS k c COUNT 0 MAXLEN 2"), "*0\r\n");
  assert.equal(line("LPOS nosuch c COUNT 0"), "*0\r\n");
  assert.equal(line("LPOS nosuch c"), NIL);
});

onBoth("LMOVE and RPOPLPUSH move between the ends of two lists or one", ({ line, run2 }) => {
  line("RPUSH k a b c");
  assert.equal(line("LMOVE k l LEFT RIGHT"), "$1\r\na\r\n");
  assert.equal(line("LMOVE k l right left"), "$1\r\nc\r\n");
  assert.equal(line("LRANGE l 0 -1"), array("c", "a"));
  assert.equal(line("RPOPLPUSH k l"), "$1\r\nb\r\n");
  assert.equal(line("EXISTS k"), ":0\r\n");
  assert.equal(line("LRANGE l 0 -1"), array("b", "c", "a"));
  assert.equal(line("RPOPLPUSH l l"), "$1\r\na\r\n");
  assert.equal(line("LRANGE l 0 -1"), array("a", "b", "c"));
  assert.equal(line("LMOVE l l LEFT RIGHT"), "$1\r\na\r\n");
  assert.equal(line("LMOVE l l LEFT LEFT"), "$1\r\nb\r\n");
  assert.equal(line("LRANGE l 0 -1"), array("b", "c", "a"));
  assert.equal(line("LMOVE k l LEFT LEFT"), NIL);
  assert.equal(run2("RPOPLPUSH", "k", "l"), "$-1\r\n");
});

onBoth("LMPOP takes from the first list that is there", ({ line, run2 }) => {
  line("RPUSH k a b c d e");
  assert.equal(line("LMPOP 2 nosuch k LEFT"), `*2\r\n$1\r\nk\r\n${array("a")}`);
  assert.equal(line("LMPOP 2 k nosuch RIGHT COUNT 2"), `*2\r\n$1\r\nk\r\n${array("e", "d")}`);
  assert.equal(line("LMPOP 1 k left count 100"), `*2\r\n$1\r\nk\r\n${array("b", "c")}`);
  assert.equal(line("EXISTS k"), ":0\r\n");
  assert.equal(line("LMPOP 2 nosuch k LEFT"), NIL);
  assert.equal(run2("LMPOP", "1", "k", "LEFT"), "*-1\r\n");
});

test("elements of any length come back as they went in", () => {
  const { run, engine } = createLists();
  const lengths = [0, 1, 63, 64, 4095, 4096, 8192, 8193, 32_000, 65_528, 65_529, 300_000];
  const texts = lengths.map((length) => "ab".repeat(length).slice(0, length));
  for (const text of texts) run("RPUSH", "k", text);
  assert.equal(run("LRANGE", "k", "0", "-1"), array(...texts));
  engine.keyspace.checkInvariants();
  assert.equal(run("LPOS", "k", texts[11]), ":11\r\n");
  assert.equal(run("LMOVE", "k", "l", "RIGHT", "LEFT"), `$300000\r\n${texts[11]}\r\n`);
  assert.equal(run("LINDEX", "l", "0"), `$300000\r\n${texts[11]}\r\n`);
  for (const text of texts.slice(0, -1)) {
    assert.equal(run("LPOP", "k"), `$${text.length}\r\n${text}\r\n`);
    engine.keyspace.checkInvariants();
  }
});

test("what is no list is refused, and left alone", () => {
  const { line } = createLists();
  line("SET s v");
  line("RPUSH k a");
  for (
    const command of [
      ...["LPUSH s a", "RPUSH s a", "LPUSHX s a", "RPUSHX s a", "LPOP s", "RPOP s 2", "LPOP s 0"],
      ...["LLEN s", "LRANGE s 0 1", "LINDEX s x", "LSET s x y", "LINSERT s BEFORE a b"],
      ...["LREM s 0 a", "LTRIM s 0 1", "LPOS s a", "LMOVE s k LEFT LEFT", "LMOVE k s LEFT LEFT"],
      ...["RPOPLPUSH s k", "RPOPLPUSH k s", "LMPOP 2 nosuch s LEFT", "LMPOP 1 s LEFT"],
    ]
  ) {
    assert.equal(line(command), WRONG_TYPE, command);
  }
  assert.equal(line("GET s"), "$1\r\nv\r\n");
  assert.equal(line("LRANGE k 0 -1"), array("a"));
});

test("wrong arguments get Redis's own words", () => {
  const { line } = createLists();
  line("RPUSH k a b");
  const expected: Record<string, string> = {
    "LPOP k -1": "-ERR value is out of range, must be positive\r\n",
    "RPOP k x": "-ERR value is out of range, must be positive\r\n",
    "LPOP nosuch -1": "-ERR value is out of range, must be positive\r\n",
    "LPOP k 1 2": "-ERR wrong number of arguments for 'lpop' command\r\n",
    "RPUSH k": "-ERR wrong number of arguments for 'rpush' command\r\n",
    "LRANGE nosuch x 0": NOT_AN_INTEGER,
    "LRANGE k 0 1.5": NOT_AN_INTEGER,
    "LINDEX k x": NOT_AN_INTEGER,
    "LSET nosuch x y": "-ERR no such key\r\n",
    "LSET k x y": NOT_AN_INTEGER,
    "LINSERT nosuch NEAR a b": SYNTAX,
    "LREM nosuch x a": NOT_AN_INTEGER,
    "LTRIM nosuch x 0": NOT_AN_INTEGER,
    "LTRIM nosuch 0 x": NOT_AN_INTEGER,
    "LPOS k a RANK": SYNTAX,
    "LPOS k a NOSUCH 1": SYNTAX,
    "LPOS k a RANK x": NOT_AN_INTEGER,
    "LPOS k a RANK 0": "-ERR RANK can't be zero: use 1 to start from the first match, 2 from " +
      "the second ... or use negative to start from the end of the list\r\n",
    "LPOS k a RANK -9223372036854775808": "-ERR value is out of range, value must between " +
      "-9223372036854775807 and 9223372036854775807\r\n",
    "LPOS k a COUNT -1": "-ERR COUNT can't be negative\r\n",
    "LPOS k a COUNT x": "-ERR COUNT can't be negative\r\n",
    "LPOS k a MAXLEN -1": "-ERR MAXLEN can't be negative\r\n",
    "LMOVE k l LEFT UP": SYNTAX,
    "LMOVE nosuch l UP LEFT": SYNTAX,
    "LMPOP 0 k LEFT": "-ERR numkeys should be greater than 0\r\n",
    "LMPOP x k LEFT": "-ERR numkeys should be greater than 0\r\n",
    "LMPOP 2 k LEFT": SYNTAX,
    "LMPOP 1 k UP": SYNTAX,
    "LMPOP 1 k LEFT COUNT 0": "-ERR count should be greater than 0\r\n",
    "LMPOP 1 k LEFT COUNT": SYNTAX,
    "LMPOP 1 k LEFT COUNT 1 COUNT 1": SYNTAX,
    "LMPOP 1 k LEFT NOSUCH 1": SYNTAX,
  };
  for (const [command, reply] of Object.entries(expected)) {
    assert.equal(line(command), reply, command);
  }
  assert.equal(line("LRANGE k 0 -1"), array("a", "b"));
});

test("what changes nothing counts as no change", () => {
  const { line, engine } = createLists({ listMaxListpackSize: 3 });
  const changes = (command: string): number => {
    const before = engine.stats.dirty;
    line(command);
    return engine.stats.dirty - before;
  };
  assert.equal(changes("RPUSH k a b c"), 3);
  assert.equal(changes("LINSERT k BEFORE nosuch x"), 0);
  assert.equal(changes("LINSERT k BEFORE b x"), 1);
  assert.equal(changes("LSET k 9 x"), 0);
  assert.equal(changes("LSET k 0 x"), 1);
  assert.equal(changes("LPUSHX nosuch x"), 0);
  assert.equal(changes("LREM k 0 nosuch"), 0);
  assert.equal(changes("LREM k 0 x"), 2);
  assert.equal(changes("LTRIM k 0 -1"), 0);
  assert.equal(changes("LMOVE k k LEFT RIGHT"), 1);
  assert.equal(changes("LPOP k 0"), 0);
  assert.equal(changes("LTRIM k 1 1"), 1);
  assert.equal(changes("RPOP k"), 1);
  assert.equal(changes("RPOP k"), 0);
});
