import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { AclLog, type Denial } from "../../../src/commands/acl/log.ts";

const GET: Denial = {
  reason: "command",
  context: "toplevel",
  object: "get",
  user: "u",
  client: "1",
};

function start(maxLength = 128) {
  const clock = createManualClock(1_000_000);
  const log = new AclLog(clock, () => maxLength);
  const shown = (): string =>
    log.newest(100).map(({ id, count, object }) => `${id}:${object}x${count}`).join(" ");
  return { clock, log, shown };
}

test("alike denials are counted together, and the last one moves to the front", () => {
  const { clock, log, shown } = start();
  log.add(GET);
  log.add({ ...GET, object: "set" });
  clock.advance(60_000);
  log.add({ ...GET, client: "2" });
  assert.equal(shown(), "0:getx2 1:setx1");
  const [entry] = log.newest(1);
  assert.deepEqual([entry.client, entry.createdAtMs, entry.updatedAtMs], [
    "2",
    1_000_000,
    1_060_000,
  ]);
});

test("others are not", () => {
  const { clock, log } = start();
  log.add(GET);
  log.add({ ...GET, reason: "key" });
  log.add({ ...GET, context: "multi" });
  log.add({ ...GET, user: "v" });
  clock.advance(60_001);
  log.add(GET);
  assert.equal(log.newest(100).length, 5);
});

test("only the ten newest are looked through", () => {
  const { log } = start();
  log.add(GET);
  for (let i = 0; i < 10; i++) log.add({ ...GET, object: String(i) });
  log.add(GET);
  assert.equal(log.newest(100).length, 12);
});

test("the oldest go beyond the longest length, and all with reset()", () => {
  const { log, shown } = start(2);
  for (const object of ["a", "b", "c"]) log.add({ ...GET, object });
  assert.equal(shown(), "2:cx1 1:bx1");
  assert.equal(log.newest(1).length, 1);
  log.reset();
  assert.equal(shown(), "");
  log.add(GET);
  assert.equal(shown(), "3:getx1");
});
