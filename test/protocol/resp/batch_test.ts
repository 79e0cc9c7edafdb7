import { test } from "node:test";
import assert from "node:assert/strict";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";

test("a batch starts empty, with room for 1024 commands and 4096 arguments", () => {
  const batch = new GrowableBatch();
  assert.equal(batch.commandCount + batch.argCount, 0);
  assert.equal(batch.frameEnds.length, 1024);
  assert.equal(batch.firstArgs.length, 1025);
  assert.deepEqual([batch.argOffsets.length, batch.argLengths.length, batch.argHashes.length], [
    4096,
    4096,
    4096,
  ]);
});

test("reserveArgs() doubles the arrays and keeps what lies beyond the count", () => {
  const batch = new GrowableBatch();
  batch.argOffsets[4095] = 7;
  batch.argLengths[4095] = 8;
  batch.argHashes[4095] = 9;
  batch.argCount = 10;
  batch.reserveArgs(4086);
  assert.equal(batch.argOffsets.length, 4096);
  batch.reserveArgs(4087);
  assert.equal(batch.argOffsets.length, 8192);
  assert.deepEqual([batch.argOffsets[4095], batch.argLengths[4095], batch.argHashes[4095]], [
    7,
    8,
    9,
  ]);
  batch.reserveArgs(100000);
  assert.equal(batch.argHashes.length, 100010);
});

test("reserveCommands() doubles the arrays", () => {
  const batch = new GrowableBatch();
  batch.firstArgs[1024] = 5;
  batch.frameEnds[1023] = 6;
  batch.commandCount = 1024;
  batch.reserveCommands(0);
  assert.equal(batch.frameEnds.length, 1024);
  batch.reserveCommands(1);
  assert.deepEqual([batch.frameEnds.length, batch.firstArgs.length], [2048, 2049]);
  assert.deepEqual([batch.firstArgs[1024], batch.frameEnds[1023]], [5, 6]);
});

test("clear() keeps the arrays and trim() gives large ones back", () => {
  const batch = new GrowableBatch();
  batch.reserveArgs(65536);
  batch.reserveCommands(16384);
  const { argOffsets, frameEnds } = batch;
  batch.commandCount = batch.argCount = 3;
  batch.clear();
  batch.trim();
  assert.equal(batch.commandCount + batch.argCount, 0);
  assert.ok(batch.argOffsets === argOffsets && batch.frameEnds === frameEnds);
  batch.reserveArgs(65537);
  batch.reserveCommands(16385);
  batch.clear();
  assert.ok(batch.argOffsets.length > 65536 && batch.frameEnds.length > 16384);
  batch.trim();
  assert.deepEqual([batch.argOffsets.length, batch.firstArgs.length], [4096, 1025]);
});
