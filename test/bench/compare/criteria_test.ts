// Which criteria are met, and which are not.

import { test } from "node:test";
import assert from "node:assert/strict";
import { CRITERIA, isMet, judge, missedIds, targetOf } from "../../../bench/compare/criteria.ts";
import {
  bestRate,
  busyShare,
  cpuMicros,
  type Measurement,
  median,
  medianPercentile,
  type Report,
  type Round,
} from "../../../bench/compare/figures.ts";
import { withCauses } from "../../../bench/compare/write.ts";
import { fixtureReport } from "./fixture.ts";

/** A report whose measurements that fit are changed. */
function changed(
  fits: (each: Measurement) => boolean,
  change: (round: Round) => Partial<Round>,
): Report {
  const report = fixtureReport();
  const measurements = report.measurements.map((each) =>
    fits(each)
      ? { ...each, rounds: each.rounds.map((round) => ({ ...round, ...change(round) })) }
      : each
  );
  return { ...report, measurements };
}

function verdict(report: Report, id: string, peer: "bun" | "deno"): boolean | null {
  const found = judge(report).find((each) => each.criterion.id === id && each.peer === peer);
  assert.ok(found, `${id} on ${peer}`);
  return found.isMet;
}

test("a figure at its limit meets ≤ and ≥, not < and >", () => {
  assert.equal(isMet(1, "≤", 1), true);
  assert.equal(isMet(1, "≥", 1), true);
  assert.equal(isMet(1, "<", 1), false);
  assert.equal(isMet(1, ">", 1), false);
  assert.equal(isMet(0.999, "<", 1), true);
  assert.equal(isMet(1.001, "≤", 1), false);
  assert.equal(isMet(1.001, ">", 1), true);
  assert.equal(isMet(0.999, "≥", 1), false);
  assert.equal(isMet(NaN, "≤", 1), null);
  assert.equal(isMet(Infinity, "≥", 1), null, "something over nothing");
});

test("every criterion has an id of its own, and is judged on each runtime that it is about", () => {
  const ids = CRITERIA.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const verdicts = judge(fixtureReport());
  assert.equal(verdicts.length, CRITERIA.reduce((sum, { peers }) => sum + peers.length, 0));
  for (const each of verdicts) assert.notEqual(each.isMet, null, each.criterion.id);
  const report = fixtureReport();
  const bunOnly = { ...report, peers: report.peers.filter(({ name }) => name !== "deno") };
  assert.ok(judge(bunOnly).every(({ peer }) => peer === "bun"));
});

test("nothing is met or missed without having been measured", () => {
  const empty = { ...fixtureReport(), measurements: [], memory: [], clients: [] };
  for (const each of judge(empty)) {
    assert.equal(each.isMet, null, each.criterion.id);
    assert.equal(each.text, "");
  }
  assert.deepEqual(missedIds(empty), []);
});

test("the percentiles are the medians of the rounds, at the limit not met", () => {
  const at = (values: readonly number[]): Report => {
    const report = fixtureReport();
    return {
      ...report,
      measurements: report.measurements.map((each) =>
        each.peer !== "bun" || each.case !== "latency-c2-r10000" ? each : {
          ...each,
          rounds: values.map((p99) => ({
            ...each.rounds[0],
            latencyMs: { p50: 0.1, p90: 0.1, p99, p999: 3, p9999: 4, max: 9 },
          })),
        }
      ),
    };
  };
  assert.equal(verdict(at([0.2, 0.9, 7]), "latency-c2-p99-1ms", "bun"), true);
  assert.equal(verdict(at([0.2, 1, 7]), "latency-c2-p99-1ms", "bun"), false);
  assert.equal(verdict(at([1]), "latency-c2-p999-2ms", "bun"), false);
  assert.equal(verdict(at([1]), "latency-c2-p9999-5ms", "bun"), true);
  assert.equal(verdict(at([1]), "latency-c2-p9999-1ms", "bun"), false);
});

test("latency and throughput are set against redis-server's", () => {
  const isRedis = ({ peer }: Measurement): boolean => peer === "redis-server";
  const good = fixtureReport();
  assert.equal(verdict(good, "latency-c10-p9999-redis", "deno"), true);
  assert.equal(verdict(good, "throughput-get-p16-redis", "deno"), true);
  const fastRedis = changed(isRedis, ({ operations, latencyMs }) => ({
    operations: operations * 10,
    latencyMs: latencyMs === null ? null : { ...latencyMs, p9999: 0.001 },
  }));
  assert.equal(verdict(fastRedis, "latency-c10-p9999-redis", "deno"), false);
  assert.equal(verdict(fastRedis, "latency-c10-p50-redis", "deno"), true);
  assert.equal(verdict(fastRedis, "throughput-get-p16-redis", "deno"), false);
  const alone = { ...good, measurements: good.measurements.filter((each) => !isRedis(each)) };
  assert.equal(verdict(alone, "throughput-get-p16-redis", "deno"), null);
});

test("frames are judged by the server's CPU time of all rounds", () => {
  const frames = (cpu: number): Report =>
    changed(
      (each) => each.section === "binary" && each.case === "get-16",
      ({ operations }) => ({ serverCpuSeconds: operations * 1e-6 * cpu }),
    );
  const both = (resp: number, binary: number): Report => {
    const { measurements } = frames(binary);
    const others = frames(resp).measurements.filter(({ protocol }) => protocol !== "binary");
    const kept = measurements.filter(({ protocol }) => protocol === "binary");
    return { ...fixtureReport(), measurements: [...others, ...kept] };
  };
  assert.equal(verdict(both(1, 0.79), "binary-get-16", "bun"), true);
  assert.equal(verdict(both(1, 0.81), "binary-get-16", "bun"), false);
  assert.equal(verdict(both(0, 0.5), "binary-get-16", "bun"), null);
});

test("connections count only where every request was answered", () => {
  const failing = (least: number): Report =>
    changed(
      (each) => each.section === "connections" && each.connections >= least,
      () => ({ errors: 1 }),
    );
  assert.equal(verdict(failing(500), "connections", "bun"), true);
  assert.equal(verdict(failing(100), "connections", "bun"), false);
});

test("clients and memory are judged for the runtime that they ran on", () => {
  const report = fixtureReport();
  assert.equal(verdict(report, "client-ioredis", "bun"), true);
  assert.equal(verdict(report, "client-ioredis", "deno"), false);
  assert.equal(verdict(report, "client-bun", "bun"), true);
  assert.equal(verdict(report, "memory", "bun"), true);
  const heavy = report.memory.map((each) => ({ ...each, bytesPerKey: 115.01 }));
  assert.equal(verdict({ ...report, memory: heavy }, "memory", "bun"), false);
});

test("targets are written as they are compared", () => {
  const target = (id: string): string => {
    const found = CRITERIA.find((each) => each.id === id);
    return found === undefined ? "" : targetOf(found);
  };
  assert.equal(target("latency-c2-p99-1ms"), "< 1 ms");
  assert.equal(target("binary-get-64"), "≤ 0.70 ×");
  assert.equal(target("equivalent-get-1000000"), "> 1,000,000");
  assert.equal(target("memory"), "≤ 115 B");
});

test("causes are kept as long as their criterion is missed", () => {
  const report = { ...fixtureReport(), causes: {} };
  const missed = missedIds(report);
  assert.ok(missed.includes("client-ioredis") && !missed.includes("memory"));
  const earlier = { ...report, causes: { "client-ioredis": "why", "memory": "long gone" } };
  assert.deepEqual(withCauses(report, earlier).causes, { "client-ioredis": "why" });
  assert.deepEqual(withCauses(report, undefined).causes, {});
});

test("figures are medians, bests, and sums over rounds", () => {
  const round = (operations: number, seconds: number, cpu: number | null): Round => ({
    operations,
    seconds,
    errors: 0,
    serverCpuSeconds: cpu,
    loadCpuSeconds: null,
    latencyMs: null,
    generatorLateMs: null,
  });
  const rounds = [round(100, 1, 0.5), round(300, 1, 0.7)];
  assert.equal(bestRate({ rounds }), 300);
  assert.equal(cpuMicros({ rounds }), 3000);
  assert.equal(busyShare({ rounds }), 0.6);
  assert.ok(Number.isNaN(cpuMicros({ rounds: [round(1, 1, null)] })));
  assert.ok(Number.isNaN(medianPercentile({ rounds }, "p50")));
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});
