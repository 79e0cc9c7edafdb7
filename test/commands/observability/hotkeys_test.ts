import assert from "node:assert/strict";
import { test } from "node:test";
import { OBSERVABILITY_COMMANDS } from "../../../src/commands/observability/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

function createHotFixture(): Fixture {
  return createFixture({ families: [OBSERVABILITY_COMMANDS, STRING_COMMANDS] });
}

/** Values of bulk strings and numbers, those of doubles included. */
function words(reply: string): string[] {
  return reply.split("\r\n").filter((part) => !/^[$%*]\d+$/.test(part)).slice(0, -1)
    .map((part) => part.replace(/^[:,]/, ""));
}

test("HOTKEYS names the keys that commands use, the hottest first, missing ones, too", () => {
  const fixture = createHotFixture();
  for (let i = 0; i < 5000; i++) {
    fixture.line("GET hot");
    fixture.line(`MGET warm${i % 2} cold${i}`);
  }
  fixture.clock.advance(1000);
  const reply = fixture.line("HOTKEYS COUNT 3");
  assert.match(reply, /^\*3\r\n%5\r\n\$3\r\nkey\r\n\$3\r\nhot\r\n\$2\r\ndb\r\n:0\r\n/);
  const found = words(reply);
  assert.deepEqual(found.filter((_, i) => i % 2 === 0).slice(0, 5), [
    "key",
    "db",
    "accesses-per-second",
    "share",
    "error",
  ]);
  const [perSecond, share, error] = [found[5], found[7], found[9]].map(Number);
  assert.ok(Math.abs(perSecond - 5000) <= error, `${perSecond}, error ${error}`);
  assert.ok(error < 1000 && Math.abs(share - 1 / 3) < 0.05, `${share}, error ${error}`);
  assert.deepEqual([found[11], found[21]].sort(), ["warm0", "warm1"]);
});

test("HOTKEYS in RESP2 is an array of arrays", () => {
  const fixture = createHotFixture();
  for (let i = 0; i < 200; i++) fixture.line("GET hot");
  assert.match(fixture.run2("HOTKEYS"), /^\*1\r\n\*10\r\n\$3\r\nkey\r\n\$3\r\nhot\r\n/);
});

test("HOTKEYS RESET lists, then forgets", () => {
  const fixture = createHotFixture();
  for (let i = 0; i < 200; i++) fixture.line("GET hot");
  assert.match(fixture.line("HOTKEYS reset COUNT 5"), /^\*1\r\n/);
  assert.equal(fixture.line("HOTKEYS"), "*0\r\n");
});

test("HOTKEYS refuses other arguments", () => {
  const { line } = createHotFixture();
  assert.equal(line("HOTKEYS COUNT"), "-ERR syntax error\r\n");
  assert.equal(line("HOTKEYS FOO"), "-ERR syntax error\r\n");
  assert.equal(line("HOTKEYS COUNT x"), "-ERR value is not an integer or out of range\r\n");
  for (const count of ["0", "65"]) {
    assert.equal(line(`HOTKEYS COUNT ${count}`), "-ERR COUNT must be between 1 and 64\r\n");
  }
});
