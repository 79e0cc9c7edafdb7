// Connection commands change the session that the commands behind them run in.

import { test } from "node:test";
import assert from "node:assert/strict";
import { CLUSTER_COMMANDS } from "../../../src/commands/cluster/mod.ts";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { INTROSPECTION_COMMANDS } from "../../../src/commands/introspection/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createExecutorRunner } from "../executor_runner.ts";
import type { ExecutorRunner } from "../executor_runner.ts";

function createRunner(): ExecutorRunner {
  return createExecutorRunner(
    CONNECTION_COMMANDS,
    CLUSTER_COMMANDS,
    INTROSPECTION_COMMANDS,
    STRING_COMMANDS,
  );
}

test("HELLO 3 is answered in RESP3, and so is what follows", () => {
  const client = createRunner().connect();
  const replies = client.send("HELLO 3", "CLIENT GETNAME", "HELLO 2", "CLIENT GETNAME");
  assert.match(replies, /^%7~\$6~server~.*~\$5~proto~:3~.*~\*0~_~\*14~\$6~server~.*\*0~\$-1~$/);
});

test("RESET goes back to RESP2 and database 0", () => {
  const client = createRunner().connect();
  client.send("HELLO 3 SETNAME me", "SELECT 4");
  assert.equal(client.send("CLIENT GETNAME", "RESET", "CLIENT GETNAME"), "$2~me~+RESET~$-1~");
  assert.equal(client.session.dbIndex, 0);
});

test("SELECT in a pipeline changes the database of what follows", () => {
  const runner = createRunner();
  const client = runner.connect();
  assert.equal(
    client.send("SET k zero", "SELECT 1", "GET k", "SET k one", "SELECT 0", "GET k"),
    "+OK~+OK~$-1~+OK~+OK~$4~zero~",
  );
  assert.equal(runner.connect().send("SELECT 1", "GET k"), "+OK~$3~one~");
});

test("QUIT and what closes the own connection drop what follows", () => {
  const runner = createRunner();
  const quitting = runner.connect();
  assert.equal(quitting.send("PING", "QUIT", "SET k v"), "+PONG~+OK~");
  assert.equal(quitting.isEnded, true);
  const killing = runner.connect();
  assert.equal(killing.send("CLIENT KILL SKIPME no ID 2", "SET k v"), ":1~");
  assert.equal(killing.isEnded, true);
  assert.equal(runner.connect().send("GET k"), "$-1~");
});

test("CLIENT KILL closes other connections", () => {
  const runner = createRunner();
  const [killer, victim] = [runner.connect(), runner.connect()];
  assert.equal(killer.send("CLIENT KILL ID 2"), ":1~");
  assert.equal(victim.isEnded, true);
  assert.equal(killer.isEnded, false);
});

test("without a password known nothing but AUTH and HELLO and the like runs", () => {
  const runner = createRunner();
  runner.users.setDefaultPassword("secret");
  const client = runner.connect();
  const refused = "-NOAUTH Authentication required.~";
  assert.equal(client.send("PING", "GET k", "CLIENT ID"), refused.repeat(3));
  assert.match(client.send("AUTH wrong", "PING"), /^-WRONGPASS .*~-NOAUTH .*~$/);
  assert.equal(client.send("AUTH secret", "PING"), "+OK~+PONG~");
  assert.equal(client.send("RESET", "PING"), `+RESET~${refused}`);
  assert.match(client.send("HELLO 3 AUTH default secret", "PING"), /^%7~.*\+PONG~$/);
});

test("CLIENT REPLY silences", () => {
  const client = createRunner().connect();
  assert.equal(client.send("CLIENT REPLY OFF", "PING", "CLIENT REPLY foo", "PING"), "");
  assert.equal(client.send("PING", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "PING"), "+OK~+PONG~");
  assert.equal(client.send("CLIENT REPLY SKIP", "PING a", "PING b"), "$1~b~");
  assert.equal(
    client.send("CLIENT REPLY SKIP", "CLIENT REPLY OFF", "PING", "CLIENT REPLY ON"),
    "+OK~",
  );
});

test("CLIENT INFO shows the command that runs", () => {
  const client = createRunner().connect();
  assert.match(client.send("SELECT 3", "CLIENT INFO"), / db=3 .* cmd=client\|info /);
});

test("errors that echo arguments stay on one line", () => {
  const client = createRunner().connect();
  assert.equal(client.send("CLIENT KILL TYPE a\r\nb"), "-ERR Unknown client type 'a  b'~");
});

test("unknown subcommands are refused in the words of Redis", () => {
  const client = createRunner().connect();
  assert.equal(
    client.send("CLIENT foo", "CLIENT LISTS", "CLUSTER x", "COMMAND x"),
    "-ERR unknown subcommand 'foo'. Try CLIENT HELP.~" +
      "-ERR unknown subcommand 'LISTS'. Try CLIENT HELP.~" +
      "-ERR unknown subcommand 'x'. Try CLUSTER HELP.~" +
      "-ERR unknown subcommand 'x'. Try COMMAND HELP.~",
  );
});

test("COMMAND describes all that the server has", () => {
  const runner = createRunner();
  const client = runner.connect();
  const count = Number(/^:(\d+)~$/.exec(client.send("COMMAND COUNT"))?.[1]);
  assert.ok(count > 30);
  assert.ok(client.send("COMMAND").startsWith(`*${count}~`));
  assert.ok(client.send("COMMAND DOCS").startsWith(`*${2 * count}~`));
  assert.deepEqual(runner.log, []);
});

test("COMMAND GETKEYS reads the keys of real commands", () => {
  const client = createRunner().connect();
  assert.equal(client.send("COMMAND GETKEYS MSET a 1 b 2"), "*2~$1~a~$1~b~");
  assert.equal(client.send("COMMAND GETKEYS MSETEX 2 a 1 b 2 EX 10"), "*2~$1~a~$1~b~");
  assert.equal(
    client.send("COMMAND GETKEYS MSETEX x a 1"),
    "-ERR Invalid arguments specified for command~",
  );
  assert.equal(client.send("COMMAND GETKEYS LCS a b LEN"), "*2~$1~a~$1~b~");
});
