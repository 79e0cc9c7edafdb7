// The report at a tiny size: this runtime's server, and redis-server where there is one.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { SECTION_NAMES, type SectionName } from "../../../bench/compare/figures.ts";
import { measureClients } from "../../../bench/compare/clients.ts";
import { LIBRARIES } from "../../../bench/client/libraries.ts";
import { main } from "../../../bench/compare/main.ts";
import { loadMemcacheKeys } from "../../../bench/compare/memcache.ts";
import { answerOf, ownTool } from "../../../bench/compare/own_tool.ts";
import { findReportPeers, startReportPeer } from "../../../bench/compare/peers.ts";
import { CASES, QUICK_SIZES } from "../../../bench/compare/plan.ts";
import { makeReport, type RunOptions } from "../../../bench/compare/run.ts";
import { findForeignTools, type LoadOrder, type Tool } from "../../../bench/compare/tools.ts";
import { reportJson, writeReport } from "../../../bench/compare/write.ts";
import { findProgram } from "../../../bench/support/programs.ts";

const OWN = process.versions.bun === undefined ? "deno" : "bun";
const UNPINNED = { server: [], load: [], note: "not pinned" };
const SIZES = { ...QUICK_SIZES, keys: 200, mostOperations: 100, mostConnections: 4 };

const folder = mkdtempSync(join(tmpdir(), "crabcache-report-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function options(sections: readonly SectionName[], tools: readonly Tool[]): RunOptions {
  return {
    sections,
    peers: findReportPeers([OWN, "redis-server", "memcached"]),
    tools,
    sizes: SIZES,
    isQuick: true,
    options: "--quick",
    pinnings: UNPINNED,
    slackSeconds: Infinity,
    measureClients: (failed) =>
      measureClients({ isQuick: true, pinnings: UNPINNED, runtimes: [OWN], failed }),
    log: () => {},
  };
}

test("every case is measured on every server, and the report holds no path of the machine", async () => {
  const run = options(SECTION_NAMES, [ownTool("0.1.0")]);
  const report = await makeReport(run);
  assert.deepEqual(report.failures, []);
  const mine = report.measurements.filter(({ peer }) => peer === OWN);
  assert.equal(mine.length, CASES.length);
  for (const each of report.measurements) {
    assert.equal(each.rounds.length, 1, each.title);
    assert.ok(each.rounds[0].operations >= 100 && each.rounds[0].seconds > 0, each.title);
    assert.ok((each.rounds[0].latencyMs?.p50 ?? 0) > 0, each.title);
  }
  if (findProgram("redis-server") !== "") {
    const theirs = report.measurements.filter(({ peer }) => peer === "redis-server");
    const spoken = CASES.filter((each) => each.protocols.includes("resp") && !each.isOwn);
    assert.equal(theirs.length, spoken.length);
  }
  const clients = LIBRARIES.filter(({ isOnlyOnBun }) => OWN === "bun" || !isOnlyOnBun);
  assert.equal(report.clients.length, clients.length);
  for (const each of report.clients) assert.ok(each.operationsPerSecond > 0, each.client);
  assert.deepEqual(report.memory.map(({ peer }) => peer), run.peers.map(({ name }) => name));
  assert.deepEqual(report.sections.map(({ name }) => name), [...SECTION_NAMES]);
  writeReport(report, folder);
  const page = readFileSync(join(folder, "README.md"), "utf8");
  for (const text of [page, reportJson(report)]) {
    assert.doesNotMatch(text, /(?<![\w./])\/(?:home|root|work|tmp|usr|Users)\//);
  }
});

test("redis-benchmark measures the same servers", async (t) => {
  const tools = findForeignTools();
  if (tools.length === 0) return t.skip("there is no redis-benchmark");
  const report = await makeReport(options(["equivalent"], tools));
  assert.deepEqual(report.failures, []);
  const names = report.measurements.filter(({ peer }) => peer === OWN).map((each) => each.case);
  assert.deepEqual(names, ["ping", "set", "get"]);
});

test("a measurement that fails is noted, and the others go on", async () => {
  const real = ownTool("0.1.0");
  const failing: Tool = {
    ...real,
    run: (order) => order.pipeline === 64 ? Promise.reject(new Error("no")) : real.run(order),
  };
  const run = options(["http"], [failing]);
  const report = await makeReport({ ...run, peers: findReportPeers([OWN]) });
  assert.deepEqual(report.failures.map(({ title, message }) => [title, message]), [
    ["64 GETs a body, JSON, HTTP/1.1", "no"],
    ["64 GETs a body, binary, HTTP/1.1", "no"],
    ["64 GETs a body, JSON, HTTP/2", "no"],
    ["64 GETs a body, binary, HTTP/2", "no"],
  ]);
  assert.equal(report.measurements.length, 2);
});

test("a client that fails is noted, and the others are measured", async () => {
  const failures: string[] = [];
  const figures = await measureClients({
    isQuick: true,
    pinnings: {
      ...UNPINNED,
      load: ["bash", "-c", 'case "$*" in *crabcache-resp*) exit 3;; esac; "$@"', "x"],
    },
    runtimes: [OWN],
    failed: (client) => failures.push(client),
  });
  assert.deepEqual(failures, [`CrabCache client, RESP on ${OWN}`]);
  assert.ok(figures.length >= 3 && figures.every(({ client }) => !client.endsWith("RESP")));
});

test("rounds are left out when the machine is far behind the plan", async () => {
  const run = options(["connections"], [ownTool("0.1.0")]);
  const report = await makeReport({
    ...run,
    peers: findReportPeers([OWN]),
    sizes: { ...SIZES, rounds: 2 },
    slackSeconds: -Infinity,
  });
  assert.equal(report.skippedRounds, 3);
  for (const each of report.measurements) assert.equal(each.rounds.length, 1);
});

test("lookups that find nothing, and errors, are no measurement", async () => {
  const order: LoadOrder = {
    ...{
      workload: "get",
      protocol: "resp",
      body: "json",
      port: 1,
      connections: 1,
      pipeline: 1,
      rate: 0,
    },
    ...{ operations: 100, keys: 10, valueBytes: 64, pinning: [], serverPid: 0 },
  };
  const us = { p50Us: 1, p90Us: 1, p99Us: 1, p999Us: 1, p9999Us: 1, maxUs: 1 };
  const latency = { ...us, meanUs: 1, minUs: 1 };
  const histogram = { unit: "ns", count: 0, maxNs: 0, valuesNs: [], counts: [], hdr: "" } as const;
  const result = {
    ...{ test: "get", protocol: "resp", connections: 1, pipeline: 1, requests: 100 } as const,
    ...{ seconds: 1, requestsPerSecond: 100, latency, histogram, errors: 0, firstError: "" },
    ...{ nulls: 0, bytesSent: 0, bytesReceived: 0, ownCpuUs: 2, serverCpuUs: 3, serverPid: 1 },
    rate: null,
  };
  const answer = answerOf(order, result);
  assert.ok(Math.abs((answer.serverCpuSeconds ?? 0) - 3e-4) < 1e-9);
  assert.ok(Math.abs((answer.loadCpuSeconds ?? 0) - 2e-4) < 1e-9);
  assert.equal(answer.latencyMs?.p50, 0.001);
  assert.throws(() => answerOf(order, { ...result, nulls: 1 }), /1 of 100 keys were not there/);
  assert.throws(() => answerOf(order, { ...result, errors: 2, firstError: "ERR x" }), /ERR x/);
});

test("what the command line asks for that there isn't is refused", async () => {
  await assert.rejects(main(["--nonsense"]), /unknown option --nonsense/);
  await assert.rejects(main(["--quick"]), /--quick needs --out/);
  await assert.rejects(main(["--only", "latency"]), /--only needs --out/);
  await assert.rejects(main(["--out", folder, "--only", "nonsense"]), /no "nonsense"/);
  await assert.rejects(main(["word"]), /what is "word"/);
});

test("keys are loaded into memcached", async (t) => {
  const [peer] = findReportPeers(["memcached"]);
  if (peer === undefined) return t.skip("there is no memcached");
  const { server } = await startReportPeer(peer, []);
  try {
    const { port } = server;
    const value = "v".repeat(2 ** 21);
    await assert.rejects(loadMemcacheKeys({ port, count: 1, value }), /kept 0 keys of 1/);
    await loadMemcacheKeys({ port, count: 700, value: "v", distinct: 600 });
  } finally {
    await server.stop();
  }
});
