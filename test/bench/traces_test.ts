// The replay of traces, and the models that its hit ratios are compared with.

import { test } from "node:test";
import assert from "node:assert/strict";
import { main } from "../../bench/traces/main.ts";
import {
  belady,
  lru,
  type Model,
  s3Fifo,
  sampledTinyLfu,
  wTinyLfu,
} from "../../bench/traces/models.ts";
import { footprint, footprints, replay } from "../../bench/traces/replay.ts";
import { DEFAULT_VALUE_BYTES, generateTrace, parseTrace } from "../../bench/traces/trace.ts";

const MODELS: readonly (readonly [string, Model])[] = [
  ["belady", belady],
  ["lru", lru],
  ["s3Fifo", s3Fifo],
  ["wTinyLfu", wTinyLfu],
  ["sampledTinyLfu", sampledTinyLfu],
];

/** A trace of keys of size 1. */
function unitTrace(text: string): [ReturnType<typeof parseTrace>, Float64Array] {
  const trace = parseTrace("t", text.split("").join("\n"));
  return [trace, new Float64Array(trace.valueBytes.length).fill(1)];
}

test("traces are read with sizes and without; other lines are skipped", () => {
  const plain = parseTrace("a", "7\n9\n*\n7\n\n9x\n 12 \n");
  assert.deepEqual([...plain.keys], [0, 1, 0, 2]);
  assert.deepEqual([...plain.valueBytes], Array(3).fill(DEFAULT_VALUE_BYTES));
  const sized = parseTrace("b", "1 5 100\n2 6 7\n3 5 100\n");
  assert.deepEqual([...sized.keys], [0, 1, 0]);
  assert.deepEqual([...sized.valueBytes], [100, 7]);
  assert.equal(parseTrace("c", "1\n2\n3\n", 2).keys.length, 2);
});

test("the generated trace is the same each time, and a few keys are popular", () => {
  const trace = generateTrace(10_000, 1000);
  assert.deepEqual(trace, generateTrace(10_000, 1000));
  const counts = new Map<number, number>();
  for (const key of trace.keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  assert.ok((counts.get(0) as number) > 800);
  const scanned = [...counts].filter(([key]) => key >= 1000);
  assert.equal(scanned.length, 2000);
  assert.ok(scanned.every(([, count]) => count === 1));
});

test("exact LRU and the optimum, by hand", () => {
  const [trace, sizes] = unitTrace("1231412521");
  assert.equal(lru(trace, sizes, 3), 4);
  assert.equal(belady(trace, sizes, 3), 5);
  const [loop, loopSizes] = unitTrace("123412341234");
  assert.equal(lru(loop, loopSizes, 3), 0);
  assert.equal(belady(loop, loopSizes, 3), 6);
});

test("no model beats the optimum, all beat an empty cache, and a large one misses each key once", () => {
  const trace = generateTrace(20_000, 1000);
  const sizes = new Float64Array(trace.valueBytes.length).fill(1);
  const best = belady(trace, sizes, 200);
  const distinct = new Set(trace.keys).size;
  for (const [name, model] of MODELS) {
    const hits = model(trace, sizes, 200);
    assert.ok(hits <= best, `${name}: ${hits} of ${best}`);
    assert.ok(hits > trace.keys.length / 4, `${name}: ${hits}`);
    assert.equal(model(trace, sizes, 1e6), trace.keys.length - distinct, name);
  }
});

test("sizes count, and what is larger than the cache is not taken in", () => {
  const trace = parseTrace("t", "0 1 10\n1 2 10\n2 3 500\n3 1 10\n4 2 10\n");
  const sizes = Float64Array.from(trace.valueBytes);
  for (const [name, model] of MODELS) assert.equal(model(trace, sizes, 30), 2, name);
});

test("the engine's hits are those of the models, about, for the same memory", () => {
  const trace = generateTrace(10_000, 1000);
  const capacity = 500 * footprint(DEFAULT_VALUE_BYTES);
  const exact = lru(trace, footprints(trace), capacity);
  const hits = replay(trace, "allkeys-lru", capacity);
  assert.ok(Math.abs(hits - exact) < 0.02 * trace.keys.length, `${hits} ${exact}`);
  assert.ok(replay(trace, "noeviction", capacity) > 0);
});

test("the table is printed", async (t) => {
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(...line.split("\n")));
  await main(["--quick", "--policies", "allkeys-lrfu,allkeys-lru"]);
  const rows = lines.filter((line) => line.startsWith("| "));
  assert.equal(rows.length, 1 + 2 + MODELS.length);
  assert.match(rows[1], /^\| allkeys-lrfu +\| +(\d\d\.\d ){4}\|/);
});
