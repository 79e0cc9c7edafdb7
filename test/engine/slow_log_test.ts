import assert from "node:assert/strict";
import { test } from "node:test";
import { SlowLog } from "../../src/engine/slow_log.ts";

const ENTRY = { atSeconds: 1, durationUs: 5, args: [], clientAddress: "a:1", clientName: "" };

function ids(log: SlowLog, count = -1): number[] {
  return log.newest(count).map(({ id }) => id);
}

test("a command is slow from the threshold on; -1 turns the log off", () => {
  const settings = { slowlogLogSlowerThan: 100, slowlogMaxLen: 3 };
  const log = new SlowLog(settings);
  assert.deepEqual([99, 100, 101].map((us) => log.isSlow(us)), [false, true, true]);
  settings.slowlogLogSlowerThan = 0;
  assert.equal(log.isSlow(0), true);
  settings.slowlogLogSlowerThan = -1;
  assert.equal(log.isSlow(1e9), false);
});

test("the newest entries stay, and are handed out newest first", () => {
  const settings = { slowlogLogSlowerThan: 0, slowlogMaxLen: 3 };
  const log = new SlowLog(settings);
  for (let i = 0; i < 5; i++) log.add(ENTRY);
  assert.deepEqual(ids(log), [4, 3, 2]);
  assert.deepEqual(ids(log, 2), [4, 3]);
  assert.deepEqual(ids(log, 0), []);
  assert.deepEqual(ids(log, 99), [4, 3, 2]);
  settings.slowlogMaxLen = 1;
  assert.equal(log.length, 3);
  log.add(ENTRY);
  assert.deepEqual(ids(log), [5]);
  settings.slowlogMaxLen = 0;
  log.add(ENTRY);
  assert.equal(log.length, 0);
});

test("memory is counted, and given back", () => {
  const log = new SlowLog({ slowlogLogSlowerThan: 0, slowlogMaxLen: 2 });
  log.add(ENTRY);
  const empty = log.sizeBytes;
  assert.ok(empty > 0);
  log.add({ ...ENTRY, args: [new Uint8Array(100)] });
  assert.ok(log.sizeBytes > 2 * empty + 100);
  for (let i = 0; i < 2; i++) log.add(ENTRY);
  assert.equal(log.sizeBytes, 2 * empty);
  log.reset();
  assert.equal(log.sizeBytes, 0);
});

test("numbers go on after a reset", () => {
  const log = new SlowLog({ slowlogLogSlowerThan: 0, slowlogMaxLen: 3 });
  log.add(ENTRY);
  log.reset();
  assert.equal(log.length, 0);
  log.add(ENTRY);
  assert.deepEqual(ids(log), [1]);
});
