import assert from "node:assert/strict";
import { test } from "node:test";
import { drawCrab } from "../../../src/commands/server/crab_art.ts";
import { SERVER_COMMANDS } from "../../../src/commands/server/mod.ts";
import { createServerFixture } from "./server_fixture.ts";

const SYNTAX_ERROR = "-ERR syntax error\r\n";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range\r\n";

test("the family has each of its commands once", () => {
  assert.deepEqual(
    SERVER_COMMANDS.map(({ name }) => name),
    ["info", "config", "time", "memory", "role", "shutdown", "lolwut", "module"],
  );
});

test("TIME answers seconds and microseconds, of now", () => {
  const { line, clock } = createServerFixture();
  assert.equal(line("TIME"), "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n");
  clock.advance(1234);
  assert.equal(line("TIME"), "*2\r\n$10\r\n1700000001\r\n$6\r\n234000\r\n");
  assert.equal(line("TIME x"), "-ERR wrong number of arguments for 'time' command\r\n");
});

test("ROLE answers a master without replicas", () => {
  assert.equal(createServerFixture().line("ROLE"), "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
});

test("MODULE LIST is empty, and nothing loads a module", () => {
  const { line } = createServerFixture();
  assert.equal(line("MODULE LIST"), "*0\r\n");
  assert.equal(
    line("MODULE LOAD /tmp/x.so"),
    "-ERR unknown subcommand 'LOAD'. Try MODULE HELP.\r\n",
  );
  assert.match(line("MODULE HELP"), /^\*5\r\n\+MODULE <subcommand> /);
});

test("SHUTDOWN ends the server, answers nothing and closes the connection", () => {
  for (const line of ["SHUTDOWN", "shutdown nosave", "SHUTDOWN NOW FORCE", "SHUTDOWN SAVE FORCE"]) {
    const fixture = createServerFixture();
    const client = fixture.connect();
    assert.equal(client.send(`ROLE\r\n${line}\r\nROLE`), "*3~$6~master~:0~*0~");
    assert.equal(fixture.shutdowns, 1, line);
    assert.ok(client.isEnded, line);
  }
});

test("SHUTDOWN SAVE is refused, since there is nothing to save to", () => {
  const fixture = createServerFixture();
  const client = fixture.connect();
  assert.equal(
    client.send("SHUTDOWN SAVE"),
    "-ERR SHUTDOWN SAVE failed, this server keeps its data in memory only. Use NOSAVE or FORCE.~",
  );
  assert.equal(fixture.shutdowns, 0);
  assert.ok(!client.isEnded);
});

test("SHUTDOWN ABORT finds no shutdown to abort", () => {
  const fixture = createServerFixture();
  assert.equal(fixture.connect().send("SHUTDOWN ABORT"), "-ERR No shutdown in progress.~");
  assert.equal(fixture.shutdowns, 0);
});

test("SHUTDOWN refuses options that contradict each other, or are none", () => {
  const fixture = createServerFixture();
  for (const options of ["SAVE NOSAVE", "ABORT NOW", "FORCE ABORT", "NOSAVE ABORT", "x", "NOW x"]) {
    assert.equal(fixture.line(`SHUTDOWN ${options}`), SYNTAX_ERROR, options);
  }
  assert.equal(fixture.shutdowns, 0);
});

test("SHUTDOWN is refused in process", () => {
  const fixture = createServerFixture();
  assert.equal(
    fixture.line("SHUTDOWN"),
    "-ERR SHUTDOWN is not allowed for in-process use\r\n",
  );
  assert.equal(fixture.shutdowns, 0);
});

test("LOLWUT draws a crab, a new one each time", () => {
  const { line } = createServerFixture();
  const first = line("LOLWUT");
  assert.match(first, /^=\d+\r\ntxt:[^]+\n\nCrabCache ver\. 1\.2\.3\n\r\n$/);
  assert.notEqual(line("LOLWUT"), first);
});

test("LOLWUT draws the crab of a seed", () => {
  const { run2 } = createServerFixture();
  const text = `${drawCrab(42)}\nCrabCache ver. 1.2.3\n`;
  const expected = `$${text.length}\r\n${text}\r\n`;
  assert.equal(run2("LOLWUT", "42"), expected);
  assert.equal(run2("LOLWUT", "version", "1", "42"), expected);
});

test("LOLWUT of another version shows the version line alone", () => {
  const { run2 } = createServerFixture();
  assert.equal(run2("LOLWUT", "VERSION", "7"), "$21\r\nCrabCache ver. 1.2.3\n\r\n");
});

test("LOLWUT refuses what is no number", () => {
  const { line } = createServerFixture();
  assert.equal(line("LOLWUT VERSION x"), NOT_AN_INTEGER);
  assert.equal(line("LOLWUT crab"), NOT_AN_INTEGER);
  assert.equal(line("LOLWUT VERSION"), NOT_AN_INTEGER);
  assert.equal(line("LOLWUT VERSION 1 2 3"), SYNTAX_ERROR);
});
