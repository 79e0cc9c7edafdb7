// The stall bench at a tiny size: in this process, in a process of its own, and its reading of logs.

import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { readGcPauses } from "../../bench/engine/gc_log.ts";
import { LOAD_MARK, probeIndex, probeMachine, probeTurns } from "../../bench/engine/stall_probe.ts";
import { measureStalls, stallTable } from "../../bench/engine/stalls.ts";
import { HashIndex } from "../../src/memory/hash_index.ts";

const TURN = 800;

test("probeTurns() loads every key and times every turn", async () => {
  const figures = await probeTurns(3 * TURN, 2);
  assert.equal(figures.keptKeys, 5 * TURN);
  assert.equal(figures.batches.count, 3);
  assert.equal(figures.turns.count, 2);
  assert.ok(figures.turns.maxMs >= figures.ownTurns.maxMs);
  assert.ok(figures.slices.count > 0);
});

test("probeIndex() times every insertion and leaves the index as it was", async () => {
  const { insert } = HashIndex.prototype;
  const figures = await probeIndex(20 * TURN, 1);
  assert.equal(figures.inserts.count + figures.splits.count, 20 * TURN);
  assert.equal(figures.ownSplits.count, figures.splits.count);
  assert.equal(HashIndex.prototype.insert, insert);
});

test("probeMachine() times turns of the length asked for", async () => {
  const figures = await probeMachine(4, 1, 2);
  assert.equal(figures.turns.count, 3);
  assert.ok(figures.turns.maxMs >= figures.ownTurns.maxMs);
  assert.ok(figures.turns.p50Ms > 0.2);
});

test("measureStalls() runs the probes of this runtime", async () => {
  const runtime = process.versions.bun === undefined ? "deno" : "bun";
  const figures = await measureStalls(runtime, "all-cores", [], 2 * TURN, 1);
  assert.equal(figures.turns.keptKeys, 3 * TURN);
  assert.equal(figures.index.inserts.count + figures.index.splits.count, 2 * TURN);
  assert.match(stallTable(figures), /(bun|deno), all-cores, ms[^]*turn, wall time/);
});

test("readGcPauses() reads JavaScriptCore's log between the marks", () => {
  const line = (ms: string): string =>
    `[GC<0x342>: START M 8854kb => EdenCollection, v=0kb (C:0) => 4125kb, p=${ms}ms (max 11.97), ` +
    `cycle ${ms}ms END]\n`;
  const text = `${line("9.5")}${LOAD_MARK}\n${line("1.25")}${line("0.5")}${LOAD_MARK}\n${
    line("7")
  }`;
  const pauses = readGcPauses("bun", text, { beganMs: 0, endedMs: 0 });
  assert.deepEqual(pauses, { count: 2, totalMs: 1.75, maxMs: 1.25 });
});

test("readGcPauses() reads V8's log by its times", () => {
  const text = `[1:0x5]   62 ms: Scavenge 3.2 (3.5) -> 2.8 (4.2) MB, pooled: 0.0 MB, ` +
    `9.09 / 0.00 ms (average mu = 1.000) allocation failure;
[1:0x5]  100 ms: Scavenge 3.2 (3.5) -> 2.8 (4.2) MB, 1.5 / 0.00 ms (average mu = 1.000) task;
[1:0x5]  150 ms: Incremental Mark-Compact (reduce) 9.6 (14.8) -> 9.6 (14.8) MB, pooled: 0.5 MB, ` +
    `2.25 / 0.00 ms (+ 0.0 ms in 0 steps)\n`;
  const pauses = readGcPauses("deno", text, { beganMs: 90, endedMs: 200 });
  assert.deepEqual(pauses, { count: 2, totalMs: 3.75, maxMs: 2.25 });
});
