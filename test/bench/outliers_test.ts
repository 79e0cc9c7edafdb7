/** The tail analysis against a server in a process of its own, which is made slow on purpose. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { OutlierWatch } from "../../bench/load/outliers.ts";
import { outlierText, watchOutliers } from "../../bench/load/outliers.ts";
import { LoopWatch, startSampler, stretchesOf, wallUs } from "../../bench/load/outlier_watch.ts";
import { PipelineClient } from "../../bench/wire/client.ts";
import { findPeers, type RunningPeer, sleep, startPeer } from "../../bench/wire/servers.ts";
import { IS_DENO } from "../support/test_server.ts";

const THRESHOLD_US = 30_000;
const STALL_MS = 60;
/** So long that nothing the server does meanwhile, late as it may be on a busy machine, takes a quarter of it. */
const BLOCK_MS = 600;

const isLinux = existsSync("/proc/self/schedstat");

/** Sends a command and tells the watch of it. */
async function timed(client: PipelineClient, watch: OutlierWatch, test: string): Promise<void> {
  const startUs = wallUs();
  const reply = client.request("PING");
  if (test === "stalled") block(BLOCK_MS);
  await reply;
  const endUs = wallUs();
  assert.ok(endUs - startUs >= THRESHOLD_US, `${test} took ${endUs - startUs} µs`);
  watch.slow.report({ startUs, endUs, connection: 3, test, requests: 1 });
}

/** Keeps this process from doing anything else. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

async function useServer(work: (server: RunningPeer) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "outliers-"));
  const [peer] = findPeers([IS_DENO ? "deno" : "bun"]);
  const flags = ["--slice-trace", join(folder, "trace"), "--enable-debug-command", "yes"];
  const server = await startPeer(peer, { pinning: [], flags: [...flags, "--maxmemory", "64mb"] });
  try {
    await work(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

test("a long command and a stall of the generator are told apart", () =>
  useServer(async (server) => {
    const address = { host: "127.0.0.1", port: server.port };
    const watch = await watchOutliers({ thresholdUs: THRESHOLD_US, address });
    const client = await PipelineClient.connect(server.port);
    const other = await PipelineClient.connect(server.port);
    const slept = other.request("DEBUG", "SLEEP", String(STALL_MS / 1000));
    // The server is asleep once it has read that; it reads its connections in turn.
    await sleep(STALL_MS / 4);
    await timed(client, watch, "sleeping");
    await slept;
    await timed(client, watch, "stalled");
    client.close();
    other.close();
    const { report } = await watch.finish();
    assert.deepEqual([report.slow, report.explained], [2, 2]);
    const causes = new Map(report.causes.map((each) => [each.example.test, each]));
    assert.equal(causes.get("sleeping")!.cause, "server: long command");
    assert.equal(causes.get("sleeping")!.example.detail, "DEBUG");
    assert.match(causes.get("stalled")!.cause, /^generator: /);
    assert.match(report.trace!.runtime, IS_DENO ? /^deno / : /^bun /);
    if (isLinux) assert.ok(report.sampler!.looks > 10);
    const text = outlierText(report);
    assert.match(text, /^2 requests took 30\.00 ms or longer, up to/);
    assert.match(text, /\| server: long command +\| +1 \|/);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  }));

test("without a trace, what the server did is not known", async () => {
  const watch = await watchOutliers({ thresholdUs: 1000, serverPid: 0, traceFile: "" });
  const { report } = await watch.finish();
  assert.equal(report.trace, undefined);
  assert.match(outlierText(report), /^No request took 1\.00 ms\.\n\nThe server keeps no trace/);
});

test("the watch of the loop tells stalls and garbage collections of this process", async () => {
  const loop = new LoopWatch();
  loop.tick(1000, 1999);
  loop.tick(1000, 4000);
  const stalls = loop.stretches.filter(({ cause }) => cause === "generator: event loop stalled");
  assert.ok(loop.stretches.length === 1 && loop.stretches[0].endUs === 4000);
  assert.ok(stalls.length + loop.collections >= 1);
  loop.start();
  let kept: unknown[] = [];
  for (let turn = 0; turn < 500 && loop.collections < 2; turn++) {
    kept = Array.from({ length: 20_000 }, (_, i) => ({ i, of: [i] }));
    await sleep(2);
  }
  loop.stop();
  assert.ok(loop.collections >= 2 && kept.length > 0);
});

test("the sampler sees this process wait for a processor", {
  skip: isLinux ? false : "there is no /proc",
}, async () => {
  const sampler = await startSampler({ generator: process.pid });
  // Sampled at once or not, all of it was seen.
  block(50);
  const { waits, looks, load } = await sampler.stop();
  assert.ok(looks >= 1 && load > 0, `${looks} looks, ${load}`);
  for (const { cause, startUs, endUs } of stretchesOf(waits)) {
    assert.match(cause, /^(?:generator: not scheduled|machine: time stolen)$/);
    assert.ok(endUs > startUs);
  }
});
