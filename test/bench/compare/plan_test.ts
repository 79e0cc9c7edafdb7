// What the report measures, in which order, and within which time.

import { test } from "node:test";
import assert from "node:assert/strict";
import { SECTION_NAMES } from "../../../bench/compare/figures.ts";
import { findReportPeers, PEER_NAMES } from "../../../bench/compare/peers.ts";
import {
  CASES,
  fitSizes,
  FULL_SIZES,
  type PlannedPeer,
  planSteps,
  QUICK_SIZES,
  resize,
  type Sizes,
  totalSeconds,
} from "../../../bench/compare/plan.ts";
import { clockTime, Progress } from "../../../bench/compare/progress.ts";
import { messageOf, operationsOf, secondsBesides } from "../../../bench/compare/run.ts";
import { findForeignTools, parseMemtier, type Tool } from "../../../bench/compare/tools.ts";
import { FIXTURE_TOOLS } from "./fixture.ts";

const OWN = ["resp", "binary", "http", "http2"] as const;
const THREE: readonly PlannedPeer[] = [
  { name: "bun", protocols: OWN },
  { name: "deno", protocols: OWN },
  { name: "redis-server", protocols: ["resp"] },
];
const SIX: readonly PlannedPeer[] = [
  ...THREE,
  { name: "valkey-server", protocols: ["resp"] },
  { name: "memcached", protocols: ["memcache"] },
  { name: "pogocache", protocols: ["resp", "memcache"] },
];
const MEMTIER: Tool = { ...FIXTURE_TOOLS[1], name: "memtier_benchmark" };

function plannedSeconds(peers: readonly PlannedPeer[], tools: readonly Tool[], limit: number) {
  const besides = secondsBesides(SECTION_NAMES, peers.length, FULL_SIZES);
  const plan = (sizes: Sizes) => planSteps(SECTION_NAMES, peers, tools, sizes);
  const sizes = fitSizes(FULL_SIZES, limit, besides, plan);
  return { sizes, seconds: totalSeconds(plan(sizes)) + besides };
}

test("the whole report fits into its time, with every peer and generator too", () => {
  const usual = plannedSeconds(THREE, FIXTURE_TOOLS, 18 * 60);
  assert.ok(usual.seconds <= 18 * 60 && usual.seconds > 14 * 60, `${usual.seconds}`);
  assert.equal(usual.sizes.rounds, 3);
  const full = plannedSeconds(SIX, [...FIXTURE_TOOLS, MEMTIER], 18 * 60);
  assert.ok(full.seconds <= 18 * 60, `${full.seconds}`);
  assert.ok(full.sizes.rounds < 3);
});

test("every case is measured in every round, and the servers take turns at being first", () => {
  const steps = planSteps(["throughput"], THREE, FIXTURE_TOOLS, FULL_SIZES);
  assert.deepEqual([...new Set(steps.map(({ round }) => round))], [0, 1, 2, 3]);
  assert.equal(steps.length, 4 * 6 * 2 * 3);
  const first = (round: number): string =>
    steps.find((step) => step.round === round && step.case.name === "get-p16")?.peer ?? "";
  assert.deepEqual([1, 2, 3].map(first), ["deno", "redis-server", "bun"]);
  // A case on one server is followed by the same case on the next.
  assert.deepEqual(new Set(steps.slice(0, 3).map((step) => step.case.name)).size, 1);
});

test("a peer is measured with what it speaks", () => {
  const steps = planSteps(SECTION_NAMES, SIX, FIXTURE_TOOLS, FULL_SIZES);
  const spoken = (peer: string): string[] =>
    [
      ...new Set(steps.filter((step) => step.peer === peer).map(({ protocol }) => protocol)),
    ].sort();
  assert.deepEqual(spoken("bun"), ["binary", "http", "http2", "resp"]);
  assert.deepEqual(spoken("redis-server"), ["resp"]);
  assert.deepEqual(spoken("memcached"), ["memcache"]);
  assert.deepEqual(spoken("pogocache"), ["resp"]);
  for (const step of steps) {
    if (step.case.isOwn) assert.ok(["bun", "deno"].includes(step.peer));
    if (step.tool.name === "redis-benchmark") assert.equal(step.case.rate, 0);
  }
});

test("names of cases are unique within a section and protocol", () => {
  const names = CASES.map(({ section, name, protocols }) => `${section} ${name} ${protocols}`);
  assert.equal(new Set(names).size, names.length);
});

test("tiny sizes make every case tiny", () => {
  for (const each of CASES) {
    const tiny = resize(each, QUICK_SIZES);
    assert.ok(operationsOf(tiny, undefined) <= 1000, each.name);
    assert.ok(tiny.connections <= 20 && tiny.rate <= 2000);
  }
  assert.equal(planSteps(SECTION_NAMES, THREE, FIXTURE_TOOLS, QUICK_SIZES)[0].round, 1);
});

test("a round has as many operations as fill its time", () => {
  const [get] = CASES.filter(({ name }) => name === "get-p16");
  assert.equal(operationsOf(get, 1e6), get.seconds * 1e6);
  assert.equal(operationsOf(get, 1), 1600, "a pipeline for every connection at least");
  const [rated] = CASES.filter(({ section }) => section === "latency").map((each) =>
    resize(each, { ...FULL_SIZES, scale: 0.5 })
  );
  assert.equal(operationsOf(rated, 123), rated.rate * rated.seconds);
});

test("progress tells what is left at the pace so far", () => {
  let now = 0;
  const progress = new Progress(600, () => now * 1000);
  assert.equal(progress.line("start"), "[  0 %, 10:00 left] start");
  now = 600;
  progress.done(300);
  assert.equal(progress.behindSeconds, 300);
  assert.equal(progress.leftSeconds, 300 * 630 / 330);
  progress.done(300);
  assert.match(progress.line("end"), /^\[100 %, 0:00 left\]/);
  assert.equal(clockTime(545.4), "9:05");
});

test("programs that are not there are left out", () => {
  assert.deepEqual(findReportPeers(PEER_NAMES, () => ""), []);
  assert.deepEqual(findForeignTools(() => ""), []);
});

test("memtier_benchmark's totals are read, and their absence is an error", () => {
  const totals = {
    "Count": 310_069,
    "Ops/sec": 106_545.1,
    "Latency": 1.3,
    "Max Latency": 13.375,
    "Percentile Latencies": {
      "p50.00": 1.407,
      "p90.00": 2.1,
      "p99.00": 2.911,
      "p99.90": 4.351,
      "p99.99": 9.5,
      "Histogram log format": { "Compressed Histogram": "HISTFAAAA" },
    },
  };
  const answer = parseMemtier(JSON.stringify({ "ALL STATS": { "Totals": totals } }));
  assert.equal(answer.operations, 310_069);
  assert.equal(Math.round(answer.operations / answer.seconds * 10), 1_065_451);
  assert.deepEqual(answer.latencyMs, {
    ...{ p50: 1.407, p90: 2.1, p99: 2.911, p999: 4.351, p9999: 9.5, max: 13.375 },
  });
  assert.throws(() => parseMemtier("{}"), /no totals/);
  const stopped = { "ALL STATS": { "Totals": { ...totals, "Ops/sec": 0 } } };
  assert.throws(() => parseMemtier(JSON.stringify(stopped)), /no totals/);
});

test("messages of failures hold no paths", () => {
  assert.equal(
    messageOf(new Error("cannot run /opt/x/redis-benchmark: exit 1\nat /opt/y.ts")),
    "cannot run …: exit 1",
  );
  assert.equal(messageOf("127.0.0.1:6379 and/or 5 ops/s"), "127.0.0.1:6379 and/or 5 ops/s");
});
