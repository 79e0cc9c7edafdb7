// The comparison over the wire at a tiny size: this runtime's server, and redis-server where there is one.

import { after, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { measureKeyMemory } from "../../bench/memory/bytes_per_key.ts";
import { measureConnectionMemory } from "../../bench/memory/idle_connections.ts";
import { measureStructure, STRUCTURE_CASES } from "../../bench/memory/structures.ts";
import { findProgram } from "../../bench/support/programs.ts";
import { TYPE_CASES, WIRE_CASES } from "../../bench/wire/cases.ts";
import { loadKeys, PipelineClient } from "../../bench/wire/client.ts";
import { measureLatency } from "../../bench/wire/latency_under_load.ts";
import { compareGuards, GUARD_TESTS, guardReport } from "../../bench/wire/guards.ts";
import { parseCsv } from "../../bench/wire/redis_benchmark.ts";
import { compareFanOut, PUBSUB_CASES, pubSubReport } from "../../bench/wire/pubsub.ts";
import { compareOverTheWire, wireReport } from "../../bench/wire/side_by_side.ts";
import { findPeers, type PeerName, type RunningPeer, startPeer } from "../../bench/wire/servers.ts";

const OWN: PeerName = process.versions.bun === undefined ? "deno" : "bun";
const UNPINNED = { server: [], load: [], note: "not pinned" };
const KEYS = 500;
/** What is measured here need not stand still. */
const POLL_MS = 2;

const hasRedis = findProgram("redis-server") !== "";
const hasGenerator = findProgram("redis-benchmark") !== "";

let server: RunningPeer | undefined;

/** This runtime's server, started by whoever needs it first. */
async function ownServer(): Promise<RunningPeer> {
  server ??= await startPeer(findPeers([OWN])[0], { pinning: [] });
  return server;
}

after(async () => await server?.stop());

test("a wire bench runs every case on every server, and all lookups hit", async (t) => {
  if (!hasGenerator) return t.skip("there is no redis-benchmark");
  const peers: PeerName[] = hasRedis ? ["redis-server", OWN] : [OWN];
  const figures = await compareOverTheWire({
    peers,
    cases: WIRE_CASES,
    rounds: 1,
    warmRounds: 1,
    keys: KEYS,
    loadsKeys: true,
    requests: 200,
    pinnings: UNPINNED,
    log: () => {},
  });
  assert.deepEqual(Object.keys(figures.versions), peers);
  assert.equal(figures.cases.length, WIRE_CASES.length * peers.length);
  for (const each of figures.cases) {
    assert.equal(each.rounds.length, 1);
    assert.ok(each.requestsPerSecond > 0, `${each.case} on ${each.peer}`);
  }
  for (const { peer, hits, misses } of figures.hits) {
    assert.equal(misses, 0, peer);
    assert.ok(hits > 0, peer);
  }
  const report = wireReport(figures);
  assert.match(report, /hypervisor gave to others meanwhile: (\d+\.\d|NaN) % of all/);
  for (const { name } of WIRE_CASES) assert.ok(report.includes(`| ${name} `), name);
  assert.match(report, /of \d+ targets reached/);
});

test("a bench of PUBLISH delivers everything to everybody", async () => {
  const report = await compareFanOut({
    peers: hasRedis ? ["redis-server", OWN] : [OWN],
    cases: PUBSUB_CASES,
    subscribers: 20,
    rounds: 1,
    warmRounds: 0,
    messages: 33,
    pinnings: UNPINNED,
    log: () => {},
  });
  assert.equal(report.cases.length, PUBSUB_CASES.length * (hasRedis ? 2 : 1));
  for (const each of report.cases) assert.ok(each.deliveriesPerSecond > 0, each.case);
  const text = pubSubReport(report);
  for (const { name } of PUBSUB_CASES) assert.ok(text.includes(`| ${name} `), name);
  assert.equal(text.includes("≥ 1 ×"), true);
});

test("a bench of guards runs each test with and without them", async (t) => {
  if (!hasGenerator) return t.skip("there is no redis-benchmark");
  const report = await compareGuards({
    peers: hasRedis ? ["redis-server", OWN] : [OWN],
    tests: GUARD_TESTS,
    rounds: 2,
    warmRounds: 0,
    keys: KEYS,
    requests: 2000,
    pinnings: UNPINNED,
    log: () => {},
  });
  assert.equal(report.figures.length, 4 * (hasRedis ? 2 : 1));
  for (const { peer, test: name, guard, throughput } of report.figures) {
    assert.ok(throughput > 0, `${name} with ${guard} on ${peer}`);
  }
  const text = guardReport(report);
  for (const name of ["GET -P 16, tracking", "SET -P 16, ACL user"]) {
    assert.ok(text.includes(`| ${name} `), name);
  }
  assert.ok(text.includes("≥ 0.9 ×"));
});

test("a wire bench of the data types runs every case", async (t) => {
  if (!hasGenerator) return t.skip("there is no redis-benchmark");
  const figures = await compareOverTheWire({
    peers: [OWN],
    cases: TYPE_CASES,
    rounds: 1,
    warmRounds: 0,
    keys: KEYS,
    loadsKeys: false,
    requests: 200,
    pinnings: UNPINNED,
    log: () => {},
  });
  assert.equal(figures.cases.length, TYPE_CASES.length);
  const report = wireReport(figures);
  for (const { name } of TYPE_CASES) assert.ok(report.includes(`| ${name} `), name);
  // What the preparations put there was found.
  assert.ok(figures.hits[0].hits > 0);
});

test("the structures bench loads each case into a server and says what it took", async () => {
  const running = await ownServer();
  for (const each of STRUCTURE_CASES) {
    const figures = await measureStructure(running, each, 0.001, POLL_MS);
    const { commands, elements } = figures;
    assert.equal(elements, 1000, each.name);
    assert.ok(commands > 0 && Number.isFinite(figures.bytesPerElement), each.name);
    const client = await PipelineClient.connect(running.port);
    assert.equal(await client.request("FLUSHALL"), "+OK\r\n");
    client.close();
  }
});

test("the memory benches load keys and connections", async () => {
  const running = await ownServer();
  const memory = await measureKeyMemory(running, KEYS);
  assert.equal(memory.keys, KEYS);
  const client = await PipelineClient.connect(running.port);
  assert.equal(await client.request("DBSIZE"), `:${KEYS}\r\n`);
  assert.equal(await client.request("STRLEN", "key:000000000499"), ":64\r\n");
  client.close();
  const connections = await measureConnectionMemory(running, 20, POLL_MS);
  assert.equal(connections.connections, 20);
});

test("the latency bench pings while keys are loaded", async (t) => {
  if (!hasGenerator) return t.skip("there is no redis-benchmark");
  const figures = await measureLatency(await ownServer(), 5000, UNPINNED);
  assert.ok(figures.pings.count > 0);
  assert.ok(figures.pings.maxMs >= figures.pings.p50Ms);
});

test("loadKeys() fails when the server answers with an error", async () => {
  const { port } = await ownServer();
  const client = await PipelineClient.connect(port);
  await client.request("CONFIG", "SET", "requirepass", "secret");
  await assert.rejects(loadKeys({ port, count: 1, value: "v" }), /NOAUTH/);
  assert.equal(await client.request("CONFIG", "SET", "requirepass", ""), "+OK\r\n");
  client.close();
});

test("a server that can't start says why", async () => {
  const [peer] = findPeers([OWN]);
  await assert.rejects(
    startPeer(peer, { pinning: [], flags: ["--maxmemory-policy", "nonsense"] }),
    /did not start: .*maxmemory-policy/s,
  );
});

test("parseCsv() reads the last row, and refuses anything else", () => {
  const head = '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
    '"p99_latency_ms","max_latency_ms"';
  const row = '"GET","487804.88","2.509","0.360","2.199","5.303","6.159","7.575"';
  assert.deepEqual(parseCsv(`${head}\n${row}\n`), {
    requestsPerSecond: 487804.88,
    p50Ms: 2.199,
    p99Ms: 6.159,
    maxMs: 7.575,
  });
  assert.throws(() => parseCsv("ERROR: no"), /printed no rps: ERROR: no/);
  assert.throws(() => parseCsv(head), /printed no rps/);
});
