import assert from "node:assert/strict";
import { test } from "node:test";
import { OBSERVABILITY_COMMANDS } from "../../../src/commands/observability/mod.ts";
import { createFixture } from "../../support/engine_fixture.ts";

function createSlowlogFixture() {
  const fixture = createFixture({ families: [OBSERVABILITY_COMMANDS] });
  const encoder = new TextEncoder();
  const add = (...words: string[]): void =>
    fixture.engine.slowLog.add({
      atSeconds: 1_700_000_000,
      durationUs: 12_345,
      args: words.map((word) => encoder.encode(word)),
      clientAddress: "127.0.0.1:5",
      clientName: "",
    });
  return { ...fixture, add };
}

test("SLOWLOG GET answers entries as Redis does, newest first", () => {
  const { add, line } = createSlowlogFixture();
  add("KEYS", "*");
  add("SORT", "l", "DESC");
  const entry = (id: number, args: string): string =>
    `*6\r\n:${id}\r\n:1700000000\r\n:12345\r\n${args}$11\r\n127.0.0.1:5\r\n$0\r\n\r\n`;
  const keys = entry(0, "*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n");
  const sort = entry(1, "*3\r\n$4\r\nSORT\r\n$1\r\nl\r\n$4\r\nDESC\r\n");
  assert.equal(line("SLOWLOG GET"), `*2\r\n${sort}${keys}`);
  assert.equal(line("SLOWLOG GET 1"), `*1\r\n${sort}`);
  assert.equal(line("SLOWLOG GET 0"), "*0\r\n");
});

test("SLOWLOG GET answers ten entries unless it is told how many", () => {
  const { add, line } = createSlowlogFixture();
  for (let i = 0; i < 15; i++) add("GET");
  assert.match(line("SLOWLOG GET"), /^\*10\r\n/);
  assert.match(line("SLOWLOG GET 12"), /^\*12\r\n/);
  assert.match(line("SLOWLOG GET -1"), /^\*15\r\n/);
  assert.match(line("SLOWLOG GET 9223372036854775807"), /^\*15\r\n/);
});

test("SLOWLOG GET refuses what is no count", () => {
  const { line } = createSlowlogFixture();
  const wrong = "-ERR count should be greater than or equal to -1\r\n";
  assert.equal(line("SLOWLOG GET -2"), wrong);
  assert.equal(line("SLOWLOG GET x"), wrong);
  assert.equal(
    line("SLOWLOG Get 1 2"),
    "-ERR unknown subcommand or wrong number of arguments for 'Get'. Try SLOWLOG HELP.\r\n",
  );
});

test("SLOWLOG LEN and RESET", () => {
  const { add, line } = createSlowlogFixture();
  add("GET");
  assert.equal(line("SLOWLOG LEN"), ":1\r\n");
  assert.equal(line("SLOWLOG RESET"), "+OK\r\n");
  assert.equal(line("SLOWLOG LEN"), ":0\r\n");
});

test("SLOWLOG HELP names each subcommand", () => {
  const help = createSlowlogFixture().line("SLOWLOG HELP");
  for (const word of ["GET [<count>]", "LEN", "RESET", "HELP"]) {
    assert.ok(help.includes(`+${word}\r\n`), word);
  }
});
