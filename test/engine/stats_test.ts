import assert from "node:assert/strict";
import { test } from "node:test";
import { Stats } from "../../src/engine/stats.ts";

test("stats.recordCalls adds up the calls and the time of each command", () => {
  const stats = new Stats(3);
  stats.recordCalls(1, 16, 8, true);
  stats.recordCalls(1, 1, 4, true);
  stats.recordCalls(2, 5, 5, false);
  assert.deepEqual([...stats.commandCalls], [0, 17, 5]);
  assert.deepEqual([...stats.commandUsec], [0, 12, 5]);
});

test("stats.recordCalls gives each call of a group its share in the histogram", () => {
  const stats = new Stats(3);
  stats.recordCalls(1, 16, 1.6, true);
  stats.recordCalls(1, 1, 4, true);
  const latencies = stats.latencyOf(1);
  assert.ok(latencies);
  assert.equal(latencies.count, 17);
  assert.equal(latencies.percentile(50), 0.1);
  assert.equal(latencies.percentile(100), 4.015);
});

test("stats keeps no histogram when latencies are not tracked", () => {
  const stats = new Stats(2);
  stats.recordCalls(1, 1, 4, false);
  assert.equal(stats.latencyOf(1), undefined);
});

test("stats counts rejected and failed commands apart", () => {
  const stats = new Stats(2);
  stats.recordRejected(1);
  stats.recordRejected(1);
  stats.recordFailed(0);
  assert.deepEqual([...stats.commandRejected], [0, 2]);
  assert.deepEqual([...stats.commandFailed], [1, 0]);
});

test("stats counts errors by the first word of their text", () => {
  const stats = new Stats(0);
  stats.recordError("ERR syntax error");
  stats.recordError("WRONGTYPE Operation against a key holding the wrong kind of value");
  stats.recordError("ERR no such key");
  stats.recordError("ALONE");
  stats.recordError(`${"A".repeat(30)} x`);
  stats.recordError(`${"B".repeat(31)} x`);
  assert.equal(stats.totalErrorReplies, 6);
  assert.deepEqual(
    [...stats.errorCounts],
    [["ERR", 4], ["WRONGTYPE", 1], ["A".repeat(30), 1]],
  );
});

test("stats stops counting by code when there are more than 128, until it is reset", () => {
  const stats = new Stats(0);
  for (let i = 0; i < 128; i++) stats.recordError(`E${i} text`);
  stats.recordError("E5 text");
  assert.equal(stats.errorCounts.size, 128);
  assert.equal(stats.errorCounts.get("E5"), 2);
  stats.recordError("ONEMORE text");
  stats.recordError("E5 text");
  assert.deepEqual([...stats.errorCounts], [["ERRORSTATS_DISABLED", 1]]);
  assert.equal(stats.totalErrorReplies, 131);
  stats.reset();
  stats.recordError("E5 text");
  assert.deepEqual([...stats.errorCounts], [["E5", 1]]);
});

test("stats.sample makes rates per second, the mean of 16 samples", () => {
  const stats = new Stats(0);
  stats.sample(5_000_000);
  for (let i = 1; i <= 16; i++) {
    stats.totalCommands += 100;
    stats.totalNetInput += 2048;
    stats.totalNetOutput += 512;
    stats.sample(5_000_000 + i * 100_000);
  }
  assert.equal(stats.instantaneousOpsPerSec, 1000);
  assert.equal(stats.instantaneousNetInput, 20_480);
  assert.equal(stats.instantaneousNetOutput, 5120);
  for (let i = 17; i <= 24; i++) stats.sample(5_000_000 + i * 100_000);
  assert.equal(stats.instantaneousOpsPerSec, 500);
});

test("stats.sample counts a sample that took no time as 0", () => {
  const stats = new Stats(0);
  stats.sample(0);
  stats.totalCommands = 100;
  stats.sample(0);
  assert.equal(stats.instantaneousOpsPerSec, 0);
});

test("stats.reset sets everything back but the changes of the data", () => {
  const stats = new Stats(2);
  const fresh = JSON.stringify(new Stats(2));
  stats.totalCommands = stats.totalConnections = stats.rejectedConnections = 3;
  stats.totalNetInput =
    stats.totalNetOutput =
    stats.keyspaceHits =
    stats.keyspaceMisses =
      3;
  stats.expiredKeys = stats.expiredStalePercent = stats.expiredTimeCapReached = 3;
  stats.evictedKeys = stats.evictedClients = stats.unexpectedErrors = 3;
  stats.outputLimitDisconnections = 3;
  stats.recordCalls(1, 2, 3, true);
  stats.recordRejected(1);
  stats.recordFailed(1);
  stats.recordError("ERR x");
  stats.sample(0);
  stats.totalCommands = 100;
  stats.sample(1000);
  stats.reset();
  assert.equal(JSON.stringify(stats), fresh);
  assert.equal(stats.errorCounts.size, 0);
  assert.equal(stats.latencyOf(1), undefined);
  assert.equal(stats.instantaneousOpsPerSec, 0);
  stats.dirty = 7;
  stats.reset();
  assert.equal(stats.dirty, 7);
});
