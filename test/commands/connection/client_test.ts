import { test } from "node:test";
import assert from "node:assert/strict";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { createHandlerRunner, START_MS } from "../handler_runner.ts";
import type { HandlerRunner } from "../handler_runner.ts";

const SYNTAX_ERROR = "-ERR syntax error~";

function createRunner(): HandlerRunner {
  return createHandlerRunner(CONNECTION_COMMANDS);
}

function wrongArity(subcommand: string): string {
  return `-ERR wrong number of arguments for 'client|${subcommand}' command~`;
}

/** The ids in the lines of CLIENT LIST. */
function listedIds(reply: string): number[] {
  return [...reply.matchAll(/\bid=(\d+) addr=/g)].map((match) => Number(match[1]));
}

function killedIds({ sessions }: HandlerRunner): number[] {
  return sessions.filter((session) => session.isKilled).map((session) => session.id);
}

test("CLIENT ID answers the id", () => {
  const { run } = createRunner();
  assert.equal(run("CLIENT ID"), ":7~");
  assert.equal(run("CLIENT ID x"), wrongArity("id"));
  assert.equal(run("CLIENT"), "-ERR wrong number of arguments for 'client' command~");
});

test("CLIENT GETNAME answers what CLIENT SETNAME set", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT GETNAME"), "$-1~");
  assert.equal(runner.run("CLIENT SETNAME worker-1"), "+OK~");
  assert.equal(runner.run("CLIENT GETNAME"), "$8~worker-1~");
  assert.equal(runner.run("CLIENT", "SETNAME", ""), "+OK~");
  runner.session.protocolVersion = 3;
  assert.equal(runner.run("CLIENT GETNAME"), "_~");
});

test("CLIENT SETNAME refuses what would break the line of CLIENT LIST", () => {
  const runner = createRunner();
  runner.session.name = "old";
  for (const name of ["a b", "a\nb", "a\u007f", "é", "\0"]) {
    assert.equal(
      runner.run("CLIENT", "SETNAME", name),
      "-ERR Client names cannot contain spaces, newlines or special characters.~",
    );
  }
  assert.equal(runner.session.name, "old");
  assert.equal(runner.run("CLIENT", "SETNAME", "!~"), "+OK~");
});

test("CLIENT SETINFO sets name and version of the library", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT SETINFO lib-name ioredis"), "+OK~");
  assert.equal(runner.run("CLIENT SETINFO LIB-VER 6.0.0"), "+OK~");
  assert.equal(runner.session.libraryName, "ioredis");
  assert.equal(runner.session.libraryVersion, "6.0.0");
  assert.equal(
    runner.run("CLIENT", "SETINFO", "lib-name", "a b"),
    "-ERR lib-name cannot contain spaces, newlines or special characters.~",
  );
  assert.equal(runner.run("CLIENT SETINFO FOO x"), "-ERR Unrecognized option 'FOO'~");
  assert.equal(runner.run("CLIENT SETINFO LIB-VER"), wrongArity("setinfo"));
  assert.equal(runner.session.libraryName, "ioredis");
  assert.equal(runner.run("CLIENT", "SETINFO", "LIB-NAME", ""), "+OK~");
  assert.equal(runner.session.libraryName, "");
});

test("CLIENT INFO has the fields of Redis in their order", () => {
  const runner = createRunner();
  const line = "id=7 addr=127.0.0.1:50007 laddr=127.0.0.1:6379 fd=-1 name= age=0 idle=0 flags=N " +
    "db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 " +
    "obl=0 oll=0 omem=0 tot-mem=1024 events=r cmd=NULL user=default redir=-1 resp=2 lib-name= " +
    "lib-ver=\n";
  assert.equal(runner.run("CLIENT INFO"), `$${line.length}~${line}~`);
  runner.session.protocolVersion = 3;
  assert.equal(
    runner.run("CLIENT INFO"),
    `=${line.length + 4}~txt:${line.replace("resp=2", "resp=3")}~`,
  );
});

test("CLIENT INFO shows the state of the session", () => {
  const runner = createRunner();
  Object.assign(runner.session, {
    name: "me",
    dbIndex: 5,
    createdAtMs: START_MS - 61_000,
    lastActiveAtMs: START_MS - 501,
    queryBufferBytes: 26,
    queryBufferCapacity: 100,
    outputBufferBytes: 40,
    lastCommand: "client|info",
    libraryName: "lib",
    libraryVersion: "1.2",
    isUnix: true,
    noEvict: true,
    noTouch: true,
    isClosing: true,
  });
  const reply = runner.run("CLIENT INFO");
  const expected = [
    "name=me age=61 idle=1 flags=cUeT db=5",
    "qbuf=26 qbuf-free=74",
    "obl=0 oll=1 omem=40 tot-mem=1164 events=rw cmd=client|info",
    "lib-name=lib lib-ver=1.2\n",
  ];
  for (const part of expected) assert.ok(reply.includes(part), `${part} in ${reply}`);
});

test("CLIENT LIST shows all, or those of a type or with certain ids", () => {
  const { run } = createRunner();
  assert.deepEqual(listedIds(run("CLIENT LIST")), [7, 8, 9]);
  assert.deepEqual(listedIds(run("CLIENT LIST TYPE Normal")), [7, 8, 9]);
  for (const type of ["master", "replica", "slave", "pubsub"]) {
    assert.equal(run(`CLIENT LIST TYPE ${type}`), "$0~~");
  }
  assert.deepEqual(listedIds(run("CLIENT LIST ID 9 8 1 9 9223372036854775807")), [9, 8, 9]);
});

test("CLIENT LIST refuses other arguments", () => {
  const { run } = createRunner();
  assert.equal(run("CLIENT LIST TYPE foo"), "-ERR Unknown client type 'foo'~");
  assert.equal(run("CLIENT LIST TYPE"), SYNTAX_ERROR);
  assert.equal(run("CLIENT LIST TYPE normal x"), SYNTAX_ERROR);
  assert.equal(run("CLIENT LIST ID"), SYNTAX_ERROR);
  assert.equal(run("CLIENT LIST FOO"), SYNTAX_ERROR);
  assert.equal(run("CLIENT LIST ID 8 a"), "-ERR Invalid client ID~");
});

test("CLIENT KILL with an address closes that connection, the caller's too", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT KILL 127.0.0.1:50008"), "+OK~");
  assert.deepEqual(killedIds(runner), [8]);
  assert.equal(runner.run("CLIENT KILL 1.2.3.4:5"), "-ERR No such client~");
  assert.equal(runner.run("CLIENT KILL ID"), "-ERR No such client~");
  assert.equal(runner.run("CLIENT KILL 127.0.0.1:50007"), "+OK~");
  assert.equal(runner.session.isClosing, true);
  assert.equal(runner.session.isKilled, false);
});

test("CLIENT KILL with filters closes what passes all of them", () => {
  const kill = (filters: string): [reply: string, killed: number[], callerCloses: boolean] => {
    const runner = createRunner();
    runner.sessions[2].localAddress = "127.0.0.1:7000";
    runner.sessions[2].createdAtMs = START_MS - 10_000;
    const reply = runner.run(`CLIENT KILL ${filters}`);
    return [reply, killedIds(runner), runner.session.isClosing];
  };
  assert.deepEqual(kill("ID 8"), [":1~", [8], false]);
  assert.deepEqual(kill("ID 1"), [":0~", [], false]);
  assert.deepEqual(kill("ID 7"), [":0~", [], false]);
  assert.deepEqual(kill("ID 7 SKIPME no"), [":1~", [], true]);
  assert.deepEqual(kill("skipme yes"), [":2~", [8, 9], false]);
  assert.deepEqual(kill("SKIPME NO"), [":3~", [8, 9], true]);
  assert.deepEqual(kill("TYPE normal"), [":2~", [8, 9], false]);
  assert.deepEqual(kill("TYPE pubsub"), [":0~", [], false]);
  assert.deepEqual(kill("USER default"), [":2~", [8, 9], false]);
  assert.deepEqual(kill("ADDR 127.0.0.1:50009"), [":1~", [9], false]);
  assert.deepEqual(kill("LADDR 127.0.0.1:7000"), [":1~", [9], false]);
  assert.deepEqual(kill("LADDR 127.0.0.1:7000 ID 8"), [":0~", [], false]);
  assert.deepEqual(kill("MAXAGE 10"), [":1~", [9], false]);
  assert.deepEqual(kill("MAXAGE 11"), [":0~", [], false]);
});

test("CLIENT KILL closes nothing when a filter is wrong", () => {
  const runner = createRunner();
  const errors: [string, string][] = [
    ["ID a", "-ERR client-id should be greater than 0~"],
    ["ID 0", "-ERR client-id should be greater than 0~"],
    ["MAXAGE a", "-ERR maxage is not an integer or out of range~"],
    ["MAXAGE 0", "-ERR maxage should be greater than 0~"],
    ["TYPE foo", "-ERR Unknown client type 'foo'~"],
    ["USER foo", "-ERR No such user 'foo'~"],
    ["SKIPME foo", SYNTAX_ERROR],
    ["FOO bar", SYNTAX_ERROR],
    ["ID 8 FOO", SYNTAX_ERROR],
    ["ID 8 ID", SYNTAX_ERROR],
  ];
  for (const [filters, error] of errors) {
    assert.equal(runner.run(`CLIENT KILL ${filters}`), error, filters);
  }
  assert.equal(runner.run("CLIENT KILL"), wrongArity("kill"));
  assert.deepEqual(killedIds(runner), []);
});

test("CLIENT NO-EVICT and NO-TOUCH switch on and off", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT NO-EVICT on"), "+OK~");
  assert.equal(runner.session.noEvict, true);
  assert.equal(runner.run("CLIENT NO-EVICT OFF"), "+OK~");
  assert.equal(runner.session.noEvict, false);
  assert.equal(runner.run("CLIENT NO-TOUCH ON"), "+OK~");
  assert.equal(runner.session.noTouch, true);
  assert.equal(runner.run("CLIENT NO-TOUCH maybe"), SYNTAX_ERROR);
  assert.equal(runner.run("CLIENT NO-EVICT maybe"), SYNTAX_ERROR);
  assert.equal(runner.session.noTouch, true);
  assert.equal(runner.run("CLIENT NO-TOUCH off"), "+OK~");
  assert.equal(runner.session.noTouch, false);
});

test("CLIENT REPLY answers ON only", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT REPLY skip"), "");
  assert.equal(runner.session.replyMode, "skip-next");
  assert.equal(runner.run("CLIENT REPLY off"), "");
  assert.equal(runner.session.replyMode, "off");
  assert.equal(runner.run("CLIENT REPLY SKIP"), "");
  assert.equal(runner.session.replyMode, "off");
  assert.equal(runner.run("CLIENT REPLY foo"), SYNTAX_ERROR);
  assert.equal(runner.session.replyMode, "off");
  assert.equal(runner.run("CLIENT REPLY ON"), "+OK~");
  assert.equal(runner.session.replyMode, "on");
});

test("CLIENT PAUSE and UNPAUSE reach the directory of clients", () => {
  const runner = createRunner();
  assert.equal(runner.run("CLIENT PAUSE 100"), "+OK~");
  assert.equal(runner.pause, `all until ${START_MS + 100}`);
  assert.equal(runner.run("CLIENT PAUSE 5 write"), "+OK~");
  assert.equal(runner.pause, `write until ${START_MS + 5}`);
  assert.equal(runner.run("CLIENT PAUSE 0 ALL"), "+OK~");
  assert.equal(runner.pause, `all until ${START_MS}`);
  assert.equal(runner.run("CLIENT UNPAUSE"), "+OK~");
  assert.equal(runner.pause, "");
});

test("CLIENT PAUSE takes a timeout of 64 bits that ends within 64 bits", () => {
  const runner = createRunner();
  const notInteger = "-ERR timeout is not an integer or out of range~";
  assert.equal(runner.run("CLIENT PAUSE a"), notInteger);
  assert.equal(runner.run("CLIENT PAUSE 1.5"), notInteger);
  assert.equal(runner.run("CLIENT PAUSE 99999999999999999999"), notInteger);
  assert.equal(runner.run("CLIENT PAUSE -1"), "-ERR timeout is negative~");
  assert.equal(
    runner.run("CLIENT PAUSE 9223372036854775807"),
    "-ERR timeout is out of range~",
  );
  assert.equal(runner.run("CLIENT PAUSE 1 FOO"), "-ERR CLIENT PAUSE mode must be WRITE or ALL~");
  assert.equal(
    runner.run("CLIENT PAUSE 1 WRITE x"),
    "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.~",
  );
  assert.equal(runner.pause, "");
  assert.equal(runner.run("CLIENT PAUSE 9223370000000000000"), "+OK~");
  assert.equal(runner.pause, `all until ${Number.MAX_SAFE_INTEGER}`);
});

test("CLIENT GETREDIR says that nothing is redirected", () => {
  assert.equal(createRunner().run("CLIENT GETREDIR"), ":-1~");
});

test("CLIENT HELP names every subcommand", () => {
  const { run, table } = createRunner();
  const lines = run("CLIENT HELP").split("~");
  assert.equal(lines[1], "+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  const named = new Set(
    lines.slice(2).filter((line) => /^\+[A-Z]/.test(line)).map((line) =>
      line.slice(1).split(" ")[0]
    ),
  );
  const expected = table.find("client")?.subcommands.map((entry) => entry.spec.name.toUpperCase());
  assert.deepEqual([...named].sort(), expected?.sort());
});
