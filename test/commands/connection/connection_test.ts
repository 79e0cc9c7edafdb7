import { GUARD_SIGN_IN } from "../../../src/commands/guards.ts";
import { test } from "node:test";
import assert from "node:assert/strict";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { REDIS_VERSION } from "../../../src/commands/version.ts";
import { createHandlerRunner } from "../handler_runner.ts";
import type { HandlerRunner } from "../handler_runner.ts";

const WRONG_PASSWORD = "-WRONGPASS invalid username-password pair or user is disabled.~";
const NAME_ERROR = "-ERR Client names cannot contain spaces, newlines or special characters.~";

function createRunner(): HandlerRunner {
  return createHandlerRunner(CONNECTION_COMMANDS);
}

/** A runner whose server has a password and whose session is not signed in. */
function createLockedRunner(): HandlerRunner {
  const runner = createRunner();
  runner.users.setDefaultPassword("sésame");
  runner.users.welcome(runner.session);
  return runner;
}

/** What HELLO answers to session 7. */
function greeting(proto: 2 | 3): string {
  return `${proto === 3 ? "%7" : "*14"}~$6~server~$5~redis~$7~version~$${REDIS_VERSION.length}~` +
    `${REDIS_VERSION}~$5~proto~:${proto}~$2~id~:7~$4~mode~$10~standalone~$4~role~$6~master~` +
    "$7~modules~*0~";
}

test("PING answers PONG, or its argument", () => {
  const { run } = createRunner();
  assert.equal(run("PING"), "+PONG~");
  assert.equal(run("ping", "a b"), "$3~a b~");
  assert.equal(run("PING", ""), "$0~~");
  assert.equal(run("PING a b"), "-ERR wrong number of arguments for 'ping' command~");
});

test("ECHO answers its argument", () => {
  const { run } = createRunner();
  assert.equal(run("ECHO hello"), "$5~hello~");
  assert.equal(run("ECHO"), "-ERR wrong number of arguments for 'echo' command~");
});

test("SELECT changes the database", () => {
  const runner = createRunner();
  assert.equal(runner.run("SELECT 15"), "+OK~");
  assert.equal(runner.session.dbIndex, 15);
});

test("SELECT refuses what is no database, and stays", () => {
  const runner = createRunner();
  runner.session.dbIndex = 3;
  const notInteger = "-ERR value is not an integer or out of range~";
  const notInt32 = "-ERR value is out of range, value must between -2147483648 and 2147483647~";
  assert.equal(runner.run("SELECT a"), notInteger);
  assert.equal(runner.run("SELECT 01"), notInteger);
  assert.equal(runner.run("SELECT 99999999999999999999"), notInteger);
  assert.equal(runner.run("SELECT 3000000000"), notInt32);
  assert.equal(runner.run("SELECT 9223372036854775807"), notInt32);
  assert.equal(runner.run("SELECT 16"), "-ERR DB index is out of range~");
  assert.equal(runner.run("SELECT -1"), "-ERR DB index is out of range~");
  assert.equal(runner.session.dbIndex, 3);
});

test("QUIT answers, then closes, whatever its arguments", () => {
  const runner = createRunner();
  assert.equal(runner.run("QUIT now please"), "+OK~");
  assert.equal(runner.session.isClosing, true);
  assert.equal(runner.session.isKilled, false);
});

test("RESET resets the session, in whose protocol it is answered", () => {
  const runner = createRunner();
  assert.equal(runner.run("RESET"), "+RESET~");
  assert.equal(runner.session.resetCount, 1);
  assert.equal(runner.run("RESET a"), "-ERR wrong number of arguments for 'reset' command~");
});

test("AUTH without any password configured takes the default user only", () => {
  const { run } = createRunner();
  assert.equal(
    run("AUTH x"),
    "-ERR AUTH <password> called without any password configured for the default user. " +
      "Are you sure your configuration is correct?~",
  );
  assert.equal(run("AUTH default anything"), "+OK~");
  assert.equal(run("AUTH nobody anything"), WRONG_PASSWORD);
  assert.equal(run("AUTH a b c"), "-ERR syntax error~");
});

test("AUTH takes the right password only", () => {
  const runner = createLockedRunner();
  runner.settings.authFailDelayMs = 0;
  for (const words of [["x"], [""], ["sésamee"], ["sésam"], ["default", "x"], ["root", "sésame"]]) {
    assert.equal(runner.run("AUTH", ...words), WRONG_PASSWORD, words.join(" "));
    assert.equal(runner.session.guards, GUARD_SIGN_IN);
  }
  assert.equal(runner.run("AUTH sésame"), "+OK~");
  assert.equal(runner.session.guards, 0);
  runner.session.guards = GUARD_SIGN_IN;
  assert.equal(runner.run("AUTH default sésame"), "+OK~");
  assert.equal(runner.session.guards, 0);
});

test("a wrong password leaves a session signed in that was", () => {
  const runner = createLockedRunner();
  runner.session.guards = 0;
  assert.equal(runner.run("AUTH x"), WRONG_PASSWORD);
  assert.equal(runner.session.guards, 0);
});

test("HELLO says what server and connection are", () => {
  const runner = createRunner();
  assert.equal(runner.run("HELLO"), greeting(2));
  assert.equal(runner.run("HELLO 3"), greeting(3));
  assert.equal(runner.session.protocolVersion, 3);
  assert.equal(runner.run("HELLO"), greeting(3));
  assert.equal(runner.run("HELLO 2"), greeting(2));
  assert.equal(runner.session.protocolVersion, 2);
});

test("HELLO refuses other versions and unknown options, and changes nothing", () => {
  const runner = createRunner();
  const notInteger = "-ERR Protocol version is not an integer or out of range~";
  assert.equal(runner.run("HELLO a"), notInteger);
  assert.equal(runner.run("HELLO 99999999999999999999"), notInteger);
  assert.equal(runner.run("HELLO 4"), "-NOPROTO unsupported protocol version~");
  assert.equal(runner.run("HELLO 1"), "-NOPROTO unsupported protocol version~");
  assert.equal(runner.run("HELLO 3 FOO"), "-ERR Syntax error in HELLO option 'FOO'~");
  assert.equal(runner.run("HELLO 3 SETNAME"), "-ERR Syntax error in HELLO option 'SETNAME'~");
  assert.equal(runner.run("HELLO 3 AUTH a"), "-ERR Syntax error in HELLO option 'AUTH'~");
  assert.equal(runner.run("HELLO", "3", "SETNAME", "a b"), NAME_ERROR);
  assert.equal(runner.run("HELLO 3 SETNAME x AUTH a b"), WRONG_PASSWORD);
  assert.equal(runner.session.protocolVersion, 2);
  assert.equal(runner.session.name, "");
});

test("HELLO signs in and names the connection", () => {
  const runner = createLockedRunner();
  assert.equal(
    runner.run("HELLO 3"),
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
      "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the " +
      "RESP protocol version at the same time~",
  );
  assert.equal(runner.session.protocolVersion, 2);
  assert.equal(runner.run("HELLO 3 AUTH default x SETNAME app"), WRONG_PASSWORD);
  assert.equal(runner.session.name, "");
  assert.equal(runner.run("HELLO 3 setname app auth default sésame"), greeting(3));
  assert.equal(runner.session.guards, 0);
  assert.equal(runner.session.name, "app");
});
