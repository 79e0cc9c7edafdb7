import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import type { SystemInfo } from "../../src/ports/system_info.ts";
import { openSliceTrace } from "../../src/server/slice_trace_file.ts";
import { startTestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { connect } from "../support/wire_client.ts";

const PATH = "/var/log/crab.trace";
const ORIGIN_US = 1_700_000_000_000_000;
const folder = mkdtempSync(join(tmpdir(), "slice-trace-"));

after(() => rmSync(folder, { recursive: true }));

const system = {
  processId: 7,
  runtimeName: "bun",
  runtimeVersion: "1.4.5",
  monotonicOriginUs: ORIGIN_US,
} as SystemInfo;

async function openTrace(sliceTrace: string, appendText?: () => Promise<void>) {
  const clock = createManualClock();
  const files = createMemoryFileStore();
  const complaints: string[] = [];
  const host = { clock, files: { ...files, ...appendText && { appendText } }, system };
  const limits = { sliceTrace, sliceTraceSlowerThan: 100 };
  const file = await openSliceTrace(host, limits, (text) => void complaints.push(text));
  return { clock, file, complaints, text: () => files.readTextNow(PATH) ?? "" };
}

test("nothing is traced unless it is asked for", async () => {
  assert.equal((await openTrace("")).file, undefined);
});

test("a line says when a slice began by the wall clock, and what it was", async () => {
  const { clock, file, text } = await openTrace(PATH);
  file!.start();
  file!.trace.add("expire-cycle", 1000, 812.4);
  file!.trace.add("command", 2000, 2031, 3, "keys");
  clock.sleepSync(5);
  clock.advance(0);
  clock.advance(200);
  await file!.stop();
  assert.deepEqual(text().trimEnd().split("\n"), [
    '{"trace":1,"pid":7,"runtime":"bun 1.4.5","slowerThanUs":100}',
    `{"at":${ORIGIN_US + 1000},"us":812,"what":"expire-cycle"}`,
    `{"at":${ORIGIN_US + 2000},"us":2031,"what":"command","n":3,"of":"keys"}`,
    `{"at":${ORIGIN_US + 1000},"us":4000,"what":"loop-stall"}`,
  ]);
  assert.equal(clock.timerCount, 0);
});

test("what found no room is told", async () => {
  const { file, text } = await openTrace(PATH);
  const { trace } = file!;
  while (trace.dropped < 3) trace.add("batch", 0, 1000);
  await file!.stop();
  assert.match(text(), /\n\{"dropped":3\}\n$/);
});

test("a file that can't be written to is told of: at the start, or once later", async () => {
  const refuse = (): Promise<void> => Promise.reject(new Error("no space left"));
  await assert.rejects(openTrace(PATH, refuse), /Can't open the slice trace: no space left/);
  let writes = 0;
  const { file, complaints } = await openTrace(
    PATH,
    () => writes++ > 0 ? refuse() : Promise.resolve(),
  );
  for (let i = 0; i < 3; i++) {
    file!.trace.add("batch", i, 1000);
    await file!.stop();
  }
  assert.equal(complaints.length, 1);
  assert.match(complaints[0], /slice trace, which ends here: no space left/);
});

test("a server traces a slow command, expiry, a stall and a collection", async () => {
  const path = join(folder, "server.trace");
  const server = await startTestServer(
    ...["--slice-trace", path, "--slice-trace-slower-than", "0", "--enable-debug-command", "yes"],
  );
  const client = await connect(server.address);
  const collect = startCollections();
  try {
    const sentUs = performance.timeOrigin * 1000 + performance.now() * 1000;
    await client.call("SET", "a", "1", "PX", "1");
    await client.call("DEBUG", "SLEEP", "0.02");
    // The last line may not be whole yet.
    const slices = () =>
      readFileSync(path, "utf8").split("\n").slice(1, -1).map((line) => JSON.parse(line));
    const has = (what: string, leastUs = 0) =>
      slices().find((slice) => slice.what === what && slice.us >= leastUs);
    await until("the slow command", () => has("command", 20_000) !== undefined);
    const slow = has("command", 20_000);
    assert.equal(slow.of, "debug");
    assert.ok(Math.abs(slow.at - sentUs) < 5_000_000, `${slow.at} and ${sentUs}`);
    for (const what of ["batch", "expire-cycle", "expire-del", "background", "housekeeping"]) {
      await until(what, () => has(what) !== undefined);
    }
    await until("the stall", () => has("loop-stall", 5000) !== undefined);
    await until("a collection", () => has("collection") !== undefined);
    assert.match(await client.call("CONFIG", "GET", "slice-trace"), /server\.trace\r\n$/);
    assert.match(await client.call("CONFIG", "SET", "slice-trace", "x"), /^-ERR .*immutable/);
  } finally {
    collect();
    client.close();
    await server.close();
  }
  const head = JSON.parse(readFileSync(path, "utf8").split("\n")[0]);
  assert.equal(head.trace, 1);
});

/** Makes garbage until it is told to stop. */
function startCollections(): () => void {
  let kept: unknown[] = [];
  const timer = setInterval(() => {
    kept = Array.from({ length: 20_000 }, (_, i) => ({ i, of: [i] }));
  }, 2);
  return () => {
    clearInterval(timer);
    assert.ok(kept.length >= 0);
  };
}
