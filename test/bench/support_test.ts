// What the benches share: pipelines, histograms, tables.

import { test } from "node:test";
import assert from "node:assert/strict";
import { makePipeline, numberKeys, scatterKeys } from "../../bench/support/commands.ts";
import { DurationHistogram } from "../../bench/support/histogram.ts";
import { readCpuTicks, stolenShare } from "../../bench/support/machine.ts";
import { markdownTable } from "../../bench/support/table.ts";

const decoder = new TextDecoder();

test("makePipeline() gives the commands of redis-benchmark", () => {
  const text = (kind: Parameters<typeof makePipeline>[0], depth: number): string =>
    decoder.decode(makePipeline(kind, depth, "ab").bytes);
  assert.equal(text("PING", 2), "*1\r\n$4\r\nPING\r\n".repeat(2));
  assert.equal(text("GET", 1), "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000000\r\n");
  assert.equal(text("INCR", 1), "*2\r\n$4\r\nINCR\r\n$20\r\ncounter:000000000000\r\n");
  assert.equal(text("SET", 1), "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000000\r\n$2\r\nab\r\n");
  assert.equal(makePipeline("MSET", 3, "ab").keyAt.length, 30);
  assert.ok(text("MSET", 1).startsWith("*21\r\n$4\r\nMSET\r\n$16\r\n"));
});

test("numberKeys() and scatterKeys() write every key's digits", () => {
  const pipeline = makePipeline("GET", 3, "");
  const keys = (): string[] =>
    [...decoder.decode(pipeline.bytes).matchAll(/key:(\d{12})\r\n/g)].map((found) => found[1]);
  numberKeys(pipeline, 999_999_999_998);
  assert.deepEqual(keys().slice(0, 2), ["999999999998", "999999999999"]);
  numberKeys(pipeline, 9, 10);
  assert.deepEqual(keys(), ["000000000009", "000000000000", "000000000001"]);
  let next = 40;
  scatterKeys(pipeline, 50, (limit) => {
    assert.equal(limit, 50);
    return next++;
  });
  assert.deepEqual(keys(), ["000000000040", "000000000041", "000000000042"]);
});

test("DurationHistogram gives percentiles within two per cent", () => {
  const histogram = new DurationHistogram();
  assert.deepEqual(histogram.summary(), { count: 0, p50Ms: 0, p9999Ms: 0, maxMs: 0 });
  for (let i = 1; i <= 10_000; i++) histogram.record(i / 1000);
  histogram.record(500);
  const { count, p50Ms, p9999Ms, maxMs } = histogram.summary();
  assert.equal(count, 10_001);
  assert.equal(maxMs, 500);
  assert.ok(Math.abs(p50Ms - 5) < 0.1, `P50 ${p50Ms}`);
  assert.ok(Math.abs(p9999Ms - 10) < 0.2, `P99.99 ${p9999Ms}`);
  histogram.record(0);
  histogram.record(1e12);
  assert.equal(histogram.summary().maxMs, 1e12);
});

test("markdownTable() aligns its columns", () => {
  assert.equal(
    markdownTable(["name", "n"], [["a", "1"], ["long name", "1,000"]]),
    [
      "| name      |     n |",
      "|-----------|------:|",
      "| a         |     1 |",
      "| long name | 1,000 |",
    ].join("\n"),
  );
});

test("stolenShare() is the hypervisor's part of all cores' time", () => {
  const before = readCpuTicks("cpu  100 0 50 800 10 0 20 20 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  const after = readCpuTicks("cpu  160 0 70 890 10 0 20 50 9 0\ncpu0 2 2 2 2 2 2 2 2 2 2\n");
  assert.deepEqual(before, { total: 1000, stolen: 20 });
  assert.equal(stolenShare(before, after), 0.15);
  assert.deepEqual(readCpuTicks("intr 5\n"), { total: NaN, stolen: NaN });
});
