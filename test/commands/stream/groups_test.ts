import { test } from "node:test";
import assert from "node:assert/strict";
import { at, createStreamFixture, type Reply } from "./conversation.ts";

const NO_KEY =
  "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may " +
  "want to use the MKSTREAM option to create an empty stream automatically.";
const INVALID_ID = "-ERR Invalid stream ID specified as stream command argument";
const NO_INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX = "-ERR syntax error";

/** Ids of entries that a reply of XREADGROUP for one stream holds. */
function ids(reply: Reply): string[] {
  return ((reply as Reply[])[1] as Reply[][]).map(([id]) => id as string);
}

function filled(): ReturnType<typeof createStreamFixture> {
  const fixture = createStreamFixture();
  fixture.all("XADD s 1-0 n 1", "XADD s 2-0 n 2", "XADD s 3-0 n 3", "XADD s 4-0 n 4");
  return fixture;
}

test("XGROUP CREATE makes groups, and streams where it may", () => {
  const { ask } = createStreamFixture();
  assert.equal(ask("XGROUP CREATE s g 0"), NO_KEY);
  assert.equal(ask("XGROUP CREATE s g x MKSTREAM"), INVALID_ID);
  assert.equal(ask("EXISTS s"), "0");
  assert.equal(ask("XGROUP CREATE s g $ MKSTREAM"), "OK");
  assert.equal(ask("XGROUP CREATE s g 0"), "-BUSYGROUP Consumer Group name already exists");
  assert.equal(ask("XGROUP CREATE s h 5-5 ENTRIESREAD 7"), "OK");
  const bad = "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.";
  assert.equal(ask("XGROUP CREATE s i 0 NOSUCH"), bad);
  assert.equal(ask("XGROUP CREATE s i 0 ENTRIESREAD"), bad);
  assert.equal(ask("XGROUP CREATE s i 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM"), bad);
  assert.equal(ask("XGROUP CREATE s i 0 ENTRIESREAD x"), NO_INTEGER);
  assert.equal(
    ask("XGROUP CREATE s i 0 ENTRIESREAD -2"),
    "-ERR value for ENTRIESREAD must be positive or -1",
  );
  assert.deepEqual(ask("XINFO GROUPS s"), [
    ["name", "g", "consumers", "0", "pending", "0", "last-delivered-id", "0-0"]
      .concat(["entries-read", null as unknown as string, "lag", "0"]),
    ["name", "h", "consumers", "0", "pending", "0", "last-delivered-id", "5-5"]
      .concat(["entries-read", "7", "lag", "0"]),
  ]);
  assert.equal(ask("XGROUP SETID s h - ENTRIESREAD 9"), "OK");
  assert.equal(at((ask("XINFO GROUPS s") as Reply[])[1], "last-delivered-id"), "0-0");
  assert.equal(
    ask("XGROUP SETID s none 0"),
    "-NOGROUP No such consumer group 'none' for key name 's'",
  );
  assert.equal(ask("XGROUP DESTROY s none"), "0");
  assert.equal(ask("XGROUP DESTROY s h"), "1");
  assert.equal(ask("XGROUP DESTROY none h"), NO_KEY);
});

test("a group's name may be long, but not longer than a key's", () => {
  const { run } = createStreamFixture();
  const name = "n".repeat(30_720);
  assert.equal(run("XGROUP", "CREATE", "s", name, "0", "MKSTREAM"), "+OK\r\n");
  const refused = "-ERR name exceeds maximum allowed size (30720 bytes)\r\n";
  assert.equal(run("XGROUP", "CREATE", "s", `${name}n`, "0"), refused);
  assert.equal(run("XGROUP", "CREATECONSUMER", "s", name, `${name}n`), refused);
  assert.equal(run("XREADGROUP", "GROUP", name, `${name}n`, "STREAMS", "s", ">"), refused);
  assert.equal(run("XCLAIM", "s", name, `${name}n`, "0", "1-1"), refused);
  assert.equal(run("XGROUP", "CREATECONSUMER", "s", name, name), ":1\r\n");
});

test("XREADGROUP delivers each entry to one consumer, and to it again until it is acknowledged", () => {
  const { ask, run2, line } = filled();
  ask("XGROUP CREATE s g 0");
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a COUNT 2 STREAMS s >")), ["1-0", "2-0"]);
  assert.deepEqual(ids(ask("XREADGROUP GROUP g b STREAMS s >")), ["3-0", "4-0"]);
  assert.equal(ask("XREADGROUP GROUP g b STREAMS s >"), null);
  assert.equal(run2("XREADGROUP", "GROUP", "g", "b", "STREAMS", "s", ">"), "*-1\r\n");
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a STREAMS s 0")), ["1-0", "2-0"]);
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a STREAMS s 1-0")), ["2-0"]);
  assert.deepEqual(ids(ask("XREADGROUP GROUP g nobody STREAMS s 0")), []);
  assert.equal(ask("XACK s g 1-0 1-0 3-0 9-9"), "2");
  assert.equal(ask("XACK s none 1-0"), "0");
  assert.equal(ask("XACK s g 1-0 x"), INVALID_ID);
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a STREAMS s 0")), ["2-0"]);
  ask("XDEL s 2-0");
  assert.equal(
    line("XREADGROUP GROUP g a STREAMS s 0"),
    "%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-0\r\n_\r\n",
  );
  assert.equal(
    run2("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", "0"),
    "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-0\r\n*-1\r\n",
  );
  ask("XADD s 5-0 n 5");
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a NOACK STREAMS s >")), ["5-0"]);
  assert.deepEqual(ids(ask("XREADGROUP GROUP g a STREAMS s 0")), ["2-0"]);
});

test("XREADGROUP reads several streams, those with something new, and the same one twice", () => {
  const { ask, all } = filled();
  all(
    "XGROUP CREATE s g 0",
    "XGROUP CREATE t g 0 MKSTREAM",
    "XADD u 9-0 n 9",
    "XGROUP CREATE u g 0",
  );
  const reply = ask("XREADGROUP GROUP g a COUNT 3 STREAMS t s u s > > > >") as Reply[];
  assert.deepEqual(reply.filter((_, i) => i % 2 === 0), ["s", "u", "s"]);
  assert.equal((reply[1] as Reply[]).length, 3);
  assert.deepEqual((reply[5] as Reply[][]).map(([id]) => id), ["4-0"]);
  const both = ask("XREADGROUP GROUP g a STREAMS t u 0 9-0");
  assert.deepEqual(both, ["t", [], "u", []]);
});

test("XREAD and XREADGROUP refuse what makes no sense", () => {
  const { ask } = filled();
  ask("XGROUP CREATE s g 0");
  const only = "option is only supported by XREADGROUP. You called XREAD instead.";
  const errors: Record<string, string> = {
    "XREAD STREAMS s": SYNTAX,
    "XREAD COUNT 5 5": SYNTAX,
    "XREAD COUNT x STREAMS s 0": NO_INTEGER,
    "XREAD STREAMS s s 0":
      "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.",
    "XREADGROUP GROUP g c STREAMS s s 0":
      "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be " +
      "specified.",
    "XREAD GROUP g c STREAMS s 0": `-ERR The GROUP ${only}`,
    "XREAD NOACK STREAMS s 0": `-ERR The NOACK ${only}`,
    "XREAD STREAMS s >": "-ERR The > ID can be specified only when calling XREADGROUP using the " +
      "GROUP <group> <consumer> option.",
    "XREAD STREAMS s -": INVALID_ID,
    "XREAD BLOCK -1 STREAMS s 0": "-ERR timeout is negative",
    "XREAD BLOCK x STREAMS s 0": "-ERR timeout is not an integer or out of range",
    "XREADGROUP COUNT 5 NOACK STREAMS s >": "-ERR Missing GROUP option for XREADGROUP",
    "XREADGROUP GROUP none c STREAMS s >":
      "-NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option",
    "XREADGROUP GROUP g c STREAMS none >":
      "-NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option",
    "XREADGROUP GROUP g c STREAMS s $":
      "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of " +
      "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID " +
      "would just return an empty result set.",
  };
  for (const [line, error] of Object.entries(errors)) {
    const isShort = error === SYNTAX && line === "XREAD STREAMS s";
    assert.equal(ask(line), isShort ? "-ERR wrong number of arguments for 'xread' command" : error);
  }
  assert.equal(ask("XREAD STREAMS s $"), null);
  assert.deepEqual(ask("XREAD STREAMS s +"), ["s", [["4-0", ["n", "4"]]]]);
  assert.equal(ask("XREAD STREAMS none +"), null);
  assert.deepEqual(ask("XREAD COUNT 1 STREAMS none s 0 2"), ["s", [["3-0", ["n", "3"]]]]);
});

test("XPENDING sums up what is pending, or lists it", () => {
  const { ask, clock, run2 } = filled();
  ask("XGROUP CREATE s g 0");
  assert.deepEqual(ask("XPENDING s g"), ["0", null, null, null]);
  assert.equal(run2("XPENDING", "s", "g"), "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
  ask("XREADGROUP GROUP g b COUNT 3 STREAMS s >");
  clock.advance(100);
  ask("XREADGROUP GROUP g a STREAMS s >");
  ask("XGROUP CREATECONSUMER s g idle");
  assert.deepEqual(ask("XPENDING s g"), ["4", "1-0", "4-0", [["a", "1"], ["b", "3"]]]);
  assert.deepEqual(ask("XPENDING s g - + 2"), [["1-0", "b", "100", "1"], ["2-0", "b", "100", "1"]]);
  assert.deepEqual(ask("XPENDING s g (2-0 + 9 b"), [["3-0", "b", "100", "1"]]);
  assert.deepEqual(ask("XPENDING s g IDLE 50 3 + 9"), [["3-0", "b", "100", "1"]]);
  assert.deepEqual(ask("XPENDING s g - + 9 nobody"), []);
  assert.deepEqual(ask("XPENDING s g - + -1"), []);
  assert.equal(ask("XPENDING s g - +"), SYNTAX);
  assert.equal(ask("XPENDING s g IDLE 5 - +"), SYNTAX);
  assert.equal(ask("XPENDING s g IDLE x - + 5"), NO_INTEGER);
  assert.equal(ask("XPENDING s g - + x"), NO_INTEGER);
  assert.equal(ask("XPENDING s g x + 5"), INVALID_ID);
  assert.equal(ask("XPENDING s none"), "-NOGROUP No such key 's' or consumer group 'none'");
  assert.equal(ask("XPENDING none g"), "-NOGROUP No such key 'none' or consumer group 'g'");
});

test("XCLAIM moves what is pending long enough, and counts deliveries", () => {
  const { ask, clock } = filled();
  ask("XGROUP CREATE s g 0");
  ask("XREADGROUP GROUP g a COUNT 3 STREAMS s >");
  clock.advance(1000);
  assert.deepEqual(ask("XCLAIM s g b 5000 1-0"), []);
  assert.deepEqual(ask("XCLAIM s g b 1000 1-0 9-9"), [["1-0", ["n", "1"]]]);
  assert.deepEqual(ask("XCLAIM s g b 0 2-0 3-0 JUSTID"), ["2-0", "3-0"]);
  assert.deepEqual(ask("XPENDING s g - + 9"), [
    ["1-0", "b", "0", "2"],
    ["2-0", "b", "0", "1"],
    ["3-0", "b", "0", "1"],
  ]);
  assert.deepEqual(ask("XCLAIM s g a 0 3-0 IDLE 700 RETRYCOUNT 9 JUSTID"), ["3-0"]);
  assert.deepEqual(ask("XCLAIM s g a 0 2-0 TIME 1700000000000 JUSTID"), ["2-0"]);
  assert.deepEqual(ask("XCLAIM s g a 0 4-0 JUSTID"), []);
  assert.deepEqual(ask("XCLAIM s g a 0 4-0 FORCE JUSTID LASTID 4-0"), ["4-0"]);
  assert.deepEqual(ask("XPENDING s g 2 + 9"), [
    ["2-0", "a", "1000", "1"],
    ["3-0", "a", "700", "9"],
    ["4-0", "a", "0", "1"],
  ]);
  assert.equal(at((ask("XINFO GROUPS s") as Reply[])[0], "last-delivered-id"), "4-0");
  ask("XDEL s 3-0");
  assert.deepEqual(ask("XCLAIM s g a 0 3-0"), []);
  assert.equal((ask("XPENDING s g") as Reply[])[0], "3");
  const errors: Record<string, string> = {
    "XCLAIM s g a x 1-0": "-ERR Invalid min-idle-time argument for XCLAIM",
    "XCLAIM s g a 0 1-0 IDLE x": "-ERR Invalid IDLE option argument for XCLAIM",
    "XCLAIM s g a 0 1-0 TIME x": "-ERR Invalid TIME option argument for XCLAIM",
    "XCLAIM s g a 0 1-0 RETRYCOUNT x": "-ERR Invalid RETRYCOUNT option argument for XCLAIM",
    "XCLAIM s g a 0 1-0 NOSUCH 5": "-ERR Unrecognized XCLAIM option 'NOSUCH'",
    "XCLAIM s g a 0 1-0 LASTID x": INVALID_ID,
    "XCLAIM s none a 0 1-0": "-NOGROUP No such key 's' or consumer group 'none'",
  };
  for (const [line, error] of Object.entries(errors)) assert.equal(ask(line), error, line);
  ask("XCLAIM s g a 0 1-0 RETRYCOUNT 9223372036854775807");
  ask("XCLAIM s g a 0 1-0");
  assert.equal((ask("XPENDING s g - + 1") as Reply[][])[0][3], "-9223372036854775808");
});

test("XAUTOCLAIM claims what is idle, and cleans up behind deleted entries", () => {
  const { ask, clock } = filled();
  ask("XGROUP CREATE s g 0");
  ask("XREADGROUP GROUP g a STREAMS s >");
  clock.advance(50);
  ask("XDEL s 2-0");
  assert.deepEqual(ask("XAUTOCLAIM s g b 100 0"), ["0-0", [], ["2-0"]]);
  assert.deepEqual(ask("XAUTOCLAIM s g b 50 - COUNT 1 JUSTID"), ["3-0", ["1-0"], []]);
  assert.deepEqual(ask("XAUTOCLAIM s g b 0 (3"), ["0-0", [["4-0", ["n", "4"]]], []]);
  assert.deepEqual(ask("XPENDING s g - + 9"), [
    ["1-0", "b", "0", "1"],
    ["3-0", "a", "50", "1"],
    ["4-0", "b", "0", "2"],
  ]);
  for (const count of ["0", "-1", "x", "1152921504606846976"]) {
    assert.equal(ask(`XAUTOCLAIM s g b 0 0 COUNT ${count}`), "-ERR COUNT must be > 0");
  }
  assert.equal(ask("XAUTOCLAIM s g b x 0"), "-ERR Invalid min-idle-time argument for XAUTOCLAIM");
  assert.equal(ask("XAUTOCLAIM s g b 0 x"), INVALID_ID);
  assert.equal(ask("XAUTOCLAIM s g b 0 0 NOSUCH"), SYNTAX);
  assert.equal(ask("XAUTOCLAIM s g b 0 0 COUNT"), SYNTAX);
});

test("consumers are made and deleted with what is pending of them", () => {
  const { ask, clock, engine } = filled();
  ask("XGROUP CREATE s g 0");
  assert.equal(ask("XGROUP CREATECONSUMER s g a"), "1");
  assert.equal(ask("XGROUP CREATECONSUMER s g a"), "0");
  assert.deepEqual(ask("XINFO CONSUMERS s g"), [
    ["name", "a", "pending", "0", "idle", "0", "inactive", "-1"],
  ]);
  ask("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  ask("XREADGROUP GROUP g b STREAMS s >");
  clock.advance(10);
  ask("XREADGROUP GROUP g a STREAMS s >");
  assert.deepEqual(ask("XINFO CONSUMERS s g"), [
    ["name", "a", "pending", "2", "idle", "0", "inactive", "10"],
    ["name", "b", "pending", "2", "idle", "10", "inactive", "10"],
  ]);
  engine.keyspace.checkInvariants();
  assert.equal(ask("XGROUP DELCONSUMER s g a"), "2");
  assert.equal(ask("XGROUP DELCONSUMER s g a"), "0");
  assert.deepEqual(ask("XPENDING s g"), ["2", "3-0", "4-0", [["b", "2"]]]);
  const none = "-NOGROUP No such consumer group 'none' for key name 's'";
  for (const name of ["CREATECONSUMER", "DELCONSUMER"]) {
    assert.equal(ask(`XGROUP ${name} s none a`), none);
  }
  assert.equal(ask("XINFO CONSUMERS s none"), none);
  assert.equal(ask("XINFO CONSUMERS none g"), "-ERR no such key");
  engine.keyspace.checkInvariants();
});

test("XINFO STREAM FULL shows groups and what is pending, as much as COUNT says", () => {
  const { ask } = filled();
  ask("XGROUP CREATE s g 0");
  ask("XREADGROUP GROUP g a COUNT 3 STREAMS s >");
  const now = "1700000000000";
  const full = ask("XINFO STREAM s FULL COUNT 2");
  assert.deepEqual(at(full, "entries"), [["1-0", ["n", "1"]], ["2-0", ["n", "2"]]]);
  assert.deepEqual(at(full, "groups"), [[
    ...["name", "g", "last-delivered-id", "3-0", "entries-read", "3", "lag", "1"],
    ...["pel-count", "3", "pending", [["1-0", "a", now, "1"], ["2-0", "a", now, "1"]]],
    "consumers",
    [[
      ...["name", "a", "seen-time", now, "active-time", now, "pel-count", "3"],
      ...["pending", [["1-0", now, "1"], ["2-0", now, "1"]]],
    ]],
  ]]);
  assert.equal((at(ask("XINFO STREAM s FULL COUNT 0"), "entries") as Reply[]).length, 4);
  assert.equal((at(ask("XINFO STREAM s FULL COUNT -5"), "entries") as Reply[]).length, 4);
  const bad = "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.";
  assert.equal(ask("XINFO STREAM s NOSUCH"), bad);
  assert.equal(ask("XINFO STREAM s FULL COUNT"), bad);
  assert.equal(ask("XINFO STREAM s FULL NOSUCH 5"), bad);
  assert.equal(ask("XINFO STREAM s FULL COUNT x"), NO_INTEGER);
  assert.equal(ask("XINFO STREAM none"), "-ERR no such key");
});

test("lag is known as long as nothing was deleted in between", () => {
  const { ask } = filled();
  const lag = (): Reply[] => {
    const group = (ask("XINFO GROUPS s") as Reply[])[0];
    return [at(group, "entries-read"), at(group, "lag")];
  };
  ask("XGROUP CREATE s g 0");
  assert.deepEqual(lag(), [null, "4"]);
  ask("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  assert.deepEqual(lag(), ["1", "3"]);
  ask("XDEL s 3-0");
  assert.deepEqual(lag(), ["1", null]);
  ask("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  assert.deepEqual(lag(), [null, null]);
  ask("XREADGROUP GROUP g a STREAMS s >");
  assert.deepEqual(lag(), ["4", "0"]);
  ask("XTRIM s MAXLEN 0");
  assert.deepEqual(lag(), ["4", "0"]);
});

test("XDELEX and XACKDEL keep, delete or heed the references of groups", () => {
  const { ask, all, engine } = filled();
  all("XADD s 5-0 n 5", "XGROUP CREATE s g 0", "XGROUP CREATE s h 0");
  all("XREADGROUP GROUP g a COUNT 4 STREAMS s >", "XREADGROUP GROUP h b COUNT 3 STREAMS s >");
  assert.deepEqual(ask("XDELEX s IDS 2 1-0 9-0"), ["1", "-1"]);
  assert.equal((ask("XPENDING s g") as Reply[])[0], "4");
  assert.deepEqual(ask("XDELEX s DELREF IDS 1 2-0"), ["1"]);
  assert.equal((ask("XPENDING s g") as Reply[])[0], "3");
  assert.equal((ask("XPENDING s h") as Reply[])[0], "2");
  assert.deepEqual(ask("XDELEX s ACKED IDS 3 3-0 4-0 5-0"), ["2", "2", "2"]);
  assert.deepEqual(ask("XACKDEL s g ACKED IDS 3 3-0 4-0 5-0"), ["2", "2", "-1"]);
  assert.deepEqual(ask("XACKDEL s h IDS 1 3-0 ACKED"), ["1"]);
  ask("XREADGROUP GROUP h b COUNT 1 STREAMS s >");
  assert.deepEqual(ask("XACKDEL s h ACKED IDS 2 4-0 1-0"), ["1", "2"]);
  assert.deepEqual(ask("XRANGE s - +"), [["5-0", ["n", "5"]]]);
  assert.deepEqual(ask("XDELEX none ACKED IDS 2 1-0 2-0"), ["-1", "-1"]);
  assert.deepEqual(ask("XACKDEL s none IDS 1 5-0"), ["-1"]);
  const errors: Record<string, string> = {
    "XDELEX s IDS 0 5-0": "-ERR Number of IDs must be a positive integer",
    "XDELEX s IDS x 5-0": "-ERR Number of IDs must be a positive integer",
    "XDELEX s IDS 2 5-0": "-ERR The `numids` parameter must match the number of arguments",
    "XDELEX s IDS 1 5-0 6-0": SYNTAX,
    "XDELEX s KEEPREF DELREF IDS 1 5-0": SYNTAX,
    "XDELEX s KEEPREF 1 2": SYNTAX,
    "XDELEX s IDS 1 x": INVALID_ID,
    "XACKDEL s g IDS 1 x": INVALID_ID,
    "XDELEX s IDS 1": "-ERR wrong number of arguments for 'xdelex' command",
  };
  for (const [line, error] of Object.entries(errors)) assert.equal(ask(line), error, line);
  engine.keyspace.checkInvariants();
});

test("XTRIM with ACKED leaves what is not acknowledged, with DELREF nothing is left of it", () => {
  const { ask, all, settings, engine } = createStreamFixture();
  settings.streamNodeMaxEntries = 3;
  for (let i = 1; i <= 9; i++) all(`XADD s ${i}-0 n ${i}`);
  all("XGROUP CREATE s g 0", "XREADGROUP GROUP g a COUNT 7 STREAMS s >", "XACK s g 1-0 2-0 4-0");
  assert.equal(ask("XTRIM s MAXLEN 2 ACKED"), "3");
  assert.deepEqual((ask("XRANGE s - +") as Reply[][]).map(([id]) => id), [
    ...["3-0", "5-0", "6-0", "7-0", "8-0", "9-0"],
  ]);
  assert.equal(ask("XTRIM s MINID ~ 8 DELREF"), "3");
  assert.deepEqual(ask("XPENDING s g - + 9"), [["7-0", "a", "0", "1"]]);
  assert.equal(ask("XADD s MAXLEN 1 DELREF 10-0 n 10"), "10-0");
  assert.equal((ask("XPENDING s g") as Reply[])[0], "0");
  engine.keyspace.checkInvariants();
});
